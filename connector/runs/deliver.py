"""Send what waits in the outbox: claim, call, write the answer down; several batches at once where the CRM allows it.

A claim commits to disk before its request leaves, and every later write of a row carries the
claim's epoch: a process that lost its lease changes nothing. A CRM that lives in our own store
settles in the transaction that writes to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from connector.model import sentences
from connector.model.adapter import Crm, CrmCapabilities, InStoreCrm, WriteItem
from connector.model.errors import AuthError
from connector.model.lead import CONTACT
from connector.model.outbox import (
    Done,
    Found,
    NotExecuted,
    OutboxRow,
    Outcome,
    Refused,
    RowState,
    Settlement,
    Unknown,
)  # fmt: skip
from connector.model.ports import ReviewItem, Transaction
from connector.runs.adopted import look_again
from connector.runs.asking import Asking
from connector.runs.before_images import Images
from connector.runs.left_out import WITHOUT, can_go_without, close_taken, going_without, left_out_name, without
from connector.runs.outgoing import Receipts, gather, is_alone, is_gone, sent_before, unheard, write_item
from connector.runs.respect import respected
from connector.runs.restore import has_settled, refuse_if_set_back
from connector.runs.runtime import LEASE_SECONDS, Lease, Runtime, leased
from connector.runs.taken import Taken
from connector.runs.told import read_anew
from connector.runs.vocabulary import Words
from connector.steps.delivery import after_look, after_second_look, after_write, look_failed, wait_after

if TYPE_CHECKING:
    from concurrent.futures import Future

#: The states of rows that there is something to do about.
UNFINISHED: tuple[RowState, ...] = ("waiting", "in_flight", "unknown")
#: A call begins within this share of its claim's time, or not at all: by the end of that time others look it up.
LATEST_START = 1 / 3
#: Claims of a row after which a refusal of one of its fields is believed.
FIELD_TRIES = 20


def deliver(runtime: Runtime, target: str, counts: Counter[str], runs: Sequence[int] = ()) -> None:
    """Send everything that may be sent to `target` now; with `runs` only what these runs have put.

    Raises AuthError where the connection is refused (its rows go back to waiting).
    """
    with runtime.store.read() as tx:
        refuse_if_set_back(tx)
        if not tx.outbox.rows(target=target, states=UNFINISHED, limit=1):
            return
        taken = Taken(tx, target)
    crm = runtime.crm(target)
    # Renewed with each claim, the lease outlives the whole deadline of the call that follows.
    seconds = max(LEASE_SECONDS, 2 * crm.capabilities.deadline)
    with leased(runtime, f"deliver:{target}", seconds) as lease:
        sender = (InStoreSender if crm.capabilities.in_store else Sender)(runtime, target, crm, counts, taken)
        sender.runs = runs
        sender.look_up_unknown(lease)
        sender.send_all(lease)


def call_write(crm: Crm, items: Sequence[WriteItem]) -> list[Outcome]:
    """One call; an answer for each item, whatever happens. AuthError passes through."""
    try:
        outcomes = crm.write(items)
    except AuthError:
        raise
    except Exception as error:  # noqa: BLE001 - any fault of an adapter leaves the effect unknown
        return [Unknown(type(error).__name__)] * len(items)
    if len(outcomes) != len(items):
        return [Unknown(sentences.ANSWER_DOES_NOT_MATCH)] * len(items)
    return list(outcomes)


def resolved(row: OutboxRow, found: Found | None, receipts: Receipts, now: datetime, taken: Taken) -> Settlement:
    """What an unknown row becomes after its look-up."""
    if found is None:
        return look_failed(row, sentences.LOOK_UP_FAILED, now)
    return after_look(row, found, receipts.get((row.object, row.our_key)), now, taken=taken.beside(row))


def duplicate_notice(row: OutboxRow, found: Found) -> ReviewItem:
    """Tell a person that a late first request made a second object."""
    ids = ", ".join(found.crm_ids)
    return ReviewItem(
        "notice", f"duplicate:{row.target}:{row.object}:{row.our_key}", f"{row.target} {row.object}",
        sentences.SECOND_OBJECT % {"ids": ids}, lead_id=row.lead_id, connection=row.target, flow=row.flow,
        body={"object": row.object, "records": [[row.object, id] for id in found.crm_ids]},
    )  # fmt: skip


@dataclass(slots=True)
class Batch:
    """Claimed rows on their way, and what came of them. Nobody but who sends it touches it meanwhile."""

    rows: list[OutboxRow]
    receipts: Receipts
    unheard: frozenset[int] = frozenset()
    notices: list[ReviewItem] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    refused_a_field: bool = False
    unanswered: int = 0
    heard: int = 0


class Sender:
    """Delivers to a CRM outside.

    One thread claims, and up to `writers` others send: a claim is exclusive, and an object has one
    row on its way at most.
    """

    def __init__(self, runtime: Runtime, target: str, crm: Crm, counts: Counter[str], taken: Taken) -> None:
        self.runtime, self.target, self.crm, self.counts, self.taken = runtime, target, crm, counts, taken
        #: So many of what was sent before may go out together, whatever became of them then.
        self.together = 1
        self.runs: Sequence[int] = ()
        self.capabilities: CrmCapabilities = crm.capabilities
        self.words = Words(runtime, target, crm)
        self.images = Images(runtime.config, target, self.capabilities)

    def send_all(self, lease: Lease) -> None:
        """Send until nothing waits or a stop is asked for."""
        if self.capabilities.writers > 1:
            self._send_side_by_side(lease)
            return
        while not self.runtime.stop.is_set() and (batch := self.claim(lease)):
            self._done(self.send(batch))

    def _send_side_by_side(self, lease: Lease) -> None:
        from concurrent.futures import Future, ThreadPoolExecutor

        writers, running = self.capabilities.writers, set[Future[Batch]]()
        # Left by a fault in one of them, it waits for the others: they settle their rows.
        with ThreadPoolExecutor(writers, "send") as pool:
            while True:
                free = len(running) < writers and not self.runtime.stop.is_set()
                batch = self.claim(lease) if free else None
                if batch is None and not running:
                    return
                if batch is None:
                    running = self._heard(running)
                elif running or len(batch.rows) == self.capabilities.max_batch:
                    running.add(pool.submit(self.send, batch))
                else:
                    self._done(self.send(batch))
                lease.renew()

    def _heard(self, running: set[Future[Batch]]) -> set[Future[Batch]]:
        """Wait until one of them is done; those that are still on their way."""
        from concurrent.futures import FIRST_COMPLETED, wait

        done, left = wait(running, LEASE_SECONDS / 6, FIRST_COMPLETED)
        for future in done:
            self._done(future.result())
        return left

    def _done(self, batch: Batch) -> None:
        """Count what became of a batch."""
        self.counts.update(batch.counts)
        self.words.stale = self.words.stale or batch.refused_a_field
        if batch.unanswered:
            self.together = 1
        elif batch.heard and any(row.resends for row in batch.rows):
            # After a platform was away, what was sent in ever smaller batches is out again within a few calls.
            self.together = min(2 * max(self.together, batch.heard), self.capabilities.max_batch)
        self.runtime.progress(f"{self.target}: delivered", self.counts)

    def claim(self, lease: Lease) -> Batch | None:
        """Claim one batch, its values as the CRM takes them; None where nothing waits."""
        self.words.current()
        with lease.write(durable=True) as tx:
            # Asked within: another writer may have been waited for.
            now = self.runtime.clock()
            deadline = now + timedelta(seconds=self.capabilities.deadline)
            rows = tx.outbox.claim(self.target, now, deadline, self.capabilities.max_batch, self.together, self.runs)
            self._respect(tx, [row for row in rows if self._is_of_reps(row)])
            receipts = gather(tx, self.target, rows)
            waits = unheard(tx, self.target, rows, receipts, self.capabilities)
        return self._fitted(rows, receipts, waits) if rows else None

    def _respect(self, tx: Transaction, rows: Sequence[OutboxRow]) -> None:
        """Leave out what is a person's by now. What is never sent must not be taken for an old value of ours later."""
        said = {row.id: len(row.values) for row in rows}
        respected(tx, self.runtime.config, rows)
        tx.outbox.narrow([row for row in rows if len(row.values) != said[row.id]])

    def _is_of_reps(self, row: OutboxRow) -> bool:
        """Whether what was read of the row's record since the row was written down stays there.

        Not what marketing is told, nor our key.
        """
        flow = self.runtime.config.flows.get(row.flow)
        told = row.object == CONTACT and flow is not None and row.target in flow.sources
        return not told and not row.group

    def _fitted(self, rows: Sequence[OutboxRow], receipts: Receipts, waits: frozenset[int] = frozenset()) -> Batch:
        fitted, left_out = self.words.fit(without(rows))
        return Batch(fitted, receipts, waits, left_out)

    def send(self, batch: Batch) -> Batch:
        """Send and settle a batch; the same, with what came of it."""
        try:
            settlements = self._send(batch)
        except AuthError:
            refused = [Settlement(row, row.epoch, "waiting", sentences.CONNECTION_REFUSED) for row in batch.rows]
            self.settle(batch, refused)
            raise
        self.settle(batch, settlements)
        return batch

    def _send(self, batch: Batch) -> list[Settlement]:
        looks = [row for row in batch.rows if row.kind == "verify"]
        writes = [row for row in batch.rows if row.kind in ("state", "once")]
        return self._second_looks(batch, looks) + self._writes(batch, writes)

    def _writes(self, batch: Batch, rows: Sequence[OutboxRow]) -> list[Settlement]:
        receipts = batch.receipts
        items = {row.id: write_item(row, receipts) for row in rows}
        settlements, to_send = [], []
        for row in rows:
            if row.id in batch.unheard:
                later = self.runtime.clock() + wait_after(row.attempts, None)
                settlements.append(Settlement(row, row.epoch, "waiting", sentences.GONE_UNHEARD, not_before=later))
            elif is_gone(row, receipts):
                settlements.append(Settlement(row, row.epoch, "dropped", sentences.GONE))
            elif is_alone(row, receipts):
                # A record of somebody else's that we lost sight of is for a person to look at.
                ends: RowState = "dropped" if row.after else "dead"
                settlements.append(Settlement(row, row.epoch, ends, sentences.PARENT_NOT_WRITTEN))
            elif not items[row.id].values and items[row.id].crm_id:
                settlements.append(Settlement(row, row.epoch, "done", sentences.NOTHING_DIFFERS))
            else:
                to_send.append(row)
        outcomes = self._called([(row, items[row.id]) for row in to_send])
        now = self.runtime.clock()
        for row, outcome in zip(to_send, outcomes, strict=True):
            known = receipts.get((row.object, row.our_key))
            if again := self._without_its_field(batch, row, outcome):
                batch.refused_a_field = True
                settlements.append(again)
                continue
            batch.counts["put off"] += isinstance(outcome, NotExecuted)
            batch.unanswered += isinstance(outcome, Unknown)
            batch.heard += isinstance(outcome, Done | Refused)
            told, alone = self.capabilities.of(row.object), len(to_send) == 1
            settlements.append(after_write(row, outcome, told, known, now, alone=alone))
        return settlements

    def _called(self, asked: Sequence[tuple[OutboxRow, WriteItem]]) -> list[Outcome]:
        """One call for all of them, if their claim is fresh.

        A process that was stopped meanwhile, or a machine that slept, does not know what others have done.
        """
        now, late = self.runtime.clock(), timedelta(seconds=self.capabilities.deadline * LATEST_START)
        if any(row.sent_at and now - row.sent_at > late for row, _ in asked):
            return [NotExecuted(sentences.CLAIM_TOO_OLD, 0.0)] * len(asked)
        for row, _ in asked:
            row.sent_at = now
        return call_write(self.crm, [item for _, item in asked]) if asked else []

    def _without_its_field(self, batch: Batch, row: OutboxRow, outcome: Outcome) -> Settlement | None:
        """One field's value was refused: what the CRM takes has changed, so it is asked, and the row goes out anew.

        What is refused again stays out, and the rest goes.
        """
        if not isinstance(outcome, Refused) or outcome.code not in self.capabilities.field_codes:
            return None
        if row.attempts > FIELD_TRIES:
            return None
        if row.code == WITHOUT or (row.code, row.field) == (outcome.code, outcome.field):
            if not can_go_without(row, outcome, self.capabilities):
                return None
            settlement, notice = going_without(row, outcome)
            batch.notices.append(notice)
            batch.counts["fields left out"] += 1
            return settlement
        return Settlement(row, row.epoch, "waiting", outcome.reason, outcome.code, outcome.field)

    def _second_looks(self, batch: Batch, rows: Sequence[OutboxRow]) -> list[Settlement]:
        receipts = batch.receipts
        answers = self._find(rows, receipts)
        now = self.runtime.clock()
        settlements = []
        for row, found in zip(rows, answers, strict=True):
            if found is None:
                settlements.append(look_failed(row, sentences.LOOK_UP_FAILED, now))
                continue
            known = receipts.get((row.object, row.our_key))
            settlement, seen = after_second_look(row, found, known, now, lambda row=row: self._earlier(row))  # type: ignore[misc]
            settlements.append(settlement)
            if seen:
                batch.counts[f"second look: {seen}"] += 1
            if seen == "duplicate":
                batch.notices.append(duplicate_notice(row, found))
        return settlements

    def _earlier(self, row: OutboxRow) -> list[dict[str, Any]]:
        """What was sent of this object before; what was never answered, and is superseded by now, may arrive late."""
        with self.runtime.store.read() as tx:
            return sent_before(tx, self.target, row.object, row.our_key, row.lead_id)

    def _find(self, rows: Sequence[OutboxRow], receipts: Receipts) -> Sequence[Found | None]:
        """Look rows up; None where the platform gave no answer. AuthError passes through."""
        return Asking(self.crm, receipts).ask(rows)

    def look_up_unknown(self, lease: Lease) -> None:
        """Rows whose fate is unknown: look each up once its time has come, and decide."""
        wait = self.capabilities.settle + self.capabilities.lag
        while not self.runtime.stop.is_set():
            now = self.runtime.clock()
            with lease.write(durable=True) as tx:
                if not has_settled(tx, self.capabilities, now):
                    return
                tx.outbox.sweep(now, {self.target: wait})
                rows = tx.outbox.claim_unknown(self.target, now, self.capabilities.max_batch)
                receipts = gather(tx, self.target, rows)
            if not rows:
                return
            self.words.current()
            batch = self._fitted(rows, receipts)
            self.settle(batch, self._resolve(batch.rows, receipts))
            self._done(batch)

    def _resolve(self, rows: Sequence[OutboxRow], receipts: Receipts) -> list[Settlement]:
        answers = self._find(rows, receipts)
        now = self.runtime.clock()
        return [resolved(row, found, receipts, now, self.taken) for row, found in zip(rows, answers, strict=True)]

    def settle(self, batch: Batch, settlements: Sequence[Settlement]) -> None:
        """Write answers down; those whose row someone else owns by now are dropped and counted."""
        with self.runtime.store.write() as tx:
            self._write_down(tx, batch, settlements)

    def _write_down(self, tx: Transaction, batch: Batch, settlements: Sequence[Settlement]) -> None:
        now = self.runtime.clock()
        lost = tx.outbox.settle(settlements, now)
        self.taken.note(tx, settlements, now)
        written = [one for one in settlements if one not in lost] if lost else settlements
        tx.images.add(self.images.of(tx, written, batch.receipts, now))
        read_anew(tx, self.runtime.config.connections[self.target], written)
        batch.counts["fields written again"] += look_again(tx, self.runtime.config, self.target, written, now)
        batch.counts["notices closed"] += close_taken(tx, self.target, settlements, now)
        if any(one.code == WITHOUT for one in settlements):
            tx.admin.set_meta(left_out_name(self.target), "1")
        if batch.notices:
            tx.reviews.put(list({item.key: item for item in batch.notices}.values()), now)
        for settlement in settlements:
            if settlement not in lost:
                batch.counts[f"{settlement.row.object}: {settlement.state}"] += 1
        batch.counts["owned by another process"] += len(lost)


