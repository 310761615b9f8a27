"""The outbox rows of a handoff: the lead and what hangs on it, keyed so that none comes twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
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
from connector.runs.guard import Guard
from connector.runs.respect import respected
from connector.runs.terms import terms_of
from connector.runs.worth import worth_writing
from connector.steps.consent import consent_names
from connector.steps.sides import cleared_by_marketing
from connector.steps.telling.brief import top_reasons

#: (template, view) -> text; the templates are admins' and run in a sandbox.
Render = Callable[[str, Mapping[str, Any]], str]
#: What every CRM has, where nothing else is known of it.
PLAIN_OBJECTS = ("lead", "task", "note")


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
        "handoff.reason": handoff.reason,
    }
    if handoff.rating is not None:
        values["handoff.rating"] = handoff.rating
    if handoff.opened_at and handoff.contacted_at:
        values["handoff.response_time"] = round((handoff.contacted_at - handoff.opened_at).total_seconds())
    if handoff.worked is not None:
        values["handoff.response_working_time"] = handoff.worked
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
    #: The objects of a connection's CRM (`CrmCapabilities.objects`).
    objects_of: Callable[[str], tuple[str, ...]] = lambda _target: PLAIN_OBJECTS
    #: Connections whose CRM is in our store: nothing arrives there late.
    in_store: Collection[str] = ()
    #: What this run would change so far.
    guard: Guard = field(init=False)

    def __post_init__(self) -> None:
        self.guard = Guard(self.config)

    def refreshed(
        self, tx: Transaction, pairs: Sequence[tuple[Lead, Handoff]], mended: Collection[str] = ()
    ) -> list[OutboxRow]:
        """The `state` rows of leads that a rep has, after something about them changed.

        `mended` are names that are written now though they are written on create only.

        Only where the lead is in the CRM of its flow, or on its way there: whom a rep has in
        another CRM, since the flow was moved to this one, is not made here by halves. A flow that
        observes writes nothing; once it no longer does, all its leads are due. Who was there
        before us as something else than a lead has a task there, and no lead. A lead that was
        converted goes on as the contact it became, where the mapping writes contacts.
        """
        found = []
        for lead, handoff in pairs:
            target, key = self._target_now(lead, handoff), our_key(self.store_id, lead.id)
            if not target or handoff.record:
                continue
            there = tx.outbox.receipts(target, "lead", [key]).get(key)
            if there is not None and there.gone:
                if self._goes_on(tx, target, key):
                    found.append(self.lead(lead, handoff, creating=False, target=target, object="contact"))
            elif there is not None or tx.outbox.rows(lead_id=lead.id, target=target, limit=1):
                row = self.lead(lead, handoff, creating=there is None, target=target)
                if there is not None and mended:
                    full = self.lead(lead, handoff, target=target)
                    row.values |= {name: value for name, value in full.values.items() if name in mended}
                found.append(row)
        worth_writing(tx, self.config, found, {lead.id: lead for lead, _ in pairs})
        return respected(tx, self.config, found, {lead.id: lead for lead, _ in pairs})

    def _goes_on(self, tx: Transaction, target: str, key: str) -> bool:
        """Whether a lead that is gone is there as a contact, and is written to as one."""
        contact = tx.outbox.receipts(target, "contact", [key]).get(key)
        names = {name.casefold() for name in self.config.connections[target].mapping.write_objects}
        origins = self.config.connections[target].mapping.origins("contact")
        written = "contact" in names and bool(origins.keys() - consent_names(origins))
        return contact is not None and not contact.gone and written

    def lead(
        self, lead: Lead, handoff: Handoff, *, creating: bool = True, target: str = "", object: str = "lead"
    ) -> OutboxRow:
        """The `state` row of the lead itself (or of the contact it became); only what differs is sent.

        Fields that a mapping writes on create only are in it while `creating`.
        """
        target = target or self.target(handoff)
        mapping = self.config.connections[target].mapping
        seen = self.view(lead, handoff, target)
        if not creating:
            seen |= dict.fromkeys(cleared_by_marketing(lead, terms_of(self.config, lead.flow)), "")
        values, unsent = mapping.to_platform(object, seen, creating=creating, render=self.render_for(lead, handoff))
        if not creating:
            # What stands of consent goes out by itself, before anything else.
            of_consent = consent_names(mapping.origins(object))
            values = {name: value for name, value in values.items() if name not in of_consent}
        key = our_key(self.store_id, lead.id)
        self.not_sent(target, unsent, object, lead.id)
        return OutboxRow(
            target=target, kind="state", object=object, our_key=key, key=f"{target}:{object}:{key}",
            values=values, lead_id=lead.id, lane=self._lane(handoff), flow=handoff.flow, run_id=self.run_id,
        )  # fmt: skip

    def view(self, lead: Lead, handoff: Handoff, target: str) -> dict[str, Value]:
        """All that a write mapping may name, the owner by the address that `target` knows them by."""
        return view(lead, handoff) | {"owner": self.config.address_at(target, handoff.owner)}

    def render_for(self, lead: Lead, handoff: Handoff) -> Render:
        """The rendering of templates for one lead, in its owner's language: they may call `top_reasons(3)`."""
        translate = translator(self.config.language_of(handoff.owner))

        def reasons(n: int = 3) -> str:
            return top_reasons(lead.score, n, translate)

        return lambda template, seen: self.render(template, {**seen, "top_reasons": reasons})

    def mapped(self, lead: Lead, handoff: Handoff, object: str, more: Mapping[str, Value]) -> dict[str, Any] | None:
        """The values of `object` as the mapping of the handoff's CRM says, None where it has no lines for it.

        What is blank is left out: these objects are created, not changed.
        """
        target = self.target(handoff)
        mapping = self.config.connections[target].mapping
        if object not in {name.casefold() for name in mapping.write_objects}:
            return None
        values, unsent = mapping.to_platform(
            object, self.view(lead, handoff, target) | dict(more), creating=True, render=self.render_for(lead, handoff)
        )
        self.not_sent(target, unsent, object)
        return {name: value for name, value in values.items() if value not in (None, "")}

    def once(self, lead: Lead, handoff: Handoff, object: str, values: dict[str, Any], ordinal: int = 1) -> OutboxRow:
        """A `once` row that hangs on the lead, or on the record that was there before: its key names the event."""
        target = self.target(handoff)
        event = self.event(handoff, object, ordinal)
        parent = our_key(self.store_id, lead.id)
        there = handoff.record.partition(":")[0]
        return OutboxRow(
            target=target, kind="once", object=object, our_key=event, key=f"{target}:{event}", values=values,
            lead_id=lead.id, lane=self._lane(handoff), after="" if there else f"{target}:lead:{parent}", parent=parent,
            parent_object=there or "lead", flow=handoff.flow, run_id=self.run_id,
        )  # fmt: skip

    def shared(self, lead: Lead, handoff: Handoff, object: str, key: str, values: dict[str, Any]) -> OutboxRow:
        """A `once` row of something that several leads have in common, known by `key`: the first of them makes it."""
        target, ours = self.target(handoff), f"{self.store_id}-{key}"
        return OutboxRow(
            target=target, kind="once", object=object, our_key=ours, key=f"{target}:{object}:{ours}", values=values,
            lead_id=lead.id, lane=self._lane(handoff), flow=handoff.flow, run_id=self.run_id,
        )  # fmt: skip

    def event(self, handoff: Handoff, object: str, ordinal: int = 1) -> str:
        """The key of something that is made once for a handoff: it names the event, not the content."""
        return f"{self.store_id}:handoff-{handoff.id}:{object}:{ordinal}"

    def not_sent(self, target: str, unsent: Sequence[tuple[str, str]], object: str, lead_id: int = 0) -> None:
        """Keep notices of (their field, why it is left unsent); of many leads, the last stands for all."""
        self.unsent += [self._notice(target, name, why, object, lead_id) for name, why in unsent]

    def take_unsent(self) -> list[ReviewItem]:
        """Notices of fields that were left unsent since the last call: that field alone stops."""
        notices, self.unsent = list({item.key: item for item in self.unsent}.values()), []
        return notices

    def _notice(self, target: str, name: str, why: str, object: str, lead_id: int) -> ReviewItem:
        reason, body = f"{sentences.NOT_SENT}: {why}", {"object": object}
        return ReviewItem("notice", f"unsent:{target}:{name}", target, reason, name, lead_id, target, body=body)

    def target(self, handoff: Handoff) -> str:
        """The CRM that a handoff goes to."""
        return self.config.flows[handoff.flow].crm

    def _target_now(self, lead: Lead, handoff: Handoff) -> str:
        """The CRM of the handoff's flow, or, where that is gone, of the flow that has the lead; "" for none now."""
        flow = self.config.flows.get(handoff.flow) or self.config.flows.get(lead.flow)
        return flow.crm if flow and flow.mode != "observe" else ""

    def _lane(self, handoff: Handoff) -> int:
        return LANES["hot"] if handoff.hot else LANES["normal"]
