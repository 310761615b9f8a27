"""What changed in an org, stream by stream, oldest first.

A query over SystemModstamp and Id brings what changed, in that order. Its answer is fixed when it
is asked, which is the walk's upper bound: what changes meanwhile comes with the next walk, as the
last time kept is never later than the org's own time of the first answer. A walk that broke off goes
on after the last record stored, since the address of a query's next page does not live long.
Transactions that began before a walk and end after it carry an older time: a new walk begins some
minutes earlier, and what that brings again unchanged is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

import orjson

from adapters._salesforce import records
from adapters._salesforce.cursors import MOST_SEEN, Cursor
from adapters._salesforce.objects import moment, stamp
from adapters._salesforce.query import Org, QueryRefusedError, Rows, chunks, listed, quoted, select
from connector.model import sentences
from connector.model.mirror import CrmPage, CrmRecord
from connector.model.outbox import LANES

Row = Mapping[str, Any]

#: An Apex transaction may run ten minutes (developer.salesforce.com: apexcode, apex_gov_limits).
OVERLAP = timedelta(minutes=10)
#: Fields that were not for us may be by now.
ASK_AGAIN = timedelta(days=1)
#: How far back calls and mails are read the first time: older ones are no answer to a handoff of ours.
FIRST_TASKS = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream: the object, the fields to ask for, a further condition, how rows become records.

    `quiet` are fields that an org may lack without a word to anyone. `since` is how far back the
    first walk goes; without one it begins at the beginning.
    """

    name: str
    sobject: str
    fields: tuple[str, ...]
    made: Callable[[Sequence[Row]], list[CrmRecord]]
    quiet: frozenset[str] = records.OPTIONAL
    where: str = ""
    since: timedelta | None = None


def first(page: Rows, now: datetime) -> datetime:
    """The time that nothing later than may be taken as read."""
    return page.told_at or now


class Walk:
    """One walk over one stream."""

    def __init__(self, org: Org, stream: Stream, cursor: str, now: datetime, lane: int = LANES["normal"]) -> None:
        self.org, self.stream, self.now, self.lane = org, stream, now, lane
        self.cursor = Cursor.read(cursor)
        self.notes: tuple[str, ...] = ()
        self.asked_anew = False
        self.bound = now
        self.recent: dict[str, str] = {}
        if self.cursor.asked and (moment(self.cursor.asked) or now) + ASK_AGAIN <= now:
            self.cursor.without, self.cursor.asked = [], ""

    def pages(self) -> Iterator[CrmPage]:
        """The pages, each with the cursor that may be stored after it."""
        known = self.cursor.seen
        page = self._begin()
        while True:
            fresh = [row for row in page.rows if not is_seen(row, known)]
            self._move(page)
            if fresh or page.following or self.asked_anew:
                yield CrmPage(self.stream.name, self.stream.made(fresh), self.cursor.kept(), self.notes)
                self.notes, self.asked_anew = (), False
            if not page.following:
                return
            page = self._next(page.following)

    def _begin(self) -> Rows:
        try:
            page = self.org.page(self._soql(), lane=self.lane)
        except QueryRefusedError as refused:
            if refused.code != "INVALID_FIELD" or not self._leave_out():
                raise
            page = self.org.page(self._soql(), lane=self.lane)
        self.bound = first(page, self.now)
        return page

    def _next(self, following: str) -> Rows:
        try:
            return self.org.page(following=following, lane=self.lane)
        except QueryRefusedError as refused:
            if refused.code != "INVALID_QUERY_LOCATOR":
                raise
        return self._begin()

    def _leave_out(self) -> bool:
        """Ask which fields there are for us, and go without the others; False where all are there."""
        described = self.org.describe(self.stream.sobject).get("fields") or []
        there = {str(one.get("name")).casefold() for one in described}
        missing = [name for name in self.stream.fields if "." not in name and name.casefold() not in there]
        if not missing or set(missing) <= set(self.cursor.without):
            return False
        self.cursor.without, self.cursor.asked = missing, self.now.isoformat(timespec="seconds")
        self.asked_anew = True
        told = [name for name in missing if name not in self.stream.quiet]
        if told:
            self.notes = (sentences.FIELDS_NOT_SEEN % {"object": self.stream.sobject, "fields": ", ".join(told)},)
        return True

    def _soql(self) -> str:
        without = set(self.cursor.without)
        names = [name for name in records.distinct(self.stream.fields) if name not in without]
        where = " AND ".join(part for part in (self.stream.where, self._after()) if part)
        return select(names, self.stream.sobject, where, "SystemModstamp, Id")

    def _after(self) -> str:
        cursor = self.cursor
        if cursor.id:
            tie = f"(SystemModstamp > {cursor.at} OR Id > {quoted(cursor.id)})"
            return f"SystemModstamp >= {cursor.at} AND {tie}"
        since = moment(cursor.at)
        if since is not None:
            return f"SystemModstamp >= {stamp(since - OVERLAP)}"
        return f"SystemModstamp >= {stamp(self.now - self.stream.since)}" if self.stream.since else ""

    def _move(self, page: Rows) -> None:
        """Move the cursor past a page."""
        if page.rows:
            last = page.rows[-1]
            at = moment(last.get("SystemModstamp")) or self.bound
            late = at > self.bound
            self.cursor.at = stamp(self.bound if late else at)
            self.cursor.id = "" if late or not page.following else str(last["Id"])
            self.cursor.page = self.cursor.page + 1 if page.following else 0
            self._note_recent(page.rows)
        if not page.following:
            self._end()

    def _end(self) -> None:
        cursor = self.cursor
        cursor.id, cursor.page = "", 0
        if len(self.recent) > MOST_SEEN:
            # Too many to be remembered are told again by the next walks, until the overlap is past them.
            cursor.at = stamp(self.bound)
            self._forget_old()
            cursor.again += len(self.recent) > MOST_SEEN
        cursor.remember(self.recent)

    def _note_recent(self, rows: list[dict[str, Any]]) -> None:
        self._forget_old()
        edge = self._edge()
        young = (row for row in rows if (moment(row.get("SystemModstamp")) or self.bound) >= edge)
        self.recent |= {short(row): mark(row) for row in young}

    def _forget_old(self) -> None:
        edge = self._edge()
        of = {id: moment(told.partition(" ")[0]) for id, told in self.recent.items()}
        self.recent = {id: told for id, told in self.recent.items() if (of[id] or self.bound) >= edge}

    def _edge(self) -> datetime:
        return (moment(self.cursor.at) or self.bound) - OVERLAP


