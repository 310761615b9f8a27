"""The records of one kind of object, compact enough for a million contacts.

A row holds its values in a tuple beside a shared tuple of names. Searches see a row only once the
index has caught up (`lag` seconds after the change): until then they see it as it was before. With `least_lag` each
change has a lag of its own between the two, so that records come into sight in another order than they changed:
"newly created or updated CRM objects may take a few moments to appear in search results"
(https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm, "Limitations"), and nothing says in
which order.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from connector.sandbox.hubspot.moments import iso


@dataclass(slots=True)
class Row:
    """One record. Times in milliseconds; `archived` is when, 0 for a living one."""

    id: int
    names: tuple[str, ...]
    values: tuple[str, ...]
    created: int
    updated: int
    archived: int = 0


#: A contact is found by the addresses of whoever was merged into it, too.
FURTHER = {"email": "hs_additional_emails"}


class Table:
    """The records of one object, found by id, by a unique property and by when they changed."""

    def __init__(self, name: str, created: str, modified: str, unique: Iterable[str] = ()) -> None:
        """`created` and `modified` are the names of the properties that say when."""
        self.name = name
        self.created = created
        self.modified = modified
        self.rows: dict[int, Row] = {}
        self.unique: dict[str, dict[str, int]] = {property: {} for property in unique}
        #: Properties with further values of a unique one, joined by ";".
        self.further = {one: name for one, name in FURTHER.items() if one in self.unique}
        self.merged: dict[int, int] = {}
        self.lag = 0.0
        self.least_lag: float | None = None
        self.version = 0
        self._ids: list[int] = []
        self._log: list[tuple[int, int]] = []
        self._sorted = True
        self._shapes: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._before: dict[int, list[tuple[int, Row | None]]] = {}

    def get(self, id: str | int) -> Row | None:
        """The record of an id, also of one that was merged into it; None where there is none."""
        if not str(id).isdigit():
            return None
        number = int(id)
        while number in self.merged:
            number = self.merged[number]
        return self.rows.get(number)

    def find(self, property: str, value: str) -> Row | None:
        """The record with this value of a unique property."""
        if property == "hs_object_id":
            return self.get(value)
        number = self.unique.get(property, {}).get(_key(property, value))
        return None if number is None else self.rows.get(number)

    def properties(self, row: Row) -> dict[str, str]:
        """All values of a record, with those that HubSpot itself keeps."""
        held = dict(zip(row.names, row.values, strict=True))
        held["hs_object_id"] = str(row.id)
        held[self.created] = iso(row.created)
        held[self.modified] = iso(row.updated)
        return held

    def value(self, row: Row, property: str) -> str:
        """One value, "" where there is none."""
        if property in row.names:
            return row.values[row.names.index(property)]
        if property == "hs_object_id":
            return str(row.id)
        if property in (self.created, self.modified):
            return iso(row.created if property == self.created else row.updated)
        return ""

    def add(self, id: int, properties: Mapping[str, str], created: int, updated: int) -> Row:
        """A new record."""
        row = Row(id, (), (), created, updated)
        self._fill(row, properties)
        self._remember(id, None, updated)
        self.rows[id] = row
        if not self._ids or id > self._ids[-1]:
            self._ids.append(id)
        else:
            insort(self._ids, id)
        self._index(row, properties)
        self._note(row)
        return row

    def change(self, row: Row, properties: Mapping[str, str], at: int) -> tuple[str, ...]:
        """Set values ("" clears); returns the names whose value became another. Nothing moves where none did."""
        held = dict(zip(row.names, row.values, strict=True))
        changed = tuple(name for name, value in properties.items() if held.get(name, "") != value)
        if changed:
            self._remember(row.id, row, at)
            self._unindex(row, changed)
            self._fill(row, {**held, **properties})
            self._index(row, {name: properties[name] for name in changed})
            row.updated = at
            self._note(row)
        return changed

    def archive(self, row: Row, at: int) -> None:
        """Into the recycle bin. Its unique values are free again."""
        self._remember(row.id, row, at)
        self._unindex(row, row.names)
        row.archived = row.updated = at
        self.version += 1

    def restore(self, row: Row, at: int) -> None:
        """Back from the recycle bin."""
        self._remember(row.id, row, at)
        row.archived, row.updated = 0, at
        self._index(row, dict(zip(row.names, row.values, strict=True)))
        self._note(row)

    def remove(self, row: Row, *, into: int = 0) -> None:
        """Gone for good: erased, or merged into another."""
        self._unindex(row, row.names)
        del self.rows[row.id]
        self._ids.pop(bisect_left(self._ids, row.id))
        if into:
            self.merged[row.id] = into
        self.version += 1

    def keep_unique(self, property: str) -> None:
        """From now on no two records have one value of this property."""
        self.unique[property] = {}
        for row in self.rows.values():
            if property in row.names:
                self._index(row, {property: self.value(row, property)})

    def after(self, id: int) -> Iterator[Row]:
        """Rows by id, from behind `id`."""
        for place in range(bisect_right(self._ids, id), len(self._ids)):
            yield self.rows[self._ids[place]]

    def between(self, low: int, high: int) -> Iterator[Row]:
        """Rows by id, both ends included."""
        for place in range(bisect_left(self._ids, low), bisect_right(self._ids, high)):
            yield self.rows[self._ids[place]]

    def how_many(self, moments: tuple[int, int], ids: tuple[int, int]) -> tuple[int, int]:
        """About how many rows changed in a span of times, and how many lie in a span of ids."""
        log, (early, late), (low, high) = self.tidy_log(), moments, ids
        changes = bisect_right(log, (late, 1 << 62)) - bisect_left(log, (early, 0))
        return changes, bisect_right(self._ids, high) - bisect_left(self._ids, low)

    def changed(self, low: int, high: int) -> Iterator[Row]:
        """Rows by when they changed (milliseconds, both ends included)."""
        log = self.tidy_log()
        for updated, number in log[bisect_left(log, (low, 0)) : bisect_right(log, (high, 1 << 62))]:
            row = self.rows.get(number)
            if row is not None and row.updated == updated:
                yield row

    def unsettled(self, now: int) -> dict[int, Row | None]:
        """What a search sees instead of rows that changed within the index's lag: as they were, None for new ones."""
        if not self._before:
            return {}
        seen: dict[int, Row | None] = {}
        for id, changes in list(self._before.items()):
            fresh = [change for change in changes if change[0] > now]
            if fresh:
                self._before[id] = fresh
                seen[id] = fresh[0][1]
            else:
                del self._before[id]
        return seen

    def _fill(self, row: Row, properties: Mapping[str, str]) -> None:
        kept = {name: value for name, value in properties.items() if value != ""}
        names = tuple(kept)
        row.names = self._shapes.setdefault(names, names)
        row.values = tuple(kept.values())

    def _index(self, row: Row, properties: Mapping[str, str]) -> None:
        for property, held in self.unique.items():
            for value in self._unique_values(property, properties):
                held[_key(property, value)] = row.id

    def _unindex(self, row: Row, names: Iterable[str]) -> None:
        before = {name: self.value(row, name) for name in names}
        for property, held in self.unique.items():
            for value in self._unique_values(property, before):
                held.pop(_key(property, value), None)

    def _unique_values(self, property: str, properties: Mapping[str, str]) -> list[str]:
        """What only one record can have: a value, and the further ones that whoever was merged into it had."""
        further = properties.get(self.further.get(property, ""), "")
        return [one for one in (properties.get(property, ""), *further.split(";")) if one]

    def _remember(self, id: int, row: Row | None, at: int) -> None:
        if self.lag:
            changes = self._before.setdefault(id, [])
            # A later change never comes into sight before an earlier one of the same record.
            seen_at = max([at + self._lag_of(id, at), *(moment for moment, _ in changes)])
            changes.append((seen_at, replace(row) if row else None))

    def _lag_of(self, id: int, at: int) -> int:
        """After how many milliseconds a search sees this change."""
        if self.least_lag is None:
            return round(self.lag * 1000)
        share = ((id * 2_654_435_761) ^ (at * 40_503)) % 1001 / 1000
        return round((self.least_lag + (self.lag - self.least_lag) * share) * 1000)

    def _note(self, row: Row) -> None:
        self.version += 1
        entry = (row.updated, row.id)
        self._sorted = self._sorted and (not self._log or entry >= self._log[-1])
        self._log.append(entry)

    def tidy_log(self) -> list[tuple[int, int]]:
        """(when it changed, id) of every row, in order, perhaps with entries that are out of date."""
        if not self._sorted or len(self._log) > 2 * len(self.rows) + 1000:
            self._log = sorted({(row.updated, row.id) for row in self.rows.values()})
            self._sorted = True
        return self._log


def _key(property: str, value: str) -> str:
    return value.lower() if property == "email" else value
