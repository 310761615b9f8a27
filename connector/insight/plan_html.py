"""A plan as one page to read and to print: groups with counts, the records of each to be opened. It runs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from connector.insight.planned import ACTIONS, Group, beside, cost_rows, grouped, heading, in_short, in_words
from connector.locale.format import number
from connector.model.plans import Plan, PlannedRow
from connector.steps.telling.words import N_, Words

#: The most records of one group that are on the page; the others are counted, and in the plan as JSON.
MOST = 1000
_STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, "Hiragino Sans", "Noto Sans JP", "Yu Gothic", Meiryo, sans-serif;
  color: #1c2430; background: #fff; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin: 0 0 .2rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .2rem 0; } .quiet { color: #5b6675; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .2rem .8rem
  .2rem 0; border-bottom: 1px solid #e3e7ec; overflow-wrap: anywhere; } th { font-weight: 600; }
td.number { text-align: right; white-space: nowrap; width: 5rem; } td.name { width: 14rem; }
details { border: 1px solid #d5dbe3; border-radius: 4px; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; font-weight: 600; }
.record { margin: .7rem 0; break-inside: avoid; } .record table { margin-top: .2rem; font-size: .93em; }
.conflict, .unknown { border-left: 4px solid #b4540a; } .create { border-left: 4px solid #14713b; }
.update { border-left: 4px solid #1d4f91; } .skip { border-left: 4px solid #8a94a3; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } details { border-color: #bbb; } }
"""


def page_of(plan: Plan, words: Words) -> str:
    """The page: no script, nothing from elsewhere, every value escaped."""
    return "\n".join(_page(plan, words)) + "\n"


def _page(plan: Plan, words: Words) -> Iterator[str]:
    title = escape(words.say(N_("Plan of %(time)s"), time=words.dates_in(plan.at.isoformat())))
    yield "<!doctype html>"
    yield f'<html lang="{escape(words.language)}"><head><meta charset="utf-8">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    yield '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
    yield f"<title>{title}</title><style>{_STYLE}</style></head><body>"
    yield f"<h1>{title}</h1>"
    yield f'<p class="quiet">{escape(_what(plan, words))}</p>'
    groups = grouped(plan.rows)
    yield from _summary(groups, words)
    yield from _cost(plan, words)
    yield f"<h2>{escape(words.say(N_('Record by record')))}</h2>"
    for one in groups:
        yield from _group(one, words)
    yield "</body></html>"


def _what(plan: Plan, words: Words) -> str:
    """What the plan is made of."""
    asked = N_("Held against what stood in the CRM at that time.")
    alone = N_("Made from the store alone: nobody was asked what stands there.")
    said = [words.say(asked if plan.asked else alone)]
    if plan.flow:
        said.append(words.say(N_("Only the flow %(flow)s."), flow=plan.flow))
    if plan.as_live:
        said.append(words.say(N_("As if every flow were live.")))
    return " ".join(said)


def _summary(groups: list[Group], words: Words) -> Iterator[str]:
    yield f"<h2>{escape(words.say(N_('In all')))}</h2>"
    if not groups:
        yield f"<p>{escape(words.say(N_('Nothing to do.')))}</p>"
        return
    yield "<table>"
    for one in groups:
        count, action, what = map(escape, in_short(one, words))
        yield f'<tr><td class="number">{count}</td><td class="name">{action}</td><td>{what}</td></tr>'
    yield "</table>"


def _cost(plan: Plan, words: Words) -> Iterator[str]:
    if not plan.cost:
        return
    yield f"<h2>{escape(words.say(N_('What it would cost')))}</h2><table>"
    for name, said in cost_rows(plan.cost, words):
        yield f'<tr><td class="name">{escape(name)}</td><td>{escape(said)}</td></tr>'
    yield "</table>"


def _group(one: Group, words: Words) -> Iterator[str]:
    count, _, what = in_short(one, words)
    head = escape(f"{words.translate(ACTIONS[one.action])} ({count}) · {what}".rstrip(" ·"))
    yield f'<details class="{one.action}"><summary>{head}</summary>'
    for row in one.rows[:MOST]:
        yield from _record(row, words)
    if len(one.rows) > MOST:
        more = words.say(N_("and %(count)s more"), count=number(len(one.rows) - MOST))
        yield f'<p class="quiet">{escape(more)}</p>'
    yield "</details>"


def _record(row: PlannedRow, words: Words) -> Iterator[str]:
    yield f'<div class="record"><b>{escape(heading(row, words))}</b>'
    if row.reason:
        yield f'<p class="quiet">{escape(words.retell(row.reason))}</p>'
    if row.fields:
        cells = ((one.name, in_words(one, row.action, words)) for one in row.fields)
        lines = (f'<tr><td class="name">{escape(name)}</td><td>{escape(said)}</td></tr>' for name, said in cells)
        yield f"<table>{''.join(lines)}</table>"
    for said in beside(row, words):
        yield f'<p class="quiet">{escape(said)}</p>'
    yield "</div>"
