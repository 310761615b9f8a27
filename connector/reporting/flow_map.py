"""The map: the way of a lead through a flow, as text and as a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

from connector.config import Config, Flow
from connector.reporting import wording
from connector.steps.routing.rules import NEXT_BACK, NEXT_RULE
from connector.steps.scoring.gates import PeopleGate
from connector.steps.telling.words import N_, Translate, reason_name

#: Of the drawing: widths of the two columns and of what is between, in pixels; letters that fit a line.
WIDE, GAP, LINE, LETTERS = 400, 60, 18, 56
#: What a mapping writes to where leads come from.
_OF_SOURCES = {"", "contact"}


@dataclass(frozen=True, slots=True)
class Step:
    """A place on the way. `beside`: what leaves the way here, and where it goes; "" for nothing."""

    title: str
    says: tuple[str, ...] = ()
    beside: str = ""
    beside_says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowMap:
    """The steps of one flow, in the order in which a lead meets them."""

    flow: str
    steps: tuple[Step, ...]


def steps(config: Config, flow: Flow, say: Translate) -> FlowMap:
    """The map of one flow."""
    found = [_sources(flow, say), _mql(flow, say)]
    if flow.mode == "review":
        found.append(_review(flow, say))
    found.append(_routing(config, flow, say))
    for name, gate in flow.criteria.people_gates.items():
        found.append(_people(name, gate, flow, say))
    found.append(Step(say(N_("Opportunity, won or lost")), (say(N_("read from %(crm)s")) % {"crm": flow.crm},)))
    # Exported files, for one, take nothing back.
    hear = [name for name in flow.sources if _OF_SOURCES & set(config.connections[name].mapping.write_objects)]
    if hear:
        told = say(N_("stage, owner, reason, rating and amount go back to %(sources)s"))
        found.append(Step(say(N_("Marketing hears")), (told % {"sources": say(", ").join(hear)},)))
    return FlowMap(flow.name, tuple(found))


def _sources(flow: Flow, say: Translate) -> Step:
    taken = wording.condition(flow.takes, say) if flow.takes else say(N_("everyone"))
    return Step(say(", ").join(flow.sources), (say(N_("takes: %(who)s")) % {"who": taken},))


def _mql(flow: Flow, say: Translate) -> Step:
    gates = flow.criteria.gates
    says = [wording.condition(gates["mql"], say)] if "mql" in gates else []
    if "hot" in gates:
        says.append(say(N_("hot: %(when)s")) % {"when": wording.condition(gates["hot"], say)})
    if "nurture" not in gates:
        return Step("MQL", tuple(says))
    when = wording.condition(gates["nurture"], say)
    lists = (say(N_("joins the list %(list)s")) % {"list": flow.criteria.nurture_list},)
    return Step("MQL", tuple(says), say(N_("warm")), (when, *(lists if flow.criteria.nurture_list else ())))


def _review(flow: Flow, say: Translate) -> Step:
    review = flow.criteria.review
    who = {"manager": say(N_("the manager")), "": say(N_("whoever looks"))}.get(review.by, review.by)
    says = [say(N_("released by %(who)s")) % {"who": who}]
    if review.within:
        says.append(say(N_("within %(time)s")) % {"time": wording.length(review.within, say)})
    return Step(say(N_("Review")), tuple(says), say(N_("sent back")), (say(N_("with a reason")),))


def _routing(config: Config, flow: Flow, say: Translate) -> Step:
    says = []
    for one in flow.routing.rules:
        when = wording.condition(one.when, say) if one.when else say(N_("everyone else"))
        people = len(config.teams[one.to].members) if one.to in config.teams else 0
        to = wording.target(one.to, say)
        if people:
            to = say(N_("%(team)s (%(count)s people)")) % {"team": to, "count": people}
        says.append(f"{one.number}. {when} → {to}")
    nobody = flow.routing.nobody_there.give_to
    words = {NEXT_BACK: N_("waits for the next to be back"), NEXT_RULE: N_("goes on with the next rule")}
    beside = say(words[nobody]) if nobody in words else nobody
    return Step(say(N_("Owner")), tuple(says), say(N_("nobody there")), (beside,))


def _people(name: str, gate: PeopleGate, flow: Flow, say: Translate) -> Step:
    who = say({"owner": N_("the owner"), "manager": N_("the manager")}.get(gate.by, gate.by))
    says = [say(N_("decided by %(who)s")) % {"who": who}]
    if gate.within:
        says[0] += say(", ") + say(N_("within %(time)s")) % {"time": wording.length(gate.within, say)}
    if name == "sal":
        contact = flow.clock.contact
        text = say(N_("first contact within %(other)s, hot %(hot)s"))
        says.append(text % {"other": wording.length(contact.other, say), "hot": wording.length(contact.hot, say)})
    if gate.then:
        says.append(say(N_("then handed to %(team)s")) % {"team": gate.then})
    if name != "sal":
        return Step(name.upper(), tuple(says))
    return Step(name.upper(), tuple(says), say(N_("rejected")), tuple(_reasons(flow, say)))


def _reasons(flow: Flow, say: Translate) -> Iterator[str]:
    for one in flow.reasons.values():
        parts = [say(N_("joins the list %(list)s")) % {"list": one.list}] if one.list else []
        if one.back_after:
            parts.append(say(N_("back after %(time)s")) % {"time": wording.length(one.back_after, say)})
        if one.back_when:
            parts.append(say(N_("comes back when: %(when)s")) % {"when": wording.condition(one.back_when, say)})
        if one.mend_by:
            who = say(N_("the manager")) if one.mend_by == "manager" else one.mend_by
            parts.append(say(N_("mended by %(who)s")) % {"who": who})
        yield reason_name(one.name, say) + (f": {say(', ').join(parts)}" if parts else "")


# --- as text ---


def lines(maps: Sequence[FlowMap]) -> list[str]:
    """The maps as text: the way goes down, what leaves it stands to the right of an arrow."""
    found: list[str] = []
    for one in maps:
        found += [one.flow, ""]
        for place, step in enumerate(one.steps):
            found += ["     ↓"] if place else []
            found.append(f"  [{step.title}]")
            found += [f"      {text}" for text in step.says]
            if step.beside:
                found.append(f"      ⤷ {step.beside}")
                found += [f"          {text}" for text in step.beside_says]
        found.append("")
    return found


# --- as a drawing ---


def drawing(maps: Sequence[FlowMap], language: str) -> str:
    """The maps as one SVG, the flows below each other; every text escaped, nothing from elsewhere."""
    parts: list[str] = []
    top = 20
    for one in maps:
        parts.append(f'<text x="20" y="{top + 16}" class="flow">{escape(one.flow)}</text>')
        top += 36
        for place, step in enumerate(one.steps):
            height = _height(step)
            parts += _boxes(step, top, height, last=place == len(one.steps) - 1)
            top += height + 34
        top += 10
    width = 2 * WIDE + GAP + 40
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" width="{width}" height="{top}" '
        f'lang="{escape(language)}" role="img">'
    )
    return "\n".join((head, _DRAWN, *parts, "</svg>")) + "\n"


_DRAWN = (
    "<style>text{font:13px system-ui,'Hiragino Sans','Noto Sans JP',sans-serif;fill:#1c2430}.flow{font-size:17px;"
    "font-weight:700}.title{font-weight:700}.box{fill:#eef3fa;stroke:#1d4f91}.aside{fill:#fbf3ea;stroke:#b4540a}"
    ".way{stroke:#1d4f91;fill:none;stroke-width:1.5}.out{stroke:#b4540a;fill:none;stroke-width:1.5}</style>"
    '<defs><marker id="tip" markerWidth="9" markerHeight="9" refX="8" refY="4" orient="auto">'
    '<path d="M0,0 L8,4 L0,8 z" fill="#5b6675"/></marker></defs>'
)


def _height(step: Step) -> int:
    rows = max(len(_wrapped(step.says)), len(_wrapped(step.beside_says)) if step.beside else 0)
    return 30 + LINE * rows


def _boxes(step: Step, top: int, height: int, *, last: bool) -> Iterator[str]:
    yield from _box(20, top, height, step.title, step.says, "box")
    if not last:
        middle = 20 + WIDE // 2
        yield f'<path class="way" d="M{middle},{top + height} v30" marker-end="url(#tip)"/>'
    if step.beside:
        left = 20 + WIDE + GAP
        yield from _box(left, top, height, step.beside, step.beside_says, "aside")
        yield f'<path class="out" d="M{20 + WIDE},{top + 18} h{GAP - 4}" marker-end="url(#tip)"/>'


def _box(left: int, top: int, height: int, title: str, says: Sequence[str], kind: str) -> Iterator[str]:
    yield f'<rect class="{kind}" x="{left}" y="{top}" width="{WIDE}" height="{height}" rx="6"/>'
    yield f'<text class="title" x="{left + 12}" y="{top + 20}">{escape(title)}</text>'
    for row, text in enumerate(_wrapped(says), 1):
        yield f'<text x="{left + 12}" y="{top + 20 + LINE * row}">{escape(text)}</text>'


def _wrapped(texts: Sequence[str]) -> list[str]:
    """Lines that fit a box; a letter of East Asia takes the room of two."""
    found: list[str] = []
    for text in texts:
        line, used = "", 0
        for word in _words(text):
            room = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in word)
            if line and used + room > LETTERS:
                found.append(line.rstrip())
                line, used = "  ", 2
            line, used = line + word, used + room
        found.append(line.rstrip())
    return found


def _words(text: str) -> Iterator[str]:
    """Pieces between which a line may end: after a blank, and after each letter of East Asia."""
    piece = ""
    for letter in text:
        piece += letter
        if letter == " " or east_asian_width(letter) in "WF":
            yield piece
            piece = ""
    yield piece
