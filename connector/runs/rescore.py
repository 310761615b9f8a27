"""Score the leads that are due: new activity came, time moved a score, or the criteria changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.config import Flow
from connector.model import sentences
from connector.model.errors import BatonError
from connector.model.ports import ReviewItem, Transaction
from connector.runs.accounts import with_colleagues
from connector.runs.assess import Assessor
from connector.runs.before_start import start_of
from connector.runs.goals import keep_goals
from connector.runs.outdated import note_versions
from connector.runs.rosters import keep_roster
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.runs.untouched import uses_of
from connector.steps.conditions.condition import Uses

BATCH = 500
#: So many colleagues, who are due too, are scored with a batch.
COLLEAGUES = 4 * BATCH
#: So often whoever is due by what became of a colleague is scored within one run; the rest is due with the next.
MOST_ROUNDS = 5


def rescore(runtime: Runtime, rows: Rows, counts: Counter[str]) -> None:
    """Take every due lead along the line from *score* on, a batch a transaction."""
    now = runtime.clock()
    flows = list(runtime.config.flows.values())
    scoring = Scoring(flows, looked_at(flows), rows, now, counts)
    after = rounds = 0
    while not runtime.stop.is_set():
        with runtime.store.write() as tx:
            ids = tx.scores.due(now, BATCH, after)
            if not ids and (not scoring.others or rounds == MOST_ROUNDS):
                return
            if ids:
                scoring.batch(tx, with_colleagues(tx, ids, flows, now, COLLEAGUES))
            else:
                # Of those who are due by what became of a colleague some stand before that one.
                scoring.others.clear()
                rounds += 1
        after = ids[-1] if ids else 0
        runtime.progress("scored", counts)


@dataclass(frozen=True, slots=True)
class Scoring:
    """Scores batches of stored leads; one that cannot be scored costs itself only."""

    flows: Sequence[Flow]
    uses: Uses
    rows: Rows
    now: datetime
    counts: Counter[str]
    #: Leads that are due by what became of their colleagues.
    others: set[int] = field(default_factory=set)

    def batch(self, tx: Transaction, ids: Sequence[int]) -> None:
        """Score these leads; where that fails, each by itself."""
        before = Counter(self.counts)
        try:
            with tx.savepoint():
                self._score(tx, ids)
        except BatonError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever one lead brings to light must not stop the others
            self.counts.clear()
            self.counts.update(before)
            if len(ids) == 1:
                self._shelve(tx, ids[0], error)
                return
            for lead_id in ids:
                self.batch(tx, [lead_id])

    def _score(self, tx: Transaction, ids: Sequence[int]) -> None:
        leads = tx.intake.leads(ids)
        since = self.now - self.uses.horizon if self.uses.horizon is not None else None
        activities = tx.intake.activities(ids, since, self.uses.kinds) if self.uses.kinds else {}
        assessor = Assessor(self.flows, self.rows, self.now, self.counts, others=self.others)
        assessor.known(tx, [leads[one] for one in ids], activities, ids)

    def _shelve(self, tx: Transaction, lead_id: int, error: Exception) -> None:
        """Leave a lead as it stands until something about it changes, and tell a person."""
        (lead,) = tx.intake.leads([lead_id]).values()
        lead.score = None
        tx.scores.save([lead])
        reason = sentences.NOT_SCORED % {"error": type(error).__name__}
        place = sentences.LEAD % {"id": lead_id}
        tx.reviews.put([ReviewItem("notice", f"score:{lead_id}", place, reason, lead_id=lead_id)], self.now)
        self.counts["could not be scored"] += 1


def looked_at(flows: Sequence[Flow]) -> Uses:
    """What deciding looks at in any of the flows."""
    found = Uses()
    for flow in flows:
        found |= flow.criteria.uses
        if flow.takes is not None:
            found |= flow.takes.uses
        found |= uses_of(flow)
        for reason in flow.reasons.values():
            if reason.back_when is not None:
                found |= reason.back_when.uses
    return found


def keep_criteria(runtime: Runtime, author: str = "") -> list[str]:
    """Keep each flow's criteria, and the roster; where criteria changed, its leads are due. Returns flows that changed.

    A change that moves many leads waits instead, and `runtime` goes on under the version before. Where another flow
    may take a lead by now, every lead is due: those in no flow, too.
    """
    from connector.runs.criteria import settle

    changed, now = settle(runtime, author), runtime.clock()
    flows = runtime.config.flows.values()
    with runtime.store.write() as tx:
        keep_roster(tx, runtime.config, now)
        keep_goals(tx, runtime.config, now)
        asked, before = who_is_asked(flows), tx.admin.meta("flows")
        if asked != before:
            tx.admin.set_meta("flows", asked)
        if before not in ("", asked):
            tx.scores.mark_all_due(now)
        note_versions(tx, runtime.config, now)
    return changed


def who_is_asked(flows: Iterable[Flow]) -> str:
    """The flows in the order in which they are asked for a lead: whose they take, since when, and if they write."""
    said = (
        (one.name, ",".join(one.sources), str(bool(one.takes)), start_of(one), str(one.mode != "observe"))
        for one in flows
    )
    return "; ".join(map(" ".join, said))
