"""Clocks: handoffs that were contacted in time, late, or never; by week, team and rep; and how long it took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connector.insight.kept_times import Kept, by, kept
from connector.locale.format import number, span
from connector.locale.format import share as percent
from connector.model.ports import Handed
from connector.model.times import micros
from connector.steps.telling.words import N_, Words
from connector.web.charts import Chart, Series
from connector.web.sheets import rows
from connector.web.sheets.sheet import Look, Part, Sheet, Tile
from connector.web.tables import Column, Grid


def clocks(look: Look) -> Sheet:
    """The page. Names of reps stand in it only for those who manage them."""
    found, words, now = rows.handed(look), look.words, micros(look.now)
    whole = kept(found, now)
    parts = [_by_time(look, found, now)]
    parts.append(_by(look, "teams", N_("By team"), {name: kept(some, now) for name, some in by(found, _team).items()}))
    reps = {name: kept(some, now) for name, some in by(found, _owner).items() if look.may_see(name)}
    if look.owners is None or look.owners:
        parts.append(_by(look, "reps", N_("By rep"), reps))
    about = N_(
        "Handoffs that were opened in this period, and whether first contact was made by the time that was agreed. "
        "Working time is that of the team's hours."
    )
    return Sheet(words.say(about), parts, _tiles(look, whole, now), _doubts(look, whole))


def _team(one: Handed) -> str:
    return one.team


def _owner(one: Handed) -> str:
    return one.owner


def _tiles(look: Look, whole: Kept, now: int) -> list[Tile]:
    words = look.words
    say = words.say
    over = look.tx.looking.overdue(now)[0] if not look.asked.filters.keys() - {"period", "first", "last"} else None
    tiles = [Tile(say(N_("handed over")), number(whole.handed))]
    if whole.kept.value is not None:
        text = N_("%(part)s of %(whole)s")
        beside = say(text, part=number(whole.kept.hits), whole=number(whole.kept.of))
        tiles.append(Tile(say(N_("contacted in time")), percent(whole.kept.value, words.language), beside))
    if whole.worked_median is not None:
        text = N_("nine of ten within %(time)s")
        beside = say(text, time=span(whole.worked_p90 or 0, words.language))
        tiles.append(
            Tile(say(N_("working time to contact, median")), span(whole.worked_median, words.language), beside)
        )
    if over is not None:
        tiles.append(Tile(say(N_("overdue now")), number(over), say(N_("whenever they were handed over"))))
    return tiles


def _doubts(look: Look, whole: Kept) -> list[str]:
    say, found = look.words.say, []
    without = whole.handed - whole.in_time - whole.late - whole.never - whole.open
    if without:
        found.append(say(N_("%(n)s had no clock: they count nowhere but as handed over."), n=number(without)))
    if whole.days.set_aside:
        text = N_("%(n)s were contacted before they were handed over: their times are set aside.")
        found.append(say(text, n=number(whole.days.set_aside)))
    return found


def columns(words: Words, first: Column) -> list[Column]:
    """The columns of every table of clocks."""
    say = words.say
    return [
        first,
        Column("handed", say(N_("handed over")), "count"),
        Column("in_time", say(N_("in time")), "count"),
        Column("late", say(N_("late")), "count"),
        Column("never", say(N_("overdue, no contact")), "count"),
        Column("open", say(N_("not due yet")), "count"),
        Column("kept", say(N_("share in time")), "share"),
        Column("worked_median", say(N_("working time to contact, median")), "span"),
        Column("worked_p90", say(N_("p90")), "span"),
        Column("took", say(N_("days on the calendar: median / p75 / p90")), "lengths"),
    ]


def row(name: str, one: Kept) -> tuple[object, ...]:
    """A row of such a table."""
    return (
        name, one.handed, one.in_time, one.late, one.never, one.open, one.kept, one.worked_median,
        one.worked_p90, one.days,
    )  # fmt: skip


def _by(look: Look, name: str, title: str, found: Mapping[str, Kept]) -> Part:
    words = look.words
    first = Column(name.rstrip("s"), words.say(N_("team") if name == "teams" else N_("rep")))
    nobody = words.say(N_("nobody"))
    table = [row(who or nobody, one) for who, one in found.items()]
    title = words.say(title)
    drawn = [(who or nobody, one) for who, one in found.items() if one.in_time + one.late + one.never][:12]
    return Part(title, Grid(name, title, columns(words, first), table, shown=50), _stacked(look, title, drawn))


def _stacked(look: Look, title: str, found: Sequence[tuple[str, Kept]]) -> Chart | None:
    if len(found) < 2:
        return None
    say = look.words.say
    known = [(one.kept.value, name) for name, one in found if one.kept.value is not None]
    text = N_("The smallest share in time has %(name)s: %(share)s.")
    least = min(known, default=None)
    says = say(text, name=least[1], share=percent(least[0], look.words.language)) if least and len(known) > 1 else ""
    return Chart("stacked", title, [name for name, _ in found], _series(look, [one for _, one in found]), says)


def _series(look: Look, found: Sequence[Kept]) -> list[Series]:
    say = look.words.say
    return [
        Series(say(N_("in time")), [one.in_time for one in found], "good"),
        Series(say(N_("late")), [one.late for one in found], "warn"),
        Series(say(N_("overdue, no contact")), [one.never for one in found], "bad"),
    ]


def _by_time(look: Look, found: Sequence[Handed], now: int) -> Part:
    words = look.words
    made = rows.spans(look, min((one.opened for one in found), default=None))
    groups: list[list[Handed]] = [[] for _ in made.names]
    for one in found:
        if (place := made.place(one.opened)) is not None:
            groups[place].append(one)
    each = [kept(some, now) for some in groups]
    title = words.say(N_("Over time"))
    first = Column("span", words.say(N_("week or month")))
    table = [row(name, one) for name, one in zip(made.names, each, strict=True)] if found else []
    grid = Grid("over_time", title, columns(words, first), table, " ".join(rows.cut(look, made)))
    if not found:
        return Part(title, grid)
    late = sum(one.late + one.never for one in each)
    text = N_("%(n)s of %(of)s handoffs were contacted late or not at all by their time.")
    says = words.say(text, n=number(late), of=number(len(found)))
    chart = Chart(
        "stacked", words.say(N_("Handoffs by how their time was kept")), made.short, _series(look, each), says
    )
    return Part(title, grid, chart)
