"""What the next run would write: the line goes ahead in a rehearsal of the store, is looked at, and is undone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import cast

from connector.config import Flow
from connector.insight.plan import Proposal, Row, plan
from connector.model import sentences
from connector.model.adapter import Crm, CrmCapabilities
from connector.model.errors import BatonError
from connector.model.handoff import HANDOFF_STATES, Handoff
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.notices import TARGET
from connector.model.outbox import OutboxRow, Receipt
from connector.model.ports import ReviewItem, Store, Transaction
from connector.runs.hand_over import hand_over
from connector.runs.identify import identify
from connector.runs.look_up import waits_for_read_in
from connector.runs.mirrored import keep
from connector.runs.outdated import outdated
from connector.runs.planning.anew import decide_all
from connector.runs.read_in import is_read_in
from connector.runs.rescore import keep_criteria, rescore
from connector.runs.rows import Rows, our_key, view
from connector.runs.runtime import Runtime, silent, unheard
from connector.runs.tell import Change, tell
from connector.steps.telling import vocabulary
from connector.steps.telling.words import Words

BATCH = 500
#: More rows than any store has.
EVERY = 10**9
#: The states of a write on its way, whose end is not known yet or that a person must decide.
HELD_UP = ("in_flight", "unknown", "dead", "parked")


@dataclass(frozen=True, slots=True)
class OneTransaction(Store):
    """A store all of whose transactions are one that is open already."""

    tx: Transaction

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Transaction]:  # noqa: ARG002
        yield self.tx

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        yield self.tx

    @contextmanager
    def rehearsal(self) -> Iterator[Transaction]:
        yield self.tx

    def close(self) -> None:
        """Whoever opened the transaction closes it."""


def rehearse(runtime: Runtime, rows: Rows, words: Words, flow: str = "", *, as_live: bool = False) -> list[Row]:
    """Score what is due and hand over what may be, say what would be written, and undo all of it.

    Only from what the store holds: nothing is pulled and nobody is asked, so that someone who came into
    the CRM since it was last read is taken as new. With `flow` only its
    leads are shown, though every flow goes ahead. `as_live` takes flows that only observe, or
    whose handoffs a person releases, as live ones: what going live would do.
    """
    with gone_ahead(runtime, rows, words, as_live=as_live) as look:
        return look.plan(flow)


@contextmanager
def gone_ahead(
    runtime: Runtime, rows: Rows, words: Words, *, as_live: bool = False,
    seen: Mapping[str, Sequence[CrmRecord]] = MappingProxyType({}),
) -> Iterator[Look]:  # fmt: skip
    """A look at the store as the next run would leave it; on leaving, all of that is undone.

    `seen` is who was found in the CRMs since they were last read, by connection.
    """
    if as_live:
        live = {name: replace(one, mode="live", accept_over=0) for name, one in runtime.config.flows.items()}
        runtime = replace(runtime, config=replace(runtime.config, flows=live))
        rows = replace(rows, config=runtime.config)
    crms = stand_ins(runtime)
    with runtime.store.rehearsal() as tx:
        before = frozenset(row.id for row in tx.outbox.rows(states=("waiting",), limit=EVERY))
        for name, records in seen.items():
            keep(tx, name, records, runtime.clock())
        ahead = replace(runtime, store=OneTransaction(tx), progress=silent, note=unheard, crm=crms)
        counts: Counter[str] = Counter()
        identify(ahead, counts)
        due = due_leads(tx, runtime)
        keep_criteria(ahead)
        decide_all(tx, ahead.config, {one.flow for one in outdated(tx, ahead.config)}, runtime.clock())
        due |= due_leads(tx, runtime)
        rescore(ahead, rows, counts)
        out = {one.id for name in ahead.config.flows for one in tx.handoffs.in_state(name, "open", EVERY)}
        hand_over(ahead, rows, counts, ask=False)
        covers = write_anew(tx, ahead, rows)
        look = Look(tx, ahead, rows, words, frozenset(out), before, due, covers)
        look.gather()
        yield look


@dataclass(frozen=True, slots=True)
class _StandIn:
    """Where a CRM cannot be made here (no secret yet), what is known of it all the same."""

    capabilities: CrmCapabilities


def write_anew(tx: Transaction, runtime: Runtime, rows: Rows) -> list[str]:
    """Put up for writing all that a flow has where its mapping or a rule has changed; where that is."""
    found = outdated(tx, runtime.config)
    for name in dict.fromkeys(one.flow for one in found):
        flow, targets = runtime.config.flows[name], {one.target for one in found if one.flow == name}
        after = 0
        while ids := tx.intake.lead_numbers(after, BATCH):
            after = ids[-1]
            leads = [one for one in tx.intake.leads(ids).values() if one.flow == name and not one.merged_into]
            _write_some(tx, runtime, rows, flow, targets, leads)
    return [f"{one.flow}:{one.target}" for one in found]


def _write_some(
    tx: Transaction, runtime: Runtime, rows: Rows, flow: Flow, targets: Set[str], leads: Sequence[Lead]
) -> None:
    """Not what waits already: that is newer, and has more in it."""
    now, handoffs = runtime.clock(), tx.handoffs.of_leads([one.id for one in leads])
    made: list[OutboxRow] = []
    if flow.crm in targets:
        with_rep = [(lead, one) for lead in leads for one in handoffs.get(lead.id, ()) if one.state == "open"]
        made += rows.refreshed(tx, with_rep)
    if targets - {flow.crm}:
        made += tell(tx, rows, [Change(lead, lead.stage) for lead in leads if lead.stage != "known"], now)
    waiting = tx.outbox.unfinished([row.key for row in made])
    tx.outbox.put([row for row in made if row.target in targets and row.key not in waiting], now)
    rows.take_unsent()


def stand_ins(runtime: Runtime) -> Callable[[str], Crm]:
    """The CRMs of the flows, made now: within the rehearsal's transaction that could wait for itself.

    Nobody is asked. One that was read in is taken as one that can be read.
    """
    found: dict[str, Crm] = {}
    for name in dict.fromkeys(flow.crm for flow in runtime.config.flows.values()):
        try:
            found[name] = runtime.crm(name)
        except BatonError:
            with runtime.store.read() as tx:
                streams = ("people",) if is_read_in(tx, name) else ()
            found[name] = cast(Crm, _StandIn(CrmCapabilities(streams=streams)))
    return found.__getitem__


def due_leads(tx: Transaction, runtime: Runtime) -> set[int]:
    """Ids of the leads that the next run would score."""
    now, after, found = runtime.clock(), 0, set[int]()
    while ids := tx.scores.due(now, BATCH, after):
        found.update(ids)
        after = ids[-1]
    return found


@dataclass(slots=True)
class Look:
    """Looks at the store as the run would leave it.

    `out` are handoffs that were open before, `before` rows that waited before, `due` the leads that were scored.
    `covers` are the places (`flow:target`) where all is put up for writing, since the mapping or a rule has changed.
    """

    tx: Transaction
    runtime: Runtime
    rows: Rows
    words: Words
    out: frozenset[int] = frozenset()
    before: frozenset[int] = frozenset()
    due: Collection[int] = frozenset()
    covers: Collection[str] = ()
    handoffs: dict[int, Handoff] = field(default_factory=dict)
    missing: dict[int, tuple[str, ...]] = field(default_factory=dict)
    waiting: dict[int, list[OutboxRow]] = field(default_factory=dict)
    held_up: dict[int, OutboxRow] = field(default_factory=dict)

    def plan(self, flow: str = "") -> list[Row]:
        """The rows of the plan, writes that are held up among them."""
        return [self._held_up(row) for row in plan(self._proposals(self.ids(), flow), self.words)]

    def ids(self) -> list[int]:
        """The leads that there is something to say about."""
        return sorted({*self.due, *self.handoffs, *self.missing, *self.waiting, *self.held_up})

    def gather(self) -> None:
        """Read what the look is about."""
        for flow in self.runtime.config.flows:
            for state in HANDOFF_STATES:
                if state != "closed":
                    found = self.tx.handoffs.in_state(flow, state, EVERY)
                    self.handoffs |= {handoff.lead_id: handoff for handoff in found}
        self.missing = {item.lead_id: tuple(item.field.split(", ")) for item in self._lacking()}
        for row in self.tx.outbox.rows(states=("waiting",), limit=EVERY):
            if row.target != TARGET:
                self.waiting.setdefault(row.lead_id, []).append(row)
        for row in self.tx.outbox.rows(states=HELD_UP, limit=EVERY):
            if row.kind in ("state", "once") and row.target != TARGET:
                self.held_up.setdefault(row.lead_id, row)

    def _lacking(self) -> Iterator[ReviewItem]:
        after = 0
        while found := self.tx.reviews.open("missing_fields", BATCH, after):
            yield from found
            after = found[-1].id

    def _proposals(self, ids: list[int], flow: str) -> Iterator[Proposal]:
        for start in range(0, len(ids), BATCH):
            leads = self.tx.intake.leads(ids[start : start + BATCH])
            receipts = self._receipts(leads)
            for lead in leads.values():
                if not flow or lead.flow == flow:
                    yield self._proposal(lead, receipts)

    def _receipts(self, leads: Mapping[int, Lead]) -> dict[str, Receipt]:
        """Receipts of these leads by target and key."""
        keys = [our_key(self.rows.store_id, lead_id) for lead_id in leads]
        targets = {flow.crm for flow in self.runtime.config.flows.values()}
        return {
            f"{target}:{key}": receipt
            for target in targets
            for key, receipt in self.tx.outbox.receipts(target, "lead", keys).items()
        }

    def _proposal(self, lead: Lead, receipts: Mapping[str, Receipt]) -> Proposal:
        flow = self.runtime.config.flows.get(lead.flow)
        target = flow.crm if flow else ""
        handoff = self.handoffs.get(lead.id)
        waiting = [row for row in self.waiting.get(lead.id, ()) if row.target == target]
        state = [row for row in waiting if row.kind == "state" and row.object == "lead" and not row.group]
        return Proposal(
            lead, target, handoff,
            values=state[-1].values if state else None,
            receipt=receipts.get(f"{target}:{our_key(self.rows.store_id, lead.id)}"),
            also=[row.object for row in waiting if row.kind == "once"],
            missing=self.missing.get(lead.id, ()),
            unsent=self._unsent(lead, handoff) if state and handoff else (),
            fresh=handoff is not None and handoff.state == "open" and handoff.id not in self.out,
            waits=self._waits(target) if handoff is not None and handoff.state == "waiting" else "",
        )  # fmt: skip

    def _waits(self, target: str) -> str:
        """What everything for a CRM waits for, "" for nothing."""
        if not waits_for_read_in(self.tx, target, self.runtime.crm(target).capabilities):
            return ""
        return self.words.say(sentences.WAITS_FOR_READ_IN, connection=target)

    def _unsent(self, lead: Lead, handoff: Handoff) -> list[tuple[str, str]]:
        """Fields of the target that are left out, and why."""
        mapping = self.runtime.config.connections[self.runtime.config.flows[handoff.flow].crm].mapping
        render = self.rows.render_for(lead, handoff)
        return mapping.to_platform("lead", view(lead, handoff), creating=True, render=render)[1]

    def _held_up(self, row: Row) -> Row:
        """A write that is under way, refused or undecided waits, whatever the line would do next."""
        held = self.held_up.get(row.lead_id)
        if held is None or (row.action == "change" and row.changes):
            return row
        state = self.words.translate(vocabulary.ROW_STATES[held.state])
        kind = f"{held.target}: {self.words.translate(vocabulary.OBJECTS.get(held.object, held.object))}: {state}"
        reason = f"{kind}: {self.words.retell(held.reason)}" if held.reason else kind
        return replace(row, action="wait", kind=kind, reason=reason, changes=(), also=(), unsent=())
