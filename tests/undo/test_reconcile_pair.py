"""HubSpot and Salesforce compared: nothing on a healthy line, each class where it was made by hand, and no write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.runs.planning.applying import apply_plan
from connector.runs.reconcile import Reconciled, reconcile
from connector.runs.repair import repair
from tests.pair import MINUTES, SECRETS, Pair, pair, reasons
from tests.undo.test_undo_pair import people, writes


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    with pair(tmp_path, **reasons()) as made:
        yield made


def compared(line: Pair) -> Reconciled:
    line.clock.move(60)
    since = line.calls()
    done = reconcile(line.app.runtime(), line.app.rows)
    assert writes(line, since) == {}
    return done


def test_each_class_is_found_and_what_is_stale_is_mended(line: Pair) -> None:
    contacts = people(line, 6)
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    whole = compared(line)
    assert whole.found == []
    assert whole.compared == {"hubspot": 6, "salesforce": 6}
    gone, stale, owned, twice, _, _ = (line.their_lead(one) for one in contacts)
    line.org.delete(gone)
    line.org.edit(stale, {"Baton_Grade__c": "Z9"}, by="lena@northwind.example")
    grade = whole_grade(line, contacts[1])
    owner = line.handoff(contacts[2]).owner
    other = next(one for one in ("lena@northwind.example", "tom@northwind.example") if one != owner)
    line.org.edit(owned, {"OwnerId": other}, by="lena@northwind.example")
    line.org.create("Lead", {"LastName": "Weber", "Company": "Firm", "Email": "ana3@firm.example"})
    line.acts("change", id=contacts[5], properties={"baton_grade": "Z9"})
    done = compared(line)
    assert {(one.kind, one.target, one.id, one.field) for one in done.found} == {
        ("missing", "salesforce", gone, ""), ("stale", "salesforce", stale, "Baton_Grade__c"),
        ("owner", "salesforce", owned, "OwnerId"), ("duplicate", "salesforce", twice, ""),
        ("stale", "hubspot", contacts[5], "baton_grade"),
    }  # fmt: skip
    applied = apply_plan(line.app.runtime(), repair(line.app.runtime(), line.app.rows, done.found), line.app.rows)
    assert (applied.planned, applied.written, applied.refused) == (2, 2, [])
    assert line.org.record(stale)["Baton_Grade__c"] == grade
    assert line.contact(contacts[5])["baton_grade"] == grade
    assert len(line.records("Lead")) == 6


def test_a_stage_that_others_have_set_further_is_no_drift(line: Pair) -> None:
    first, second = people(line, 2)
    line.acts("change", id=first, properties={"lifecyclestage": "customer"})
    for _ in range(2):
        assert line.sync(MINUTES).failures == []
    line.acts("change", id=second, properties={"lifecyclestage": "customer"})
    assert compared(line).found == []
    assert [line.contact(one)["lifecyclestage"] for one in (first, second)] == ["customer"] * 2
    # What stands further back than ours is an older word of somebody's, as before.
    line.acts("change", id=second, properties={"lifecyclestage": "subscriber"})
    assert [(one.kind, one.field) for one in compared(line).found] == [("stale", "lifecyclestage")]


def whole_grade(line: Pair, contact: str) -> str:
    score = line.lead(contact).score
    assert score is not None
    return score.grade
