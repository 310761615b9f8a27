"""Contacts as the API gives them, made records: the properties that are asked for, with their company's.

A company's property is called `company.<property>`; the company is the contact's primary one
(`associatedcompanyid`). Values are as HubSpot has them, texts all, None where it has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from adapters._hubspot.cursors import moment, parsed
from connector.model.errors import RetryableError
from connector.model.http import Http, Request
from connector.model.records import Record

CONTACTS = "/crm/v3/objects/contacts"
COMPANIES = "/crm/v3/objects/companies"
#: What is asked for beside what the mapping reads.
MERGED, COMPANY = "hs_merged_object_ids", "associatedcompanyid"
#: Inputs of a batch, and contacts of a list, at most.
BATCH = 100
#: A search of more characters is refused; in an address so many properties would be too long.
LONGEST = 3000
_PREFIX = "company."
_MOST_COMPANIES = 20_000

Found = Mapping[str, Any]


def results(body: Any, what: str) -> list[Any]:
    """`results` of an answer. Raises RetryableError where it has none: half an answer is no answer."""
    found = body.get("results") if isinstance(body, Mapping) else None
    if not isinstance(found, list):
        raise RetryableError(f"{what}: the answer has no results")
    return found


def after(body: Mapping[str, Any]) -> str:
    """The token of the next page, "" where this is the last."""
    paging = body.get("paging") or {}
    return str((paging.get("next") or {}).get("after") or "")


class Contacts:
    """Makes records of found contacts. `columns` are the names that the mapping reads."""

    def __init__(self, http: Http, columns: Iterable[str], lane: int) -> None:
        self.http = http
        self.lane = lane
        wanted = sorted(set(columns))
        self.own = [name for name in wanted if not name.startswith(_PREFIX)]
        self.of_company = [name.removeprefix(_PREFIX) for name in wanted if name.startswith(_PREFIX)]
        kept = [MERGED, COMPANY] if self.of_company else [MERGED]
        self.asked = list(dict.fromkeys([*self.own, *kept]))
        #: Too many for a search: found by id, then read.
        self.apart = len(orjson.dumps(self.asked)) > LONGEST - 600
        self.inline = kept if self.apart else self.asked
        self._companies: dict[str, Found] = {}

    def records(self, found: Sequence[Found]) -> list[Record]:
        """The records of contacts as a list or a search gave them, followed by those merged into them."""
        full = self._read_apart(found) if self.apart and found else found
        self._learn(full)
        made: list[Record] = []
        for one in full:
            made.append(self._record(one))
            made += self._merged(one)
        return made

    def _read_apart(self, found: Sequence[Found]) -> list[Found]:
        ids = [str(one["id"]) for one in found]
        return self._read(CONTACTS, ids, self.asked)

    def _read(self, path: str, ids: Sequence[str], properties: Sequence[str]) -> list[Found]:
        """By id, in batches; ids that are not there any more are absent (the answer is then a 207)."""
        read: list[Found] = []
        for start in range(0, len(ids), BATCH):
            body = {
                "inputs": [{"id": id} for id in ids[start : start + BATCH]],
                "properties": list(properties),
                "propertiesWithHistory": [],
            }
            asked = Request("POST", f"{path}/batch/read", json=body, reads=True, lane=self.lane)
            read += results(self.http.read(asked).json(), path)
        return read

    def _learn(self, found: Sequence[Found]) -> None:
        if not self.of_company:
            return
        if len(self._companies) > _MOST_COMPANIES:
            self._companies.clear()
        ids = {str(id) for one in found if (id := one["properties"].get(COMPANY))} - self._companies.keys()
        for company in self._read(COMPANIES, sorted(ids), self.of_company):
            self._companies[str(company["id"])] = company["properties"]
        self._companies.update((id, {}) for id in ids - self._companies.keys())

    def _record(self, one: Found) -> Record:
        id, properties = str(one["id"]), one["properties"]
        values: dict[str, Any] = {name: properties.get(name) for name in self.own}
        if self.of_company:
            company = self._companies.get(str(properties.get(COMPANY) or ""), {})
            values.update((_PREFIX + name, company.get(name)) for name in self.of_company)
        at = parsed(one.get("updatedAt"))
        return Record(id, values, where=id, modified_at=moment(at) if at else None)

    def _merged(self, one: Found) -> list[Record]:
        """Those that were merged into it: HubSpot names them all, for as long as the winner is there."""
        told = str(one["properties"].get(MERGED) or "")
        winner = str(one["id"])
        losers = [id.strip() for id in told.split(";")]
        return [Record(id, {}, where=id, merged_into=winner) for id in losers if id and id != winner]
