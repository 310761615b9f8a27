"""Score, qualify, and write down what follows, for a batch of leads in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.config import Flow
from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.handoff import NOT_YET_OUT, Handoff
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.model.stages import Stage, Transition
from connector.runs.accounts import Accounts, Known, Seen
from connector.runs.assessment import Assessment, deeds
from connector.runs.consequences import Consequences
from connector.runs.returning import Returns, ended
from connector.runs.rows import Rows
from connector.runs.terms import terms_of
from connector.runs.untouched import keep, untouched_from
from connector.steps.facts import build
from connector.steps.identity import derive_again
from connector.steps.qualification import judge
from connector.steps.returning import AWAY, over_anew
from connector.steps.sides import settle

#: Why a lead fell back, as it is kept with the transition.
FLOW_GONE = "its flow is gone"
#: Stages in which a lead may have a handoff that is not closed.
WITH_HANDOFF: frozenset[Stage] = frozenset({"mql", "sal", "sql", "opportunity"})

_NOTHING: Mapping[int, Sequence[Activity]] = {}


@dataclass(slots=True)
class Assessor:
    """Judges leads under `flows` (in the order of the config) at `now`."""

    flows: Sequence[Flow]
    rows: Rows
    now: datetime
    counts: Counter[str] = field(default_factory=Counter)
    #: Leads in which other words count since the flow that takes them is known.
    settled: list[Lead] = field(default_factory=list)
    #: Leads that are due by what became of their colleagues.
    others: set[int] = field(default_factory=set)
    returns: Returns = field(init=False)

    def __post_init__(self) -> None:
        self.returns = Returns(self.rows.config, self.now, self.counts)

    def new(self, tx: Transaction, leads: Sequence[Lead]) -> None:
        """Score leads that have no activities yet, store them, and what follows."""
        assessments = self._judge(leads, _NOTHING, {}, None)
        self._stand(assessments)
        for one in assessments:
            self._due_untouched(one)
        self.settled = []
        tx.intake.add_leads(leads, self.now)
        self._consequences().follow(tx, assessments, frozenset())

    def known(
        self,
        tx: Transaction,
        leads: Sequence[Lead],
        activities: Mapping[int, Sequence[Activity]],
        changed: Iterable[int] = (),
    ) -> None:
        """Score stored leads again. The CRM's copy of those in `changed` is refreshed if a rep has them."""
        with_handoff = [lead.id for lead in leads if lead.stage in WITH_HANDOFF or lead.stage in AWAY]
        handoffs = tx.handoffs.of_leads(with_handoff) if with_handoff else {}
        what = self._consequences()
        self._withdraw([lead for lead in leads if lead.id in handoffs], handoffs, what)
        self.returns = Returns(self.rows.config, self.now, self.counts)
        self.returns.prepare(tx, leads, handoffs)
        assessments = self._judge(leads, activities, handoffs, Accounts.of(tx, self.flows, self.now))
        self._keep_back(tx, assessments, handoffs)
        self._stand(assessments)
        self._find_untouched(tx, assessments)
        what.transitions += self.returns.transitions
        if self.settled:
            tx.intake.update_leads(self.settled, self.now)
            tx.keys.wait([lead.id for lead in self.settled])
            self.settled = []
        tx.scores.save(leads)
        self.returns.store(tx)
        what.follow(tx, assessments, frozenset(changed))

    def _consequences(self) -> Consequences:
        return Consequences(self.flows, self.rows, self.now, self.counts)

    def _keep_back(
        self, tx: Transaction, assessments: Sequence[Assessment], handoffs: Mapping[int, Sequence[Handoff]]
    ) -> None:
        """Who was handed over before is over the line again by something new only, and never while a rep has them."""
        over = [one for one in assessments if one.was in ("known", "warm") and one.judgement.gate_passed]
        unknown = [one.lead.id for one in over if one.lead.id not in handoffs]
        known = {**handoffs, **(tx.handoffs.of_leads(unknown) if unknown else {})}
        for one in over:
            if not self._is_new(one, known.get(one.lead.id, ())):
                one.judgement = judge(one.lead, one.facts, one.flow.criteria, (), False, over=False)

    def _is_new(self, one: Assessment, handoffs: Sequence[Handoff]) -> bool:
        if any(handoff.state != "closed" for handoff in handoffs):
            return False
        last = ended(handoffs)
        if last is None or last.closed_at is None:
            return True
        reason = one.flow.reasons.get(last.reason)
        if reason is not None and reason.mend_by:
            return True
        when = reason.back_when if reason is not None else None
        return over_anew(one.lead, deeds(one), one.flow.criteria, one.facts, last.closed_at, when)

    def _withdraw(self, leads: Sequence[Lead], handoffs: Mapping[int, Sequence[Handoff]], what: Consequences) -> None:
        """What had not gone out of a flow that is gone from the config is judged anew, by the flows there are."""
        names = {flow.name for flow in self.flows}
        for lead in leads:
            waiting = [one for one in handoffs[lead.id] if one.state != "closed"]
            if lead.stage != "mql" or lead.flow in names or any(one.state not in NOT_YET_OUT for one in waiting):
                continue
            for handoff in waiting:
                handoff.state = "closed"
            what.changed += waiting
            what.transitions.append(Transition(lead.id, lead.flow, "mql", "known", self.now, "baton", FLOW_GONE))
            lead.stage, lead.stage_since = "known", self.now

    def _judge(
        self,
        leads: Sequence[Lead],
        activities: Mapping[int, Sequence[Activity]],
        handoffs: Mapping[int, Sequence[Handoff]],
        accounts: Accounts | None,
    ) -> list[Assessment]:
        seen = [self._see(lead, activities.get(lead.id, ())) for lead in leads]
        known: Mapping[int, Known] = {}
        if accounts is not None:
            known = accounts.known(seen)
            self.others |= accounts.due
        found = []
        for lead, facts, flow in seen:
            if flow is None:
                lead.flow, lead.score = "", None
                self.counts["in no flow"] += 1
                continue
            found.append(self._judge_one(lead, facts, flow, handoffs.get(lead.id, ()), known.get(lead.id)))
        self.counts["scored"] += len(found)
        return found

    def _stand(self, assessments: Sequence[Assessment]) -> None:
        """Let each lead stand where it was judged to."""
        for one in assessments:
            if one.judgement.stage != one.was:
                one.lead.stage, one.lead.stage_since = one.judgement.stage, self.now

    def _find_untouched(self, tx: Transaction, assessments: Sequence[Assessment]) -> None:
        """Note which warm leads nobody got in touch with for long, and when the others will be such."""
        for flow in self.flows:
            untouched = flow.criteria.untouched
            mine = [one for one in assessments if one.flow is flow] if untouched else []
            if untouched is None or not mine:
                continue
            found: set[int] = set()
            for one in mine:
                since = self._due_untouched(one)
                if since is not None and since <= self.now:
                    found.add(one.lead.id)
            keep(tx, flow.name, [one.lead.id for one in mine], found)

    def _due_untouched(self, one: Assessment) -> datetime | None:
        """From when on nobody has been in touch with a lead for too long; until then it is due at that moment."""
        untouched = one.flow.criteria.untouched
        since = untouched_from(one.lead, one.facts, untouched.after.delta) if untouched else None
        if since is not None and since > self.now:
            one.score.next_change = min(since, one.score.next_change or since)
        return since

    def _see(self, lead: Lead, activities: Sequence[Activity]) -> Seen:
        if lead.stage_since is None:
            lead.stage_since = self.now
        facts = build(lead, activities, self.now)
        flow = flow_of(lead, facts, self.flows)
        if flow is not None and lead.sides and lead.flow != flow.name and self._settle(lead, flow):
            facts = build(lead, activities, self.now)
        return lead, facts, flow

    def _settle(self, lead: Lead, flow: Flow) -> bool:
        """Bring the values in force up to date with the order and the rules of the flow; whether any changed."""
        names = {name for said in lead.sides.values() for name in said}
        if not settle(lead, names, terms_of(self.rows.config, flow.name)).changed:
            return False
        derive_again(lead)
        self.settled.append(lead)
        return True

    def _judge_one(
        self, lead: Lead, facts: Facts, flow: Flow, handoffs: Sequence[Handoff], known: Known | None
    ) -> Assessment:
        lead.flow = flow.name
        if known is not None:
            facts.fields = {**facts.fields, **known[0]}
        score = lead.score = facts.score = flow.criteria.score(facts)
        if known is not None:
            score.account = known[0]
            score.next_change = min((at for at in (score.next_change, known[1]) if at is not None), default=None)
        if lead.stage in AWAY:
            back_at = self.returns.look(lead, flow, facts, handoffs)
            score.next_change = min((at for at in (score.next_change, back_at) if at is not None), default=None)
        back = self.returns.back.get(lead.id) if lead.id else None
        still_open = [one for one in handoffs if one.state != "closed"]
        out = any(handoff.state not in NOT_YET_OUT for handoff in still_open)
        over = True if back and self.returns.anyway(lead, flow, facts) else None
        judgement = judge(lead, facts, flow.criteria, flow.required, out, over)
        return Assessment(lead, flow, facts, score, judgement, lead.stage, still_open, back)


def flow_of(lead: Lead, facts: Facts, flows: Sequence[Flow]) -> Flow | None:
    """The first flow, in the order of the config, that takes the lead.

    A lead that is past `warm` stays in its flow: whoever has it works by that flow's rules.
    """
    if lead.flow and lead.stage not in ("known", "warm"):
        for flow in flows:
            if flow.name == lead.flow:
                return flow
    for flow in flows:
        told = any(connection in flow.sources for connection, _ in lead.said.values())
        told = told or any(connection in flow.sources for connection in lead.sides)
        if told and (flow.takes is None or flow.takes.test(facts)):
            return flow
    return None
