"""Take a run back: ask what stands there now, put back what still holds what the run wrote, name the rest.

Each batch is one transaction: its rows of the outbox, what follows in the store, and that its images are taken back.
A run that was interrupted goes on where it was; run again, it does nothing twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from connector.model import sentences
from connector.model.before_image import BeforeImage
from connector.model.outbox import CONSENT, OutboxRow
from connector.model.ports import Transaction
from connector.runs.deleting import Deleting, interrupted
from connector.runs.deliver import UNFINISHED, deliver
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, recorded
from connector.runs.taking_back import Closing, close_unsent, open_again
from connector.runs.undone import BATCH, GROUP, HANDOFF, Asked, Left, Undone, left, undo_row
from connector.steps.consent import consent_names
from connector.steps.delivery import differing
from connector.steps.undoing import Place, Verdict, Written, gathered

PAGE = 500
#: The states of rows that a person must look at.
STOPPED = ("dead", "parked")
#: More rows than any store has on their way.
EVERY = 10**9


def undo(
    runtime: Runtime, rows: Callable[[int], Rows], run_id: int, *, lead_id: int = 0, delete: bool = False,
    dry_run: bool = False,
) -> Undone:  # fmt: skip
    """Take a run back, or what it wrote of one lead. Raises AuthError, ConfigError, RetryableError."""
    if dry_run:
        done = Undone(run_id)
        _Undoing(runtime, rows(0), done, Counter(), lead_id, delete, dry_run).run()
        return done
    with recorded(runtime, "undo") as (run, counts):
        done = Undone(run_id, run.id)
        undoing = _Undoing(runtime, rows(run.id), done, counts, lead_id, delete, dry_run)
        undoing.run()
        with runtime.store.read() as tx:
            waiting = tx.outbox.rows(states=UNFINISHED, limit=EVERY)
        # What an undo that was interrupted has put goes out too, and nothing else that waits.
        runs = sorted({run.id, *(row.run_id for row in waiting if row.group == GROUP)})
        mine = {row.target for row in waiting if row.run_id in runs}
        for target in (name for name in runtime.config.connections if name in mine):
            deliver(runtime, target, counts, runs)
        with runtime.store.read() as tx:
            rest = tx.outbox.rows(states=(*UNFINISHED, *STOPPED), limit=EVERY)
        ends = Counter(row.state in STOPPED for row in rest if row.run_id == run.id)
        done.waiting, done.refused = ends[False], ends[True]
        said = {"taken back": done.records, "closed": done.closed, "deleted": done.deleted, "left": len(done.left)}
        counts.update({f"undo of {run_id}": 1} | said)
    return done


@dataclass(slots=True)
class _Undoing:
    """Takes one run back."""

    runtime: Runtime
    rows: Rows
    done: Undone
    counts: Counter[str]
    lead_id: int
    delete: bool
    dry_run: bool
    written: dict[Place, Written] = field(default_factory=dict)

    def run(self) -> None:
        """Look at everything that the run wrote, target by target."""
        self._gather()
        self._delete_the_rest()
        self._withdraw()
        self._under_way()
        todo = [one for one in self.written.values() if one.ids]
        Again(self.runtime, self.done, self.dry_run).run([one for one in todo if one.object == HANDOFF])
        for target in dict.fromkeys(one.target for one in todo if one.target):
            mine = [one for one in todo if one.target == target]
            if target not in self.runtime.config.connections:
                self.done.left += [left(one, sentences.NO_SUCH_CONNECTION) for one in mine]
                continue
            asked = Asked(self.runtime, target)
            for some in _batches([one for one in mine if not one.created], asked.most):
                if self.runtime.stop.is_set():
                    return
                self._change(some, asked.verdicts(some))
            self._closing(asked).run([one for one in mine if one.created], delete=self.delete)

    def _closing(self, asked: Asked) -> Closing:
        return Closing(self.runtime, self.rows, self.done, asked, self.counts, dry_run=self.dry_run)

    def _delete_the_rest(self) -> None:
        """What an undo was about to delete when it was interrupted."""
        with self.runtime.store.read() as tx:
            targets = set() if self.dry_run else interrupted(tx)
        for target in sorted(targets & self.runtime.config.connections.keys()):
            Deleting(self._closing(Asked(self.runtime, target))).go_on()

    # what the run wrote

    def _gather(self) -> None:
        """All images of the run, by record; those that were taken back before are counted only."""
        already, after = set[Place](), 0
        while True:
            with self.runtime.store.read() as tx:
                images = tx.images.of_run(self.done.run_id, after, PAGE)
            mine = [one for one in images if not self.lead_id or one.lead_id == self.lead_id]
            already |= {(one.target, one.object, one.our_key) for one in mine if one.undone_at}
            gathered((one for one in mine if not one.undone_at), self.written)
            if len(images) < PAGE:
                break
            after = images[-1].id
        for place, one in list(self.written.items()):
            self.written[place] = _membership(one) if one.object == "membership" else one
            self._leave_consent(self.written[place])
        self.done.already = sum(bool(place[0]) and place not in self.written for place in already)

    def _leave_consent(self, one: Written) -> None:
        """What was said about being contacted is nobody's to take back: an opt-out stands."""
        connection = self.runtime.config.connections.get(one.target)
        origins = connection.mapping.origins(one.object) if connection else {}
        names = set(one.written) if one.object == CONSENT else consent_names(origins) & one.written.keys()
        for name in sorted(names):
            del one.written[name]
            self.done.left += [] if one.created else [left(one, sentences.CONSENT_STAYS, name)]
        if not one.written:
            del self.written[one.place]

    def _withdraw(self) -> None:
        """What the run has put and nobody has sent yet does not go out any more, nor is it written anew."""
        if self.dry_run:
            with self.runtime.store.read() as tx:
                waiting = tx.outbox.rows(states=("waiting",), lead_id=self.lead_id, limit=EVERY)
            self.done.withdrawn = sum(row.run_id == self.done.run_id for row in waiting)
            return
        with self.runtime.store.write() as tx:
            now = self.runtime.clock()
            rows = tx.outbox.withdraw(self.done.run_id, self.lead_id, now)
            self.done.withdrawn = len(rows)
            tx.images.add([one for row in rows if (one := self._unsent(tx, row))])
            there = {one.lead_id for one in self.written.values() if one.created}
            unsent = sorted({row.lead_id for row in rows if row.kind == "once" and row.object == "task"} - there)
            self.done.closed += close_unsent(tx, unsent, self.rows.run_id, self.done.run_id, now)

    def _unsent(self, tx: Transaction, row: OutboxRow) -> BeforeImage | None:
        """The image of a change that was not sent: taken back as it is withdrawn."""
        known = tx.outbox.receipts(row.target, row.object, [row.our_key]).get(row.our_key)
        if row.kind != "state" or known is None:
            return None
        values, now = differing(row.values, known), self.runtime.clock()
        before = {name: known.values.get(name) for name in values}
        return BeforeImage(
            self.done.run_id, row.target, row.object, row.our_key, known.crm_id, values, before, False, now,
            row.lead_id, row.flow, undone_at=now,
        )  # fmt: skip

    def _under_way(self) -> None:
        with self.runtime.store.read() as tx:
            rows = tx.outbox.rows(states=("in_flight", "unknown"), lead_id=self.lead_id, limit=EVERY)
        for row in rows:
            if row.run_id == self.done.run_id:
                self.done.left.append(
                    Left(row.target, row.object, row.crm_id or row.our_key, row.lead_id, sentences.UNDER_WAY)
                )

    # what goes back

    def _change(self, some: Sequence[Written], verdicts: Sequence[Verdict]) -> None:
        """Put back, in one transaction, what may go back of some records."""
        rows, ids = [], []
        for one, verdict in zip(some, verdicts, strict=True):
            self.done.left += [left(one, why, name) for name, why in verdict.left.items()]
            if verdict.back:
                rows.append(self._row(one, verdict))
                self.done.records += 1
                self.done.fields += len(verdict.back)
            if verdict.there and (verdict.back or not verdict.left):
                ids += one.ids
        if self.dry_run:
            return
        with self.runtime.store.write() as tx:
            now = self.runtime.clock()
            tx.outbox.put(rows, now)
            tx.images.mark_undone(ids, now)
        self.runtime.progress("taken back", Counter({"taken back": self.done.records}))

    def _row(self, one: Written, verdict: Verdict) -> OutboxRow:
        whole = one.written if one.object == "membership" else {}
        return undo_row(one, {**whole, **verdict.back}, self.rows.run_id)


