"""The account of a company: roles, limits, and that the lines add up; pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.activity import Activity
from connector.model.company import Account
from connector.model.errors import Problems
from connector.model.facts import Facts
from connector.model.lead import Lead
from connector.model.score import Contribution
from connector.steps.buying_group import CHAMPION, AccountRules, Member, account, champion, part
from connector.steps.facts import build
from connector.steps.scoring.account import AccountCriteria
from connector.steps.scoring.compiler import compile_criteria
from connector.steps.scoring.criteria import Criteria

NOW = datetime(2026, 12, 7, 9, 0, tzinfo=UTC)
RULES = AccountRules(per_person=30, up_to=100)


def member(lead_id: int, fit: int = 0, engagement: int = 0, intent: int = 0, role: str = "") -> Member:
    given = (("Title", "fit", fit), ("Webinar", "engagement", engagement), ("Demo", "intent", intent))
    told = [Contribution(rule, group, points, "", points) for rule, group, points in given if points]  # type: ignore[arg-type]
    return Member(lead_id, role, told)


def made(*members: Member, rules: AccountRules = RULES, caps: dict[str, int] | None = None) -> Account:
    return account([part(one, rules, caps or {}) for one in members], rules)


def test_fit_counts_once_that_of_the_best_and_interest_is_added() -> None:
    found = made(member(1, fit=15, engagement=5), member(2, fit=25, intent=10), member(3, fit=25))
    assert found.total == 25 + 5 + 10
    assert found.made_of == [(2, "Title", 25), (2, "Demo", 10), (1, "Webinar", 5)]
    assert (found.people, found.active) == (3, 2)


def test_one_person_counts_no_more_than_per_person_and_all_no_more_than_up_to() -> None:
    found = made(*(member(number, engagement=25, intent=25) for number in range(1, 5)))
    assert found.total == 100
    assert sum(points for lead, _, points in found.made_of if lead == 1) == 30
    assert (0, "up to", -20) in found.made_of


def test_the_flows_own_limits_hold_for_each_person() -> None:
    found = made(member(1, fit=50, engagement=25), caps={"fit": 40, "engagement": 20})
    assert found.total == 60
    assert (1, "cap: fit", -10) in found.made_of
    assert (1, "cap: engagement", -5) in found.made_of


def test_nobody_makes_an_empty_account() -> None:
    assert made() == Account()
    assert champion([]) == 0


def test_the_champion_is_whoever_is_most_active_and_nobody_where_nobody_is() -> None:
    parts = [part(one, RULES, {}) for one in (member(3, intent=10), member(2, intent=10), member(1, fit=40))]
    assert champion(parts) == 2
    assert account(parts, RULES).roles == [CHAMPION]
    assert champion(parts[2:]) == 0
    assert account(parts[2:], RULES).roles == []


@given(
    st.lists(
        st.builds(
            member,
            st.integers(1, 40),
            st.integers(-20, 60),
            st.integers(-20, 60),
            st.integers(-20, 60),
            st.sampled_from(["", "user", "decision maker"]),
        ),
        unique_by=lambda one: one.lead_id,
        max_size=8,
    ),
    st.randoms(use_true_random=False),
    st.integers(1, 40),
    st.integers(1, 120),
)
def test_the_same_people_make_the_same_account_in_any_order_and_its_lines_add_up(
    members: list[Member], random: Any, per_person: int, up_to: int
) -> None:
    rules, caps = AccountRules(per_person, up_to), {"fit": 40, "intent": 30}
    found = made(*members, rules=rules, caps=caps)
    random.shuffle(members)
    assert made(*members, rules=rules, caps=caps) == found
    assert sum(points for _, _, points in found.made_of) == found.total <= up_to
    by_person: dict[int, int] = {}
    for lead_id, rule, points in found.made_of:
        if rule in ("Webinar", "Demo", "per person", "cap: intent", "cap: engagement"):
            by_person[lead_id] = by_person.get(lead_id, 0) + points
    assert all(points <= per_person for points in by_person.values())


# compiled criteria

FLOW: dict[str, Any] = {
    "fit": {
        "Director": {"points": 15, "field": "job_level", "at_least": "director"},
        "Many of them": {"points": 10, "field": "account.active", "at_least": 2},
    },
    "intent": {"Demo": {"points": 20, "activity": "demo_request", "half_life": "10 days"}},
    "gates": {"mql": {"all": [{"field": "account.score", "at_least": 30}, {"field": "account.roles", "has": "user"}]}},
    "account": {},
}


def compiled(**changes: Any) -> tuple[Criteria, list[str]]:
    problems = Problems()
    table = {**FLOW, **changes}
    table = {key: value for key, value in table.items() if value is not None}
    criteria = compile_criteria(table, path=("flows", "b2b"), problems=problems, lists=lambda _: frozenset())
    return criteria, [
        f"{'.'.join(map(str, one.path))}: {one.what % one.values} {one.allowed}" for one in problems.found
    ]


def accounts(criteria: Criteria) -> AccountCriteria:
    assert criteria.account is not None
    return criteria.account


def facts(lead_id: int, *ages: timedelta, now: datetime = NOW, **fields: Any) -> Facts:
    done = [Activity("p", f"{lead_id}-{age}", "x", NOW - age, "demo_request", lead_id=lead_id) for age in ages]
    return build(Lead(fields=fields, id=lead_id), done, now)


def test_rules_that_ask_about_the_account_are_no_part_of_it() -> None:
    criteria, faults = compiled()
    assert faults == []
    one = facts(1, timedelta(), job_level="director")
    one.fields = {**one.fields, "account.active": 5}
    assert [each.rule for each in criteria.score(one).contributions] == ["Director", "Many of them", "Demo"]
    assert accounts(criteria).account([accounts(criteria).weigh(1, one)]).total == 35


def test_the_shipped_roles_go_by_level() -> None:
    rules = accounts(compiled()[0]).rules
    assert rules.role(facts(1, job_level="vp")) == "decision maker"
    assert rules.role(facts(1, job_level="manager")) == "influencer"
    assert rules.role(facts(1, job_level="staff", job_title="Clerk")) == "user"
    assert rules.role(facts(1)) == ""


def test_where_functions_buy_only_their_directors_and_the_top_level_decide() -> None:
    rules = accounts(compiled(account={"buys": ["it"]})[0]).rules
    assert rules.role(facts(1, job_level="director", job_function="it")) == "decision maker"
    assert rules.role(facts(1, job_level="director", job_function="finance")) == "influencer"
    assert rules.role(facts(1, job_level="c_level", job_function="finance")) == "decision maker"


def test_an_admins_roles_take_the_place_of_the_shipped_ones() -> None:
    account_table = {"roles": {"buyer": "buys", "user": {"has": "job_title"}}}
    criteria, faults = compiled(
        account=account_table, conditions={"buys": {"field": "job_function", "is": "purchasing"}}
    )
    assert faults == []
    assert accounts(criteria).roles == ("buyer", "user", CHAMPION)
    assert accounts(criteria).rules.role(facts(1, job_function="purchasing", job_title="Head")) == "buyer"


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"account": None}, "account.score is known only in a flow with an `account` table"),
        ({"gates": {"mql": {"field": "account.scor", "at_least": 3}}}, "unknown field account.scor"),
        ({"gates": {"mql": {"field": "account.roles", "has": "chapmion"}}}, "unknown role chapmion"),
        ({"account": {"per_persn": 3}}, "unknown key per_persn"),
        ({"account": {"up_to": 0}}, "a whole number of points, 1 or more"),
        ({"account": {"buys": ["itt"]}}, "unknown function itt"),
        ({"account": {"roles": {"champion": {"has": "email"}}}}, "champion is whoever is most active"),
        (
            {"account": {"roles": {"user": {"field": "account.people", "at_least": 2}}}},
            "account.people cannot be asked for here",
        ),
        (
            {"account": {"roles": {"user": "big"}}, "conditions": {"big": {"field": "account.people", "at_least": 2}}},
            "big asks for the account, which is not known yet here",
        ),
        ({"account": {"roles": {"user": {"score": "fit", "at_least": 2}}}}, "the score cannot be asked for here"),
    ],
)
def test_what_is_wrong_is_found_at_load(changes: dict[str, Any], told: str) -> None:
    _, faults = compiled(**changes)
    assert any(told in fault for fault in faults), faults


def test_the_version_of_the_criteria_follows_the_account() -> None:
    plain = {"gates": {"mql": {"field": "email", "blank": False}}, "fit": {}}
    versions = {compiled(**plain, account=given)[0].version for given in (None, {}, {"up_to": 50})}
    assert len(versions) == 3


@given(
    st.lists(st.lists(st.integers(0, 60), max_size=3), min_size=1, max_size=4),
    st.integers(10, 60),
    st.integers(0, 90),
)
def test_no_answer_changes_before_the_moment_that_was_foretold(ages: list[list[int]], line: int, later: int) -> None:
    gates = {"mql": {"all": [{"field": "account.score", "at_least": line}, {"field": "account.active", "above": 1}]}}
    criteria = accounts(compiled(gates=gates)[0])

    def at(now: datetime) -> tuple[Account, datetime | None]:
        people = [
            criteria.weigh(number, facts(number, *map(days, some), now=now, job_level="vp"))
            for number, some in enumerate(ages, 1)
        ]
        found = criteria.account(people)
        return found, criteria.changes_at(people, found.total)

    def days(age: int) -> timedelta:
        return timedelta(days=age, minutes=7)

    before, until = at(NOW)
    then = NOW + timedelta(days=later)
    if until is None or then < until:
        assert criteria.answers(at(then)[0], then) == criteria.answers(before, NOW)


def test_the_account_of_the_page_is_made_as_it_says() -> None:
    page = (Path(__file__).parents[2] / "docs/admin/company.md").read_text("utf-8")
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in page.splitlines() if line[:1] == "|"]
    given = [(int(lead), rule, group, int(points)) for lead, rule, group, points in filter(_told, rows)]
    people = {lead: Member(lead, "", [Contribution(*one[1:]) for one in given if one[0] == lead]) for lead, *_ in given}  # type: ignore[arg-type]
    lines = [(int(row[0]), row[1], int(row[2])) for row in rows if len(row) == 3 and row[0].isdigit()]
    found = made(*people.values())
    assert (found.total, found.active, len(given), len(lines)) == (80, 3, 8, 7)
    assert found.made_of == lines


def _told(row: tuple[str, ...]) -> bool:
    return len(row) == 4 and row[0].isdigit()
