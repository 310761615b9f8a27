"""How far each goal is: progress, pace, forecast, state, what it was before, and how those under it add up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import pairwise, takewhile
from zoneinfo import ZoneInfo

from connector.insight.deals import Money
from connector.insight.goal_figures import Figures, State, Window, figures
from connector.insight.goal_rows import Book, Events
from connector.model.goals import Goal, GoalVersion, times
from connector.model.ports import Transaction
from connector.model.times import micros
from connector.steps.kept_goals import goal_of
from connector.steps.periods import DAY, Span, before, elapsed_days, span_of, working_days

#: So many spans before the present one are looked at.
PAST = 12
#: What is worth adding up, and what is divided.
SUMS = ("count", "amount")


@dataclass(frozen=True, slots=True)
class Terms:
    """What goals are asked under: the clock, the fiscal year, the working days, the currency of sums, the teams."""

    goals: Mapping[str, Goal]
    zone: ZoneInfo
    year_starts: int
    is_working: Callable[[date], bool]
    money: Money
    members: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was asked until `until`, within the span that is looked at; None where nothing was."""

    until: datetime
    goal: Goal | None


@dataclass(frozen=True, slots=True)
class AddUp:
    """What the goals under one come to together: their sum, or `hits` of `of`; and what they ask for together."""

    names: tuple[str, ...]
    value: float | None
    target: float | None
    hits: int | None = None
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """One span before: its name, and the figure of it (None: of too few)."""

    name: str
    value: float | None


@dataclass(frozen=True, slots=True)
class GoalStanding:
    """How far one goal is in one span.

    The goal holds from `first` to `last` of the span; `target` is the share of what it asks for that falls on these
    days. `expected` is what would be there by now at an even pace over the working days, of which `elapsed` (0 to 1)
    are over; None where there is no such pace. `past` are the spans before, the oldest first. `depth` says under how
    many goals it stands.
    """

    goal: Goal
    span: Span
    first: date
    last: date
    target: float
    figures: Figures
    elapsed: float
    expected: float | None
    earlier: tuple[Earlier, ...] = ()
    past: tuple[Past, ...] = ()
    children: AddUp | None = None
    depth: int = 0

    @property
    def state(self) -> State:
        """The one word."""
        return self.figures.state


def goals(tx: Transaction, terms: Terms, now: datetime, period: str = "") -> list[GoalStanding]:
    """Each goal in the span of today, or in the one called `period` where it has one; parents before what is under
    them. Reads the store's rows once, and writes nothing."""
    versions = _versions(tx)
    asked = [one for goal in terms.goals.values() if (one := _asked(goal, versions, terms, now, period))]
    if not asked:
        return []
    since = min(micros(_past(span, terms)[-1].bounds(terms.zone)[0]) for _, span in asked)
    looked_at = [goal for goal, _ in asked]
    book = Book(tx, looked_at, since, terms.members, terms.money)
    counter = _Counter(terms, book, now)
    found = {goal.name: counter.standing(goal, span, versions.get(goal.name, ())) for goal, span in asked}
    return list(_tree(counter, found))


def _versions(tx: Transaction) -> dict[str, list[GoalVersion]]:
    found: dict[str, list[GoalVersion]] = {}
    for one in tx.goals.versions():
        found.setdefault(one.goal, []).append(one)
    return found


def _asked(
    goal: Goal, versions: Mapping[str, Sequence[GoalVersion]], terms: Terms, now: datetime, period: str
) -> tuple[Goal, Span] | None:
    """A goal as it was in force at the end of a span, and that span; None where it has none of that name."""
    today = now.astimezone(terms.zone).date()
    if not period:
        return goal, span_of(goal.per, min(today, goal.ends or today), terms.year_starts)
    span = named(goal, period, today, terms.year_starts)
    if span is None:
        return None
    end = span.bounds(terms.zone)[1]
    if end <= now:
        goal = in_force(goal, versions.get(goal.name, ()), end)
    if goal.per != span.per or (goal.begins and goal.begins > span.last) or (goal.ends and goal.ends < span.first):
        return None
    return goal, span


def named(goal: Goal, period: str, today: date, year_starts: int) -> Span | None:
    """The span of a goal that is called so; None where it has none."""
    try:
        day = date(int(period[:4]) - 1, 1, 1)
    except ValueError:
        return None
    span = span_of(goal.per, day, year_starts)
    # A fiscal year may begin in the year before the one that it is named after, a week's year a day or two later.
    while span.name != period and span.first < day.replace(year=day.year + 2):
        span = span_of(goal.per, span.last + DAY, year_starts)
    return span if span.name == period and span.first <= today + timedelta(days=3660) else None


def in_force(goal: Goal, versions: Sequence[GoalVersion], at: datetime) -> Goal:
    """The goal as it was kept last before `at`; as it was kept first where that was later."""
    said = [one for one in versions if one.body]
    held = [*takewhile(lambda one: one.at < at, said)] or said[:1]
    return goal_of(goal.name, held[-1].body) if held else goal


