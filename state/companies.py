"""Companies, their keys, and whose people are whose."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from connector.model.company import Account, Company
from connector.model.times import micros, moment
from state.engine import Session, chunks

BY_KEYS = "SELECT key, company_id FROM company_keys WHERE key = ANY(?) ORDER BY key, company_id"
SELECT = "SELECT id, domain, body, made_of, changed_at FROM companies WHERE id = ANY(?) ORDER BY id"
ADD = "INSERT INTO companies (id, domain, body, total, people, made_of, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
UPDATE = "UPDATE companies SET domain = ?, body = ?, total = ?, people = ?, made_of = ?, changed_at = ? WHERE id = ?"
ADD_KEY = "INSERT INTO company_keys (key, company_id) VALUES (?, ?) ON CONFLICT DO NOTHING"
PUT_PEOPLE = (
    "INSERT INTO company_people (lead_id, company_id) VALUES (?, ?) "
    "ON CONFLICT (lead_id) DO UPDATE SET company_id = excluded.company_id"
)
PEOPLE = (
    "SELECT p.lead_id FROM company_people p JOIN standings s ON s.lead_id = p.lead_id AND s.merged_into = 0 "
    "WHERE p.company_id = ? ORDER BY p.lead_id LIMIT ?"
)
# For a person who asks: read whole, since nobody else looks a company up by a part of its name.
NAMES = "SELECT id, domain, body FROM companies ORDER BY id"
TAKE_KEYS = (
    "INSERT INTO company_keys (key, company_id) SELECT key, CAST(? AS BIGINT) FROM company_keys WHERE company_id = ? "
    "ON CONFLICT DO NOTHING"
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

    def find(self, text: str, limit: int) -> list[Company]:
        wanted = text.strip().casefold()
        ids = [id for id, domain, body in self._session.rows(NAMES) if domain == wanted or wanted in _name(body)]
        return list(self.get(ids[:limit]).values())

    def add(self, companies: Sequence[Company], now: datetime) -> None:
        first = self._session.new_ids("companies", len(companies)) if companies else 0
        for id, one in enumerate(companies, first):
            one.id, one.changed_at = id, now
        self._session.many(ADD, [(one.id, *_row(one, now)) for one in companies])

    def update(self, companies: Sequence[Company], now: datetime) -> None:
        self._session.many(UPDATE, [(*_row(one, now), one.id) for one in companies])
        for one in companies:
            one.changed_at = now

    def add_keys(self, keys: Iterable[tuple[int, int]]) -> None:
        self._session.many(ADD_KEY, sorted(set(keys)))

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

    def drop(self, company_id: int, heir: int = 0) -> None:
        if heir:
            self._session.run("UPDATE company_people SET company_id = ? WHERE company_id = ?", heir, company_id)
            self._session.run(TAKE_KEYS, heir, company_id)
        for table, column in (("company_people", "company_id"), ("company_keys", "company_id"), ("companies", "id")):
            self._session.run(f"DELETE FROM {table} WHERE {column} = ?", company_id)  # noqa: S608 - constants


def _name(body: str) -> str:
    return str(orjson.loads(body).get("company.name") or "").casefold() if body else ""


def _row(one: Company, now: datetime) -> tuple[Any, ...]:
    """Domain, body, points, people, what they are made of, when: the points are those of the flow with most."""
    accounts = one.accounts
    most = max((account.total for account in accounts.values()), default=0)
    people = max((account.people for account in accounts.values()), default=0)
    made_of = orjson.dumps(accounts, option=orjson.OPT_SORT_KEYS).decode() if accounts else ""
    return one.domain, orjson.dumps(one.fields).decode(), most, people, made_of, micros(now)


def _read(row: tuple[Any, ...]) -> Company:
    id, domain, body, made_of, changed_at = row
    accounts = {flow: _account(parts) for flow, parts in orjson.loads(made_of).items()} if made_of else {}
    return Company(domain, orjson.loads(body) if body else {}, accounts, moment(changed_at), id)


def _account(parts: dict[str, Any]) -> Account:
    made_of = [(int(lead), str(rule), int(points)) for lead, rule, points in parts.pop("made_of")]
    return Account(**parts, made_of=made_of)
