"""What a run made and nobody has touched since, deleted where an admin asks for that.

What is to be deleted is written down before the platform is asked: a deletion that was interrupted goes on with the
next undo. To delete what is gone already is no fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, cast

import orjson

from connector.model import sentences
from connector.model.adapter import DeletingCrm, FindItem
from connector.model.mirror import CrmRecord
from connector.model.outbox import Done, Outcome, Refused
from connector.model.ports import Transaction
from connector.runs.respect import PEOPLE
from connector.runs.undone import Left, left
from connector.steps.field_rules import CLOCKS_DIFFER
from connector.steps.undoing import Place, Verdict, Written

if TYPE_CHECKING:
    from connector.runs.taking_back import Case, Closing

#: How the names begin under which it is kept what is to be deleted; the target comes next.
TO_DELETE = "to delete:"


def interrupted(tx: Transaction) -> set[str]:
    """The targets in which something was to be deleted and may still be there."""
    return {name.removeprefix(TO_DELETE).partition(":")[0] for name in tx.admin.metas(TO_DELETE)}


class Deleting:
    """Deletes in one target."""

    def __init__(self, closing: Closing) -> None:
        self.closing, self.runtime, self.done = closing, closing.runtime, closing.done
        self.target, self.can = closing.target, closing.capabilities.deletes
        self.prefix = f"{TO_DELETE}{self.target}:"

    def go_on(self) -> None:
        """Delete what an undo that was interrupted was about to."""
        with self.runtime.store.read() as tx:
            kept = [orjson.loads(text) for text in tx.admin.metas(self.prefix).values()]
        self._delete([Written((self.target, one[0], one[1]), one[2], one[3], "") for one in kept])

    def run(self, some: Sequence[Case], said: Mapping[Place, Verdict]) -> list[Case]:
        """Delete what may be deleted; returns the cases that are to be closed instead."""
        # Where the record was there before, only the task is ours: that is ended.
        before, made = [case for case in some if case.person is None], [case for case in some if case.person]
        with self.runtime.store.read() as tx:
            touched = {case.lead_id: self._touched(tx, case.person, case, said) for case in made if case.person}
        rest = [case for case in made if touched[case.lead_id]]
        self.done.left += [left(case.all[0], touched[case.lead_id]) for case in rest]
        gone = [case for case in made if not touched[case.lead_id]]
        rest += before
        items = [one for case in gone for one in reversed(case.all) if one.object in self.can]
        stay = [one for case in gone for one in case.all if one.object not in self.can]
        self.done.left += [left(one, sentences.STAYS) for one in stay]
        if self.closing.dry_run:
            self.done.deleted += len(items)
            return rest
        if gone:
            with self.runtime.store.write() as tx:
                self._intend(tx, gone, items)
            self._delete(items)
        return rest

    def _touched(self, tx: Transaction, person: Written, case: Case, said: Mapping[Place, Verdict]) -> str:
        """Why what was made for a lead is not deleted, "" where it may be."""
        if person.object not in self.can:
            return sentences.NO_DELETION
        verdicts = [said[one.place] for one in (person, *case.tasks)]
        if any(verdict.left for verdict in verdicts):
            return sentences.TOUCHED
        handoffs = tx.handoffs.of_leads([case.lead_id]).get(case.lead_id, [])
        if not handoffs or handoffs[-1].state != "open" or handoffs[-1].accepted_at or handoffs[-1].contacted_at:
            return sentences.TOUCHED
        known = tx.outbox.receipts(self.target, person.object, [person.our_key]).get(person.our_key)
        last = max(one.at for one in (*case.all, known) if one and one.at)
        there = {
            one.id: one for object in PEOPLE for one in tx.mirror.get(self.target, object, [person.crm_id]).values()
        }
        around = tx.mirror.find(self.target, "person", [person.crm_id], ("task", "opportunity"))
        others = [one for one in around.get(person.crm_id, ()) if not one.our_key]
        return sentences.TOUCHED if others or _changed(there.get(person.crm_id), last) else ""

    def _intend(self, tx: Transaction, gone: Sequence[Case], items: Sequence[Written]) -> None:
        """Close their handoffs, let nothing be written to them any more, and write down what is to be deleted."""
        self.closing.put_down_only(tx, gone)
        now = self.runtime.clock()
        self._receipts(tx, items, gone=True)
        for one in items:
            text = orjson.dumps([one.object, one.our_key, one.crm_id, one.lead_id]).decode()
            tx.admin.set_meta(self._name(one), text)
        tx.images.mark_undone([id for case in gone for one in case.all for id in one.ids], now)

    def _name(self, one: Written) -> str:
        return f"{self.prefix}{one.object}:{one.our_key}"

    def _receipts(self, tx: Transaction, items: Sequence[Written], *, gone: bool) -> None:
        for one in items:
            known = tx.outbox.receipts(self.target, one.object, [one.our_key]).get(one.our_key)
            if known is not None:
                tx.outbox.put_receipts([replace(known, gone=gone)])

    def _delete(self, items: Sequence[Written]) -> None:
        """Ask the platform, what hangs on others first; no transaction is open."""
        crm = cast(DeletingCrm, self.closing.asked.crm)
        for object in sorted({one.object for one in items}, key=lambda object: object in PEOPLE):
            mine = [one for one in items if one.object == object]
            for start in range(0, len(mine), self.closing.asked.most):
                part = mine[start : start + self.closing.asked.most]
                outcomes = crm.delete([FindItem(one.object, one.our_key, one.crm_id) for one in part])
                with self.runtime.store.write() as tx:
                    for one, outcome in zip(part, outcomes, strict=True):
                        self._settle(tx, one, outcome)

    def _settle(self, tx: Transaction, one: Written, outcome: Outcome) -> None:
        if isinstance(outcome, Done):
            self.done.deleted += 1
        elif isinstance(outcome, Refused):
            self._receipts(tx, [one], gone=False)
            self.done.left.append(Left(self.target, one.object, one.crm_id, one.lead_id, outcome.reason))
        else:
            # Whatever became of it, it is asked for once more with the next undo.
            self.done.left.append(left(one, sentences.UNDER_WAY))
            return
        tx.admin.set_meta(self._name(one), "")


def _changed(record: CrmRecord | None, last: datetime) -> bool:
    """Whether somebody has changed a record since our last write, as far as the CRM says when."""
    if record is None:
        return False
    ended = record.gone or record.merged_into or record.converted_to
    return bool(ended) or (record.modified_at is not None and record.modified_at > last + CLOCKS_DIFFER)
