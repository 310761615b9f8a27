"""The search of CRM objects: filters, one sort, pages of 200, and no way past the ten thousandth result.

Sources: schema PublicObjectSearchRequest of the published descriptions; limits as
https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm says them (five groups of six
filters, eighteen in all, one sort, 200 a page, 10,000 results, 3,000 characters).
"""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

import orjson

from connector.sandbox.hubspot.errors import invalid
from connector.sandbox.hubspot.moments import milliseconds
from connector.sandbox.hubspot.properties import Definition
from connector.sandbox.hubspot.table import Row, Table

CAP = 10_000
PAGE = 200
KEYS = ("after", "filterGroups", "limit", "properties", "sorts")
EVER = 1 << 62

Test = Callable[[Row], bool]
_SPANNING = ("GT", "GTE", "LT", "LTE", "EQ", "BETWEEN")
_ORDER = {"GT": operator.gt, "GTE": operator.ge, "LT": operator.lt, "LTE": operator.le}


@dataclass(frozen=True, slots=True)
class Group:
    """Filters that must all hold: spans of when changed and of ids (both ends included), and tests."""

    moments: tuple[int, int]
    ids: tuple[int, int]
    tests: list[Test]
    few: list[Row] | None

    def wants(self, row: Row) -> bool:
        """Whether a row passes them."""
        (early, late), (low, high) = self.moments, self.ids
        spans = early <= row.updated <= late and low <= row.id <= high
        return spans and (not self.tests or all(test(row) for test in self.tests))


class Search:
    """Searches in one table. The last few results are kept until the table changes: pages of one query are cheap."""

    def __init__(self, table: Table, definitions: Mapping[str, Definition]) -> None:
        self.table = table
        self.definitions = definitions
        self._spanned = (table.modified, "hs_object_id")
        self._kept: OrderedDict[bytes, list[int]] = OrderedDict()

    def find(self, body: Mapping[str, Any], now: int) -> tuple[list[Row], int, int]:
        """The page's rows, how many match, and where the next page starts (0: there is none)."""
        limit, after = _page_of(body)
        unsettled = self.table.unsettled(now)
        ids = self._all(body, unsettled)
        rows = [unsettled.get(id) or self.table.rows[id] for id in ids[after : after + limit]]
        return rows, len(ids), after + limit if after + limit < len(ids) else 0

    def _all(self, body: Mapping[str, Any], unsettled: Mapping[int, Row | None]) -> list[int]:
        groups, sorts, query = body["filterGroups"], body["sorts"], str(body.get("query") or "")
        key = orjson.dumps([groups, sorts, query, self.table.version])
        if key in self._kept and not unsettled:
            return self._kept[key]
        wanted = [self._group(group["filters"]) for group in _checked_groups(groups)]
        rows = list(self._matching(wanted, query.lower(), unsettled))
        ids = self._sorted(rows, *_sort_of(sorts))
        if not unsettled:
            self._kept[key] = ids
            if len(self._kept) > 8:
                self._kept.popitem(last=False)
        return ids

    def _group(self, filters: list[Mapping[str, Any]]) -> Group:
        """Filters as a span of times, a span of ids, and tests for everything else."""
        spanning = [one for one in filters if one["operator"] in _SPANNING]
        moments, ids = (_span(spanning, name) for name in (self.table.modified, "hs_object_id"))
        rest = [one for one in filters if one not in spanning or one["propertyName"] not in self._spanned]
        return Group(moments, ids, [self._test(one) for one in rest], self._few(rest))

    def _few(self, filters: Iterable[Mapping[str, Any]]) -> list[Row] | None:
        """The only rows that can match, where a unique value is asked for."""
        for one in filters:
            if one["propertyName"] in (*self.table.unique, "hs_object_id") and one["operator"] in ("EQ", "IN"):
                values = one["values"] if one["operator"] == "IN" else [one["value"]]
                rows = (self.table.find(one["propertyName"], str(value)) for value in values)
                return list({row.id: row for row in rows if row is not None}.values())
        return None

    def _matching(self, groups: list[Group], words: str, unsettled: Mapping[int, Row | None]) -> Iterator[Row]:
        def wanted(row: Row) -> bool:
            return not groups or any(group.wants(row) for group in groups)

        fits = groups[0].wants if len(groups) == 1 else wanted
        settled = (row for row in self._candidates(groups) if row.id not in unsettled)
        for row in chain(settled, (row for row in unsettled.values() if row is not None)):
            if fits(row) and not row.archived and (not words or any(words in value.lower() for value in row.values)):
                yield row

    def _candidates(self, groups: list[Group]) -> Iterable[Row]:
        if len(groups) != 1:
            return self.table.after(0)
        group = groups[0]
        if group.few is not None:
            return group.few
        changes, numbers = self.table.how_many(group.moments, group.ids)
        if changes < numbers:
            return self.table.changed(*group.moments)
        return self.table.between(*group.ids)

    def _sorted(self, rows: list[Row], name: str, falling: bool) -> list[int]:
        """Ids in the asked order. Ties come in an order of the index's own, which is not that of the ids."""
        if name in ("", "hs_object_id"):
            return sorted((row.id for row in rows), reverse=falling)
        if name == self.table.modified:
            places: list[tuple[Any, int, int]] = [(row.updated, _shuffled(row.id), row.id) for row in rows]
        elif name == self.table.created:
            places = [(row.created, _shuffled(row.id), row.id) for row in rows]
        else:
            places = [(self._held(name, row), _shuffled(row.id), row.id) for row in rows]
        return [id for _, _, id in sorted(places, reverse=falling)]

    def _held(self, name: str, row: Row) -> tuple[int, float, str]:
        """A record's value, to be compared."""
        if name == self.table.modified:
            return 1, row.updated, ""
        if name == "hs_object_id":
            return 1, row.id, ""
        return self._comparable(name, self.table.value(row, name))

    def _comparable(self, name: str, value: str) -> tuple[int, float, str]:
        kind = self.definitions[name].type if name in self.definitions else "string"
        try:
            if kind == "number" or name == "hs_object_id":
                return 1, float(value), ""
            if kind in ("datetime", "date"):
                return 1, milliseconds(value), ""
        except ValueError:
            return 0, 0.0, value
        return 1, 0.0, value.lower()

    def _test(self, one: Mapping[str, Any]) -> Test:
        name, how = one["propertyName"], one["operator"]
        if name not in self.definitions:
            raise invalid(f"Invalid input: property {name} does not exist")
        table = self.table
        if how in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
            if "value" in one:
                raise invalid(f"{how} does not allow a value")
            return lambda row: (table.value(row, name) != "") == (how == "HAS_PROPERTY")
        if how in ("IN", "NOT_IN"):
            wanted = {str(value).lower() for value in one.get("values", [])}
            return lambda row: (table.value(row, name).lower() in wanted) == (how == "IN")
        if how == "BETWEEN":
            low, high = (self._comparable(name, str(one[end])) for end in ("value", "highValue"))
            return lambda row: low <= self._held(name, row) <= high
        return self._compare(name, how, str(one.get("value", "")))

    def _compare(self, name: str, how: str, value: str) -> Test:
        table, asked = self.table, self._comparable(name, value)
        if how in ("EQ", "NEQ"):
            return lambda row: (self._held(name, row) == asked) == (how == "EQ")
        if how in _ORDER:
            order = _ORDER[how]
            return lambda row: table.value(row, name) != "" and order(self._held(name, row), asked)
        if how in ("CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN"):
            part = value.strip("*").lower()
            return lambda row: (part in table.value(row, name).lower()) == (how == "CONTAINS_TOKEN")
        raise invalid(f"Invalid input JSON: operator {how} is not one of the allowed")


