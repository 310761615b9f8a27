"""Who was forgotten, all that is kept about a person, and what is too old."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from connector.model.person import Person


@dataclass(frozen=True, slots=True)
class Erasure:
    """Whose digest it is (a word that only says which digests are one person's), and when they were forgotten."""

    person: str
    at: datetime


class Erased(Protocol):
    """Who was forgotten, as keyed digests of their ids and addresses: nobody can be read out of it."""

    def add(self, digests: Mapping[str, str], at: datetime, person: str = "") -> None:
        """Keep digests, each with the kind of what it is of (`email`, `phone`, `id`); `person` holds them together."""

    def known(self, digests: Collection[str]) -> dict[str, Erasure]:
        """Those of these that are kept."""

    def forget(self, people: Collection[str]) -> int:
        """These people have come back by their own will; returns how many digests of theirs there were."""

    def any(self) -> bool:
        """Whether anybody was ever forgotten."""


class Personal(Protocol):
    """All that is stored about one person, by table: to hand it out, or to erase it."""

    def person(self, lead_id: int) -> Person:
        """What the person of a lead is known by, with all leads that were merged into it or with it."""

    def stranger(self, email: str) -> Person:
        """The same of somebody who is no lead, by a normalised address."""

    def stored(self, person: Person) -> dict[str, list[dict[str, Any]]]:
        """Rows by table; times are datetimes, JSON is read."""

    def words(self, person: Person) -> dict[str, str]:
        """Stored words that name them, by name."""

    def under_way(self, person: Person) -> int:
        """How many writes about them are on their way, or of which nobody knows whether they were made."""

    def is_forgotten(self, lead_id: int) -> bool:
        """Whether a lead had this number and was forgotten."""

    def erase(self, person: Person, now: datetime) -> dict[str, int]:
        """Delete what is about them; of moves and handoffs only times and points stay. Returns rows by table."""


class Retention(Protocol):
    """Deleting what is older than it is to be kept, up to `limit` rows at a time; returns how many went."""

    def activities(self, before: datetime, after_id: int, limit: int) -> tuple[list[int], int]:
        """Of `limit` activities behind `after_id` those that were done before a time; and the id to go on behind.

        That id is 0 at the end. This only reads.
        """

    def drop_activities(self, ids: Sequence[int]) -> int:
        """Delete activities; counts over all time keep them. Say `cut` before: what is told again is not taken then."""

    def reviews(self, before: datetime, limit: int) -> int:
        """Items that were closed before a time."""

    def runs(self, before: datetime, limit: int) -> int:
        """Runs that ended before a time and of which no before-image is kept."""

    def plans(self, before: datetime, limit: int) -> int:
        """What became of plans that were applied before a time: all rows of a plan, or none."""

    def transitions(self, before: datetime, limit: int) -> int:
        """Moves before a time, but for the last one of each lead."""

    def briefs(self, before: datetime, limit: int) -> int:
        """Texts of handoffs that were closed before a time; the handoffs themselves stay."""

    def joinings(self, before: datetime, limit: int) -> int:
        """What leads were that were made one before a time; that they were stays."""

    def complete_from(self) -> dict[str, datetime]:
        """From when on what is kept is complete, by table; what was never cut is absent."""

    def cut(self, table: str, before: datetime) -> None:
        """Say that what was before a time is gone from a table; an earlier time changes nothing."""
