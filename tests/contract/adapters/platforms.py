"""The platforms under contract: a line for each, with the worlds that its cases move.

A new adapter adds its worlds here and a line to `PLATFORMS`.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

from adapters._files.settings import FilesSettings
from adapters._memory.settings import MemorySettings
from adapters._world import World
from adapters.desk import DeskCrm, DeskSettings
from connector.kit.contract.accepting import AcceptingWorld
from connector.kit.contract.clock import START, Clock
from connector.kit.contract.crm import CrmWorld
from connector.kit.contract.publishing import PublishingWorld
from connector.kit.contract.readable import ReadableWorld
from connector.kit.contract.source import STREAM, SourceWorld, people
from connector.kit.contract.splitting import DivisibleWorld
from connector.kit.contract.table import Platform
from connector.kit.new_store import put_store
from connector.model.adapter import (
    Context,
    Crm,
    CrmCapabilities,
    DivisibleSource,
    FieldInfo,
    FindItem,
    InStoreCrm,
    ReadableCrm,
    Source,
    WriteItem,
)
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import Found, Outcome
from connector.model.own_desk import BY_HAND
from connector.platforms import adapter
from state import open_store
from tests.contract.adapters.clickup_source_world import ClickUpSourceWorld
from tests.contract.adapters.clickup_world import ClickUpCrmWorld
from tests.contract.adapters.hubspot_source_world import HubSpotSourceWorld
from tests.contract.adapters.hubspot_world import HubSpotCrmWorld
from tests.contract.adapters.salesforce_world import SalesforceCrmWorld
from tests.contract.adapters.tryton_source_world import TrytonSourceWorld
from tests.contract.adapters.tryton_world import TrytonCrmWorld

#: Adapters are looked for in folders: once will do.
known = cache(adapter)


def context(folder: Path, clock: Clock) -> Context:
    return Context("under-test", folder, clock, lambda _name: "open sesame")


def source_of(type: str, folder: Path, clock: Clock, settings: Any) -> Source:
    make = known(type).source
    assert make is not None
    return make(settings, context(folder, clock))


def crm_of(type: str, folder: Path, clock: Clock, settings: Any) -> Crm:
    make = known(type).crm
    assert make is not None
    return make(settings, context(folder, clock))


class MemoryWorld(DivisibleWorld, AcceptingWorld, PublishingWorld):
    """Both roles of `memory`, as its switches stand."""

    def __init__(self, folder: Path, **switches: Any) -> None:
        self.world = World(password="open sesame")
        self.clock = Clock()
        self.folder = folder
        self.held: list[Callable[[], None]] = []
        self.settings = MemorySettings(world=self.world, secret="platform", page_size=10, **switches)

    def source(self) -> Source:
        return source_of("memory", self.folder, self.clock, self.settings)

    def crm(self) -> Crm:
        return crm_of("memory", self.folder, self.clock, self.settings)

    def put(self, rows: Iterable[dict[str, str]]) -> None:
        with self.world.together():
            for row in rows:
                at = datetime.fromisoformat(row["changed"]) if "changed" in row else START
                self.world.put(STREAM, row["id"], row, at)

    def now(self) -> datetime:
        return self.clock()

    def hold_back(self, row: dict[str, str]) -> None:
        at = self.clock()
        self.held.append(lambda: self.world.put(STREAM, row["id"], row, at, late=True))
        self.clock.pass_by(900)

    def make_unseen(self, object: str, **values: str) -> str:
        at = self.clock()

        def made() -> None:
            self.world.make(object, {}, at, crm_id="unseen")
            self.world.edit("unseen", values, at, late=True)

        self.held.append(made)
        self.clock.pass_by(900)
        return "unseen"

    def let_go(self) -> None:
        for act in self.held:
            act()

    def delete(self, id: str) -> None:
        self.world.delete(STREAM, id, START)

    def merge(self, loser: str, winner: str) -> str:
        self.world.merge(STREAM, loser, winner, START)
        return winner

    def empty(self) -> None:
        self.world.empty(STREAM)

    def spoil_credentials(self) -> None:
        self.world.password = "changed"

    def throttle(self, retry_after: float | None, after: int = 0) -> None:
        for operation in ("pull", "write", "changes", "look_up"):
            self.world.fault(operation, "throttled", passes=after, retry_after=retry_after)

    def refused_item(self) -> WriteItem:
        self.world.poison("poison", "value too long", "TOO_LONG", "name")
        return WriteItem("lead", "poison", {"name": "x" * 999})

    def objects_with(self, object: str, our_key: str) -> int:
        return len(self.world.keyed(object, our_key))

    def lose_next_answer(self) -> None:
        late = self.crm().capabilities.settle
        self.world.fault("write", "late" if late else "done", delay=late)

    def pages(self) -> list[tuple[str, str]]:
        return [(one.values["name"], one.values["text"]) for one in self.world.things("page")]

    def goals(self) -> list[tuple[str, dict[str, float]]]:
        return [(one.values["name"], one.values["targets"]) for one in self.world.things("goal")]

    def lose_next_published(self) -> None:
        self.lose_next_answer()

    def throttle_publishing(self, retry_after: float) -> None:
        self.world.fault("write", "throttled", retry_after=retry_after)

    def many(self) -> int:
        self.put(people(50, start=100))
        return 50

    def divisible(self) -> DivisibleSource:
        return cast(DivisibleSource, self.source())

    def readable(self) -> ReadableCrm:
        return cast(ReadableCrm, self.crm())

    def make(self, object: str, **values: str) -> str:
        as_lead = object == "contact" and self.settings.lead_is == "contact"
        return self.world.make("lead" if as_lead else object, values, self.clock())

    def change(self, object: str, id: str, **values: str) -> None:
        self.world.edit(id, values, self.clock())

    def merge_people(self, loser: str, winner: str) -> str:
        self.world.remove(loser, merged_into=winner)
        return winner

    def remove_person(self, id: str) -> None:
        self.world.remove(id)

    def add_user(self, email: str) -> str:
        return self.world.make("user", {"email": email}, self.clock())

    def deactivate(self, user: str) -> None:
        self.world.edit(user, {"active": False}, self.clock())

    def finish(self, task: str) -> None:
        self.world.edit(task, {"is_open": False}, self.clock())

    def calls(self) -> int:
        return len(self.world.calls())


class FilesWorld(SourceWorld):
    """Exports in a folder. The file is written anew for every change, as exports are."""

    def __init__(self, folder: Path, suffix: str = "csv", **settings: Any) -> None:
        self.folder = folder
        self.path = folder / f"contacts.{suffix}"
        self.rows: dict[str, dict[str, str]] = {}
        self.settings = FilesSettings.model_validate({"contacts": {"files": self.path.name, **settings}})

    def source(self) -> Source:
        return source_of("files", self.folder, Clock(), self.settings)

    def put(self, rows: Iterable[dict[str, str]]) -> None:
        self.rows |= {row["id"]: row for row in rows}
        self._write()

    def delete(self, id: str) -> None:
        del self.rows[id]
        self._write()

    def empty(self) -> None:
        self._write([])

    def _write(self, rows: Iterable[dict[str, str]] | None = None) -> None:
        wanted = list(self.rows.values() if rows is None else rows)
        if self.path.suffix == ".jsonl":
            self.path.write_text("".join(json.dumps(row) + "\n" for row in wanted), "utf-8")
            return
        columns = list(dict.fromkeys(["id", "changed", *(name for row in self.rows.values() for name in row)]))
        with self.path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(wanted)


class CrmFilesWorld(CrmWorld):
    """A CRM as files in a folder."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.clock = Clock()
        self.settings = FilesSettings(folder="crm", **settings)

    def crm(self) -> Crm:
        return crm_of("files", self.folder, self.clock, self.settings)

    def refused_item(self) -> WriteItem:
        return WriteItem("lead", "poison", {"baton_id": "mine"})


