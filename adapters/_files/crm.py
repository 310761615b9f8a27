"""A CRM as files: one per object, with our key as the primary key."""

from __future__ import annotations

import fcntl
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adapters._files.settings import FilesSettings
from adapters._files.tables import KEY, PARENT, Row, Table, settle
from connector.model import sentences
from connector.model.adapter import Context, CrmCapabilities, FieldInfo, FindItem, WriteItem
from connector.model.errors import ConfigError, Problem
from connector.model.outbox import Done, Found, NotExecuted, Outcome, Refused

OBJECTS = ("lead", "task", "note")
LOCK = ".baton.lock"
#: Seconds after which a folder that another process is writing to is tried again.
BUSY = 2.0


class FilesCrm:
    """The sales role. The files are read and written anew for a whole batch, so batches are large."""

    capabilities = CrmCapabilities(
        objects=OBJECTS, unique_key="chosen_id", find="consistent", max_batch=5000, batch="per_item", deadline=60.0,
        any_field=True, refusal_kinds={"ENCODING": "wrong_type", "RESERVED": "no_field"},
    )  # fmt: skip

    def __init__(self, settings: FilesSettings, context: Context) -> None:
        self._settings = settings
        self._connection = context.connection
        if not settings.folder:
            raise ConfigError(
                [Problem(("connections", context.connection, "folder"), "to write a CRM as files, name the folder")]
            )
        self._folder = context.root / settings.folder

    def check(self) -> None:
        """Make the folder where there is none, and prove that it can be written to. Raises ConfigError."""
        try:
            with self._locked():
                for object in OBJECTS:
                    self._table(object).columns()
        except OSError as error:
            values = {"folder": self._settings.folder, "reason": error.strerror or type(error).__name__}
            raise ConfigError(
                [
                    Problem(
                        ("connections", self._connection, "folder"),
                        "the folder %(folder)s cannot be written to: %(reason)s",
                        values=values,
                    )
                ]
            ) from error

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Create or update by our key; each object's file is replaced once."""
        outcomes: dict[int, Outcome] = {}
        by_object: dict[str, list[int]] = defaultdict(list)
        for place, item in enumerate(items):
            by_object[item.object].append(place)
        with self._locked() as ours:
            for object, places in by_object.items():
                some = [items[place] for place in places]
                answers = self._write_object(object, some) if ours else _busy(some)
                outcomes.update(zip(places, answers, strict=True))
        return [outcomes[place] for place in range(len(items))]

    def _write_object(self, object: str, items: Sequence[WriteItem]) -> list[Outcome]:
        if object not in OBJECTS:
            return [Refused(sentences.NO_SUCH_KIND % {"object": object}, "UNKNOWN_OBJECT")] * len(items)
        table = self._table(object)
        outcomes: list[Outcome] = []
        changes: dict[str, Row] = {}
        try:
            there = table.find(item.our_key for item in items if item.crm_id)
            for item in items:
                refused = _refusal(table, item, there)
                if refused is None:
                    changes[item.our_key] = changes.get(item.our_key, {}) | _row(item)
                outcomes.append(refused or Done(item.our_key))
            if changes:
                table.replace(changes)
        except (ConfigError, OSError) as error:
            # Until the rename, which comes last, nothing has happened.
            why = str(error) if isinstance(error, ConfigError) else error.strerror
            reason = sentences.NOT_WRITTEN % {"file": table.path.name, "fault": why}
            return [NotExecuted(reason)] * len(items)
        settle(self._folder)
        return outcomes

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """Read the files."""
        keys: dict[str, set[str]] = defaultdict(set)
        for item in items:
            keys[item.object].add(item.our_key)
        rows = {object: self._table(object).find(wanted) for object, wanted in keys.items()}
        return [_found(rows[item.object].get(item.our_key)) for item in items]

    def fields(self) -> list[FieldInfo]:
        """The columns there are; any other can be added by writing it."""
        own = (KEY, PARENT)
        return [FieldInfo(one, name) for one in OBJECTS for name in self._table(one).columns() if name not in own]

    def _table(self, object: str) -> Table:
        jsonl = self._settings.write_as == "jsonl"
        path = self._folder / f"{object}s.{self._settings.write_as}"
        encoding = "utf-8" if jsonl else self._settings.write_encoding
        return Table(path, jsonl, encoding, self._settings.byte_order_mark and not jsonl)

    @contextmanager
    def _locked(self) -> Iterator[bool]:
        """Hold the folder's lock; yields False where another writer has it. It ends with the process."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with Path(self._folder / LOCK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True


def _busy(items: Sequence[WriteItem]) -> list[Outcome]:
    return [NotExecuted(sentences.FOLDER_BUSY, BUSY)] * len(items)


def _row(item: WriteItem) -> Row:
    parent = {PARENT: item.parent_id} if item.parent_id else {}
    return {KEY: item.our_key} | parent | dict(item.values)


def _refusal(table: Table, item: WriteItem, there: dict[str, Row]) -> Refused | None:
    if item.crm_id and item.our_key not in there:
        return Refused(sentences.NOT_IN_FILE % {"file": table.path.name}, "NOT_FOUND")
    for name in (KEY, PARENT):
        if name in item.values:
            return Refused(sentences.OWN_COLUMN % {"column": name}, "RESERVED", name)
    unfit = table.unfit(item.values)
    return Refused(sentences.ENCODING_CANNOT % {"encoding": table.encoding}, "ENCODING", unfit) if unfit else None


def _found(row: Row | None) -> Found:
    if row is None:
        return Found()
    values = {name: value for name, value in row.items() if name not in (KEY, PARENT)}
    return Found((str(row[KEY]),), (values,))
