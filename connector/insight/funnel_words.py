"""What a funnel's report says in words: shares, lengths, and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from connector.insight.funnel import SMALL, Lengths, Share
from connector.insight.funnel_doubts import SameTime
from connector.insight.funnel_report import Report
from connector.locale import format as formatted
from connector.model.times import moment
from connector.steps.telling.words import N_, Translate, stage

DEFINITIONS = {
    "strict": N_("strict, in order: a stage counts after the one before it"),
    "any": N_("any order: a stage counts whenever it was come to"),
}
NAMES = {
    "campaign": N_("campaign"), "cohort": N_("cohort"), "flow": N_("flow"), "owner": N_("owner"),
    "persona": N_("persona"), "segment": N_("segment"), "source": N_("source"), "type": N_("lead type"),
    "version": N_("criteria version"),
}  # fmt: skip


def told(share: Share | None, _: Translate) -> str:
    """`11.4 % (9.9–13.0)`, or `3 of 7` of few; "" for none."""
    if share is None:
        return ""
    if share.value is None or share.low is None or share.high is None:
        return _("%(hits)s of %(of)s") % {"hits": f"{share.hits:,}", "of": f"{share.of:,}"}
    named = {"value": share.value, "low": share.low, "high": share.high}
    return _("%(value)s %% (%(low)s–%(high)s)") % {name: f"{100 * one:.1f}" for name, one in named.items()}


def days(one: Lengths | None) -> str:
    """Median, p75 and p90 in days, "" of few."""
    if one is None or one.median is None:
        return ""
    return " / ".join(length(value) for value in (one.median, one.p75, one.p90))


def length(value: float | None) -> str:
    """Days with as many digits as say something."""
    return "" if value is None else f"{value:.2f}" if value < 1 else f"{value:.1f}"


def against(interval: tuple[float, float] | None) -> str:
    """A difference in points of a hundred: `-7.6 … -4.1`."""
    return "" if interval is None else f"{100 * interval[0]:+.1f} … {100 * interval[1]:+.1f}"


def doubts(found: Report, _: Translate, zone: ZoneInfo, language: str) -> Iterator[str]:
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
        ) % {"months": _spans(cut.names, cut.young), "days": length(cut.p90_days)}
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
    without = _(
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
        yield (without if midnight else clocks) % {
            "count": f"{sum(one.count for one in alike):,}",
            "of": f"{alike[0].of:,}",
            "stage": stage(name, _),
            "times": _(", ").join(sorted(one.time for one in alike)),
        }
