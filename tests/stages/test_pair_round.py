"""The whole round between HubSpot and Salesforce: rejected, away, back, handed over again, and on to the next team."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.pair import SECRETS, pair, reasons

DAY = timedelta(days=1)
FLOW = """\
[flows.b2b.gates]
mql = { activity = "demo_request", within = "60 days" }
sql = { within = "10 working days", then = "ae" }
[flows.b2b.reasons]
not_now = { list = "Baton: later", back_after = "20 days" }
"""
TEAM = '\n[teams.ae]\nmembers = [{ email = "tom@northwind.example" }]\n'


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def test_rejected_back_and_on_to_the_next_team(tmp_path: Path) -> None:
    settings = reasons()
    settings["salesforce"] += TEAM
    with pair(tmp_path, flow=FLOW, **settings) as line:
        contact, lead = line.given()
        line.says(lead, Status="Unqualified", Rejection_Reason__c="Not now")
        later = next(one for one in line.portal.lists.values() if one.name == "Baton: later")
        assert [str(id) for id in later.members] == [contact]
        line.sync(19 * DAY)
        assert line.lead(contact).stage == "rejected"
        # The request of before still counts, and hands nobody over by itself.
        line.sync(2 * DAY)
        assert (line.lead(contact).stage in ("known", "warm"), len(later.members)) == (True, 0)
        line.asks_for_a_demo(contact)
        line.sync(timedelta(hours=1))
        assert line.lead(contact).stage == "mql"
        (record,) = line.records("Lead")
        # It waits for its rep as it did the first time.
        assert (record["Id"], record["Status"]) == (lead, "Open")
        assert len(line.records("Task")) == 2
        line.sync(timedelta(minutes=10))
        assert line.lead(contact).stage == "mql"
        line.says(lead, Status="Qualified")
        handoff = line.handoff(contact)
        assert (handoff.stage, handoff.state, handoff.owner) == ("sql", "open", "tom@northwind.example")
        line.sync(timedelta(minutes=10))
        (record,) = line.records("Lead")
        users = {one["Id"]: one["Email"] for one in line.records("User")}
        assert users[record["OwnerId"]] == "tom@northwind.example"
        assert len(line.records("Task")) == 3
        assert line.outbox("dead", "parked", "waiting", "unknown") == []
