"""What a rep is asked to find out about a lead (`asks` of the gates), where the CRM has no place of its own for it."""

from __future__ import annotations

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.runs.rows import Rows
from connector.steps.conditions.fields import is_blank
from connector.steps.scoring.gates import OF_PEOPLE
from connector.steps.telling.words import Translate, field_name

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

TO_FIND_OUT = N_("Please find out: %(fields)s.")
#: The field that the answer to a question stands in, where that has another name.
_FIELDS = {"fit": "fit_confirmed"}


def open_questions(rows: Rows, lead: Lead, handoff: Handoff) -> list[str]:
    """The fields that a rep is to find out: those that the gates ask for and nobody has said yet, each once.

    Whoever gets the lead from another team is asked nothing: those asked before them.
    """
    flow = rows.config.flows.get(handoff.flow)
    if flow is None or handoff.previous_id:
        return []
    gates = [flow.criteria.people_gates.get(name) for name in OF_PEOPLE]
    asked = dict.fromkeys(_FIELDS.get(one, one) for gate in gates if gate for one in gate.asks)
    return [name for name in asked if is_blank(lead.fields.get(name))]


def question_line(rows: Rows, lead: Lead, handoff: Handoff, translate: Translate) -> str:
    """What to find out, in a line for the text of the task; "" where the CRM has fields or a checklist for it all."""
    target = rows.target(handoff)
    if "checklist" in rows.objects_of(target):
        return ""
    origins = rows.config.connections[target].mapping.origins("lead")
    places = {of for some in origins.values() for of in some}
    left = [name for name in open_questions(rows, lead, handoff) if name not in places]
    if not left:
        return ""
    names = translate(N_(", ")).join(field_name(name, translate) for name in left)
    return translate(TO_FIND_OUT) % {"fields": names}
