"""What follows for a batch of leads that were judged: gathered, and written in few statements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.config import Flow
from connector.model.handoff import NOT_YET_OUT, Handoff
from connector.model.lead import Lead
from connector.model.notices import Notice
from connector.model.ports import ReviewItem, Transaction
from connector.model.stages import Transition
from connector.runs.assessment import Assessment, catch_up, missing_item, missing_key, worth_telling
from connector.runs.before_start import first_state, over_again, start_of
from connector.runs.fix_queue import mender, to_fix
from connector.runs.notices import announce
from connector.runs.review import awaits
from connector.runs.rows import Rows
from connector.runs.tell import Change, tell
from connector.runs.untold import keep_untold, take_untold

#: Of more leads in one batch that lack something nobody is told one by one: an import is no news.
TOLD_OF = 10


@dataclass(slots=True)
class Consequences:
    """What a batch leads to under `flows` at `now`; `counts` are the run's."""

    flows: Sequence[Flow]
    rows: Rows
    now: datetime
    counts: Counter[str]
    transitions: list[Transition] = field(default_factory=list)
    added: list[Handoff] = field(default_factory=list)
    changed: list[Handoff] = field(default_factory=list)
    missing: list[ReviewItem] = field(default_factory=list)
    complete: list[str] = field(default_factory=list)
    refresh: list[tuple[Lead, Handoff]] = field(default_factory=list)
    tell: list[Change] = field(default_factory=list)

    def follow(self, tx: Transaction, assessments: Sequence[Assessment], changed: frozenset[int]) -> None:
        """Write what follows; the CRM's copy of those in `changed` is refreshed if a rep has them."""
        for one in assessments:
            if one.judgement.stage != one.was:
                self._moved(tx, one)
            if one.back:
                self.tell.append(Change(one.lead, one.back.was, one.back.reason.list))
            elif "known" not in (one.was, one.lead.stage) or one.was != one.lead.stage:
                self.tell.append(Change(one.lead, one.was))
            if one.judgement.missing:
                self.missing.append(missing_item(one, mender(self.rows.config, one.flow, one.flow.mend_by)))
                self.counts["missing fields"] += 1
            elif one.was in ("known", "warm") and one.lead.id in changed:
                self.complete.append(missing_key(one.lead))
            self._keep_current(tx, one, changed)
        self._make_up_for(tx, assessments)
        self._store(tx)

    def _keep_current(self, tx: Transaction, one: Assessment, changed: frozenset[int]) -> None:
        """Of handoffs that are out the CRM's copy is brought up to date, of those that wait what is kept here."""
        for handoff in one.handoffs:
            if handoff.state == "open" and worth_telling(one, handoff, changed):
                self.refresh.append((one.lead, handoff))
            elif handoff.state in NOT_YET_OUT and one.judgement.stage == "mql":
                moved = self._start_moved(tx, one, handoff)
                self.changed += [handoff] if catch_up(one, handoff) or moved else []

    def _make_up_for(self, tx: Transaction, assessments: Sequence[Assessment]) -> None:
        """Tell of those who are known by now, and were more while their flow observed."""
        for flow in self.flows:
            mine = [one for one in assessments if one.flow is flow and one.lead.stage == "known"]
            if mine and flow.mode == "observe":
                keep_untold(tx, flow, [one.lead.id for one in mine if one.was != "known" or one.back])
            elif mine:
                untold = take_untold(tx, flow, [one.lead.id for one in mine])
                self.tell += [Change(one.lead, "warm") for one in mine if one.lead.id in untold]

    def _moved(self, tx: Transaction, one: Assessment) -> None:
        lead, score = one.lead, one.score
        self.counts[lead.stage] += 1
        self.transitions.append(
            Transition(
                lead.id, one.flow.name, one.was, lead.stage, self.now, "baton", one.judgement.why,
                score.version, score.total, score.grade,
            )
        )  # fmt: skip
        if lead.stage == "mql":
            self.added.append(self._handoff(tx, one))
        elif one.was == "mql":
            for handoff in one.handoffs:
                handoff.state = "closed"
                self.changed.append(handoff)

    def _start_moved(self, tx: Transaction, one: Assessment, handoff: Handoff) -> bool:
        """Look again at who was kept back: `start` says another day by now, or they are over the line anew."""
        if handoff.state != "before_start":
            return False
        if handoff.routed_by == start_of(one.flow) and not over_again(one):
            return False
        handoff.state, handoff.routed_by = first_state(tx, one)
        return True

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

    def _store(self, tx: Transaction) -> None:
        if self.transitions:
            tx.scores.add_transitions(self.transitions)
        if self.missing:
            self._set_aside(tx, self.missing)
        if self.complete:
            tx.reviews.close("missing_fields", self.complete, "mended", self.now)
        for lead, handoff in self.refresh:
            if lead.score is not None:
                handoff.total, handoff.grade = lead.score.total, lead.score.grade
            self.changed.append(handoff)
        if self.changed:
            tx.handoffs.save(self.changed)
        if self.added:
            # Of one lead and stage only one may be open: what ends is written first.
            tx.handoffs.add(self.added)
        held = {one.flow for one in (*self.added, *self.changed) if one.state == "review" and not one.reviewer}
        if held:
            awaits(tx, held)
        self._put_out(tx)

    def _put_out(self, tx: Transaction) -> None:
        """What CRM and marketing are told of it."""
        out = self.rows.refreshed(tx, self.refresh) if self.refresh else []
        out += tell(tx, self.rows, self.tell, self.now) if self.tell else []
        if out:
            self.rows.guard.put(tx, out, self.now)
        if self.refresh or self.tell:
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
