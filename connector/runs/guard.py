"""Stops a flow before one run changes more of its leads outside than its admin allows (`changes_per_run`).

A bulk edit in marketing, a mapping that reads something else, a bulk edit in the CRM that marketing would be
told: each is as likely a mistake as a wish, and what it writes over is gone. What is counted is leads whose
records outside would be changed. New records are not, `handoffs_per_day` is for those; scores are not, for
nothing of anybody's is written over by them, and time alone moves many at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from connector.config import Config, Flow
from connector.model import sentences
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem, Transaction
from connector.model.stages import Stage
from connector.steps.delivery import differing
from connector.steps.field_rules import score_names

#: Fewer leads than this never stop a flow: of ten leads three are changed by an ordinary morning.
AT_LEAST = 100
#: Objects whose records stand for a lead outside.
PEOPLE = ("lead", "contact")
#: Stages in which nobody outside has a lead yet.
_NOT_OUT: tuple[Stage, ...] = ("known",)


@dataclass(slots=True)
class Guard:
    """What one run would change so far, by flow and target; each is stopped once a run at most."""

    config: Config
    changed: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    def put(self, tx: Transaction, rows: Sequence[OutboxRow], now: datetime) -> None:
        """Put rows into the outbox; a flow that would change too much with them is parked in the same transaction."""
        tx.outbox.put(rows, now)
        for flow, target in self._count(tx, rows):
            settings, changes = self.config.flows.get(flow), len(self.changed[flow, target])
            if settings is None or flow in self.stopped or changes < AT_LEAST:
                continue
            total = _out(tx, settings)
            if changes > settings.changes_per_run * total:
                self._park(tx, settings, target, changes, total, now)

    def _count(self, tx: Transaction, rows: Iterable[OutboxRow]) -> set[tuple[str, str]]:
        """Count leads whose records change; the flows and targets that were counted on."""
        people = [row for row in rows if row.kind == "state" and row.object in PEOPLE and row.flow]
        people.sort(key=lambda row: (row.target, row.object))
        touched: set[tuple[str, str]] = set()
        for (target, object), some in groupby(people, key=lambda row: (row.target, row.object)):
            mine = list(some)
            receipts = tx.outbox.receipts(target, object, [row.our_key for row in mine])
            scores = score_names(self.config.connections[target].mapping.origins(object))
            for row in mine:
                known = receipts.get(row.our_key)
                if known is not None and not known.gone and differing(row.values, known).keys() - scores:
                    self.changed.setdefault((row.flow, target), set()).add(row.lead_id)
                    touched.add((row.flow, target))
        return touched

    def _park(self, tx: Transaction, flow: Flow, target: str, changes: int, total: int, now: datetime) -> None:
        self.stopped.add(flow.name)
        said = {"count": changes, "total": total, "target": target, "share": f"{flow.changes_per_run:.0%}"}
        reason = sentences.CHANGES_TOO_MUCH % said
        tx.reviews.put([ReviewItem("parked_flow", flow.name, flow.name, reason, flow=flow.name)], now)


def _out(tx: Transaction, flow: Flow) -> int:
    """How many leads of a flow are known outside, or may be."""
    return sum(
        count for (name, stage), count in tx.reports.stages().items() if name == flow.name and stage not in _NOT_OUT
    )
