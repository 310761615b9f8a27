"""Content: who saw what, and how many of them became an MQL or were won after that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from connector.insight.funnel import share
from connector.locale.format import number
from connector.model.times import DAY
from connector.steps.telling.words import N_, stage
from connector.web.charts import Chart, Series
from connector.web.sheets import rows
from connector.web.sheets.sheet import Look, Part, Sheet
from connector.web.tables import Column, Grid

#: Rows that are drawn, and those on a page.
DRAWN, LISTED = 12, 50
#: A million views are not counted for one page: at most so far back.
FURTHEST = 366 * DAY


#: A view: topic, asset, lead, when.
View = tuple[str, str, int, int]


@dataclass(slots=True)
class _Item:
    """How often something was seen, by whom, and who of them came to a stage after they first saw it."""

    views: int = 0
    people: set[int] = field(default_factory=set)
    mql: set[int] = field(default_factory=set)
    won: set[int] = field(default_factory=set)

    def add(self, other: _Item) -> None:
        self.views += other.views
        self.people |= other.people
        self.mql |= other.mql
        self.won |= other.won


def content(look: Look) -> Sheet:
    """The page."""
    begin, end = rows.span(look)
    found = look.tx.looking.viewed(max(begin, end - FURTHEST), end)
    counted = _counted(found, *_firsts(look))
    items, topics = _together(counted, 1), _together(counted, 0)
    about = N_(
        "What leads saw, downloaded or attended in this period, as far as it has a name. MQL and won count people who "
        "came to that stage for the first time after they first saw it in this period: what was seen on the way, not "
        "what brought them there."
    )
    doubts = []
    if end - begin > FURTHEST:
        doubts.append(look.words.say(N_("At most the last 366 days are looked at.")))
    say = look.words.say
    parts = [
        _part(look, "item", say(N_("By item")), items),
        _part(look, "topic", say(N_("By topic")), topics),
    ]
    return Sheet(say(about), parts, doubts=doubts)


def _firsts(look: Look) -> tuple[dict[int, int], dict[int, int]]:
    """When each lead first became an MQL, and was won, in any flow."""
    ways = look.tx.funnel.columns(look.asked.flow)
    return _first(ways.lead_ids, ways.times[0]), _first(ways.lead_ids, ways.times[-1])


def _first(leads: Sequence[int], column: Sequence[int | None]) -> dict[int, int]:
    found: dict[int, int] = {}
    for lead, at in zip(leads, column, strict=True):
        if at is not None and (lead not in found or at < found[lead]):
            found[lead] = at
    return found


def _counted(found: Iterable[View], mql: Mapping[int, int], won: Mapping[int, int]) -> dict[tuple[str, str], _Item]:
    """Each (topic, asset)."""
    views: dict[tuple[str, str], list[View]] = defaultdict(list)
    for view in found:
        views[view[:2]].append(view)
    return {names: _item(these, mql, won) for names, these in views.items()}


def _item(views: Sequence[View], mql: Mapping[int, int], won: Mapping[int, int]) -> _Item:
    return _Item(len(views), {lead for _, _, lead, _ in views}, _after(views, mql), _after(views, won))


def _after(views: Iterable[View], came: Mapping[int, int]) -> set[int]:
    """Who came to a stage after a view, and so after the first of theirs."""
    return {lead for _, _, lead, at in views if lead in came and came[lead] >= at}


def _together(items: Mapping[tuple[str, str], _Item], part: int) -> dict[str, _Item]:
    """By topic (`part` 0) or asset (1), the most seen first; what has no such name is left out."""
    found: dict[str, _Item] = defaultdict(_Item)
    for names, item in items.items():
        if names[part]:
            found[names[part]].add(item)
    return dict(sorted(found.items(), key=lambda pair: (-pair[1].views, pair[0])))


def _part(look: Look, key: str, title: str, items: Mapping[str, _Item]) -> Part:
    words = look.words
    say = words.say
    columns = [
        Column(key, say(N_("item") if key == "item" else N_("topic"))),
        Column("views", say(N_("times seen")), "count"),
        Column("people", say(N_("people")), "count"),
        Column("mql", say(N_("then %(stage)s"), stage=stage("mql", words.translate)), "share"),
        Column("won", say(N_("then %(stage)s"), stage=stage("won", words.translate)), "share"),
    ]
    table = []
    for name, one in items.items():
        people = len(one.people)
        table.append((name, one.views, people, share(len(one.mql), people), share(len(one.won), people)))
    note = say(N_("Shares are of the people of the same row (95 %)."))
    nothing = say(N_("Nobody saw anything with a name. The mapping says which fields name an asset and its topic."))
    grid = Grid(key, title, columns, table, note, LISTED, nothing)
    if not table:
        return Part(title, grid)
    text = N_("Most seen: %(name)s, %(views)s times by %(people)s people.")
    says = say(text, name=table[0][0], views=number(table[0][1]), people=number(table[0][2]))
    drawn = table[:DRAWN]
    series = [Series(say(N_("people")), [row[2] for row in drawn])]
    return Part(title, grid, Chart("bars", title, [row[0] for row in drawn], series, says))
