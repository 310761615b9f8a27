"""A funnel as text, as CSV and as a document."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from connector.cli.tables import table, terminal_width
from connector.insight.funnel import SMALL, Lengths, Part, Share
from connector.insight.funnel_doubts import SameTime, moment
from connector.insight.funnel_report import Report
from connector.locale import format as formatted
from connector.locale.columns import wrap
from connector.steps.telling.words import N_, field_name, stage

Translate = Callable[[str], str]

DEFINITIONS = {
    "strict": N_("strict, in order: a stage counts after the one before it"),
    "any": N_("any order: a stage counts whenever it was come to"),
}
NAMES = {
    "campaign": N_("campaign"), "cohort": N_("cohort"), "flow": N_("flow"), "owner": N_("owner"),
    "persona": N_("persona"), "segment": N_("segment"), "source": N_("source"), "type": N_("lead type"),
    "version": N_("criteria version"),
}  # fmt: skip
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
        name = "all" if not number else _tame(part.name or "")
        for step in part.steps:
            writer.writerow(
                (
                    found.question.definition, found.question.by if number else "", name, step.stage, part.leads,
                    step.reached, *_share_cells(step.of_previous), *_share_cells(step.of_first),
                    *_length_cells(step.to_next), step.here,
                )
            )  # fmt: skip
    return out.getvalue()


def _tame(text: str) -> str:
    """What a spreadsheet would take for a formula, as text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n") else text


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
                stage(step.stage, _), step.reached, _told(step.of_previous, _), _told(step.of_first, _),
                _days(step.to_next), step.to_next.set_aside if step.to_next else None, step.here,
            )
            for step in found.whole.steps
        ],
        columns=1000,
    )  # fmt: skip
    said += _response(found.whole, _)
    if found.parts:
        said += ["", *_slices(found, _)]
    doubts = [*_doubts(found, _, zone, language)]
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
        "definition": _(DEFINITIONS[question.definition]),
    }


def _told(share: Share | None, _: Translate) -> str:
    if share is None:
        return ""
    if share.value is None or share.low is None or share.high is None:
        return _("%(hits)s of %(of)s") % {"hits": f"{share.hits:,}", "of": f"{share.of:,}"}
    return f"{100 * share.value:.1f} % ({100 * share.low:.1f}–{100 * share.high:.1f})"


def _days(one: Lengths | None) -> str:
    if one is None or one.median is None:
        return ""
    return " / ".join(_length(value) for value in (one.median, one.p75, one.p90))


def _length(days: float | None) -> str:
    return "" if days is None else f"{days:.2f}" if days < 1 else f"{days:.1f}"


def _response(part: Part, _: Translate) -> list[str]:
    if not part.response.counted and not part.unanswered:
        return []
    said = _("Days from handoff to first contact: %(days)s (%(answered)s answered, %(open)s not, %(aside)s below zero)")
    return [
        "",
        said % {
            "days": _days(part.response) or "–", "answered": f"{part.response.counted:,}",
            "open": f"{part.unanswered:,}", "aside": part.response.set_aside,
        },
    ]  # fmt: skip


def _slices(found: Report, _: Translate) -> Iterator[str]:
    last, by = found.stages[-1], found.question.by
    cut = {**dict.fromkeys(found.months.before, _("cut off")), **dict.fromkeys(found.months.young, _("too young"))}
    rows = [
        (
            _name(one, by, _), one.leads, one.steps[-1].reached, _told(one.steps[-1].of_first, _),
            _against(one.against_rest), _days(one.through), one.through.set_aside,
            cut.get(one.name or "", "") if by == "cohort" else "",
        )
        for one in found.parts[:LISTED]
    ]  # fmt: skip
    name = _(NAMES[by]) if by in NAMES else field_name(by, _)
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


def _against(interval: tuple[float, float] | None) -> str:
    return "" if interval is None else f"{100 * interval[0]:+.1f} … {100 * interval[1]:+.1f}"


