"""Half of a batch is done and the answer lost: the other half is sent again, and nothing of the first."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.pair import MINUTES, SECRETS, pair, reasons

LEADS = "PATCH /services/data/v62.0/composite/sobjects/Lead/Baton_Id__c"
TASKS = "POST /services/data/v62.0/composite/sobjects"
TOLD = "contacts/batch/update"
PEOPLE = 7


@pytest.mark.parametrize("done", [1, PEOPLE - 1])
def test_leads_tasks_and_what_marketing_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: int) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, **reasons()) as line:
        line.sync(MINUTES)
        contacts = [line.person(f"p{number}@firm{number}.example", lastname=f"N{number}") for number in range(PEOPLE)]
        for contact in contacts:
            line.asks_for_a_demo(contact)
        for server, match in ((line.salesforce, LEADS), (line.salesforce, TASKS), (line.hubspot, TOLD)):
            server.faults.add("half", match=match, items=done)
        line.sync(MINUTES)
        assert len(line.records("Lead")) == done
        for _ in range(6):
            assert line.sync(timedelta(minutes=15)).failures == []
        assert [one.faults.left() for one in (line.salesforce, line.hubspot)] == [[], []], "each fault was met"
        leads, tasks = line.records("Lead"), line.records("Task")
        assert Counter(lead["Email"] for lead in leads) == Counter(f"p{one}@firm{one}.example" for one in range(PEOPLE))
        assert Counter(task["WhoId"] for task in tasks) == Counter(lead["Id"] for lead in leads)
        assert {line.contact(contact)["baton_stage"] for contact in contacts} == {"mql"}
        assert line.outbox("waiting", "in_flight", "unknown", "dead", "parked") == []
        made = Counter((deed.did, deed.object) for deed in line.salesforce.ledger.deeds())
        assert (made["create", "Lead"], made["create", "Task"]) == (PEOPLE, PEOPLE)
