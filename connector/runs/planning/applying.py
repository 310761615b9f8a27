"""Apply a plan: that and only that, as far as it still holds.

The CRM is read back and asked once more, outside of any transaction. Then some leads at a time are judged anew: whose
row was judged on something else than it is now is refused and named, the others are put into the outbox, and it is
noted in the same transaction. So a plan that was interrupted goes on where it stood when it is applied again, and
nothing is done twice. Last, what was put is sent: nothing else that waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connector.config import Flow
from connector.model.adapter import FindItem
from connector.model.errors import BatonError, ConfigError, Problem
from connector.model.mirror import CrmRecord
from connector.model.outbox import Found
from connector.model.plans import Plan, PlannedRow
from connector.model.sentences import WAITS_ALREADY, WITH_ANOTHER
from connector.runs.bring_back import bring_back
from connector.runs.criteria import settle
from connector.runs.deliver import deliver
from connector.runs.follower import Follower
from connector.runs.gathering import keys_of_all
from connector.runs.identify import identify
from connector.runs.live import Place, what_stands, who_is_there
from connector.runs.look_up import can_be_asked, wanted
from connector.runs.mirrored import keep
from connector.runs.outdated import mark_applied
from connector.runs.plan import due_leads
from connector.runs.planning.anew import decide_all
from connector.runs.planning.basis import UNASKED
from connector.runs.planning.batch import Batch
from connector.runs.planning.costs import LEADS
from connector.runs.planning.document import changed_versions, opened, plan_id
from connector.runs.planning.making import WRITTEN
from connector.runs.regain import Regaining
from connector.runs.release import ONLY_OBSERVES
from connector.runs.rescore import keep_criteria
from connector.runs.respect import PEOPLE
from connector.runs.restore import refuse_if_set_back
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, recorded

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

PUT, REFUSED = "put", "refused"
NOT_ASKED = N_("this plan was made from the store alone: make it without --stored")
OTHER_RULES = N_("this plan was made under other rules: %(names)s; make it anew")


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not written, and why."""

    row: PlannedRow
    why: str


@dataclass(slots=True)
class AppliedPlan:
    """What became of a plan.

    `written` rows were put, of which `before` by an earlier time of applying it; `refused` are named. `states` counts
    what was put by (target, object, state of the outbox): `done` is written there. `failed` says by connection why not
    all of it could be sent; the next run sends the rest.
    """

    planned: int = 0
    written: int = 0
    before: int = 0
    refused: list[RefusedRow] = field(default_factory=list)
    states: dict[tuple[str, str, str], int] = field(default_factory=dict)
    failed: list[tuple[str, BatonError]] = field(default_factory=list)
    stopped: bool = False


def apply_plan(runtime: Runtime, document: Any, rows: Callable[[int], Rows]) -> AppliedPlan:
    """Apply a plan. Raises ConfigError (not to be applied), AuthError, RetryableError (a CRM cannot be asked)."""
    plan = opened(runtime, rows(0).store_id, document)
    # A plan is made under what the next run would find in force: so it is judged.
    settle(runtime)
    refuse_whole(runtime, plan)
    with recorded(runtime, "apply") as (run, counts):
        done = AppliedPlan(sum(row.action in WRITTEN for row in plan.rows))
        applying = Applying(runtime, plan, plan_id(document), rows(run.id), rows(0), counts)
        known = applying.known()
        done.before = sum(word.startswith(PUT) for word in known.values())
        if any(row.action in WRITTEN and row.number not in known for row in plan.rows):
            applying.run(known)
        applying.deliver(done)
        applying.tell(done)
        applying.mark(done)
        counts.update(Counter({"applied": done.written - done.before, "refused": len(done.refused)}))
    return done


def refuse_whole(runtime: Runtime, plan: Plan) -> None:
    """Raise ConfigError where nothing of a plan may be done: unasked, under other rules, of a flow that observes."""
    if not plan.asked:
        raise ConfigError(NOT_ASKED)
    if changed := changed_versions(runtime.config, plan):
        raise ConfigError([Problem((), OTHER_RULES, values={"names": ", ".join(changed)})])
    flows = {row.flow for row in plan.rows if row.action in WRITTEN}
    observing = [flow for name, flow in runtime.config.flows.items() if name in flows and flow.mode == "observe"]
    if observing:
        raise ConfigError(
            [Problem(("flows", flow.name, "mode"), ONLY_OBSERVES, allowed="review, live") for flow in observing]
        )


