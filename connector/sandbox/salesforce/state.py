"""What an org holds: objects, records, time, and changes that are on their way."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.ids import long_id, normal, numbers
from connector.sandbox.salesforce.objects import SObject, standard
from connector.sandbox.salesforce.table import Record, Table

TIME = "%Y-%m-%dT%H:%M:%S.000+0000"


def stamp(at: datetime) -> str:
    """A moment as the API writes it: whole seconds, UTC."""
    return at.astimezone(UTC).strftime(TIME)


def moment(text: str) -> datetime:
    """The moment that `stamp` wrote."""
    return datetime.strptime(text, TIME).replace(tzinfo=UTC)


@dataclass(slots=True)
class Deletion:
    """One line of the delete log."""

    object: str
    id: str
    at: datetime


@dataclass(slots=True)
class Uncommitted:
    """A change within a long transaction: stamped when it began, seen by others when it ends."""

    sobject: SObject
    began: datetime
    ends: datetime
    id: str
    changes: dict[str, Any]
    created: bool


class State:
    """Objects and records. Every public act takes `lock`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.objects = standard()
        self.tables = {name: Table(one) for name, one in self.objects.items()}
        self.deletions: list[Deletion] = []
        self.bin_emptied_at: datetime | None = None
        self.uncommitted: list[Uncommitted] = []
        self._numbers: dict[str, Iterator[str]] = {name: numbers(one.prefix) for name, one in self.objects.items()}
        self.id = long_id("00D", 1)

    def sobject(self, name: str) -> SObject:
        """The object. Raises ApiError for one that does not exist."""
        found = self.objects.get(name.lower())
        if found is None:
            raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        return found

    def table(self, name: str) -> Table:
        """The records of an object."""
        return self.tables[self.sobject(name).name.lower()]

    def object_of(self, record_id: str) -> SObject:
        """Which object the id belongs to. Raises KeyError for a prefix that no object has."""
        for one in self.objects.values():
            if record_id.startswith(one.prefix):
                return one
        raise KeyError(f"no object has ids that begin with {record_id[:3]!r}")

    def record(self, record_id: str) -> Record:
        """The record, deleted or not. Raises KeyError where there is none."""
        return self.tables[self.object_of(record_id).name.lower()].records[normal(record_id)]

    def live(self, name: str) -> list[Record]:
        """The records of an object that are not deleted."""
        return [record for record in self.table(name) if not record["IsDeleted"]]

    def insert(self, name: str, values: Mapping[str, Any], by: str, *, commits_after: float = 0.0) -> str:
        """Create a record without asking any rule; returns its id.

        `commits_after` (seconds) is how long its transaction takes: until then nobody sees it.
        """
        sobject = self.sobject(name)
        now = stamp(self.clock.now())
        record_id = next(self._numbers[sobject.name.lower()])
        record: Record = {"Id": record_id, "IsDeleted": False, "CreatedDate": now, "CreatedById": by,
                          "LastModifiedDate": now, "LastModifiedById": by, "SystemModstamp": now}  # fmt: skip
        record |= _defaults(sobject)
        if "ownerid" in sobject.fields:
            record["OwnerId"] = by
        record |= {sobject.fields[key.lower()].name: value for key, value in values.items() if value is not None}
        self._derive(sobject, record)
        record = {key: value for key, value in record.items() if value is not None}
        if commits_after:
            self._hold(sobject, record_id, record, commits_after, created=True)
        else:
            self.tables[sobject.name.lower()].put(record)
        return record_id

    def change(
        self, record_id: str, changes: Mapping[str, Any], by: str, *, silent: bool = False, commits_after: float = 0.0
    ) -> None:
        """Write fields of a record without asking any rule.

        `silent` is work of the platform itself: only SystemModstamp moves. `commits_after` as in `insert`.
        """
        sobject = self.object_of(record_id)
        table = self.tables[sobject.name.lower()]
        now = stamp(self.clock.now())
        written = {sobject.fields[key.lower()].name: value for key, value in changes.items()}
        after = {**table.records[record_id], **written}
        self._derive(sobject, after)
        derived = {name: value for name, value in after.items() if table.records[record_id].get(name) != value}
        written |= derived | {"SystemModstamp": now}
        if not silent:
            written |= {"LastModifiedDate": now, "LastModifiedById": by}
        if commits_after:
            self._hold(sobject, record_id, written, commits_after, created=False)
        else:
            table.change(record_id, written)

    def remove(self, record_id: str, by: str, changes: Mapping[str, Any] | None = None) -> None:
        """Delete a record, into the recycle bin and the delete log."""
        self.change(record_id, {"IsDeleted": True, **(changes or {})}, by)
        self.deletions.append(Deletion(self.object_of(record_id).name, record_id, self.clock.now()))

    def settle(self) -> None:
        """Let what has been committed by now be seen."""
        now = self.clock.now()
        for one in [held for held in self.uncommitted if held.ends <= now]:
            self.uncommitted.remove(one)
            table = self.tables[one.sobject.name.lower()]
            if one.created:
                table.put(one.changes)
            elif one.id in table.records:
                table.change(one.id, one.changes)

    def oldest_open(self) -> datetime | None:
        """When the oldest transaction began that is still open."""
        return min((one.began for one in self.uncommitted), default=None)

    def _hold(
        self, sobject: SObject, record_id: str, changes: dict[str, Any], seconds: float, *, created: bool
    ) -> None:
        now = self.clock.now()
        self.uncommitted.append(
            Uncommitted(sobject, now, now + timedelta(seconds=seconds), record_id, changes, created)
        )

    def _derive(self, sobject: SObject, record: Record) -> None:
        """What the platform works out by itself from the other fields."""
        if "lastname" in sobject.fields:
            record["Name"] = " ".join(filter(None, (record.get("FirstName"), record.get("LastName"))))
        if sobject.name == "Opportunity":
            record["IsClosed"] = str(record.get("StageName", "")).startswith("Closed")
            record["IsWon"] = record.get("StageName") == "Closed Won"
        elif sobject.name == "Task":
            record["IsClosed"] = record.get("Status") == "Completed"
            record["IsHighPriority"] = record.get("Priority") == "High"
            if record["IsClosed"]:
                record.setdefault("CompletedDateTime", stamp(self.clock.now()))
        elif sobject.name == "CampaignMember":
            record["HasResponded"] = record.get("Status") == "Responded"
        if sobject.name in ("Task", "Event"):
            record["AccountId"] = self._account_of(record)

    def _account_of(self, activity: Record) -> str | None:
        what, who = activity.get("WhatId") or "", activity.get("WhoId") or ""
        if what.startswith("001"):
            return str(what)
        over = self.tables["opportunity"].get(what) or self.tables["contact"].get(who) or {}
        return over.get("AccountId")


def _defaults(sobject: SObject) -> Record:
    found: Record = {}
    for one in sobject.fields.values():
        chosen = next((choice.value for choice in one.choices if choice.default), one.default)
        if chosen is not None and one.name != "IsDeleted":
            found[one.name] = chosen
    return found
