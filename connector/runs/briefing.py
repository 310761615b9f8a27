"""Write the brief of a handoff: the shipped one, or as the flow's template says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from connector.config import Flow
from connector.locale import translator
from connector.model import sentences
from connector.model.activity import Activity
from connector.model.errors import RecordError
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import ReviewItem
from connector.runs.rows import Rows, view
from connector.steps.telling.brief import parts

_BLANKS = re.compile(r"\n(?:[ \t]*\n)+")


def write_brief(
    rows: Rows,
    flow: Flow,
    lead: Lead,
    activities: Sequence[Activity],
    handoff: Handoff,
    now: datetime,
    doubts: Sequence[str] = (),
    earlier: Sequence[Handoff] = (),
) -> str:
    """The text of a brief, plain, in the language and on the clock of its owner.

    A template that fails on a lead costs that lead nothing: the shipped brief is written, and a notice kept.
    """
    config = rows.config
    language = config.language_of(handoff.owner)
    told = parts(
        lead, lead.score, activities, handoff=handoff, language=language, translate=translator(language), now=now,
        zone=config.zone_of(handoff.owner), doubts=doubts, earlier=earlier, library=config.library,
    )  # fmt: skip
    shipped = "\n\n".join(text for text in told.values() if text)
    template = flow.briefs.get(language) or flow.briefs.get("")
    if not template:
        return shipped
    seen = view(lead, handoff) | {f"brief.{name}": text for name, text in told.items()} | {"brief.shipped": shipped}
    try:
        # A part about which nothing is known leaves its line empty.
        return _BLANKS.sub("\n\n", rows.render_for(lead, handoff)(template, seen)).strip()
    except RecordError as error:
        rows.unsent.append(_notice(flow, lead, error))
        return shipped


def _notice(flow: Flow, lead: Lead, error: RecordError) -> ReviewItem:
    reason = f"{sentences.BRIEF_SHIPPED}: {error.what}"
    return ReviewItem("notice", f"brief:{flow.name}", flow.name, reason, "brief", lead.id, flow=flow.name)
