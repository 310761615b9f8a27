"""The search of CRM objects: filters, one sort, pages of 200, and no way past the ten thousandth result.

Sources: schema PublicObjectSearchRequest of the published descriptions; limits as
https://developers.hubspot.com/docs/api-reference/search/guide says them (five groups of six filters, eighteen in all,
one sort, 200 a page, 10,000 results, 3,000 characters).
"""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
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
_ORDER = {"GT": operator.gt, "GTE": operator.ge, "LT": operator.lt, "LTE": operator.le}


class Search:
    """Searches in one table. The last few results are kept until the table changes: pages of one query are cheap."""

    def __init__(self, table: Table, definitions: Mapping[str, Definition]) -> None:
        self.table = table
        self.definitions = definitions
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
        ids = self._sorted(list(self._matching(groups, query, unsettled)), sorts)
        if not unsettled:
            self._kept[key] = ids
            if len(self._kept) > 8:
                self._kept.popitem(last=False)
        return ids

    def _matching(self, groups: Any, query: str, unsettled: Mapping[int, Row | None]) -> Iterator[Row]:
        tests = [[self._test(one) for one in group["filters"]] for group in _checked_groups(groups)]
        words = query.lower()

        def wanted(row: Row) -> bool:
            if row.archived or (words and not any(words in value.lower() for value in row.values)):
                return False
            return not tests or any(all(test(row) for test in group) for group in tests)

        for row in self._candidates(groups):
            if row.id not in unsettled and wanted(row):
                yield row
        yield from (row for row in unsettled.values() if row is not None and wanted(row))

    def _candidates(self, groups: Any) -> Iterable[Row]:
        """The rows among which all matches are: by an index where one group asks for what we have one of."""
        filters = groups[0]["filters"] if len(groups) == 1 else []
        for one in filters:
            name, how, value = one["propertyName"], one["operator"], str(one.get("value", ""))
            if how == "EQ" and (name in self.table.unique or name == "hs_object_id"):
                row = self.table.find(name, value)
                return [row] if row else []
            if how == "IN" and (name in self.table.unique or name == "hs_object_id"):
                rows = (self.table.find(name, str(value)) for value in one.get("values", []))
                return list({row.id: row for row in rows if row is not None}.values())
        moments = _span(filters, self.table.modified)
        if moments != (-EVER, EVER):
            return self.table.changed(*moments)
        return self.table.between(*_span(filters, "hs_object_id"))

    def _sorted(self, rows: list[Row], sorts: Any) -> list[int]:
        """Ids in the asked order. Ties come in an order of the index's own, which is not that of the ids."""
        name, falling = _sort_of(sorts)
        rows.sort(key=lambda row: (row.id * 2654435761) & 0xFFFFFFFF)
        if name == self.table.modified:
            rows.sort(key=lambda row: row.updated, reverse=falling)
        elif name == self.table.created:
            rows.sort(key=lambda row: row.created, reverse=falling)
        elif name in ("", "hs_object_id"):
            rows.sort(key=lambda row: row.id, reverse=falling)
        else:
            rows.sort(key=lambda row: self._held(name, row), reverse=falling)
        return [row.id for row in rows]

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


def _span(filters: Any, property: str) -> tuple[int, int]:
    """The widest span that these filters leave for a property, both ends included."""
    low, high = -EVER, EVER
    for one in filters:
        if one["propertyName"] == property and one["operator"] in (*_ORDER, "EQ", "BETWEEN"):
            bound = milliseconds(str(one["value"]))
            if one["operator"] in ("GT", "GTE", "EQ", "BETWEEN"):
                low = max(low, bound)
            if one["operator"] in ("LT", "LTE", "EQ"):
                high = min(high, bound)
            if one["operator"] == "BETWEEN":
                high = min(high, milliseconds(str(one["highValue"])))
    return low, high
