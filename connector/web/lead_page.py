"""What the page of a lead shows, read in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connector.config import Flow
from connector.insight.consented import consent_of
from connector.model.consent import ConsentEvent
from connector.model.fields import Value, field_type
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.ports import Transaction
from connector.runs import desk_acts
from connector.runs.desk_record import connection_of
from connector.runs.rows import our_key
from connector.steps.consent import FIELDS
from connector.steps.feedback import TOUCHES
from connector.steps.telling.brief import brief, top_contributions
from connector.steps.telling.vocabulary import CHANNELS
from connector.steps.telling.words import Words, field_name, rule_name, stage
from connector.web.mine import Mine, called
from connector.web.saying import event_words
from connector.web.visit import Sent, Visit

#: What a rep is asked where a gate of the flow asks nothing of its own.
ASKED = {"sal": ("budget", "authority", "need", "timing", "fit"), "sql": ("conversation",)}
REASONS, COLLEAGUES, HISTORY = 6, 8, 12
#: Letters of an answer, as the page's fields take them.
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Question:
    """Something that a rep is asked: the form's field, its label, whether it is yes or no, what is known."""

    name: str
    label: str
    is_yes_no: bool
    known: str = ""


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the same company. `href` is "" where the reader does not see them."""

    name: str
    title: str
    stage: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class LeadPage:
    """Everything that is shown. `can` are the acts that are open (`accept`, `reject` ...), `record` is the lead's id in
    the CRM `crm`; `elsewhere`: that is another system.
    """

    lead: Lead
    handoff: Handoff
    stage: str
    brief: str
    reasons: Sequence[tuple[str, str, int]]
    questions: Mapping[str, Sequence[Question]]
    answered: Sequence[tuple[str, str]]
    history: Sequence[tuple[str, str, str]]
    colleagues: Sequence[Colleague]
    consent: Sequence[tuple[str, str]]
    can: frozenset[str]
    crm: str
    record: str
    elsewhere: bool
    reject_for: Sequence[str]
    colleagues_of_owner: Sequence[str]


def latest(handoffs: Sequence[Handoff]) -> Handoff | None:
    """The handoff that a lead's page is about: the latest that somebody was given, else the latest."""
    some = [one for one in handoffs if one.opened_at] or list(handoffs)
    return some[-1] if some else None


def lead_page(
    visit: Visit, tx: Transaction, lead_id: int, handoff: Handoff, whose: Mine, *, in_store: bool
) -> LeadPage:
    """Read it. `in_store`: the lead is on our own desk."""
    config, words = visit.app.config, visit.words
    lead = tx.intake.leads([lead_id])[lead_id]
    flow, crm = config.flows.get(handoff.flow), connection_of(config, handoff)
    receipts = tx.outbox.receipts(crm, "lead", [our_key(tx.admin.store_id(), lead.id)]) if crm else {}
    record = next((one.crm_id for one in receipts.values()), "") or handoff.record
    touches = tx.mirror.find(crm, "person", [record], ["task"]).get(record, []) if record and in_store else []
    events = tx.handoff_events.of_handoffs([handoff.id]).get(handoff.id, ())
    consents = tx.consents.of_leads([lead.id]).get(lead.id, ())
    return LeadPage(
        lead=lead,
        handoff=handoff,
        stage=stage(lead.stage, words.translate),
        brief=_brief(visit, tx, lead, handoff, flow),
        reasons=[(rule_name(one.rule, words.translate), words.evidence(one.evidence), one.points)
                 for one in top_contributions(lead.score, REASONS)],
        questions={gate: _questions(flow, gate, lead, words) for gate in ASKED} if in_store else {},
        answered=_answered(flow, lead, words),
        history=_history(events, touches, words),
        colleagues=_colleagues(tx, lead, whose, words),
        consent=_consent(lead, consents, words),
        can=_can(visit, lead, handoff, in_store=in_store),
        crm=crm,
        record=record,
        elsewhere=not in_store,
        reject_for=tuple(flow.reasons) if flow else (),
        colleagues_of_owner=[one for one in _team(visit, handoff) if one != handoff.owner],
    )  # fmt: skip


def _brief(visit: Visit, tx: Transaction, lead: Lead, handoff: Handoff, flow: Flow | None) -> str:
    """As it was handed over; in another language than that it is put together anew."""
    words = visit.words
    if handoff.brief and (flow is None or flow.language == words.language):
        return handoff.brief
    deeds = tx.intake.activities([lead.id]).get(lead.id, [])
    return brief(
        lead, lead.score, deeds, handoff=handoff, language=words.language, translate=words.translate, now=words.now,
        zone=words.zone,
    )  # fmt: skip


