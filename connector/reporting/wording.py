"""What a configuration says, in words: conditions, rules, durations, hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from connector.config import Flow
from connector.locale import translator
from connector.locale.format import day
from connector.model.durations import Duration
from connector.model.facts import Facts
from connector.steps.conditions.condition import Condition
from connector.steps.routing.rules import ACCOUNT_OWNER
from connector.steps.telling.vocabulary import UNITS
from connector.steps.telling.words import N_, Translate, duration, whole

#: Nothing is known of anybody: what a condition says, whoever it is asked about.
NOBODY = Facts(datetime(2000, 1, 1, tzinfo=UTC), {})
_DAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def condition(one: Condition, translate: Translate) -> str:
    """A condition in one sentence, with all its alternatives."""
    return whole(one.explain(NOBODY), translate)


def length(one: Duration, translate: Translate) -> str:
    """`4 working hours`, `90 days`."""
    text = str(one)
    unit = text.partition(" ")[2]
    return duration(text, translate) if unit in UNITS else text


def rule(table: Mapping[str, Any], flow: Flow, translate: Translate) -> tuple[str, str]:
    """(what is asked, how often and how long it counts) of a scoring rule as the flow's table has it."""
    from connector.model.errors import Problems
    from connector.steps.conditions.compiler import VOCABULARY, compile_condition

    asked = {key: value for key, value in table.items() if key in VOCABULARY}
    compiled = compile_condition(
        asked, path=(), problems=Problems(), named=flow.criteria.conditions, lists=lambda _name: frozenset()
    )
    lasting = translate(N_("while it holds"))
    return condition(compiled, translate), _how(table, translate) if "activity" in table else lasting


def _how(table: Mapping[str, Any], translate: Translate) -> str:
    parts = [translate(N_("each time")) if table.get("each") else translate(N_("once"))]
    if "up_to" in table:
        parts.append(translate(N_("at most %(points)s")) % {"points": table["up_to"]})
    if "half_life" in table:
        parts.append(translate(N_("halved after %(time)s")) % {"time": duration(str(table["half_life"]), translate)})
    return translate(", ").join(parts)


def target(to: str, translate: Translate) -> str:
    """Whom a rule of routing names: a team, a person, or whoever owns the account."""
    return translate(N_("account owner")) if to == ACCOUNT_OWNER else to


def hours(table: Mapping[int, Sequence[tuple[time, time]]], translate: Translate) -> str:
    """`Mon-Thu 09:00-17:30, Fri 09:00-15:00`: days with the same hours together."""
    groups: list[tuple[list[int], str]] = []
    for weekday in sorted(table):
        said = " ".join(f"{begin:%H:%M}-{end:%H:%M}" for begin, end in table[weekday])
        if groups and groups[-1][1] == said and groups[-1][0][-1] == weekday - 1:
            groups[-1][0].append(weekday)
        else:
            groups.append(([weekday], said))
    return translate(", ").join(f"{_span(days, translate)} {said}" for days, said in groups)


def _span(days: Sequence[int], translate: Translate) -> str:
    first, last = translate(_DAYS[days[0]]), translate(_DAYS[days[-1]])
    return first if len(days) == 1 else f"{first}-{last}"


def holidays(days: Sequence[str | date], language: str) -> str:
    """Calendars by their codes, single days as a person writes them."""
    return translator(language)(", ").join(
        one if isinstance(one, str) else day(one, language, year=True) for one in days
    )
