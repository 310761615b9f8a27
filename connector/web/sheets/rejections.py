"""Rejections: the reasons that reps gave, ranked; by campaign and lead type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from connector.insight.funnel import share
from connector.locale.format import number
from connector.locale.format import share as percent
from connector.model.fields import Value
from connector.model.ports import Handed
from connector.steps.telling.words import N_, field_name, reason_name
from connector.web.charts import Chart, Series
from connector.web.sheets import rows
from connector.web.sheets.sheet import Look, Part, Sheet
from connector.web.tables import Column, Grid

#: Rows on a page.
LISTED = 25


def rejections(look: Look) -> Sheet:
    """The page."""
    words = look.words
    closed = rows.fitting(look, look.tx.looking.rejected(*rows.span(look)))
    opened = rows.handed(look)
    leads = sorted({one.lead_id for one in opened})
    values = look.tx.funnel.values_of(leads, ("campaign", "source", "persona"))
    about = N_(
        "Leads that reps gave back with a reason in this period; and, of those handed over in it, who was "
        "given back since."
    )
    parts = [_reasons(look, closed), _part(look, "campaign", field_name("campaign", words.translate), opened, values)]
    parts.append(_part(look, "type", words.say(N_("lead type")), opened, values))
    return Sheet(words.say(about), parts)


def _reasons(look: Look, closed: Sequence[Handed]) -> Part:
    words = look.words
    say, counts = words.say, Counter(one.reason for one in closed)
    title = say(N_("Reasons"))
    columns = [
        Column("reason", say(N_("reason"))),
        Column("count", say(N_("rejections")), "count"),
        Column("share", say(N_("share of all rejections")), "share"),
    ]
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    table = [(reason_name(name, words.translate), count, share(count, len(closed))) for name, count in ranked]
    grid = Grid("reasons", title, columns, table, nothing=say(N_("No lead was given back with a reason.")))
    if not ranked:
        return Part(title, grid)
    name, count = ranked[0]
    text = N_("The first reason is %(reason)s: %(count)s of %(of)s (%(share)s).")
    says = say(
        text, reason=reason_name(name, words.translate), count=number(count), of=number(len(closed)),
        share=percent(count / len(closed), words.language),
    )  # fmt: skip
    series = [Series(say(N_("rejections")), [count for _, count in ranked])]
    return Part(title, grid, Chart("bars", title, [row[0] for row in table], series, says))


def _part(
    look: Look, key: str, name: str, opened: Sequence[Handed], values: Mapping[int, Sequence[Value | None]]
) -> Part:
    words = look.words
    say = words.say
    groups: dict[str, list[Handed]] = {}
    for one in opened:
        groups.setdefault(_name(key, one, values.get(one.lead_id, (None,) * 3)), []).append(one)
    title = say(N_("By %(name)s"), name=name)
    columns = [
        Column(key, name),
        Column("handed", say(N_("handed over")), "count"),
        Column("rejected", say(N_("given back since")), "share"),
        Column("reason", say(N_("most frequent reason"))),
    ]
    ranked = sorted(groups.items(), key=lambda pair: (-sum(_back(one) for one in pair[1]), pair[0]))
    table = [(who or say(N_("(not known)")), len(some), *_of(some, look)) for who, some in ranked]
    note = say(N_("Those given back most often come first; shares are of what was handed over in the period (95 %)."))
    return Part(title, Grid(key, title, columns, table, note, LISTED))


def _name(key: str, one: Handed, values: Sequence[Value | None]) -> str:
    campaign, source, persona = (str(value or "") for value in values)
    return campaign if key == "campaign" else " × ".join(part or "–" for part in (one.flow, source, persona))


def _back(one: Handed) -> bool:
    return one.closed is not None and bool(one.reason)


def _of(some: Sequence[Handed], look: Look) -> tuple[object, str]:
    reasons = Counter(one.reason for one in some if _back(one))
    first = min(reasons.items(), key=lambda pair: (-pair[1], pair[0]), default=None)
    told = f"{reason_name(first[0], look.words.translate)} ({number(first[1])})" if first else ""
    return share(sum(reasons.values()), len(some)), told
