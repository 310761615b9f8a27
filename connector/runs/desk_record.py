"""A lead's record on the built-in desk, opened by a person who edits it.

What is edited is read back in the same transaction, as what a CRM tells is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connector.config import Config
from connector.model.adapter import DeskRecord, InStoreCrm
from connector.model.fields import OWN_FIELDS
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.own_desk import BY_HAND
from connector.model.ports import Transaction
from connector.runs.follower import follower
from connector.runs.read_in import read_records
from connector.runs.rows import Rows, our_key
from connector.runs.runtime import Runtime

#: What became of an act. `done`: it is so now; `already`: it was so before; `over`: the lead has moved on;
#: `elsewhere`: it is for the CRM that has the lead; `not there`: the lead is not on the desk (yet, or any more);
#: `gone`: there is no such handoff.
What = Literal["done", "already", "over", "elsewhere", "not there", "gone"]


@dataclass(frozen=True, slots=True)
class Acted:
    """What became of an act, and how lead and handoff stand after it (None where there are none)."""

    what: What
    lead: Lead | None = None
    handoff: Handoff | None = None

    @property
    def done(self) -> bool:
        """Whether this act has changed anything."""
        return self.what == "done"


@dataclass(slots=True)
class Record:
    """One lead's record on the desk, open to be edited within a transaction."""

    runtime: Runtime
    rows: Rows
    tx: Transaction
    crm: InStoreCrm
    name: str
    lead: Lead
    handoff: Handoff
    who: str
    now: datetime
    counts: Counter[str]

    @property
    def key(self) -> str:
        """Its key."""
        return our_key(self.rows.store_id, self.lead.id)

    def theirs(self, answers: Mapping[str, Any]) -> dict[str, Any]:
        """Answers by the names of the desk; those that it has no field for are left out."""
        names = fields_of(self.runtime.config, self.name)
        return {names[name]: value for name, value in answers.items() if name in names}

    def edit(self, values: Mapping[str, Any], deal: Mapping[str, Any] | None = None) -> None:
        """Change the lead's record, and first the opportunity on it: what is said of both is heard as one."""
        said = {**values, "answered_by": self.who, "answered_at": self.now.isoformat()}
        places: list[tuple[str, str, Mapping[str, Any]]] = [("lead", self.key, said)]
        if deal is not None:
            places.insert(0, ("opportunity", self.deal_key, deal))
        self._write(places)

    @property
    def deal_key(self) -> str:
        """The key of the opportunity of this handoff and those after it."""
        return f"{BY_HAND}{self.key}:{self.handoff.previous_id or self.handoff.id}"

    def note(self, key: str, values: Mapping[str, Any]) -> None:
        """Make a task that was done."""
        self._write([("task", key, values)])

    def _write(self, places: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
        desk, on = self.tx.desk, self.tx.desk.record("lead", self.key)
        self._renew(on)
        before = [desk.record(object, key) for object, key, _ in places]
        # What we wrote there ourselves since it was last read is no news.
        self._read(before)
        for object, key, values in places:
            desk.put(object, key, on.id if on and object != "lead" else "", values, self.now)
        self._read([desk.record(object, key) for object, key, _ in places])

    def _renew(self, record: DeskRecord | None) -> None:
        """Let the record say what is so by now: what was said of an earlier handoff, said again, is a new word."""
        said = {"stage": self.lead.stage, "reason": self.handoff.reason, "words": self.handoff.words,
                "rating": self.handoff.rating}  # fmt: skip
        old = record.values if record else {}
        if any(name in old and old[name] != value for name, value in said.items()):
            self.tx.desk.put("lead", self.key, "", {name: said[name] for name in said if name in old}, self.now)

    def _read(self, records: Iterable[DeskRecord | None]) -> None:
        follow = follower(self.runtime, self.rows, self.name, self.counts)
        told = [self.crm.told(one) for one in records if one is not None]
        read_records(self.tx, self.name, told, follow, self.now, self.runtime.config.region, self.counts)


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens records of one desk."""

    runtime: Runtime
    rows: Rows
    crm: InStoreCrm
    name: str
    counts: Counter[str]

    def record(self, tx: Transaction, handoff_id: int, who: str) -> Record | Acted:
        """The record of a handoff's lead, or why there is nothing to edit."""
        handoff = tx.handoffs.by_ids([handoff_id]).get(handoff_id)
        lead = tx.intake.leads([handoff.lead_id]).get(handoff.lead_id) if handoff else None
        if handoff is None or lead is None:
            return Acted("gone")
        if handoff.opened_at is None or lead.merged_into or _latest(tx, lead).id != handoff_id:
            return Acted("over", lead, handoff)
        receipts = tx.outbox.receipts(self.name, "lead", [our_key(self.rows.store_id, lead.id)])
        if not receipts or any(one.gone for one in receipts.values()):
            return Acted("not there", lead, handoff)
        crm, now = self.crm.within(tx.desk), self.runtime.clock()
        return Record(self.runtime, self.rows, tx, crm, self.name, lead, handoff, who, now, self.counts)


def _latest(tx: Transaction, lead: Lead) -> Handoff:
    """The handoff that what is said of a lead counts for."""
    given = [one for one in tx.handoffs.of_leads([lead.id]).get(lead.id, ()) if one.opened_at]
    return given[-1]


def connection_of(config: Config, handoff: Handoff) -> str:
    """The connection that a handoff was given to, or will be; "" where its flow is gone."""
    flow = config.flows.get(handoff.flow)
    return handoff.target or (flow.crm if flow else "")


def fields_of(config: Config, name: str) -> dict[str, str]:
    """The fields of a desk that a person may fill, by the canonical field that each is heard as."""
    origins = config.connections[name].mapping.origins("lead")
    return {of[0]: theirs for theirs, of in origins.items() if len(of) == 1 and of[0] not in OWN_FIELDS}
