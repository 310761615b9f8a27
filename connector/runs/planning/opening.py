"""Handoffs as a plan says: to the owner that it names, on the records that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connector.model import sentences
from connector.model.activity import Activity
from connector.model.handoff import Handoff, Turn
from connector.model.lead import Lead
from connector.model.outbox import OutboxRow
from connector.model.plans import PlannedRow
from connector.model.ports import Transaction
from connector.runs.guard import Guard
from connector.runs.opening import Opening
from connector.runs.rows import Rows
from connector.steps.routing.rules import ring_before
from connector.steps.routing.turns import BY_PLAN, give, turn_of, write


class Withheld(Guard):
    """What follows from scoring is not put into the outbox: the plan says what is written. Nor does it park a flow."""

    def put(self, tx: Transaction, rows: Sequence[OutboxRow], now: datetime) -> None:
        """Nothing."""


class Silent(Rows):
    """Builds no rows for what a rep has already: the plan has them."""

    def refreshed(self, *_: Any, **__: Any) -> list[OutboxRow]:
        """None."""
        return []


def silent(rows: Rows) -> Silent:
    """As `rows`, for scoring alone."""
    made = Silent(rows.config, rows.store_id, rows.render, rows.run_id, objects_of=rows.objects_of)
    made.guard = Withheld(rows.config)
    return made


class PlannedOpening(Opening):
    """Opens the handoffs of one flow; what speaks against it is kept in `refused`, by lead, and `made` are the rows."""

    planned: Mapping[int, PlannedRow]

    def prepare(self, planned: Mapping[int, PlannedRow]) -> None:
        """The planned rows, by lead."""
        self.planned = planned
        self.refused: dict[int, str] = {}
        self.made: list[OutboxRow] = []

    def put(self, out: list[OutboxRow]) -> None:
        """Keep them: the plan says what is written."""
        self.made = out

    def _route(self, lead: Lead, deeds: Sequence[Activity], handoff: Handoff) -> Turn | None:  # noqa: ARG002
        row = self.planned[lead.id]
        holder, _why = self.there.owner(lead.id)
        if why := self._against(row, holder):
            self.refused[lead.id] = why
        handoff.team, handoff.routed_by = row.team, row.reason.removeprefix(f"{row.kind}: ")
        self._given(lead, handoff, row.owner)
        return None if holder else self._turn(row, handoff)

    def _against(self, row: PlannedRow, holder: str) -> str:
        """Why the owner of the plan cannot have the lead, "" for no reason."""
        if holder:
            return sentences.OTHER_OWNER if holder != row.owner else ""
        members = {self.roster.stand_in(member.email) for member in self.roster.members(row.team)}
        members |= {member.email for member in self.roster.members(row.team)}
        if row.team and row.owner not in members:
            return sentences.NOT_IN_TEAM % {"owner": row.owner}
        if self.users is not None and row.owner.casefold() not in {one.casefold() for one in self.users}:
            return sentences.NOT_ACTIVE % {"owner": row.owner, "target": self.flow.crm}
        return ""

    def _turn(self, row: PlannedRow, handoff: Handoff) -> Turn | None:
        """The turn in the ledger, where it is one: given by the plan, settled like any other."""
        ring = self.rings.get(row.team)
        if ring is None:
            return None
        before = ring_before(ring, row.team, self.roster)
        of = turn_of(before, row.owner)
        self.rings[row.team] = give(ring, before, of)
        return Turn(handoff.id, row.team, of, self.now, BY_PLAN, ring.given, write(before))
