"""Criteria on the time line: what changed when, why, and what it did to the next steps."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from connector.insight.criteria_changes import Change, changes
from connector.insight.criteria_effect import Difference, Effect, Measured, changes_of, report, told_apart
from connector.insight.funnel import Share, share
from connector.insight.funnel_report import Question, followed
from connector.insight.trends import earliest, trends
from connector.model.ports import CriteriaVersion
from connector.model.times import micros
from connector.steps.telling.words import N_, stage
from connector.web.charts import Chart, Series
from connector.web.sheets import rows
from connector.web.sheets.sheet import Look, Part, Sheet
from connector.web.tables import Column, Grid

#: Letters of a version that tell it from the others; keys of a change that are named; changes whose effect is told.
SHORT, NAMED, TOLD = 10, 4, 5
_APART = {"more": N_("more than before"), "fewer": N_("fewer than before"), "": N_("no difference can be told")}
_WHAT = {"added": N_("added"), "removed": N_("removed"), "changed": N_("changed")}


def criteria(look: Look) -> Sheet:
    """The page."""
    words = look.words
    flows = [look.asked.flow] if look.asked.flow else list(look.config.flows)
    versions = look.tx.ledgers.criteria(look.asked.flow)
    by_flow = {flow: [one for one in versions if one.flow == flow] for flow in flows}
    found = sorted(
        ((one, before) for some in by_flow.values() for one, before in pairwise(some) if one.at),
        key=lambda pair: pair[0].at or look.now, reverse=True,
    )  # fmt: skip
    about = N_(
        "Every change of scoring, gates, required fields and routing; and, for the latest, how the next steps of leads "
        "that qualified after it differ from those before it. A difference may have other causes than the change."
    )
    effects = [one for flow in flows if changes_of(by_flow[flow]) for one in report(look.tx, flow, look.now)[:TOLD]]
    effects.sort(key=lambda one: one.change.at, reverse=True)
    parts = [_line(look, [one for one, _ in found]), _changes(look, found), _effects(look, effects[:TOLD])]
    return Sheet(words.say(about), parts)


def _line(look: Look, changed: Sequence[CriteriaVersion]) -> Part:
    """MQL over time, with a mark where criteria changed."""
    words = look.words
    what = followed(look.tx, Question("any", look.asked.flow), look.config.zone).what
    made = rows.spans(look, None if look.asked.since else earliest(what))
    found = trends(what, made, rows.span(look)[1]) if what.path else []
    title = words.say(N_("Time line"))
    counts: dict[int, int] = {}
    for one in changed:
        place = made.place(micros(one.at)) if one.at else None
        if place is not None:
            counts[place] = counts.get(place, 0) + 1
    came = [one.came["mql"] for one in found]
    columns = [
        Column("span", words.say(N_("week or month"))), Column("mql", "MQL", "count"),
        Column("changes", words.say(N_("changes of criteria")), "count"),
    ]  # fmt: skip
    table = [(one.name, came[place], counts.get(place, 0)) for place, one in enumerate(found)]
    marks = [float(count) if place in counts else None for place, count in enumerate(came)]
    series = [Series("MQL", made.over(came)), Series(words.say(N_("criteria changed")), marks, "mark")]
    return Part(title, Grid("line", title, columns, table), Chart("line", title, made.short, series))


def _changes(look: Look, found: Sequence[tuple[CriteriaVersion, CriteriaVersion]]) -> Part:
    say = look.words.say
    title = say(N_("Changes"))
    columns = [
        Column("at", say(N_("when")), "moment"), Column("flow", say(N_("flow"))), Column("version", say(N_("version"))),
        Column("author", say(N_("by whom"))), Column("note", say(N_("why"))), Column("count", say(N_("keys")), "count"),
        Column("what", say(N_("what changed"))),
    ]  # fmt: skip
    table = []
    begin, end = rows.span(look)
    for one, before in found:
        if one.at is None or not begin <= micros(one.at) < end:
            continue
        differing = changes(before.text, one.text, look.words.translate)
        told = (one.at, one.flow, one.version[:SHORT], one.author, one.note, len(differing), _named(look, differing))
        table.append(told)
    nothing = say(N_("No criteria changed in this period."))
    return Part(title, Grid("changes", title, columns, table, shown=50, nothing=nothing))


def _named(look: Look, differing: Sequence[Change]) -> str:
    """The first keys that differ: `gates.mql changed`."""
    say = look.words.say
    named = [f"{'.'.join(part for part in (one.section, one.key) if part)} {say(_WHAT[one.what])}" for one in differing]
    more = [say(N_("and %(count)s more"), count=len(named) - NAMED)] if len(named) > NAMED else []
    return say(N_(", ")).join([*named[:NAMED], *more])


def _effects(look: Look, effects: Sequence[Effect]) -> Part:
    say = look.words.say
    title = say(N_("What the latest changes did"))
    columns = [
        Column("at", say(N_("when")), "moment"), Column("version", say(N_("version"))),
        Column("step", say(N_("next step"))), Column("days", say(N_("within days")), "count"),
        Column("before", say(N_("before")), "share"), Column("after", say(N_("after")), "share"),
        Column("difference", say(N_("points of a hundred")), "points"), Column("told", say(N_("so"))),
    ]  # fmt: skip
    table = [_row(look, one, each) for one in effects for each in one.measured]
    note = say(N_("The difference is that of after less before, with an interval of 95 %."))
    nothing = say(N_("The criteria have not changed since they were kept for the first time."))
    return Part(title, Grid("effects", title, columns, table, note, nothing=nothing))


def _row(look: Look, one: Effect, each: Measured) -> tuple[object, ...]:
    words, found = look.words, each.difference
    name = stage(each.outcome, words.translate)
    begin = (one.change.at, f"{one.change.flow} {one.change.version[:SHORT]}", name, each.days)
    if found is None:
        return *begin, None, None, None, words.say(N_("not enough data yet"))
    before, after = _shares(found)
    return *begin, before, after, (found.low, found.high), words.say(_APART[told_apart(found)])


def _shares(found: Difference) -> tuple[Share, Share]:
    return share(found.hits_before, found.of_before), share(found.hits_after, found.of_after)
