"""The first page of the dashboard: the few numbers that everybody asks for, against the period before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from connector.insight import funnel_words
from connector.insight.funnel import Counted
from connector.insight.funnel_report import followed
from connector.insight.kept_times import Kept, kept
from connector.insight.trends import Spans, Trend, earliest, trends
from connector.locale.format import number, span
from connector.locale.format import share as percent
from connector.model.ports.funnel import WAY
from connector.model.times import micros, moment
from connector.steps.telling.words import N_, Words, stage
from connector.web.charts import Chart, Series
from connector.web.sheets import goals, rows
from connector.web.sheets.funnel import question
from connector.web.sheets.sheet import Look, Part, Sheet, Tile
from connector.web.tables import Column, Grid


def overview(look: Look) -> Sheet:
    """The page."""
    words = look.words
    asked = replace(question(look.asked, look.config), since=None, until=None, by="")
    what = followed(look.tx, asked, look.config.zone).what
    now, (begin, end) = micros(look.now), rows.span(look)
    earlier = (2 * begin - end, begin) if begin else (0, 0)
    trend, before = _one(what, (begin, end), now), _one(what, earlier, now)
    kept_now, kept_before = kept(rows.handed(look), now), _kept_in(look, earlier, now)
    definition = words.say(funnel_words.DEFINITIONS[asked.definition])
    about = N_(
        "Leads by when they first came to a stage, counted %(definition)s. Before is the span of as many days before."
    )
    parts = [_numbers(words, trend, before, kept_now, kept_before), _over_time(look, what)]
    if look.config.goals:
        parts.append(goals.goals(look).parts[0])
    return Sheet(words.say(about, definition=definition), parts, _tiles(look, trend, before, kept_now))


def _one(what: Counted, bounds: tuple[int, int], now: int) -> Trend:
    """One span as a whole."""
    if not what.path:
        return Trend("", dict.fromkeys(WAY, 0), {}, young=False)
    return trends(what, Spans(("",), bounds[:1], bounds[1]), now)[0]


def _kept_in(look: Look, bounds: tuple[int, int], now: int) -> Kept:
    if bounds[1] == 0:
        return kept([], now)
    asked = replace(look.asked, since=moment(max(bounds[0], 0)), until=moment(bounds[1]))
    return kept(rows.handed(replace(look, asked=asked)), now)


def _tiles(look: Look, trend: Trend, before: Trend, kept_now: Kept) -> list[Tile]:
    words = look.words
    found = []
    for name in ("mql", "sal", "won"):
        text = N_("%(count)s before")
        beside = words.say(text, count=number(before.came[name])) if look.asked.since else ""
        found.append(Tile(stage(name, words.translate), number(trend.came[name]), beside))
    if kept_now.kept.value is not None:
        share = percent(kept_now.kept.value, words.language)
        found.append(Tile(words.say(N_("contacted in time")), share))
    if kept_now.worked_median is not None:
        time = span(kept_now.worked_median, words.language)
        found.append(Tile(words.say(N_("working time to contact, median")), time))
    return found


def _numbers(words: Words, trend: Trend, before: Trend, kept_now: Kept, kept_before: Kept) -> Part:
    say = words.say
    title = say(N_("This period and the one before"))
    columns = [
        Column("measure", say(N_("figure"))), Column("count", say(N_("this period")), "count"),
        Column("before", say(N_("before")), "count"), Column("share", say(N_("share of the MQL")), "share"),
        Column("share_before", say(N_("share before")), "share"),
    ]  # fmt: skip
    table: list[tuple[object, ...]] = []
    for name in WAY:
        shares = (trend.further.get(name), before.further.get(name))
        table.append((stage(name, words.translate), trend.came[name], before.came[name], *shares))
    handed = say(N_("handed over; share contacted in time"))
    table.append((handed, kept_now.handed, kept_before.handed, kept_now.kept, kept_before.kept))
    note = say(
        N_(
            "A share is of those who became an MQL in the period and have come to the stage by now: the younger "
            "they are, the fewer."
        )
    )
    anything = any(trend.came.values()) or any(before.came.values()) or kept_now.handed
    return Part(title, Grid("numbers", title, columns, table if anything else [], note))


def _over_time(look: Look, what: Counted) -> Part:
    words = look.words
    made = rows.spans(look, None if look.asked.since else earliest(what))
    found: Sequence[Trend] = trends(what, made, micros(look.now)) if what.path else []
    title = words.say(N_("Leads over time"))
    drawn = ("mql", "sal", "won")
    columns = [
        Column("span", words.say(N_("week or month"))),
        *(Column(name, stage(name, words.translate), "count") for name in drawn),
    ]
    table = [(one.name, *(one.came[name] for name in drawn)) for one in found]
    series = [Series(stage(name, words.translate), made.over([one.came[name] for one in found])) for name in drawn]
    notes = " ".join(rows.cut(look, made, whole=True))
    return Part(title, Grid("over_time", title, columns, table, notes), Chart("line", title, made.short, series))
