"""The playbook: who does what by when, and what the words mean, as the configuration says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.config import Config, Flow
from connector.config.types import Breach, Reason
from connector.locale import translator
from connector.locale.format import share as percent
from connector.model.notices import SHIPPED
from connector.model.score import GROUPS
from connector.reporting import wording
from connector.reporting.document import Block, Bullets, Heading, Paragraph, Table
from connector.runs.notices import has_way
from connector.steps.routing.rules import NEXT_BACK, NEXT_RULE
from connector.steps.scoring.gates import PeopleGate
from connector.steps.telling.vocabulary import LISTENERS, SCOPES
from connector.steps.telling.words import N_, Translate, field_name, kind, notice_name, reason_name, rule_name

_DO = {"tell rep": N_("tell the owner"), "tell manager": N_("tell the manager"), "reassign": N_("give it to another")}
_MODES = {
    "observe": N_("observes: leads are scored, nothing is written and nobody is told"),
    "review": N_("a person releases each lead"),
    "live": N_("live"),
}
_WINS = {
    "prefer_crm_unless_blank": N_("the CRM's value, unless it has none"),
    "always_crm": N_("always the CRM's value"),
    "always_marketing": N_("always marketing's value"),
    "newest": N_("whichever is newer"),
    "fill_blank": N_("each keeps its own; blanks are filled"),
    "never": N_("each keeps its own"),
}


def playbook(config: Config, language: str) -> list[Block]:
    """The playbook of all flows, in one language."""
    say = translator(language)
    blocks: list[Block] = [Heading(say(N_("Playbook: from marketing to sales")), 1)]
    blocks.append(Paragraph(say(N_("Made from the configuration; it says what Baton does today.")), quiet=True))
    blocks += _words(say)
    for flow in config.flows.values():
        blocks += Chapter(config, flow, language).blocks()
    return [*blocks, *_teams(config, language), *_notices(config, say)]


def _words(say: Translate) -> Iterator[Block]:
    yield Heading(say(N_("The words")))
    rows = (
        ("MQL", N_("qualified by Baton: the points and the facts say that a call is worth while")),
        ("SAL", N_("accepted by sales: a person has taken it")),
        ("SQL", N_("qualified by sales: a conversation has confirmed it")),
        (N_("warm"), N_("interested, not yet qualified: marketing goes on")),
        (N_("rejected"), N_("sent back by a person, with a reason; it may come back")),
    )
    yield Table((say(N_("word")), say(N_("meaning"))), [(say(word), say(meaning)) for word, meaning in rows])


class Chapter:
    """One flow in words."""

    def __init__(self, config: Config, flow: Flow, language: str) -> None:
        self.config, self.flow, self.language, self.say = config, flow, language, translator(language)

    def blocks(self) -> Iterator[Block]:
        """All of it, in the order in which a lead meets it."""
        flow, say = self.flow, self.say
        yield Heading(say(N_("Flow %(flow)s")) % {"flow": flow.name})
        yield Bullets(list(self._facts()))
        yield Heading(say(N_("Points")), 3)
        yield from self._points()
        yield Heading(say(N_("Stages: who decides, by when")), 3)
        yield Table(
            (say(N_("stage")), say(N_("condition")), say(N_("who decides")), say(N_("within"))), list(self._stages())
        )
        if flow.criteria.conditions:
            yield Heading(say(N_("What the names mean")), 3)
            rows = [(name, wording.condition(one, say)) for name, one in flow.criteria.conditions.items()]
            yield Table((say(N_("word")), say(N_("meaning"))), rows)
        yield Heading(say(N_("Who gets the lead")), 3)
        yield from self._routing()
        yield Heading(say(N_("The clock")), 3)
        yield Bullets(list(self._clock()))
        yield Heading(say(N_("Reasons of rejection, and what follows")), 3)
        reasons = [(reason_name(one.name, say), self._effect(one)) for one in flow.reasons.values()]
        yield Table((say(N_("reason")), say(N_("what follows"))), reasons)
        yield Heading(say(N_("Whose value counts")), 3)
        yield Table((say(N_("field")), say(N_("rule"))), list(self._wins()))

    def _facts(self) -> Iterator[str]:
        flow, say = self.flow, self.say
        yield say(N_("From %(sources)s to %(crm)s.")) % {"sources": say(", ").join(flow.sources), "crm": flow.crm}
        taken = wording.condition(flow.takes, say) if flow.takes else say(N_("everyone"))
        yield say(N_("Takes: %(who)s.")) % {"who": taken}
        yield say(N_("How it runs: %(mode)s.")) % {"mode": say(_MODES[flow.mode])}
        if flow.handoffs_per_day:
            yield say(N_("At most %(count)s handoffs a day, best first.")) % {"count": flow.handoffs_per_day}
        if flow.required:
            names = say(", ").join(field_name(name, say) for name in flow.required)
            yield say(N_("Not handed over without: %(fields)s.")) % {"fields": names}

    def _points(self) -> Iterator[Block]:
        say, rows = self.say, []
        for group in GROUPS:
            for name, table in self.flow.table.get(group, {}).items():
                asked, how = wording.rule(table, self.flow, say)
                rows.append((say(SCOPES[group]), rule_name(name, say), f"{table['points']:+}", asked, how))
        head = (say(N_("group")), say(N_("rule")), say(N_("points")), say(N_("for")), say(N_("how it counts")))
        yield Table(head, rows, frozenset({2}))
        caps = self.flow.criteria.totals.caps
        if caps:
            told = say(", ").join(f"{say(SCOPES[group])} {points}" for group, points in caps.items())
            yield Paragraph(say(N_("At most: %(caps)s.")) % {"caps": told})
        totals = self.flow.criteria.totals
        for text, scale in ((N_("Letter, from fit: %(scale)s."), totals.letters),
                            (N_("Number, from engagement and intent: %(scale)s."), totals.numbers)):  # fmt: skip
            if scale.steps:
                told = say(", ").join(f"{mark} ≥ {points}" for points, mark in scale.steps)
                below = say(N_("below %(mark)s")) % {"mark": scale.below} if scale.below else ""
                yield Paragraph(say(text) % {"scale": say(", ").join(part for part in (told, below) if part)})

    def _stages(self) -> Iterator[tuple[str, ...]]:
        criteria, say, baton = self.flow.criteria, self.say, "Baton"
        names = {"mql": "MQL", "hot": N_("hot"), "nurture": N_("warm"), "mql_ends": N_("no MQL any more")}
        for gate, name in names.items():
            if gate in criteria.gates:
                yield say(name), wording.condition(criteria.gates[gate], say), baton, ""
        review = criteria.review
        if self.flow.mode == "review":
            who = self._who(review.by) if review.by else say(N_("whoever looks"))
            within = wording.length(review.within, say) if review.within else ""
            yield say(N_("review")), say(N_("before it is handed over")), who, within
        for name, one in criteria.people_gates.items():
            within = wording.length(one.within, say) if one.within else ""
            yield name.upper(), self._asked(one), self._who(one.by), within

    def _asked(self, gate: PeopleGate) -> str:
        say = self.say
        names = (say(N_("fit")) if name == "fit" else field_name(name, say) for name in gate.asks)
        parts = [say(N_("asked for: %(fields)s")) % {"fields": say(", ").join(names)}] if gate.asks else []
        parts += [say(N_("then handed to %(team)s")) % {"team": gate.then}] if gate.then else []
        return say(N_("; ")).join(parts)

    def _who(self, by: str) -> str:
        return self.say({"owner": N_("the owner"), "manager": N_("the manager")}.get(by, by))

    def _routing(self) -> Iterator[Block]:
        say, routing = self.say, self.flow.routing
        rows = [
            (
                str(one.number),
                wording.condition(one.when, say) if one.when else say(N_("everyone else")),
                wording.target(one.to, say),
            )
            for one in routing.rules
        ]
        yield Table((say(N_("rule")), say(N_("condition")), say(N_("to"))), rows)
        nobody = routing.nobody_there
        words = {NEXT_BACK: N_("waits for the next to be back"), NEXT_RULE: N_("goes on with the next rule")}
        what = say(words[nobody.give_to]) if nobody.give_to in words else nobody.give_to
        text = say(N_("Nobody there: %(what)s; told: %(who)s."))
        yield Paragraph(text % {"what": what, "who": self._who(nobody.tell)})

    def _clock(self) -> Iterator[str]:
        clock, say = self.flow.clock, self.say
        hot, other = wording.length(clock.contact.hot, say), wording.length(clock.contact.other, say)
        yield say(N_("First contact within %(other)s, of hot leads within %(hot)s.")) % {"other": other, "hot": hot}
        touches = say(", ").join(kind(name, say) if name != "email" else say(N_("mail")) for name in clock.touch)
        yield say(N_("What counts: %(touches)s, by a person.")) % {"touches": touches}
        if clock.remind:
            shares = say(", ").join(percent(share, self.language) for share in clock.remind)
            yield say(N_("Reminded when %(shares)s of the time are over.")) % {"shares": shares}
        for one in clock.breach:
            yield self._breach(one)
        if clock.pause_after:
            text = say(N_("Who lets %(count)s in a row go overdue gets no more for now."))
            yield text % {"count": clock.pause_after}

    def _breach(self, one: Breach) -> str:
        say, what = self.say, self.say(_DO.get(one.do, one.do))
        if one.after is None:
            return say(N_("When the time is over: %(what)s.")) % {"what": what}
        return say(N_("%(time)s after that: %(what)s.")) % {"time": wording.length(one.after, say), "what": what}

    def _effect(self, reason: Reason) -> str:
        say, parts = self.say, []
        if reason.list:
            parts.append(say(N_("joins the list %(list)s")) % {"list": reason.list})
        if reason.back_after:
            parts.append(say(N_("may come back after %(time)s")) % {"time": wording.length(reason.back_after, say)})
        if reason.back_when:
            parts.append(say(N_("comes back when: %(when)s")) % {"when": wording.condition(reason.back_when, say)})
        if reason.mend_by:
            who = self._who(reason.mend_by)
            parts.append(say(N_("its data is mended by %(who)s, then it is handed over again")) % {"who": who})
        return say("; ").join(parts) or say(N_("stays with marketing"))

    def _wins(self) -> Iterator[tuple[str, str]]:
        for name, rule in self.flow.fields.items():
            yield field_name(name, self.say), self.say(_WINS[rule])
        yield self.say(N_("every other field")), self.say(_WINS["prefer_crm_unless_blank"])


def _teams(config: Config, language: str) -> Iterator[Block]:
    say = translator(language)
    if not config.teams:
        return
    yield Heading(say(N_("Teams")))
    rows = [
        (
            team.name,
            "\n".join(_member(one.email, one.weight, one.open_at_most, say) for one in team.members),
            wording.hours(team.hours, say) + f" ({team.zone.key})",
            wording.holidays(team.holidays, language),
            _with_deputy(team.manager, team.deputy, say),
        )
        for team in config.teams.values()
    ]
    head = (N_("team"), N_("who takes turns"), N_("hours"), N_("holidays"), N_("manager"))
    yield Table([say(one) for one in head], rows)


def _member(email: str, weight: int, most: int | None, say: Translate) -> str:
    parts = [say(N_("%(weight)s turns to one")) % {"weight": weight}] if weight != 1 else []
    parts += [say(N_("at most %(count)s open")) % {"count": most}] if most else []
    return f"{email} ({say(', ').join(parts)})" if parts else email


def _with_deputy(manager: str, deputy: str, say: Translate) -> str:
    return f"{manager}\n{say(N_('deputy: %(email)s')) % {'email': deputy}}" if deputy else manager


def _notices(config: Config, say: Translate) -> Iterator[Block]:
    kinds: Sequence[str] = [*SHIPPED, *(name for name in config.notices if name not in SHIPPED)]
    rows = []
    for name in kinds:
        shipped = [one for one in SHIPPED.get(name, ()) if has_way(config, one)]
        told = config.notices.get(name, shipped)
        if told:
            rows.append((notice_name(name, say), say(", ").join(say(LISTENERS.get(one, one)) for one in told)))
    if rows:
        yield Heading(say(N_("Who is told")))
        yield Table((say(N_("about")), say(N_("told"))), rows)
