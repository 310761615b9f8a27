"""What a row of a plan was judged on, as a text that differs as soon as any of it does: four digests joined by dots."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connector.model import sentences
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.outbox import Found, Receipt
from connector.runs.planning.document import digest

#: Letters of each digest.
LENGTH = 12
#: How the basis ends of a record that was not asked about.
UNASKED = ".unasked"


def of_lead(lead: Lead, handoff: Handoff | None, version: str) -> str:
    """What is known of the lead, and what was decided about it under which criteria."""
    decided: list[Any] = [lead.flow, lead.stage, version]
    if handoff is not None:
        is_open = handoff.state == "open"
        decided += [handoff.stage, handoff.hot, is_open, handoff.owner, handoff.record]
    return f"{_short(lead.fields)}.{_short(decided)}"


def of_record(receipt: Receipt | None, found: Found | None, names: Iterable[str]) -> str:
    """What the target acknowledged last, and what it holds now, in the fields concerned."""
    names = sorted(names)
    last = [receipt.crm_id, receipt.gone, _only(names, receipt.values)] if receipt else []
    if found is None:
        return _short(last) + UNASKED
    values = found.values[0] if found.values else {}
    return f"{_short(last)}.{_short([list(found.crm_ids[:1]), _only(names, values)])}"


def record_part(before: str) -> str:
    """What of a basis `of_record` has said."""
    return ".".join(before.split(".")[2:])


def what_changed(before: str, now: str) -> str:
    """The sentence for a basis, or the part of it that is about a record, that is not as it was; "" where it is."""
    said = (sentences.LEAD_CHANGED, sentences.DECISION_CHANGED, sentences.WRITTEN_SINCE, sentences.CHANGED_SINCE)
    one, other = before.split("."), now.split(".")
    if len(one) != len(other):
        return sentences.CHANGED_SINCE
    # What stands outside comes first: what is read back from there changes the lead, too.
    differing = [said[-place] for place in range(1, len(one) + 1) if one[-place] != other[-place]]
    return differing[0] if differing else ""


def _only(names: Iterable[str], values: Mapping[str, Any]) -> list[Any]:
    folded = {name.casefold(): value for name, value in values.items()}
    return [folded.get(name.casefold()) for name in names]


def _short(said: Any) -> str:
    return digest(said)[:LENGTH]
