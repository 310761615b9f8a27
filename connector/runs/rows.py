"""The outbox rows of a handoff: the lead, its task and its note, keyed so that none comes twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.config import Config
from connector.locale import translator
from connector.model import sentences
from connector.model.fields import Value
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import LANES, OutboxRow
from connector.model.ports import ReviewItem, Transaction
from connector.steps.telling.brief import top_reasons

#: (template, view) -> text; the templates are admins' and run in a sandbox.
Render = Callable[[str, Mapping[str, Any]], str]


def our_key(store_id: str, lead_id: int) -> str:
    """The key that we choose for a lead in every target: the store's name and our own number."""
    return f"{store_id}-{lead_id}"


def iso(moment: datetime | None) -> str:
    """ISO 8601 in UTC, "" for none."""
    return moment.isoformat() if moment else ""


def view(lead: Lead, handoff: Handoff) -> dict[str, Value]:
    """All that a write mapping may name: the lead's fields and what Baton computed."""
    values: dict[str, Value] = dict(lead.fields)
    values |= {
        "stage": lead.stage,
        "stage_since": iso(lead.stage_since),
        "flow": lead.flow,
        "owner": handoff.owner,
        "handoff.brief": handoff.brief,
        "handoff.due_at": iso(handoff.due_at),
        "handoff.hot": handoff.hot,
        "handoff.opened_at": iso(handoff.opened_at),
    }
    if lead.score is not None:
        score = lead.score
        values |= {"grade": score.grade, "score.total": score.total, "score.fit": score.fit}
        values |= {"score.engagement": score.engagement, "score.intent": score.intent}
    return values


@dataclass(slots=True)
class Rows:
    """Builds rows for the CRM of each flow."""

    config: Config
    store_id: str
    render: Render
    run_id: int = 0
    unsent: list[ReviewItem] = field(default_factory=list)

    def refreshed(self, tx: Transaction, pairs: Sequence[tuple[Lead, Handoff]]) -> list[OutboxRow]:
        """The `state` rows of leads that a rep has, after something about them changed.

        Only where the lead is in the CRM of its flow, or on its way there: whom a rep has in
        another CRM, since the flow was moved to this one, is not made here by halves. A flow that
        observes writes nothing; once it no longer does, all its leads are due.
        """
        found = []
        for lead, handoff in pairs:
            target, key = self._target_now(lead, handoff), our_key(self.store_id, lead.id)
            if not target:
                continue
            there = key in tx.outbox.receipts(target, "lead", [key])
            if there or tx.outbox.rows(lead_id=lead.id, target=target, limit=1):
                found.append(self.lead(lead, handoff, creating=not there, target=target))
        return found

    def lead(self, lead: Lead, handoff: Handoff, *, creating: bool = True, target: str = "") -> OutboxRow:
        """The `state` row of the lead itself; only what differs is sent.

        Fields that a mapping writes on create only are in it while `creating`.
        """
        target = target or self._target(handoff)
        mapping = self.config.connections[target].mapping
        values, unsent = mapping.to_platform(
            "lead", view(lead, handoff), creating=creating, render=self.render_for(lead, handoff)
        )
        key = our_key(self.store_id, lead.id)
        self.unsent += [self._notice(target, name, why) for name, why in unsent]
        return OutboxRow(
            target=target, kind="state", object="lead", our_key=key, key=f"{target}:lead:{key}",
            values=values, lead_id=lead.id, lane=self._lane(handoff), flow=handoff.flow, run_id=self.run_id,
        )  # fmt: skip

    def render_for(self, lead: Lead, handoff: Handoff) -> Render:
        """The rendering of templates for one lead, in its owner's language: they may call `top_reasons(3)`."""
        translate = translator(self.config.language_of(handoff.owner))

        def reasons(n: int = 3) -> str:
            return top_reasons(lead.score, n, translate)

        return lambda template, seen: self.render(template, {**seen, "top_reasons": reasons})

    def once(self, lead: Lead, handoff: Handoff, object: str, values: dict[str, Any], ordinal: int = 1) -> OutboxRow:
        """A `once` row that hangs on the lead: its key names the event, not the content."""
        target = self._target(handoff)
        event = f"{self.store_id}:handoff-{handoff.id}:{object}:{ordinal}"
        parent = our_key(self.store_id, lead.id)
        return OutboxRow(
            target=target, kind="once", object=object, our_key=event, key=f"{target}:{event}", values=values,
            lead_id=lead.id, lane=self._lane(handoff), after=f"{target}:lead:{parent}", parent=parent,
            flow=handoff.flow, run_id=self.run_id,
        )  # fmt: skip

    def take_unsent(self) -> list[ReviewItem]:
        """Notices of fields that were left unsent since the last call: that field alone stops."""
        notices, self.unsent = list({item.key: item for item in self.unsent}.values()), []
        return notices

    def _notice(self, target: str, name: str, why: str) -> ReviewItem:
        reason = f"{sentences.NOT_SENT}: {why}"
        return ReviewItem("notice", f"unsent:{target}:{name}", target, reason, name, connection=target)

    def _target(self, handoff: Handoff) -> str:
        return self.config.flows[handoff.flow].crm

    def _target_now(self, lead: Lead, handoff: Handoff) -> str:
        """The CRM of the handoff's flow, or, where that is gone, of the flow that has the lead; "" for none now."""
        flow = self.config.flows.get(handoff.flow) or self.config.flows.get(lead.flow)
        return flow.crm if flow and flow.mode != "observe" else ""

    def _lane(self, handoff: Handoff) -> int:
        return LANES["hot"] if handoff.hot else LANES["normal"]
