"""The funnel of a store: which leads, counted how, sliced by what, with what is doubtful about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import repeat
from zoneinfo import ZoneInfo

from connector.insight import funnel
from connector.insight.funnel import Definition
from connector.insight.funnel_doubts import Months, SameTime, month_of, months, months_of, same_times
from connector.insight.funnel_parts import Part, against, known_at, parts
from connector.model.fields import Value
from connector.model.goals import LARGE, SEGMENTS, segment_of
from connector.model.ports import Transaction
from connector.model.ports.funnel import WAY, Answered, Ways
from connector.model.times import micros

#: By what a funnel is sliced, beside any field of a lead, and `STAGE.topic` and `STAGE.asset` of an activity.
SLICES = ("source", "campaign", "segment", "persona", "owner", "flow", "version", "cohort", "type")

#: By what leads may be chosen, beside flow and source; and the field of a lead behind some of it.
PARTS = ("campaign", "segment", "owner", "version")
FIELDS = {"campaign": "campaign", "segment": "company.employees"}

#: By lead, what it says in the fields that are read.
Values = Mapping[int, tuple[Value | None, ...]]


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
        read = tx.funnel.values(wanted, question.flow)
        values: Values = {lead: said for lead, (_, _, said) in read.items()}
        stands = {lead: (flow, owner) for lead, (flow, owner, _) in read.items()}
        ways = _entered(_marked(tx, question, values, given, stands, zone), question)
    else:
        ways = _entered(tx.funnel.columns(question.flow), question)
        values = tx.funnel.values_of(sorted(set(ways.lead_ids)), wanted) if wanted else {}
    ways = _chosen(tx, ways, question, values, given)
    moves = funnel.no_moves if question.marks else tx.funnel.moves
    return Followed(funnel.counted(ways, funnel.path_of(ways), question.definition, moves), values, given)


def _chosen(tx: Transaction, ways: Ways, question: Question, values: Values, given: Mapping[str, int]) -> Ways:
    """Those of the source that is asked for, and of every other part."""
    parts = {**({"source": frozenset({question.source})} if question.source else {}), **question.where}
    for part, names in parts.items():
        said = _parts(tx, part, ways, values, given)
        ways = ways.at([place for place, name in enumerate(said) if name in names])
    return ways


def _parts(tx: Transaction, part: str, ways: Ways, values: Values, given: Mapping[str, int]) -> Sequence[str | None]:
    """What each way is, by `source` or one of `PARTS`."""
    if part == "owner":
        return ways.owners
    if part == "version":
        return _versions(tx, ways, "")
    found = _said(ways, values, given, FIELDS.get(part, part))
    return [segment_of(one) for one in found] if part == "segment" else [_text(one) for one in found]


def _versions(tx: Transaction, ways: Ways, flow: str) -> list[str | None]:
    versions = tx.funnel.versions(flow)
    return [versions.get(key) or None for key in zip(ways.lead_ids, ways.flows, strict=True)]


def _said(ways: Ways, values: Values, given: Mapping[str, int], name: str) -> list[Value | None]:
    """What each way's lead says in a field."""
    place, nothing = given[name], (None,) * len(given)
    return [row[place] for row in map(values.get, ways.lead_ids, repeat(nothing))]