class InTransactions:
    """A CRM in the store, each call in a transaction of its own."""

    def __init__(self, folder: Path, crm: InStoreCrm) -> None:
        put_store(folder)
        self.store = open_store(folder / "baton.db")
        self.desk = crm
        self.capabilities: CrmCapabilities = crm.capabilities
        self.check = crm.check

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        with self.store.write() as tx:
            return self.desk.within(tx.desk).write(items)

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        with self.store.read() as tx:
            return self.desk.within(tx.desk).find(items)

    def fields(self) -> list[FieldInfo]:
        return self.desk.fields()

    def changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        while page := self._page(stream, cursor):
            yield page
            cursor = page.cursor

    def _page(self, stream: str, cursor: str) -> CrmPage | None:
        with self.store.read() as tx:
            desk = cast(DeskCrm, self.desk.within(tx.desk))
            desk.page_size = DeskWorld.page_size
            return next(desk.changes(stream, cursor), None)

    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        return self.desk.look_up(people)


class DeskWorld(ReadableWorld):
    """The desk in a store on SQLite; people work on it by its pages."""

    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self._crm = InTransactions(folder, cast(InStoreCrm, crm_of("desk", folder, self.clock, DeskSettings())))

    def crm(self) -> Crm:
        return self._crm

    def readable(self) -> ReadableCrm:
        return self._crm

    def make(self, object: str, **values: str) -> str:
        with self._crm.store.write() as tx:
            key = f"{BY_HAND}{len(tx.desk.listing(object, limit=1000))}"
            return tx.desk.put(object, key, "", values, self.clock())[0]

    def change(self, object: str, id: str, **values: str) -> None:
        with self._crm.store.write() as tx:
            key = next(key for row_id, key, _ in tx.desk.listing(object, int(id) - 1) if row_id == id)
            tx.desk.put(object, key, "", values, self.clock())

    def remove_person(self, id: str) -> None:
        """There is no button that deletes anything on the desk."""

    def finish(self, task: str) -> None:
        self.change("task", task, kind="call", done_at=self.clock().isoformat())

    def refused_item(self) -> WriteItem:
        return WriteItem("invoice", "poison", {"name": "x"})

    def objects_with(self, object: str, our_key: str) -> int:
        with self._crm.store.read() as tx:
            return sum(key == our_key for _, key, _ in tx.desk.listing(object))


