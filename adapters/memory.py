"""The reference adapter: a marketing source and a CRM in memory.

Read this one first. It behaves in every way that an adapter can declare, as its settings say,
and meets every fault that a test injects into its `World`. It takes the clock from its context.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Literal

from adapters._memory.platform import Platform
from adapters._memory.settings import MemorySettings
from adapters._world import BEGINNING, Changed, Fault, Thing, World
from adapters._world_records import found_people, record_of, users_of
from connector.model.adapter import (
    Adapter,
    Context,
    CrmCapabilities,
    FieldInfo,
    FindItem,
    SourceCapabilities,
    WriteItem,
)
from connector.model.errors import AuthError, RetryableError
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import Done, Found, NotExecuted, Outcome, Refused, Unknown
from connector.model.publishing import Goal, PublishedPage
from connector.model.records import Page, Record, Split, Window

#: A cursor of a part: the place that was read last, and the part's own last place.
_PART = re.compile(r"(-?\d+)-(\d+)")
_PLACE = re.compile(r"-?\d+")


def place_of(cursor: str) -> int:
    """The place in the order of changes that a cursor names; for one that is none of ours, the beginning."""
    found = _PLACE.match(cursor)
    return int(found[0]) if found else BEGINNING


_worlds: dict[str, World] = {}


def world_of(settings: MemorySettings, context: Context) -> World:
    """The world that these settings mean: the one given, the one in the file, or one per connection."""
    if settings.world is not None:
        return settings.world
    key = str(context.root / settings.file) if settings.file else f"connection {context.connection} at {context.root}"
    if key not in _worlds:
        _worlds[key] = World(key if settings.file else "")
    return _worlds[key]


class _Role:
    """What both roles share: settings, world, clock, signing in."""

    def __init__(self, settings: MemorySettings, context: Context) -> None:
        self.settings = settings
        self.context = context
        self.world = world_of(settings, context)

    def check(self) -> None:
        """Sign in."""
        fault = self.world.begin("check", 0, self.context.now())
        self._sign_in(fault)
        if fault is not None:
            raise RetryableError(f"{self.context.connection}: {fault.kind}", fault.retry_after)
        self.world.end("check")

    def _sign_in(self, fault: Fault | None) -> None:
        wrong = self.settings.secret and self.context.secret(self.settings.secret) != self.world.password
        if wrong or (fault is not None and fault.kind == "refused"):
            mend = f"baton auth set {self.settings.secret or self.context.connection}"
            raise AuthError(self.context.connection, "the platform refused the sign-in", mend)

    def _cursors(self, stream: str, cursor: str, after: int, last: int) -> list[tuple[str, bool]]:
        """The cursors under which a page comes, and whether it has its records: once, but for the settings."""
        settings = self.settings
        stands = settings.cursor_stuck and stream in (settings.stuck_streams or (stream,))
        found = [(f"{after} blank", False)] if settings.blank_pages else []
        found += [(cursor if stands else str(last), True)]
        return found + ([(f"{last} again", True)] if settings.pages_twice else [])


class MemorySource(_Role):
    """The marketing role. The cursor is the place in the order of changes that was read last.

    That of a part has the part's last place behind it: `200-400`.
    """

    def __init__(self, settings: MemorySettings, context: Context) -> None:
        super().__init__(settings, context)
        self.capabilities = SourceCapabilities(
            streams=settings.streams,
            page_size=settings.page_size,
            windows=settings.windows,
            reports_deletes=settings.source_reports_deletes,
            reports_merges=settings.source_reports_merges,
            read_ahead=settings.read_ahead,
            parts=settings.parts,
            sweeps=settings.sweeps,
        )

    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        """Pages of what changed after `cursor`."""
        if _PART.fullmatch(cursor):
            yield from self._part(stream, cursor)
            return
        after, told = place_of(cursor), cursor.endswith(" emptied")
        while changed := self._read(stream, after):
            wanted = [self._record(one) for one in changed if self._shown(one, window)]
            for behind, whole in self._cursors(stream, cursor, after, changed[-1].seq):
                yield Page(stream, wanted if whole else [], behind)
            after, told = changed[-1].seq, False
            if len(changed) < self.settings.page_size:
                break
        if after != BEGINNING and not told and not self.world.count(stream):
            yield Page(stream, [], f"{after} emptied", emptied=True)

    def split(self, stream: str, parts: int) -> Split | None:
        """Stretches of about the same length."""
        last = max((one.seq for one in self.world.changes(stream, 0, -1)), default=0)
        if last < parts:
            return None
        edges = [BEGINNING, *(last * part // parts for part in range(1, parts + 1))]
        return Split(tuple(f"{edges[part]}-{edges[part + 1]}" for part in range(parts)), str(last))

    def _part(self, stream: str, cursor: str) -> Iterator[Page]:
        after, until = place_of(cursor), int(cursor.rpartition("-")[2])
        while changed := [one for one in self._read(stream, after) if one.seq <= until]:
            after = changed[-1].seq
            yield Page(stream, [self._record(one) for one in changed if self._shown(one, None)], f"{after}-{until}")

    def _read(self, stream: str, after: int) -> list[Changed]:
        fault = self.world.begin("pull", self.settings.page_size, self.context.now())
        self._sign_in(fault)
        if fault is not None:
            raise RetryableError(f"{self.context.connection}: {fault.kind}", fault.retry_after)
        found = self.world.changes(stream, after, self.settings.page_size)
        self.world.end("pull")
        return found

    def _shown(self, one: Changed, window: Window | None) -> bool:
        if window is not None and not window.since <= one.modified_at < window.until:
            return False
        if one.merged_into and self.settings.source_reports_merges:
            return True
        return self.settings.source_reports_deletes or not one.gone

    def _record(self, one: Changed) -> Record:
        into = one.merged_into if self.settings.source_reports_merges else ""
        gone = one.gone and not into
        return Record(one.id, one.values, where=one.id, modified_at=one.modified_at, gone=gone, merged_into=into)

    def fields(self) -> list[FieldInfo]:
        """The fields that its records have, with fill rates."""
        found: list[FieldInfo] = []
        for stream in self.settings.streams:
            rows = [one.values for one in self.world.changes(stream, BEGINNING, -1) if not one.gone]
            for name in dict.fromkeys(name for row in rows for name in row):
                filled = sum(row.get(name) not in (None, "") for row in rows)
                found.append(FieldInfo(stream, name, fill=filled / len(rows)))
        return found


class MemoryCrm(_Role):
    """The sales role."""

    def __init__(self, settings: MemorySettings, context: Context) -> None:
        super().__init__(settings, context)
        self.capabilities = CrmCapabilities(
            objects=settings.objects,
            unique_key=settings.unique_key,
            find=settings.find,
            settle=settings.settle,
            lag=settings.lag,
            max_batch=settings.max_batch,
            batch=settings.batch,
            correlate=settings.correlate,
            reports_deletes=settings.reports_deletes,
            merge_redirect=settings.merge_redirect,
            deadline=settings.deadline,
            streams=settings.crm_streams,
            sweeps=settings.crm_streams if settings.sweeps else (),
            look_up_batch=settings.look_up_batch,
            read_back_lag=settings.read_back_lag,
            read_ahead=settings.read_ahead,
            writers=settings.writers,
            tells_blank=settings.tells_blank,
            key_fields=dict.fromkeys(("lead", "contact"), settings.key_field) if settings.key_field else {},
            lead_is=settings.lead_is,
            exceptions={object: {"unique_key": "none", "find": "parent"} for object in settings.by_parent},
            ended={"task": {"is_open": False}},
            deletes=settings.deletes,
            publishes=settings.publishes,
        )
        self.platform = Platform(settings, self.capabilities, self.world)

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Create or update; one outcome per item."""
        if len(items) > self.settings.max_batch:
            return [Refused("more items than one request may carry", "BATCH_TOO_LARGE")] * len(items)
        now = self.context.now()
        self.platform.late_requests(now)
        fault = self.world.begin("write", len(items), now)
        self._sign_in(fault)
        kind = fault.kind if fault else ""
        if fault and kind in ("throttled", "no_connection"):
            return [NotExecuted(kind, fault.retry_after)] * len(items)
        if fault and kind in ("timeout", "server_error", "late"):
            if kind == "late":
                self.world.postpone([dataclasses.asdict(item) for item in items], now + timedelta(seconds=fault.delay))
            return [Unknown("time-out" if kind == "late" else kind)] * len(items)
        if not self.world.broken_by().isdisjoint(item.our_key for item in items):
            return [Unknown("server_error")] * len(items)
        outcomes = self.platform.do(items, now, refuse_creates=kind == "duplicate")
        self.world.end("write")
        return self._answer(outcomes, kind)

    def _answer(self, outcomes: list[Outcome], kind: str) -> list[Outcome]:
        """What reaches us of the answer."""
        if kind == "done":
            return [Unknown("time-out")] * len(outcomes)
        if kind == "cut":
            # Where answers are told apart by position alone, half an answer says nothing.
            heard = 0 if self.settings.correlate == "position" else len(outcomes) // 2
            return [*outcomes[:heard], *[Unknown("the answer was cut")] * (len(outcomes) - heard)]
        return outcomes

    def publish_page(self, page: PublishedPage) -> Outcome:
        """Make a page, or replace it."""
        return self._published("page", page.our_key, {"name": page.title, "text": page.markdown})

    def put_goal(self, goal: Goal) -> Outcome:
        """Make a goal, or bring it up to date; `targets` are how far each is, by name."""
        self.platform.late_requests(self.context.now())
        there = self.world.keyed("goal", goal.our_key)
        reached = {
            **(there[0].values.get("targets", {}) if there else {}),
            **{one.name: one.now for one in goal.targets},
        }
        values = {"name": goal.name, "text": goal.text, "due_at": goal.due_at.isoformat(), "targets": reached}
        return self._published("goal", goal.our_key, {**values, "owners": list(goal.owners)})

    def _published(self, object: str, our_key: str, values: dict[str, Any]) -> Outcome:
        self.platform.late_requests(self.context.now())
        there = self.world.keyed(object, our_key)
        return self.write([WriteItem(object, our_key, values, there[0].crm_id if there else "")])[0]

    def delete(self, items: Sequence[FindItem]) -> list[Outcome]:
        """Delete by CRM id; one outcome per item."""
        now = self.context.now()
        fault = self.world.begin("delete", len(items), now)
        self._sign_in(fault)
        if fault and fault.kind in ("throttled", "no_connection"):
            return [NotExecuted(fault.kind, fault.retry_after)] * len(items)
        if fault and fault.kind != "done":
            return [Unknown(fault.kind)] * len(items)
        known = [item.object in self.settings.deletes for item in items]
        for item, may in zip(items, known, strict=True):
            if may:
                self.world.drop(item.crm_id, now)
        self.world.end("delete")
        outcomes: list[Outcome] = [
            Done(item.crm_id) if may else Refused(f"there is no object {item.object}", "UNKNOWN_OBJECT")
            for item, may in zip(items, known, strict=True)
        ]
        return self._answer(outcomes, fault.kind if fault else "")

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """Look up by CRM id, else by our key; a search lags behind."""
        now = self.context.now()
        self.platform.late_requests(now)
        fault = self.world.begin("find", len(items), now)
        self._sign_in(fault)
        if fault is not None and fault.kind == "unreliable":
            return [Found(reliable=False)] * len(items)
        if fault is not None:
            raise RetryableError(f"{self.context.connection}: {fault.kind}", fault.retry_after)
        found = [self.platform.found(item, now) for item in items]
        self.world.end("find")
        return found

    def changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """Pages of the objects of a kind that changed after the place that the cursor names."""
        after = place_of(cursor)
        while things := self._told(stream, after):
            told = self._records(things)
            for behind, whole in self._cursors(stream, cursor, after, things[-1].seq):
                yield CrmPage(stream, told if whole else [], behind)
            after = things[-1].seq
            if len(things) < self.settings.page_size:
                return

    def sweep(self, stream: str, cursor: str, since: datetime) -> Iterator[CrmPage]:
        """Pages of all that changed since a moment, whatever their place."""
        after = place_of(cursor)
        while things := self._told(stream, after):
            after = things[-1].seq
            yield CrmPage(stream, self._records([one for one in things if one.changed_at >= since]), str(after))

    def _told(self, stream: str, after: int) -> list[Thing]:
        self._asked("changes", self.settings.page_size)
        found = self.world.told(self._kind(stream), after, self.settings.page_size)
        self.world.end("changes")
        edge = self.context.now() - timedelta(seconds=self.settings.read_back_lag)
        return list(takewhile(lambda thing: thing.changed_at <= edge, found))

    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        """Who has one of these keys now, and their accounts. Raises ValueError for more people than it takes."""
        if len(people) > self.settings.look_up_batch:
            raise ValueError("more people than one look-up may ask for")
        self._asked("look_up", len(people))
        found = found_people(self.world, people)
        self.world.end("look_up")
        return self._records(found)

    def tasks_of(self, records: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[CrmRecord]]:
        """Our tasks by what they hang on."""
        self._asked("look_up", len(records))
        found: dict[tuple[str, str], list[CrmRecord]] = {}
        for task in self.world.things("task"):
            made = dataclasses.replace(self._records([task])[0], modified_at=task.born_at)
            for place in records:
                if task.our_key and task.parent_id == place[1]:
                    found.setdefault(place, []).append(made)
        self.world.end("look_up")
        return found

    def _asked(self, operation: Literal["changes", "look_up"], size: int) -> None:
        now = self.context.now()
        self.platform.late_requests(now)
        fault = self.world.begin(operation, size, now)
        self._sign_in(fault)
        if fault is not None:
            raise RetryableError(f"{self.context.connection}: {fault.kind}", fault.retry_after)

    def _kind(self, object: str) -> str:
        """Where leads are contacts there, that is what our leads are stored as."""
        return "lead" if object == "contact" and self.settings.lead_is == "contact" else object

    def _records(self, things: Sequence[Thing]) -> list[CrmRecord]:
        users, settings = users_of(self.world), self.settings
        told = settings.reports_deletes
        found = [record_of(thing, users, settings.key_field, tells_deletes=told) for thing in things]
        as_contacts = settings.lead_is == "contact"
        return [
            dataclasses.replace(one, object="contact") if as_contacts and one.object == "lead" else one for one in found
        ]

    def fields(self) -> list[FieldInfo]:
        """The fields that its objects have."""
        names = dict.fromkeys((thing.object, name) for thing in self.world.things() for name in thing.values)
        return [FieldInfo(object, name) for object, name in names]


ADAPTER = Adapter(settings=MemorySettings, source=MemorySource, crm=MemoryCrm)
