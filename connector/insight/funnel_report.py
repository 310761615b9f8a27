"""The funnel of a store: which leads, counted how, sliced by what, with what is doubtful about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from connector.insight import funnel
from connector.insight.funnel import Definition, Part
from connector.insight.funnel_doubts import Months, SameTime, micros, month_of, months, months_of, same_times
from connector.model.fields import Value
from connector.model.goals import LARGE, SEGMENTS, segment_of
from connector.model.ports import Transaction
from connector.model.ports.funnel import WAY, Answered, Way

#: By what a funnel is sliced, beside any field of a lead, and `STAGE.topic` and `STAGE.asset` of an activity.
SLICES = ("source", "campaign", "segment", "persona", "owner", "flow", "version", "cohort", "type")

#: By what leads may be chosen, beside flow and source; and the field of a lead behind some of it.
PARTS = ("campaign", "segment", "owner", "version")
FIELDS = {"campaign": "campaign", "segment": "company.employees"}

Key = tuple[int, str]
Values = Mapping[int, tuple[str, str, tuple[Value | None, ...]]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked. `marks` dates stages by a field of the lead or the first activity of a kind, in place of moves.

    `since` (held) and `until` (left out) are of the entry: the first time at the first stage. `where` holds by one of
    `PARTS` which values count: of the lead's campaign, of the size of its company, of its owner, of the version of the
    criteria that made it an MQL.
    """

    definition: Definition = "strict"
    flow: str = ""
    source: str = ""
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    marks: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """The answer. `left_out` are stages that nobody came to; `by_stage` the one up to which a slice's name is only
    known of whoever came so far; `kept_from` since when moves are complete, where older ones were deleted."""

    question: Question
    now: datetime
    whole: Part
    parts: list[Part]
    stages: list[str]
    left_out: list[str]
    months: Months
    same_times: list[SameTime]
    out_of_order: int
    skipped: int
    unentered: int
    by_stage: str
    kept_from: datetime | None


@dataclass(frozen=True, slots=True)
class Followed:
    """Whose ways are counted: as the definition counts them, with what was read of their leads, by place in `given`."""

    what: funnel.Counted
    values: Values
    given: Mapping[str, int]


def followed(tx: Transaction, question: Question, zone: ZoneInfo) -> Followed:
    """The ways that a question is about. Nothing is written."""
    wanted = _fields(question)
    given = dict(zip(wanted, range(len(wanted)), strict=True))
    if question.marks:
        values: Values = tx.funnel.values(wanted, question.flow)
        ways = _entered(_marked(tx, question, values, given, zone), question)
    else:
        ways = _entered(tx.funnel.ways(question.flow), question)
        values = _values_of(tx, ways, wanted)
    ways = _chosen(tx, ways, question, values, given)
    path = funnel.path_of(ways)
    again = funnel.out_of_order(ways, path) if question.definition == "strict" and not question.marks else []
    what = funnel.counted(ways, path, question.definition, tx.funnel.moves(again) if again else {})
    return Followed(what, values, given)


def _values_of(tx: Transaction, ways: Sequence[Way], wanted: Sequence[str]) -> Values:
    """What is asked of these leads."""
    if not wanted:
        return {}
    leads = {way.lead_id: way for way in ways}
    found = tx.funnel.values_of(sorted(leads), wanted)
    return {lead: (leads[lead].flow, leads[lead].owner, values) for lead, values in found.items()}


def _chosen(
    tx: Transaction, ways: Sequence[Way], question: Question, values: Values, given: Mapping[str, int]
) -> list[Way]:
    """Those of the source that is asked for, and of every other part."""
    found = list(ways)
    if question.source:
        found = [way for way in found if _value(values, way.lead_id, given["source"]) == question.source]
    for part, names in question.where.items():
        found = [way for way, name in zip(found, _parts(tx, part, found, values, given), strict=True) if name in names]
    return found


def _parts(
    tx: Transaction, part: str, ways: Sequence[Way], values: Values, given: Mapping[str, int]
) -> list[str | None]:
    """What each way is, by one of `PARTS`."""
    if part == "owner":
        return [way.owner for way in ways]
    if part == "version":
        versions = tx.funnel.versions()
        return [versions.get(way[:2]) for way in ways]
    found = [_value(values, way.lead_id, given[FIELDS[part]]) for way in ways]
    return [segment_of(one) if part == "segment" else _text(one) for one in found]


def report(tx: Transaction, question: Question, now: datetime, zone: ZoneInfo) -> Report:
    """Read and count. Nothing is written."""
    found = followed(tx, question, zone)
    what, values, given = found.what, found.values, found.given
    ways, path = what.ways, what.path
    answers = {} if question.marks else _answers(tx, question.flow)
    whole = funnel.part(None, what, None, answers, told_where=not question.marks)
    cut = months(what, now, zone)
    parts, by_stage = list[Part](), ""
    if question.by and ways:
        names = _names(tx, question, ways, values, given, what, zone)
        slices = funnel.sliced(names, what)
        by_stage = WAY[path[slices.known_at]] if slices.known_at else ""
        parts = [
            funnel.part(name, what, places, answers, slices.known_at, told_where=not question.marks)
            for name, places in slices.places.items()
        ]
        parts = [replace(one, against_rest=funnel.against(one, whole)) for one in _sorted(parts, question.by)]
    asked = question.marks or WAY
    left_out = [stage for place, stage in enumerate(WAY) if stage in asked and place not in path]
    return Report(
        question, now, whole, parts, [WAY[place] for place in path], left_out,
        cut, same_times(what, zone), what.out_of_order, what.skipped, what.unentered, by_stage,
        tx.retention.complete_from().get("decisions"),
    )  # fmt: skip


