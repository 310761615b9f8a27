"""The line into HubSpot as the CRM, over a socket: what is made there, what comes back, what is not done twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.app import has_ended, open_app
from connector.config import load
from connector.model.handoff import HANDOFF_STATES
from connector.runs.reassign import reassign_all
from connector.runs.restore import after_restore
from connector.runs.sync import Result
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import TOKEN, HubSpotServer, Portal, edit, furnish
from connector.sandbox.hubspot.portal import Owner
from state import backup, restore
from tests.line import START, Line

SETTINGS = """
base_url = "{url}"
lag_seconds = 0
sales_leads = true
searches_per_second = 1000

[secrets]
backend = "environment"
"""


class Sales:
    """A line whose CRM is a portal on this machine; one clock for both."""

    def __init__(self, folder: Path, server: HubSpotServer) -> None:
        self.server, self.portal = server, server.portal
        self.line = Line(folder, crm="hubspot", crm_settings=SETTINGS.format(url=server.url))
        for step in self.line.app.crm("crm").setup():  # type: ignore[attr-defined]
            if step.act is not None and not step.there:
                step.act()

    def sync(self, pause: timedelta = timedelta(minutes=5)) -> Result:
        result = self.line.sync(pause)
        self.portal.clock.stop(self.line.now)
        assert not self.server.errors, self.server.errors[0]
        assert not result.failures, result.failures
        return result

    def held(self, object: str) -> list[dict[str, str]]:
        table = self.portal.tables[object]
        return [table.properties(row) for row in table.rows.values() if not row.archived]

    def change(self, id: str, **properties: str) -> None:
        edit(self.portal, {"do": "change", "object": "contacts", "id": id, "properties": properties})

    def deeds(self) -> int:
        return len(self.portal.ledger.deeds())


@pytest.fixture
def sales(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sales]:
    monkeypatch.setenv("BATON_SECRET_CRM", TOKEN)
    portal = Portal(Clock(START))
    furnish(portal)
    portal.limits.generous()
    for number, name in enumerate(("lena", "tom")):
        portal.owners[str(900 + number)] = Owner(str(900 + number), f"{name}@northwind.example", name, "Northwind")
    with HubSpotServer(portal) as server:
        made = Sales(tmp_path, server)
        yield made
        made.line.app.close()


def ana(sales: Sales, **more: Any) -> None:
    sales.line.person(1, **{"company.domain": "firm.example", **more})
    sales.line.did(1, "demo_request")


def test_a_lead_is_a_contact_with_its_company_a_lead_record_a_task_and_a_note(sales: Sales) -> None:
    deals = len(sales.held("deals"))
    ana(sales)
    sales.sync()
    sales.sync()
    (contact,) = sales.held("contacts")
    (company,), (task,), (note,), (record,) = (sales.held(name) for name in ("companies", "tasks", "notes", "leads"))
    assert (contact["email"], contact["hubspot_owner_id"]) == ("ana1@firm.example", "900")
    assert (contact["lifecyclestage"], contact["hs_lead_status"]) == ("marketingqualifiedlead", "NEW")
    assert company["domain"] == "firm.example"
    assert (task["hs_task_priority"], task["hubspot_owner_id"]) == ("HIGH", "900")
    assert "Ana Weber" in note["hs_note_body"]
    assert record["hs_lead_label"] == "HOT"
    links, id = sales.portal.links, int(contact["hs_object_id"])
    for object, there in (("companies", company), ("tasks", task), ("notes", note), ("leads", record)):
        assert set(links.of("contacts", id, object)) == {int(there["hs_object_id"])}
    assert len(sales.held("deals")) == deals


@pytest.mark.parametrize("sent", [True, False])
def test_what_is_given_on_has_its_new_owner_everywhere(sales: Sales, sent: bool) -> None:
    ana(sales)
    sales.sync()
    if sent:
        sales.sync()
    line = sales.line
    [moved] = reassign_all(
        line.app.runtime(), line.app.rows, "lena@northwind.example", "tom@northwind.example", "petra"
    )
    assert moved.to == "tom@northwind.example"
    for _ in range(3):
        sales.sync()
    for object in ("contacts", "tasks", "leads"):
        assert [one["hubspot_owner_id"] for one in sales.held(object)] == ["901"], object
    assert [one.owner for one in line.handoffs("open")] == ["tom@northwind.example"]
    deeds = sales.deeds()
    sales.sync()
    assert sales.deeds() == deeds


def test_a_second_pass_writes_nothing_and_a_colleague_joins_the_same_company(sales: Sales) -> None:
    ana(sales)
    sales.sync()
    sales.sync()
    deeds = sales.deeds()
    sales.sync()
    assert sales.deeds() == deeds
    sales.line.person(2, **{"email": "ben@firm.example", "company.domain": "firm.example"})
    sales.line.did(2, "demo_request")
    sales.sync()
    sales.sync()
    (company,) = sales.held("companies")
    assert len(sales.portal.links.of("companies", int(company["hs_object_id"]), "contacts")) == 2


def test_what_a_rep_does_comes_back(sales: Sales) -> None:
    ana(sales)
    sales.sync()
    (contact,) = sales.held("contacts")
    id = contact["hs_object_id"]
    sales.change(id, hs_lead_status="IN_PROGRESS", hubspot_owner_id="901")
    sales.sync()
    sales.sync()
    lead = sales.line.lead(1)
    assert (lead.stage, lead.owner) == ("sal", "tom@northwind.example")
    (contact,) = sales.held("contacts")
    assert contact["hubspot_owner_id"] == "901"
    sales.change(id, hs_lead_status="BAD_TIMING", baton_rejected_for="not_now")
    sales.sync()
    sales.sync()
    assert sales.line.lead(1).stage == "rejected"
    (handoff,) = sales.line.handoffs("closed")
    assert handoff.reason == "not_now"


def test_who_is_a_contact_there_already_is_not_made_a_second_time(sales: Sales) -> None:
    made = edit(sales.portal, {"do": "create", "object": "contacts", "properties": {"email": "Ana1@firm.example"}})
    ana(sales)
    sales.sync()
    sales.sync()
    (contact,) = sales.held("contacts")
    assert contact["hs_object_id"] == made["id"]
    (task,) = sales.held("tasks")
    assert set(sales.portal.links.of("tasks", int(task["hs_object_id"]), "contacts")) == {int(made["id"])}


def test_a_lost_answer_makes_no_second_contact_and_no_second_task(sales: Sales) -> None:
    ana(sales)
    for path in ("contacts/batch/upsert", "tasks/batch/create", "companies/batch/upsert", "notes/batch/create"):
        sales.server.faults.add("lost", match=path)
    for _ in range(12):
        sales.sync()
    told = {name: len(sales.held(name)) for name in ("contacts", "companies", "tasks", "notes", "leads")}
    assert told == dict.fromkeys(told, 1)


def test_after_a_restore_whoever_was_handed_over_since_is_known_again(sales: Sales) -> None:
    sales.sync()
    line, copy = sales.line, sales.line.folder / "copy.bak"
    backup(line.folder / "baton.db", copy)
    ana(sales)
    line.person(2, **{"email": "ben@other.example", "company.domain": "other.example", "name.given": "Ben"})
    line.did(2, "demo_request")
    sales.sync()
    sales.sync()
    kinds = ("contacts", "companies", "tasks", "notes", "leads")
    before = {kind: [one["hs_object_id"] for one in sales.held(kind)] for kind in kinds}
    keys = sorted(one["baton_key"] for one in sales.held("tasks"))
    line.app.close()
    restore(line.folder / "baton.db", copy, line.now, lambda tx, _present: after_restore(tx, line.now), has_ended)
    line.app = open_app(load(line.folder / "config.toml"), lambda: line.now)
    for _ in range(4):
        sales.sync(timedelta(hours=1))
    assert {kind: [one["hs_object_id"] for one in sales.held(kind)] for kind in kinds} == before
    with line.app.store.read() as tx:
        store = tx.admin.store_id()
    handed = line.handoffs("open")
    assert sorted(f"{store}:handoff-{one.id}:task:1" for one in handed) == keys
    assert {f"{store}-{one.lead_id}" for one in handed} == {one["baton_id"] for one in sales.held("contacts")}
    assert line.outbox("waiting", "in_flight", "unknown", "dead", "parked") == []


def two_handed_over(sales: Sales) -> tuple[str, str]:
    """Two people with a contact each; the ids of these."""
    ana(sales)
    sales.line.person(2, **{"email": "weber@home.example", "company.domain": "home.example", "name.given": "A."})
    sales.line.did(2, "demo_request")
    sales.sync()
    sales.sync()
    first, second = sorted(sales.held("contacts"), key=lambda one: one["email"])
    return first["hs_object_id"], second["hs_object_id"]


def merge(sales: Sales, winner: str, loser: str) -> str:
    made = edit(sales.portal, {"do": "merge", "object": "contacts", "id": winner, "loser": loser})
    return str(made["id"])


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("seen", [False, True])
def test_two_that_a_rep_merges_into_a_third_are_one_lead_with_one_contact(
    sales: Sales, turned: bool, seen: bool
) -> None:
    first, second = two_handed_over(sales)
    if seen:
        sales.change(second, hs_lead_status="IN_PROGRESS")
        sales.sync()
    merged = merge(sales, *((second, first) if turned else (first, second)))
    for _ in range(4):
        sales.sync(timedelta(hours=1))
    line = sales.line
    assert line.lead(1).id == line.lead(2).id
    assert [one["hs_object_id"] for one in sales.held("contacts")] == [merged]
    states = [one.state for state in HANDOFF_STATES for one in line.handoffs(state) if one.state != "closed"]
    assert states == ["open"]
    # What is said in the new contact is heard, and what is told is written there.
    sales.change(merged, hs_lead_status="CONNECTED", hubspot_owner_id="901")
    line.did(2, "demo_request")
    for _ in range(3):
        sales.sync(timedelta(hours=1))
    assert (line.lead(1).stage, line.lead(1).owner) == ("sal", "tom@northwind.example")
    assert [one["hs_object_id"] for one in sales.held("contacts")] == [merged]
    assert line.outbox("waiting", "in_flight", "unknown", "dead", "parked") == []
    deeds = sales.deeds()
    sales.sync()
    assert sales.deeds() == deeds


def test_a_chain_of_merges_is_followed_to_its_end(sales: Sales) -> None:
    first, second = two_handed_over(sales)
    stranger = edit(sales.portal, {"do": "create", "object": "contacts", "properties": {"email": "x@y.example"}})
    merged = merge(sales, str(stranger["id"]), merge(sales, first, second))
    for _ in range(4):
        sales.sync(timedelta(hours=1))
    line = sales.line
    assert line.lead(1).id == line.lead(2).id
    assert [one["hs_object_id"] for one in sales.held("contacts")] == [merged]
    assert line.outbox("waiting", "in_flight", "unknown", "dead", "parked") == []


def test_an_address_that_another_contact_has_is_left_out_and_told_and_the_rest_is_written(sales: Sales) -> None:
    ana(sales)
    sales.sync()
    sales.sync()
    (contact,) = sales.held("contacts")
    other = edit(sales.portal, {"do": "create", "object": "contacts", "properties": {"email": "new@firm.example"}})
    sales.line.person(1, email="new@firm.example", city="Ulm", **{"company.domain": "firm.example"})
    for _ in range(3):
        sales.sync()
    held = sales.portal.tables["contacts"].get(contact["hs_object_id"])
    assert held is not None
    values = sales.portal.tables["contacts"].properties(held)
    assert (values["email"], values["city"]) == ("ana1@firm.example", "Ulm")
    assert sales.line.outbox("waiting", "in_flight", "unknown", "dead", "parked") == []
    with sales.line.app.store.read() as tx:
        told = [one.reason for one in tx.reviews.open("notice") if "address" in one.reason]
    assert len(told) == 1
    assert str(other["id"]) in told[0]
    # Once a rep has made one of the two, there is nothing left to tell.
    merge(sales, contact["hs_object_id"], str(other["id"]))
    for _ in range(4):
        sales.sync(timedelta(hours=1))
    (left,) = sales.held("contacts")
    assert left["city"] == "Ulm"


def test_what_a_rep_clears_stays_cleared_until_marketing_says_something_new(sales: Sales) -> None:
    ana(sales, city="Bonn")
    sales.sync()
    sales.sync()
    (contact,) = sales.held("contacts")
    sales.change(contact["hs_object_id"], city="")
    sales.sync()
    ana(sales, city="Bonn", job_title="CTO")
    for _ in range(3):
        sales.sync()
    (contact,) = sales.held("contacts")
    assert (contact["jobtitle"], contact.get("city", "")) == ("CTO", "")
    assert "city" not in sales.line.lead(1).fields
    ana(sales, city="Ulm")
    for _ in range(3):
        sales.sync()
    (contact,) = sales.held("contacts")
    assert contact["city"] == "Ulm"


def test_who_was_merged_and_then_deleted_before_either_was_read_is_rejected(sales: Sales) -> None:
    merged = merge(sales, *two_handed_over(sales))
    edit(sales.portal, {"do": "archive", "object": "contacts", "id": merged})
    for _ in range(4):
        sales.sync(timedelta(hours=1))
    assert sales.line.lead(1).id == sales.line.lead(2).id
    assert sales.line.lead(1).stage == "rejected"
    assert sales.line.handoffs("open") == []
    assert sales.held("contacts") == []


def test_who_is_known_there_by_a_further_address_is_not_made_a_second_time(sales: Sales) -> None:
    first, second = (
        edit(sales.portal, {"do": "create", "object": "contacts", "properties": {"email": email, "lastname": "Weber"}})
        for email in ("ana@home.example", "ana1@firm.example")
    )
    merged = merge(sales, str(first["id"]), str(second["id"]))
    ana(sales)
    sales.sync()
    sales.sync()
    (contact,) = sales.held("contacts")
    (task,) = sales.held("tasks")
    assert contact["hs_object_id"] == merged
    assert set(sales.portal.links.of("tasks", int(task["hs_object_id"]), "contacts")) == {int(merged)}
    assert sales.line.outbox("waiting", "in_flight", "unknown", "dead", "parked") == []
