"""Everything that is stored about a person, in words that they can read: for whoever asks what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connector.runs.forget import Who, whose
from connector.runs.runtime import Runtime

#: The tables of the store as a reader knows them.
NAMES = {
    "leads": "lead",
    "standings": "standing_and_score",
    "links": "records_known_elsewhere",
    "activities": "activities",
    "activity_days": "activities_by_day",
    "transitions": "stages",
    "ways": "when_they_first_came_to_each_stage",
    "handoffs": "handoffs",
    "turns": "turns_of_reps",
    "handoff_events": "what_happened_to_handoffs",
    "consents": "consent",
    "outbox": "writes",
    "receipts": "last_acknowledged_values",
    "images": "values_before_writes",
    "reviews": "set_aside_and_notices",
    "mirror": "records_read_from_crms",
    "lead_keys": "keys_for_comparing",
    "to_match": "waits_to_be_compared",
    "record_keys": "keys_for_comparing_in_crms",
    "pairs": "perhaps_the_same_as",
    "joinings": "made_one_with",
    "company_people": "company",
    "audit": "what_users_did_with_them",
    "desk": "records_of_the_desk",
}
#: Columns that say something to the program alone.
_INNER = ("digest", "epoch", "revision", "live")


def everything(runtime: Runtime, who: Who) -> dict[str, Any]:
    """All that is stored about somebody, by table; times in UTC."""
    with runtime.store.read() as tx:
        person = whose(tx, who)
        stored = tx.personal.stored(person)
        words = tx.personal.words(person)
    return {
        "at": runtime.clock(),
        "leads": list(person.lead_ids),
        "known_as": [
            {"connection": connection, "object": object, "id": external_id}
            for connection, object, external_id in sorted(person.places)
        ],
        **{NAMES[table]: [_told(row) for row in rows] for table, rows in stored.items()},
        "words": words,
    }  # fmt: skip


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _INNER and value is not None}
