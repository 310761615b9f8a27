"""Companies and their accounts on the line: who is due when colleagues act, and what stays explained."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connector.model.company import Account
from connector.runs.companies import forget_people
from connector.runs.forget import forget
from tests.line import Line

FLOW = """
[flows.b2b.account]
up_to = 60
[flows.b2b.fit]
"Director" = { points = 15, field = "job_level", at_least = "director" }
[flows.b2b.intent]
"Demo" = { points = 25, activity = "demo_request", half_life = "30 days" }
"Visit" = { points = 1, activity = "visit", each = true }
[flows.b2b.gates]
mql = { field = "account.score", at_least = 50 }
mql_ends = { field = "account.score", below = 40 }
"""


@pytest.fixture
def line(tmp_path: Path) -> Line:
    made = Line(tmp_path, flow=FLOW)
    for number in (1, 2, 3):
        made.person(number)
    made.sync()
    return made


def companies(line: Line, *numbers: int) -> list[int]:
    ids = [line.lead(number).id for number in numbers]
    with line.app.store.read() as tx:
        found = tx.companies.of_leads(ids)
    return [found.get(id, 0) for id in ids]


def account(line: Line, number: int) -> Account:
    (company_id,) = companies(line, number)
    with line.app.store.read() as tx:
        return tx.companies.get([company_id])[company_id].accounts["b2b"]


def test_colleagues_are_in_one_company_and_others_in_none_or_another(line: Line) -> None:
    line.person(4, email="ana@other.example")
    line.person(5, email="ana5@gmail.com", **{"company.name": "Private"})
    line.person(6, email="ana6@gmail.com", **{"company.name": "FIRM"})
    line.sync()
    one, two, other, nobody, by_name = companies(line, 1, 2, 4, 5, 6)
    assert one == two != 0
    assert other not in (0, one)
    assert nobody == 0
    # Two domains call themselves so by now.
    assert by_name == 0


def test_what_colleagues_do_takes_all_of_them_over_the_line(line: Line) -> None:
    line.did(3, "demo_request")
    line.sync(timedelta(minutes=5))
    assert [line.lead(number).stage for number in (1, 2, 3)] == ["known"] * 3
    line.did(2, "demo_request")
    line.sync(timedelta(minutes=5))
    assert [line.lead(number).stage for number in (1, 2, 3)] == ["mql"] * 3
    score = line.lead(1).score
    assert score is not None
    assert score.account == {
        "account.score": 60, "account.people": 3, "account.active": 2, "account.roles": ["champion", "decision maker"],
    }  # fmt: skip
    found = account(line, 1)
    assert sum(points for _, _, points in found.made_of) == found.total == 60


def test_the_brief_says_what_colleagues_make_of_it_without_their_names(line: Line) -> None:
    line.person(2, **{"name.given": "Ben"})
    line.did(2, "demo_request")
    line.did(3, "demo_request")
    line.sync(timedelta(minutes=5))
    brief = next(one.brief for one in line.handoffs("open") if one.lead_id == line.lead(1).id)
    assert "Account: 60 points (people: 3, active: 2) · champion · decision maker" in brief
    assert "Ben" not in brief


def test_whoever_is_alone_has_no_account_in_the_brief(tmp_path: Path) -> None:
    line = Line(tmp_path, flow=FLOW.replace("up_to = 60", "per_person = 60"))
    line.person(1)
    for hour in range(1, 40):
        line.did(1, "visit", line.now - timedelta(hours=hour))
    line.sync()
    (handoff,) = line.handoffs("open")
    assert "Account:" not in handoff.brief


def test_nobody_else_is_scored_where_no_answer_changes(line: Line) -> None:
    line.did(3, "visit")
    assert line.sync(timedelta(minutes=5)).counts["scored"] == 1
    assert account(line, 1).total == 16
    score = line.lead(1).score
    assert score is not None
    assert score.account is not None
    assert score.account["account.score"] == 15


def test_the_account_falls_with_time_for_all_at_the_foretold_moment(line: Line) -> None:
    line = Line(line.folder, database="waiting.db", flow=FLOW, mode="review")
    for number in (1, 2, 3):
        line.person(number)
    line.did(2, "demo_request")
    line.did(3, "demo_request")
    line.sync()
    score = line.lead(1).score
    assert line.lead(1).stage == "mql"
    assert score is not None
    while line.lead(1).stage == "mql":
        score = line.lead(1).score
        assert score is not None
        assert score.next_change is not None
        assert score.next_change > line.now
        line.sync(score.next_change - line.now)
    assert [line.lead(number).stage for number in (1, 2, 3)] == ["known"] * 3
    assert account(line, 1).total == 39


def test_somebody_who_comes_later_counts_at_once(line: Line) -> None:
    line.did(2, "demo_request")
    line.sync(timedelta(minutes=5))
    line.person(4)
    line.did(4, "demo_request")
    line.sync(timedelta(minutes=5))
    assert [line.lead(number).stage for number in (1, 2, 3, 4)] == ["mql"] * 4


def test_who_goes_to_another_company_takes_the_points_along(line: Line) -> None:
    line.did(2, "demo_request")
    line.sync(timedelta(minutes=5))
    line.person(2, email="ana2@other.example")
    line.sync(timedelta(minutes=5))
    assert companies(line, 1) != companies(line, 2)
    assert (account(line, 1).total, account(line, 1).people) == (15, 2)
    assert account(line, 2).total == 40


def test_a_merged_leads_points_are_made_anew_and_not_added(line: Line) -> None:
    line.did(2, "demo_request")
    line.did(3, "demo_request", line.now)
    line.sync(timedelta(minutes=5))
    assert account(line, 1).total == 60
    two, three = line.lead(2).id, line.lead(3).id
    with line.app.store.write() as tx:
        tx.intake.merge(three, two, line.now)
    line.sync(timedelta(minutes=5))
    found = account(line, 1)
    assert (found.total, found.people) == (15 + 25, 2)
    assert {lead_id for lead_id, _, _ in found.made_of}.isdisjoint({three})


def test_a_lead_that_is_merged_into_one_elsewhere_leaves_its_company(line: Line) -> None:
    line.person(4, email="ana@other.example")
    line.did(3, "demo_request")
    line.sync(timedelta(minutes=5))
    assert account(line, 1).total == 40
    with line.app.store.write() as tx:
        tx.intake.merge(line.lead(3).id, line.lead(4).id, line.now)
    line.sync(timedelta(minutes=5))
    assert (account(line, 1).total, account(line, 1).people) == (15, 2)
    assert account(line, 4).total == 40


def test_of_a_forgotten_person_no_line_is_left(line: Line) -> None:
    line.did(2, "demo_request")
    line.sync(timedelta(minutes=5))
    gone = line.lead(2).id
    forget(line.app.runtime(), gone)
    found = account(line, 1)
    assert gone not in {lead_id for lead_id, _, _ in found.made_of}
    assert found.total == 15
    line.sync(timedelta(minutes=5))
    assert account(line, 1).people == 2


def test_the_last_one_takes_the_company_along(line: Line) -> None:
    line.person(4, email="ana@other.example")
    line.sync()
    (company_id,) = companies(line, 4)
    with line.app.store.write() as tx:
        forget_people(tx, [line.lead(4).id], line.now)
        assert tx.companies.get([company_id]) == {}


def test_where_nobody_is_compared_accounts_are_made_all_the_same(tmp_path: Path) -> None:
    line = Line(tmp_path, flow=FLOW + "\n[identity]\ncompare = false\n")
    for number in (1, 2):
        line.person(number)
        line.did(number, "demo_request")
    line.sync()
    assert [line.lead(number).stage for number in (1, 2)] == ["mql"] * 2


def test_a_flow_without_accounts_pays_for_none(tmp_path: Path) -> None:
    line = Line(tmp_path, flow=FLOW.split("[flows.b2b.gates]")[0].replace("[flows.b2b.account]\nup_to = 60\n", ""))
    line.person(1)
    line.sync()
    score = line.lead(1).score
    assert score is not None
    assert score.account is None
    (company_id,) = companies(line, 1)
    with line.app.store.read() as tx:
        assert tx.companies.get([company_id])[company_id].accounts == {}
