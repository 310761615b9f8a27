"""Salesforce has them already, under another address, number or company: HubSpot's people are met there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pair import MINUTES, SECRETS, Pair, pair

FLOW = """\
required = ["name.family"]
[flows.b2b.conditions]
asked = { activity = "demo_request", within = "180 days" }
[flows.b2b.gates]
mql = "asked"
"""
ACME = {"Name": "Acme Werkzeug GmbH", "Type": "Customer", "BillingCity": "München", "BillingCountry": "Germany"}
ILKA = {
    "FirstName": "Ilka", "LastName": "Thorwald", "Email": "ilka.thorwald@acme.example", "MobilePhone": "0171 7654321",
    "Phone": "089 1234567", "MailingCity": "München", "MailingCountry": "Germany",
}  # fmt: skip
PRIVATE = {
    "email": "thorwald.i@gmail.com", "firstname": "Ilka", "lastname": "Thorwald", "phone": "+49 89 1234567",
    "company": "", "country": "Germany",
}  # fmt: skip


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SECRETS.items():
            patch.setenv(name, value)
        with pair(tmp_path_factory.mktemp("there"), flow=FLOW) as one:
            yield one


def comes(line: Pair, **values: str) -> tuple[str, str]:
    """Somebody asks for a demo; the record that they are met on, and the brief."""
    contact = line.person(**values)
    line.asks_for_a_demo(contact)
    assert line.sync(MINUTES).failures == []
    handoff = line.handoff(contact)
    return handoff.record, handoff.brief


def test_everybody_is_met_where_they_are(line: Pair) -> None:
    account = line.org.create("Account", ACME)
    contact = line.org.create("Contact", ILKA | {"AccountId": account})
    made = line.org.create("Account", ACME | {"BillingCity": "Berlin"})
    record, _ = comes(line, **PRIVATE)
    assert record == f"account:{account}"
    record, brief = comes(
        line, email="marit@private.example", firstname="Marit", lastname="Oberlin", company="ACME Werkzeug",
        city="Munchen", country="DE",
    )  # fmt: skip
    assert record == f"account:{account}"
    assert f"New in the CRM, of a customer: account {account}" in brief
    record, brief = comes(
        line, email="i.t@other-host.example", firstname="Ilka", lastname="Thorwald", company="Zeta Foods", country="DE"
    )
    assert record == ""
    assert contact not in brief
    assert made not in brief
    assert len(line.records("Lead")) == 1
    assert line.outbox("dead") == []


def test_an_org_that_hides_places_is_read_and_asked_all_the_same(line: Pair) -> None:
    for object, name in (("Account", "BillingPostalCode"), ("Contact", "MailingCity"), ("Lead", "Country")):
        line.org.hide_field(object, name)
    odile = {"FirstName": "Odile", "LastName": "Garnier", "Email": "odile@acme.example"}
    person = line.org.create("Contact", ILKA | odile)
    record, _ = comes(line, email="odile@acme.example", firstname="Odile", lastname="Garnier")
    assert record == f"contact:{person}"
    # Whom nobody knows, the org is asked about.
    assert comes(line, email="nele@zeta.example", firstname="Nele", lastname="Ostendorf")[0] == ""
    assert [item.reason for item in line.waiting_for_people("notice") if "read without" in item.reason] == []
