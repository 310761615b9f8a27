"""Three calls of ten go wrong, of every kind: everybody is delivered once, or waits for a person with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.sandbox.proxy import HARMLESS, KINDS
from connector.sandbox.salesforce.rules import ValidationRule
from connector.selftest.faults import Told, Wish, count, disturbed, run, until_quiet


def test_with_three_calls_of_ten_gone_wrong_everybody_is_delivered_once(tmp_path: Path) -> None:
    told = run(Wish(leads=40, share=0.3, seed=2), tmp_path)
    assert told.clean, told
    assert (told.leads, told.delivered) == (40, 40)
    assert told.disturbed / told.calls.total() == pytest.approx(0.3, abs=0.05)
    assert len(told.faults) > len(KINDS) / 2
    assert not set(told.faults) & set(HARMLESS)


def test_what_a_platform_refuses_waits_with_its_reason_and_the_rest_is_delivered(tmp_path: Path) -> None:
    wish = Wish(leads=12, share=0.3, seed=3, there=0.0)
    with disturbed(wish, tmp_path) as pair:
        table = pair.portal.tables["contacts"]
        for id in list(table.rows)[:2]:
            pair.portal.change("contacts", table.rows[id], {"lastname": "Refused"})
        rule = ValidationRule("Lead", "the name is not wanted", lambda after, _before: after["LastName"] == "Refused")
        pair.org.validation_rules.append(rule)
        told = until_quiet(pair, wish)
    assert told.clean, told
    assert (told.leads, told.delivered, told.dead.total()) == (12, 10, 2)
    assert list(told.dead) == ["a rule of the CRM says no: the name is not wanted"]


def test_what_is_missing_or_there_twice_is_counted(tmp_path: Path) -> None:
    with disturbed(Wish(leads=4, there=0.0), tmp_path) as pair:
        pair.sync()
        fine = Told()
        count(pair, fine)
        assert fine.clean
        gone, again, *_ = pair.org.live("Task")
        pair.org.delete(gone["Id"])
        pair.org.create("Task", {"Subject": "again", "Description": again["Description"]})
        told = Told()
        count(pair, told)
    assert not told.clean
    assert (told.leads, told.delivered, len(told.amiss.lost), len(told.amiss.double)) == (4, 2, 1, 1)
