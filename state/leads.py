"""A lead as rows: the body as JSON, the standing (stage, score, due time) as columns of its own."""

from __future__ import annotations

from typing import Any, cast

import orjson

from connector.model.lead import Lead, Statement
from connector.model.score import Contribution, Score
from connector.model.stages import Stage
from connector.model.times import micros, micros_or_none, moment, moment_or_none

ADD_STANDING = (
    "INSERT INTO standings (lead_id, stage, stage_since, flow, owner, total, grade, due_at, score) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
SELECT_LEADS = (
    "SELECT l.id, l.body, l.created_at, l.changed_at, s.stage, s.stage_since, s.flow, s.owner, s.total, s.grade, "
    "s.score, s.merged_into FROM leads l JOIN standings s ON s.lead_id = l.id WHERE l.id = ANY(?)"
)
DESCRIBE_LEADS = (
    "SELECT l.id, l.body, s.flow, s.merged_into FROM leads l JOIN standings s ON s.lead_id = l.id WHERE l.id = ANY(?)"
)


def email_key(lead: Lead) -> str | None:
    """What a lead is found by; None where it has no email or was merged, and then it is in no index."""
    return None if lead.merged_into else cast("str | None", lead.fields.get("email") or None)


def body(lead: Lead) -> str:
    """Fields, provenance, flags and counters as JSON."""
    parts: dict[str, Any] = {"fields": lead.fields, "said": _said(lead)}
    if lead.flags:
        parts["flags"] = lead.flags
    if lead.counters:
        parts["counters"] = lead.counters
    if lead.sides:
        parts["sides"] = lead.sides
    if lead.former:
        parts["former"] = lead.former
    return orjson.dumps(parts).decode()


def _said(lead: Lead) -> list[tuple[str, str, list[str] | None]]:
    """Provenance by source, since most fields share one: (connection, when, fields; None means all)."""
    sources = set(lead.said.values())
    if len(sources) == 1:
        names = None if lead.said.keys() == lead.fields.keys() else list(lead.said)
        return [(*source, names) for source in sources]
    by_source: dict[tuple[str, str], list[str]] = {}
    for name, source in lead.said.items():
        by_source.setdefault(source, []).append(name)
    return [(*source, names) for source, names in by_source.items()]


def _read_said(parts: dict[str, Any]) -> dict[str, tuple[str, str]]:
    said: dict[str, tuple[str, str]] = {}
    for connection, at, names in parts["said"]:
        said.update(dict.fromkeys(parts["fields"] if names is None else names, (connection, at)))
    return said


def _read_sides(parts: dict[str, Any]) -> dict[str, dict[str, Statement]]:
    return {
        connection: {name: Statement(**said) for name, said in statements.items()}
        for connection, statements in parts.items()
    }


def standing(lead: Lead, unscored_due: int | None = None) -> tuple[Any, ...]:
    """Stage, since when, flow, owner; total, grade, due time, score: all but the id, in column order.

    `unscored_due` is when a lead without a score is due for one.
    """
    since = micros_or_none(lead.stage_since)
    score = lead.score
    if score is None:
        return (lead.stage, since, lead.flow, lead.owner, 0, "", unscored_due, None)
    due = micros_or_none(score.next_change)
    return (lead.stage, since, lead.flow, lead.owner, score.total, score.grade, due, _score_text(score, due))


def _score_text(score: Score, next_change: int | None) -> str:
    contributions = [(c.rule, c.group, c.points, c.evidence, c.full) for c in score.contributions]
    parts = (micros(score.at), score.version, score.fit, score.engagement, score.intent, next_change, contributions)
    return orjson.dumps(parts if score.account is None else (*parts, score.account)).decode()


def read_score(text: str | None, total: int, grade: str) -> Score | None:
    """A stored score; None where the lead has none yet."""
    if text is None:
        return None
    at, version, fit, engagement, intent, next_change, contributions, *more = orjson.loads(text)
    made_of = tuple(Contribution(*contribution) for contribution in contributions)
    return Score(
        moment(at), version, fit, engagement, intent, total, grade, made_of, moment_or_none(next_change), *more
    )  # fmt: skip


def read_lead(row: tuple[Any, ...]) -> Lead:
    """A lead from a row of SELECT_LEADS."""
    lead_id, text, created_at, changed_at, stage, since, flow, owner, total, grade, score, merged_into = row
    parts = orjson.loads(text)
    return Lead(
        fields=parts["fields"],
        said=_read_said(parts),
        flags=parts.get("flags", {}),
        counters=parts.get("counters", {}),
        sides=_read_sides(parts.get("sides", {})),
        id=lead_id,
        stage=cast("Stage", stage),
        stage_since=moment_or_none(since),
        flow=flow,
        owner=owner,
        score=read_score(score, total, grade),
        created_at=moment(created_at),
        changed_at=moment(changed_at),
        merged_into=merged_into,
        former=parts.get("former", []),
    )


def describe_lead(row: tuple[Any, ...]) -> Lead:
    """A lead from a row of DESCRIBE_LEADS: what is said of the person, and no more."""
    lead_id, text, flow, merged_into = row
    parts = orjson.loads(text)
    return Lead(
        parts["fields"],
        flags=parts.get("flags", {}),
        sides=_read_sides(parts.get("sides", {})),
        id=lead_id,
        flow=flow,
        merged_into=merged_into,
        former=parts.get("former", []),
    )