def report(tx: Transaction, question: Question, now: datetime, zone: ZoneInfo) -> Report:
    """Read and count. Nothing is written."""
    found = followed(tx, question, zone)
    what, path = found.what, found.what.path
    answers = [] if question.marks else _answers(tx, question.flow, what.given)
    told_where = not question.marks
    (whole,) = parts(what, None, answers, told_where=told_where)
    slices, by_stage = list[Part](), ""
    if question.by and len(what.given):
        names = _names(tx, question, found, zone)
        known = known_at(names, what.columns)
        by_stage = WAY[path[known]] if known else ""
        slices = _sorted(parts(what, names, answers, known, told_where=told_where), question.by)
        slices = [replace(one, against_rest=against(one, whole)) for one in slices]
    asked = question.marks or WAY
    left_out = [stage for place, stage in enumerate(WAY) if stage in asked and place not in path]
    return Report(
        question, now, whole, slices, [WAY[place] for place in path], left_out,
        months(what, now, zone), same_times(what, zone), what.out_of_order, what.skipped, what.unentered, by_stage,
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


def _marked(
    tx: Transaction, question: Question, values: Values, given: Mapping[str, int],
    stands: Mapping[int, tuple[str, str]], zone: ZoneInfo,
) -> Ways:  # fmt: skip
    """Ways by what dates their stages: a field where any lead has it, else the first activity of that kind."""
    columns = [_dates(tx, question.marks.get(stage, ""), values, given, zone) for stage in WAY]
    rows = ((lead, *stands[lead], tuple(column.get(lead) for column in columns)) for lead in values)
    return Ways.of(
        (lead, flow, *times, "", owner) for lead, flow, owner, times in rows if times.count(None) < len(times)
    )


def _dates(tx: Transaction, what: str, values: Values, given: Mapping[str, int], zone: ZoneInfo) -> dict[int, int]:
    if not what:
        return {}
    said = {lead: at for lead, row in values.items() if (at := row[given[what]])}
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


def _entered(ways: Ways, question: Question) -> Ways:
    """Those who entered within the span, at the first stage that anybody came to; all where there is no span."""
    if question.since is None and question.until is None:
        return ways
    path = funnel.path_of(ways)
    begin = micros(question.since) if question.since else 0
    end = micros(question.until) if question.until else 1 << 62
    entries = ways.times[path[0] if path else 0]
    return ways.at([place for place, at in enumerate(entries) if at is not None and begin <= at < end])


def _answers(tx: Transaction, flow: str, ways: Ways) -> list[tuple[int, Answered]]:
    """The handoffs of these ways, with the place of each way."""
    places: dict[str, dict[int, int]] = {flow: {} for flow in set(ways.flows)}
    for at, (lead, of) in enumerate(zip(ways.lead_ids, ways.flows, strict=True)):
        places[of][lead] = at
    nowhere: dict[int, int] = {}
    found = tx.funnel.answered(flow)
    return [(place, one) for one in found if (place := places.get(one.flow, nowhere).get(one.lead_id)) is not None]


def _names(tx: Transaction, question: Question, found: Followed, zone: ZoneInfo) -> list[str | None]:
    """What each way is counted under."""
    by, ways = question.by, found.what.given
    if by in ("owner", "flow"):
        return [name or None for name in (ways.owners if by == "owner" else ways.flows)]
    if by == "version":
        return _versions(tx, ways, question.flow)
    if by == "cohort":
        entries = found.what.columns[0]
        names, begins = months_of(entries, zone)
        return [month_of(names, begins, at) for at in entries]
    stage, _, part = by.partition(".")
    if stage in WAY:
        told = {
            one.lead_id: one.asset if part == "asset" else one.topic for one in tx.funnel.told(question.marks[stage])
        }
        return [told.get(lead) or None for lead in ways.lead_ids]
    if by == "segment":
        return [segment_of(one) for one in _said(ways, found.values, found.given, "company.employees")]
    if by == "type":
        return _types(ways, found)
    return [_text(one) for one in _said(ways, found.values, found.given, by)]


def _types(ways: Ways, found: Followed) -> list[str | None]:
    """Flow, source and persona of each way."""
    sources, personas = (_said(ways, found.values, found.given, name) for name in ("source", "persona"))
    rows = zip(ways.flows, sources, personas, strict=True)
    return [" × ".join(_text(one) or "–" for one in row) for row in rows]


def _text(value: Value | None) -> str | None:
    return None if value is None or value == "" else str(value)


def _sorted(parts: Sequence[Part], by: str) -> list[Part]:
    """Months in order, sizes too; others the largest first; those of which it is not known last."""
    sizes = [name for _, name in SEGMENTS] + [LARGE]
    if by == "cohort":
        return sorted(parts, key=lambda one: (one.name is None, one.name or ""))
    if by == "segment":
        return sorted(parts, key=lambda one: (one.name is None, sizes.index(one.name) if one.name else 0))
    return sorted(parts, key=lambda one: (one.name is None, -one.leads, one.name or ""))