def _membership(one: Written) -> Written:
    """Who joined a list by it was not on it before."""
    before = {name: value for name, value in one.written.items() if name != "member"} | one.before
    if one.created and one.written.get("member"):
        before["member"] = False
    return replace(one, before=before, created=False)


def _batches(found: Sequence[Written], most: int) -> Iterator[list[Written]]:
    """Records of one object at a time."""
    for object in dict.fromkeys(one.object for one in found):
        mine = [one for one in found if one.object == object]
        for start in range(0, len(mine), most):
            yield mine[start : start + most]


class Again:
    """Handoffs that an undo has closed, given again: the undo itself is taken back."""

    def __init__(self, runtime: Runtime, done: Undone, dry_run: bool) -> None:
        self.runtime, self.done, self.dry_run = runtime, done, dry_run

    def run(self, found: Sequence[Written]) -> None:
        """Open them again, where nothing has moved since."""
        for start in range(0, len(found), BATCH):
            some = found[start : start + BATCH]
            if self.dry_run:
                self.done.records += len(some)
                continue
            with self.runtime.store.write() as tx:
                now = self.runtime.clock()
                opened = open_again(tx, some, self.done.run_id, now)
                tx.images.mark_undone([id for one in opened for id in one.ids], now)
            self.done.records += len(opened)
            moved = [one for one in some if one not in opened]
            self.done.left += [left(one, sentences.HANDOFF_MOVED_ON) for one in moved]
