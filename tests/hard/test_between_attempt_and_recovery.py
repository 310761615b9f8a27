"""What people do between our attempt, whose answer was lost, and our looking it up: nobody is doubled, lost or undone.

One pass for everybody: the pair's calls are for hundreds of records, and each person here has a fate of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.pair import MINUTES, SECRETS, Pair, pair, reasons

LENA = "lena@northwind.example"
LEADS = "PATCH /services/data/v62.0/composite/sobjects/Lead/Baton_Id__c"
NEW = "POST /services/data/v62.0/composite/sobjects"
#: Longer than Salesforce's own `settle`, in passes.
LONG = timedelta(minutes=15)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, **reasons()) as running:
        yield running


def ask(line: Pair, *names: str) -> dict[str, str]:
    """People who ask for a demo; the ids of their contacts by name."""
    line.sync(MINUTES)
    contacts = {name: line.person(f"{name}@{name}.example", lastname=name.title(), company=name) for name in names}
    for contact in contacts.values():
        line.asks_for_a_demo(contact)
    return contacts


def live(line: Pair, object: str, name: str) -> list[Mapping[str, Any]]:
    field = "LastName" if object in ("Lead", "Contact") else "Subject"
    return [one for one in line.records(object) if name.title() in str(one[field])]


def one_of(line: Pair, object: str, name: str) -> Mapping[str, Any]:
    (found,) = live(line, object, name)
    return found


def other_record(line: Pair, name: str) -> str:
    """Somebody else has the same person under another address, and nobody of ours knows."""
    values = {"LastName": name.title(), "Company": name, "Email": f"old.{name}@{name}.example"}
    return line.org.create("Lead", values, by=LENA)


def calm(line: Pair) -> None:
    for _ in range(4):
        assert line.sync(LONG).failures == []
    left = line.outbox("waiting", "in_flight", "unknown", "dead", "parked")
    assert [(row.object, row.state, row.reason) for row in left] == []


def delete(line: Pair, name: str) -> None:
    line.org.delete(one_of(line, "Lead", name)["Id"], by=LENA)


def lose(line: Pair, name: str) -> None:
    ours = one_of(line, "Lead", name)["Id"]
    line.org.merge(other_record(line, name), [ours], by=LENA)


def win(line: Pair, name: str) -> None:
    ours = one_of(line, "Lead", name)["Id"]
    line.org.merge(ours, [other_record(line, name)], by=LENA)


def convert(line: Pair, name: str) -> None:
    line.org.convert(one_of(line, "Lead", name)["Id"], by=LENA)


def set_status(line: Pair, name: str) -> None:
    line.org.edit(one_of(line, "Lead", name)["Id"], {"Status": "Working"}, by=LENA)


def leave(line: Pair, name: str) -> None:
    one_of(line, "Lead", name)


FATES: dict[str, Callable[[Pair, str], None]] = {
    "deleted": delete, "loser": lose, "winner": win, "converted": convert, "worked": set_status, "left": leave,
}  # fmt: skip


def test_leads_whose_answer_was_lost(line: Pair) -> None:
    contacts = ask(line, *FATES)
    line.salesforce.faults.add("lost", match=LEADS)
    line.sync(MINUTES)
    assert len(line.records("Lead")) == len(FATES)
    line.clock.move(30)
    for name, act in FATES.items():
        act(line, name)
    calm(line)
    stages = {name: line.lead(contact).stage for name, contact in contacts.items()}
    assert stages == {
        "deleted": "rejected", "loser": "mql", "winner": "mql", "converted": "opportunity", "worked": "sal",
        "left": "mql",
    }  # fmt: skip
    # Deleted is deleted; everybody else is there once, as what they have become, with one task.
    assert {name: len(live(line, "Lead", name)) for name in FATES} == {
        "deleted": 0, "loser": 1, "winner": 1, "converted": 1, "worked": 1, "left": 1,
    }  # fmt: skip
    assert {name: len(live(line, "Task", name)) for name in FATES} == {name: int(name != "deleted") for name in FATES}
    contact = one_of(line, "Contact", "converted")
    assert one_of(line, "Task", "converted")["WhoId"] == contact["Id"]
    for name in ("loser", "winner", "worked", "left"):
        assert one_of(line, "Task", name)["WhoId"] == one_of(line, "Lead", name)["Id"]
    assert one_of(line, "Lead", "worked")["Status"] == "Working"


def complete(line: Pair, name: str) -> None:
    line.org.edit(one_of(line, "Task", name)["Id"], {"Status": "Completed"}, by=LENA)


def delete_task(line: Pair, name: str) -> None:
    line.org.delete(one_of(line, "Task", name)["Id"], by=LENA)


TASKS: dict[str, Callable[[Pair, str], None]] = {
    "completed": complete, "thrown": delete_task, "deleted": delete, "loser": lose, "winner": win,
    "converted": convert, "left": leave,
}  # fmt: skip


def test_tasks_whose_answer_was_lost(line: Pair) -> None:
    contacts = ask(line, *TASKS)
    line.salesforce.faults.add("lost", match=NEW)
    line.sync(MINUTES)
    assert len(line.records("Task")) == len(TASKS)
    line.clock.move(30)
    for name, act in TASKS.items():
        act(line, name)
    calm(line)
    # Nobody has two. An org does not tell which tasks were deleted, nor whose they were: that one comes once more.
    assert {name: len(live(line, "Task", name)) for name in TASKS} == dict.fromkeys(TASKS, 1)
    assert one_of(line, "Task", "completed")["Status"] == "Completed"
    assert line.lead(contacts["deleted"]).stage == "rejected"
    assert line.lead(contacts["converted"]).stage == "opportunity"
