"""Rows that several pages are made of: the handoffs that the filters choose, and the weeks or months of the period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from connector.insight.trends import Spans
from connector.model.fields import Value
from connector.model.goals import segment_of
from connector.model.ports import Handed
from connector.model.times import micros, moment
from connector.reporting.periods import Period, period_of
from connector.steps.telling.words import N_
from connector.web.sheets.sheet import Look

#: The field of a lead behind a filter.
FIELDS = {"source": "source", "campaign": "campaign", "segment": "company.employees"}
#: Longer periods are told by the month, of which at most so many are shown.
WEEKS, MONTHS = 27, 36


def span(look: Look) -> tuple[int, int]:
    """The period in microseconds; up to now where it has no end."""
    since, until = look.asked.since, look.asked.until
    return micros(since) if since else 0, min(micros(until), micros(look.now) + 1) if until else micros(look.now) + 1


def handed(look: Look) -> list[Handed]:
    """The handoffs that were opened in the period, of what the filters choose."""
    return fitting(look, look.tx.looking.handed(*span(look)))


def fitting(look: Look, rows: Sequence[Handed]) -> list[Handed]:
    """Those that the filters choose."""
    asked = look.asked
    found = [
        one
        for one in rows
        if asked.flow in ("", one.flow) and asked.owner in ("", one.owner) and asked.team in ("", one.team)
    ]
    wanted = {part: value for part in FIELDS if (value := getattr(asked, part))}
    if wanted:
        values = look.tx.funnel.values_of(sorted({one.lead_id for one in found}), [FIELDS[part] for part in wanted])
        names = list(wanted)
        found = [one for one in found if _fits(values.get(one.lead_id), names, wanted)]
    if asked.version:
        versions = look.tx.funnel.versions(asked.flow)
        found = [one for one in found if versions.get((one.lead_id, one.flow)) == asked.version]
    return found


def _fits(values: Sequence[Value | None] | None, names: Sequence[str], wanted: dict[str, str]) -> bool:
    if values is None:
        return False
    told = (segment_of(one) if name == "segment" else str(one or "") for name, one in zip(names, values, strict=True))
    return all(wanted[name] == one for name, one in zip(names, told, strict=True))


def spans(look: Look, earliest: int | None) -> Spans:
    """The weeks or months of the period; of one without a beginning, from `earliest` on."""
    begin, end = span(look)
    begin = max(begin, earliest) if earliest is not None and not look.asked.since else begin
    if not begin:
        return Spans((), (), end)
    first, last = (moment(at).astimezone(look.config.zone).date() for at in (begin, end - 1))
    kind = {"week": "weekly", "month": "monthly"}.get(look.asked.each) or _kind(first, last)
    found, day = list[Period](), last
    most = 2 * WEEKS if kind == "weekly" else MONTHS
    while day >= first and len(found) < most:
        found.append(period_of(kind, day, look.config))
        day = found[-1].first - timedelta(days=1)
    found.reverse()
    unfinished = bool(found) and found[-1].until > look.now
    return Spans(tuple(one.name for one in found), tuple(micros(one.since) for one in found), end, unfinished)


def _kind(first: date, last: date) -> str:
    return "weekly" if (last - first).days <= 7 * WEEKS else "monthly"


def cut(look: Look, made: Spans, *, whole: bool = False) -> list[str]:
    """What is to be known about the first and the last of them. `whole`: the first one is shown whole."""
    say, found = look.words.say, list[str]()
    if made.names and span(look)[0] > made.begins[0] and not whole:
        found.append(say(N_("The first one, %(name)s, is cut off: the period begins within it."), name=made.names[0]))
    if made.unfinished:
        found.append(say(N_("The last one, %(name)s, is not over yet."), name=made.names[-1]))
    return found