def _past(span: Span, terms: Terms) -> list[Span]:
    """The span and those before it, the latest first."""
    found = [span]
    while len(found) <= PAST:
        found.append(before(found[-1], terms.year_starts))
    return found


class _Counter:
    def __init__(self, terms: Terms, book: Book, now: datetime) -> None:
        self.terms, self.book, self.now = terms, book, now
        self._events: dict[tuple[object, ...], Events] = {}

    def events(self, goal: Goal) -> Events:
        """What a goal counts, made once for goals that count the same."""
        where = tuple(sorted((part, tuple(values)) for part, values in goal.where.items()))
        key = goal.measure, goal.of, where
        if key not in self._events:
            self._events[key] = self.book.events(goal)
        return self._events[key]

    def standing(self, goal: Goal, span: Span, versions: Sequence[GoalVersion]) -> GoalStanding:
        """One goal in one span."""
        first, last = max(span.first, goal.begins or span.first), min(span.last, goal.ends or span.last)
        held = replace(span, first=first, last=max(first, last))
        days = working_days(held.first, held.last, self.terms.is_working)
        whole = days if held == span else working_days(span.first, span.last, self.terms.is_working)
        target = goal.target * days / whole if goal.measure in SUMS and whole else goal.target
        window = self._window(held, days, span)
        events = self.events(goal)
        found = figures(goal, target, events, window)
        if self.now < held.bounds(self.terms.zone)[0]:
            found = Figures(None, "not begun")
        elapsed = window.over / days if days else float(window.is_over)
        paced = goal.measure in SUMS and not goal.at_most and not window.is_over
        expected = target * elapsed if paced else None
        past = tuple(self._before(goal, events, window, span))
        return GoalStanding(
            goal, span, held.first, held.last, target, found, elapsed, expected,
            tuple(self._earlier(goal, held, versions)), past,
        )  # fmt: skip

    def _window(self, held: Span, days: int, span: Span) -> Window:
        begin, end = (micros(at) for at in held.bounds(self.terms.zone))
        over = elapsed_days(held, self.now.astimezone(self.terms.zone), self.terms.is_working)
        past = [
            (micros(since), micros(until), float(working_days(one.first, one.last, self.terms.is_working)))
            for one in _past(span, self.terms)[1:]
            for since, until in [one.bounds(self.terms.zone)]
            if self.book.begins is not None and micros(since) >= self.book.begins and until <= self.now
        ]
        return Window(begin, end, micros(self.now), over, days - over, past)

    def _before(self, goal: Goal, events: Events, window: Window, span: Span) -> Iterator[Past]:
        names = {micros(one.bounds(self.terms.zone)[0]): one.name for one in _past(span, self.terms)}
        for begin, end, days in reversed(window.past):
            there = Window(begin, end, window.now, days, 0.0)
            yield Past(names[begin], figures(goal, goal.target, events, there).value)

    def _earlier(self, goal: Goal, held: Span, versions: Sequence[GoalVersion]) -> Iterator[Earlier]:
        begin, end = held.bounds(self.terms.zone)
        for one, following in pairwise(versions):
            if begin < following.at <= end:
                yield Earlier(following.at, goal_of(goal.name, one.body) if one.body else None)

    def add_up(self, above: GoalStanding, under: Sequence[Goal]) -> AddUp | None:
        """What goals come to together in the span of the one that they are under; None where they cannot be added."""
        if not under or above.goal.measure == "median":
            return None
        names = tuple(goal.name for goal in under)
        held = replace(above.span, first=above.first, last=above.last)
        window = self._window(held, working_days(held.first, held.last, self.terms.is_working), above.span)
        found = [figures(goal, goal.target, self.events(goal), window) for goal in under]
        if above.goal.measure in SUMS:
            asked = sum(goal.target * (times(goal.per, above.goal.per) or 1) for goal in under)
            return AddUp(names, sum(one.value or 0 for one in found), asked)
        hits, of = sum(one.hits or 0 for one in found), sum(one.of or 0 for one in found)
        return AddUp(names, hits / of if of else None, None, hits, of)


def _tree(counter: _Counter, found: Mapping[str, GoalStanding]) -> Iterator[GoalStanding]:
    """Parents, then what is under them, in the order of the configuration."""
    under: dict[str, list[GoalStanding]] = {}
    for one in found.values():
        under.setdefault(one.goal.under if one.goal.under in found else "", []).append(one)

    def below(name: str, depth: int) -> Iterator[GoalStanding]:
        for one in under.get(name, ()):
            children = [child.goal for child in under.get(one.goal.name, ())]
            yield replace(one, depth=depth, children=counter.add_up(one, children))
            yield from below(one.goal.name, depth + 1)

    return below("", 0)
