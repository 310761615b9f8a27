"""Taking a person out of the store: their rows are deleted; of what counts for others the bare fact stays.

A lead that was forgotten keeps its number and nothing else, so that no number is given twice and the ledger of
turns stays whole. Its moves from stage to stage and its handoffs stay as times and points, without a word of
text: whoever counts how many became what, or whose turn it is, counts as before. It has no standing, and
therefore is no lead to anybody who asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from connector.model.notices import TARGET as NOTICES
from connector.model.outbox import LANES
from connector.model.person import Person
from connector.model.times import micros
from state import personal
from state.engine import Session

#: Deleted in this order; what is not in it is blanked below.
DELETED = (
    "handoff_events", "audit", "links", "activities", "activity_days", "consents", "receipts", "images", "reviews",
    "record_keys", "mirror", "desk", "outbox", "lead_keys", "to_match", "pairs", "joinings", "company_people", "ways",
    "standings",
)  # fmt: skip
BLANK_LEAD = "UPDATE leads SET email = NULL, body = ?, changed_at = ? WHERE id = ANY(?)"
NOTHING = orjson.dumps({"fields": {}, "said": []}).decode()
BLANK_TRANSITIONS = "UPDATE transitions SET why = '' WHERE lead_id = ANY(?)"
BLANK_HANDOFFS = (
    "UPDATE handoffs SET state = 'closed', closed_at = coalesce(closed_at, ?), brief = '', reason = '', record = '', "
    "routed_by = '', released_by = '', words = '', next_at = NULL WHERE lead_id = ANY(?)"
)
# An opt-out goes out first: the other system would write to them for ever.
UNDER_WAY = (
    "SELECT count(*) FROM outbox WHERE id = ANY(?) AND (state IN ('in_flight', 'unknown') "
    "OR (state = 'waiting' AND lane = ?))"
)
PACKS = "SELECT kind, period, body FROM packs"
OF_PACK = "DELETE FROM outbox WHERE target = ? AND substr(our_key, 1, ?) = ?"
IS_BLANK = "SELECT 1 FROM leads WHERE id = ? AND NOT EXISTS (SELECT 1 FROM standings WHERE lead_id = ?)"


class PersonalOfStore:
    """The port `Personal`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def person(self, lead_id: int) -> Person:
        return personal.find(self._session, lead_id)

    def stranger(self, email: str) -> Person:
        return personal.stranger(self._session, email)

    def stored(self, person: Person) -> dict[str, list[dict[str, Any]]]:
        return {table: personal.rows(self._session, table, person) for table in personal.PARTS}

    def words(self, person: Person) -> dict[str, str]:
        return {
            name: value
            for name, value in self._session.rows("SELECT name, value FROM meta")
            if person.named_in(name) or person.named_in(value)
        }

    def under_way(self, person: Person) -> int:
        ids = [row["id"] for row in personal.rows(self._session, "outbox", person)]
        return int(self._session.value(UNDER_WAY, ids, LANES["consent"]))

    def is_forgotten(self, lead_id: int) -> bool:
        return bool(self._session.rows(IS_BLANK, lead_id, lead_id))

    def erase(self, person: Person, now: datetime) -> dict[str, int]:
        if self._session.database.name == "sqlite":
            # What is deleted is overwritten where it stood, and not only given back.
            self._session.rows("PRAGMA secure_delete = ON")
        ids, at = list(person.lead_ids), micros(now)
        packs = self._packs(person)
        done = {"transitions": self._session.run(BLANK_TRANSITIONS, ids)}
        done["handoffs"] = self._session.run(BLANK_HANDOFFS, at, ids)
        done["meta"] = self._prune_words(person)
        # Each finds its rows by what the others hold: the outbox and the standings come last.
        done |= {table: personal.delete(self._session, table, person) for table in DELETED}
        # What others are joined to is nobody's now.
        for table in ("outbox", "receipts"):
            self._session.run(f"UPDATE {table} SET lead_id = NULL WHERE lead_id = ANY(?)", ids)  # noqa: S608
        done["leads"] = self._session.run(BLANK_LEAD, NOTHING, at, ids)
        done["outbox"] += packs
        return {table: count for table, count in done.items() if count}

    def _packs(self, person: Person) -> int:
        """Delete the rows that sent review packs in which somebody is an example: a pack itself holds numbers only."""
        deleted = 0
        for kind, period, body in self._session.rows(PACKS):
            said = orjson.loads(body)
            shown = {one["handoff"] for one in said.get("past_due", ())}
            shown.update(id for one in said.get("rejections", ()) for id in one["examples"])
            if shown.intersection(person.handoffs):
                key = f"pack:{kind}:{period}:"
                deleted += self._session.run(OF_PACK, NOTICES, len(key), key)
        return deleted

    def _prune_words(self, person: Person) -> int:
        found = self.words(person)
        for name, value in found.items():
            self._session.run("DELETE FROM meta WHERE name = ?", name)
            if not person.named_in(name):
                pruned = _pruned(value, person)
                self._session.run("INSERT INTO meta (name, value) VALUES (?, ?)", name, pruned)
        return len(found)


def _pruned(text: str, person: Person) -> str:
    """A word of the store without whatever names a person; "" where nothing else can be told apart in it."""
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ""
    left = _without(said, person)
    return orjson.dumps(left).decode() if left else ""


def _without(said: Any, person: Person) -> Any:
    if isinstance(said, Mapping):
        kept = {name: one for name, one in said.items() if not person.named_in(name) and not _is_word_of(one, person)}
        return {name: _without(one, person) for name, one in kept.items()}
    if isinstance(said, list):
        return [_without(one, person) for one in said if not _is_word_of(one, person)]
    return said


def _is_word_of(one: Any, person: Person) -> bool:
    return isinstance(one, str) and person.named_in(one)