def _page_of(body: Mapping[str, Any]) -> tuple[int, int]:
    missing = [key for key in KEYS if key not in body]
    if missing:
        raise invalid(f"Invalid input JSON: some required fields were not set: [{', '.join(missing)}]")
    limit, after = int(body["limit"]), int(body["after"] or 0)
    if not 0 <= limit <= PAGE:
        raise invalid(f"The requested page size of {limit} exceeds the maximum of {PAGE}")
    if after + limit > CAP:
        raise invalid(f"Paging past {CAP} results is not supported: {after} + {limit}")
    return limit, after


def _checked_groups(groups: Any) -> list[dict[str, Any]]:
    sizes = [len(group["filters"]) for group in groups]
    if len(sizes) > 5 or sum(sizes) > 18 or max(sizes, default=0) > 6:
        raise invalid("Too many filters: at most 5 groups of 6 filters, 18 in all")
    return list(groups)


def _sort_of(sorts: Any) -> tuple[str, bool]:
    if len(sorts) > 1:
        raise invalid("Only one sort is supported")
    if not sorts:
        return "", False
    if isinstance(sorts[0], str):
        return sorts[0].removeprefix("-"), sorts[0].startswith("-")
    return sorts[0]["propertyName"], sorts[0].get("direction") == "DESCENDING"


def _span(filters: Iterable[Mapping[str, Any]], property: str) -> tuple[int, int]:
    """The span of whole numbers that these filters leave for a property, both ends included."""
    low, high = -EVER, EVER
    for one in filters:
        if one["propertyName"] == property:
            how, bound = one["operator"], milliseconds(str(one["value"]))
            end = milliseconds(str(one["highValue"])) if how == "BETWEEN" else bound
            low = max(low, {"GT": bound + 1, "LT": -EVER, "LTE": -EVER}.get(how, bound))
            high = min(high, {"LT": bound - 1, "GT": EVER, "GTE": EVER}.get(how, end))
    return low, high


def _shuffled(id: int) -> int:
    return (id * 2_654_435_761) & 0xFFFFFFFF
