"""What the record of a person tells anew: held against what it said before, and against what we wrote there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.runs.merges import Places
from connector.runs.outgoing import sent_before
from connector.runs.respect import by_name
from connector.runs.rows import Rows
from connector.runs.whose import Owned
from connector.steps.feedback import Told, of_person
from connector.steps.field_rules import owner_names
from connector.steps.joining import BY_DEAL


@dataclass(slots=True)
class PersonTold:
    """Reads the records of one CRM; `users` are the addresses of its people by their ids."""

    tx: Transaction
    rows: Rows
    name: str
    users: Mapping[str, str]
    #: Records that were somebody else's until now: all that they say is news.
    anew: Places

    def told(self, lead: Lead, handoff: Handoff, one: Owned, back: bool) -> Told:
        """What is new of stage, reason and owner; `back` says whether the record has come back from the bin."""
        receipt, before, after = one.receipt, one.before, one.after
        written = receipt.values if receipt and not back and (after.object, after.id) not in self.anew else {}
        reading = self.rows.config.connections[self.name].mapping.stage
        told = of_person(before, after, reading, written, self.users, self._earlier(one, written))
        if before is None and receipt and self._is_ours(after, receipt, written):
            # It may have been given to somebody else since, who is yet to be written there.
            told = replace(told, owner="")
        if told.owner not in ("", handoff.owner) and self._is_given_on(handoff, after):
            told = replace(told, owner="")
        if back and lead.stage in BY_DEAL:
            # Whose deal goes on elsewhere is not taken back by what the record said before it was deleted.
            told = replace(told, stage=None, why="")
        return told

    def _earlier(self, one: Owned, written: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
        """What we wrote to the record before, where a late answer of the platform may still show it."""
        reading = self.rows.config.connections[self.name].mapping.stage
        late = self.name not in self.rows.in_store
        names = (reading.field, reading.reason_field) if reading and late else ()
        if one.receipt is None or one.before is None or not any(name in written for name in names):
            return ()
        return tuple(sent_before(self.tx, self.name, one.receipt.object, one.receipt.our_key, one.receipt.lead_id))

    def _is_ours(self, after: CrmRecord, receipt: Receipt, written: Mapping[str, Any]) -> bool:
        """Whether a record that is read for the first time only says whom we gave it to."""
        names = owner_names(self.rows.config.connections[self.name].mapping.origins(receipt.object))
        said = {str(value).casefold() for value in by_name(names, written).values() if value}
        there = self.rows.config.address_at(self.name, self.users.get(after.owner, ""))
        return bool(said & ({after.owner.casefold(), there.casefold()} - {""}))

    def _is_given_on(self, handoff: Handoff, after: CrmRecord) -> bool:
        """Whether we gave it to another owner since the record was written, who is yet to be written or read there."""
        events = self.tx.handoff_events.of_handoffs([handoff.id]).get(handoff.id, ())
        said = f"reassigned:{self.name}:"
        ours = [one.at for one in events if one.kind == "reassigned" and not one.key.startswith(said)]
        return bool(ours) and after.modified_at is not None and after.modified_at <= max(ours)
