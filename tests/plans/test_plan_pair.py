"""A plan from HubSpot to Salesforce, held against both servers' own ledgers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.app import account_key
from connector.edge.http import HttpClient
from connector.insight.forecast import Limit, limits
from connector.model import sentences
from connector.model.http import Answer, Request
from connector.model.outbox import LANES
from connector.model.plans import Plan
from connector.runs.bring_back import bring_back
from connector.runs.planning import making
from connector.runs.planning.applying import AppliedPlan, apply_plan
from connector.runs.planning.document import sealed
from connector.runs.pull import pull
from connector.steps.telling.words import Words
from tests.pair import MINUTES, SECRETS, Pair, pair

PEOPLE = 6


@pytest.fixture
def one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, flow='changes_per_run = "100 %"\n') as running:
        yield running


def read(one: Pair) -> None:
    """Read both sides, and go no further."""
    one.clock.move(MINUTES.total_seconds())
    runtime, rows, counts = one.app.runtime(), one.app.rows(), Counter[str]()
    bring_back(runtime, rows, "salesforce", counts)
    pull(runtime, "hubspot", rows, counts)


def limits_of(one: Pair, name: str) -> list[Limit]:
    with one.app.store.read() as tx:
        standing = tx.budgets.standing(account_key(one.app.config.connections[name]))
    return limits(one.app.rates(name), standing, one.now)


def made(one: Pair) -> tuple[Plan, Any]:
    """The plan, and as it comes out of its file."""
    runtime, words = one.app.runtime(), Words("en", one.app.config.zone, str, one.now)
    plan = making.make(runtime, one.app.rows(), words, making.Asked(), lambda name: limits_of(one, name))
    return plan, json.loads(json.dumps(sealed(runtime, plan.store, plan)))


def applied(one: Pair, document: Any) -> tuple[AppliedPlan, Counter[str]]:
    """The plan applied, and the writing calls that the servers have answered, by server and kind of object."""
    for server in (one.hubspot, one.salesforce):
        server.ledger.clear()
    done = apply_plan(one.app.runtime(), document, one.app.rows)
    return done, writes(one)


def writes(one: Pair) -> Counter[str]:
    found: Counter[str] = Counter()
    for route, count in one.calls().items():
        name, _, call = route.partition(" ")
        method, _, path = call.partition(" ")
        wrote = method in ("PATCH", "POST", "PUT") and not path.endswith(("/batch/read", "/search", "/token"))
        if wrote:
            found[name] += count
    return found


def planned(plan: Plan) -> Counter[str]:
    """The calls that the plan says will write, by connection."""
    return Counter({
        name: sum(count for what, count in cost.calls.items() if not what.startswith("ask"))
        for name, cost in plan.cost.items()
    })  # fmt: skip


def people(one: Pair) -> list[str]:
    found = [one.person(f"ana{number}@firm.example") for number in range(PEOPLE)]
    for contact in found:
        one.asks_for_a_demo(contact)
    return found


def test_creates_and_what_marketing_is_told_are_those_of_the_plan(one: Pair) -> None:
    people(one)
    read(one)
    plan, document = made(one)
    said = Counter((row.action, row.target, row.object) for row in plan.rows)
    assert said == {("create", "salesforce", "lead"): PEOPLE, ("update", "hubspot", "contact"): PEOPLE}
    owner = next(field for row in plan.rows for field in row.fields if field.name == "OwnerId")
    assert owner.new in ("lena@northwind.example", "tom@northwind.example")
    assert plan.cost["salesforce"].share is not None
    assert plan.cost["salesforce"].share < 0.01
    assert one.records("Lead") == []
    done, calls = applied(one, document)
    assert (done.refused, done.failed, done.written) == ([], [], 2 * PEOPLE)
    assert calls == planned(plan) == {"salesforce": 2, "hubspot": 1}
    assert len(one.records("Lead")) == len(one.records("Task")) == PEOPLE
    assert {state for *_, state in done.states} == {"done"}
    one.clock.move(MINUTES.total_seconds())
    assert one.sync(MINUTES).failures == []
    assert len(one.records("Lead")) == PEOPLE


def test_what_a_rep_changed_meanwhile_is_refused_and_the_others_go_in_the_calls_of_the_plan(one: Pair) -> None:
    contacts = people(one)
    assert one.sync(MINUTES).failures == []
    leads = {contact: one.their_lead(contact) for contact in contacts}
    one.clock.move(MINUTES.total_seconds())
    for contact in contacts:
        one.acts("change", ids=[contact], properties={"jobtitle": "CTO"})
    read(one)
    plan, document = made(one)
    titles = {row.crm_id: row.fields for row in plan.rows if row.target == "salesforce"}
    assert {id for id, fields in titles.items() if [one.name for one in fields] == ["Title"]} == set(leads.values())
    assert {(one.old, one.new, one.known) for fields in titles.values() for one in fields} == {
        ("Director IT", "CTO", True)
    }
    one.clock.move(60)
    one.org.edit(leads[contacts[2]], {"Title": "Head of IT"}, by="lena@northwind.example")
    done, calls = applied(one, document)
    assert [(one.row.crm_id, one.why) for one in done.refused] == [(leads[contacts[2]], sentences.CHANGED_SINCE)]
    assert calls == planned(plan)
    assert calls["salesforce"] == 1
    assert Counter(str(lead["Title"]) for lead in one.records("Lead")) == {"CTO": PEOPLE - 1, "Head of IT": 1}


def test_a_stage_that_others_have_set_further_stays_whatever_is_applied(one: Pair) -> None:
    contacts = people(one)
    one.acts("change", id=contacts[0], properties={"lifecyclestage": "customer"})
    read(one)
    plan, document = made(one)
    told = {row.crm_id: row for row in plan.rows if row.target == "hubspot"}
    assert [name for name, _ in told[contacts[0]].left_out] == ["lifecyclestage"]
    assert "lifecyclestage" not in {field.name for field in told[contacts[0]].fields}
    assert "lifecyclestage" in {field.name for field in told[contacts[1]].fields}
    done, _ = applied(one, document)
    assert (done.refused, done.written) == ([], 2 * PEOPLE)
    for _ in range(2):
        assert one.sync(MINUTES).failures == []
    stages = [one.contact(contact)["lifecyclestage"] for contact in contacts]
    assert stages == ["customer"] + ["marketingqualifiedlead"] * (PEOPLE - 1)


def test_asking_leaves_the_account_to_what_is_urgent(one: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    people(one)
    read(one)
    lanes: dict[str, int] = {}
    whole = HttpClient.read

    def noted(self: HttpClient, request: Request) -> Answer:
        if request.about or "SELECT" in request.query.get("q", ""):
            lanes[f"{request.path} {request.query.get('q', '')}"] = request.lane
        return whole(self, request)

    monkeypatch.setattr(HttpClient, "read", noted)
    made(one)
    asked = {name: lane for name, lane in lanes.items() if "Lead WHERE" in name or "batch/read" in name}
    assert len(asked) > 2
    assert set(asked.values()) == {LANES["backfill"]}
