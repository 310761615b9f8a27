"""Who is in the CRM already, under another address or in the name of a company: nobody is greeted as a stranger."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from connector.runs.mirrored import KEYS
from connector.runs.read_in import read_back
from connector.steps.resembling import blocking_keys
from tests.line import Line

SETTINGS = """\
crm_streams = ["user", "account", "contact", "lead", "opportunity", "task"]
look_up_batch = 50
objects = ["lead", "contact", "task", "note"]
reports_deletes = true
key_field = "Baton_Id"
"""
#: Whoever asks for a demo is handed over, from whatever address.
CRITERIA = """\
required = ["name.family"]
[flows.b2b.conditions]
asked = { activity = "demo_request", within = "180 days" }
[flows.b2b.gates]
mql = "asked"
"""
ILKA = {
    "email": "ilka.thorwald@acme.example", "phone": "089 1234567", "name": "Ilka Thorwald", "name.given": "Ilka",
    "name.family": "Thorwald", "company.name": "Acme Werkzeug GmbH", "city": "München", "country": "DE",
}  # fmt: skip
PRIVATE = {
    "email": "thorwald.i@gmail.com", "name.given": "Ilka", "name.family": "Thorwald", "phone": "+49 89 1234567",
    "company.name": "", "company.domain": "", "country": "DE",
}  # fmt: skip


@pytest.fixture
def line(tmp_path: Path) -> Line:
    made = Line(tmp_path, crm_settings=SETTINGS, flow=CRITERIA)
    for name in ("petra", "lena", "tom"):
        made.crm.make("user", {"email": f"{name}@northwind.example"}, made.now, crm_id=f"U-{name}")
    return made


def has(line: Line, object: str, id: str, values: dict[str, Any], **more: Any) -> None:
    line.crm.make(object, values | {"owner": "U-petra"} | more, line.now, crm_id=id)


def comes(line: Line, **values: Any) -> None:
    """Somebody asks for a demo, and the line runs."""
    line.person(1, **values)
    line.did(1, "demo_request")
    assert line.sync().failures == []


def met(line: Line) -> str:
    """On what the one handoff was given: "" for a lead of their own."""
    (handoff,) = line.handoffs("open")
    return handoff.record


def told(line: Line) -> str:
    (handoff,) = line.handoffs("open")
    return handoff.brief


def notices(line: Line) -> list[str]:
    return [item.reason for item in line.waiting_for_people("notice")]


def test_a_customer_who_writes_from_a_private_address_is_no_stranger(line: Line) -> None:
    has(line, "account", "001", {"name": "Acme Werkzeug", "customer": True})
    has(line, "contact", "003", ILKA, account="001")
    comes(line, **PRIVATE)
    assert met(line) == "account:001"
    assert line.handoffs("open")[0].owner == "petra@northwind.example"
    assert "lead" not in line.crm_counts()


def test_it_is_so_where_the_mobile_stands_first_there(line: Line) -> None:
    has(line, "contact", "003", ILKA, mobile="0171 7654321")
    comes(line, **PRIVATE)
    assert met(line) == "contact:003"


def test_a_lead_that_is_theirs_for_sure_is_taken_over(line: Line) -> None:
    # The family name is a slip of the pen, so that no exact key finds them.
    has(line, "lead", "00Q", ILKA | {"name": "Ilka Thorwalt", "name.family": "Thorwalt"}, mobile="0171 7654321")
    comes(line, **PRIVATE | {"mobile": "0171 7654321", "city": "München", "company.name": "Acme Werkzeug GmbH"})
    assert met(line) == ""
    assert line.crm_counts()["lead"] == 1
    (task,) = line.crm.things("task")
    assert task.parent_id == "00Q"
    (handoff,) = line.handoffs("open")
    assert "so much in common with lead 00Q (phone: " in handoff.routed_by


def test_somebody_of_the_same_name_at_another_company_is_somebody_else(line: Line) -> None:
    has(line, "contact", "003", ILKA)
    comes(line, **PRIVATE | {"email": "ilka@zeta.example", "phone": "030 7654321", "company.name": "Zeta Foods"})
    assert met(line) == ""
    assert (line.crm_counts()["lead"], notices(line)) == (1, [])
    assert "Perhaps" not in told(line)


def test_whoever_may_be_there_is_told_and_kept_and_not_linked(line: Line) -> None:
    has(line, "contact", "003", ILKA)
    comes(line, **PRIVATE | {"email": "", "phone": "", "company.name": "Acme Werkzeug AG", "city": "München"})
    assert met(line) == ""
    assert line.crm_counts()["lead"] == 1
    assert "Perhaps in the CRM already: contact 003 of Acme Werkzeug GmbH (" in told(line)
    (reason,) = notices(line)
    assert reason == "may be the same person as contact 003: not linked; if it is, merge the records in the CRM"
    with line.app.store.read() as tx:
        assert tx.intake.lead_ids("crm", "contact", ["003"]) == {}


def test_of_two_at_one_address_the_one_whose_name_agrees(line: Line) -> None:
    has(line, "contact", "003", ILKA | {"name": "Jochen Thorwald", "name.given": "Jochen"})
    has(line, "contact", "004", ILKA | {"name": "Ilka Marten", "name.family": "Marten", "phone": ""})
    comes(line, **PRIVATE | {"email": "ilka.thorwald@acme.example", "phone": ""})
    assert met(line) == "contact:004"


def test_another_name_at_the_same_address_is_told_as_one_who_may_be_them(line: Line) -> None:
    has(line, "contact", "003", ILKA | {"name": "Jochen Thorwald", "name.given": "Jochen"})
    comes(line, **PRIVATE | {"email": "ilka.thorwald@acme.example"})
    assert met(line) == ""
    assert "contact 003" in told(line)


def test_the_address_of_a_role_links_nobody(line: Line) -> None:
    has(line, "contact", "003", ILKA | {"email": "info@acme.example", "phone": ""})
    comes(
        line, **PRIVATE | {"email": "info@acme.example", "phone": "", "name.given": "Marit", "name.family": "Oberlin"}
    )
    assert met(line) == ""
    assert line.crm_counts()["lead"] == 1


def test_a_contact_with_an_address_that_the_lead_had_before(line: Line) -> None:
    has(line, "contact", "003", ILKA | {"phone": ""})
    line.person(1, **PRIVATE | {"email": "ilka.thorwald@acme.example", "phone": ""})
    line.sync()
    comes(line, **PRIVATE | {"phone": ""})
    assert line.lead(1).former == ["ilka.thorwald@acme.example"]
    assert met(line) == "contact:003"
    assert "a former email of theirs is that of contact 003" in line.handoffs("open")[0].routed_by


STRANGER = {
    "email": "marit@private.example", "company.domain": "", "name.given": "Marit", "name.family": "Oberlin",
    "phone": "", "company.name": "ACME Werkzeug AG", "city": "München", "country": "Germany",
}  # fmt: skip


def test_a_new_person_of_a_customer_is_told_to_its_owner_by_name_and_city(line: Line) -> None:
    has(line, "account", "001", {"name": "Acme Werkzeug GmbH", "customer": True, "city": "München", "country": "DE"})
    has(line, "account", "002", {"name": "Acme Werkzeug GmbH", "customer": True, "city": "Berlin", "country": "DE"})
    comes(line, **STRANGER)
    (handoff,) = line.handoffs("open")
    assert (handoff.record, handoff.owner) == ("account:001", "petra@northwind.example")
    assert handoff.routed_by == "owner of account 001; the same company name and city as account 001"
    assert "New in the CRM, of a customer: account 001" in handoff.brief
    assert "lead" not in line.crm_counts()
    with line.app.store.read() as tx:
        assert tx.intake.lead_ids("crm", "account", ["001"]) == {}


def test_a_new_person_of_a_company_in_an_open_deal_is_told_to_the_deals_owner(line: Line) -> None:
    has(line, "account", "001", {"name": "Acme", "company.domain": "acme.example"})
    has(line, "opportunity", "006", {"name": "100 seats"}, account="001", owner="U-tom")
    comes(line, **STRANGER | {"email": "marit@acme.example", "company.domain": "acme.example"})
    (handoff,) = line.handoffs("open")
    assert (handoff.record, handoff.owner) == ("opportunity:006", "tom@northwind.example")
    assert "New in the CRM, of a company with an open deal: account 001" in handoff.brief


def test_where_the_flow_wants_a_task_on_the_contact_somebody_new_becomes_a_lead_of_the_owner(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings=SETTINGS, flow='existing = { customer = "task on contact" }\n' + CRITERIA)
    line.crm.make("user", {"email": "petra@northwind.example"}, line.now, crm_id="U-petra")
    has(line, "account", "001", {"name": "Acme Werkzeug GmbH", "customer": True, "city": "München"})
    comes(line, **STRANGER)
    (handoff,) = line.handoffs("open")
    assert (handoff.record, handoff.owner) == ("", "petra@northwind.example")
    assert line.crm_counts()["lead"] == 1
    assert "New in the CRM, of a customer: account 001" in handoff.brief


def test_of_two_accounts_of_one_name_none_is_taken_and_it_is_said(line: Line) -> None:
    for id in ("001", "002"):
        has(line, "account", id, {"name": "Acme Werkzeug GmbH", "customer": True})
    comes(line, **STRANGER)
    assert met(line) == ""
    assert "Their company may be one of account 001, account 002" in told(line)
    (reason,) = notices(line)
    assert reason == (
        "account 001, account 002 are called like a lead's company, and each could be its account: none is taken"
    )


def test_keys_of_what_a_store_held_before_are_made_from_the_store(line: Line) -> None:
    has(line, "contact", "003", ILKA)
    line.sync()
    with line.app.store.write() as tx:
        tx.keys.put_records("crm", {("contact", "003"): ()})
        tx.admin.set_meta("record_keys:crm", "")
    read_back(line.app.runtime(), "crm", Counter())
    with line.app.store.read() as tx:
        assert tx.admin.meta("record_keys:crm") == KEYS
        (record,) = tx.mirror.get("crm", "contact", ["003"]).values()
        assert tx.keys.records("crm", blocking_keys(record), 1) == {
            key: [("contact", "003")] for key in blocking_keys(record)
        }


def test_what_is_deleted_has_no_keys_and_is_nobody(line: Line) -> None:
    has(line, "contact", "003", ILKA)
    line.sync()
    line.crm.remove("003")
    comes(line, **PRIVATE)
    assert met(line) == ""
    assert "contact 003" not in told(line)
