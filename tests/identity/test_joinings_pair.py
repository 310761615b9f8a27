"""Leads made one and taken apart between the local HubSpot and the local Salesforce."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.model.joining import Joining
from connector.model.joining import Pair as Two
from connector.runs.decide import apart, same, to_merge
from tests.pair import MINUTES, SECRETS, Pair, pair, reasons

LENA = "lena@northwind.example"


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, **reasons()) as running:
        yield running


def two(line: Pair) -> tuple[str, str, str, str]:
    """Two who were handed over: their contacts, and their leads in Salesforce."""
    first, one = line.given()
    second, other = line.given("bernd@elsewhere.example", firstname="Bernd", lastname="Schulze", company="Elsewhere KG")
    line.clock.move(60)
    return first, second, one, other


def joined(line: Pair) -> Joining:
    with line.app.store.read() as tx:
        return tx.joinings.latest()[0]


def test_a_merged_lead_from_the_bin_is_a_lead_of_its_own_again(line: Pair) -> None:
    first, second, one, other = two(line)
    line.org.merge(one, [other], by=LENA)
    line.sync(MINUTES)
    assert line.lead(second).id == line.lead(first).id
    line.clock.move(60)
    line.org.undelete(other, by=LENA)
    line.sync(MINUTES)
    assert line.lead(second).id != line.lead(first).id
    assert (line.handoff(first).state, line.handoff(second).state) == ("open", "open")
    line.says(other, Status="Working")
    line.sync(MINUTES)
    assert (line.lead(first).stage, line.lead(second).stage) == ("mql", "sal")
    assert (line.contact(first)["baton_stage"], line.contact(second)["baton_stage"]) == ("mql", "sal")
    line.acts("change", id=second, properties={"jobtitle": "Chief Information Officer"})
    line.sync(MINUTES)
    titles = {row["Id"]: row["Title"] for row in line.records("Lead")}
    assert titles[other] == "Chief Information Officer"
    assert titles[one] != "Chief Information Officer"
    assert line.outbox("dead", "parked", "waiting") == []


def test_contacts_merged_in_hubspot_can_be_two_leads_again_as_far_as_salesforce_has_both(line: Pair) -> None:
    first, second, one, other = two(line)
    line.acts("merge", id=first, loser=second)
    line.sync(MINUTES)
    assert line.lead(second).id == line.lead(first).id
    with line.app.store.write() as tx:
        apart(tx, joined(line).id, "lena", line.clock.now())
    for _ in range(2):
        # HubSpot names whom it has merged with each reading.
        line.acts("change", id=first, properties={"city": "Bonn"})
        assert line.sync(MINUTES).failures == []
    assert line.lead(second).id != line.lead(first).id
    line.says(other, Status="Working")
    assert (line.lead(first).stage, line.lead(second).stage) == ("mql", "sal")
    line.says(one, Status="Working")
    assert line.lead(first).stage == "sal"
    assert line.outbox("dead", "parked", "waiting") == []


def test_of_two_records_in_salesforce_the_one_that_stays_is_written_to_until_people_merge_them(line: Pair) -> None:
    first, second, one, other = two(line)
    with line.app.store.write() as tx:
        lower, higher = sorted((line.lead(first).id, line.lead(second).id))
        tx.pairs.put([Two(lower, higher, 64, "perhaps")], line.clock.now())
        (asked,) = tx.pairs.open()
        same(tx, line.app.config, asked.id, "lena", line.clock.now())
    line.acts("change", id=first, properties={"jobtitle": "Chief Information Officer"})
    line.acts("visit", id=second, url="https://www.example.com/pricing")
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    with line.app.store.read() as tx:
        assert [(row.stays, row.other) for row in to_merge(tx)] == [(one, other)]
    titles = {row["Id"]: row["Title"] for row in line.records("Lead")}
    assert titles[one] == "Chief Information Officer" != titles[other]
    assert len(line.records("Lead")) == 2
    line.clock.move(60)
    line.org.merge(one, [other], by=LENA)
    line.sync(MINUTES)
    with line.app.store.read() as tx:
        assert to_merge(tx) == []
    line.says(one, Status="Working")
    assert {line.contact(id)["baton_stage"] for id in (first, second)} == {"sal"}
    assert line.outbox("dead", "parked", "waiting") == []
