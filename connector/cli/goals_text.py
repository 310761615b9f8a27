"""Goals as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connector.cli.tables import table, terminal_width
from connector.insight import goal_words
from connector.insight.goal_words import STATES
from connector.insight.goals import GoalStanding
from connector.locale.columns import wrap


def with_those_under(found: Sequence[GoalStanding], name: str) -> list[GoalStanding]:
    """The goal that is called so, and those under it."""
    place = next((place for place, one in enumerate(found) if one.goal.name == name), None)
    if place is None:
        return []
    rest = found[place + 1 :]
    end = next((n for n, one in enumerate(rest) if one.depth <= found[place].depth), len(rest))
    return list(found[place : place + 1 + end])


class Teller(goal_words.Teller):
    """Says goals to a terminal."""

    def lines(self, found: Sequence[GoalStanding]) -> Iterator[str]:
        """A table, then a line for whatever does not fit in it."""
        _ = self.translate
        if not found:
            yield _("no goals are set; name them under [goals] in the configuration")
            return
        head = (_("goal"), _("span"), _("asked"), _("so far"), _("by now"), _("at the end (80 %)"), _("state"))
        yield from table(head, [self._row(one) for one in found], columns=1000)
        notes = [text for one in found for text in self.notes(one)]
        for text in notes:
            first, *more = wrap(text, max(terminal_width() - 2, 40))
            yield from ([""] if text is notes[0] else [])
            yield from (f"* {first}", *(f"  {line}" for line in more))

    def _row(self, one: GoalStanding) -> tuple[str, ...]:
        goal = one.goal
        return (
            "  " * one.depth + goal.name, one.span.name, self.asked(goal, one.target), self.so_far(one),
            "" if one.expected is None else self.number(goal, one.expected), self.forecast(one),
            self.translate(STATES[one.state]),
        )  # fmt: skip
