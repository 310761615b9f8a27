"""Three calls of ten go wrong, of every kind: everybody is delivered once, or waits for a person with a reason."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connector.cli.root import baton
from connector.cli.selftest_faults import KINDS as WORDS
from connector.cli.selftest_faults import MAIL_KINDS as MAIL_WORDS
from connector.cli.selftest_faults import lines
from connector.cli.session import Session
from connector.sandbox.post import MAIL_FAULTS
from connector.sandbox.proxy import HARMLESS, KINDS
from connector.sandbox.salesforce.rules import ValidationRule
from connector.selftest.faults import Told, Wish, count, disturbed, until_quiet
from connector.selftest.faults_post import Posted, post


def selftest(*options: str) -> Result:
    return CliRunner().invoke(baton, ["selftest", *options])


def test_with_three_calls_of_ten_gone_wrong_everybody_is_delivered_once() -> None:
    found = selftest("--faults", "30%", "--leads", "24", "--seed", "2", "--output", "json")
    told = json.loads(found.stdout)
    assert found.exit_code == 0, told
    assert (told["leads"], told["delivered"], told["dead"]) == (24, 24, {})
    assert (told["lost"], told["double"], told["other"], told["clean"]) == ([], [], [], True)
    assert told["disturbed"] / sum(told["calls"].values()) == pytest.approx(0.3, abs=0.05)
    assert sum(told["faults"].values()) == told["disturbed"]
    assert len(told["faults"]) > len(KINDS) / 2
    notices = told["notices"]
    assert (notices["notices"], notices["lost"], notices["double"], notices["other"]) == (24, [], [], [])
    assert sum(notices["faults"].values()) > 2


def test_notices_under_faults_come_all_the_same_and_reminders_once(tmp_path: Path) -> None:
    found = post(tmp_path, 40, 0.4, 1)
    assert found.clean, found.amiss.all
    assert found.told == 40
    assert found.calls["mail"] > found.calls["web hook"] > 10
    assert found.faults["450"]
    assert 0 < found.may_double < 30
    assert 0 < found.left < 15


@pytest.mark.parametrize("share", ["much", "130%", "-0.1", "95%"])
def test_a_share_that_is_none_is_told(share: str) -> None:
    found = selftest("--faults", share)
    assert found.exit_code == 2
    assert f"{share} is no share of the calls, such as 30%" in found.stderr


def test_the_table_names_every_kind_and_what_became_of_the_leads() -> None:
    told = Told(leads=1200, delivered=1190, disturbed=3, runs=7, dead=Counter({"a rule says no": 4}))
    told.calls, told.faults = Counter({"hubspot": 10}), Counter(set(KINDS) - set(HARMLESS))
    told.amiss.lost.append("tasks of handoff 7: none")
    told.post = Posted(40, Counter({"mail": 50}), Counter(MAIL_FAULTS.keys()), may_double=6, left=5)
    text = "\n".join(lines(Session(Path("config.toml"), False), told))
    assert WORDS.keys() == set(KINDS) - set(HARMLESS)
    assert MAIL_WORDS.keys() == MAIL_FAULTS.keys()
    for part in (
        *WORDS.values(),
        *MAIL_WORDS.values(),
        "3 of 50 calls went wrong (6 %)",
        "3 of 10 calls went wrong (30 %)",
        "tasks of handoff 7: none",
    ):
        assert part in text
    rows = dict(line.rsplit(None, 1) for line in text.splitlines() if line and line[-1].isdigit())
    assert {name.strip(): number for name, number in rows.items()}.items() >= {
        "handed over": "1,200", "delivered once": "1,190", "wait for a person: a rule says no": "4", "sent": "40",
        "came twice, as notices may that somebody must act on": "6",
    }.items()  # fmt: skip


def test_what_a_platform_refuses_waits_with_its_reason_and_the_rest_is_delivered(tmp_path: Path) -> None:
    wish = Wish(leads=8, share=0.3, seed=3, there=0.0)
    with disturbed(wish, tmp_path) as pair:
        table = pair.portal.tables["contacts"]
        for id in list(table.rows)[:2]:
            pair.portal.change("contacts", table.rows[id], {"lastname": "Refused"})
        rule = ValidationRule("Lead", "the name is not wanted", lambda after, _before: after["LastName"] == "Refused")
        pair.org.validation_rules.append(rule)
        told = until_quiet(pair, wish)
    assert told.clean, told
    assert (told.leads, told.delivered, told.dead.total()) == (8, 6, 2)
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
