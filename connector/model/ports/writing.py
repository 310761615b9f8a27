"""What is to be written outside, what came of it, and who may write at this moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, Protocol

from connector.model.outbox import OutboxRow, Receipt, Settlement


class Receipts(Protocol):
    """What the targets acknowledged, by object."""

    def receipts(self, target: str, object: str, our_keys: Sequence[str]) -> dict[str, Receipt]:
        """The last acknowledged values by our key."""

    def receipts_by_crm_id(self, target: str, object: str, crm_ids: Sequence[str]) -> dict[str, Receipt]:
        """Receipts by the target's id; of several that of a lead that stands for itself, then the newest.

        One that is gone only if all are.
        """

    def receipts_after(self, target: str, object: str, our_key: str = "", limit: int = 500) -> list[Receipt]:
        """Receipts behind `our_key`, in the order of our keys."""

    def put_receipts(self, receipts: Sequence[Receipt]) -> None:
        """Store receipts outside a settlement: adopted, moved to another id, gone.

        As in a settlement: while the id stays, values that are not named stay. What a receipt leaves
        empty (id, lead, time) stays too.
        """

    def forget_receipts(self, target: str, object: str, our_keys: Sequence[str]) -> int:
        """Forget receipts; returns how many there were."""

    def not_written_since(self, target: str, flow: str, at: datetime | None) -> int:
        """How many leads of a flow are in a target, of whom nothing was acknowledged since `at` (None: at all)."""

    def done_values(self, target: str, object: str, our_key: str, limit: int = 20) -> list[dict[str, Any]]:
        """The values of delivered `state` rows, newest first, to know an old value of ours that came back."""


class Outbox(Receipts, Protocol):
    """Rows to be written outside, their claims and receipts (the protocol: model/outbox.py)."""

    def put(self, rows: Sequence[OutboxRow], now: datetime) -> int:
        """Add rows; returns how many rows now wait that did not wait before.

        `once`, `verify`: a key that exists already, in whatever state, is left as it
        is. `state`: an older waiting row of the same key becomes `superseded`, a dead one too;
        revisions count up by key; a row in flight or unknown stays and the new one waits behind.
        """

    def claim(
        self, target: str, now: datetime, deadline: datetime, limit: int, least: int = 1, runs: Sequence[int] = ()
    ) -> list[OutboxRow]:
        """Take waiting rows for sending: state in_flight, attempt and epoch counted up, sent_at=now.

        Most urgent lane first, then oldest, of that row's kind (`object`) only: a call holds one kind. Fewer than
        `limit` may be taken while more wait, but never none. Left out: rows before their `not_before`, rows whose
        `after` is neither done nor dropped for good, objects (target, object, our key) that have a row in flight or
        unknown, all but the first row of one object, and changes of what is there by a flow that is parked.
        `verify` rows come too. What was sent again after an
        unknown comes behind the rest of its lane, and by itself: as many as `most_together` says.
        With `runs` only rows that these runs have put are taken, also of a flow that is parked.
        """

    def narrow(self, rows: Sequence[OutboxRow]) -> None:
        """Claimed rows hold less than when they were put: what is left is all that is sent."""

    def settle(self, settlements: Sequence[Settlement], now: datetime) -> list[Settlement]:
        """Apply what came of claims, each only if its row still carries its epoch.

        Returns those NOT applied: someone else owns the row, stop. Stores receipts.
        """

    def sweep(self, now: datetime, resolve_after: Mapping[str, float]) -> int:
        """Rows in flight to the targets named, past their deadline, become unknown; returns how many.

        `resolve_after[target]` seconds (settle + lag) after the deadline they may be resolved.
        """

    def claim_unknown(self, target: str, now: datetime, limit: int) -> list[OutboxRow]:
        """Unknown rows whose `resolve_at` has come; their epoch counts up, their state stays."""

    def rows(
        self, *, lead_id: int = 0, states: Sequence[str] = (), target: str = "", limit: int = 200
    ) -> list[OutboxRow]:
        """Rows for a reader, oldest first."""

    def unfinished(self, keys: Sequence[str]) -> dict[str, OutboxRow]:
        """The newest `state` row of each of these keys that is neither done nor superseded nor dropped, by key."""

    def release(self, ids: Sequence[int], to: Literal["waiting", "dropped"], now: datetime) -> int:
        """A person frees or drops dead and parked rows; returns how many changed."""

    def abandon(self, target: str, now: datetime) -> int:
        """A person drops all that has not ended of a target that is no more; returns how many."""

    def withdraw(self, run_id: int, lead_id: int, now: datetime) -> list[OutboxRow]:
        """Drop what a run has put and nobody has sent yet (of one lead, where one is given); returns these rows.

        What was superseded by another run's row meanwhile stays with that run. Opt-outs go out all the same.
        """

    def counts(self) -> dict[tuple[str, str], int]:
        """Number of rows by (target, state)."""

    def counts_of_runs(self, runs: Sequence[int]) -> dict[tuple[str, str, str], int]:
        """Number of rows that these runs have put, by (target, object, state)."""

    def all_unknown(self, now: datetime) -> int:
        """After a restore: every undelivered create is unknown. Returns how many.

        A row that addresses an object by its id creates nothing, and is left as it is.
        """

    def look_first(self, lead_ids: Sequence[int], now: datetime, there: Mapping[str, str]) -> int:
        """What waits of these leads and creates something is unknown: looked up before it is sent. Returns how many.

        `there` are the ids of objects that are known to be there, by the keys of rows: they are looked up by these.
        """

    def prune(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` revisions that ended before a time and that nothing needs any more; returns how many.

        Of each key the newest row stays, and the newest that was delivered: rows that come `after`
        it look for that one. `once` rows stay for ever, since their key must never be used again; of notices that
        were sent or dropped nothing but the key.
        """


class Leases(Protocol):
    """One runner at a time per name. Times come from the database's clock."""

    def take(self, name: str, owner: str, seconds: float) -> int | None:
        """The lease's epoch if it was free, expired or ours; None where another holds it."""

    def renew(self, name: str, owner: str, epoch: int, seconds: float) -> bool:
        """Extend, also where its time is over and nobody else has taken it; False where it was lost meanwhile."""

    def holds(self, name: str, owner: str, epoch: int) -> bool:
        """Whether nobody else has taken it meanwhile, even where its time is over."""

    def release(self, name: str, owner: str, epoch: int) -> None:
        """Give it back."""

    def holders(self) -> list[tuple[str, str, datetime]]:
        """(name, owner, until) of leases that are held."""

    def end_all(self) -> None:
        """After a restore: nobody holds any lease, and whoever thinks so has lost it."""
