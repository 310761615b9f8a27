"""Whether recorded decisions come out the same when they are taken again, each under the criteria it was made by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.config import Config
from connector.model.activity import Activity
from connector.model.joining import Joining
from connector.model.lead import Lead
from connector.model.ports import Store, Transaction
from connector.runs.replay import Versions, decisions
from connector.steps.replaying import Decision, Kept

BATCH = 500
#: So many decisions that come out otherwise are named; the others are counted.
MOST_TOLD = 100


@dataclass(frozen=True, slots=True)
class Differs:
    """A decision that comes out otherwise: `names` of what (stage, total, grade, hot), and its points, was and is."""

    lead_id: int
    at: datetime
    names: tuple[str, ...]
    was: int
    now: int


@dataclass(slots=True)
class Reproduced:
    """Of `decisions`, so many are the `same`, so many come out otherwise (`differs`).

    The rest cannot be taken again, by `why`: activities deleted, fields said anew, leads made one, and so on. Of those
    that are the same, `inferred` needed older words of a field, or an activity left out that was read later.
    """

    decisions: int = 0
    same: int = 0
    inferred: int = 0
    differs: int = 0
    why: Counter[str] = field(default_factory=Counter)
    examples: list[Differs] = field(default_factory=list)


def reproduced(store: Store, config: Config, flow: str = "") -> Reproduced:
    """Take every recorded handoff's decision again, of one flow or all. Nothing is written."""
    found, after = Reproduced(), 0
    with store.read() as tx:
        versions, complete = Versions(tx, config), tx.retention.complete_from().get("activities")
        while ids := tx.intake.lead_numbers(after, BATCH):
            after = ids[-1]
            made = _decisions(tx, ids, flow)
            if made:
                _batch(tx, versions, complete, made, found)
    return found


def _decisions(tx: Transaction, ids: Sequence[int], flow: str) -> dict[int, list[Decision]]:
    given = tx.handoffs.of_leads(ids)
    moved = tx.scores.transitions_of(list(given)) if given else {}
    found = {
        lead: [
            one for one in decisions(moved.get(lead, ()), some) if one.to == "mql" and flow in ("", one.flow)
        ]
        for lead, some in given.items()
    }  # fmt: skip
    return {lead: some for lead, some in found.items() if some}


def _batch(
    tx: Transaction, versions: Versions, complete: datetime | None, made: Mapping[int, Sequence[Decision]],
    found: Reproduced,
) -> None:  # fmt: skip
    leads, activities = tx.intake.leads(list(made)), tx.intake.activities(list(made))
    joined: dict[int, list[Joining]] = {}
    for one in tx.joinings.of_leads(list(made)):
        for lead_id in (one.winner, one.loser):
            joined.setdefault(lead_id, []).append(one)
    for lead_id, some in made.items():
        if leads[lead_id].merged_into:
            continue
        kept = Kept(complete, joined.get(lead_id, ()))
        for decision in some:
            _count(versions, decision, lead_id, leads[lead_id], activities.get(lead_id, ()), kept, found)


def _count(
    versions: Versions, decision: Decision, lead_id: int, lead: Lead, activities: Sequence[Activity], kept: Kept,
    found: Reproduced,
) -> None:  # fmt: skip
    again = versions.replayed(decision, lead, activities, kept)
    found.decisions += 1
    if again.result == "same":
        found.same += 1
        found.inferred += bool(again.late or again.older)
    elif again.result == "unknown":
        found.why[again.doubts[0][0]] += 1
    else:
        found.differs += 1
        if len(found.examples) < MOST_TOLD:
            found.examples.append(Differs(lead_id, decision.at, again.differing, decision.total, again.total))
