"""The records of one object, with indexes over the fields that are looked up by value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from connector.sandbox.salesforce.objects import SObject

Record = dict[str, Any]


def fold(value: Any) -> Any:
    """What a value is compared by: text without regard to case."""
    return value.lower() if isinstance(value, str) else value


class Table:
    """Records by id. A value that a record does not have is not in it."""

    def __init__(self, sobject: SObject) -> None:
        self.sobject = sobject
        self.records: dict[str, Record] = {}
        self._indexes: dict[str, dict[Any, set[str]]] = {}

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[Record]:
        return iter(self.records.values())

    def get(self, record_id: str) -> Record | None:
        """The record, deleted or not."""
        return self.records.get(record_id)

    def put(self, record: Record) -> None:
        """Store a new record, or one in place of the old."""
        self.drop(record["Id"])
        self.records[record["Id"]] = record
        for name, index in self._indexes.items():
            if record.get(name) is not None:
                index[fold(record[name])].add(record["Id"])

    def drop(self, record_id: str) -> None:
        """Take a record out, as if it had never been."""
        old = self.records.pop(record_id, None)
        if old is None:
            return
        for name, index in self._indexes.items():
            if old.get(name) is not None:
                index[fold(old[name])].discard(record_id)

    def change(self, record_id: str, changes: Mapping[str, Any]) -> None:
        """Write fields; None clears."""
        record = self.records[record_id]
        for name, value in changes.items():
            index = self._indexes.get(name)
            if index is not None and record.get(name) is not None:
                index[fold(record[name])].discard(record_id)
            if value is None:
                record.pop(name, None)
                continue
            record[name] = value
            if index is not None:
                index[fold(value)].add(record_id)

    def ids(self, name: str, values: Iterable[Any]) -> set[str]:
        """Ids of the records, deleted ones too, that have one of these values in the field."""
        index = self._indexes.get(name) or self._build(name)
        found: set[str] = set()
        for value in values:
            found |= index.get(fold(value), set())
        return found

    def live(self, name: str, value: Any) -> list[Record]:
        """The records that are not deleted and have this value."""
        found = [self.records[one] for one in sorted(self.ids(name, [value]))]
        return [record for record in found if not record["IsDeleted"]]

    def _build(self, name: str) -> dict[Any, set[str]]:
        index: dict[Any, set[str]] = defaultdict(set)
        for record in self:
            if record.get(name) is not None:
                index[fold(record[name])].add(record["Id"])
        self._indexes[name] = index
        return index
