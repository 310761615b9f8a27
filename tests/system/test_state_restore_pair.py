"""A copy of the store put back between HubSpot and Salesforce: tasks there have no key that could be searched."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from connector.app import has_ended
from connector.runs.restore import after_restore
from connector.selftest.books import last_line
from state import backup, restore
from tests.going_live import books, differences
from tests.pair import MINUTES, SECRETS, Pair, pair


def put_back(one: Pair, copy: Path) -> None:
    """Stop, put the copy back, start again."""
    one.app.close()
    restore(
        str(one.folder / "baton.db"), copy, one.now,
        lambda tx, present: after_restore(tx, one.now, present.numbers, present.restores), has_ended,
    )  # fmt: skip
    one.reopen()


def test_nothing_comes_twice_and_nobody_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, salesforce='campaign = "Inbound"') as one:
        one.org.create("Campaign", {"Name": "Inbound", "IsActive": True})
        contacts = {name: one.person(f"{name}@{name}.example", lastname=name.title()) for name in ("ada", "bob", "cy")}
        one.asks_for_a_demo(contacts["ada"])
        one.sync(MINUTES)
        copy = tmp_path / "copy.bak"
        backup(str(tmp_path / "baton.db"), copy)
        for name in ("dora", "emil", "fay", "gus"):
            contacts[name] = one.person(f"{name}@{name}.example", lastname=name.title())
        for name in ("bob", "dora", "emil", "fay", "gus"):
            one.asks_for_a_demo(contacts[name])
        one.sync(MINUTES)
        one.sync(MINUTES)
        leads = {str(lead["LastName"]): dict(lead) for lead in one.records("Lead")}
        tasks = {str(task["Id"]): last_line(task) for task in one.records("Task")}
        assert (len(leads), len(tasks), len(one.records("CampaignMember"))) == (6, 6, 6)
        one.clock.move(60)
        one.org.edit(leads["Emil"]["Id"], {"Title": "CTO, she says"}, by="lena@northwind.example")
        one.org.edit(leads["Fay"]["Id"], {"Status": "Unqualified"}, by="lena@northwind.example")
        one.org.convert(leads["Gus"]["Id"], by="lena@northwind.example")
        put_back(one, copy)
        contacts["hal"] = one.person("hal@hal.example", lastname="Hal")
        one.asks_for_a_demo(contacts["hal"])
        for _ in range(6):
            assert one.sync(timedelta(hours=1)).failures == []

        assert Counter(str(lead["LastName"]) for lead in one.records("Lead")) == Counter([*leads, "Hal"])
        now = {str(lead["LastName"]): lead for lead in one.records("Lead")}
        for name, before in leads.items():
            kept = ("Id", "Baton_Id__c", "OwnerId", "Email")
            assert {field: now[name][field] for field in kept} == {field: before[field] for field in kept}
        assert now["Emil"]["Title"] == "CTO, she says"
        assert (one.lead(contacts["fay"]).stage, one.lead(contacts["gus"]).stage) == ("rejected", "opportunity")
        assert {str(task["Id"]): last_line(task) for task in one.records("Task")}.items() > tasks.items()
        assert (len(one.records("Task")), len(one.records("CampaignMember"))) == (7, 7)
        # A stage that was told to HubSpot since the copy was made is somebody else's word by now, and not taken back.
        fay = f"contact {contacts['fay']}: lifecyclestage is wanted as 'lead'"
        told = differences(one.app.store, books(one.portal, one.org), one.now)
        assert [one for one in told if not one.startswith(fay)] == []
