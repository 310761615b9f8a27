"""Try again what was set aside, refused or lacking: by hand, from `baton errors`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from connector.model.handoff import HandoffEvent
from connector.model.ports import ReviewItem, Transaction
from connector.model.records import Page, Record
from connector.runs.assess import Assessor
from connector.runs.faults import Fault
from connector.runs.fix_queue import MEND
from connector.runs.intake import Intake, store_page
from connector.runs.returning import BY_HAND
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, recorded
from connector.steps.vocabulary import LEFT_OUT


def can_be_tried(item: ReviewItem) -> bool:
    """Whether trying again is of any use; what a person must look into, or let go, is left alone."""
    return item.kind in ("set_aside", "missing_fields") or item.key.startswith((f"{LEFT_OUT}:", f"{MEND}:"))


def retry(runtime: Runtime, rows: Callable[[int], Rows], items: Sequence[ReviewItem]) -> Counter[str]:
    """Send set-aside records along the line again, under the mapping as it is now.

    Counts `mended` and `set aside` again; a row that never became a record is `not replayable`:
    its file must be mended, and is read again when it changes.
    """
    with recorded(runtime, "retry") as (run, counts):
        built = rows(run.id)
        for item in items:
            if item.kind == "missing_fields":
                with _doing(runtime) as tx:
                    tx.scores.mark_due([item.lead_id], runtime.clock())
                counts["scored again"] += 1
            elif item.key.startswith(f"{MEND}:"):
                with _doing(runtime) as tx:
                    said_mended(tx, item, runtime.clock())
                counts["scored again"] += 1
            elif item.kind == "notice":
                counts["to be sent again"] += write_with_it(runtime, built, item)
            elif "values" not in item.body or item.connection not in runtime.config.connections:
                counts["not replayable"] += 1
            else:
                replay(runtime, built, item, counts)
        return counts


def try_again(runtime: Runtime, rows: Callable[[int], Rows], faults: Sequence[Fault]) -> Counter[str]:
    """Send records along the line again, and let writes wait for their next turn; counts as `retry` does."""
    items = [one.item for one in faults if one.item is not None and can_be_tried(one.item)]
    counts = retry(runtime, rows, items) if items else Counter()
    if ids := [one.row_id for one in faults if one.row_id]:
        with _doing(runtime) as tx:
            counts["to be sent again"] += tx.outbox.release(ids, "waiting", runtime.clock())
    return counts


@contextmanager
def _doing(runtime: Runtime) -> Iterator[Transaction]:
    """A transaction in which something is tried again, and told of."""
    with runtime.store.write() as tx:
        yield tx
        runtime.done(tx)


def said_mended(tx: Transaction, item: ReviewItem, now: datetime) -> None:
    """Somebody says that the data of a rejected lead is as it should be: it comes back with the next scoring."""
    tx.handoff_events.add([HandoffEvent(int(item.body["handoff"]), BY_HAND, "mended", now)], now)
    tx.reviews.close("notice", [item.key], "mended", now)
    tx.scores.mark_due([item.lead_id], now)


def replay(runtime: Runtime, rows: Rows, item: ReviewItem, counts: Counter[str]) -> None:
    """Store one record as a page of its own, which leaves the cursor where it is."""
    now = runtime.clock()
    connection = runtime.config.connections[item.connection]
    intake = Intake(connection, Assessor(list(runtime.config.flows.values()), rows, now, counts), now, False, counts)
    with runtime.store.read() as tx:
        intake.aside.load(tx)
    stream = str(item.body["stream"])
    record = Record(str(item.body["id"]), item.body["values"], item.where)
    store_page(lambda: _doing(runtime), intake, Page(stream, [record], ""), stream)


def write_with_it(runtime: Runtime, rows: Rows, item: ReviewItem) -> int:
    """Write a lead again with a field that was left out of it; returns how many rows that is."""
    with _doing(runtime) as tx:
        leads = tx.intake.leads([item.lead_id])
        handoffs = [one for one in tx.handoffs.of_leads([item.lead_id]).get(item.lead_id, []) if one.opened_at]
        if item.lead_id not in leads or not handoffs:
            return 0
        made = rows.refreshed(tx, [(leads[item.lead_id], handoffs[-1])], {item.field})
        return tx.outbox.put([row for row in made if row.target == item.connection], runtime.clock())


def drop(runtime: Runtime, items: Sequence[ReviewItem]) -> int:
    """Close items without using them; returns how many."""
    now = runtime.clock()
    with runtime.store.write() as tx:
        return sum(tx.reviews.close(item.kind, [item.key], "dropped", now) for item in items)