def asked(flow: Flow | None, gate: str) -> tuple[str, ...]:
    """The canonical fields that a gate of people asks for."""
    said = flow.criteria.people_gates.get(gate) if flow else None
    names = said.asks if said and said.asks else ASKED[gate]
    return tuple(desk_acts.FIT if name == "fit" else name for name in names)


def _questions(flow: Flow | None, gate: str, lead: Lead, words: Words) -> list[Question]:
    return [
        Question(name, field_name(name, words.translate), is_yes_no(name), _known(lead.fields.get(name)))
        for name in asked(flow, gate)
    ]


def counted(visit: Visit, handoff: Handoff) -> tuple[str, ...]:
    """The kinds of touches that are contact in a handoff's flow: no other one would have any effect."""
    flow = visit.app.config.flows.get(handoff.flow)
    return tuple(kind for kind in TOUCHES if flow is None or kind in flow.clock.touch)


def is_yes_no(name: str) -> bool:
    """Whether a field is answered by yes or no."""
    type_ = field_type(name)
    return type_ is not None and type_.kind == "boolean"


def _known(value: Value | None) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else "" if value is None else str(value)


def _answered(flow: Flow | None, lead: Lead, words: Words) -> list[tuple[str, str]]:
    names = dict.fromkeys((*asked(flow, "sal"), *asked(flow, "sql")))
    return [(field_name(name, words.translate), words.value(name, lead.fields[name]))
            for name in names if name in lead.fields]  # fmt: skip


def _history(
    events: Sequence[HandoffEvent], touches: Sequence[CrmRecord], words: Words
) -> list[tuple[str, str, str]]:  # fmt: skip
    """(when, what, in whose words), the latest first."""
    notes = {one.id: str(one.values.get("note") or "") for one in touches}
    shown = [one for one in events if event_words(one, words)]
    found = sorted(shown, key=lambda one: one.at, reverse=True)[:HISTORY]
    return [(words.moment(one.at), event_words(one, words), notes.get(one.key.rpartition(":")[2], "")) for one in found]


def _consent(lead: Lead, said: Sequence[ConsentEvent], words: Words) -> list[tuple[str, str]]:
    """What stands, by channel; where nothing was said since, what the record says that the lead was made of."""
    stands = dict(consent_of(said, str(lead.fields.get("email") or ""), words).stands)
    for channel, name in FIELDS.items():
        if name in lead.fields:
            stands.setdefault(words.translate(CHANNELS[channel]), words.value(name, lead.fields[name]))
    return list(stands.items())


def _colleagues(tx: Transaction, lead: Lead, whose: Mine, words: Words) -> list[Colleague]:
    company = tx.companies.of_leads([lead.id]).get(lead.id)
    ids = tx.companies.people([company], COLLEAGUES + 1).get(company, []) if company else []
    others = [one for one in ids if one != lead.id][:COLLEAGUES]
    leads, handoffs = (tx.intake.leads(others), tx.handoffs.of_leads(others)) if others else ({}, {})
    return [_colleague(leads[id], latest(handoffs.get(id, ())), whose, words) for id in others if id in leads]


def _colleague(lead: Lead, handoff: Handoff | None, whose: Mine, words: Words) -> Colleague:
    seen = handoff is not None and whose.has(handoff)
    title = str(lead.fields.get("job_title") or "")
    return Colleague(
        called(lead, words), title, stage(lead.stage, words.translate), f"/leads/{lead.id}" if seen else ""
    )


def _team(visit: Visit, handoff: Handoff) -> list[str]:
    team = visit.app.config.teams.get(handoff.team)
    return [one.email for one in team.members] if team else []


def _can(visit: Visit, lead: Lead, handoff: Handoff, *, in_store: bool) -> frozenset[str]:
    """What may be done about a lead as it stands."""
    found: set[str] = set()
    is_open = handoff.state == "open"
    if is_open:
        found.add("pass")
    if handoff.opened_at and (in_store or desk_acts.can_rate_here(visit.app.config, handoff)):
        found.add("rate")
    if not (in_store and is_open):
        return frozenset(found)
    found |= {"reject", "touch"} if counted(visit, handoff) else {"reject"}
    found |= {"accept"} if lead.stage in ("known", "warm", "mql") else {"answer"}
    found |= {"qualify"} if lead.stage in ("mql", "sal") else set()
    found |= {"deal"} if lead.stage in ("sal", "sql", "opportunity") else set()
    return frozenset(found)


def sent_answers(form: Sent, names: Sequence[str]) -> dict[str, Any]:
    """What a form says of these fields: texts, and booleans of those that are yes or no; "" for nothing."""
    said: dict[str, Any] = {}
    for name in names:
        text = form.text(f"answer.{name}")[:LONGEST]
        said[name] = {"yes": True, "no": False}.get(text, "") if is_yes_no(name) else text
    return said
