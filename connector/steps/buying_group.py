"""The buying group of a company and the points it comes to: who of its people has which role, and what they give.

    [flows.b2b.account]
    per_person = 30
    up_to = 100
    buys = ["it", "engineering"]
    roles = { "decision maker" = { field = "job_level", at_least = "director" } }

An account's points are made of its people's own points, as they are at the moment: fit once, that of the best of
them; engagement and intent of all, of each at most `per_person`; all together at most `up_to`. Points of rules that
ask about the account are left out, or they would count themselves. Whoever has no role by the conditions has none;
the most active has the role `champion` besides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connector.model.company import Account
from connector.model.errors import Path
from connector.model.facts import Facts
from connector.model.fields import JOB_FUNCTIONS
from connector.model.score import GROUPS, Contribution
from connector.steps.conditions.compiler import compile_in
from connector.steps.conditions.condition import N_, Condition, Context, Uses

KEYS = ("per_person", "up_to", "buys", "roles")
PER_PERSON = 30
UP_TO = 100

#: Whoever has given most engagement and intent.
CHAMPION = "champion"
#: Lines of an account's points that are no rule of a flow.
OVER_PERSON = N_("per person")
OVER_ALL = N_("up to")

#: The shipped roles, best first; who buys (`buys`) decides among directors and above, the top level always.
SHIPPED_ROLES = ("decision maker", "influencer", "user")


@dataclass(frozen=True, slots=True)
class AccountRules:
    """How the account of a flow is made. `roles` by name, in the order in which they are asked."""

    per_person: int = PER_PERSON
    up_to: int = UP_TO
    roles: Mapping[str, Condition] = field(default_factory=dict)

    @property
    def uses(self) -> Uses:
        """What the roles look at."""
        found = Uses()
        for condition in self.roles.values():
            found |= condition.uses
        return found

    def role(self, facts: Facts) -> str:
        """The first role whose condition holds, "" for none."""
        return next((name for name, condition in self.roles.items() if condition.test(facts)), "")


@dataclass(frozen=True, slots=True)
class Member:
    """One of the people: the role by its conditions, and what own rules gave."""

    lead_id: int
    role: str = ""
    contributions: Sequence[Contribution] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """What one person gives: lines of fit and of interest as (rule, points), and what they come to."""

    lead_id: int
    role: str
    fit_lines: tuple[tuple[str, int], ...]
    lines: tuple[tuple[str, int], ...]

    @property
    def fit(self) -> int:
        """Points of fit."""
        return sum(points for _, points in self.fit_lines)

    @property
    def interest(self) -> int:
        """Points of engagement and intent, at most `per_person`."""
        return sum(points for _, points in self.lines)


def part(one: Member, rules: AccountRules, caps: Mapping[str, int]) -> Part:
    """What `one` gives. `caps` are the flow's own limits, by group."""
    by_group = {group: _capped(one.contributions, group, caps.get(group)) for group in GROUPS}
    lines = [*by_group["engagement"], *by_group["intent"]]
    over = sum(points for _, points in lines) - rules.per_person
    if over > 0:
        lines.append((OVER_PERSON, -over))
    return Part(one.lead_id, one.role, tuple(by_group["fit"]), tuple(lines))


def _capped(contributions: Iterable[Contribution], group: str, cap: int | None) -> list[tuple[str, int]]:
    lines = [(each.rule, each.points) for each in contributions if each.group == group]
    over = sum(points for _, points in lines) - cap if cap is not None else 0
    return [*lines, (f"cap: {group}", -over)] if over > 0 else lines


