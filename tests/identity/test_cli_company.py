"""`baton company`, and what `baton why` says of the account that decided."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connector.cli.root import baton
from connector.model.mirror import CrmRecord
from connector.runs.mirrored import keep
from tests.line import Line

FLOW = """
[flows.b2b.account]
up_to = 60
[flows.b2b.fit]
"Director" = { points = 15, field = "job_level", at_least = "director" }
[flows.b2b.intent]
"Demo" = { points = 25, activity = "demo_request" }
[flows.b2b.gates]
mql = { field = "account.score", at_least = 50 }
"""


@pytest.fixture
def line(tmp_path: Path) -> Line:
    made = Line(tmp_path, flow=FLOW)
    made.person(1)
    made.person(2, **{"name.given": "Ben", "job_title": "Clerk"})
    made.person(3, **{"name.given": "Cem", "job_title": "Head of Sales"})
    made.person(4, email="eve@other.example", **{"name.given": "Eve", "company.name": "Firm Other"})
    made.did(2, "demo_request")
    made.did(3, "demo_request")
    made.sync()
    return made


def run(line: Line, *arguments: str) -> Result:
    config = str(line.folder / "config.toml")
    return CliRunner().invoke(baton, ["--config", config, *arguments], prog_name="baton")


def told(line: Line, *arguments: str) -> Any:
    answer = run(line, *arguments, "--output", "json")
    assert answer.exit_code == 0, answer.output
    return json.loads(answer.stdout)


@pytest.mark.parametrize("text", ["firm.example", "https://www.firm.example/shop", "Firm GmbH", "ana1@firm.example"])
def test_a_company_is_named_by_domain_name_or_one_of_its_people(line: Line, text: str) -> None:
    assert told(line, "company", text)["domain"] == "firm.example"


def test_the_lines_of_the_account_add_up_and_name_person_and_rule(line: Line) -> None:
    (account,) = told(line, "company", "firm.example")["accounts"]
    assert account["points"] == sum(one["points"] for one in account["made_of"]) == 60
    two, three = line.lead(2).id, line.lead(3).id
    lines = [(one["lead"], one["rule"], one["points"]) for one in account["made_of"]]
    assert lines[:2] == [(two, "Demo", 25), (three, "Demo", 25)]
    assert lines[-1] == (None, "up to", -5)
    assert (account["people"], account["active"]) == (3, 2)


def test_people_are_shown_with_role_stage_points_and_handoff(line: Line) -> None:
    shown = told(line, "company", "firm.example")
    roles = {one["name"].split()[0]: one["roles"] for one in shown["people"]}
    assert roles["Ana"] == ["decision maker"]
    assert "champion" in roles["Ben"]
    assert [one["stage"] for one in shown["people"]] == ["mql"] * 3
    assert {one["lead"] for one in shown["handoffs"]} == {line.lead(number).id for number in (1, 2, 3)}
    text = run(line, "company", "firm.example").stdout
    assert "Account in b2b: 60 points (people: 3, active: 2)" in text
    assert f"Ben Weber (lead {line.lead(2).id})" in text
    assert "more than an account counts" in text


def test_roles_that_nobody_has_are_named(line: Line) -> None:
    (account,) = told(line, "company", "other.example")["accounts"]
    assert account["missing"] == ["influencer", "user", "champion"]
    assert "nobody there is: influencer, user, champion" in run(line, "company", "other.example").stdout


def test_several_that_can_be_meant_are_listed(line: Line) -> None:
    assert [one["domain"] for one in told(line, "company", "firm")["matches"]] == ["firm.example", "other.example"]


def test_nobody_known_is_said_in_a_sentence(line: Line) -> None:
    answer = run(line, "company", "nowhere.example")
    assert answer.exit_code == 2
    assert "no company is known by nowhere.example" in answer.stderr


def test_what_the_crm_has_of_it_is_shown(line: Line) -> None:
    records = [
        CrmRecord("account", "A1", name="Firm AG", domain="firm.example", owner="U1", customer=True),
        CrmRecord("user", "U1", email="karl@northwind.example"),
        CrmRecord("opportunity", "O1", account="A1"),
        CrmRecord("opportunity", "O2", account="A1", is_open=False),
    ]
    with line.app.store.write() as tx:
        tx.mirror.put("crm", records, line.now)
    (there,) = told(line, "company", "firm.example")["crm"]
    assert there == {
        "connection": "crm", "account": "A1", "name": "Firm AG", "owner": "karl@northwind.example", "customer": True,
        "open_deals": 1,
    }  # fmt: skip
    text = " ".join(run(line, "company", "firm.example").stdout.split())
    assert "account A1 · Firm AG · customer already · owner karl@northwind.example · open deals: 1" in text


def test_the_account_is_found_by_name_and_place_where_it_has_no_domain(line: Line) -> None:
    records = [
        CrmRecord("account", "A1", name="Firm AG", country="DE"),
        CrmRecord("account", "A2", name="Firm Nord", country="DE"),
    ]
    with line.app.store.write() as tx:
        keep(tx, "crm", records, line.now)
    assert [one["account"] for one in told(line, "company", "firm.example")["crm"]] == ["A1"]
    assert [one["account"] for one in told(line, "company", "other.example")["crm"]] == []


def test_why_names_the_company_and_explains_the_gate_by_what_it_was_then(line: Line) -> None:
    before = run(line, "why", "ana1@firm.example").stdout
    assert "Firm GmbH · firm.example · 60 points (people: 3, active: 2)" in before
    # What the others come to by now does not change why she was handed over.
    with line.app.store.write() as tx:
        (company_id,) = tx.companies.of_leads([line.lead(1).id]).values()
        company = tx.companies.get([company_id])[company_id]
        company.accounts = {}
        tx.companies.update([company], line.now)
    gate = told(line, "why", "ana1@firm.example")["gates"]["mql"]
    assert gate["passed"] is True
    assert "60" in json.dumps(gate)


def test_without_accounts_the_people_are_shown_all_the_same(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.person(1)
    line.sync()
    shown = told(line, "company", "firm.example")
    assert shown["accounts"] == []
    assert [one["name"] for one in shown["people"]] == ["Ana Weber"]
    assert "points (people" not in run(line, "why", "1").stdout


def test_routing_may_ask_about_the_account(tmp_path: Path) -> None:
    line = Line(tmp_path, flow=FLOW)
    text = (tmp_path / "config.toml").read_text("utf-8")
    big = '{ when = { field = "account.people", at_least = 2 }, to = "karl@northwind.example" }, '
    line.reopen(text.replace("order = [{ to", f"order = [{big}{{ to"))
    for number in (1, 2):
        line.person(number)
        line.did(number, "demo_request")
    line.sync()
    assert [one.owner for one in line.handoffs("open")] == ["karl@northwind.example"] * 2
