"""Who is who: leads that are new, or known by something new, are compared with those that are like them.

A lead waits until its keys are put, in the same transaction as what came of them: whoever is stopped in between
compares it once more. Nobody is handed over while they wait. Two that are surely one person become one lead, which
waits again, since it is known by all that both were known by; of two that may be one a person is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from connector.config import Config
from connector.model import sentences
from connector.model.errors import BatonError
from connector.model.joining import Pair
from connector.model.ports import ReviewItem, Store, Transaction
from connector.runs.joining import further, make_one
from connector.runs.runtime import Runtime

if TYPE_CHECKING:
    from connector.runs.likenesses import Compared

#: Leads that are compared together, and how often so many in one transaction: the keys of a few lie all over their
#: table, and those of many on the same pages of it.
BATCH = 200
BATCHES = 10


def identify(runtime: Runtime, counts: Counter[str]) -> None:
    """Compare every lead that waits; counts `same person` and `perhaps the same`."""
    if not runtime.config.identity.compare:
        return
    with runtime.store.read() as tx:
        if not tx.keys.waiting(1):
            return
    identifying = Identifying(runtime.config, runtime.clock(), counts)
    while not runtime.stop.is_set() and identifying.step(runtime.store):
        runtime.progress("compared", counts)


@dataclass(frozen=True, slots=True)
class Identifying:
    """Compares batches of leads; one that cannot be compared costs itself only."""

    config: Config
    now: datetime
    counts: Counter[str]

    def step(self, store: Store) -> bool:
        """Compare leads in one transaction; whether there may be more.

        A savepoint costs as much as what is written within it: there is one only after something has failed.
        """
        try:
            with self._undone(), store.write() as tx:
                return all(self._next(tx, self._compare) for _ in range(BATCHES))
        except BatonError:
            raise
        except Exception:  # noqa: BLE001 - which lead it was is seen with each by itself
            with store.write() as tx:
                return self._next(tx, self._one_by_one)

    def _next(self, tx: Transaction, compare: Callable[[Transaction, Sequence[int]], None]) -> bool:
        ids = tx.keys.waiting(BATCH)
        if ids:
            compare(tx, ids)
        return bool(ids)

    def _one_by_one(self, tx: Transaction, ids: Sequence[int]) -> None:
        for lead_id in ids:
            try:
                with self._undone(), tx.savepoint():
                    self._compare(tx, [lead_id])
            except BatonError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever one lead brings to light must not stop the others
                self._shelve(tx, lead_id, error)

    @contextmanager
    def _undone(self) -> Iterator[None]:
        """Count nothing of what fails."""
        before = Counter(self.counts)
        try:
            yield
        except Exception:
            self.counts.clear()
            self.counts.update(before)
            raise

    def _compare(self, tx: Transaction, ids: Sequence[int]) -> None:
        # Imported where somebody waits: most runs are quiet.
        from connector.runs.companies import place, with_accounts
        from connector.runs.likenesses import Likenesses

        comparing = Likenesses(tx, self.config.identity.person.among(tx.intake.last_number()), ids)
        found = comparing.compare()
        joined = self._join(tx, found)
        apart = [comparing.leads[one] for one in ids if one in comparing.leads and one not in joined]
        place(tx, apart, self.now, with_accounts(self.config.flows.values()))
        left = [one for one in found.perhaps if joined.isdisjoint(one.leads)]
        pairs = [Pair(*one.leads, one.points, one.band, one.findings) for one in left]
        if pairs:
            self.counts["perhaps the same"] += tx.pairs.put(pairs, self.now)
        ended = [pair for pair in found.unlike if joined.isdisjoint(pair.one_other)]
        if ended:
            tx.pairs.save([replace(pair, state="ended") for pair in ended])

    def _join(self, tx: Transaction, found: Compared) -> set[int]:
        """Make one of those that are surely one, the likest first; returns who has become another by that.

        Each takes part once: what both are together is compared before a third one joins them.
        """
        joined: set[int] = set()
        for one in sorted(found.sure, key=lambda one: (-one.points, one.leads)):
            if not joined.isdisjoint(one.leads):
                continue
            done = make_one(tx, self.config, *further(tx, *one.leads), "matching", "", self.now)
            if done is None:
                continue
            joined.update(one.leads)
            tx.keys.wait([done.winner])
            self.counts["same person"] += 1
        return joined

    def _shelve(self, tx: Transaction, lead_id: int, error: Exception) -> None:
        """Leave a lead by itself until something about it changes, and tell a person."""
        tx.keys.put({lead_id: ()})
        reason = sentences.NOT_COMPARED % {"error": type(error).__name__}
        place = sentences.LEAD % {"id": lead_id}
        tx.reviews.put([ReviewItem("notice", f"compare:{lead_id}", place, reason, lead_id=lead_id)], self.now)
        self.counts["could not be compared"] += 1
