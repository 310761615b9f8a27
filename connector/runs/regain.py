"""After a restore: know again whom was handed over since the copy was made, by what carries our keys in the CRM.

A record that carries the key of a lead which the store does not know is that of whoever is matched with
it: the lead gets its number back. A task that carries the key of a handoff which the store does not
know says the same of the handoff. So every key that stands outside means again what it meant, and what
is to be made is looked up by its exact key before it is sent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from connector.config import Flow
from connector.model.adapter import Crm, TaskTeller
from connector.model.handoff import Handoff
from connector.model.lead import Lead, Link, display_name
from connector.model.mirror import CrmRecord
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.runs.adopt import There, there
from connector.runs.follower import Follower
from connector.runs.respect import PEOPLE, by_name
from connector.runs.restore import given_before, is_restored
from connector.runs.rows import Rows, our_key
from connector.runs.runtime import Runtime
from connector.steps.existing import existing
from connector.steps.field_rules import alike, is_blank, own_names
from connector.steps.matching import Match

#: (object, id) of a record that a task hangs on.
Place = tuple[str, str]


@dataclass(slots=True)
class Regaining:
    """Knows again the handoffs of one flow, batch by batch. Does nothing in a store that was never restored."""

    runtime: Runtime
    flow: Flow
    rows: Rows
    crm: Crm
    counts: Counter[str]
    needed: bool = False
    tasks: dict[Place, list[CrmRecord]] = field(default_factory=dict)
    known: dict[int, Known] = field(default_factory=dict)

    def ask(self, limit: int, only: Sequence[Handoff] = ()) -> None:
        """Ask the CRM for our tasks on the records of those who wait next, or of `only`. Outside any transaction."""
        with self.runtime.store.read() as tx:
            self.needed = is_restored(tx)
            if not self.needed:
                return
            waiting = only or tx.handoffs.in_state(self.flow.name, "waiting", limit)
            matches = self._there(tx, waiting).matched
            wanted = {place for one in matches.values() for place in self._places(one)} - self.tasks.keys()
            if not hasattr(self.crm, "tasks_of"):
                told = tx.mirror.find(self.flow.crm, "person", sorted(id for _, id in wanted), ("task",))
                self.tasks |= {place: told.get(place[1], []) for place in wanted}
                return
        if wanted:
            self.tasks |= dict.fromkeys(wanted, ())  # type: ignore[arg-type]
            for place, records in cast(TaskTeller, self.crm).tasks_of(sorted(wanted)).items():
                self.tasks[place] = records

    def _there(self, tx: Transaction, handoffs: Sequence[Handoff]) -> There:
        leads = list(tx.intake.leads([one.lead_id for one in handoffs]).values())
        return there(tx, self.flow, self.crm.capabilities, self.rows.store_id, leads, self.rows.config.identity)

    def _places(self, found: Match) -> list[Place]:
        """Where a task of theirs may hang: on their own records, and on what decided."""
        on = existing(found, self.flow.existing).record
        return list(dict.fromkeys((one.object, one.id) for one in (found.found, found.person, on)))

    def take(self, tx: Transaction, chosen: Sequence[Handoff]) -> list[Handoff]:
        """Give leads and handoffs the numbers that they had; those of `chosen` that may be opened now.

        Who was matched since `ask` waits for the next pass.
        """
        if not self.needed:
            return list(chosen)
        side, ready = self._there(tx, chosen), []
        matched = side.matched
        for handoff in chosen:
            found = matched.get(handoff.lead_id)
            if found is None or handoff.lead_id in side.receipts:
                ready.append(handoff)
            elif all(place in self.tasks for place in self._places(found)):
                self._know_again(tx, handoff, found)
                ready.append(handoff)
        return ready

    def _know_again(self, tx: Transaction, handoff: Handoff, found: Match) -> None:
        records = self._records(tx, found)
        number = self._lost_lead(tx, handoff.lead_id, records)
        if number and number != handoff.lead_id and handoff.lead_id > given_before(tx, "leads"):
            tx.admin.renumber_lead(handoff.lead_id, number)
            handoff.lead_id = number
        lead = tx.intake.leads([handoff.lead_id])[handoff.lead_id]
        task = self._lost_task(tx, lead, handoff, found)
        if task is not None and (before := self._handoff_of(task)) != handoff.id:
            tx.admin.renumber_handoff(handoff.id, before)
            handoff.id = before
        if number and found.standing == "lead":
            self._adopt(tx, lead, handoff, found.person)
        if number or task is not None:
            self.known[handoff.id] = Known(records, task)
            self.counts["found again after the restore"] += 1

    def _records(self, tx: Transaction, found: Match) -> list[CrmRecord]:
        """Their own records: what was found, what it is today, and leads that have become that."""
        twins = tx.mirror.find(self.flow.crm, "email", [found.person.email], PEOPLE).get(found.person.email, ())
        became = [one for one in twins if found.person.id in (one.converted_to.get("contact"), one.merged_into)]
        return list({(one.object, one.id): one for one in (found.person, found.found, *became)}.values())

    def _lost_lead(self, tx: Transaction, lead_id: int, records: Sequence[CrmRecord]) -> int:
        """The number in the key of ours that their records carry: this lead's, or one that no lead has; else 0.

        The number of whoever was forgotten is not given again.
        """
        keys = (record.our_key.removeprefix(f"{self.rows.store_id}-") for record in records)
        for key in keys:
            number = int(key) if re.fullmatch(r"[1-9]\d{0,17}", key, re.ASCII) else 0
            if number and (number == lead_id or not (tx.intake.leads([number]) or tx.personal.is_forgotten(number))):
                return number
        return 0

    def _lost_task(self, tx: Transaction, lead: Lead, handoff: Handoff, found: Match) -> CrmRecord | None:
        """The task of this handoff, or the newest of a handoff that the store does not know."""
        told = {
            number: task
            for place in self._places(found)
            for task in self.tasks[place]
            if (number := self._handoff_of(task)) and (place[0] in PEOPLE or _names(task, lead))
        }
        if handoff.id in told:
            return told[handoff.id]
        lost = told.keys() - tx.handoffs.by_ids(sorted(told)).keys()
        return told[max(lost)] if lost else None

    def _handoff_of(self, task: CrmRecord) -> int:
        said = re.match(rf"{re.escape(self.rows.store_id)}:handoff-([1-9]\d{{0,17}}):", task.our_key, re.ASCII)
        return int(said[1]) if said else 0

    def _adopt(self, tx: Transaction, lead: Lead, handoff: Handoff, record: CrmRecord) -> None:
        """What we write to from now on; what stands there as we would write it is ours."""
        target, key = self.flow.crm, our_key(self.rows.store_id, lead.id)
        origins = self.rows.config.connections[target].mapping.origins("lead")
        own, wanted = own_names(origins), self.rows.lead(lead, handoff, target=target).values
        values = {
            name: value
            for name, value in by_name(origins, record.values).items()
            if name in own or is_blank(value) or alike(value, wanted.get(name))
        }
        at = record.modified_at or self.runtime.clock()
        tx.outbox.put_receipts([Receipt(target, "lead", key, record.id, values, lead_id=lead.id, at=at)])
        tx.intake.put_links([Link(target, record.object, record.id, lead.id)])

    def follow(self, tx: Transaction, opened: Sequence[Handoff], now: datetime) -> None:
        """Open as of then what was opened before, follow what became of it, and look up first what may be there."""
        if not self.needed:
            return
        again = [one for one in opened if one.id in self.known and one.state == "open"]
        self._as_of_then(tx, again)
        leads, handoffs = given_before(tx, "leads"), given_before(tx, "handoffs")
        early = [one for one in opened if one in again or one.lead_id <= leads or one.id <= handoffs]
        tx.outbox.look_first([one.lead_id for one in early], now, self._there_already(again))
        records = [record for one in again for record in self._around(tx, self.known.pop(one.id).records)]
        Follower(tx, self.rows, self.flow.crm, now, self.counts).run([(None, record) for record in records])

    def _there_already(self, again: Iterable[Handoff]) -> dict[str, str]:
        """The ids of tasks that are there, by the keys of the rows that would make them."""
        tasks = {one.id: self.known[one.id].task for one in again}
        return {f"{self.flow.crm}:{task.our_key}": task.id for task in tasks.values() if task is not None}

    def _as_of_then(self, tx: Transaction, again: Iterable[Handoff]) -> None:
        changed = []
        for handoff in again:
            task = self.known[handoff.id].task
            if task is None or task.modified_at is None or handoff.opened_at is None:
                continue
            late = handoff.opened_at - task.modified_at
            handoff.opened_at = task.modified_at
            handoff.due_at = handoff.due_at - late if handoff.due_at else None
            changed.append(handoff)
        tx.handoffs.save(changed)

    def _around(self, tx: Transaction, people: Sequence[CrmRecord]) -> list[CrmRecord]:
        """Their records, what they did and what was sold to them, as the mirror has it."""
        told = tx.mirror.find(self.flow.crm, "person", [one.id for one in people], ("task", "opportunity"))
        return [*people, *(record for one in people for record in told.get(one.id, ()))]


@dataclass(frozen=True, slots=True)
class Known:
    """How a handoff was known again: by their records, and by the task, where there is one."""

    records: Sequence[CrmRecord]
    task: CrmRecord | None


def _names(task: CrmRecord, lead: Lead) -> bool:
    """Whether a task on somebody else's record, an account's or a deal's, is about this lead."""
    return any(display_name(lead, language) in task.name for language in ("en", "ja"))