class InStoreSender(Sender):
    """Delivers to a CRM in our own store: claim, effect and receipt are one transaction."""

    def __init__(self, runtime: Runtime, target: str, crm: Crm, counts: Counter[str], taken: Taken) -> None:
        super().__init__(runtime, target, crm, counts, taken)
        self.desk = cast(InStoreCrm, crm)

    def send_all(self, lease: Lease) -> None:
        """Claim, write and settle batch after batch, each in one transaction."""
        while not self.runtime.stop.is_set() and (batch := self._batch(lease)):
            self._done(batch)

    def _batch(self, lease: Lease) -> Batch | None:
        now = self.runtime.clock()
        with lease.write(durable=True) as tx:
            self.crm = self.desk.within(tx.desk)
            tx.outbox.sweep(now, {self.target: 0.0})
            unknown = tx.outbox.claim_unknown(self.target, now, self.capabilities.max_batch)
            until, most = now + timedelta(seconds=60), self.capabilities.max_batch
            rows = tx.outbox.claim(self.target, now, until, most, runs=self.runs)
            batch = Batch(rows, gather(tx, self.target, [*unknown, *rows]))
            settlements = self._resolve(unknown, batch.receipts) + self._send(batch)
            self._write_down(tx, batch, settlements)
        return batch if settlements else None

    def look_up_unknown(self, lease: Lease) -> None:
        """Each batch looks its unknown rows up itself: in one store, nothing is out of sight."""
