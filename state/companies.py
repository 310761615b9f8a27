"""Companies, their keys, and whose people are whose."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from connector.model.company import Company
from state.engine import Session, chunks
from state.times import micros, moment

BY_KEYS = "SELECT key, company_id FROM company_keys WHERE key = ANY(?) ORDER BY key, company_id"
SELECT = "SELECT id, domain, body, total, people, made_of, changed_at FROM companies WHERE id = ANY(?)"
ADD = "INSERT INTO companies (id, domain, body, total, people, made_of, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
UPDATE = "UPDATE companies SET domain = ?, body = ?, total = ?, people = ?, made_of = ?, changed_at = ? WHERE id = ?"
PUT_PEOPLE = (
    "INSERT INTO company_people (lead_id, company_id) VALUES (?, ?) "
    "ON CONFLICT (lead_id) DO UPDATE SET company_id = excluded.company_id"
)
PEOPLE = (
    "SELECT p.lead_id FROM company_people p JOIN standings s ON s.lead_id = p.lead_id AND s.merged_into = 0 "
    "WHERE p.company_id = ? ORDER BY p.lead_id LIMIT ?"
)


class CompaniesOfStore:
    """The port `Companies`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def by_keys(self, keys: Collection[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for chunk in chunks(sorted(keys)):
            for key, company_id in self._session.rows(BY_KEYS, chunk):
                found.setdefault(key, []).append(company_id)
        return found

    def get(self, ids: Sequence[int]) -> dict[int, Company]:
        return {row[0]: _read(row) for chunk in chunks(ids) for row in self._session.rows(SELECT, chunk)}

    def add(self, companies: Sequence[Company], now: datetime) -> None:
        first = self._session.new_ids("companies", len(companies)) if companies else 0
        for id, one in enumerate(companies, first):
            one.id, one.changed_at = id, now
        self._session.many(ADD, [(one.id, *_row(one, now)) for one in companies])

    def update(self, companies: Sequence[Company], now: datetime) -> None:
        self._session.many(UPDATE, [(*_row(one, now), one.id) for one in companies])
        for one in companies:
            one.changed_at = now

    def put_keys(self, keys: Mapping[int, Collection[int]]) -> None:
        for chunk in chunks(keys):
            self._session.run("DELETE FROM company_keys WHERE company_id = ANY(?)", chunk)
        rows = sorted((key, company_id) for company_id, own in keys.items() for key in set(own))
        self._session.many("INSERT INTO company_keys (key, company_id) VALUES (?, ?)", rows)

    def put_people(self, companies: Mapping[int, int]) -> None:
        out = [lead_id for lead_id, company_id in companies.items() if not company_id]
        for chunk in chunks(out):
            self._session.run("DELETE FROM company_people WHERE lead_id = ANY(?)", chunk)
        self._session.many(PUT_PEOPLE, sorted((lead, company) for lead, company in companies.items() if company))

    def of_leads(self, lead_ids: Sequence[int]) -> dict[int, int]:
        asked = "SELECT lead_id, company_id FROM company_people WHERE lead_id = ANY(?)"
        return {row[0]: row[1] for chunk in chunks(lead_ids) for row in self._session.rows(asked, chunk)}

    def people(self, company_ids: Sequence[int], limit: int) -> dict[int, list[int]]:
        found = {id: [row[0] for row in self._session.rows(PEOPLE, id, limit)] for id in company_ids}
        return {id: people for id, people in found.items() if people}


def _row(one: Company, now: datetime) -> tuple[Any, ...]:
    made_of = orjson.dumps(one.made_of).decode()
    return one.domain, orjson.dumps(one.fields).decode(), one.total, one.people, made_of, micros(now)


def _read(row: tuple[Any, ...]) -> Company:
    id, domain, body, total, people, made_of, changed_at = row
    told = [(int(lead), str(rule), int(points)) for lead, rule, points in orjson.loads(made_of)] if made_of else []
    return Company(domain, orjson.loads(body) if body else {}, total, people, told, moment(changed_at), id)
