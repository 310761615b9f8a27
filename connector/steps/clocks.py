"""The clocks of a handoff: until when it is to be accepted, contacted, moved on; what is due of that, and what is next.

Nothing is stored here and nothing asked: a handoff, what has happened to it already, and the calendar of its owner go
in; what is due comes out, each with the key that it is kept by, so that nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol, get_args

from connector.model.activity import Activity
from connector.model.durations import Duration
from connector.model.handoff import Handoff, HandoffEvent, HandoffEventKind
from connector.model.stages import Stage
from connector.steps.working_time import Calendar, deadline, worked

ClockName = Literal["accept", "contact", "stage"]
CLOCKS: frozenset[ClockName] = frozenset(get_args(ClockName))

#: Stages in which nobody is waited for any more: a deal is on its way, or all is over.
_BEYOND_CONTACT: frozenset[Stage] = frozenset({"opportunity", "won", "lost", "rejected"})
#: What happens to people, and is no act of theirs.
_NO_ACTS = frozenset({"bounce"})


class Step(Protocol):
    """What is done at a breach, some time `after` it (None: at once)."""

    @property
    def do(self) -> str:
        """`tell rep`, `tell manager` or `reassign`."""

    @property
    def after(self) -> Duration | None:
        """How long after the breach."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """The agreed times of a flow, None for none. `stages` says by stage how long a lead may stay in it.

    `remind` are shares of the time, 0 to 1.
    """

    accept: Duration | None = None
    contact: Duration | None = None
    contact_hot: Duration | None = None
    stages: Mapping[Stage, Duration] = field(default_factory=dict)
    remind: Sequence[float] = ()
    breach: Sequence[Step] = ()

    def contact_of(self, handoff: Handoff) -> Duration | None:
        """How long first contact may take."""
        return self.contact_hot if handoff.hot else self.contact


@dataclass(frozen=True, slots=True)
class Timer:
    """One clock that runs: since when, for how long, and when it is over. `round` counts the owners before this one."""

    clock: ClockName
    begun: datetime
    within: Duration
    due: datetime
    round: int = 0
    #: The stage that a lead is in too long; "" for the others.
    stage: str = ""

    @property
    def name(self) -> str:
        """How the keys of its events begin."""
        if self.clock == "stage":
            return f"stage:{self.stage}:{self.begun.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"
        return f"{self.clock}@{self.round}" if self.round else self.clock


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to do at a moment, once. `share` is the share of the time that is over then, `do` the step taken."""

    key: str
    kind: HandoffEventKind
    at: datetime
    timer: Timer
    share: float = 0.0
    do: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """What is due of a handoff: `told` in order, `silent` what is noted only, for something later makes up for it.

    `next_at` is when there is something again, None for never.
    """

    told: tuple[Mark, ...] = ()
    silent: tuple[Mark, ...] = ()
    next_at: datetime | None = None


def begun(handoff: Handoff, events: Iterable[HandoffEvent]) -> tuple[datetime | None, int]:
    """Since when its owner has a handoff, and how many had it before."""
    given = [one for one in events if one.kind == "reassigned"]
    latest = max((one.at for one in given), default=None)
    return (latest or handoff.opened_at), len(given)


def agree(handoff: Handoff, agreed: Agreed, calendar: Calendar, since: datetime) -> None:
    """Set by when a handoff is to be accepted and contacted that its owner has `since` now.

    What the next team gets has been accepted before. What was done keeps the time that was agreed for it then:
    somebody else's later one would make it in time.
    """
    contact = agreed.contact_of(handoff)
    accept = agreed.accept if not handoff.previous_id else None
    if handoff.accepted_at is None:
        handoff.accept_due_at = deadline(calendar, since, accept) if accept else None
    if handoff.contacted_at is None:
        handoff.due_at = deadline(calendar, since, contact) if contact else None


def timers(
    handoff: Handoff,
    stage: Stage,
    stage_since: datetime | None,
    agreed: Agreed,
    calendar: Calendar,
    events: Sequence[HandoffEvent],
) -> Iterator[Timer]:
    """The clocks that run for a handoff whose lead is at `stage`; none where nobody has it any more."""
    since, times = begun(handoff, events)
    if handoff.state != "open" or since is None:
        return
    contact = agreed.contact_of(handoff)
    if agreed.accept and handoff.accept_due_at and handoff.accepted_at is None and stage not in _BEYOND_CONTACT:
        yield Timer("accept", since, agreed.accept, handoff.accept_due_at, times)
    if contact and handoff.due_at and handoff.contacted_at is None and stage not in _BEYOND_CONTACT:
        yield Timer("contact", since, contact, handoff.due_at, times)
    if (within := agreed.stages.get(stage)) and (entered := stage_since or handoff.accepted_at):
        yield Timer("stage", entered, within, deadline(calendar, entered, within), 0, stage)


def marks(timer: Timer, agreed: Agreed, calendar: Calendar) -> list[Mark]:
    """All that is done while a clock runs, and after: reminders, the breach, its steps; in order."""
    if timer.clock == "stage":
        return [Mark(f"{timer.name}:stalled", "stalled", timer.due, timer)]
    found = [
        Mark(f"{timer.name}:remind:{share * 100:g}", "reminded", at_share(timer, share, calendar), timer, share)
        for share in agreed.remind
        if 0 < share < 1
    ]
    found.append(Mark(f"{timer.name}:breach", "breached", timer.due, timer, 1.0))
    for place, step in enumerate(agreed.breach):
        at = deadline(calendar, timer.due, step.after) if step.after else timer.due
        found.append(Mark(f"{timer.name}:do:{place}", "told", at, timer, 1.0, step.do))
    return sorted(found, key=lambda mark: mark.at)


def at_share(timer: Timer, share: float, calendar: Calendar) -> datetime:
    """When a share of the time of a clock is over; in working time where it runs in that. To the second."""
    if not timer.within.working:
        return timer.begun + timedelta(seconds=round((timer.due - timer.begun).total_seconds() * share))
    seconds = round(worked(calendar, timer.begun, timer.due) * share)
    return deadline(calendar, timer.begun, Duration(seconds, working=True))


def look(running: Iterable[Timer], agreed: Agreed, calendar: Calendar, done: Collection[str], now: datetime) -> Due:
    """What is due at `now` of clocks that run, without what is `done` (keys of events).

    Where several of one clock have come due together, nobody is reminded of what is over, or was reminded of later.
    """
    told: list[Mark] = []
    silent: list[Mark] = []
    later: list[datetime] = []
    for timer in running:
        left = [mark for mark in marks(timer, agreed, calendar) if mark.key not in done]
        come = [mark for mark in left if mark.at <= now]
        last = max((mark.at for mark in come), default=None)
        for mark in come:
            (silent if mark.kind == "reminded" and (mark.at != last or timer.due <= now) else told).append(mark)
        later += [mark.at for mark in left if mark.at > now]
    return Due(tuple(sorted(told, key=lambda mark: mark.at)), tuple(silent), min(later, default=None))


def own_act(activities: Iterable[Activity], until: datetime) -> datetime | None:
    """When a lead last did something itself, until then; None where nothing is known of that."""
    acts = (one.at for one in activities if one.kind not in _NO_ACTS and one.at <= until)
    return max(acts, default=None)
