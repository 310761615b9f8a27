"""Records that a source deletes, restores or merges; people whom an activity names by their address."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.insight.timeline import Past
from connector.insight.why import story
from connector.model.lead import Lead, Link
from connector.steps.telling.words import Words
from tests.line import START, Line


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    made = Line(tmp_path)
    yield made
    made.app.close()


def links(line: Line) -> dict[str, Link]:
    with line.app.store.read() as tx:
        return tx.intake.links("portal", "contact", ["1", "2", "3"])


def lead_of(line: Line, lead_id: int) -> Lead:
    with line.app.store.read() as tx:
        return tx.intake.leads([lead_id])[lead_id]


def kinds(line: Line, lead_id: int) -> list[str]:
    with line.app.store.read() as tx:
        return [one.kind for one in tx.intake.activities([lead_id]).get(lead_id, [])]


def did(line: Line, person: str, event: str, **columns: Any) -> None:
    at = (line.now - timedelta(minutes=5)).isoformat()
    row = {"id": f"{person}-{event}-{at}", "person": person, "event": event, "at": at, **columns}
    line.portal.put("activities", row["id"], row, line.now)


def test_a_deleted_record_keeps_its_lead_and_gets_nothing_more(line: Line) -> None:
    line.person(1)
    line.sync()
    lead = line.lead(1)
    line.portal.delete("contacts", "1", line.now)
    did(line, "1", "visit")
    result = line.sync(timedelta(hours=1))
    assert result.counts["deleted at the source"] == 1
    assert links(line)["1"].gone
    assert lead_of(line, lead.id).fields["email"] == "ana1@firm.example"
    assert kinds(line, lead.id) == []


def test_a_deletion_is_counted_once_and_of_known_records_alone(line: Line) -> None:
    line.person(1)
    line.sync()
    for _ in range(2):
        line.portal.delete("contacts", "1", line.now)
        line.portal.delete("contacts", "99", line.now)
    assert line.sync(timedelta(hours=1)).counts["deleted at the source"] == 1
    line.portal.delete("contacts", "1", line.now)
    assert line.sync(timedelta(hours=1)).counts["deleted at the source"] == 0


def test_why_says_that_the_record_is_gone(line: Line) -> None:
    line.person(1)
    line.sync()
    line.portal.delete("contacts", "1", line.now)
    line.sync(timedelta(hours=1))
    lead = line.lead(1)
    told = dict(story(lead, Past(links=list(links(line).values())), words=Words("en", UTC, str, line.now)).head)
    assert told["known as"].endswith("1 (deleted there)")


def test_a_restored_record_is_the_same_lead_again_with_what_waited(line: Line) -> None:
    line.person(1)
    line.sync()
    lead = line.lead(1)
    line.portal.delete("contacts", "1", line.now)
    line.sync(timedelta(hours=1))
    did(line, "1", "visit")
    line.sync(timedelta(hours=1))
    line.person(1)
    line.sync(timedelta(hours=1))
    assert not links(line)["1"].gone
    assert line.lead(1).id == lead.id
    assert kinds(line, lead.id) == ["visit"]


def test_two_leads_whose_records_are_merged_become_one(line: Line) -> None:
    line.person(1)
    line.person(2, phone="+49 30 901820")
    for person in ("1", "2"):
        did(line, person, "visit")
    line.sync()
    winner, loser = line.lead(1).id, line.lead(2).id
    assert winner != loser
    line.portal.merge("contacts", "2", "1", line.now)
    result = line.sync(timedelta(hours=1))
    assert result.counts["merged at the source"] == 1
    assert {link.lead_id for link in links(line).values()} == {winner}
    assert kinds(line, winner) == ["visit", "visit"]
    assert lead_of(line, winner).fields["phone"] == "+4930901820"
    assert lead_of(line, loser).merged_into == winner
    # What is done under the old id is the winner's.
    did(line, "2", "email_click")
    line.sync(timedelta(hours=1))
    assert "email_click" in kinds(line, winner)


def test_a_merge_told_again_changes_nothing(line: Line) -> None:
    line.person(1)
    line.person(2)
    line.sync()
    line.portal.merge("contacts", "2", "1", line.now)
    line.sync(timedelta(hours=1))
    line.portal.merge("contacts", "2", "1", line.now)
    assert line.sync(timedelta(hours=1)).counts["merged at the source"] == 0


def test_the_lead_that_a_rep_has_stays_whichever_record_wins(line: Line) -> None:
    line.person(1)
    line.person(2)
    did(line, "2", "demo_request")
    line.sync()
    winner, loser = line.lead(1).id, line.lead(2).id
    assert [one.lead_id for one in line.handoffs("open")] == [loser]
    line.portal.merge("contacts", "2", "1", line.now)
    line.sync(timedelta(hours=1))
    assert {link.lead_id for link in links(line).values()} == {loser}
    assert lead_of(line, winner).merged_into == loser
    assert [one.lead_id for one in line.handoffs("open")] == [loser]
    assert line.crm_counts()["lead"] == 1


def test_a_winner_with_a_new_id_takes_over_the_loser_s_lead(line: Line) -> None:
    line.person(1)
    line.sync()
    lead = line.lead(1).id
    line.person(3, email="other@firm.example")
    line.portal.merge("contacts", "1", "3", line.now)
    line.sync(timedelta(hours=1))
    assert line.lead(3).id == lead
    assert lead_of(line, lead).fields["email"] == "other@firm.example"


def test_a_loser_that_was_never_read_is_known_by_its_id_afterwards(line: Line) -> None:
    line.person(1)
    line.sync()
    line.portal.merge("contacts", "3", "1", line.now)
    line.sync(timedelta(hours=1))
    did(line, "3", "visit")
    line.sync(timedelta(hours=1))
    assert kinds(line, line.lead(1).id) == ["visit"]


def test_an_activity_that_names_an_address_is_that_person_s(line: Line) -> None:
    line.person(1)
    did(line, " Ana1@Firm.Example", "email_click")
    line.sync()
    assert kinds(line, line.lead(1).id) == ["email_click"]


def test_an_activity_by_address_waits_for_its_person(line: Line) -> None:
    did(line, "Ana1@Firm.Example", "email_click")
    result = line.sync()
    assert result.counts["activities of people not known"] == 1
    line.person(1)
    line.sync(timedelta(hours=1))
    assert kinds(line, line.lead(1).id) == ["email_click"]


def test_of_several_with_a_role_s_address_it_is_whom_this_connection_knows(line: Line) -> None:
    with line.app.store.write() as tx:
        stranger = Lead(fields={"email": "info@firm.example"})
        tx.intake.add_leads([stranger], START)
    line.person(1, email="info@firm.example")
    did(line, "info@firm.example", "email_open")
    line.sync()
    assert line.lead(1).id != stranger.id
    assert kinds(line, line.lead(1).id) == ["email_open"]