def account(parts: Iterable[Part], rules: AccountRules) -> Account:
    """What people come to together; the same whatever their order."""
    people = sorted(parts, key=lambda one: one.lead_id)
    if not people:
        return Account()
    best = max(people, key=lambda one: one.fit)
    lines = [(best.lead_id, rule, points) for rule, points in best.fit_lines]
    lines += [(one.lead_id, rule, points) for one in people for rule, points in one.lines]
    over = sum(points for _, _, points in lines) - rules.up_to
    if over > 0:
        lines.append((0, OVER_ALL, -over))
    lines.sort(key=lambda line: (-line[2], line[0], line[1]))
    active = [one for one in people if one.interest > 0]
    roles = {one.role for one in people if one.role} | ({CHAMPION} if active else set())
    return Account(sum(points for _, _, points in lines), len(people), len(active), sorted(roles), lines)


def champion(parts: Iterable[Part]) -> int:
    """The most active person, the one known longest of several; 0 where nobody is active."""
    most = max(parts, key=lambda one: (one.interest, -one.lead_id), default=None)
    return most.lead_id if most is not None and most.interest > 0 else 0


def compile_account(given: object, path: Path, context: Context) -> AccountRules:
    """Compile a flow's `account` table; what is wrong is reported. Roles may not ask for the score or the account."""
    table = given if isinstance(given, Mapping) else {}
    if not isinstance(given, Mapping):
        context.problems.add(path, "`account` is a table", ", ".join(KEYS))
    for key in table:
        if key not in KEYS:
            context.problems.unknown((*path, key), key, KEYS)
    tables = _roles(table, (*path, "roles"), context)
    if not table.get("roles"):
        # Nobody wrote the shipped ones into a file: there is nothing to say about where they stand.
        context = replace(context, sites=[])
    roles = {name: compile_in(context, one, (*path, "roles", name)) for name, one in tables.items()}
    per_person = _points(table, "per_person", PER_PERSON, path, context)
    return AccountRules(per_person, _points(table, "up_to", UP_TO, path, context), roles)


def role_names(given: object) -> tuple[str, ...]:
    """The roles that there are by an `account` table, the champion last."""
    roles = given.get("roles") if isinstance(given, Mapping) else None
    return (*(roles if isinstance(roles, Mapping) and roles else SHIPPED_ROLES), CHAMPION)


def _roles(table: Mapping[str, Any], path: Path, context: Context) -> Mapping[str, Any]:
    buys = _functions(table, (*path[:-1], "buys"), context)
    given = table.get("roles", {})
    if not isinstance(given, Mapping):
        context.problems.add(path, "`roles` is a table, with the name of each role as its key")
        given = {}
    if CHAMPION in given:
        context.problems.add((*path, CHAMPION), "%(role)s is whoever is most active: name another role", role=CHAMPION)
    return given or shipped_roles(buys)


def shipped_roles(buys: Collection[str] = ()) -> dict[str, Any]:
    """The shipped roles, as conditions. `buys` are the functions that decide; none: all."""
    director: dict[str, Any] = {"field": "job_level", "at_least": "director"}
    if buys:
        buyer = {"all": [director, {"field": "job_function", "in": list(buys)}]}
        director = {"any": [{"field": "job_level", "is": "c_level"}, buyer]}
    manager = {"field": "job_level", "at_least": "manager"}
    return dict(zip(SHIPPED_ROLES, (director, manager, {"field": "job_title", "blank": False}), strict=True))


def _functions(table: Mapping[str, Any], path: Path, context: Context) -> list[str]:
    given = table.get("buys", [])
    if not isinstance(given, list):
        context.problems.add(path, "a list of functions is needed here", ", ".join(JOB_FUNCTIONS))
        return []
    for place, one in enumerate(given):
        if one not in JOB_FUNCTIONS:
            context.problems.unknown((*path, place), str(one), JOB_FUNCTIONS, "function")
    return [one for one in given if one in JOB_FUNCTIONS]


def _points(table: Mapping[str, Any], key: str, default: int, path: Path, context: Context) -> int:
    given = table.get(key, default)
    if type(given) is int and given > 0:
        return given
    context.problems.add((*path, key), "a whole number of points, 1 or more, is needed here")
    return default
