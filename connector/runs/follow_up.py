"""What time does to handoffs: reminders, breaches, who is told, who gets the lead instead, who takes a rest.

All that has come due is one look at an index, and nothing where nothing has. A batch is one transaction: what was
done is kept by its key, so that nothing is done twice, whatever ends the program in between.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from connector.config import Config
from connector.model import sentences
from connector.model.follow_up import Absence, NoticeState
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.lead import Lead
from connector.model.notices import Notice
from connector.model.ports import Transaction
from connector.runs.answers import TELLS, UNANSWERED
from connector.runs.clocks import clocks_heard, due_of, who_answers, wind
from connector.runs.failing import unread
from connector.runs.notices import announce
from connector.runs.restore import refuse_if_set_back
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.steps.clocks import ClockName, Mark

__all__ = ["follow_up", "wind"]

BATCH = 200
#: More handoffs than any flow has.
EVERY = 10**9
#: The configuration that the clocks were wound by.
WOUND = "clocks:config"
#: How long nothing is done about handoffs in a CRM that cannot be read back.
UNHEARD = timedelta(minutes=5)
#: Who made an absence, where nobody did.
BATON = "baton"


def follow_up(runtime: Runtime, rows: Rows, counts: Counter[str]) -> None:
    """Do everything that has come due; counts reminders, breaches, stalled leads, and handoffs given on."""
    rewind(runtime)
    while not runtime.stop.is_set() and _is_due(runtime):
        with runtime.store.write() as tx:
            refuse_if_set_back(tx)
            handoffs = tx.handoff_events.due(runtime.clock(), BATCH)
            _Followed(tx, rows, runtime.config, runtime.clock(), counts, clocks_heard(runtime)).run(handoffs)


def anything_due(runtime: Runtime) -> bool:
    """Whether there is anything to do: a clock has come due, or the configuration was edited. A look at an index."""
    with runtime.store.read() as tx:
        due = tx.handoff_events.due(runtime.clock(), 1)
        return bool(due) or tx.admin.meta(WOUND) != runtime.config.digest


def _is_due(runtime: Runtime) -> bool:
    with runtime.store.read() as tx:
        return bool(tx.handoff_events.due(runtime.clock(), 1))


@dataclass(slots=True)
class _Followed:
    """Follows one batch of handoffs within its transaction."""

    tx: Transaction
    rows: Rows
    config: Config
    now: datetime
    counts: Counter[str]
    heard: Mapping[str, frozenset[ClockName]]
    events: list[HandoffEvent] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    given: list[tuple[Handoff, Mark]] = field(default_factory=list)
    unread: frozenset[str] = frozenset()

    def run(self, handoffs: Sequence[Handoff]) -> None:
        """Do what is due of each; all is stored in a few statements at the end."""
        self.unread = unread(self.tx)
        known = self.tx.handoff_events.of_handoffs([one.id for one in handoffs])
        leads = self.tx.intake.leads(sorted({one.lead_id for one in handoffs}))
        for handoff in handoffs:
            self._look(handoff, leads.get(handoff.lead_id), known.get(handoff.id, ()))
        self.tx.handoff_events.add(self.events, self.now)
        self.tx.handoffs.save(handoffs)
        self._rest()
        announce(self.tx, self.config, self.notices, self.now)
        self._give_on()

    def _look(self, handoff: Handoff, lead: Lead | None, known: Sequence[HandoffEvent]) -> None:
        flow = self.config.flows.get(handoff.flow)
        handoff.next_at = None
        if flow is None:
            return
        if flow.crm in self.unread:
            handoff.next_at = self.now + UNHEARD
            return
        due = due_of(self.config, flow, handoff, lead, known, self.now, self.heard[flow.name])
        handoff.next_at = due.next_at
        self.events += [event_of(handoff, mark, told=False) for mark in due.silent]
        for mark in due.told:
            self.events.append(event_of(handoff, mark))
            self._do(handoff, mark)

    def _do(self, handoff: Handoff, mark: Mark) -> None:
        if mark.do == "reassign":
            self.given.append((handoff, mark))
            return
        self.notices += notices_of(self.config, handoff, mark)
        if mark.kind in ("reminded", "breached", "stalled"):
            self.counts[{"breached": "overdue"}.get(mark.kind, mark.kind)] += 1

    def _give_on(self) -> None:
        """Give what was not taken care of to somebody else; where there is nobody, it stays, and the manager hears."""
        from connector.runs.reassign import reassign

        by_why: dict[str, list[Handoff]] = {}
        for handoff, mark in {handoff.id: (handoff, mark) for handoff, mark in self.given}.values():
            by_why.setdefault(_WHY[mark.timer.clock], []).append(handoff)
        for why, handoffs in by_why.items():
            moved = reassign(self.tx, self.rows, self.config, handoffs, "", why, self.now)
            self.counts["given to another"] += sum(bool(one.to) for one in moved)
            left = [_nobody(one.handoff, one.words, self.now) for one in moved if not one.to]
            announce(self.tx, self.config, left, self.now)

    def _rest(self) -> None:
        """Who lets one after the other go overdue gets no more, until somebody says otherwise."""
        breached = [one for one in self.events if one.kind == "breached" and one.key.startswith("contact")]
        if not breached:
            return
        flows = {one.id: one.flow for one in self.tx.handoffs.by_ids([one.handoff_id for one in breached]).values()}
        known = self.tx.notice_states.get([f"{UNANSWERED}:{one.who}" for one in breached])
        for one in breached:
            flow = self.config.flows[flows[one.handoff_id]]
            state = _one_more(known.get(f"{UNANSWERED}:{one.who}"), one)
            most = flow.clock.pause_after
            if most and int(state.state) >= most:
                self._pause(one.who, flow.name, int(state.state))
                state = replace(state, state="0")
            known[state.key] = state
        self.tx.notice_states.put(list(known.values()))

    def _pause(self, email: str, flow: str, count: int) -> None:
        if any(one.email == email and one.covers(self.now) for one in self.tx.rosters.absences(self.now)):
            return
        absence = Absence(email, self.now, note=sentences.RESTS, by=BATON)
        id = self.tx.rosters.add_absence(absence, self.now)
        self.counts["paused"] += 1
        self.notices.append(
            Notice("breached", "paused", f"paused-{id}", self.now, owner=email, flow=flow,
                   values={"count": count, "id": id})
        )  # fmt: skip


#: Why a handoff is given to somebody else, as the store keeps it.
_WHY = {"accept": sentences.NOT_ACCEPTED, "contact": sentences.NOT_CONTACTED, "stage": sentences.NOT_CONTACTED}


def event_of(handoff: Handoff, mark: Mark, *, told: bool = True) -> HandoffEvent:
    """What is kept of something that came due."""
    body = {"do": mark.do} if mark.do else {"share": mark.share} if mark.kind == "reminded" else {}
    return HandoffEvent(
        handoff.id, mark.key, mark.kind, mark.at, handoff.owner, body if told else {**body, "told": False}
    )


def notices_of(config: Config, handoff: Handoff, mark: Mark) -> Iterable[Notice]:
    """Whom to tell of something that came due; of one breach each address hears once."""
    timer, who = mark.timer, who_answers(config, handoff, mark.timer.clock)
    if mark.kind == "stalled":
        values = {"stage": timer.stage, "since": timer.begun, "owner": handoff.owner}
        yield _notice(handoff, mark, who, "stalled", "stalled", mark.key, values)
    elif mark.kind == "reminded":
        values = {"due": timer.due, "share": mark.share}
        yield _notice(handoff, mark, who, "due", f"{timer.clock} due", mark.key, values)
    else:
        # Channels hear of the breach itself, rep and manager as the steps say.
        to = (TELLS[mark.do],) if mark.do else ("channels",)
        key, says = f"{timer.name}:breach", f"{timer.clock} breached"
        yield _notice(handoff, mark, who, "breached", says, key, {"due": timer.due, "owner": handoff.owner}, to)


def _notice(
    handoff: Handoff, mark: Mark, who: str, kind: str, says: str, key: str, values: Mapping[str, object],
    to: tuple[str, ...] = (),
) -> Notice:  # fmt: skip
    return Notice(
        kind, says, f"handoff-{handoff.id}:{key}", mark.at, who, handoff.team, handoff.flow,
        handoff.lead_id, handoff.hot, values, to,
    )  # fmt: skip


def _nobody(handoff: Handoff, why: str, now: datetime) -> Notice:
    return Notice(
        "breached", "nobody there", f"handoff-{handoff.id}:nobody-left", now, handoff.owner, handoff.team, handoff.flow,
        handoff.lead_id, handoff.hot, {"why": why}, ("manager",),
    )  # fmt: skip


def _one_more(known: NoticeState | None, event: HandoffEvent) -> NoticeState:
    """One more in a row that somebody did not answer."""
    count = int(known.state) if known else 0
    since = known.since if known and count else event.at
    return NoticeState(f"{UNANSWERED}:{event.who}", UNANSWERED, str(count + 1), since)


def rewind(runtime: Runtime) -> None:
    """After an edit of the configuration: wind every open handoff by it.

    What came due while no clock ran is noted, and nobody is told of it.
    """
    config = runtime.config
    with runtime.store.read() as tx:
        if tx.admin.meta(WOUND) == config.digest:
            return
        ids = [one.id for name in config.flows for one in tx.handoffs.in_state(name, "open", EVERY)]
    heard = clocks_heard(runtime) if ids else {}
    for start in range(0, len(ids), BATCH):
        with runtime.store.write() as tx:
            _wind_again(tx, config, ids[start : start + BATCH], heard, runtime.clock())
    with runtime.store.write() as tx:
        tx.admin.set_meta(WOUND, config.digest)


def _wind_again(
    tx: Transaction, config: Config, ids: Sequence[int], heard: Mapping[str, frozenset[ClockName]], now: datetime
) -> None:
    handoffs = list(tx.handoffs.by_ids(ids).values())
    stood = {one.id for one in handoffs if one.next_at is None}
    events = wind(tx, config, handoffs, now)
    leads = tx.intake.leads(sorted({one.lead_id for one in handoffs}))
    missed: list[HandoffEvent] = []
    for handoff in handoffs:
        flow, lead = config.flows.get(handoff.flow), leads.get(handoff.lead_id)
        if handoff.id not in stood or flow is None:
            continue
        due = due_of(config, flow, handoff, lead, events.get(handoff.id, ()), now, heard[flow.name])
        missed += [event_of(handoff, mark, told=False) for mark in (*due.told, *due.silent)]
        handoff.next_at = due.next_at
    tx.handoff_events.add(missed, now)
    tx.handoffs.save(handoffs)
