"""Everything that is written for one handoff: the lead, the task that tells its owner to call, the brief."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connector.locale import translator
from connector.model import sentences
from connector.model.handoff import Handoff
from connector.model.lead import Lead, display_name
from connector.model.outbox import OutboxRow
from connector.runs.questions import question_line
from connector.runs.rows import Rows, iso
from connector.steps.existing import subject
from connector.steps.telling.brief import spared


def rows_of_handoff(rows: Rows, lead: Lead, handoff: Handoff) -> list[OutboxRow]:
    """The rows of a handoff, in the order in which they may go out.

    What there is beside the lead depends on the objects of its CRM. On a record that was there before us
    (`handoff.record`) there is a task and a note, and nothing else is made; what is around a lead is there once it is
    handed to the next team. Where the lead is a task itself, a
    `handover` (or a `comment`, which a new lead has too) tells whoever has it that it is handed over.
    """
    objects = rows.objects_of(rows.target(handoff))
    found = [] if handoff.record else [rows.lead(lead, handoff)]
    if not handoff.record and not handoff.previous_id:
        found += _around(rows, lead, handoff, objects)
    only, translate = spared(lead), translator(rows.config.language_of(handoff.owner))
    text = (translate(only) if only else "") if "note" in objects else handoff.brief
    text = "\n\n".join(part for part in (text, question_line(rows, lead, handoff, translate)) if part)
    if "task" in objects:
        found.append(rows.once(lead, handoff, "task", _task(rows, lead, handoff, text)))
    told = [name for name in ("handover", "comment") if name in objects]
    found += [rows.once(lead, handoff, name, rows.mapped(lead, handoff, name, {}) or {}) for name in told]
    if "note" in objects:
        note = rows.mapped(lead, handoff, "note", {})
        found.append(rows.once(lead, handoff, "note", note if note is not None else {"text": handoff.brief}))
    return found


def _around(rows: Rows, lead: Lead, handoff: Handoff, objects: tuple[str, ...]) -> Iterator[OutboxRow]:
    """What a new lead has beside it: its company, a record of its own, its membership of a campaign, a checklist."""
    domain = str(lead.fields.get("company.domain") or "")
    if domain and {"company", "association"} <= set(objects):
        values = rows.mapped(lead, handoff, "company", {})
        if values:
            company = rows.shared(lead, handoff, "company", domain, values)
            yield company
            yield rows.once(lead, handoff, "association", {"company": company.our_key})
    for object in ("sales_lead", "member", "checklist"):
        if object in objects and (values := rows.mapped(lead, handoff, object, {})):
            yield rows.once(lead, handoff, object, values)


def _task(rows: Rows, lead: Lead, handoff: Handoff, text: str) -> dict[str, Any]:
    """The task as the mapping says it, else in our own words; `text` is the brief where there is no other place."""
    own = task_of(rows, lead, handoff) | ({"text": text} if text else {})
    key = {"task.key": rows.event(handoff, "task"), "task.text": text}
    values = rows.mapped(lead, handoff, "task", key | {f"task.{name}": value for name, value in own.items()})
    return values if values is not None else own


def task_of(rows: Rows, lead: Lead, handoff: Handoff) -> dict[str, str]:
    """The task in our own words: whom to call or to write to, by when, how urgent."""
    language = rows.config.language_of(handoff.owner)
    translate = translator(language)
    named = (display_name(lead, language), lead.fields.get("company.name"))
    who = " · ".join(str(part) for part in named if part) or translate(sentences.LEAD) % {"id": lead.id}
    return {
        "subject": subject(handoff.record, who, translate, calls=spared(lead) != sentences.NO_CALLS),
        "owner": rows.config.address_at(rows.target(handoff), handoff.owner),
        "due_at": iso(handoff.due_at),
        "priority": "high" if handoff.hot else "normal",
    }