def is_seen(row: Row, known: Mapping[str, str]) -> bool:
    """Whether a row was told as it is now. `known` are marks by id."""
    id = short(row)
    return id in known and known[id] == mark(row)


def mark(row: Row) -> str:
    """What a row is known by when it comes again: its time, and a digest.

    Times are in whole seconds: a record that changes again in the second in which it was read has the same one.
    """
    digest = blake2b(orjson.dumps(row), digest_size=4).hexdigest()
    return f"{row.get('SystemModstamp')} {digest}"


def short(row: Row) -> str:
    """The id in its shorter form."""
    return str(row.get("Id", ""))[:15]


def streams(
    org: Org, written: Mapping[str, tuple[str, ...]], columns: frozenset[str], external_id: str, task_key: str,
    customer_types: list[str], store_id: str,
) -> dict[str, Stream]:  # fmt: skip
    """The streams that are walked by the time of change, by name, in the order in which they are to be read."""
    of_lead = records.names_of(written, columns, "lead")
    of_contact = records.names_of(written, columns, "contact")
    only_written = frozenset(of_contact) - frozenset(records.names_of(written, (), "contact"))
    base = records.FIELDS
    return {
        stream.name: stream
        for stream in (
            Stream("user", "User", base["user"], _each(records.user)),
            Stream("account", "Account", base["account"], _each(lambda row: records.account(row, customer_types))),
            Stream(
                "contact", "Contact", (*base["contact"], *of_contact),
                _each(lambda row: records.contact(row, of_contact)), records.OPTIONAL | only_written,
            ),
            Stream(
                "lead", "Lead", (*base["lead"], external_id, *of_lead),
                _each(lambda row: records.lead(row, of_lead, external_id)),
            ),
            Stream("opportunity", "Opportunity", base["opportunity"], lambda rows: _opportunities(org, rows)),
            Stream(
                "task", "Task", (*base["task"], *([task_key] if task_key else [])),
                _each(lambda row: records.task(row, task_key, store_id)), where="IsClosed = true AND WhoId != null",
                since=FIRST_TASKS,
            ),
        )
    }  # fmt: skip


def _each(made: Callable[[Row], CrmRecord]) -> Callable[[Sequence[Row]], list[CrmRecord]]:
    return lambda rows: [made(row) for row in rows]


def _opportunities(org: Org, rows: Sequence[Row]) -> list[CrmRecord]:
    """Deals, each with its primary contact: the deal's own field, else the role that says so."""
    asked = [str(row["Id"]) for row in rows if not row.get("ContactId")]
    contacts: dict[str, str] = {}
    for part in chunks(asked):
        where = f"IsPrimary = true AND OpportunityId IN {listed(part)}"
        soql = select(("OpportunityId", "ContactId"), "OpportunityContactRole", where)
        contacts |= {str(role["OpportunityId"]): str(role["ContactId"]) for role in org.rows(soql)}
    return [records.opportunity(row, contacts) for row in rows]
