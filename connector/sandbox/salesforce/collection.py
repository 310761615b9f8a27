"""composite/sobjects: up to 200 records in one call, each with a result of its own."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.fields import Field
from connector.sandbox.salesforce.ids import normal
from connector.sandbox.salesforce.objects import SObject
from connector.sandbox.salesforce.org import Org
from connector.sandbox.salesforce.queries import attributes
from connector.sandbox.salesforce.saving import Options, Saved, Saver, named_value
from connector.sandbox.salesforce.table import Record
from connector.sandbox.salesforce.values import unreadable
from connector.sandbox.wire import Call

MOST_RECORDS = 200
MOST_RETRIEVED = 2000
MOST_CHUNKS = 10


class Collections:
    """The calls of one request."""

    def __init__(self, org: Org, call: Call, options: Options) -> None:
        self.org = org
        self.call = call
        self.options = options
        self.saver = Saver(org, options)

    def create(self) -> list[dict[str, Any]]:
        """POST: new records, of several objects if need be."""
        records, every = self._records()
        tasks = [_task(self.saver.create, self._object(record), record) for record in records]
        return [one.item() for one in self.saver.batch(self.call.each(tasks), all_or_none=every)]

    def update(self) -> list[dict[str, Any]]:
        """PATCH: changes by record id."""
        records, every = self._records()
        tasks = [self._update(self._object(record), record) for record in records]
        return [one.item() for one in self.saver.batch(self.call.each(tasks), all_or_none=every)]

    def upsert(self, sobject: SObject, field: str) -> list[dict[str, Any]]:
        """PATCH /X/Field: by an external id."""
        key = external_id(sobject, field)
        records, every = self._records()
        if any(self._object(record) is not sobject for record in records):
            raise ApiError("INVALID_TYPE", f"All records must be of the type of the request: {sobject.name}")
        seen = Counter(str(named_value(record, key.name)).lower() for record in records)
        tasks = [self._upsert(sobject, key, record, seen) for record in records]
        return [one.item(upsert=True) for one in self.saver.batch(self.call.each(tasks), all_or_none=every)]

    def delete(self) -> list[dict[str, Any]]:
        """DELETE ?ids=."""
        ids = [one for one in self.call.first("ids").split(",") if one]
        self._few(len(ids), MOST_RECORDS)
        every = self.call.first("allOrNone").lower() == "true"
        tasks = [_task(self.saver.delete, one) for one in ids]
        return [one.item() for one in self.saver.batch(self.call.each(tasks), all_or_none=every)]

    def retrieve(self, sobject: SObject, root: str) -> list[dict[str, Any] | None]:
        """GET ?ids&fields, or POST {ids, fields}: null for what is not there."""
        asked = self._body() if self.call.method == "POST" else {
            name: self.call.first(name).split(",") for name in ("ids", "fields")
        }  # fmt: skip
        if not isinstance(asked, dict) or not asked.get("ids") or not asked.get("fields"):
            raise ApiError("MALFORMED_QUERY", "ids and fields are required")
        self._few(len(asked["ids"]), MOST_RETRIEVED)
        fields = [self._column(sobject, name) for name in asked["fields"]]
        table = self.org.table(sobject.name)
        found = [table.get(normal(one)) for one in asked["ids"]]
        return [self._retrieved(record, fields, root) for record in found]

    def _retrieved(self, record: Record | None, fields: list[Field], root: str) -> dict[str, Any] | None:
        if record is None or record["IsDeleted"]:
            return None
        said: dict[str, Any] = {"attributes": attributes(self.org, record["Id"], root)}
        return said | {one.name: record.get(one.name) for one in fields}

    def _column(self, sobject: SObject, name: str) -> Field:
        found = sobject.field(name.strip())
        if found is None:
            raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        return found

    def _records(self) -> tuple[list[dict[str, Any]], bool]:
        body = self._body()
        records = body.get("records") if isinstance(body, dict) else None
        if not isinstance(records, list) or not all(isinstance(one, dict) for one in records) or not records:
            raise ApiError("JSON_PARSER_ERROR", "The records property is required and must be a list of records")
        self._few(len(records), MOST_RECORDS)
        chunks = len(list(itertools.groupby(records, lambda record: self._object(record).name)))
        if chunks > MOST_CHUNKS:
            raise ApiError("LIMIT_EXCEEDED", f"A request can have {MOST_CHUNKS} chunks of objects, not {chunks}")
        if self.org.strict_columns:
            self._readable(records)
        return records, body.get("allOrNone") is True

    def _body(self) -> Any:
        try:
            return self.call.json()
        except ValueError:
            raise ApiError("JSON_PARSER_ERROR", "The body is no JSON") from None

    def _few(self, count: int, most: int) -> None:
        self.call.items = count
        if count > most:
            said = f"record limit reached. cannot submit more than {most} records into this call"
            raise ApiError("EXCEEDED_ID_LIMIT", said)

    def _readable(self, records: list[dict[str, Any]]) -> None:
        for record in records:
            sobject = self._object(record)
            for name, value in record.items():
                wrong = None if name == "attributes" else unreadable(sobject, name, value)
                if wrong is not None:
                    raise wrong

    def _object(self, record: Mapping[str, Any]) -> SObject:
        said = record.get("attributes")
        name = said.get("type") if isinstance(said, dict) else None
        if not isinstance(name, str):
            raise ApiError("JSON_PARSER_ERROR", "Every record must have attributes with a type")
        return self.org.sobject(name)

    def _update(self, sobject: SObject, record: dict[str, Any]) -> Callable[[], Saved]:
        record_id = named_value(record, "Id")
        if record_id is None:
            return _refuse(ApiError("MISSING_ARGUMENT", "Id not specified in an update call", ["Id"]))
        values = {name: value for name, value in record.items() if name.lower() != "id"}
        return _task(self.saver.update, sobject, str(record_id), values)

    def _upsert(self, sobject: SObject, key: Field, record: dict[str, Any], seen: Counter[str]) -> Callable[[], Saved]:
        named = str(named_value(record, key.name))
        if seen[named.lower()] > 1 and named != "None":
            return _refuse(ApiError("DUPLICATE_VALUE", f"Duplicate external id specified: {named}", [key.name]))
        return _task(self.saver.upsert, sobject, key, record)


def external_id(sobject: SObject, name: str) -> Field:
    """The field, which must be an external id. Raises ApiError."""
    found = sobject.field(name)
    if found is None or not found.external_id:
        said = f"Provided external ID field does not exist or is not accessible: {name}"
        raise ApiError("NOT_FOUND", said, status=404)
    return found


def _task(act: Callable[..., Saved], *args: Any) -> Callable[[], Saved]:
    return lambda: act(*args)


def _refuse(error: ApiError) -> Callable[[], Saved]:
    def refuse() -> Saved:
        raise error

    return refuse
