"""Contacts that changed, made records: the properties that are asked for, with their company's.

How none is missed: adapters/_hubspot/walk.py. A company's property is called `company.<property>`; the company is
the contact's primary one (`associatedcompanyid`). Values are as HubSpot has them, texts all, None where it has none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from adapters._hubspot.calls import read_many
from adapters._hubspot.cursors import millis, moment, parsed
from adapters._hubspot.objects import CONTACT
from adapters._hubspot.records import COMPANIES, COMPANY, MERGED, Found, losers
from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.walk import PAGE as SEARCHED
from adapters._hubspot.walk import Walk
from connector.model.http import Http
from connector.model.records import Page, Record, Window

STREAM = "contacts"
#: Contacts of a page, at most.
PAGE = SEARCHED
OF_COMPANY = "company."
_MOST_COMPANIES = 20_000


class ContactStream:
    """Pages of contacts. `now` is the present in milliseconds."""

    def __init__(self, http: Http, settings: HubSpotSettings, contacts: Contacts, now: Callable[[], int]) -> None:
        self.contacts = contacts
        self.walk = Walk(http, settings, CONTACT, contacts.asked, now, lane=contacts.lane)

    def pull(self, cursor: str, window: Window | None) -> Iterator[Page]:
        """What changed after `cursor`, or within `window`."""
        bounds = (millis(window.since), millis(window.until)) if window else None
        pages = self.walk.within(cursor, *bounds) if bounds else self.walk.pages(cursor)
        for found, following in pages:
            yield Page(STREAM, self.contacts.records(found), following)


class Contacts:
    """Makes records of found contacts. `columns` are the names that the mapping reads."""

    def __init__(self, http: Http, columns: Iterable[str], lane: int) -> None:
        self.http = http
        self.lane = lane
        wanted = sorted(set(columns))
        self.own = [name for name in wanted if not name.startswith(OF_COMPANY)]
        self.of_company = [name.removeprefix(OF_COMPANY) for name in wanted if name.startswith(OF_COMPANY)]
        kept = [MERGED, COMPANY] if self.of_company else [MERGED]
        self.asked = list(dict.fromkeys([*self.own, *kept]))
        self._companies: dict[str, Found] = {}
        self._no_company: Found = {OF_COMPANY + name: None for name in self.of_company}

    def records(self, found: Sequence[Found]) -> list[Record]:
        """The records of contacts, followed by those merged into them."""
        self._learn(found)
        made: list[Record] = []
        for one in found:
            made.append(self._record(one))
            made += self._merged(one)
        return made

    def _learn(self, found: Sequence[Found]) -> None:
        if not self.of_company:
            return
        if len(self._companies) > _MOST_COMPANIES:
            self._companies.clear()
        ids = {str(id) for one in found if (id := one["properties"].get(COMPANY))} - self._companies.keys()
        for company in read_many(self.http, COMPANIES, sorted(ids), self.of_company, lane=self.lane):
            self._companies[str(company["id"])] = company["properties"]
        self._companies.update((id, {}) for id in ids - self._companies.keys())

    def _record(self, one: Found) -> Record:
        id, properties = str(one["id"]), one["properties"]
        values: dict[str, Any] = {name: properties.get(name) for name in self.own}
        if self.of_company:
            company = self._companies.get(str(properties.get(COMPANY) or ""))
            if company:
                values |= {OF_COMPANY + name: company.get(name) for name in self.of_company}
            else:
                values |= self._no_company
        at = parsed(one.get("updatedAt"))
        return Record(id, values, where=id, modified_at=moment(at) if at else None)

    def _merged(self, one: Found) -> list[Record]:
        """Those that were merged into it: HubSpot names them all, for as long as the winner is there."""
        return [Record(id, {}, where=id, merged_into=str(one["id"])) for id in losers(one)]
