"""Leads, what they did, whose records they are, and their scores."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from connector.model.activity import Activity
from connector.model.lead import Lead, Link
from connector.model.stages import Transition


class Links(Protocol):
    """Which record of which platform is which lead."""

    def links(self, connection: str, object: str, external_ids: Sequence[str]) -> dict[str, Link]:
        """Links by external id; ids that are not known are absent."""

    def lead_ids(self, connection: str, object: str, external_ids: Sequence[str]) -> dict[str, int]:
        """As `links`, with nothing but the lead's id: all that an activity needs. Records that are gone are absent."""

    def links_of(self, lead_ids: Sequence[int], connection: str = "") -> dict[int, list[Link]]:
        """Links by lead, of one connection where one is given; leads without any are absent."""

    def put_links(self, links: Sequence[Link]) -> None:
        """Insert, or update lead and digest of, links by (connection, object, external id)."""


class Intake(Links, Protocol):
    """Finding and keeping leads, their links and activities."""

    def by_email(self, emails: Sequence[str], at_most: int = 0) -> dict[str, list[int]]:
        """Lead ids by normalised email, oldest first; those that were merged into another are left out.

        With `at_most`, the first so many of each: what is asked costs the same, however many share an address.
        """

    def last_number(self) -> int:
        """The highest id of a lead, 0 where there is none: about how many there are."""

    def lead_numbers(self, after_id: int = 0, limit: int = 500) -> list[int]:
        """Ids of leads above `after_id`, ascending."""

    def leads(self, ids: Sequence[int]) -> dict[int, Lead]:
        """Leads by id, with their scores; ids that are not known are absent."""

    def described(self, ids: Sequence[int]) -> dict[int, Lead]:
        """What is known of people, for comparing: leads without provenance, score, stage and times, not to be stored.

        Ids that are not known are absent.
        """

    def add_leads(self, leads: Sequence[Lead], now: datetime) -> None:
        """Store new leads and set their `id`. A `score` is stored with them; without one they are due now."""

    def update_leads(self, leads: Sequence[Lead], now: datetime) -> None:
        """Store fields, provenance, flags and standing (stage, flow, owner) of known leads."""

    def add_activities(self, activities: Sequence[Activity]) -> int:
        """Store activities by (connection, source id); returns how many were new, or said otherwise before.

        A known one is told anew where its mapping or its source has changed; its lead stays.
        Those with `lead_id` 0 wait for a link of their person. New ones also enter the roll-up.
        """

    def adopt_activities(self, connection: str, people: Mapping[str, int]) -> set[int]:
        """Give waiting activities of these people (external id -> lead id) to their leads."""

    def activities(
        self, lead_ids: Sequence[int], since: datetime | None = None, kinds: Collection[str] | None = None
    ) -> dict[int, list[Activity]]:
        """Activities by lead, oldest first; only at or after `since`, and of `kinds`, where given."""

    def merge(self, loser: int, winner: int, now: datetime) -> dict[str, Any]:
        """Links and activities of `loser` become `winner`'s, which is due now: its score is made anew, not added up.

        `loser` stays, with `merged_into`: it is found by no email, is in no flow, never due and never
        handed over again. Its handoffs that nobody was given yet are closed; those that are open,
        and its receipts, stay its own. Merged leads are followed to the last winner; a lead merged
        into itself is left as it is. Load both again before storing either. Returns what `split` needs,
        JSON-ready; nothing where nothing was done.
        """

    def split(self, loser: int, winner: int, kept: Mapping[str, Any], now: datetime) -> None:
        """Take back a merge, of which `kept` came, and which was the winner's last.

        `loser` stands for itself again and gets back its links and activities, with what came since for the same
        records; counts over all time follow. Both are due, their keys are made anew, their records are read anew.
        What the two leads say, their handoffs and what they said of consent is as the caller stores it.
        """

    def merged_into(self, winners: Sequence[int]) -> dict[int, list[int]]:
        """Ids of the leads that were merged into these, by these; those that none was merged into are absent."""

    def lifetime(self, lead_ids: Sequence[int]) -> dict[int, dict[str, int]]:
        """Count of activities by lead and kind over all time, from the daily roll-up."""


class Scores(Protocol):
    """What is due for scoring, and the results. A lead is due when its `due_at` has come."""

    def mark_due(self, lead_ids: Iterable[int], at: datetime) -> None:
        """These leads are to be scored at `at` (or earlier, where they already were)."""

    def mark_all_due(self, at: datetime, flow: str = "") -> int:
        """Every lead (of `flow`) is due: the criteria changed. Returns how many."""

    def due(self, now: datetime, limit: int, after_id: int = 0) -> list[int]:
        """Ids of due leads above `after_id`, ascending."""

    def due_among(self, lead_ids: Sequence[int], now: datetime) -> list[int]:
        """Which of these are due, ascending."""

    def save(self, leads: Sequence[Lead]) -> None:
        """Store `lead.score` and the standing (stage, flow, owner); `due_at` = `score.next_change`."""

    def add_transitions(self, transitions: Sequence[Transition]) -> None:
        """Append to the history of stages."""

    def transitions(self, lead_id: int) -> list[Transition]:
        """The history of one lead, oldest first."""

    def transitions_of(self, lead_ids: Sequence[int]) -> dict[int, list[Transition]]:
        """The history of each, oldest first; leads without any are absent."""

    def count_due(self, now: datetime) -> int:
        """How many leads are due."""
