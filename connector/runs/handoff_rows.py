"""Everything that is written for one handoff: the lead, the task that tells its owner to call, the brief."""

from __future__ import annotations

from connector.locale import translator
from connector.model import sentences
from connector.model.handoff import Handoff
from connector.model.lead import Lead, display_name
from connector.model.outbox import OutboxRow
from connector.runs.rows import Rows, iso


def rows_of_handoff(rows: Rows, lead: Lead, handoff: Handoff) -> list[OutboxRow]:
    """The rows of a handoff, in the order in which they may go out."""
    return [
        rows.lead(lead, handoff),
        rows.once(lead, handoff, "task", task_of(rows, lead, handoff)),
        rows.once(lead, handoff, "note", {"text": handoff.brief}),
    ]


def task_of(rows: Rows, lead: Lead, handoff: Handoff) -> dict[str, str]:
    """The task in our own words: whom to call, by when, how urgent."""
    language = rows.config.language_of(handoff.owner)
    translate = translator(language)
    named = (display_name(lead, language), lead.fields.get("company.name"))
    who = " · ".join(str(part) for part in named if part) or translate(sentences.LEAD) % {"id": lead.id}
    return {
        "subject": translate("Call %(who)s") % {"who": who},
        "owner": handoff.owner,
        "due_at": iso(handoff.due_at),
        "priority": "high" if handoff.hot else "normal",
    }
