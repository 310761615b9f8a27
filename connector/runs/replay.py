"""Every decision about one lead that points made, taken again out of what is stored. Writes nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connector.config import Config, Flow
from connector.config.versions import earlier
from connector.model.activity import Activity
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.model.stages import Transition
from connector.steps.replaying import BY_POINTS, Decision, Kept, Replayed, not_replayed, replay


def replays(tx: Transaction, config: Config, lead: Lead, activities: Sequence[Activity]) -> list[Replayed]:
    """The decisions of points about `lead`, oldest first, each taken again. `activities` are all that are stored."""
    transitions = tx.scores.transitions(lead.id)
    handoffs = tx.handoffs.of_leads([lead.id]).get(lead.id, [])
    flows = Versions(tx, config)
    kept = Kept(tx.retention.complete_from().get("activities"), tx.joinings.of_leads([lead.id]))
    return [flows.replayed(one, lead, activities, kept) for one in decisions(transitions, handoffs)]


def decisions(transitions: Sequence[Transition], handoffs: Sequence[Handoff]) -> Iterator[Decision]:
    """What is recorded as decided by points: moves by the gates, and handoffs whose move is no longer kept."""
    given = {one.decided_at: one for one in handoffs if one.stage == "mql" and one.version}
    moved = sorted((one for one in transitions if one.by == "baton" and one.why in BY_POINTS), key=lambda one: one.at)
    known = {one.at for one in transitions if one.to == "mql"}
    found = [_of_move(one, given, handoffs) for one in moved if one.version]
    found += [
        Decision(one.decided_at, "mql", "", one.flow, one.version, one.total, one.grade, one.hot)
        for at, one in given.items()
        if at not in known
    ]
    yield from sorted(found, key=lambda one: one.at)


def _of_move(one: Transition, given: Mapping[datetime, Handoff], handoffs: Sequence[Handoff]) -> Decision:
    handoff = given.get(one.at) if one.to == "mql" else None
    back = any(other.decided_at < one.at and other.opened_at is not None for other in handoffs)
    hot = handoff.hot if handoff is not None else None
    return Decision(one.at, one.to, one.why, one.flow, one.version, one.total, one.grade, hot, back)


@dataclass(slots=True)
class Versions:
    """Flows as they were under each version of their criteria; each is compiled once."""

    tx: Transaction
    config: Config
    _texts: Mapping[tuple[str, str], str] | None = None
    _flows: dict[tuple[str, str], Flow | None] | None = None

    def replayed(self, decision: Decision, lead: Lead, activities: Sequence[Activity], kept: Kept) -> Replayed:
        """The decision, taken again, or why it cannot be."""
        if decision.flow not in self.config.flows:
            return not_replayed(decision, "flow", decision.flow)
        flow = self.flow(decision.flow, decision.version)
        if flow is None or flow.criteria.version != decision.version:
            return not_replayed(decision, "version", decision.version)
        return replay(decision, lead, activities, flow, kept)

    def flow(self, name: str, version: str) -> Flow | None:
        """The flow under a version, None where its text is not kept."""
        present = self.config.flows[name]
        if present.criteria.version == version:
            return present
        if self._texts is None or self._flows is None:
            self._texts = {(one.flow, one.version): one.text for one in self.tx.ledgers.criteria()}
            self._flows = {}
        if (name, version) not in self._flows:
            text = self._texts.get((name, version))
            self._flows[name, version] = earlier(self.config, present, text) if text is not None else None
        return self._flows[name, version]
