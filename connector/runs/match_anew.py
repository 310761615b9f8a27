"""Who came into a CRM between the look-up and the create: a duplicate rule stops the create, and they are matched anew.

Looked up once for each refusal. An open lead is adopted, a contact gets the task, and whoever has them there gets the
handoff, as if they had been found before; whoever is not found stays a dead letter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast

import orjson

from connector.config import Flow
from connector.model import sentences
from connector.model.adapter import CrmCapabilities, ReadableCrm
from connector.model.errors import BatonError
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import OutboxRow, Receipt
from connector.model.ports import Transaction
from connector.model.refusals import kind_of
from connector.runs.adopt import There, take_over, there
from connector.runs.look_up import LookUps
from connector.runs.reassign import reassign
from connector.runs.rosters import roster_at
from connector.runs.rows import Rows, our_key
from connector.runs.runtime import Runtime

EVERY = 10**9


def tried_name(flow: Flow) -> str:
    """The store's word for which refusals of a flow were looked up."""
    return f"matched:{flow.name}"


@dataclass(frozen=True, slots=True)
class Stopped:
    """A lead whose create was stopped, with its handoff and the row."""

    row: OutboxRow
    lead: Lead
    handoff: Handoff

    @property
    def mark(self) -> str:
        """Names this refusal: the row, and which claim of it."""
        return f"{self.row.id}:{self.row.epoch}"


def match_anew(runtime: Runtime, rows: Rows, counts: Counter[str]) -> None:
    """Look up those whom a duplicate rule stopped; counts `matched anew`.

    A CRM that cannot be asked now is asked with the next pass.
    """
    with runtime.store.read() as tx:
        targets = {row.target for row in tx.outbox.rows(states=("dead",), limit=EVERY) if _is_create(row)}
    for flow in runtime.config.flows.values():
        if flow.crm in targets and flow.mode != "observe":
            try:
                _of_flow(runtime, rows, flow, counts)
            except BatonError:
                # Whoever writes there next is told why.
                continue


def _is_create(row: OutboxRow) -> bool:
    return row.kind == "state" and row.object == "lead" and not row.crm_id


def _of_flow(runtime: Runtime, rows: Rows, flow: Flow, counts: Counter[str]) -> None:
    crm = runtime.crm(flow.crm)
    capabilities = crm.capabilities
    if not capabilities.look_up_batch:
        return
    with runtime.store.read() as tx:
        tried = set(orjson.loads(tx.admin.meta(tried_name(flow)) or "[]"))
        stopped = [one for one in _stopped(tx, flow, capabilities) if one.mark not in tried]
    if not stopped:
        return
    finder = LookUps(runtime, flow.crm, cast(ReadableCrm, crm), rows, counts)
    finder.ask([one.handoff for one in stopped], len(stopped))
    with runtime.store.write() as tx:
        again = {one.mark: one for one in _stopped(tx, flow, capabilities)}
        here = [again[one.mark] for one in stopped if one.mark in again]
        counts["matched anew"] += _take(tx, rows, flow, capabilities, here, runtime.clock())
        kept = sorted((tried & again.keys()) | {one.mark for one in here})
        tx.admin.set_meta(tried_name(flow), orjson.dumps(kept).decode())


def _stopped(tx: Transaction, flow: Flow, capabilities: CrmCapabilities) -> list[Stopped]:
    """Leads of a flow whose create was refused as being there already, and that a rep is to have."""
    dead = [
        row for row in tx.outbox.rows(states=("dead",), target=flow.crm, limit=EVERY)
        if _is_create(row) and row.flow == flow.name and kind_of(row.code, capabilities.refusal_kinds) == "duplicate"
    ]  # fmt: skip
    receipts = tx.outbox.receipts(flow.crm, "lead", [row.our_key for row in dead]) if dead else {}
    ids = sorted({row.lead_id for row in dead})
    leads, handoffs = tx.intake.leads(ids), tx.handoffs.of_leads(ids)
    found = []
    for row in dead:
        open_ones = [one for one in handoffs.get(row.lead_id, ()) if one.state == "open" and not one.record]
        if row.our_key not in receipts and row.lead_id in leads and open_ones:
            found.append(Stopped(row, leads[row.lead_id], open_ones[-1]))
    return found


def _take(
    tx: Transaction, rows: Rows, flow: Flow, capabilities: CrmCapabilities, stopped: Sequence[Stopped], now: datetime
) -> int:
    found = there(tx, flow, capabilities, rows.store_id, [one.lead for one in stopped], rows.config.identity)
    found.known.called = partial(rows.config.email_of, flow.crm)
    adopted, hung = [], []
    for one in stopped:
        known = found.existing(one.lead.id)
        if known is None or found.parent(one.lead.id):
            continue
        what, match = known
        if what.action == "adopt":
            adopted.append(one)
        elif match.person.object == "contact":
            hung.append(one)
    _adopt(tx, rows, found, adopted, now)
    _hang(tx, rows, found, hung, now)
    away = roster_at(tx, rows.config, now).is_away
    _give_to_holders(tx, rows, found, [*adopted, *(one for one in hung if not away(found.owner(one.lead.id)[0]))], now)
    return len(adopted) + len(hung)


def _adopt(tx: Transaction, rows: Rows, found: There, stopped: Sequence[Stopped], now: datetime) -> None:
    """The open lead that is there is ours from now on; what we have to say goes to it."""
    pairs = [(one.lead, one.handoff) for one in stopped]
    take_over(tx, rows, found, pairs, now)
    tx.outbox.put(rows.refreshed(tx, pairs), now)
    tx.reviews.put(rows.take_unsent(), now)


def _hang(tx: Transaction, rows: Rows, found: There, stopped: Sequence[Stopped], now: datetime) -> None:
    """No lead is made of who is a contact: what waits for it hangs on the contact, as if it had been converted."""
    receipts: list[Receipt] = []
    for one in stopped:
        match = found.known.matches[one.lead.id]
        key, target = our_key(rows.store_id, one.lead.id), found.flow.crm
        receipts.append(Receipt(target, "lead", key, "", {}, lead_id=one.lead.id, at=now, gone=True))
        receipts.append(Receipt(target, "contact", key, match.person.id, {}, lead_id=one.lead.id, at=now))
        one.handoff.record = f"contact:{match.person.id}"
    tx.outbox.put_receipts(receipts)
    tx.handoffs.save(_handoffs(stopped))
    tx.outbox.release([one.row.id for one in stopped], "dropped", now)


def _give_to_holders(
    tx: Transaction, rows: Rows, found: There, stopped: Sequence[Stopped], now: datetime
) -> None:  # fmt: skip
    """Whoever has them in the CRM keeps them, and is told of the handoff that was given to somebody else."""
    for one in stopped:
        if owner := found.owner(one.lead.id)[0]:
            why, crm = sentences.THEIRS_THERE, found.flow.crm
            reassign(tx, rows, rows.config, [one.handoff], owner, why, now, who=crm, holds=True)


def _handoffs(stopped: Iterable[Stopped]) -> list[Handoff]:
    return [one.handoff for one in stopped]
