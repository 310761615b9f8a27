"""query, queryAll and the pages behind them; the deleted feed."""

from __future__ import annotations

import re
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Any

from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.ids import long_id
from connector.sandbox.salesforce.org import Org
from connector.sandbox.salesforce.soql_run import Path, Query, Result, far_record, far_value
from connector.sandbox.salesforce.state import stamp
from connector.sandbox.salesforce.table import Record
from connector.sandbox.wire import Call

#: How many results stay open for further pages; the oldest goes.
OPEN_CURSORS = 10
#: How far back the deleted feed reaches.
DELETED_DAYS = 15
_SMALLEST_PAGE = 200


class Queries:
    """Results that somebody is still paging through."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self._open: OrderedDict[str, Result] = OrderedDict()
        self._number = 0

    def first(self, call: Call, root: str, *, deleted_too: bool) -> dict[str, Any]:
        """The first page of a new query."""
        text = call.first("q")
        if not text:
            raise ApiError("MALFORMED_QUERY", "SOQL statements cannot be empty or null")
        query = Query(self.org, text, deleted_too=deleted_too)
        call.route += f" {query.sobject.name}"
        found = query.run()
        if found.counted:
            return {"totalSize": len(found.ids), "done": True, "records": []}
        self._number += 1
        locator = long_id("01g", self._number)
        if len(found.ids) > self._size(call):
            self._open[locator] = found
            while len(self._open) > OPEN_CURSORS:
                self._open.popitem(last=False)
        return self._page(call, root, locator, found, 0)

    def more(self, call: Call, root: str, locator: str) -> dict[str, Any]:
        """The page that `nextRecordsUrl` leads to."""
        name, _, start = locator.rpartition("-")
        found = self._open.get(name)
        if found is None or not start.isdigit():
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        call.route += f" {found.sobject.name}"
        return self._page(call, root, name, found, int(start))

    def _size(self, call: Call) -> int:
        asked = re.search(r"batchSize\s*=\s*(\d+)", call.headers.get("sforce-query-options", ""))
        size = min(max(int(asked[1]), _SMALLEST_PAGE), 2000) if asked else 2000
        return min(size, self.org.page_size)

    def _page(self, call: Call, root: str, locator: str, found: Result, start: int) -> dict[str, Any]:
        end = start + self._size(call)
        table = self.org.table(found.sobject.name)
        records = [table.records[one] for one in found.ids[start:end] if one in table.records]
        call.items = len(records)
        page: dict[str, Any] = {"totalSize": len(found.ids), "done": end >= len(found.ids)}
        if not page["done"]:
            page["nextRecordsUrl"] = f"{root}/query/{locator}-{end}"
        page["records"] = [shown(self.org, record, found.paths, root) for record in records]
        return page


def shown(org: Org, record: Record, paths: list[Path], root: str) -> dict[str, Any]:
    """A record as a query shows it, with what was asked of its relations nested."""
    said: dict[str, Any] = {"attributes": attributes(org, record["Id"], root)}
    for path in paths:
        if not path.references:
            said[path.field.name] = record.get(path.field.name)
            continue
        inner: dict[str, Any] | None = said
        for depth, name in enumerate(path.relations):
            if inner is None:
                break
            if name not in inner:
                other = far_record(org, record, path.references[: depth + 1])
                inner[name] = None if other is None else {"attributes": attributes(org, other["Id"], root)}
            inner = inner[name]
        if inner is not None:
            inner[path.field.name] = far_value(org, record, path)
    return said


def attributes(org: Org, record_id: str, root: str) -> dict[str, str]:
    """The `attributes` of a record."""
    name = org.object_of(record_id).name
    return {"type": name, "url": f"{root}/sobjects/{name}/{record_id}"}


def deleted(org: Org, name: str, call: Call) -> dict[str, Any]:
    """GET /sobjects/X/deleted/?start&end. Seconds do not count."""
    start, end = _minute(call.first("start"), "start"), _minute(call.first("end"), "end")
    now = org.clock.now()
    if end - start < timedelta(minutes=1):
        raise ApiError("INVALID_REPLICATION_DATE", "startDate must be before endDate by more than one minute")
    if start < now - timedelta(days=DELETED_DAYS, minutes=1):
        raise ApiError("INVALID_REPLICATION_DATE", f"startDate cannot be more than {DELETED_DAYS} days ago")
    if org.bin_emptied_at is not None and start < _minute_of(org.bin_emptied_at):
        raise ApiError("INVALID_REPLICATION_DATE", f"startDate before replication enabled date: {org.bin_emptied_at}")
    covered = min(end, _minute_of(org.oldest_open() or now))
    gone = [one for one in org.deletions if one.object == name and start <= one.at < end]
    call.items = len(gone)
    return {
        "deletedRecords": [{"id": one.id, "deletedDate": stamp(one.at)} for one in gone],
        "earliestDateAvailable": stamp(now - timedelta(days=DELETED_DAYS)),
        "latestDateCovered": stamp(covered),
    }


def _minute(text: str, name: str) -> datetime:
    try:
        return _minute_of(datetime.fromisoformat(text).astimezone(UTC))
    except ValueError:
        raise ApiError("MALFORMED_QUERY", f"{name}: not a valid date and time: {text}") from None


def _minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
