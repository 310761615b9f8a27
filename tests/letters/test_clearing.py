"""What no longer applies clears itself, and is counted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.model.ports import ReviewItem
from connector.runs.rows import our_key
from tests.line import Line

STEP = timedelta(minutes=5)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.app.close()


def refused(line: Line, number: int = 1) -> None:
    """A lead is over the line, and the CRM refuses it."""
    line.person(number)
    line.did(number, "demo_request")
    line.app.source("portal")
    with line.app.store.read() as tx:
        key = our_key(tx.admin.store_id(), number)
    line.crm.poison(key, "the rule says no", "RULE")
    line.sync()
    assert [row.object for row in line.outbox("dead")] == ["lead"]


def test_a_newer_value_clears_a_refused_write(line: Line) -> None:
    refused(line)
    line.crm.cure(line.outbox("dead")[0].our_key)
    line.now += STEP
    line.person(1, city="Bonn")
    line.sync()
    assert line.outbox("dead", "waiting") == []
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}


def test_a_lead_that_was_merged_needs_its_refused_write_no_more(line: Line) -> None:
    refused(line)
    line.person(2)
    line.sync(STEP)
    line.now += STEP
    with line.app.store.write() as tx:
        tx.intake.merge(line.lead(1).id, line.lead(2).id, line.now)
    counts = line.sync().counts
    assert counts["cleared: refused writes"] == 1
    line.sync(STEP)
    assert line.outbox("dead", "waiting", "parked") == []
    # The winner is handed over in its own right.
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}


def test_a_closed_handoff_clears_what_was_to_be_written_for_it_and_what_waits_behind(line: Line) -> None:
    refused(line)
    (handoff,) = line.handoffs("open")
    handoff.state = "closed"
    with line.app.store.write() as tx:
        tx.handoffs.save([handoff])
    assert line.sync(STEP).counts["cleared: refused writes"] == 1
    line.sync(STEP)
    assert line.outbox("dead", "waiting", "parked") == []
    assert line.crm_counts() == {}


def test_what_still_applies_stays_and_is_not_touched(line: Line) -> None:
    refused(line)
    for _ in range(3):
        counts = line.sync(STEP).counts
        assert not any(name.startswith("cleared") for name in counts if counts[name])
    assert len(line.outbox("dead")) == 1
    assert {row.object for row in line.outbox("waiting")} == {"task", "note"}


def test_what_was_for_a_connection_that_is_gone_goes_on_should_it_come_back(line: Line) -> None:
    refused(line)
    aside = ReviewItem("set_aside", "crm:x:1", "1", "no id", connection="crm")
    with line.app.store.write() as tx:
        tx.reviews.put([aside, ReviewItem("parked_flow", "b2b", "b2b", "emptied", flow="b2b")], line.now)
        tx.reviews.put([ReviewItem("notice", "fight:crm:lead.city:1", "crm", "why", connection="crm")], line.now)
    text = (line.folder / "config.toml").read_text("utf-8")
    line.reopen(text.replace("[connections.crm]", "[connections.crm2]").replace('crm = "crm"', 'crm = "crm2"')
                .replace("[flows.b2b", "[flows.other"))  # fmt: skip
    counts = line.sync(STEP).counts
    assert (counts["cleared: notice"], counts["cleared: parked_flow"]) == (1, 1)
    assert [one.key for one in line.waiting_for_people()] == [aside.key]
    line.reopen(text)
    (row,) = line.outbox("dead")
    line.crm.cure(row.our_key)
    with line.app.store.write() as tx:
        tx.outbox.release([row.id], "waiting", line.now)
    line.sync(STEP)
    line.sync(STEP)
    assert line.crm_counts() == {"lead": 1, "task": 1, "note": 1}


def notice(line: Line, key: str, **given: object) -> None:
    with line.app.store.write() as tx:
        tx.reviews.put([ReviewItem("notice", key, "crm", "why", connection="crm", **given)], line.now)  # type: ignore[arg-type]


def test_a_notice_about_a_field_goes_with_its_line_of_the_mapping(line: Line) -> None:
    notice(line, "unsent:crm:gone_field", field="gone_field")
    notice(line, "fight:crm:lead.gone_field", field="gone_field")
    notice(line, "left_out:crm:lead:k.email", field="email")
    assert line.sync().counts["cleared: notice"] == 2
    assert [one.key for one in line.waiting_for_people("notice")] == ["left_out:crm:lead:k.email"]


def test_a_field_that_could_not_be_sent_and_can_be_now_closes_its_notice(line: Line) -> None:
    line.person(1)
    line.sync()
    notice(line, "unsent:crm:email", field="email", lead_id=line.lead(1).id, body={"object": "lead"})
    assert line.sync(STEP).counts["cleared: notice"] == 1


@pytest.mark.parametrize("merged_into", ["", "2"])
def test_what_was_set_aside_of_a_record_that_is_gone_at_the_source_is_over(line: Line, merged_into: str) -> None:
    line.person(1, **{"consent.at": "soon"})
    line.person(2)
    line.sync()
    assert [item.field for item in line.waiting_for_people("set_aside")] == ["consent.at"]
    line.now += STEP
    if merged_into:
        line.portal.merge("contacts", "1", merged_into, line.now)
    else:
        line.portal.delete("contacts", "1", line.now)
    assert line.sync().counts["mended"] == 1
    assert line.waiting_for_people("set_aside") == []


def test_two_records_that_a_person_merged_are_told_no_more(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings='crm_streams = ["lead"]\nreports_deletes = true')
    one, two = (line.crm.make("lead", {"email": f"x{number}@firm.example"}, line.now) for number in (1, 2))
    line.sync(STEP)
    notice(line, "duplicate:crm:lead:k", body={"records": [["lead", one], ["lead", two]]})
    line.sync(STEP)
    assert len(line.waiting_for_people("notice")) == 1
    line.crm.remove(two, merged_into=one)
    counts = line.sync(STEP).counts
    assert counts["cleared: notice"] == 1
    assert line.waiting_for_people("notice") == []
    line.app.close()


def test_a_lead_that_was_deleted_there_needs_its_refused_write_no_more(tmp_path: Path) -> None:
    line = Line(tmp_path, crm_settings='crm_streams = ["lead"]\nreports_deletes = true')
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    (lead,) = line.crm.things("lead")
    line.crm.poison(lead.our_key, "no", "RULE")
    line.now += STEP
    line.person(1, city="Bonn")
    line.sync()
    assert len(line.outbox("dead")) == 1
    line.crm.remove(lead.crm_id)
    line.sync(STEP)
    assert line.outbox("dead", "waiting", "parked") == []
    assert [thing.object for thing in line.crm.things()] == ["task", "note"]
    line.app.close()