def _fields(question: Question) -> list[str]:
    """The fields of leads that have to be read."""
    by = question.by
    needs_none = by in ("", "owner", "flow", "version", "cohort") or by.partition(".")[0] in WAY
    names = {"type": ["source", "persona"], "segment": ["company.employees"]}.get(by, [] if needs_none else [by])
    parts = [FIELDS[part] for part in question.where if part in FIELDS]
    found = [*names, *(["source"] if question.source else []), *parts, *question.marks.values()]
    return list(dict.fromkeys(found))


def _value(values: Values, lead_id: int, place: int) -> Value | None:
    return values[lead_id][2][place] if lead_id in values else None


def _marked(tx: Transaction, question: Question, values: Values, given: Mapping[str, int], zone: ZoneInfo) -> list[Way]:
    """Ways by what dates their stages: a field where any lead has it, else the first activity of that kind."""
    columns = [_dates(tx, question.marks.get(stage, ""), values, given, zone) for stage in WAY]
    rows = (
        (lead, flow, owner, tuple(column.get(lead) for column in columns)) for lead, (flow, owner, _) in values.items()
    )
    return [
        Way(lead, flow, times, "", owner) for lead, flow, owner, times in rows if any(at is not None for at in times)
    ]


def _dates(tx: Transaction, what: str, values: Values, given: Mapping[str, int], zone: ZoneInfo) -> dict[int, int]:
    if not what:
        return {}
    said = {lead: at for lead in values if (at := _value(values, lead, given[what]))}
    if not said:
        return {one.lead_id: one.at for one in tx.funnel.told(what)}
    return {lead: at for lead, text in said.items() if (at := _date(str(text), zone)) is not None}


def _date(text: str, zone: ZoneInfo) -> int | None:
    """A date or a date and time, on the clock of `zone` unless it has its own."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return micros(at if at.tzinfo else at.replace(tzinfo=zone))


def _entered(ways: Sequence[Way], question: Question) -> list[Way]:
    """Those who entered within the span, at the first stage that anybody came to; all where there is no span."""
    if question.since is None and question.until is None:
        return list(ways)
    path = funnel.path_of(ways)
    begin = micros(question.since) if question.since else 0
    end = micros(question.until) if question.until else 1 << 62
    entry = path[0] if path else 0
    return [way for way in ways if (at := way.times[entry]) is not None and begin <= at < end]


def _answers(tx: Transaction, flow: str) -> dict[Key, list[Answered]]:
    found: dict[Key, list[Answered]] = {}
    for one in tx.funnel.answered(flow):
        found.setdefault(one[:2], []).append(one)
    return found


def _names(
    tx: Transaction, question: Question, ways: Sequence[Way], values: Values, given: Mapping[str, int],
    what: funnel.Counted, zone: ZoneInfo,
) -> list[str | None]:  # fmt: skip
    """What each way is counted under."""
    by = question.by
    if by in ("owner", "flow"):
        return [(way.owner if by == "owner" else way.flow) or None for way in ways]
    if by == "version":
        versions = tx.funnel.versions(question.flow)
        return [versions.get(way[:2]) or None for way in ways]
    if by == "cohort":
        entries = [row[0] for row in what.times]
        names, begins = months_of(entries, zone)
        return [month_of(names, begins, at) for at in entries]
    stage, _, part = by.partition(".")
    if stage in WAY:
        told = {
            one.lead_id: one.asset if part == "asset" else one.topic for one in tx.funnel.told(question.marks[stage])
        }
        return [told.get(way.lead_id) or None for way in ways]
    if by == "segment":
        return [segment_of(_value(values, way.lead_id, given["company.employees"])) for way in ways]
    if by == "type":
        return [_type(way, values, given) for way in ways]
    return [_text(_value(values, way.lead_id, given[by])) for way in ways]


def _text(value: Value | None) -> str | None:
    return None if value is None or value == "" else str(value)


def _type(way: Way, values: Values, given: Mapping[str, int]) -> str:
    parts = (way.flow, *(_text(_value(values, way.lead_id, given[name])) for name in ("source", "persona")))
    return " × ".join(part or "–" for part in parts)


def _sorted(parts: Sequence[Part], by: str) -> list[Part]:
    """Months in order, sizes too; others the largest first; those of which it is not known last."""
    sizes = [name for _, name in SEGMENTS] + [LARGE]
    if by == "cohort":
        return sorted(parts, key=lambda one: (one.name is None, one.name or ""))
    if by == "segment":
        return sorted(parts, key=lambda one: (one.name is None, sizes.index(one.name) if one.name else 0))
    return sorted(parts, key=lambda one: (one.name is None, -one.leads, one.name or ""))
