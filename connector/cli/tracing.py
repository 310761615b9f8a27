"""`--trace LEAD`: request and answer of every call about one lead, in a file of their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from connector.cli.find import matches, one_lead
from connector.cli.session import Session

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.ports import Transaction

#: The most writes of one lead that are looked through for ids.
_MOST_ROWS = 1000


@contextmanager
def traced(session: Session, app: App, text: str) -> Iterator[None]:
    """Trace the lead that `text` means, "" for none; afterwards say where it lies.

    A text that no lead is known by is traced itself: somebody may look for a record that does not arrive.
    Raises Mistake where several leads are meant.
    """
    if not text:
        yield
        return
    from connector.edge.trace import Trace
    from connector.runs.kept_files import TRACES

    found = matches(app, text)
    lead_id = one_lead(session, app, text) if found else 0
    stamp = app.clock().strftime("%Y%m%dT%H%M%SZ")
    file = app.config.root / TRACES / f"{f'lead-{lead_id}' if lead_id else 'unknown'}-{stamp}.jsonl"
    trace = app.trace = Trace({text, *(keys(app, lead_id) if lead_id else ())}, file)
    try:
        yield
    finally:
        if trace.calls:
            told = session.translate("%(count)s calls about it are in %(file)s: personal data, delete it after use")
        else:
            told = session.translate("no call was about it")
        session.note(told % {"count": trace.calls, "file": file.relative_to(app.config.root)})


def keys(app: App, lead_id: int) -> set[str]:
    """All that records of a lead are known by outside: address, our keys, the ids that platforms gave."""
    from connector.runs.rows import our_key

    with app.store.read() as tx:
        lead = tx.intake.leads([lead_id]).get(lead_id)
        found = {our_key(tx.admin.store_id(), lead_id)}
        found |= {link.external_id for link in tx.reports.links_of(lead_id)}
        found |= set(_of_writes(tx, lead_id))
        handoffs = tx.handoffs.of_leads([lead_id]).get(lead_id, ())
    found |= {one.record.partition(":")[2] for one in handoffs}
    if lead is not None:
        found.add(str(lead.fields.get("email") or ""))
    return found - {""}


def _of_writes(tx: Transaction, lead_id: int) -> Iterator[str]:
    """Our keys of what was written about the lead, and what the targets call it."""
    for row in tx.outbox.rows(lead_id=lead_id, limit=_MOST_ROWS):
        yield row.our_key
        yield row.crm_id
        for receipt in tx.outbox.receipts(row.target, row.object, [row.our_key]).values():
            yield receipt.crm_id
