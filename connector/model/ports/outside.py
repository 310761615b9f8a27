"""The store itself, what the CRMs have, and the calls that may be made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connector.model.http import Rate, Usage
from connector.model.mirror import CrmRecord, Mirrored, MirrorKey


class Admin(Protocol):
    """The store itself."""

    def store_id(self) -> str:
        """Six letters and digits that name this store; part of every key that we choose."""

    def meta(self, name: str) -> str:
        """A stored word, "" where there is none."""

    def set_meta(self, name: str, value: str) -> None:
        """Store a word."""

    def metas(self, prefix: str) -> dict[str, str]:
        """Stored words that are not empty, by name, of all names that begin with `prefix`."""

    def remember_account(self, connection: str, account: str) -> str:
        """The account this connection was first used with; stores `account` the first time."""

    def count_unmatched(self, connection: str, counts: Mapping[str, int]) -> None:
        """Add to the counts of activities that matched no mapping entry."""

    def numbers(self) -> dict[str, int]:
        """The last number that was given, by table; tables without any are absent."""

    def begin_numbers_after(self, table: str, last: int) -> None:
        """The next number of `table` is above `last`; one that is further on stays where it is."""

    def renumber_lead(self, before: int, after: int) -> None:
        """Give a lead, with all that is about it, a number that no lead has."""

    def renumber_handoff(self, before: int, after: int) -> None:
        """Give a handoff a number that no handoff has."""


class Mirror(Protocol):
    """What the CRMs have, as last read (model/mirror.py)."""

    def put(
        self, connection: str, records: Sequence[CrmRecord], now: datetime
    ) -> list[tuple[CrmRecord | None, CrmRecord]]:
        """Keep records by (connection, object, id); returns (before, after) of those that are new or say otherwise.

        When and by whom a record was changed is kept, but is alone no news. A record that is older
        than the one kept (a page read before a look-up) is left out, unless it tells of a deletion or a merge.
        """

    def get(self, connection: str, object: Mirrored, ids: Sequence[str]) -> dict[str, CrmRecord]:
        """Records by id, those that are gone too; ids that are not known are absent."""

    def find(
        self, connection: str, by: MirrorKey, words: Sequence[str], objects: Sequence[Mirrored] = ()
    ) -> dict[str, list[CrmRecord]]:
        """Live records (not gone, not merged) by one of their keys, in the order of their ids.

        Words under which nothing is found are absent; an empty word finds nothing.
        """

    def listing(self, connection: str, object: Mirrored, after_id: str = "", limit: int = 500) -> list[CrmRecord]:
        """Live records in the order of their ids."""

    def counts(self, connection: str) -> dict[str, int]:
        """Number of live records by object."""


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """How one limit of an account stands: `used` of `limit` in the window from `since` for `seconds`."""

    account: str
    rate: str
    used: int
    limit: int
    since: datetime
    seconds: float
    parked_until: datetime | None = None


class Budgets(Protocol):
    """Calls that may be made, by vendor account: shared by all processes of the store."""

    def take(self, account: str, rates: Sequence[Rate], lane: int, calls: int, now: datetime) -> float:
        """Take `calls` from every rate at once, or nothing: 0.0 if taken, else the seconds to wait.

        A lane may not touch what is kept for more urgent ones, nor what is left to others
        (http.open_to). A parked account gives nothing until its time has come. The seconds are
        those until the windows that stand in the way are over, `inf` for more calls than a window
        of the lane ever has. A window is counted from its first call. Of a window longer than a quarter of
        an hour whose use the platform tells, a few calls are granted after each such while without any: an
        answer tells whether the platform's own window has begun anew. `now` may be a little older
        than another caller's; where the clock was set back by more than a minute, windows move along.
        """

    def give_back(self, account: str, rates: Sequence[Rate], calls: int, now: datetime) -> None:
        """Calls that were taken and not made. `now` as it was when they were taken: a window that is over stays so."""

    def park(self, account: str, until: datetime) -> None:
        """Nobody calls this account before `until` (Retry-After); a later time stands."""

    def observed(self, account: str, usage: Usage, rate: Rate, now: datetime) -> None:
        """What the platform itself says was used, by everyone: never counted down within a window.

        Its limit stands from then on, whatever `rate` says. A window longer than a quarter of an hour
        that is used much less than was known is corrected, or has begun anew there, and so does here.
        """

    def standing(self, account: str = "") -> list[BudgetLine]:
        """How the limits stood at the last call of each, by account and rate.

        An account that was parked before its first call has one line with no rate.
        """
