"""Apply a plan of stamps: ask the CRM once more, and put into the outbox what still holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from connector.model import sentences
from connector.model.adapter import ReadableCrm
from connector.model.lead import Link
from connector.model.mirror import CrmRecord, Mirrored, Wanted
from connector.model.outbox import LANES, OutboxRow
from connector.model.ports import Transaction
from connector.runs.bring_back import bring_back
from connector.runs.consent_heard import Hearing
from connector.runs.follower import Follower
from connector.runs.forgotten import left_of
from connector.runs.mirrored import keep
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, recorded
from connector.runs.stamps import BATCH, Left, Stamp, basis_of, opened, place_of
from connector.steps.matching import normalised


@dataclass(slots=True)
class Applied:
    """What became of a plan: how many rows wait now, how many stamps were there already, and what is left alone."""

    stamped: int = 0
    already: int = 0
    left: list[Left] = field(default_factory=list)


def apply_stamps(runtime: Runtime, plan: Any, rows: Callable[[int], Rows]) -> Applied:
    """Put the stamps whose basis still holds into the outbox; the CRM is read and asked once more before.

    Applying again does nothing twice. Raises ConfigError, AuthError, RetryableError.
    """
    stamps, done = opened(runtime, rows(0).store_id, plan), Applied()
    for name in sorted({stamp.connection for stamp in stamps} - runtime.config.connections.keys()):
        done.left += [_left(one, sentences.NOT_THERE_ANY_MORE) for one in stamps if one.connection == name]
    with recorded(runtime, "apply") as (run, counts):
        built = rows(run.id)
        for name in dict.fromkeys(one.connection for one in stamps if one.connection in runtime.config.connections):
            mine = [one for one in stamps if one.connection == name]
            bring_back(runtime, built, name, counts)
            _Applying(runtime, name, built, counts, done).run(mine)
        counts.update(Counter({"stamps": done.stamped, "stamped already": done.already, "left alone": len(done.left)}))
    return done


def _left(stamp: Stamp, why: str) -> Left:
    return Left(stamp.connection, stamp.object, stamp.id, why)


class _Applying:
    """Applies the stamps of one CRM."""

    def __init__(self, runtime: Runtime, target: str, rows: Rows, counts: Counter[str], done: Applied) -> None:
        self.runtime, self.target, self.rows, self.counts, self.done = runtime, target, rows, counts, done
        self.crm = cast(ReadableCrm, runtime.crm(target))

    def run(self, stamps: Sequence[Stamp]) -> None:
        """Ask the CRM, look, and put rows, in batches; a stop is obeyed between two of them."""
        most = self.crm.capabilities.look_up_batch or BATCH
        for start in range(0, len(stamps), most):
            if self.runtime.stop.is_set():
                return
            batch = stamps[start : start + most]
            self._look_up(batch)
            with self.runtime.store.write() as tx:
                linked: list[CrmRecord] = []
                rows = list(self._rows(tx, batch, linked))
                tx.outbox.put(rows, self.runtime.clock())
                # Whose it is was not known before: what it says of consent is theirs, and it is told what stands.
                Hearing(tx, self.rows, self.target, self.runtime.clock(), self.counts).run(
                    [(None, record) for record in linked]
                )
            self.done.stamped += len(rows)

    def _look_up(self, batch: Sequence[Stamp]) -> None:
        """Bring the mirror up to date: what changed a moment ago is not told by `changes` yet."""
        if not self.crm.capabilities.look_up_batch:
            return
        with self.runtime.store.read() as tx:
            records = _records(tx, self.target, batch).values()
        asked = {Wanted(one.email, "" if one.email else one.phone) for one in records if one.email or one.phone}
        region = self.runtime.config.region
        seen = [normalised(one, region) for one in self.crm.look_up(sorted(asked, key=repr))] if asked else []
        with self.runtime.store.write() as tx:
            now = self.runtime.clock()
            seen = left_of(tx, self.target, seen, self.counts)
            pairs = keep(tx, self.target, seen, now)
            Follower(tx, self.rows, self.target, now, self.counts).run(pairs)

    def _rows(self, tx: Transaction, batch: Sequence[Stamp], linked: list[CrmRecord]) -> Iterator[OutboxRow]:
        records = _records(tx, self.target, batch)
        leads = tx.intake.leads([stamp.lead_id for stamp in batch])
        for stamp in batch:
            record, lead = records.get((stamp.object, stamp.id)), leads.get(stamp.lead_id)
            if record is None or record.gone or record.merged_into or lead is None or lead.merged_into:
                self.done.left.append(_left(stamp, sentences.NOT_THERE_ANY_MORE))
                continue
            row = self._row(record, stamp, lead.flow)
            if record.our_key == stamp.new or _under_way(tx, row, stamp):
                self.done.already += 1
            elif record.our_key != stamp.old:
                self.done.left.append(_left(stamp, sentences.CARRIES_OTHER_KEY))
            elif basis_of(record) != stamp.basis:
                self.done.left.append(_left(stamp, sentences.CHANGED_SINCE))
            else:
                if self._link(tx, stamp):
                    linked.append(record)
                yield row

    def _row(self, record: CrmRecord, stamp: Stamp, flow: str) -> OutboxRow:
        object = place_of(record, self.crm.capabilities)
        return OutboxRow(
            target=self.target, kind="state", object=object, our_key=stamp.new, group="stamp",
            key=f"{self.target}:{object}:{stamp.new}:stamp", values={stamp.field: stamp.new},
            lead_id=stamp.lead_id, crm_id=stamp.id, lane=LANES["backfill"], flow=flow, run_id=self.rows.run_id,
        )  # fmt: skip

    def _link(self, tx: Transaction, stamp: Stamp) -> bool:
        if tx.intake.lead_ids(self.target, stamp.object, [stamp.id]):
            return False
        tx.intake.put_links([Link(self.target, stamp.object, stamp.id, stamp.lead_id)])
        return True


def _records(tx: Transaction, target: str, batch: Sequence[Stamp]) -> dict[tuple[str, str], CrmRecord]:
    found: dict[tuple[str, str], CrmRecord] = {}
    for object in {stamp.object for stamp in batch}:
        ids = sorted(stamp.id for stamp in batch if stamp.object == object)
        for id, record in tx.mirror.get(target, cast(Mirrored, object), ids).items():
            found[object, id] = record
    return found


def _under_way(tx: Transaction, row: OutboxRow, stamp: Stamp) -> bool:
    """Whether the stamp was written already, or its row waits."""
    receipt = tx.outbox.receipts(row.target, row.object, [row.our_key]).get(row.our_key)
    if receipt is not None and receipt.values.get(stamp.field) == stamp.new:
        return True
    open_rows = tx.outbox.rows(lead_id=row.lead_id, target=row.target, states=("waiting", "in_flight", "unknown"))
    return any(one.key == row.key for one in open_rows)
