"""Who is who: leads that are alike, what people decided about them, and their companies."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from connector.model.company import Company
from connector.model.joining import Joining, Pair

#: A record of a CRM: (object, external id).
Place = tuple[str, str]


class Keys(Protocol):
    """Blocking keys, 63-bit numbers (steps/alike): records that have one in common are compared.

    A new lead waits from the moment it is stored (`Intake.add_leads` sees to it) until its keys are made; `wait` lets
    one wait again whose name, address or company changed. A lead that is merged into another has no keys and waits
    no more (`Intake.merge` sees to it). Each look-up costs the same however many records are stored: a key that more
    than `at_most` have says nothing, and gives none.
    """

    def wait(self, lead_ids: Collection[int]) -> None:
        """The keys of these are to be made anew."""

    def waiting(self, limit: int) -> list[int]:
        """Ids of leads that wait, ascending."""

    def count_waiting(self) -> int:
        """How many leads wait."""

    def among(self, lead_ids: Collection[int]) -> set[int]:
        """Which of these wait."""

    def put(self, keys: Mapping[int, Collection[int]]) -> None:
        """These are all keys of these leads, which wait no more."""

    def candidates(self, keys: Collection[int], at_most: int) -> dict[int, list[int]]:
        """Leads by key, ascending; keys that give none are absent."""

    def put_records(self, connection: str, keys: Mapping[Place, Collection[int]]) -> None:
        """These are all keys of these records of a CRM; a record that is gone has none."""

    def records(self, connection: str, keys: Collection[int], at_most: int) -> dict[int, list[Place]]:
        """Records of a CRM by key; keys that give none are absent."""


class Pairs(Protocol):
    """Pairs of leads that may be one person, and what was decided about them."""

    def put(self, pairs: Sequence[Pair], now: datetime) -> int:
        """Open pairs, or bring points and findings of known ones up to date; returns how many were opened.

        A pair that a person decided stays decided.
        """

    def of_leads(self, lead_ids: Sequence[int]) -> list[Pair]:
        """All pairs, decided or not, in which one of these is."""

    def open(self, limit: int = 100, after_id: int = 0) -> list[Pair]:
        """Pairs that wait for a decision behind `after_id`, in the order in which they were found."""

    def decided(self, limit: int = 100) -> list[Pair]:
        """Pairs that a person has decided, the latest first."""

    def get(self, ids: Sequence[int]) -> list[Pair]:
        """Pairs by id, in any state."""

    def save(self, pairs: Sequence[Pair]) -> None:
        """Store the state, the note and who decided, by id."""

    def counts(self) -> dict[str, int]:
        """How many there are, by state."""


class Joinings(Protocol):
    """Leads that were made one."""

    def add(self, joining: Joining) -> int:
        """Keep one; returns its id."""

    def of_leads(self, lead_ids: Sequence[int]) -> list[Joining]:
        """Joinings in which one of these won or lost, oldest first, undone ones too."""

    def get(self, id: int) -> Joining | None:
        """One by its id."""

    def latest(self, limit: int = 50) -> list[Joining]:
        """The latest, newest first."""

    def undone(self, id: int, by: str, at: datetime) -> None:
        """It was taken back."""


class Companies(Protocol):
    """Companies, whose people are whose, and their points."""

    def by_keys(self, keys: Collection[int]) -> dict[int, list[int]]:
        """Company ids by key (of a domain, or of a name with a place), ascending."""

    def get(self, ids: Sequence[int]) -> dict[int, Company]:
        """Companies by id."""

    def find(self, text: str, limit: int) -> list[Company]:
        """Companies of this domain, or with this text in their name, oldest first; costs more the more there are."""

    def add(self, companies: Sequence[Company], now: datetime) -> None:
        """Store new ones and set their `id`."""

    def update(self, companies: Sequence[Company], now: datetime) -> None:
        """Store what is known of companies, and their points."""

    def add_keys(self, keys: Iterable[tuple[int, int]]) -> None:
        """Further keys of companies, as (key, company id); one that is known already is left as it is."""

    def put_people(self, companies: Mapping[int, int]) -> None:
        """Company by lead; 0 takes a lead out of any."""

    def of_leads(self, lead_ids: Sequence[int]) -> dict[int, int]:
        """Company by lead; leads without one are absent."""

    def people(self, company_ids: Sequence[int], limit: int) -> dict[int, list[int]]:
        """Up to `limit` leads of each, ascending, without those that were merged into another."""

    def drop(self, company_id: int, heir: int = 0) -> None:
        """Forget a company; its people and keys are those of `heir` from now on, of none where that is 0."""
