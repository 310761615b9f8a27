"""What is allowed in criteria but cannot be meant: thresholds out of reach, rules that nothing can match.

Every finding is a warning, as a `Problem` with the path it stands at.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from math import inf

from connector.model.errors import Path, Problem, Problems
from connector.model.fields import ACCOUNT_FIELDS
from connector.model.score import GROUPS
from connector.steps.conditions.condition import Site, Uses
from connector.steps.scoring.criteria import Criteria
from connector.steps.scoring.totals import Scale

Bounds = dict[str, tuple[float, float]]


def lint(
    criteria: Criteria,
    *,
    fields: Collection[str],
    kinds: Collection[str],
    also: Iterable[tuple[Path, Uses]] = (),
) -> list[Problem]:
    """Warnings about `criteria`, in the order of the tables.

    `fields` are those that a mapping fills or that follow from such fields, `kinds` those that a
    mapping makes. `also` are the conditions outside the criteria (`takes`, routing, reasons).
    """
    found = Problems()
    outside = tuple(also)
    limits = bounds(criteria)
    _unfilled(criteria, fields, kinds, outside, found)
    _caps(criteria, found)
    _out_of_reach(criteria, limits, found)
    _grades(criteria, limits, found)
    _crossed_lines(criteria, found)
    _unused(criteria, outside, found)
    if "mql" not in criteria.gates:
        found.add((*criteria.path, "gates"), "there is no `mql` gate: nobody will be handed over")
    return found.found


def bounds(criteria: Criteria) -> Bounds:
    """The lowest and the highest points that each scope can come to."""
    limits: Bounds = {}
    for group in GROUPS:
        rules = [rule for rule in criteria.rules if rule.group == group]
        least = sum(-inf if rule.least is None else rule.least for rule in rules)
        most = sum(inf if rule.most is None else rule.most for rule in rules)
        cap = criteria.totals.caps.get(group, inf)
        limits[group] = min(least, cap), min(most, cap)
    for scope, groups in (("rest", GROUPS[1:]), ("total", GROUPS)):
        limits[scope] = sum(limits[group][0] for group in groups), sum(limits[group][1] for group in groups)
    return limits


def _unfilled(
    criteria: Criteria,
    fields: Collection[str],
    kinds: Collection[str],
    outside: Iterable[tuple[Path, Uses]],
    found: Problems,
) -> None:
    asked = [(site.path, site.what, site.name) for site in criteria.sites]
    for path, uses in outside:
        asked += [(path, "field", name) for name in sorted(uses.fields - ACCOUNT_FIELDS.keys())]
        asked += [(path, "kind", name) for name in sorted(uses.kinds)]
    for path, what, name in asked:
        if what == "field" and name not in fields:
            found.add(path, "no mapping fills %(field)s", field=name)
        elif what == "kind" and name not in kinds:
            found.add(path, "no mapping makes activities of the kind %(kind)s", kind=name)


def _caps(criteria: Criteria, found: Problems) -> None:
    for rule in criteria.rules:
        if rule.up_to is not None and rule.up_to < abs(rule.points):
            found.add(
                (*criteria.path, rule.group, rule.name, "up_to"), "`up_to` is below the rule's %(points)s points",
                points=abs(rule.points),
            )  # fmt: skip
        cap = criteria.totals.caps.get(rule.group, inf)
        if rule.points > cap:
            found.add(
                (*criteria.path, "total", "at_most", rule.group),
                "the cap is below the %(points)s points of the rule %(rule)s", points=rule.points, rule=rule.name,
            )  # fmt: skip


def _out_of_reach(criteria: Criteria, limits: Bounds, found: Problems) -> None:
    for site in criteria.sites:
        if site.what != "score":
            continue
        least, most = limits[site.name]
        wanted = site.wanted
        if (site.operator == "at_least" and wanted > most) or (site.operator == "above" and wanted >= most):
            found.add(site.path, "out of reach: %(scope)s can be %(most)s at most", scope=site.name, most=int(most))
        if (site.operator == "at_most" and wanted < least) or (site.operator == "below" and wanted <= least):
            found.add(site.path, "out of reach: %(scope)s is never below %(least)s", scope=site.name, least=int(least))


def _grades(criteria: Criteria, limits: Bounds, found: Problems) -> None:
    scales: tuple[tuple[str, Scale, str], ...] = (
        ("letter", criteria.totals.letters, "fit"),
        ("number", criteria.totals.numbers, "rest"),
    )
    for key, scale, scope in scales:
        least, most = limits[scope]
        for threshold, mark in scale.steps:
            if threshold > most:
                found.add(
                    (*criteria.path, "total", key, mark), "nobody can get %(mark)s: the rules give %(most)s at most",
                    mark=mark, most=int(most),
                )  # fmt: skip
        if scale.steps and scale.steps[-1][0] <= least:
            found.add(
                (*criteria.path, "total", key, scale.steps[-1][1]), "nobody can be below: %(mark)s is never given",
                mark=scale.below,
            )  # fmt: skip


def _crossed_lines(criteria: Criteria, found: Problems) -> None:
    """The nurture band lies below the MQL line, and an MQL ends below it, not above."""
    own = [_threshold(site) for site in _totals_asked(criteria, "mql", ("at_least", "above"))]
    if not own:
        return
    line = max(own)
    for site in _totals_asked(criteria, "nurture", ("at_least", "above")):
        if _threshold(site) > line:
            found.add(site.path, "the nurture band begins above the line of mql, which is %(line)s", line=line)
    for site in _totals_asked(criteria, "mql_ends", ("at_most", "below")):
        if _threshold(site) > line:
            found.add(site.path, "`mql_ends` is above the line of mql, which is %(line)s", line=line)


def _threshold(site: Site) -> int:
    """The points from which the answer differs from that for one point less."""
    return int(site.wanted) + (site.operator in ("above", "at_most"))


def _totals_asked(criteria: Criteria, gate: str, operators: Collection[str]) -> Iterator[Site]:
    """Where a gate, or a condition it names, asks for the total."""
    if gate not in criteria.gates:
        return
    places = [(*criteria.path, "gates", gate)]
    places += [(*criteria.path, "conditions", name) for name in criteria.gates[gate].uses.names]
    for site in criteria.sites:
        inside = any(site.path[: len(place)] == place for place in places)
        if inside and site.what == "score" and site.name == "total" and site.operator in operators:
            yield site


def _unused(criteria: Criteria, outside: Iterable[tuple[Path, Uses]], found: Problems) -> None:
    used = criteria.uses.names.union(*(uses.names for _, uses in outside))
    used = used.union(*(condition.uses.names for condition in criteria.conditions.values()))
    for name in criteria.conditions:
        if name not in used:
            found.add((*criteria.path, "conditions", name), "nothing uses the condition %(name)s", name=name)
