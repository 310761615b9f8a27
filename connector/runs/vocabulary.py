"""The vocabulary of a CRM: asked for, kept in the store, held against what is written.

It is asked for before the first write, once an hour while there is something to write, at once where
the CRM refuses the value of a single field, and with each run while there is a notice. A field that is
left out is told in a notice, which closes by itself once its value is accepted: the leads in hand are
then written again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

import orjson

from connector.model import sentences
from connector.model.adapter import Crm, FieldInfo
from connector.model.errors import BatonError, RetryableError
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem, Transaction
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.steps.vocabulary import LeftOut, Vocabulary

FRESH = timedelta(hours=1)
NOTICES = 5000
_NAMES = tuple(one.name for one in fields(FieldInfo))
#: Leads that are put up for writing in one transaction, and more handoffs than any flow has.
BATCH, EVERY = 500, 10**9


def meta_name(target: str) -> str:
    """Where the vocabulary of a CRM is kept."""
    return f"vocabulary:{target}"


@dataclass(slots=True)
class Words:
    """The vocabulary of one CRM for one delivery."""

    runtime: Runtime
    target: str
    crm: Crm
    vocabulary: Vocabulary | None = None
    at: datetime | None = None
    stale: bool = False

    def current(self) -> Vocabulary | None:
        """What the CRM accepts; asked for anew where it is old or was found wrong. None where it tells nothing.

        An old one will do where the CRM cannot be asked just now: a hot lead does not wait for it.
        Raises AuthError, RetryableError. Not to be called within a transaction.
        """
        if not self.crm.capabilities.vocabulary:
            return None
        now = self.runtime.clock()
        if self.vocabulary is None and not self.stale:
            self._kept()
        if self.vocabulary is None or self.stale or self.at is None or now - self.at >= FRESH:
            try:
                self._ask(now)
            except RetryableError:
                if self.vocabulary is None or self.stale:
                    raise
                self.at = now
        return self.vocabulary

    def _kept(self) -> None:
        with self.runtime.store.read() as tx:
            text = tx.admin.meta(meta_name(self.target))
        if text:
            kept = orjson.loads(text)
            self.at = datetime.fromisoformat(kept["at"])
            self.vocabulary = Vocabulary(_info(one) for one in kept["fields"])

    def _ask(self, now: datetime) -> None:
        told = self.crm.fields()
        text = orjson.dumps({"at": now.isoformat(), "fields": [_kept_info(one) for one in told]}).decode()
        self.vocabulary, self.at, self.stale = Vocabulary(told), now, False
        with self.runtime.store.write() as tx:
            tx.admin.set_meta(meta_name(self.target), text)
            mend(tx, self.target, self.vocabulary, now)

    def fit(self, rows: Sequence[OutboxRow]) -> tuple[list[OutboxRow], list[ReviewItem]]:
        """The rows with values as the CRM takes them, and what is to be told of those that were left out."""
        if self.vocabulary is None:
            return list(rows), []
        fitted, told = [], []
        for row in rows:
            values, left = self.vocabulary.fit(row.object, row.values)
            fitted.append(replace(row, values=values))
            told += [self._item(row, one) for one in left]
        return fitted, told

    def _item(self, row: OutboxRow, one: LeftOut) -> ReviewItem:
        reason = f"{sentences.NOT_SENT}: {one.reason}"
        body = {"object": row.object, "value": one.value}
        key = f"choice:{self.target}:{row.object}.{one.field}:{one.value}"
        where = f"{self.target} {row.object}"
        return ReviewItem("notice", key, where, reason, one.field, connection=self.target, body=body)


def _kept_info(info: FieldInfo) -> dict[str, object]:
    # dataclasses.asdict would copy every choice of every list.
    return {name: getattr(info, name) for name in _NAMES}


def _info(kept: dict[str, object]) -> FieldInfo:
    return FieldInfo(**{**kept, "choices": tuple(kept["choices"])})  # type: ignore[arg-type]


def mend(tx: Transaction, target: str, vocabulary: Vocabulary, now: datetime) -> int:
    """Close the notices about values that are accepted by now; the leads concerned are due, and so written again."""
    prefix = f"choice:{target}:"
    open_items = [item for item in tx.reviews.open("notice", NOTICES) if item.key.startswith(prefix)]
    well = [
        item
        for item in open_items
        if vocabulary.allows(str(item.body.get("object", "")), item.field, str(item.body.get("value", "")))
    ]
    if well:
        tx.reviews.close("notice", [item.key for item in well], "mended", now)
        names = {(str(item.body.get("object", "")), item.field) for item in well} | _to_rewrite(tx, target)
        tx.admin.set_meta(_rewrite_name(target), orjson.dumps(sorted(names)).decode())
    return len(well)


def _rewrite_name(target: str) -> str:
    return f"rewrite:{target}"


def _to_rewrite(tx: Transaction, target: str) -> set[tuple[str, str]]:
    """(object, field) that are to be written again: they are accepted by now."""
    return {(object, name) for object, name in orjson.loads(tx.admin.meta(_rewrite_name(target)) or "[]")}


def write_again(runtime: Runtime, rows: Rows, counts: Counter[str]) -> None:
    """Put the leads in hand up for writing, where a platform accepts by now what it did not: what differs is sent.

    While a notice says that something is not accepted, it is asked again with each run.
    """
    with runtime.store.read() as tx:
        notices = tx.reviews.open("notice", NOTICES) if tx.reviews.counts().get("notice") else []
        waiting = {name.partition(":")[2] for name in tx.admin.metas(_rewrite_name(""))}
    told = {item.connection for item in notices if item.key.startswith("choice:")}
    for target in sorted(told & runtime.config.connections.keys()):
        try:
            Words(runtime, target, runtime.crm(target), stale=True).current()
        except BatonError:
            # Whoever writes there next is told why.
            continue
    for target in sorted((told | waiting) & runtime.config.connections.keys()):
        with runtime.store.read() as tx:
            names = _to_rewrite(tx, target)
        if names:
            _rewrite_all(runtime, rows, target, names, counts)


def _rewrite_all(runtime: Runtime, rows: Rows, target: str, names: set[tuple[str, str]], counts: Counter[str]) -> None:
    flows = [flow for flow in runtime.config.flows.values() if flow.mode != "observe"]
    mended = frozenset(name for object, name in names if object == "lead")
    for flow in flows:
        if flow.crm == target:
            counts["written again"] += rewrite(runtime, rows, flow.name, mended)
    with runtime.store.write() as tx:
        for flow in flows:
            if target in flow.sources:
                # What is told to marketing follows from scoring.
                tx.scores.mark_all_due(runtime.clock(), flow.name)
        tx.admin.set_meta(_rewrite_name(target), "")


def rewrite(runtime: Runtime, rows: Rows, flow: str, mended: frozenset[str] = frozenset()) -> int:
    """Put the leads of one flow that a rep has up for writing; returns how many.

    `mended` are names of fields that go out now, also where they are written on create only.
    """
    with runtime.store.read() as tx:
        handoffs = tx.handoffs.in_state(flow, "open", EVERY)
    for start in range(0, len(handoffs), BATCH):
        some = handoffs[start : start + BATCH]
        with runtime.store.write() as tx:
            leads = tx.intake.leads([one.lead_id for one in some])
            pairs = [(leads[one.lead_id], one) for one in some if one.lead_id in leads]
            tx.outbox.put(rows.refreshed(tx, pairs, mended), runtime.clock())
            tx.reviews.put(rows.take_unsent(), runtime.clock())
    return len(handoffs)
