"""What `baton simulate` says, as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from connector.cli.session import Session
from connector.cli.tables import table, terminal_width

if TYPE_CHECKING:
    from connector.app import App
    from connector.runs.capacity import Capacity
    from connector.runs.reproduced import Reproduced
    from connector.runs.simulate import Effect, Flip, Outcome

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
_LEFT_OUT = {
    "decided by people": N_("put forward by people, not by points"),
    "handed over before": N_("handed over before: they come back by something new only"),
}
#: Why a decision cannot be taken again.
_DOUBTS = {
    "deleted": N_("activities of then are deleted"),
    "overwritten": N_("fields were said anew since"),
    "joined": N_("two leads were made one, or taken apart"),
    "account": N_("what colleagues came to then is not kept"),
    "returned": N_("came back after a handoff"),
    "version": N_("the text of that version, or a list in it, is gone"),
    "flow": N_("the flow is gone"),
}


def lines(session: Session, app: App, found: Outcome, same: Sequence[str], limit: int, reps: int) -> Iterator[str]:
    """How many, then who by day, team and rep, then the leads and why; at the end how far this can be relied on."""
    _ = session.translate
    heads = _("%(leads)s leads; %(qualified)s are MQL or beyond, %(present)s by the criteria in force")
    yield heads % {"leads": f"{found.leads:,}", "qualified": f"{found.qualified:,}", "present": f"{found.present:,}"}
    for name in same:
        yield _("%(flow)s: the criteria are those in force") % {"flow": name}
    if len(found.effects) > 1 or found.effects[0].label:
        yield from sweep(session, found, reps)
    else:
        yield from of_one(session, app, found, limit)
    yield from caveats(session, app, found)


def sweep(session: Session, found: Outcome, reps: int) -> Iterator[str]:
    """A line for each threshold, with what became of whoever would be qualified, and the load of a rep."""
    _ = session.translate
    headings = (
        _("threshold"), _("MQL"), _("in"), _("out"), _("hot"), _("accepted"), _("rejected"), _("won"),
        _("a week per rep"),
    )  # fmt: skip
    rows = [
        (int(one.label), one.qualified, one.came, one.went, one.hot, one.accepted, one.rejected, one.won,
         load(one, found.weeks, reps))
        for one in found.effects
    ]  # fmt: skip
    yield from table(headings, rows, indent="  ")
    if found.weeks >= 1 and reps:
        what = _("a week per rep: of the last %(weeks)s weeks, by %(reps)s people whom the rules of routing name")
        yield what % {"weeks": f"{found.weeks:.0f}", "reps": reps}
    yield _("accepted, rejected and won are of those who were handed over; of the others nobody knows")


def load(one: Effect, weeks: float, reps: int) -> str:
    """Leads a week for each rep; "–" where less than a week is known, or there is nobody."""
    return f"{one.lately / weeks / reps:.1f}" if weeks >= 1 and reps else "–"


def of_one(session: Session, app: App, found: Outcome, limit: int) -> Iterator[str]:
    """What one set of changed criteria leads to."""
    _ = session.translate
    effect = found.effects[0]
    told = _("changed: %(qualified)s would be; %(came)s would come in, %(went)s would go out")
    yield told % {"qualified": f"{effect.qualified:,}", "came": f"{effect.came:,}", "went": f"{effect.went:,}"}
    if not effect.came and not effect.went:
        return
    ways = _("in"), _("out")
    from connector.steps.telling.words import stage

    stages = [(stage(name, _), came, went) for name, came, went in two_columns(effect.by_stage)]
    yield from table((_("stage today"), *ways), stages, indent="  ")
    for heading, counts in ((_("team"), effect.by_team), (_("rep"), effect.by_rep)):
        rows = [row for row in two_columns(counts) if row[0] != "–"]
        if rows:
            yield from table((heading, *ways), rows, indent="  ")
    yield from days(session, found)
    if effect.became:
        listed = [(became(name, reason, _), count) for (name, reason), count in effect.became.most_common()]
        yield _("what became of those who would go out:")
        yield from table(("", ""), listed, indent="  ")
    yield from room(session, app, effect)
    for flip in effect.flips[:limit]:
        yield from of_flip(session, app, flip)
    left = effect.came + effect.went - min(limit, len(effect.flips))
    if left > 0:
        yield _("and %(count)s more (--limit, --output json)") % {"count": f"{left:,}"}


def days(session: Session, found: Outcome) -> Iterator[str]:
    """By day: in and out, how many were decided then, and how many it would have been."""
    _ = session.translate
    effect = found.effects[0]
    rows = [
        (day, came, went, found.decided[day], found.decided[day] + came - went)
        for day, came, went in two_columns(effect.by_day)
    ]
    yield from table((_("day"), _("in"), _("out"), _("were"), _("would be")), rows, indent="  ")


def became(stage_name: str, reason: str, _: Callable[[str], str]) -> str:
    """Where a lead stands, with the reason of its rejection."""
    from connector.steps.telling.words import reason_name, stage

    return " · ".join(part for part in (stage(stage_name, _), reason_name(reason, _) if reason else "") if part)


def room(session: Session, app: App, effect: Effect) -> Iterator[str]:
    """Whether there is somebody to take those who would come in, and by when."""
    from connector.runs.capacity import capacity
    from connector.steps.telling.words import duration

    _ = session.translate
    with app.store.read() as tx:
        found: Capacity = capacity(tx, app.config, effect)
    for flow in found.flows:
        if flow.per_day:
            what = _("%(flow)s hands over %(limit)s a day: who comes in takes %(days)s days of that")
            yield what % {"flow": flow.flow, "limit": flow.per_day, "days": flow.days}
        what = _("%(flow)s: first contact is due within %(hot)s for %(n)s hot ones, %(other)s for %(m)s others")
        due = {"hot": duration(str(flow.due_hot), _), "other": duration(str(flow.due_other), _)}
        yield what % {"flow": flow.flow, "n": flow.hot, "m": flow.came - flow.hot, **due}
    for team in found.teams:
        names = {"team": team.team, "came": team.came, "reps": team.reps, "room": team.room}
        if team.room is None:
            yield _("%(team)s: %(came)s for %(reps)s people, with no limit of open leads") % names
        elif team.room < team.came:
            yield _("%(team)s: %(came)s for %(reps)s people, who have room for %(room)s only (open_at_most)") % names
        else:
            yield _("%(team)s: %(came)s for %(reps)s people, who have room for %(room)s (open_at_most)") % names


def again(session: Session, found: Reproduced) -> Iterator[str]:
    """Whether history comes out the same."""
    _ = session.translate
    counts = {"same": f"{found.same:,}", "of": f"{found.decisions:,}"}
    yield _("taken again under the criteria of their time: %(same)s of %(of)s decisions the same") % counts
    for why, count in found.why.most_common():
        yield "  " + _("%(count)s cannot be taken again: %(why)s") % {"count": f"{count:,}", "why": _(_DOUBTS[why])}
    for one in found.examples[:5]:
        what = _("lead:%(lead)s comes out otherwise: %(was)s -> %(now)s points (baton why lead:%(lead)s)")
        yield "  " + what % {"lead": one.lead_id, "was": one.was, "now": one.now}


def two_columns(counts: Counter[tuple[str, str]]) -> list[tuple[str, int, int]]:
    """(name, in, out), by name."""
    names = sorted({name for name, _ in counts})
    found = [(name or "–", counts[name, "in"], counts[name, "out"]) for name in names]
    return [row for row in found if row[1] or row[2]]


def of_flip(session: Session, app: App, flip: Flip) -> Iterator[str]:
    """A lead that would come in or go out: its points before and after, the rules that differ, what the gate lacks."""
    from connector.insight.gates import lacking
    from connector.locale.columns import wrap
    from connector.locale.format import day
    from connector.steps.telling.words import Words, field_name, rule_name

    _ = session.translate
    way = session.style(_("in "), fg="green") if flip.way == "in" else session.style(_("out"), fg="red")
    when = day(flip.day.astimezone(app.config.zone), session.language, year=True) if flip.day else ""
    about = " · ".join(
        part for part in (flip.who or f"lead:{flip.lead_id}", flip.flow, flip.rep or flip.team, when) if part
    )
    yield f"{way} {about}: {flip.before} -> {flip.after}"
    for rule in flip.rules:
        yield f"      {rule_name(rule.rule, _)}: {rule.before} -> {rule.after}"
    if flip.shut is not None:
        words = Words(session.language, app.config.zone, _, flip.day or app.clock())
        what = "; ".join(_(" or ").join(entry) for entry in lacking(flip.shut, words))
        gate = _("present gate mql: %(what)s") if flip.way == "in" else _("changed gate mql: %(what)s")
        yield from ("      " + line for line in wrap(gate % {"what": what}, terminal_width() - 6))
    elif not flip.rules and not flip.missing:
        yield "      " + _("whom the flow takes differs")
    if flip.way == "out" and flip.stage != "mql":
        yield "      " + _("became: %(what)s") % {"what": became(flip.stage, flip.reason, _)}
    if flip.missing:
        yield "      " + _("lacks %(names)s") % {"names": _(", ").join(field_name(name, _) for name in flip.missing)}


def caveats(session: Session, app: App, found: Outcome) -> Iterator[str]:
    """From when on this is exact, who is left out, and who stands otherwise than the criteria say."""
    from connector.locale.format import day

    _ = session.translate
    if found.exact_from is None:
        yield _("exact as far as activities go: all are kept; fields count as they are today")
    else:
        when = day(found.exact_from.astimezone(app.config.zone), session.language, year=True)
        what = _("exact for decisions from %(day)s on, as long as activities are kept; %(count)s were made before")
        yield what % {"day": when, "count": f"{found.before_exact:,}"}
        yield _("fields count as they are today")
    if found.otherwise:
        what = _("%(count)s stand otherwise than the criteria in force would have it: their fields have changed since")
        yield what % {"count": f"{found.otherwise:,}"}
    if found.earlier:
        yield _("%(count)s were decided under earlier criteria") % {"count": f"{found.earlier:,}"}
    for reason, count in sorted(found.left_out.items()):
        if count:
            yield _("left out: %(count)s %(why)s") % {"count": f"{count:,}", "why": _(_LEFT_OUT[reason])}
    if any(flow.criteria.account is not None for flow in app.config.flows.values()):
        yield _("what people of one company come to together counts as it was scored last")
    if any(rule.target == "account owner" for flow in app.config.flows.values() for rule in flow.routing.rules):
        yield _("owners of accounts are looked up at the handoff, and not here")
