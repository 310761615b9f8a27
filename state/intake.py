"""Finding and keeping leads, links and activities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from connector.model.activity import Activity
from connector.model.lead import Lead
from connector.model.times import DAY, micros, micros_or_none, moment
from state import keys, merging, rolling_up
from state.engine import chunks
from state.leads import (
    ADD_STANDING,
    DESCRIBE_LEADS,
    SELECT_LEADS,
    body,
    describe_lead,
    email_key,
    read_lead,
    standing,
)  # fmt: skip
from state.links import LinksOfStore
from state.rolling_up import EVER

ADD_LEAD = "INSERT INTO leads (id, email, body, created_at, changed_at) VALUES (?, ?, ?, ?, ?)"
UPDATE_LEAD = "UPDATE leads SET email = ?, body = ?, changed_at = ? WHERE id = ?"
UPDATE_STANDING = (
    "UPDATE standings SET stage = ?, stage_since = ?, flow = ?, owner = ? WHERE lead_id = ? AND merged_into = 0"
)
BY_EMAIL = "SELECT email, id FROM leads WHERE email IS NOT NULL AND email = ANY(?) ORDER BY id"
SOME_BY_EMAIL = "SELECT email, id FROM leads WHERE email IS NOT NULL AND email = ANY(?) LIMIT ?"
FIRST_BY_EMAIL = "SELECT email, id FROM leads WHERE email IS NOT NULL AND email = ? ORDER BY id LIMIT ?"
ADD_ACTIVITY = (
    "INSERT INTO activities (id, connection, source_id, person, lead_id, at, kind, topic, asset, seconds, body) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (connection, source_id) DO UPDATE SET at = excluded.at, "
    "kind = excluded.kind, topic = excluded.topic, asset = excluded.asset, seconds = excluded.seconds, "
    "body = excluded.body WHERE activities.kind <> excluded.kind OR activities.at <> excluded.at "
    "OR activities.topic <> excluded.topic OR activities.asset <> excluded.asset "
    "OR activities.seconds <> excluded.seconds OR coalesce(activities.body, '') <> coalesce(excluded.body, '')"
)
COUNT_NEW = "SELECT count(*) FROM activities WHERE id >= ?"
COUNT_DAY = (
    "INSERT INTO activity_days (lead_id, kind, day, events) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (lead_id, kind, day) DO UPDATE SET events = activity_days.events + excluded.events"
)
ANY_WAITING = "SELECT 1 FROM activities WHERE lead_id IS NULL AND connection = ? LIMIT 1"
WAITING = "SELECT id, person, kind, at FROM activities WHERE lead_id IS NULL AND connection = ? AND person = ANY(?)"
_ACTIVITIES = (
    "SELECT connection, source_id, person, at, kind, topic, asset, seconds, lead_id, id, body FROM activities "
    "WHERE lead_id = ANY(?) AND at >= ?"
)
_IN_ORDER = " ORDER BY lead_id, at, id"
ACTIVITIES = _ACTIVITIES + _IN_ORDER
OF_KINDS = _ACTIVITIES + " AND kind = ANY(?)" + _IN_ORDER
# The `+ 0` keeps the database from reading the whole past of each lead by the other index.
LIFETIME = (
    "SELECT lead_id, kind, sum(events) FROM (SELECT lead_id, kind, events FROM activity_days WHERE lead_id = ANY(?) "
    "UNION ALL SELECT lead_id, kind, 1 AS events FROM activities WHERE id > ? AND at >= ? AND lead_id + 0 = ANY(?)) "
    "AS counted GROUP BY lead_id, kind"
)
#: So many activities may be outside the roll-up, and are counted one by one. Rolled up page by page, each
#: would cost as much again as storing it, since a page's leads lie all over the table.
BACKLOG = 20_000


class IntakeOfStore(LinksOfStore):
    """The port `Intake`."""

    def by_email(self, emails: Sequence[str], at_most: int = 0) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for chunk in chunks(emails):
            for email, lead_id in self._by_email(chunk, at_most):
                found.setdefault(email, []).append(lead_id)
        return found

    def _by_email(self, emails: list[str], at_most: int) -> list[tuple[Any, ...]]:
        """Together as long as they find few; an address that very many share is asked about by itself."""
        if not at_most:
            return self._session.rows(BY_EMAIL, emails)
        most = at_most + len(emails)
        found = self._session.rows(SOME_BY_EMAIL, emails, most)
        if len(found) < most:
            return sorted(found, key=lambda row: row[1])
        return [row for email in emails for row in self._session.rows(FIRST_BY_EMAIL, email, at_most)]

    def last_number(self) -> int:
        return int(self._session.value("SELECT max(id) FROM leads") or 0)

    def lead_numbers(self, after_id: int = 0, limit: int = 500) -> list[int]:
        found = self._session.rows("SELECT id FROM leads WHERE id > ? ORDER BY id LIMIT ?", after_id, limit)
        return [lead_id for (lead_id,) in found]

    def leads(self, ids: Sequence[int]) -> dict[int, Lead]:
        return {row[0]: read_lead(row) for chunk in chunks(ids) for row in self._session.rows(SELECT_LEADS, chunk)}

    def described(self, ids: Sequence[int]) -> dict[int, Lead]:
        rows = (row for chunk in chunks(ids) for row in self._session.rows(DESCRIBE_LEADS, chunk))
        return {row[0]: describe_lead(row) for row in rows}

    def add_leads(self, leads: Sequence[Lead], now: datetime) -> None:
        if not leads:
            return
        at = micros(now)
        first = self._session.new_ids("leads", len(leads))
        bodies, standings = [], []
        for lead_id, lead in enumerate(leads, first):
            bodies.append((lead_id, email_key(lead), body(lead), at, at))
            standings.append((lead_id, *standing(lead, at)))
        self._session.many(ADD_LEAD, bodies)
        self._session.many(ADD_STANDING, standings)
        keys.wait(self._session, range(first, first + len(leads)))
        for lead_id, lead in enumerate(leads, first):
            lead.id, lead.created_at, lead.changed_at = lead_id, now, now

    def update_leads(self, leads: Sequence[Lead], now: datetime) -> None:
        at = micros(now)
        self._session.many(UPDATE_LEAD, [(email_key(lead), body(lead), at, lead.id) for lead in leads])
        self._session.many(
            UPDATE_STANDING,
            [(lead.stage, micros_or_none(lead.stage_since), lead.flow, lead.owner, lead.id) for lead in leads],
        )
        for lead in leads:
            lead.changed_at = now

    def add_activities(self, activities: Sequence[Activity]) -> int:
        activities = self._still_kept(activities)
        if not activities:
            return 0
        first = self._session.new_ids("activities", len(activities))
        rows = [
            (
                row_id,
                activity.connection,
                activity.source_id,
                activity.person,
                activity.lead_id or None,
                micros(activity.at),
                activity.kind,
                activity.topic,
                activity.asset,
                activity.seconds,
                _rare(activity),
            )
            for row_id, activity in enumerate(activities, first)
        ]
        added = self._session.many(ADD_ACTIVITY, rows)
        if added and added != self._session.value(COUNT_NEW, first):
            rolling_up.forget(self._session)
        elif rows[-1][0] - rolling_up.rolled_up(self._session) >= BACKLOG:
            rolling_up.roll_up(self._session, rows[-1][0])
        return added

    def _still_kept(self, activities: Sequence[Activity]) -> Sequence[Activity]:
        """Without those from before the time from which on activities are complete: they were deleted for good."""
        since = rolling_up.kept_from(self._session) if activities else EVER
        return activities if since == EVER else [one for one in activities if micros(one.at) >= since]

    def _count(self, events: Iterable[tuple[int, str, int]]) -> None:
        """Add (lead id, kind, time) to the daily roll-up."""
        days = Counter([(lead_id, kind, at // DAY) for lead_id, kind, at in events])
        self._session.many(COUNT_DAY, [(*day, count) for day, count in sorted(days.items())])

    def adopt_activities(self, connection: str, people: Mapping[str, int]) -> set[int]:
        if self._session.value(ANY_WAITING, connection) is None:
            return set()
        adopted: list[tuple[int, int, str, int]] = []
        for chunk in chunks(people):
            found = self._session.rows(WAITING, connection, chunk)
            adopted += [(people[person], row_id, kind, at) for row_id, person, kind, at in found]
        self._session.many("UPDATE activities SET lead_id = ? WHERE id = ?", [row[:2] for row in adopted])
        rolled_up = rolling_up.rolled_up(self._session)
        self._count((lead_id, kind, at) for lead_id, row_id, kind, at in adopted if row_id <= rolled_up)
        return {row[0] for row in adopted}

    def activities(
        self, lead_ids: Sequence[int], since: datetime | None = None, kinds: Collection[str] | None = None
    ) -> dict[int, list[Activity]]:
        found: dict[int, list[Activity]] = {}
        earliest = EVER if since is None else micros(since)
        wanted = () if kinds is None else (list(kinds),)
        for chunk in chunks(lead_ids):
            for row in self._session.rows(OF_KINDS if wanted else ACTIVITIES, chunk, earliest, *wanted):
                found.setdefault(row[8], []).append(_read_activity(row))
        return found

    def merge(self, loser: int, winner: int, now: datetime) -> dict[str, Any]:
        loser, winner = merging.last_winner(self._session, loser), merging.last_winner(self._session, winner)
        if loser == winner:
            return {}
        people = merging.people(self._session, loser)
        kept = merging.merge(self._session, loser, winner, now)
        for connection, external_ids in people.items():
            self.adopt_activities(connection, dict.fromkeys(external_ids, winner))
        return kept

    def split(self, loser: int, winner: int, kept: Mapping[str, Any], now: datetime) -> None:
        merging.split(self._session, loser, winner, kept, now)

    def merged_into(self, winners: Sequence[int]) -> dict[int, list[int]]:
        found: dict[int, list[int]] = {}
        for chunk in chunks(winners):
            for winner, loser in self._session.rows(merging.LOSERS, chunk):
                found.setdefault(winner, []).append(loser)
        return found

    def lifetime(self, lead_ids: Sequence[int]) -> dict[int, dict[str, int]]:
        found: dict[int, dict[str, int]] = {}
        rolled_up, since = rolling_up.rolled_up(self._session), rolling_up.kept_from(self._session)
        for chunk in chunks(lead_ids):
            for lead_id, kind, events in self._session.rows(LIFETIME, chunk, rolled_up, since, chunk):
                found.setdefault(lead_id, {})[kind] = int(events)
        return found


def _rare(activity: Activity) -> str | None:
    """What few activities have, as JSON; None where this one has none of it."""
    if not (activity.url or activity.campaign or activity.answers):
        return None
    return orjson.dumps((activity.url, activity.campaign, activity.answers)).decode()


def _read_activity(row: tuple[Any, ...]) -> Activity:
    connection, source_id, person, at, kind, topic, asset, seconds, lead_id, row_id, text = row
    url, campaign, answers = orjson.loads(text) if text else ("", "", {})
    return Activity(
        connection, source_id, person, moment(at), kind, topic, asset, url, seconds, campaign, answers, lead_id, row_id
    )
