"""Routes of batches: a hundred records at most, refused whole or one by one.

Source: https://developers.hubspot.com/docs/api-reference/error-handling: an answer in parts (207) comes
where every input carries a unique `objectWriteTraceId`; without it one bad input refuses the batch.
Ids that do not exist are told apart (207) either way. An upsert by email has no answer in parts.
Results come in an order of their own: the trace id tells whose they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connector.sandbox.hubspot.errors import Refused, Wrong, invalid, invalid_values, not_found
from connector.sandbox.hubspot.moments import iso
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Body, prepared, shown
from connector.sandbox.hubspot.table import Row
from connector.sandbox.wire import Call, Reply

MOST = 100
Input = Mapping[str, Any]
Work = Callable[[], Body]


def inputs(call: Call, key: str = "id") -> list[dict[str, Any]]:
    """The inputs of a batch. Raises Refused for none, too many, or one that stands there twice."""
    found = list(call.json()["inputs"])
    call.items = len(found)
    if not 1 <= len(found) <= MOST:
        raise invalid(f"The batch must hold between 1 and {MOST} inputs, not {len(found)}")
    keys = [one[key] for one in found if key in one]
    if len(set(keys)) < len(keys):
        raise invalid("Duplicate IDs found in batch input")
    return found


def envelope(portal: Portal, results: list[Body], errors: Iterable[Body] = (), *, status: int = 200) -> Reply:
    """The answer to a batch: 207 where there are errors."""
    now = iso(portal.now())
    body: Body = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    problems = list(errors)
    if problems:
        body |= {"numErrors": len(problems), "errors": problems}
    return Reply(207 if problems else status, body)


def read(portal: Portal, call: Call, object: str) -> Reply:
    """POST a read of up to a hundred ids, or values of a unique property."""
    body = call.json()
    property = body.get("idProperty") or ""
    if property and property not in portal.tables[object].unique and property != "hs_object_id":
        raise invalid(f"Property {property} is not a unique identifier of {object}")
    archived = call.first("archived") == "true"
    names = [name for name in body["properties"] if name in portal.properties[object]]
    results, missing = [], []
    for wish in inputs(call):
        table = portal.tables[object]
        row = table.find(property, wish["id"]) if property else table.get(wish["id"])
        if row is None or bool(row.archived) != archived:
            missing.append(wish["id"])
        else:
            results.append(shown(portal, object, row, [*names, *([property] if property else [])]))
    return envelope(portal, results[::-1], _missing(object, missing))


def create(portal: Portal, call: Call, object: str) -> Reply:
    """POST new records."""

    def prepare(wish: Input, taken: set[tuple[str, str]]) -> Work:
        make = prepared(portal, object, wish, taken)

        def work() -> Body:
            row = make()
            return shown(portal, object, row, row.names)

        return work

    return _write(portal, call, inputs(call), prepare, status=201)


def update(portal: Portal, call: Call, object: str) -> Reply:
    """POST changes of records by id or by a unique property."""

    def prepare(wish: Input, taken: set[tuple[str, str]]) -> Work:
        row = _named(portal, object, wish)
        if row is None or row.archived:
            raise not_found([wish["id"]])
        values = portal.check(object, wish["properties"], row, taken)

        def make() -> Body:
            portal.change(object, row, values)
            return shown(portal, object, row, values)

        return make

    return _write(portal, call, inputs(call), prepare)


def upsert(portal: Portal, call: Call, object: str) -> Reply:
    """POST records that are changed where the unique property finds them, and made where it does not."""
    wishes = inputs(call)
    by_email = any(wish.get("idProperty") == "email" for wish in wishes)

    def prepare(wish: Input, taken: set[tuple[str, str]]) -> Work:
        property = wish.get("idProperty") or ""
        if not property or property not in portal.tables[object].unique:
            raise invalid(f"idProperty {property!r} is not a unique property of {object}")
        row = portal.tables[object].find(property, wish["id"])
        values = portal.check(object, {property: wish["id"], **wish["properties"]}, row, taken)

        def make() -> Body:
            found = portal.tables[object].find(property, wish["id"])
            made = found or portal.create(object, values)
            if found is not None:
                portal.change(object, found, values)
            return {**shown(portal, object, made, values), "new": found is None}

        return make

    return _write(portal, call, wishes, prepare, partial=not by_email)


def archive(portal: Portal, call: Call, object: str) -> Reply:
    """POST ids into the recycle bin; those that are not there are passed over."""
    for wish in call.each(inputs(call)):
        row = portal.living(object, wish["id"])
        if row is not None:
            portal.archive(object, row)
    return Reply(204)


def _named(portal: Portal, object: str, wish: Input) -> Row | None:
    property = wish.get("idProperty") or ""
    table = portal.tables[object]
    if property and property not in table.unique and property != "hs_object_id":
        wrong = Wrong(property, "INVALID_UNIQUE_PROPERTY", f"{property} is not a unique identifier of {object}")
        raise invalid_values([wrong])
    return table.find(property, wish["id"]) if property else table.get(wish["id"])


def _write(
    portal: Portal,
    call: Call,
    wishes: list[dict[str, Any]],
    prepare: Callable[[Input, set[tuple[str, str]]], Work],
    *,
    status: int = 200,
    partial: bool = True,
) -> Reply:
    """Check every input before anything is done; then do those that are right."""
    traces = [wish.get("objectWriteTraceId") for wish in wishes]
    traced = partial and all(traces) and len(set(traces)) == len(traces)
    taken: set[tuple[str, str]] = set()
    ready: list[tuple[Input, Work]] = []
    errors: list[Body] = []
    missing: list[str] = []
    for wish in wishes:
        try:
            ready.append((wish, prepare(wish, taken)))
        except Refused as refused:
            if traced:
                errors.append(refused.entry(objectWriteTraceId=[wish["objectWriteTraceId"]]))
            elif refused.category == "OBJECT_NOT_FOUND" and "id" in wish:
                missing.append(wish["id"])
            else:
                raise
    results = [_traced(wish, work()) for wish, work in call.each(ready)]
    return envelope(portal, results[::-1], [*errors, *_missing("some", missing)], status=status)


def _traced(wish: Input, result: Body) -> Body:
    trace = wish.get("objectWriteTraceId")
    return {**result, "objectWriteTraceId": trace} if trace else result


def _missing(object: str, ids: list[str]) -> list[Body]:
    if not ids:
        return []
    message = f"Could not get {object} objects, they may be deleted or not exist. Check that ids are valid."
    return [Refused(404, "OBJECT_NOT_FOUND", message, context={"ids": ids}).entry()]
