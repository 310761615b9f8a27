"""Goals, as the rest of the program sees them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from connector.config.values import N_
from connector.config.workspace import table_of
from connector.model.errors import Path, Problems
from connector.model.goals import LARGE, PARTS, SEGMENTS, Goal, Measure, Unit, times
from connector.model.ports.funnel import WAY

if TYPE_CHECKING:
    from connector.config.documents import Document
    from connector.config.goal_settings import Figure, GoalSettings
    from connector.config.settings import Settings

MEASURES: tuple[Measure, ...] = ("count", "rate", "amount", "median", "share")
#: By measure: what its number is, in words, and an example of it.
_FIGURES = {
    "count": ({"number": "leads"}, N_("a count needs a number"), "100"),
    "amount": ({"number": "money"}, N_("an amount needs a number"), "250000"),
    "rate": ({"share": "share"}, N_("a rate needs a share"), '"20 %"'),
    "share": ({"share": "share"}, N_("a share needs a share"), '"90 %"'),
    "median": (
        {"time": "time", "working time": "working time"},
        N_("a median needs a length of time"),
        '"4 working hours", "2 hours"',
    ),
}


def goals(settings: Settings, document: Document, flows: Mapping[str, Any]) -> dict[str, Goal]:
    """The goals; problems are added at their keys."""
    written, problems = table_of(document.table, "goals"), document.problems
    made = {name: _goal(name, table, written[name], problems) for name, table in settings.goals.items()}
    found = {name: goal for name, goal in made.items() if goal is not None}
    for goal in found.values():
        _check_where(goal, settings, flows, problems)
        _check_under(goal, found, problems)
    return found


def _goal(name: str, table: GoalSettings, written: Mapping[str, Any], problems: Problems) -> Goal | None:
    path = ("goals", name)
    said = [one for one in MEASURES if one in written]
    if len(said) != 1:
        problems.add(path, N_("a goal has one of %(measures)s"), measures=", ".join(MEASURES))
    if (table.begins and table.until) and table.until < table.begins:
        problems.add((*path, "until"), N_("lies before `from`"))
    if len({"at_least", "at_most"} & written.keys()) != 1:
        problems.add(path, N_("a goal says `at_least` or `at_most`"))
        return None
    target = table.at_least or table.at_most
    if len(said) != 1 or target is None or getattr(table, said[0]) is None:
        return None
    unit = _unit(said[0], target, (*path, "at_least" if table.at_least else "at_most"), problems)
    if table.benchmark:
        other = _unit(said[0], table.benchmark, (*path, "benchmark"), problems)
        if unit and other and other != unit:
            problems.add((*path, "benchmark"), N_("is counted on another clock than the goal"))
    of = getattr(table, said[0])
    if said[0] == "rate" and WAY.index(of[0]) >= WAY.index(of[1]):
        problems.add((*path, "rate"), N_("the second stage comes after the first"), " -> ".join(WAY))
    return Goal(
        name=name, measure=said[0], of=tuple(of) if isinstance(of, list) else (of,), target=target.value,
        unit=cast("Unit", unit or "leads"), per=table.per, owner=table.owner, at_most=table.at_least is None,
        where=dict(_where(table)), under=table.under, begins=table.begins, ends=table.until,
        benchmark=table.benchmark.value if table.benchmark else None, benchmark_from=table.benchmark_from,
    )  # fmt: skip


def _unit(measure: str, figure: Figure, path: Path, problems: Problems) -> str:
    units, needs, example = _FIGURES[measure]
    if figure.kind not in units:
        problems.add(path, needs, example)
    return units.get(figure.kind, "")


def _where(table: GoalSettings) -> Iterator[tuple[str, tuple[str, ...]]]:
    for part in PARTS:
        said = getattr(table.where, part)
        if said:
            values = (said,) if isinstance(said, str) else tuple(said)
            yield part, tuple(one.lower() for one in values) if part == "owner" else values


def _check_where(goal: Goal, settings: Settings, flows: Mapping[str, Any], problems: Problems) -> None:
    known = {
        "flow": list(flows), "team": list(settings.teams), "segment": [*(name for _, name in SEGMENTS), LARGE],
    }  # fmt: skip
    for part, values in goal.where.items():
        for value in values:
            if part in known and value not in known[part]:
                problems.unknown(("goals", goal.name, "where", part), value, known[part], part)


def _check_under(goal: Goal, found: Mapping[str, Goal], problems: Problems) -> None:
    if not goal.under:
        return
    path: Path = ("goals", goal.name, "under")
    if goal.under not in found:
        problems.unknown(path, goal.under, [name for name in found if name != goal.name], "goal")
        return
    above = found[goal.under]
    if _comes_back(goal, found):
        problems.add(path, N_("the goals go round: %(name)s is under itself"), name=goal.name)
    elif (goal.measure, goal.of, goal.unit) != (above.measure, above.of, above.unit):
        problems.add(path, N_("measures something else than %(name)s"), name=above.name)
    elif goal.at_most != above.at_most:
        problems.add(path, N_("one says at_least and the other at_most: they do not add up"))
    elif times(goal.per, above.per) is None:
        problems.add(path, N_("a %(per)s is no part of a %(other)s"), per=goal.per, other=above.per)


def _comes_back(goal: Goal, found: Mapping[str, Goal]) -> bool:
    seen, at = {goal.name}, goal.under
    while at in found and at not in seen:
        seen.add(at)
        at = found[at].under
    return at == goal.name
