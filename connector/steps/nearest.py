"""The nearest change that would have turned a decision: found by trying, and proven by deciding again.

One change is tried before two together, little before much: what is found is the least of its sort. A change is only
ever told if score and gate, replayed with it, let the lead through.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations

from connector.model.activity import Activity
from connector.model.facts import Facts
from connector.model.lead import Lead
from connector.steps.changes import Change, More, Moved, applied, key
from connector.steps.conditions.condition import Condition
from connector.steps.golden import Judging
from connector.steps.qualification import Judgement, judge
from connector.steps.returning import over_anew
from connector.steps.simulation import judged
from connector.steps.wanted import wanted

#: So many suggestions are made at most.
MOST = 3
#: More activities of one sort than these are no near change.
MOST_MORE = 10
#: Two changes together are at most so much of a change.
LARGEST_PAIR = 7
#: Decisions that are tried, for a lead with few activities; with many fewer, so that it takes as long.
TRIES = 6000
#: A lead with so many activities is tried half as often.
_HALF = 100
#: Of more activities the latest of each kind are searched with; what is found is proven with all.
LARGE, LATEST = 1000, 150
#: It is looked so far ahead, and so many moments at which time changes something.
AHEAD, MOMENTS = timedelta(days=366), 60


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Changes that turn the decision when they are made at `at`, and at any time before `before` (None: any time).

    Without `changes` time alone turns it, at `at`. `total` are the points that it comes to.
    """

    changes: tuple[Change, ...]
    at: datetime
    total: int
    before: datetime | None = None

    @property
    def size(self) -> int:
        """How much of a change this is."""
        return sum(change.size for change in self.changes) if self.changes else 2


@dataclass(frozen=True, slots=True)
class Nearest:
    """The nearest changes, the least first. `total` are the points that there are; `all_tried`: nothing was
    left out."""

    suggestions: tuple[Suggestion, ...] = ()
    total: int = 0
    all_tried: bool = True


@dataclass(frozen=True, slots=True)
class Rejected:
    """That a lead was handed over before, until `at`: it is over the line anew only (steps/returning.py)."""

    at: datetime
    back_when: Condition | None = None


def nearest(
    lead: Lead, activities: Sequence[Activity], flow: Judging, now: datetime, rejected: Rejected | None = None
) -> Nearest | None:
    """What would make `lead` an MQL of `flow` at `now`; None where it is one by its facts, or has no such gate.

    `activities` are those that the criteria look at. Fields are as they are.
    """
    facts, judgement = decision((), lead, activities, flow, now, rejected)
    if "mql" not in flow.criteria.gates or (judgement is not None and judgement.stage == "mql"):
        return None
    missing = judgement.missing if judgement is not None else ()
    candidates = wanted(flow.criteria.text, facts, missing)
    some = activities if len(activities) <= LARGE else _latest(activities)
    search = _Search(lead, some, flow, now, rejected)
    found = [*search.singles(candidates), *search.by_itself(), *search.earlier()]
    found += search.pairs(candidates)
    total = facts.score.total if facts.score is not None else 0
    chosen = sorted(found, key=lambda one: (one.size, len(one.changes)))[:MOST]
    dated = [search.dated(one) for one in chosen]
    if some is activities:
        return Nearest(tuple(dated), total, search.left > 0)
    whole = _Search(lead, activities, flow, now, rejected)
    return Nearest(tuple(one for suggestion in dated for one in whole.proven(suggestion)), total, False)


def _latest(activities: Sequence[Activity]) -> list[Activity]:
    """The latest of each kind."""
    by_kind: dict[str, list[Activity]] = {}
    for one in sorted(activities, key=lambda one: one.at, reverse=True):
        several = by_kind.setdefault(one.kind, [])
        if len(several) < LATEST:
            several.append(one)
    return [one for several in by_kind.values() for one in several]


def decision(
    changes: Sequence[Change],
    lead: Lead,
    activities: Sequence[Activity],
    flow: Judging,
    moment: datetime,
    rejected: Rejected | None = None,
) -> tuple[Facts, Judgement | None]:
    """The decision at `moment`, taken again with `changes`; None where the flow does not take the lead."""
    lead, activities = applied(changes, lead, activities, moment)
    facts, judgement = judged(lead, activities, flow, moment)
    if rejected is not None and judgement is not None and judgement.stage == "mql":
        known = [one for one in activities if one.at <= moment]
        if not over_anew(lead, known, flow.criteria, facts, rejected.at, rejected.back_when):
            judgement = judge(lead, facts, flow.criteria, (), handed_over=False, over=False)
    return facts, judgement