#: What makes a CRM in memory one that can be read.
READ_BACK: dict[str, Any] = {
    "crm_streams": ("user", "account", "contact", "lead", "opportunity", "task"),
    "look_up_batch": 50,
}

PLATFORMS: dict[str, Platform] = {
    "memory": Platform(
        sources={
            "all reported, in parts": partial(MemoryWorld, parts=4, read_ahead=2, sweeps=True),
            "nothing reported": partial(
                MemoryWorld, source_reports_deletes=False, source_reports_merges=False, windows=False
            ),
        },
        crms={
            "unique field": MemoryWorld,
            "unique field, refuses": partial(MemoryWorld, on_duplicate="refuse"),
            "chosen id": partial(MemoryWorld, unique_key="chosen_id", correlate="position"),
            "search only": partial(MemoryWorld, unique_key="none", find="search", settle=60, lag=30),
            "by parent, whole batches": partial(MemoryWorld, unique_key="none", find="parent", batch="all_or_nothing"),
            "read back": partial(
                MemoryWorld, **READ_BACK, reports_deletes=True, merge_redirect=True, writers=3, sweeps=True
            ),
            "read back, leads are contacts": partial(
                MemoryWorld, **READ_BACK, lead_is="contact", key_field="baton_id", read_back_lag=60
            ),
        },
    ),
    "files": Platform(
        sources={
            "csv": FilesWorld,
            "csv with times": partial(FilesWorld, time_column="changed"),
            "jsonl": partial(FilesWorld, suffix="jsonl"),
        },
        crms={
            "csv": CrmFilesWorld,
            "csv with mark": partial(CrmFilesWorld, byte_order_mark=True),
            "jsonl": partial(CrmFilesWorld, write_as="jsonl"),
        },
    ),
    "desk": Platform(crms={"desk": DeskWorld}),
    "clickup": Platform(
        sources={"form": ClickUpSourceWorld},
        crms={
            "list": ClickUpCrmWorld,
            "list with subtasks": partial(ClickUpCrmWorld, subtasks=True, comments=True, questions=["Budget?"]),
        },
    ),
    "hubspot": Platform(sources={"portal": HubSpotSourceWorld}, crms={"portal": HubSpotCrmWorld}),
    "salesforce": Platform(
        crms={"org": SalesforceCrmWorld, "org with task key": partial(SalesforceCrmWorld, task_key="Baton_Id__c")}
    ),
    "tryton": Platform(sources={"database": TrytonSourceWorld}, crms={"company": TrytonCrmWorld}),
}