def _doubts(found: Report, _: Translate, zone: ZoneInfo, language: str) -> Iterator[str]:
    """What stands beside the figures, or they would say more than is known."""
    if found.left_out:
        names = _(", ").join(stage(name, _) for name in found.left_out)
        yield _("Nobody came to %(stages)s on record: left out of the way.") % {"stages": names}
    yield from _of_ways(found, _)
    if found.by_stage:
        yield _(
            "Whoever has a name here came as far as %(stage)s; of the others it is not known. "
            "There is nothing to take a share of, up to that stage."
        ) % {"stage": stage(found.by_stage, _)}
    yield from _of_months(found, _, zone, language)
    yield from _of_times(found, _)
    if found.question.marks:
        yield _(
            "The stages are dated by %(marks)s. Whoever has not come to the last one may have been lost, or be open: "
            "that is not known."
        ) % {"marks": _(", ").join(f"{name} = {what}" for name, what in found.question.marks.items())}
    if found.kept_from:
        at = formatted.day(found.kept_from.astimezone(zone).date(), language, year=True)
        yield _("Moves before %(day)s were deleted, as `keep` says: ways that began before are not whole.") % {
            "day": at
        }


def _of_ways(found: Report, _: Translate) -> Iterator[str]:
    below = sum(step.to_next.set_aside for step in found.whole.steps if step.to_next)
    for number, text in (
        (
            found.out_of_order,
            _("Came to a stage before the one ahead of it: %(n)s. Strictly, only what they came to in order counts."),
        ),
        (found.skipped, _("Left out a stage: %(n)s. Strictly, what they came to behind it does not count.")),
        (found.unentered, _("Came to a later stage and never to the first, on record: %(n)s. No share is of them.")),
        (below, _("Lengths of time below zero, set aside: %(n)s.")),
    ):
        if number:
            yield text % {"n": f"{number:,}"}
    if any(part.leads < SMALL for part in found.parts) or found.whole.leads < SMALL:
        yield _("Of fewer than %(n)s there is no share and no length, only the count.") % {"n": SMALL}


def _of_months(found: Report, _: Translate, zone: ZoneInfo, language: str) -> Iterator[str]:
    cut = found.months
    if cut.before and cut.records_from is not None:
        at = formatted.day(moment(cut.records_from).astimezone(zone).date(), language, year=True)
        yield _(
            "Cut off at their beginning: %(months)s. The first who came to %(stage)s did so on %(day)s; by then many "
            "must have, and are not on record."
        ) % {"months": _spans(cut.names, cut.before), "stage": stage(found.stages[-1], _), "day": at}
    if cut.young:
        yield _(
            "Too young to be compared: %(months)s. Nine of ten who come through do so within %(days)s days, and these "
            "have not had them."
        ) % {"months": _spans(cut.names, cut.young), "days": _length(cut.p90_days)}
    if cut.p90_days is None and len(found.stages) > 1:
        yield _("Too few came through to say which months are too young to be compared.")


def _spans(names: Sequence[str], some: Sequence[str]) -> str:
    """Months as they follow each other: `2017-06 to 2017-12` is `2017-06 – 2017-12`."""
    runs: list[list[str]] = []
    for place, name in enumerate(names):
        if name in some:
            if not place or names[place - 1] not in some:
                runs.append([])
            runs[-1].append(name)
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} – {run[-1]}" for run in runs)


def _of_times(found: Report, _: Translate) -> Iterator[str]:
    """A line a stage for days without a time, and one for what a clock may have written."""
    days = _(
        "%(count)s of %(of)s times of %(stage)s are at exactly %(times)s UTC, midnight in your time zone: days "
        "without a time of day. Their lengths are right to a day."
    )
    clocks = _(
        "%(count)s of %(of)s times of %(stage)s are at exactly %(times)s UTC, on many days: rather written by a "
        "clock, or shifted between time zones, than true."
    )
    groups: dict[tuple[str, bool], list[SameTime]] = {}
    for one in found.same_times:
        groups.setdefault((one.stage, one.midnight), []).append(one)
    for (name, midnight), alike in groups.items():
        yield (days if midnight else clocks) % {
            "count": f"{sum(one.count for one in alike):,}",
            "of": f"{alike[0].of:,}",
            "stage": stage(name, _),
            "times": _(", ").join(sorted(one.time for one in alike)),
        }