@dataclass(slots=True)
class _Search:
    lead: Lead
    activities: Sequence[Activity]
    flow: Judging
    now: datetime
    rejected: Rejected | None
    left: int = TRIES
    #: By a single change that is enough: the least count of it.
    enough: dict[Change, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.left = max(TRIES * _HALF // (len(self.activities) + _HALF), 200)

    def judged(self, changes: Sequence[Change], moment: datetime) -> tuple[Facts, Judgement | None]:
        self.left -= 1
        return decision(changes, self.lead, self.activities, self.flow, moment, self.rejected)

    def tried(self, changes: tuple[Change, ...], moment: datetime | None = None) -> Suggestion | None:
        """The suggestion that these changes are, None where they do not turn the decision."""
        moment = moment or self.now
        facts, judgement = self.judged(changes, moment)
        if judgement is None or judgement.stage != "mql":
            return None
        return Suggestion(changes, moment, facts.score.total if facts.score is not None else 0)

    def singles(self, candidates: Sequence[Change]) -> Iterator[Suggestion]:
        """Single changes that are enough, each with the least count."""
        for one in candidates:
            for change in _counted(one, MOST_MORE):
                if found := self.tried((change,)):
                    self.enough[one] = change.size
                    yield found
                    break

    def pairs(self, candidates: Sequence[Change]) -> list[Suggestion]:
        """The least two changes that are enough together and not each by itself."""
        sized = [(one, change) for one in candidates for change in _counted(one, LARGEST_PAIR)]
        sized = [(one, change) for one, change in sized if change.size < self.enough.get(one, change.size + 1)]
        by_size: dict[int, list[tuple[Change, ...]]] = {}
        for (one, change), (other, second) in combinations(sized, 2):
            if one != other and (size := change.size + second.size) <= LARGEST_PAIR:
                by_size.setdefault(size, []).append((change, second))
        for size in sorted(by_size):
            found: list[Suggestion] = []
            for pair in by_size[size]:
                if self.left <= 0:
                    return found
                if suggestion := self.tried(pair):
                    found.append(suggestion)
            if found:
                return found
        return []

    def by_itself(self) -> Iterator[Suggestion]:
        """When time alone turns the decision: what stood in the way has faded."""
        moment = self.now
        for _ in range(MOMENTS):
            following = _following(self.judged((), moment)[0], moment)
            if following is None or following > self.now + AHEAD:
                return
            moment = following
            if found := self.tried((), moment):
                yield found
                return

    def earlier(self) -> Iterator[Suggestion]:
        """The latest activity of a kind, had it come before what is older had faded."""
        latest = {one.kind: one for one in sorted(self.activities, key=lambda one: one.at) if one.at <= self.now}
        for one in latest.values():
            if found := self._had_it_come(one):
                yield found

    def _had_it_come(self, one: Activity) -> Suggestion | None:
        """Until when `one` would have had to come; the moment before that is the one that is decided at."""
        # Who was over the line when it came did not lack that it came earlier.
        if self.tried((), one.at) is not None:
            return None
        moment = min(other.at for other in self.activities)
        found: tuple[Moved, datetime] | None = None
        for _ in range(MOMENTS):
            if moment >= one.at:
                break
            change = Moved(key(one), one.kind, one.at, moment)
            facts, judgement = self.judged((change,), moment)
            following = min(_following(facts, moment) or one.at, one.at)
            turned = judgement is not None and judgement.stage == "mql"
            # Where it was over the line all the same, this is not what would have turned it.
            if turned and self.tried((), moment) is None:
                found = replace(change, to=following - timedelta(seconds=1)), following
            moment = following
        if found is None:
            return None
        told = self.tried((found[0],), found[0].to)
        if told is None or self.tried((), found[0].to) is not None:
            return None
        return replace(told, before=found[1])

    def proven(self, one: Suggestion) -> Iterator[Suggestion]:
        """The suggestion, where it turns the decision and less does not; without its date where that is another."""
        found = self.tried(one.changes, one.at)
        if found is None or any(self.tried(less, one.at) for less in _less(one.changes)):
            return
        last = one.before - timedelta(seconds=1) if one.before is not None else None
        holds = last is None or self.tried(one.changes, last) is not None
        ends = one.before is None or self.tried(one.changes, one.before) is None
        moved = any(isinstance(change, Moved) for change in one.changes)
        if moved:
            holds, ends = True, self.tried((), one.at) is None
        if holds and ends:
            yield replace(found, before=one.before)
        elif holds and not moved:
            yield found

    def dated(self, one: Suggestion) -> Suggestion:
        """The suggestion with the time before which it holds."""
        if not one.changes or one.before is not None:
            return one
        moment = one.at
        for _ in range(MOMENTS):
            facts, judgement = self.judged(one.changes, moment)
            if judgement is None or judgement.stage != "mql":
                return replace(one, before=moment)
            following = _following(facts, moment)
            if following is None or following > self.now + AHEAD:
                return one
            moment = following
        return one


def _following(facts: Facts, moment: datetime) -> datetime | None:
    following = facts.score.next_change if facts.score is not None else None
    return following if following is not None and following > moment else None


def _less(changes: tuple[Change, ...]) -> Iterator[tuple[Change, ...]]:
    """The same changes with one less of each."""
    for place, change in enumerate(changes):
        less = [replace(change, count=change.count - 1)] if isinstance(change, More) and change.count > 1 else []
        if rest := (*changes[:place], *less, *changes[place + 1 :]):
            yield rest


def _counted(change: Change, most: int) -> Iterator[Change]:
    if isinstance(change, More):
        yield from (replace(change, count=count) for count in range(1, most + 1))
    else:
        yield change
