"""Some leads of a plan in one transaction: judged anew, compared with what the plan was judged on, put or refused.

The line goes on for them as it would in any run; what it would write is held back, and the plan's own rows take its
place. Whoever is refused is left as if nobody had looked: the transaction is tried again without them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connector.config import Flow
from connector.model import sentences
from connector.model.handoff import BY_PLAN, HANDOFF_STATES, Handoff
from connector.model.lead import Lead
from connector.model.outbox import Found, OutboxRow, Receipt
from connector.model.plans import PlannedRow
from connector.model.ports import Transaction
from connector.runs.live import Place
from connector.runs.planning import basis
from connector.runs.planning.anew import decide_anew
from connector.runs.planning.costs import is_told, lane_of
from connector.runs.planning.opening import PlannedOpening, silent
from connector.runs.regain import Regaining
from connector.runs.release import RELEASABLE
from connector.runs.rescore import Scoring, looked_at
from connector.runs.respect import PEOPLE
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.runs.tell import MEMBERSHIP
from connector.steps.field_rules import alike

#: What tells of the handing over itself is as of when it happens.
MOMENTS = frozenset({"handoff.opened_at", "handoff.due_at", "handoff.brief", "stage_since"})
#: What stands outside, by target.
Standing = Mapping[str, Mapping[Place, Found | None]]


class _RefusedError(Exception):
    """Undoes a try; says who is refused, by lead."""

    def __init__(self, why: Mapping[int, str]) -> None:
        super().__init__()
        self.why = why


@dataclass(slots=True)
class Batch:
    """The rows of some leads. `due` are leads that are to be scored; `standing` is what stands outside now.

    `anew` are flows whose rules have changed: the values in force of their leads are decided anew.
    """

    runtime: Runtime
    rows: Rows
    planned: Sequence[PlannedRow]
    standing: Standing
    due: Collection[int]
    regaining: Mapping[str, Regaining]
    repair: bool
    anew: Collection[str] = ()
    refused: dict[int, str] = field(default_factory=dict)

    def run(self, tx: Transaction) -> list[PlannedRow]:
        """Put what still holds into the outbox; those rows. The others are in `refused`, by lead."""
        while True:
            left = [row for row in self.planned if row.lead_id not in self.refused]
            try:
                with tx.savepoint():
                    self._try(tx, left)
                return left
            except _RefusedError as error:
                self.refused |= error.why

    def _try(self, tx: Transaction, planned: Sequence[PlannedRow]) -> None:
        one = _Try(tx, self, planned, self.runtime.clock())
        if self.repair:
            one.repair()
        else:
            one.go_on()


@dataclass(slots=True)
class _Try:
    """One try at a batch, in a savepoint."""

    tx: Transaction
    batch: Batch
    planned: Sequence[PlannedRow]
    now: datetime
    leads: Mapping[int, Lead] = field(default_factory=dict)
    handoffs: Mapping[int, Handoff] = field(default_factory=dict)
    made: dict[int, list[OutboxRow]] = field(default_factory=dict)
    receipts: dict[tuple[str, str, str], Receipt] = field(default_factory=dict)
    why: dict[int, str] = field(default_factory=dict)

    def go_on(self) -> None:
        """Score, open, compare, put. Raises _RefusedError."""
        self._read()
        self._refuse_if(self._stands_otherwise)
        ids = list(dict.fromkeys(row.lead_id for row in self.planned))
        self._score(ids)
        self._look(ids)
        self._open({row.lead_id: row for row in self.planned if row.opens})
        self._refuse_if(self._changed)
        self._read()
        self._refuse_if(self._is_elsewhere)
        self._acknowledge()
        self._put()

    def repair(self) -> None:
        """Compare what stands there with the plan alone, and put; what is acknowledged is what stands there."""
        self._look(list(dict.fromkeys(row.lead_id for row in self.planned)))
        self._read()
        self._refuse_if(self._drifted)
        self._acknowledge()
        self._put()

    def _refuse_if(self, why_not: Callable[[PlannedRow], str]) -> None:
        """Raise _RefusedError where anything speaks against a row."""
        for row in self.planned:
            if row.lead_id not in self.why and (why := why_not(row)):
                self.why[row.lead_id] = why
        if self.why:
            raise _RefusedError(self.why)

    # the line goes on

    def _score(self, ids: Sequence[int]) -> None:
        decided = self._decided(ids)
        due = [lead_id for lead_id in ids if lead_id in self.batch.due or lead_id in decided]
        if not due:
            return
        flows = list(self.batch.runtime.config.flows.values())
        Scoring(flows, looked_at(flows), silent(self.batch.rows), self.now, Counter()).batch(self.tx, due)

    def _decided(self, ids: Sequence[int]) -> frozenset[int]:
        """The leads whose values in force are others under the rules as they are now."""
        if not self.batch.anew:
            return frozenset()
        leads = [one for one in self.tx.intake.leads(ids).values() if one.flow in self.batch.anew]
        return frozenset(decide_anew(self.tx, self.batch.runtime.config, leads, self.now))

    def _look(self, ids: Sequence[int]) -> None:
        """Leads, and of each the handoff that is furthest on its way."""
        self.leads = self.tx.intake.leads(ids)
        found = {
            lead_id: [one for one in some if one.state != "closed"]
            for lead_id, some in self.tx.handoffs.of_leads(ids).items()
        }
        self.handoffs = {
            lead_id: max(some, key=lambda one: HANDOFF_STATES.index(one.state))
            for lead_id, some in found.items()
            if some
        }
        gone = [lead_id for lead_id in ids if lead_id not in self.leads or self.leads[lead_id].merged_into]
        self.why |= dict.fromkeys(gone, sentences.LEAD_CHANGED)

    def _open(self, planned: Mapping[int, PlannedRow]) -> None:
        by_flow: dict[str, list[Handoff]] = {}
        for lead_id, row in planned.items():
            handoff = self.handoffs.get(lead_id)
            if handoff is None or handoff.state not in RELEASABLE or handoff.flow != row.flow:
                self.why.setdefault(lead_id, sentences.NOT_RELEASED)
            elif lead_id not in self.why:
                by_flow.setdefault(handoff.flow, []).append(handoff)
        for name, handoffs in by_flow.items():
            self._open_flow(self.batch.runtime.config.flows[name], handoffs, planned)

    def _open_flow(self, flow: Flow, handoffs: Sequence[Handoff], planned: Mapping[int, PlannedRow]) -> None:
        regained = self.batch.regaining[flow.name]
        ready = regained.take(self.tx, handoffs)
        waits = sentences.WAITS_FOR_READ_IN % {"connection": flow.crm}
        self.why |= {one.lead_id: waits for one in handoffs if one not in ready}
        for handoff in ready:
            handoff.state, handoff.released_by = "waiting", BY_PLAN
        rows, counts = replace(self.batch.rows), Counter[str]()
        config = self.batch.runtime.config
        opening = PlannedOpening(self.tx, config, rows, flow, self.now, counts, regained.crm.capabilities)
        opening.prepare(planned)
        opening.run(ready)
        regained.follow(self.tx, ready, self.now)
        self.why |= opening.refused
        for row in opening.made:
            self.made.setdefault(row.lead_id, []).append(row)
        # As the line has left them.
        ids = list(self.leads)
        opened = {one.lead_id: one for one in ready if one.state == "open"}
        self.leads, self.handoffs = self.tx.intake.leads(ids), {**self.handoffs, **opened}

    # compared

    def _read(self) -> None:
        """The receipts of the rows."""
        wanted: dict[tuple[str, str], list[str]] = {}
        for row in self.planned:
            wanted.setdefault((row.target, row.object), []).append(row.our_key)
        for (target, object), keys in wanted.items():
            told = self.tx.outbox.receipts(target, object, keys)
            self.receipts |= {(target, object, key): one for key, one in told.items()}

    def _stands_otherwise(self, row: PlannedRow) -> str:
        """Why a row is refused before the line goes on: that costs less. Of a handoff, what it waits for says more."""
        if row.opens:
            return ""
        return self._not_told(row) or basis.what_changed(basis.record_part(row.basis), self._record(row))

    def _changed(self, row: PlannedRow) -> str:
        """Why a row is refused, "" where all is as it was."""
        lead, flow = self.leads[row.lead_id], self.batch.runtime.config.flows.get(self.leads[row.lead_id].flow)
        judged = basis.of_lead(lead, self.handoffs.get(row.lead_id), flow.criteria.version if flow else "")
        if why := self._not_told(row) or basis.what_changed(row.basis, f"{judged}.{self._record(row)}"):
            return why
        made = Counter(one.object for one in self._once(row))
        planned = Counter((*row.also, *(() if row.fields or is_person(row) else (row.object,))))
        return sentences.OTHER_THINGS if row.opens and made != planned else ""

    def _is_elsewhere(self, row: PlannedRow) -> str:
        """Why a row is refused whose lead was met on another record than the plan knew."""
        receipt = self._receipt(row)
        met = receipt.crm_id if receipt and is_person(row) and row.opens else row.crm_id
        return sentences.CHANGED_SINCE if met != row.crm_id else ""

    def _not_told(self, row: PlannedRow) -> str:
        """Why nothing is known of a record that was asked about."""
        asked = not row.basis.endswith(basis.UNASKED)
        return sentences.COULD_NOT_BE_ASKED % {"target": row.target} if asked and self._found(row) is None else ""

    def _record(self, row: PlannedRow) -> str:
        """What the record is judged on."""
        found = None if row.basis.endswith(basis.UNASKED) else self._found(row)
        return basis.of_record(self._receipt(row), found, [one.name for one in row.fields])

    def _drifted(self, row: PlannedRow) -> str:
        """Why a row of a repair is refused: a field holds neither what was found there nor what it shall hold."""
        found = self._found(row)
        if found is None:
            return sentences.COULD_NOT_BE_ASKED % {"target": row.target}
        if row.action == "update" and not found.crm_ids:
            return sentences.NOT_THERE_ANY_MORE
        if row.action == "create" and found.crm_ids:
            return sentences.CARRIES_OUR_KEY
        there = {name.casefold(): value for name, value in (found.values[0] if found.values else {}).items()}
        moved = [
            one for one in row.fields
            if one.known and not any(alike(there.get(one.name.casefold()), value) for value in (one.old, one.new))
        ]  # fmt: skip
        return sentences.CHANGED_SINCE if moved and row.action == "update" else ""

    def _receipt(self, row: PlannedRow) -> Receipt | None:
        return self.receipts.get((row.target, row.object, row.our_key))

    def _found(self, row: PlannedRow) -> Found | None:
        return self.batch.standing.get(row.target, {}).get((row.object, row.our_key))

    def _once(self, row: PlannedRow) -> list[OutboxRow]:
        """What was made with a record of a CRM, beside the record itself."""
        made = self.made.get(row.lead_id, ()) if row.opens else ()
        return [one for one in made if one.kind == "once" and one.target == row.target]

    # put

    def _acknowledge(self) -> None:
        """What stands there is what was acknowledged last: so that what is planned is sent, and nothing else."""
        told = []
        for row in self.planned:
            receipt, found = self._receipt(row), self._found(row)
            if receipt is None or found is None or not found.values or row.object not in PEOPLE:
                continue
            there = {name.casefold(): value for name, value in found.values[0].items()}
            values = {one.name: there.get(one.name.casefold()) for one in row.fields if one.known}
            other = {name: value for name, value in values.items() if not alike(receipt.values.get(name), value)}
            told += [replace(receipt, values=receipt.values | other)] if other else []
        self.tx.outbox.put_receipts(told)

    def _put(self) -> None:
        put: list[OutboxRow] = []
        for row in self.planned:
            put += self._rows_of(row)
        self.tx.outbox.put(put, self.now)

    def _rows_of(self, row: PlannedRow) -> Iterator[OutboxRow]:
        run_id = self.batch.rows.run_id
        if row.fields or is_person(row):
            yield self._state_row(row, run_id)
        for one in self._once(row):
            one.run_id = run_id
            yield one

    def _state_row(self, row: PlannedRow, run_id: int) -> OutboxRow:
        told, receipt = is_told(self.batch.runtime, row), self._receipt(row)
        key = f"{row.target}:{row.object}:{row.our_key}" + (f":{row.group}" if row.group else "")
        return OutboxRow(
            target=row.target, kind="state", object=row.object, our_key=row.our_key, key=key,
            values=self._values(row), lead_id=row.lead_id, group=row.group, lane=lane_of(row, told=told),
            flow=row.flow, run_id=run_id, crm_id="" if receipt and not told else row.crm_id,
        )  # fmt: skip

    def _values(self, row: PlannedRow) -> dict[str, Any]:
        """Exactly what the plan says; but what tells of the handing over itself is as of now."""
        values = {one.name: one.new for one in row.fields}
        if row.object == MEMBERSHIP:
            name, _, contact = row.our_key.rpartition(":")
            return {"list": name, "contact": contact, **values}
        made = next((one for one in self.made.get(row.lead_id, ()) if self._is_made(one, row)), None)
        if made is None or not row.opens:
            return values
        origins = self.batch.runtime.config.connections[row.target].mapping.origins(row.object)
        moments = {name for name in values if origins.get(name) and MOMENTS.issuperset(origins[name])}
        return values | {name: made.values[name] for name in moments & made.values.keys()}

    def _is_made(self, one: OutboxRow, row: PlannedRow) -> bool:
        return (one.kind, one.target, one.object, one.our_key) == ("state", row.target, row.object, row.our_key)


def is_person(row: PlannedRow) -> bool:
    """Whether a row is about a record that other things hang on."""
    return row.object in PEOPLE
