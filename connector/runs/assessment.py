"""A lead that was judged, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connector.config import Flow
from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import ReviewItem
from connector.model.score import Score
from connector.model.stages import Stage
from connector.runs.returning import Back
from connector.steps.qualification import Judgement


@dataclass(slots=True)
class Assessment:
    """One lead judged: where it stood, what was found, and the handoffs it has open."""

    lead: Lead
    flow: Flow
    facts: Facts
    score: Score
    judgement: Judgement
    was: Stage
    handoffs: Sequence[Handoff] = ()
    back: Back | None = None


def deeds(one: Assessment) -> list[Activity]:
    """Everything the lead did, as far as it counts."""
    return [activity for kind in one.facts.activities.values() for activity in kind]


def worth_telling(one: Assessment, handoff: Handoff, changed: frozenset[int]) -> bool:
    """Whether the CRM's copy is to be refreshed; a flow that only observes writes nothing."""
    return one.flow.mode != "observe" and (one.lead.id in changed or score_moved(one, handoff))


def score_moved(one: Assessment, handoff: Handoff) -> bool:
    """Whether the score differs enough from what the CRM was given (`write_score`)."""
    score = one.score
    return one.flow.criteria.worth_writing(handoff.total, handoff.grade, score.total, score.grade)


def catch_up(one: Assessment, handoff: Handoff) -> bool:
    """Keep what still waits in its present order: how hot it is, and its points; whether they changed."""
    before = (handoff.hot, handoff.total, handoff.grade)
    handoff.hot, handoff.total, handoff.grade = one.judgement.hot, one.score.total, one.score.grade
    return before != (handoff.hot, handoff.total, handoff.grade)


def missing_key(lead: Lead) -> str:
    """The key of the fix queue's item for a lead."""
    return f"lead-{lead.id}"


def missing_item(one: Assessment, owner: str) -> ReviewItem:
    """A lead that passed the gate but lacks required fields, for `owner` to complete."""
    names = ", ".join(one.judgement.missing)
    return ReviewItem(
        "missing_fields", missing_key(one.lead), f"lead {one.lead.id}", f"passed the gate, but lacks {names}",
        names, one.lead.id, flow=one.flow.name, body={"owner": owner},
    )  # fmt: skip
