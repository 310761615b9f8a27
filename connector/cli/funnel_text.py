"""A funnel as text, as CSV and as a document."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from connector.cli.tables import table, terminal_width
from connector.insight import funnel_words
from connector.insight.funnel import Lengths, Share
from connector.insight.funnel_parts import Part
from connector.insight.funnel_report import Report
from connector.locale.columns import wrap
from connector.locale.spreadsheet import tame
from connector.model.times import moment
from connector.steps.telling.words import field_name, stage

Translate = Callable[[str], str]

#: So many slices are listed as text.
LISTED = 30
#: Letters of a version that tell it from the others.
SHORT = 10
COLUMNS = (
    "definition", "by", "slice", "stage", "leads", "reached", "of_previous_hits", "of_previous_of", "of_previous",
    "of_previous_low", "of_previous_high", "of_first_hits", "of_first_of", "of_first", "of_first_low",
    "of_first_high", "to_next_counted", "to_next_median_days", "to_next_p75_days", "to_next_p90_days",
    "to_next_set_aside", "stand_there_now",
)  # fmt: skip


def document(found: Report) -> dict[str, Any]:
    """The whole answer; times in UTC, lengths in days, shares from 0 to 1."""
    made = asdict(found)
    first = found.months.records_from
    made["months"]["records_from"] = None if first is None else moment(first)
    made["months"]["begins"] = [moment(at) for at in found.months.begins[:-1]]
    return made


def as_csv(found: Report) -> str:
    """A line for each slice (`all` first) and stage."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for number, part in enumerate((found.whole, *found.parts)):
        name = "all" if not number else tame(part.name or "")
        for step in part.steps:
            writer.writerow(
                (
                    found.question.definition, found.question.by if number else "", name, step.stage, part.leads,
                    step.reached, *_share_cells(step.of_previous), *_share_cells(step.of_first),
                    *_length_cells(step.to_next), step.here,
                )
            )  # fmt: skip
    return out.getvalue()


def _share_cells(share: Share | None) -> tuple[Any, ...]:
    return (None,) * 5 if share is None else (share.hits, share.of, share.value, share.low, share.high)


def _length_cells(one: Lengths | None) -> tuple[Any, ...]:
    return (None,) * 5 if one is None else (one.counted, one.median, one.p75, one.p90, one.set_aside)


def lines(found: Report, _: Translate, zone: ZoneInfo, language: str) -> list[str]:
    """Tables, then what is doubtful."""
    said = [_heading(found, _), ""]
    if not found.stages:
        return [*said, _("nobody came to any stage")]
    said += table(
        (
            _("stage"), _("leads"), _("of the stage before"), _("of the first"),
            _("days to the next: median, p75, p90"), _("below zero"), _("there now"),
        ),
        [
            (
                stage(step.stage, _), step.reached,
                funnel_words.told(step.of_previous, _), funnel_words.told(step.of_first, _),
                funnel_words.days(step.to_next), step.to_next.set_aside if step.to_next else None, step.here,
            )
            for step in found.whole.steps
        ],
        columns=1000,
    )  # fmt: skip
    said += _response(found.whole, _)
    if found.parts:
        said += ["", *_slices(found, _)]
    doubts = [*funnel_words.doubts(found, _, zone, language)]
    for text in doubts:
        first, *more = wrap(text, max(terminal_width() - 2, 40))
        said += [*([""] if text is doubts[0] else []), f"* {first}", *(f"  {line}" for line in more)]
    return said


def _heading(found: Report, _: Translate) -> str:
    question = found.question
    of = [text for text in (question.flow, question.source) if text]
    return _("Funnel of %(leads)s leads%(of)s; %(definition)s") % {
        "leads": f"{found.whole.leads:,}",
        "of": f" ({', '.join(of)})" if of else "",
        "definition": _(funnel_words.DEFINITIONS[question.definition]),
    }


def _response(part: Part, _: Translate) -> list[str]:
    if not part.response.counted and not part.unanswered:
        return []
    said = _("Days from handoff to first contact: %(days)s (%(answered)s answered, %(open)s not, %(aside)s below zero)")
    told = said % {
        "days": funnel_words.days(part.response) or "–", "answered": f"{part.response.counted:,}",
        "open": f"{part.unanswered:,}", "aside": part.response.set_aside,
    }  # fmt: skip
    if not part.worked.counted:
        return ["", told]
    said = _("The same in hours of working time, as the clocks count: %(hours)s (%(answered)s)")
    worked = {"hours": funnel_words.days(part.worked) or "–", "answered": f"{part.worked.counted:,}"}
    return ["", told, said % worked]


def _slices(found: Report, _: Translate) -> Iterator[str]:
    last, by = found.stages[-1], found.question.by
    cut = {**dict.fromkeys(found.months.before, _("cut off")), **dict.fromkeys(found.months.young, _("too young"))}
    rows = [
        (
            _name(one, by, _), one.leads, one.steps[-1].reached, funnel_words.told(one.steps[-1].of_first, _),
            funnel_words.against(one.against_rest), funnel_words.days(one.through), one.through.set_aside,
            cut.get(one.name or "", "") if by == "cohort" else "",
        )
        for one in found.parts[:LISTED]
    ]  # fmt: skip
    name = _(funnel_words.NAMES[by]) if by in funnel_words.NAMES else field_name(by, _)
    days = _("days from first to last: median, p75, p90")
    headings = (name, _("leads"), stage(last, _), _("share"), _("less the others'"), days, _("below zero"), "")
    yield from table(headings, rows, columns=1000)
    if len(found.parts) > LISTED:
        more = len(found.parts) - LISTED
        yield _("… and %(n)s more; --output json and --csv have them all") % {"n": f"{more:,}"}


def _name(part: Part, by: str, _: Translate) -> str:
    if part.name is None:
        return _("(not known)")
    return part.name[:SHORT] if by == "version" else part.name
