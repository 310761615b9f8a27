"""What a handoff leads to, by what its CRM has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model.adapter import WriteItem
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import OutboxRow, Receipt
from connector.runs.handoff_rows import rows_of_handoff
from connector.runs.outgoing import find_item, write_item
from connector.runs.rows import Rows, view
from tests.line import START, Line

MAPPING = """
[write.company]
name = "company.name"
[write.member]
CampaignId = "campaign"
[write.task]
Subject = "task.subject"
Details = "task.text"
Key = "task.key"
"""


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    (tmp_path / "crm.toml").write_text(MAPPING, "utf-8")
    made = Line(tmp_path, crm_settings='mapping = "crm.toml"')
    yield made
    made.app.close()


def handoff(**more: object) -> Handoff:
    told = {"lead_id": 7, "owner": "lena@northwind.example", "brief": "Call her", "opened_at": START, "id": 81, **more}
    return Handoff(flow="b2b", stage="mql", state="open", decided_at=START, version="v1", **told)  # type: ignore[arg-type]


def rows(line: Line, *objects: str) -> Rows:
    made = line.app.rows()
    made.objects_of = lambda _target: objects
    return made


def lead(**more: str | bool) -> Lead:
    return Lead({"name.full": "Ana Weber", "company.name": "Firm", "company.domain": "firm.example", **more}, id=7)


def by_object(found: list[OutboxRow]) -> dict[str, OutboxRow]:
    return {row.object: row for row in found}


def test_a_company_is_made_once_and_associated_with_each_lead(line: Line) -> None:
    built = rows(line, "lead", "company", "association", "task", "note")
    found = by_object(rows_of_handoff(built, lead(), handoff()))
    assert list(found) == ["lead", "company", "association", "task", "note"]
    other = by_object(rows_of_handoff(built, lead(), handoff(id=82)))
    assert found["company"].key == other["company"].key
    assert found["association"].values == {"company": found["company"].our_key}
    assert (found["association"].after, found["company"].after) == (found["lead"].key, "")


def test_no_company_without_a_domain_or_where_the_crm_has_none(line: Line) -> None:
    everything = rows(line, "lead", "company", "association", "task")
    assert "company" not in by_object(rows_of_handoff(everything, lead(**{"company.domain": ""}), handoff()))
    assert "company" not in by_object(rows_of_handoff(rows(line, "lead", "task"), lead(), handoff()))


ASKED = "Please find out: budget, authority, need, timing, fit confirmed, conversation confirmed."


def test_the_brief_goes_into_the_task_where_there_are_no_notes(line: Line) -> None:
    with_notes = by_object(rows_of_handoff(rows(line, "lead", "task", "note"), lead(), handoff()))
    without = by_object(rows_of_handoff(rows(line, "lead", "task"), lead(), handoff()))
    assert with_notes["note"].values == {"text": "Call her"}
    assert with_notes["task"].values["Details"] == ASKED
    assert (without["task"].values["Details"], "note" in without) == (f"Call her\n\n{ASKED}", False)
    assert without["task"].values["Key"] == without["task"].our_key


def test_nobody_is_asked_what_is_known_or_has_a_place_of_its_own(line: Line) -> None:
    known = lead(budget="20,000 EUR", fit_confirmed=False)
    found = by_object(rows_of_handoff(rows(line, "lead", "task", "note"), known, handoff()))
    assert found["task"].values["Details"] == "Please find out: authority, need, timing, conversation confirmed."
    listed = by_object(rows_of_handoff(rows(line, "lead", "task", "note", "checklist"), lead(), handoff()))
    assert "Details" not in listed["task"].values
    second = handoff()
    second.previous_id = 1
    passed_on = by_object(rows_of_handoff(rows(line, "lead", "task", "note"), lead(), second))
    assert "Details" not in passed_on["task"].values


def test_a_campaign_is_joined_where_the_lead_has_one(line: Line) -> None:
    built = rows(line, "lead", "task", "member")
    assert "member" not in by_object(rows_of_handoff(built, lead(), handoff()))
    found = by_object(rows_of_handoff(built, lead(campaign="701"), handoff()))
    assert found["member"].values == {"CampaignId": "701"}


def test_on_a_record_that_was_there_before_there_is_a_task_and_a_note_alone(line: Line) -> None:
    built = rows(line, "lead", "company", "association", "task", "note", "member")
    found = by_object(rows_of_handoff(built, lead(campaign="701"), handoff(record="contact:003A")))
    assert list(found) == ["task", "note"]
    assert {(row.parent_object, row.after) for row in found.values()} == {("contact", "")}


def test_who_has_a_task_on_a_record_of_the_crm_is_not_made_a_lead_later(line: Line) -> None:
    built = rows(line, "lead", "task", "note")
    known = lead()
    with line.app.store.write() as tx:
        tx.intake.add_leads([known], START)
        tx.outbox.put(rows_of_handoff(built, known, handoff(lead_id=known.id, record="contact:003A")), START)
        assert built.refreshed(tx, [(known, handoff(record="contact:003A"))]) == []


def test_a_request_says_what_it_hangs_on_and_how_urgent_it_is() -> None:
    row = OutboxRow("crm", "once", "task", "h1", "k", {"a": 1}, parent="s-7", parent_object="contact", lane=1)
    receipts = {("contact", "s-7"): Receipt("crm", "contact", "s-7", "003A", {})}
    assert write_item(row, receipts) == WriteItem("task", "h1", {"a": 1}, "", "003A", 0, "contact", 1)
    assert (find_item(row, receipts).parent_id, find_item(row, receipts).parent_object) == ("003A", "contact")


def test_an_association_names_the_crm_id_of_what_it_joins() -> None:
    row = OutboxRow("crm", "once", "association", "h1", "k", {"company": "s-firm.example"}, parent="s-7")
    company = Receipt("crm", "company", "s-firm.example", "77", {})
    assert write_item(row, {("company", "s-firm.example"): company}).values == {"company": "77"}
    assert write_item(row, {}).values == {"company": ""}


def test_what_was_there_before_us_is_addressed_by_its_id() -> None:
    row = OutboxRow("hubspot", "state", "contact", "501", "k", {"baton_score": 50}, crm_id="501")
    assert write_item(row, {}).crm_id == find_item(row, {}).crm_id == "501"


def test_the_view_tells_reason_rating_and_how_soon_the_lead_was_called() -> None:
    told = view(lead(), handoff(reason="not_now", rating=4, contacted_at=START + timedelta(minutes=90)))
    assert (told["handoff.reason"], told["handoff.rating"], told["handoff.response_time"]) == ("not_now", 4, 5400)
    assert "handoff.response_time" not in view(lead(), handoff())