@dataclass(slots=True)
class Applying:
    """Applies one plan. `rows` build what is the plan's, `others` what follows from reading back: that is not sent."""

    runtime: Runtime
    plan: Plan
    name: str
    rows: Rows
    others: Rows
    counts: Counter[str]

    def known(self) -> dict[int, str]:
        """What became of the plan's rows so far."""
        with self.runtime.store.read() as tx:
            return tx.applied.of_plan(self.name)

    def run(self, known: Mapping[int, str]) -> None:
        """Read back, then judge and put lead after lead; a stop is obeyed between two transactions."""
        keep_criteria(self.runtime)
        for target in self._crms():
            bring_back(self.runtime, self.others, target, self.counts)
        identify(self.runtime, self.counts)
        with self.runtime.store.read() as tx:
            due = frozenset(due_leads(tx, self.runtime))
        gone_through: Counter[str] = Counter()
        for some in self._batches(known):
            if self.runtime.stop.is_set():
                return
            self._batch(some, due)
            gone_through["gone through"] += len({row.lead_id for row in some})
            self.runtime.progress("applied", gone_through)

    def _crms(self) -> list[str]:
        """The CRMs of the plan that can be read back."""
        targets = {row.target for row in self.plan.rows if row.action in WRITTEN}
        used = dict.fromkeys(flow.crm for flow in self.runtime.config.flows.values() if flow.crm in targets)
        return [name for name in used if self.runtime.crm(name).capabilities.streams]

    def _batches(self, known: Mapping[int, str]) -> Iterator[list[PlannedRow]]:
        """The rows that are left, all of a lead together."""
        by_lead: dict[int, list[PlannedRow]] = {}
        for row in self.plan.rows:
            if row.action in WRITTEN and row.number not in known:
                by_lead.setdefault(row.lead_id, []).append(row)
        leads = list(by_lead)
        for start in range(0, len(leads), LEADS):
            yield [row for lead_id in leads[start : start + LEADS] for row in by_lead[lead_id]]

    def _batch(self, some: Sequence[PlannedRow], due: frozenset[int]) -> None:
        seen = self._look_up(some)
        regaining = self._regaining(some)
        standing = self._standing(some)
        with self.runtime.store.write() as tx:
            refuse_if_set_back(tx)
            now = self.runtime.clock()
            for target, records in seen.items():
                pairs = keep(tx, target, records, now)
                Follower(tx, self.others, target, now, self.counts).run(pairs)
            batch = Batch(
                self.runtime,
                self.rows,
                some,
                standing,
                due,
                regaining,
                self.plan.kind == "repair",
                frozenset(place.partition(":")[0] for place in self.plan.covers),
            )
            put = batch.run(tx)
            said = {row.number: f"{PUT}:{self.rows.run_id}" for row in put}
            refused = [row for row in some if row.lead_id in batch.refused]
            said |= {row.number: f"{REFUSED}:{batch.refused[row.lead_id]}" for row in refused}
            tx.applied.note(self.name, said, now)

    def _look_up(self, some: Sequence[PlannedRow]) -> dict[str, list[CrmRecord]]:
        """Who is in the CRMs by now of those that would be made there."""
        found = {}
        new = [row for row in some if row.action == "create" and row.opens and row.object in PEOPLE]
        for target in dict.fromkeys(row.target for row in new):
            with self.runtime.store.read() as tx:
                leads = tx.intake.leads([row.lead_id for row in new if row.target == target])
                keys = keys_of_all(tx, target, self.rows.store_id, list(leads.values()))
            found[target] = who_is_there(
                self.runtime, target, [wanted(one) for one in keys.values() if can_be_asked(one)]
            )
        return found

    def _standing(self, some: Sequence[PlannedRow]) -> dict[str, dict[Place, Found | None]]:
        found = {}
        for target in dict.fromkeys(row.target for row in some):
            asked = [row for row in some if row.target == target and not row.basis.endswith(UNASKED)]
            items = [FindItem(row.object, row.our_key, row.crm_id) for row in asked]
            found[target] = what_stands(self.runtime, target, items)
        return found

    def _regaining(self, some: Sequence[PlannedRow]) -> dict[str, Regaining]:
        """What is known again after a restore, by flow: nothing, and no call, in a store that never was."""
        found = {}
        for name in dict.fromkeys(row.flow for row in some if row.opens):
            flow: Flow = self.runtime.config.flows[name]
            one = Regaining(self.runtime, flow, self.rows, self.runtime.crm(flow.crm), self.counts)
            one.ask(LEADS)
            found[name] = one
        return found

    def deliver(self, done: AppliedPlan) -> None:
        """Send what the plan has put, and nothing else that waits."""
        runs = self._runs()
        targets = dict.fromkeys(row.target for row in self.plan.rows if row.action in WRITTEN)
        for target in targets if runs else ():
            try:
                deliver(self.runtime, target, self.counts, runs)
            except BatonError as error:
                done.failed.append((target, error))

    def _runs(self) -> list[int]:
        words = {word for word in self.known().values() if word.startswith(PUT)}
        return sorted({int(word.partition(":")[2]) for word in words})

    def mark(self, done: AppliedPlan) -> None:
        """Where every record is as the mapping and the rules say now, that is noted."""
        if done.stopped or self.plan.as_live:
            return
        behind = {(one.row.flow, one.row.target) for one in done.refused}
        behind |= {(row.flow, row.target) for row in self.plan.rows if not is_up_to_date(row)}
        config = self.runtime.config
        places = [tuple(place.split(":", 1)) for place in self.plan.covers]
        with self.runtime.store.write() as tx:
            for flow, target in places:
                if (flow, target) not in behind:
                    # Those of whom nothing is written, too.
                    decide_all(tx, config, [flow], self.runtime.clock())
                    mark_applied(tx, config, flow, target)

    def tell(self, done: AppliedPlan) -> None:
        """What became of every row."""
        known = self.known()
        for row in self.plan.rows:
            how, _, why = known.get(row.number, "").partition(":")
            done.written += how == PUT
            done.stopped = done.stopped or (not how and row.action in WRITTEN)
            if how == REFUSED:
                done.refused.append(RefusedRow(row, why))
        with self.runtime.store.read() as tx:
            done.states = tx.outbox.counts_of_runs(self._runs())
        waits = any(state == "waiting" for _, _, state in done.states)
        done.stopped = done.stopped or (waits and self.runtime.stop.is_set())


def is_up_to_date(row: PlannedRow) -> bool:
    """Whether a record is as it should be once the plan was applied; what nobody has been given yet is no matter."""
    return row.action in WRITTEN or (row.action == "skip" and row.kind not in (WITH_ANOTHER, WAITS_ALREADY))
