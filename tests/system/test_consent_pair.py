"""Consent between HubSpot and Salesforce, on local servers that hold every request against its description."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.model.consent import ConsentEvent
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import TOKEN, HubSpotServer, Portal, edit, furnish
from connector.sandbox.hubspot.portal import Owner
from tests.line import START as LINE_START
from tests.line import Line
from tests.pair import MINUTES, SECRETS, Pair, pair

LEAVE = "POST /communication-preferences/v4/statuses/batch/unsubscribe-all"


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {**SECRETS, "BATON_SECRET_CRM": TOKEN}.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Pair]:
    with pair(tmp_path) as running:
        yield running


def ledger(line: Pair, contact: str) -> list[ConsentEvent]:
    lead_id = line.lead(contact).id
    with line.app.store.read() as tx:
        return tx.consents.of_leads([lead_id]).get(lead_id, [])


def lena_ticks(line: Pair, record: str, **fields: Any) -> None:
    line.clock.move(60)
    line.org.edit(record, fields, by="lena@northwind.example")


def test_an_opt_out_in_salesforce_out_of_scope_reaches_hubspot_before_all_else(tmp_path: Path) -> None:
    with pair(tmp_path, flow='takes = { field = "country", is = "DE" }\n') as line:
        contacts = [line.person(f"p{number}@firm.example") for number in range(5)]
        for contact in contacts:
            line.asks_for_a_demo(contact)
        abroad = line.person("ana@abroad.example", country="France")
        record = line.org.create("Lead", {"LastName": "Weber", "Company": "Abroad", "Email": "ana@abroad.example"})
        assert line.sync(MINUTES).failures == []
        assert line.lead(abroad).flow == ""
        # A full queue for HubSpot: what became of each of the five.
        for lead in line.records("Lead"):
            if lead["Id"] != record:
                line.org.edit(lead["Id"], {"Status": "Working"}, by="lena@northwind.example")
        lena_ticks(line, record, HasOptedOutOfEmail=True)
        line.hubspot.ledger.clear()
        result = line.sync(MINUTES)
        assert result.failures == []
        writes = [deed for deed in line.hubspot.ledger.deeds() if deed.object == "contacts"]
        assert (writes[0].did, writes[0].key) == ("consent", "ana@abroad.example")
        assert len({deed.id for deed in writes[1:] if deed.did == "update"}) >= 5
        assert line.contact(abroad)["hs_email_optout"] == "true"
        assert line.lead(abroad).fields["consent.email"] is False
        for _ in range(2):
            line.sync(MINUTES)
        assert [(one.source, one.how, one.given) for one in ledger(line, abroad)] == [("salesforce", "field", False)]
        assert line.outbox("waiting", "dead", "unknown", "parked") == []


def test_an_opt_out_in_hubspot_reaches_lead_and_contact_in_salesforce(line: Pair) -> None:
    contact, lead = line.given()
    other = line.org.create("Contact", {"LastName": "Weber", "Email": "ana@firm.example"})
    line.sync(MINUTES)
    line.clock.move(60)
    line.acts("unsubscribe", id=contact)
    assert line.sync(MINUTES).failures == []
    assert [line.org.record(id)["HasOptedOutOfEmail"] for id in (lead, other)] == [True, True]
    line.sync(MINUTES)
    assert {one.source for one in ledger(line, contact)} == {"hubspot"}
    # An import unticks the box, and it is ticked again.
    lena_ticks(line, lead, HasOptedOutOfEmail=False)
    line.sync(MINUTES)
    assert line.org.record(lead)["HasOptedOutOfEmail"] is True
    assert line.lead(contact).fields["consent.email"] is False
    assert line.calls()[f"hubspot {LEAVE}"] == 0
    assert line.outbox("waiting", "dead", "unknown", "parked") == []


def test_do_not_call_closes_the_phone_for_every_record(line: Pair) -> None:
    contact, lead = line.given()
    other = line.org.create("Contact", {"LastName": "Weber", "Email": "ana@firm.example", "DoNotCall": True})
    line.says(lead, Status="Unqualified")
    line.sync(MINUTES)
    # Whatever became of the handoff.
    assert line.handoff(contact).state == "closed"
    assert line.lead(contact).fields["consent.phone"] is False
    assert [line.org.record(id)["DoNotCall"] for id in (lead, other)] == [True, True]
    assert not line.org.record(lead)["HasOptedOutOfEmail"]
    assert line.calls()[f"hubspot {LEAVE}"] == 0


def test_whoever_left_is_made_in_salesforce_with_the_box_ticked(line: Pair) -> None:
    contact = line.person("ana@firm.example", hs_email_optout="true")
    line.asks_for_a_demo(contact)
    line.sync(MINUTES)
    lead = line.their_lead(contact)
    assert line.org.record(lead)["HasOptedOutOfEmail"] is True
    assert line.handoff(contact).brief.startswith("MAIL: NO. By phone only.")


HUBSPOT = """
base_url = "{url}"
lag_seconds = 0
searches_per_second = 1000

[secrets]
backend = "environment"
"""


def test_hubspot_as_the_crm_hears_and_is_told(tmp_path: Path) -> None:
    clock = Clock(LINE_START)
    portal = Portal(clock)
    furnish(portal)
    portal.limits.generous()
    for number, name in enumerate(("lena", "tom")):
        portal.owners[str(900 + number)] = Owner(str(900 + number), f"{name}@northwind.example", name, "Northwind")
    server = HubSpotServer(portal)
    server.start()
    (tmp_path / "portal.toml").write_text('[write.contact]\nstage = "stage"\n', "utf-8")
    line = Line(
        tmp_path, crm="hubspot", crm_settings=HUBSPOT.format(url=server.url),
        portal_settings='objects = ["contact"]\nmapping = "portal.toml"\n',
    )  # fmt: skip
    try:
        for step in line.app.crm("crm").setup():  # type: ignore[attr-defined]
            if step.act is not None and not step.there:
                step.act()
        for number in (1, 2):
            line.person(number)
            line.portal.make("contact", {}, line.now, crm_id=str(number))
            line.did(number, "demo_request")

        def sync() -> None:
            assert line.sync(MINUTES).failures == []
            clock.stop(line.now)

        def left() -> dict[str, bool]:
            rows = portal.tables["contacts"].rows.values()
            people = [portal.tables["contacts"].properties(row) for row in rows]
            return {one["email"]: one.get("hs_email_optout") == "true" for one in people if "ana" in one["email"]}

        sync()
        sync()
        line.did(1, "unsubscribe", line.now)
        sync()
        sync()
        assert left() == {"ana1@firm.example": True, "ana2@firm.example": False}
        other = next(id for id, row in portal.tables["contacts"].rows.items()
                     if portal.tables["contacts"].value(row, "email") == "ana2@firm.example")  # fmt: skip
        clock.stop(line.now)
        edit(portal, {"do": "unsubscribe", "id": str(other)})
        for _ in range(3):
            sync()
        contact = line.portal.thing("2")
        assert contact is not None
        assert contact.values["consent.email"] is False
        assert len([one for one in server.ledger.calls() if one.route.endswith("unsubscribe-all")]) == 1
        with line.app.store.read() as tx:
            said = tx.consents.of_leads([line.lead(1).id, line.lead(2).id])
        assert [[one.source for one in some] for some in said.values()] == [["portal"], ["crm"]]
        assert line.outbox("waiting", "dead", "unknown", "parked") == []
    finally:
        line.app.close()
        server.stop()
