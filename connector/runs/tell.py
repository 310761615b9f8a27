"""Tell marketing where its leads stand: fields of its contacts, lists joined and left.

Whom nothing has happened to yet (`known`, and never anything else) is not written about. What a
source's mapping does not write is not told; a flow that only observes tells nothing, and what it did
not tell is made up for once it is live: what a list should have is held against what it was told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from connector.config import Config, Connection, Flow
from connector.config.types import Reason
from connector.model.fields import OWN_FIELDS, Value
from connector.model.handoff import Handoff
from connector.model.lead import CONTACT, Lead, Link
from connector.model.outbox import LANES, OutboxRow, Receipt
from connector.model.ports import Transaction
from connector.model.stages import Stage
from connector.runs.held import still_said
from connector.runs.rows import Rows, view
from connector.runs.terms import terms_of
from connector.runs.untouched import untouched
from connector.steps.consent import consent_names, no_mail
from connector.steps.field_rules import OF_SCORE
from connector.steps.returning import AWAY
from connector.steps.sides import Terms, statement, wish_for

MEMBERSHIP = "membership"


@dataclass(frozen=True, slots=True)
class Change:
    """A lead about which there is something to tell; the stage it was in, and the list of the reason for that."""

    lead: Lead
    was: Stage
    was_list: str = ""


def reason_list(config: Config, lead: Lead, handoff: Handoff | None) -> str:
    """The marketing list of the reason that a lead is away for, "" for none."""
    reason = reason_of(config.flows.get(lead.flow), lead, handoff)
    return reason.list if reason else ""


def reason_of(flow: Flow | None, lead: Lead, handoff: Handoff | None) -> Reason | None:
    """The reason that a lead is away for; a deal that was lost for none has that of the name `lost`."""
    if flow is None or handoff is None or lead.stage not in AWAY:
        return None
    return flow.reasons.get(handoff.reason or ("lost" if lead.stage == "lost" else ""))


def tell(tx: Transaction, rows: Rows, changes: Sequence[Change], now: datetime) -> list[OutboxRow]:
    """The rows that tell the sources of these leads what became of them; nothing is stored here."""
    found: list[OutboxRow] = []
    by_flow: dict[str, list[Change]] = {}
    for change in changes:
        by_flow.setdefault(change.lead.flow, []).append(change)
    for name, some in by_flow.items():
        flow = rows.config.flows.get(name)
        if flow is None or flow.mode == "observe":
            continue
        latest = _latest(tx, [change.lead.id for change in some])
        for source in flow.sources:
            connection = rows.config.connections[source]
            if connection.mapping.written(CONTACT) and CONTACT in rows.objects_of(source):
                found += still_said(tx, _Teller(tx, rows, flow, connection, latest, now).rows_of(some))
    return found


def why_is_told(tx: Transaction, rows: Rows, lead: Lead, handoff: Handoff | None) -> bool:
    """Whether a source that has this lead is told the reason that it is away for: in a field, or by a list."""
    flow = rows.config.flows.get(lead.flow)
    if flow is None or flow.mode == "observe":
        return False
    by_list = bool(reason_list(rows.config, lead, handoff))
    for source in flow.sources:
        mapping, objects = rows.config.connections[source].mapping, rows.objects_of(source)
        by_field = any("handoff.reason" in of for of in mapping.origins(CONTACT).values())
        heard = by_field or (by_list and MEMBERSHIP in objects)
        if heard and mapping.written(CONTACT) and CONTACT in objects:
            links = tx.intake.links_of([lead.id], source).get(lead.id, ())
            if any(told_to(link) for link in links):
                return True
    return False


def _latest(tx: Transaction, ids: Sequence[int]) -> dict[int, Handoff]:
    return {lead_id: _said_by(handoffs) for lead_id, handoffs in tx.handoffs.of_leads(ids).items() if handoffs}


def _said_by(handoffs: Sequence[Handoff]) -> Handoff:
    """The latest; while nobody of the next team has the lead the one before it."""
    last = handoffs[-1]
    before = next((one for one in handoffs if one.id == last.previous_id), last)
    return before if last.opened_at is None else last


@dataclass(slots=True)
class _Teller:
    """Rows for one flow and one of its sources."""

    tx: Transaction
    rows: Rows
    flow: Flow
    connection: Connection
    latest: Mapping[int, Handoff]
    now: datetime
    waiting: Mapping[str, OutboxRow] = field(default_factory=dict)
    untouched: frozenset[int] = frozenset()

    def rows_of(self, changes: Sequence[Change]) -> list[OutboxRow]:
        links = self.tx.intake.links_of([change.lead.id for change in changes], self.connection.name)
        pairs = [(change, link) for change in changes for link in links.get(change.lead.id, ()) if told_to(link)]
        name = self.connection.name
        receipts = self.tx.outbox.receipts(name, CONTACT, [link.external_id for _, link in pairs])
        places = [_place(one, link) for one in sorted(self._lists()) for _, link in pairs]
        members = self.tx.outbox.receipts(name, MEMBERSHIP, places)
        keys = [_key(name, CONTACT, key) for key in receipts] + [_key(name, MEMBERSHIP, place) for place in places]
        self.waiting = self.tx.outbox.unfinished(keys)
        if self._untouched_list():
            self.untouched = frozenset(untouched(self.tx, self.flow.name))
        found = []
        for change, link in pairs:
            row = self._contact(change, link, self._about_to_be(CONTACT, receipts.get(link.external_id)))
            found += [row] if row else []
            if MEMBERSHIP in self.rows.objects_of(name):
                found += self._memberships(change, link, members)
        return found

    def _about_to_be(self, object: str, told: Receipt | None) -> Receipt | None:
        """What marketing was told, with what is on its way there; None for what must be said again."""
        row = self.waiting.get(_key(told.target, object, told.our_key)) if told else None
        if told is None or row is None:
            return told
        return None if row.state == "dead" else replace(told, values=told.values | row.values)

    def _contact(self, change: Change, link: Link, known: Receipt | None) -> OutboxRow | None:
        lead, mapping = change.lead, self.connection.mapping
        # Of someone who was never handed over, there is nothing to tell of a handoff.
        handoff = self.latest.get(lead.id) or Handoff(lead.id, lead.flow, "", "closed", self.now, "")
        seen = view(lead, handoff)
        wanted = self._plain(lead, link, seen)
        values, unsent = mapping.to_platform(CONTACT, seen, creating=False, render=self.rows.render_for(lead, handoff))
        values = {name: value for name, value in values.items() if wanted.get(name, True)}
        of_consent = consent_names(mapping.origins(CONTACT))
        values = {name: value for name, value in values.items() if name not in of_consent}
        self.rows.not_sent(self.connection.name, unsent, CONTACT, lead.id)
        if not values:
            return None
        if known is not None and (unheard := wanted.keys() & values.keys() - known.values.keys()):
            known = self._as_it_stands(lead, known, unheard)
        if not values or (known is not None and not self._worth(change, values, known)):
            return None
        return self._row(CONTACT, link.external_id, values, lead, link.external_id)

    def _plain(self, lead: Lead, link: Link, seen: dict[str, Value]) -> dict[str, bool]:
        """Which of their fields that are not Baton's own are told: those in which the source is to say something else.

        So are those of which something else is on its way there, that nobody wants any more. What the source is to say
        is put into what the mapping sees.
        """
        row = self.waiting.get(_key(self.connection.name, CONTACT, link.external_id))
        on_its_way = row.values if row else {}
        origins, terms = self.connection.mapping.origins(CONTACT), terms_of(self.rows.config, lead.flow)
        told: dict[str, bool] = {}
        for name, of in origins.items():
            plain = [one for one in of if one not in OWN_FIELDS]
            if of and len(plain) == len(of):
                wishes = [one for one in plain if self._differs(lead, one, terms, seen)]
                told[name] = bool(wishes)
                if not wishes and name in on_its_way:
                    seen |= {one: self._says(lead, one) for one in plain}
                    told[name] = True
        return told

    def _differs(self, lead: Lead, name: str, terms: Terms, seen: dict[str, Value]) -> bool:
        wish = wish_for(lead, name, self.connection.name, terms)
        if wish is None:
            return False
        seen[name] = "" if wish.value is None else wish.value
        return True

    def _says(self, lead: Lead, name: str) -> Value:
        """What the source says itself, "" for a blank."""
        said = statement(lead, self.connection.name, name)
        return "" if said is None or said.value is None else said.value

    def _as_it_stands(self, lead: Lead, known: Receipt, names: Collection[str]) -> Receipt:
        """The receipt with what the source says in fields that it was never told: what differs from that is sent."""
        origins = self.connection.mapping.origins(CONTACT)
        seen = {of: self._says(lead, of) for name in names for of in origins[name]}
        there, _ = self.connection.mapping.to_platform(CONTACT, seen, creating=False)
        stands = {name: value for name, value in there.items() if name in names}
        self.tx.outbox.put_receipts([replace(known, values=stands)])
        return replace(known, values={**known.values, **stands})

    def _worth(self, change: Change, values: Mapping[str, Any], known: Receipt) -> bool:
        """Whether what differs from what marketing has is more than a point or two."""
        differs = {name for name, value in values.items() if known.values.get(name) != value}
        origins = self.connection.mapping.origins(CONTACT)
        if any(not OF_SCORE.issuperset(origins[name]) for name in differs if origins.get(name)):
            return True
        score = change.lead.score
        names = {of[0]: name for name, of in origins.items() if len(of) == 1}
        total = known.values.get(names.get("score.total", ""))
        grade = known.values.get(names.get("grade", ""))
        if not differs or score is None:
            return False
        told = _number(total, score.total)
        return self.flow.criteria.worth_writing(told, str(grade or score.grade), score.total, score.grade)

    def _memberships(self, change: Change, link: Link, told: Mapping[str, Receipt]) -> Iterator[OutboxRow]:
        """Rows for the lists that the contact is to join, and those that it is to leave."""
        nurture = self.flow.criteria.nurture_list
        joins = {nurture} if change.lead.stage == "warm" and not no_mail(change.lead) else set()
        joins.add(reason_list(self.rows.config, change.lead, self.latest.get(change.lead.id)))
        if change.lead.stage == "warm" and change.lead.id in self.untouched and not no_mail(change.lead):
            joins.add(self._untouched_list())
        was = {nurture} if change.was == "warm" else set()
        was.add(change.was_list)
        known = {name: self._member(_place(name, link), told) for name in self._lists()}
        there = {name for name, member in known.items() if member}
        was |= {name for name, member in known.items() if member is None}
        for name in sorted((joins - there) - {""}):
            yield self._membership(name, True, change.lead, link)
        # One that it has just been told to join may still be on its way.
        for name in sorted((was | there) - joins - {""}):
            yield self._membership(name, False, change.lead, link)

    def _member(self, place: str, told: Mapping[str, Receipt]) -> bool | None:
        """Whether marketing has the contact on a list, or is about to; None where that is refused as yet."""
        row, receipt = self.waiting.get(_key(self.connection.name, MEMBERSHIP, place)), told.get(place)
        if row is not None:
            return None if row.state == "dead" else bool(row.values.get("member"))
        return receipt is not None and bool(receipt.values.get("member"))

    def _lists(self) -> set[str]:
        """Every list that the flow lets leads join."""
        reasons = (reason.list for reason in self.flow.reasons.values())
        return {self.flow.criteria.nurture_list, self._untouched_list(), *reasons} - {""}

    def _untouched_list(self) -> str:
        """The list of those whom nobody got in touch with, "" for none."""
        return self.flow.criteria.untouched.list if self.flow.criteria.untouched else ""

    def _membership(self, name: str, member: bool, lead: Lead, link: Link) -> OutboxRow:
        values = {"list": name, "contact": link.external_id, "member": member}
        return self._row(MEMBERSHIP, _place(name, link), values, lead, "")

    def _row(self, object: str, key: str, values: dict[str, Any], lead: Lead, crm_id: str) -> OutboxRow:
        target = self.connection.name
        return OutboxRow(
            target=target, kind="state", object=object, our_key=key, key=_key(target, object, key), values=values,
            lead_id=lead.id, lane=LANES["status"], flow=self.flow.name, run_id=self.rows.run_id, crm_id=crm_id,
        )  # fmt: skip


def told_to(link: Link) -> bool:
    """Whether a link is the source's own, live record of the person, and not an id that another one left."""
    return link.object == CONTACT and not link.origin and not link.gone and not link.merged


def _place(name: str, link: Link) -> str:
    return f"{name}:{link.external_id}"


def _key(target: str, object: str, key: str) -> str:
    return f"{target}:{object}:{key}"


def _number(told: Any, otherwise: int) -> int:
    try:
        return int(told)
    except (TypeError, ValueError):
        return otherwise
