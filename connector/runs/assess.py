"""Score, qualify, and write down what follows, for a batch of leads in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time

from connector.config import Flow
from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.handoff import NOT_YET_OUT, Handoff, HandoffState
from connector.model.lead import Lead
from connector.model.notices import Notice
from connector.model.ports import ReviewItem, Transaction
from connector.model.score import Score
from connector.model.stages import Stage, Transition
from connector.runs.accounts import Accounts, Known, Seen
from connector.runs.fix_queue import mender, to_fix
from connector.runs.notices import announce
from connector.runs.returning import Back, Returns, ended
from connector.runs.review import awaits
from connector.runs.rows import Rows
from connector.runs.tell import Change, tell
from connector.runs.terms import terms_of
from connector.runs.untold import keep_untold, take_untold
from connector.runs.untouched import keep, untouched_from
from connector.steps.facts import build
from connector.steps.identity import derive_again
from connector.steps.qualification import Judgement, judge, passed_anew, passed_at
from connector.steps.returning import AWAY, over_anew
from connector.steps.sides import settle

#: Why a lead fell back, as it is kept with the transition.
FLOW_GONE = "its flow is gone"
#: Stages in which a lead may have a handoff that is not closed.
WITH_HANDOFF: frozenset[Stage] = frozenset({"mql", "sal", "sql", "opportunity"})

#: Of more leads in one batch that lack something nobody is told one by one: an import is no news.
TOLD_OF = 10

_NOTHING: Mapping[int, Sequence[Activity]] = {}


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


@dataclass(slots=True)
class Consequences:
    """What a batch led to, gathered so that it is written in few statements."""

    transitions: list[Transition] = field(default_factory=list)
    added: list[Handoff] = field(default_factory=list)
    changed: list[Handoff] = field(default_factory=list)
    missing: list[ReviewItem] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)
    refresh: list[tuple[Lead, Handoff]] = field(default_factory=list)
    tell: list[Change] = field(default_factory=list)


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
        self._follow(tx, assessments, frozenset(), Consequences())

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
        what = Consequences()
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
        self._follow(tx, assessments, frozenset(changed), what)

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

    def _follow(
        self, tx: Transaction, assessments: Sequence[Assessment], changed: frozenset[int], what: Consequences
    ) -> None:
        for one in assessments:
            if one.judgement.stage != one.was:
                self._moved(tx, one, what)
            if one.back:
                what.tell.append(Change(one.lead, one.back.was, one.back.reason.list))
            elif "known" not in (one.was, one.lead.stage) or one.was != one.lead.stage:
                what.tell.append(Change(one.lead, one.was))
            if one.judgement.missing:
                what.missing.append(missing_item(one, mender(self.rows.config, one.flow, one.flow.mend_by)))
                self.counts["missing fields"] += 1
            elif one.was in ("known", "warm") and one.lead.id in changed:
                what.complete.append(missing_key(one.lead))
            for handoff in one.handoffs:
                if handoff.state == "open" and worth_telling(one, handoff, changed):
                    what.refresh.append((one.lead, handoff))
                elif handoff.state in NOT_YET_OUT and one.judgement.stage == "mql":
                    moved = self._start_moved(tx, one, handoff)
                    what.changed += [handoff] if catch_up(one, handoff) or moved else []
        self._make_up_for(tx, assessments, what)
        self._store(tx, what)

    def _make_up_for(self, tx: Transaction, assessments: Sequence[Assessment], what: Consequences) -> None:
        """Tell of those who are known by now, and were more while their flow observed."""
        for flow in self.flows:
            mine = [one for one in assessments if one.flow is flow and one.lead.stage == "known"]
            if mine and flow.mode == "observe":
                keep_untold(tx, flow, [one.lead.id for one in mine if one.was != "known" or one.back])
            elif mine:
                untold = take_untold(tx, flow, [one.lead.id for one in mine])
                what.tell += [Change(one.lead, "warm") for one in mine if one.lead.id in untold]

    def _moved(self, tx: Transaction, one: Assessment, what: Consequences) -> None:
        lead, score = one.lead, one.score
        self.counts[lead.stage] += 1
        what.transitions.append(
            Transition(
                lead.id, one.flow.name, one.was, lead.stage, self.now, "baton", one.judgement.why,
                score.version, score.total, score.grade,
            )
        )  # fmt: skip
        if lead.stage == "mql":
            what.added.append(self._handoff(tx, one))
        elif one.was == "mql":
            for handoff in one.handoffs:
                handoff.state = "closed"
                what.changed.append(handoff)

    def _start_moved(self, tx: Transaction, one: Assessment, handoff: Handoff) -> bool:
        """Look again at who was kept back: `start` says another day by now, or they are over the line anew."""
        if handoff.state != "before_start":
            return False
        if handoff.routed_by == start_of(one.flow) and not self._over_again(one):
            return False
        handoff.state, handoff.routed_by = first_state(tx, one)
        return True

    def _over_again(self, one: Assessment) -> bool:
        start = beginning(one.flow)
        return start is not None and passed_anew(one.lead, deeds(one), one.flow.criteria, start, self.now)

    def _handoff(self, tx: Transaction, one: Assessment) -> Handoff:
        score = one.score
        state, kept_by = first_state(tx, one)
        return Handoff(
            lead_id=one.lead.id,
            flow=one.flow.name,
            stage="mql",
            state=state,
            routed_by=kept_by,
            decided_at=self.now,
            version=score.version,
            hot=one.judgement.hot,
            total=score.total,
            grade=score.grade,
        )

    def _store(self, tx: Transaction, what: Consequences) -> None:
        if what.transitions:
            tx.scores.add_transitions(what.transitions)
        if what.missing:
            self._set_aside(tx, what.missing)
        if what.complete:
            tx.reviews.close("missing_fields", what.complete, "mended", self.now)
        for lead, handoff in what.refresh:
            if lead.score is not None:
                handoff.total, handoff.grade = lead.score.total, lead.score.grade
            what.changed.append(handoff)
        if what.changed:
            tx.handoffs.save(what.changed)
        if what.added:
            # Of one lead and stage only one may be open: what ends is written first.
            tx.handoffs.add(what.added)
        held = {one.flow for one in (*what.added, *what.changed) if one.state == "review" and not one.reviewer}
        if held:
            awaits(tx, held)
        out = self.rows.refreshed(tx, what.refresh) if what.refresh else []
        out += tell(tx, self.rows, what.tell, self.now) if what.tell else []
        if out:
            self.rows.guard.put(tx, out, self.now)
        if what.refresh or what.tell:
            tx.reviews.put(self.rows.take_unsent(), self.now)

    def _set_aside(self, tx: Transaction, missing: Sequence[ReviewItem]) -> None:
        """Put leads into the fix queue; whoever completes them hears of each once, and not of many at a time."""
        known = tx.reviews.is_open("missing_fields", [item.key for item in missing])
        tx.reviews.put(missing, self.now)
        new = [item for item in missing if item.key not in known]
        if len(new) <= TOLD_OF:
            announce(tx, self.rows.config, [self._to_complete(item) for item in new], self.now)

    def _to_complete(self, item: ReviewItem) -> Notice:
        why = f"{item.key}:{self.now.isoformat()}"
        return to_fix(why, self.now, str(item.body["owner"]), item.lead_id, item.flow, item.reason)


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


def start_of(flow: Flow) -> str:
    """The day from which on a flow hands over, "" for none: kept with whom it kept back."""
    return flow.start.isoformat() if flow.start else ""


def first_state(tx: Transaction, one: Assessment) -> tuple[HandoffState, str]:
    """Where a new handoff begins, by the flow's mode and its `start`; and that day, where it keeps the lead back."""
    flow = one.flow
    if flow.mode == "observe":
        return "observed", ""
    start = beginning(flow)
    if start is not None and over_before(tx, one, start):
        return "before_start", start_of(flow)
    return "review" if flow.mode == "review" else "waiting", ""


def beginning(flow: Flow) -> datetime | None:
    """The first moment of the flow's `start`, in its zone."""
    return datetime.combine(flow.start, time.min, flow.zone) if flow.start else None


def deeds(one: Assessment) -> list[Activity]:
    """Everything the lead did, as far as it counts."""
    return [activity for kind in one.facts.activities.values() for activity in kind]


def over_before(tx: Transaction, one: Assessment, start: datetime) -> bool:
    """Whether the lead was over the line before `start`, and is not over it anew since."""
    done, criteria = deeds(one), one.flow.criteria
    if not passed_at(one.lead, done, criteria, start) or fell_back(tx, one.lead, start):
        return False
    return not passed_anew(one.lead, done, criteria, start, one.facts.now)


def fell_back(tx: Transaction, lead: Lead, start: datetime) -> bool:
    """Whether a lead fell below the line at or after `start`: over it again, it is nobody of before."""
    moves = tx.scores.transitions(lead.id)
    return any(move.origin == "mql" and move.to in ("known", "warm") and move.at >= start for move in moves)


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
