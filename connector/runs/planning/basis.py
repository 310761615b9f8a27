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


def what_changed(before: str, now: str) -> str:
    """The sentence for a basis that is not as it was; "" where it is."""
    pairs = list(zip(before.split("."), now.split("."), strict=False))
    said = (sentences.LEAD_CHANGED, sentences.DECISION_CHANGED, sentences.WRITTEN_SINCE, sentences.CHANGED_SINCE)
    # What stands outside comes first: what is read back from there changes the lead, too.
    order = (3, 2, 1, 0)
    if len(pairs) != len(said):
        return sentences.CHANGED_SINCE
    return next((said[place] for place in order if pairs[place][0] != pairs[place][1]), "")


def _only(names: Iterable[str], values: Mapping[str, Any]) -> list[Any]:
    folded = {name.casefold(): value for name, value in values.items()}
    return [folded.get(name.casefold()) for name in names]


def _short(said: Any) -> str:
    return digest(said)[:LENGTH]
