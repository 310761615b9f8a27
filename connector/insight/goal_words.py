"""Goals in words: what is asked, how far they are, and what is to be known about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from connector.insight.goals import GoalStanding
from connector.locale import format as formatted
from connector.model.goals import Goal
from connector.steps.telling.words import N_, stage

#: Marks states and spans for the translators.
STATES = {
    "reached": N_("reached"), "missed": N_("missed"), "ahead": N_("ahead"), "on track": N_("on track"),
    "behind": N_("behind"), "not enough data": N_("not enough data"), "not begun": N_("not begun"),
}  # fmt: skip
PERS = {
    "week": N_("a week"), "month": N_("a month"), "quarter": N_("a quarter"), "year": N_("a year"),
    "fiscal quarter": N_("a fiscal quarter"), "fiscal year": N_("a fiscal year"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Teller:
    """Says goals in a language; money is in the currency `money`."""

    translate: Callable[[str], str]
    language: str
    zone: ZoneInfo
    money: str

    def document(self, one: GoalStanding) -> dict[str, Any]:
        """All of a standing; figures in the goal's unit, shares from 0 to 1, lengths of time in seconds."""
        made = asdict(one)
        made["state"] = one.state
        made["goal"]["currency"] = self.money if one.goal.unit == "money" else ""
        return made

    def asked(self, goal: Goal, target: float) -> str:
        """`at least 100`, `at most 4 hours of working time`."""
        text = self.translate(N_("at most %(number)s") if goal.at_most else N_("at least %(number)s"))
        return text % {"number": self.number(goal, target)}

    def number(self, goal: Goal, value: float) -> str:
        """A figure in the goal's unit."""
        if goal.unit == "share":
            return formatted.share(value, self.language)
        if goal.unit == "money":
            return f"{round(value):,} {self.money}"
        if goal.unit == "leads":
            return formatted.number(round(value, 1))
        told = formatted.span(value, self.language)
        return self.translate("%(time)s of working time") % {"time": told} if goal.unit == "working time" else told

    def so_far(self, one: GoalStanding) -> str:
        """How far a goal is, with what it is counted from."""
        found, _ = one.figures, self.translate
        if found.hits is not None:
            told = _("%(part)s of %(whole)s") % {"part": f"{found.hits:,}", "whole": f"{found.of or 0:,}"}
            return told if found.value is None else f"{formatted.share(found.value, self.language)} ({told})"
        return "" if found.value is None else self.number(one.goal, found.value)

    def forecast(self, one: GoalStanding) -> str:
        """Where it will end, and between what (80 %); "" where nobody knows."""
        end, goal = one.figures.forecast, one.goal
        if end is None:
            return ""
        low, high = self._bare(goal, end.low), self._bare(goal, end.high)
        return f"{self.number(goal, end.value)} ({low}–{high})"

    def _bare(self, goal: Goal, value: float) -> str:
        """A figure whose unit was said just before."""
        if goal.unit == "money":
            return f"{round(value):,}"
        return formatted.span(value, self.language) if goal.unit == "working time" else self.number(goal, value)

    def notes(self, one: GoalStanding) -> Iterator[str]:
        """What is to be known about a goal's figures, a sentence each."""
        yield from self._of_dates(one)
        yield from self._of_data(one)
        if one.children:
            yield f"{one.goal.name}: {self._children(one)}"
        if one.goal.benchmark is not None:
            text = self.translate("%(goal)s: others reach %(number)s (%(source)s); nothing is judged by it.")
            source = one.goal.benchmark_from or self.translate("no source is named")
            yield text % {
                "goal": one.goal.name, "number": self.number(one.goal, one.goal.benchmark), "source": source,
            }  # fmt: skip

    def _of_dates(self, one: GoalStanding) -> Iterator[str]:
        _, name = self.translate, one.goal.name
        for was in one.earlier:
            until = formatted.moment(was.until, self.zone, self.language)
            if was.goal is None:
                yield _("%(goal)s: until %(until)s it was not asked for.") % {"goal": name, "until": until}
                continue
            asked, per = self.asked(was.goal, was.goal.target), _(PERS[was.goal.per])
            text = _("%(goal)s: until %(until)s %(asked)s %(per)s.")
            if (was.goal.target, was.goal.per, was.goal.at_most) == (one.goal.target, one.goal.per, one.goal.at_most):
                text = _("%(goal)s: until %(until)s %(asked)s %(per)s too, of other leads or by another owner.")
            yield text % {"goal": name, "until": until, "asked": asked, "per": per}
        if (one.first, one.last) != (one.span.first, one.span.last):
            first, last = (formatted.day(day, self.language, year=True) for day in (one.first, one.last))
            yield _("%(goal)s: holds in this span from %(first)s to %(last)s only.") % {
                "goal": name, "first": first, "last": last,
            }  # fmt: skip

    def _of_data(self, one: GoalStanding) -> Iterator[str]:
        _, name, found = self.translate, one.goal.name, one.figures
        if found.no_rate:
            text = _("%(goal)s: deals set aside, for their currency has no rate under `currency`: %(n)s.")
            yield text % {"goal": name, "n": found.no_rate}
        if found.no_amount:
            yield _("%(goal)s: deals that were won and name no amount: %(n)s.") % {"goal": name, "n": found.no_amount}
        if found.old_after_days is not None and one.state not in ("reached", "missed"):
            text = _("%(goal)s: judged by the leads that are %(days)s days old: nine of ten who go on do so by then.")
            yield text % {"goal": name, "days": formatted.number(found.old_after_days)}
        if one.goal.measure == "rate" and one.state == "not enough data" and found.old_after_days is None:
            yield _("%(goal)s: too few have come from %(first)s to %(last)s to know how long it takes.") % {
                "goal": name, "first": stage(one.goal.of[0], _), "last": stage(one.goal.of[1], _),
            }  # fmt: skip

    def _children(self, one: GoalStanding) -> str:
        _, sum_ = self.translate, one.children
        assert sum_ is not None  # noqa: S101 - asked before
        names = _joined(sum_.names, _)
        if sum_.hits is not None:
            told = _("%(part)s of %(whole)s") % {"part": f"{sum_.hits:,}", "whole": f"{sum_.of or 0:,}"}
            return _("the goals under it have %(told)s together (%(names)s).") % {"told": told, "names": names}
        values = {"value": self.number(one.goal, sum_.value or 0), "target": self.number(one.goal, sum_.target or 0)}
        text = _("the goals under it have %(value)s together, and ask for %(target)s (%(names)s).")
        return text % {**values, "names": names}


def _joined(names: Iterable[str], _: Callable[[str], str]) -> str:
    return _(", ").join(names)
