"""Trends: what came to each stage week by week or month by month, how far it got, and how soon it was answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.insight import funnel_words
from connector.insight.funnel_report import followed
from connector.insight.kept_times import Kept, kept
from connector.insight.trends import Spans, Trend, earliest, nine_of_ten, trends
from connector.locale.format import number, span
from connector.locale.format import share as percent
from connector.model.ports import CriteriaVersion, Handed
from connector.model.ports.funnel import WAY
from connector.model.times import micros, moment
from connector.steps.telling.words import N_, Words, stage
from connector.web.charts import Chart, Series
from connector.web.sheets import rows
from connector.web.sheets.funnel import question
from connector.web.sheets.sheet import Look, Part, Sheet
from connector.web.tables import Column, Grid

#: Seconds of an hour.
HOUR = 3600
#: The stages that are drawn.
DRAWN = ("mql", "sal", "sql", "won")


def trend(look: Look) -> Sheet:
    """The page."""
    words, now = look.words, micros(look.now)
    asked = replace(question(look.asked, look.config), since=None, until=None, by="")
    what = followed(look.tx, asked, look.config.zone).what
    made = rows.spans(look, None if look.asked.since else earliest(what))
    found = trends(what, made, now, nine_of_ten(what)) if what.path else []
    changes = _changes(look, made)
    about = N_("Leads by when they first came to a stage, counted %(definition)s.")
    definition = words.say(funnel_words.DEFINITIONS[asked.definition])
    parts = [_came(look, found, made, changes), _further(look, found, made, [WAY[place] for place in what.path])]
    parts.append(_response(look, made))
    if changes:
        parts.append(_of_criteria(look, changes))
    return Sheet(
        words.say(about, definition=definition), parts, doubts=rows.cut(look, made, whole=True) if found else []
    )


def _first(words: Words) -> Column:
    return Column("span", words.say(N_("week or month")))


def _came(look: Look, found: Sequence[Trend], made: Spans, changes: Sequence[CriteriaVersion]) -> Part:
    words = look.words
    title = words.say(N_("Leads that came to a stage"))
    columns = [_first(words), *(Column(name, stage(name, words.translate), "count") for name in WAY)]
    table = [(one.name, *(one.came[name] for name in WAY)) for one in found]
    anything = any(one.came[name] for one in found for name in WAY)
    grid = Grid("came", title, columns, table if anything else [])
    series = [Series(stage(name, words.translate), made.over([one.came[name] for one in found])) for name in DRAWN]
    if changes:
        places = {made.place(micros(one.at)) for one in changes if one.at}
        marks = [float(one.came["mql"]) if place in places else None for place, one in enumerate(found)]
        series.append(Series(words.say(N_("criteria changed")), marks, "mark"))
    return Part(title, grid, Chart("line", title, made.short, series, _of_last(look, found)))


def _of_last(look: Look, found: Sequence[Trend]) -> str:
    """The last whole span against the one before it."""
    if len(found) < 3:
        return ""
    before, last = found[-3], found[-2]
    text = N_("In %(name)s %(now)s leads became an MQL, after %(before)s in %(earlier)s.")
    return look.words.say(
        text, name=last.name, now=number(last.came["mql"]), before=number(before.came["mql"]), earlier=before.name
    )


def _further(look: Look, found: Sequence[Trend], made: Spans, path: Sequence[str]) -> Part:
    words = look.words
    title = words.say(N_("How far the leads of each span came"))
    stages = list(path[1:])
    columns = [
        _first(words),
        Column("entered", stage(path[0], words.translate) if path else "MQL", "count"),
        *(Column(name, stage(name, words.translate), "share") for name in stages),
        Column("doubt", words.say(N_("remark"))),
    ]
    young = words.say(N_("too young"))
    table = [
        (one.name, one.came[path[0]], *(one.further[name] for name in stages), young if one.young else "")
        for one in found
        if stages
    ]
    note = words.say(N_("Of those who entered in a span, the share that has come to a stage by now (95 %)."))
    grid = Grid("further", title, columns, table if any(row[1] for row in table) else [], note)
    drawn = [name for name in ("sal", "won") if name in stages]
    series = [
        Series(stage(name, words.translate), [None if one.young else one.further[name].value for one in found])
        for name in drawn
    ]
    told = lambda value: percent(value, words.language)  # noqa: E731 - handed on as what writes a value
    return Part(title, grid, Chart("line", title, made.short, series, told=told) if drawn else None)


def _response(look: Look, made: Spans) -> Part:
    words, now = look.words, micros(look.now)
    title = words.say(N_("Working time to the first contact"))
    groups: list[list[Handed]] = [[] for _ in made.names]
    since = moment(made.begins[0]) if made.names else None
    for one in rows.handed(replace(look, asked=replace(look.asked, since=since))):
        if (place := made.place(one.opened)) is not None:
            groups[place].append(one)
    each: list[Kept] = [kept(some, now) for some in groups]
    columns = [
        _first(words),
        Column("handed", words.say(N_("handed over")), "count"),
        Column("answered", words.say(N_("contacted")), "count"),
        Column("worked_median", words.say(N_("median")), "span"),
        Column("worked_p90", words.say(N_("p90")), "span"),
        Column("kept", words.say(N_("share in time")), "share"),
    ]
    table = [
        (name, one.handed, one.days.counted, one.worked_median, one.worked_p90, one.kept)
        for name, one in zip(made.names, each, strict=True)
    ]
    series = [
        Series(words.say(N_("median")), made.over([_hours(one.worked_median) for one in each])),
        Series(words.say(N_("nine of ten within")), made.over([_hours(one.worked_p90) for one in each])),
    ]
    note = words.say(N_("Handoffs by the week or month in which they were opened; of fewer than 10 there is no time."))
    grid = Grid("response", title, columns, table if any(one.handed for one in each) else [], note)
    told = lambda hours: span(hours * HOUR, words.language)  # noqa: E731 - handed on as what writes a value
    return Part(title, grid, Chart("line", title, made.short, series, told=told))


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / HOUR


def _changes(look: Look, made: Spans) -> list[CriteriaVersion]:
    """Changes of criteria within the spans that are shown, the latest first."""
    found = look.tx.ledgers.criteria(look.asked.flow)
    first = {one.flow: one for one in found}
    return [
        one
        for one in found
        if one.at is not None and first[one.flow] is not one and made.place(micros(one.at)) is not None
    ]


def _of_criteria(look: Look, changes: Sequence[CriteriaVersion]) -> Part:
    say = look.words.say
    title = say(N_("Criteria that changed meanwhile"))
    columns = [
        Column("at", say(N_("when")), "moment"), Column("flow", say(N_("flow"))),
        Column("version", say(N_("version"))), Column("author", say(N_("by whom"))), Column("note", say(N_("why"))),
    ]  # fmt: skip
    table = [(one.at, one.flow, one.version[:10], one.author, one.note) for one in changes]
    return Part(title, Grid("criteria", title, columns, table))
