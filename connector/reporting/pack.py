"""The numbers of a review pack: what came in and went on, what was late, why leads came back, what is to be decided."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from statistics import median
from typing import Any

from connector.config import Config
from connector.model.follow_up import Pack
from connector.model.handoff import Handoff
from connector.model.ports import Transaction
from connector.model.stages import STAGES
from connector.reporting.periods import Period, before
from connector.runs.goals import standing
from connector.steps.kept_goals import body_of

#: Examples of one reason, leads past due that are named, leads whose fields are looked at.
EXAMPLES, PAST_DUE, LOOKED_AT = 3, 50, 20_000
#: From so many on a share says something; below, it is named as a count only.
ENOUGH = 10
#: Shares from which on something is a question to decide.
LATE, ONE_REASON, LACKING = 0.2, 0.3, 0.1


def pack_of(tx: Transaction, config: Config, period: Period, now: datetime) -> Pack:
    """The pack of a period, as the store has it at `now`."""
    span, earlier = (period.since, period.until), before(period, config)
    handed, closed = tx.periods.handed_over(*span), tx.periods.closed(*span)
    rejected = _given_back(tx, closed)
    body: dict[str, Any] = {
        "since": span[0].isoformat(),
        "until": span[1].isoformat(),
        "flow": _numbers(tx, *span),
        "flow_before": _numbers(tx, earlier.since, earlier.until),
        "clocks": list(_clocks(handed, min(now, span[1]))),
        "past_due": list(_past_due(tx.periods.open(), now)),
        "rejections": list(_rejections(rejected)),
        "quality": _quality(tx, config, span),
        "criteria": _criteria(tx, span),
        "goals": list(_goals(tx, config, period, now)),
    }
    body["questions"] = list(_questions(body, len(handed), len(rejected)))
    return Pack(period.kind, period.name, now, body=body)


def _numbers(tx: Transaction, since: datetime, until: datetime) -> dict[str, int]:
    """New leads, handoffs, and leads that reached each stage, over all flows."""
    reached: Counter[str] = Counter()
    for (_, stage), count in tx.periods.reached(since, until).items():
        reached[stage] += count
    found = {"new": tx.periods.new_leads(since, until), "handed_over": len(tx.periods.handed_over(since, until))}
    return found | {stage: reached[stage] for stage in STAGES if stage not in ("known", "warm")}


def _clocks(handed: Sequence[Handoff], now: datetime) -> Iterator[dict[str, Any]]:
    """By owner: handoffs, accepted and contacted in time or late, and the median of working hours to first contact."""
    by_owner: dict[tuple[str, str], list[Handoff]] = {}
    for one in handed:
        by_owner.setdefault((one.team, one.owner), []).append(one)
    for (team, owner), some in sorted(by_owner.items()):
        accepted = Counter(kept(one.accept_due_at, one.accepted_at, now) for one in some)
        contacted = Counter(kept(one.due_at, one.contacted_at, now) for one in some)
        worked = [one.worked for one in some if one.worked is not None]
        yield {
            "team": team, "owner": owner, "handed_over": len(some),
            "accepted": dict(accepted), "contacted": dict(contacted),
            "median_worked": round(median(worked)) if worked else None,
        }  # fmt: skip


def kept(due: datetime | None, done: datetime | None, now: datetime) -> str:
    """Whether a clock was kept: `in time`, `late`, `open` (not due yet), or `none` (no such clock)."""
    if due is None:
        return "none"
    if done is not None:
        return "in time" if done <= due else "late"
    return "late" if now > due else "open"


def _past_due(handoffs: Iterable[Handoff], now: datetime) -> Iterator[dict[str, Any]]:
    """Handoffs whose first contact is overdue now, the longest first."""
    late = [one for one in handoffs if one.due_at and one.contacted_at is None and one.due_at < now]
    for one in sorted(late, key=lambda one: str(one.due_at))[:PAST_DUE]:
        due = one.due_at.isoformat() if one.due_at else ""
        yield {"handoff": one.id, "lead": one.lead_id, "owner": one.owner, "due": due, "hot": one.hot}


def _given_back(tx: Transaction, closed: Sequence[Handoff]) -> list[Handoff]:
    """Those that were rejected with a reason; a deal that was lost ends with one, too, and with another event."""
    some = [one for one in closed if one.reason]
    events = tx.handoff_events.of_handoffs([one.id for one in some]) if some else {}
    return [one for one in some if all(event.kind != "closed" for event in events.get(one.id, ()))]


def _rejections(rejected: Sequence[Handoff]) -> Iterator[dict[str, Any]]:
    """By reason, the most frequent first, with some handoffs as examples: those with words of the rep first."""
    for reason, count in Counter(one.reason for one in rejected).most_common():
        some = sorted((one for one in rejected if one.reason == reason), key=lambda one: (not one.words, -one.id))
        yield {"reason": reason, "count": count, "examples": [one.id for one in some[:EXAMPLES]]}


def _quality(tx: Transaction, config: Config, span: tuple[datetime, datetime]) -> dict[str, Any]:
    """How complete new leads are, and what waits to be mended."""
    fields = sorted({name for flow in config.flows.values() for name in flow.required})
    leads, filled = tx.periods.filled(*span, fields, LOOKED_AT)
    waiting = tx.reviews.counts()
    notices = Counter(item.key.partition(":")[0] for item in tx.reviews.open("notice", 5000)) if waiting else Counter()
    return {
        "leads": leads,
        "filled": filled,
        "bounces": tx.periods.did(*span, "bounce"),
        "duplicates": tx.pairs.counts().get("open", 0),
        "unmapped": notices["choice"] + notices["unknown"],
        "set_aside": waiting.get("set_aside", 0),
        "missing_fields": waiting.get("missing_fields", 0),
        "unmatched": [[name, event, count] for name, event, count in tx.reports.unmatched_activities(5)],
    }


def _criteria(tx: Transaction, span: tuple[datetime, datetime]) -> list[dict[str, Any]]:
    """Changes of criteria in the period, oldest first; the first version of a flow is no change."""
    versions = tx.ledgers.criteria()
    first = {one.flow: one.version for one in versions}
    return [
        {"flow": one.flow, "version": one.version, "at": one.at.isoformat(), "author": one.author, "note": one.note}
        for one in reversed(versions)
        if one.at is not None and span[0] <= one.at < span[1] and first[one.flow] != one.version
    ]


def _goals(tx: Transaction, config: Config, period: Period, now: datetime) -> Iterator[dict[str, Any]]:
    """Goals that have this very span, as they were asked then; figures in the goal's unit."""
    for one in standing(tx, config, now, period.name) if config.goals else ():
        if (one.span.first, one.span.last) == (period.first, period.last):
            yield {
                "name": one.goal.name, "said": body_of(one.goal), "depth": one.depth, "target": one.target,
                "value": one.figures.value, "hits": one.figures.hits, "of": one.figures.of, "state": one.state,
            }  # fmt: skip


def _questions(body: Mapping[str, Any], handed: int, rejected: int) -> Iterator[list[Any]]:
    """What the figures ask: [which question, its values]."""
    late = sum(one["contacted"].get("late", 0) for one in body["clocks"])
    if handed >= ENOUGH and late / handed >= LATE:
        yield ["late", {"share": share(late, handed), "count": late}]
    for one in body["clocks"]:
        missed = one["contacted"].get("late", 0)
        if one["handed_over"] >= ENOUGH and missed / one["handed_over"] > 2 * LATE:
            yield ["late_owner", {"owner": one["owner"], "share": share(missed, one["handed_over"])}]
    for one in body["rejections"]:
        if rejected >= ENOUGH and one["count"] / rejected >= ONE_REASON:
            yield ["reason", {"reason": one["reason"], "share": share(one["count"], rejected)}]
    yield from (["goal", {"goal": one["name"]}] for one in body["goals"] if one["state"] == "missed")
    yield from _of_quality(body["quality"])
    yield from (["no_note", {"flow": one["flow"]}] for one in body["criteria"] if not one["note"])
    if body["past_due"]:
        yield ["past_due", {"count": len(body["past_due"])}]


def _of_quality(quality: Mapping[str, Any]) -> Iterator[list[Any]]:
    for name, filled in quality["filled"].items():
        lacking = quality["leads"] - filled
        if quality["leads"] >= ENOUGH and lacking / quality["leads"] >= LACKING:
            yield ["lacking", {"field": name, "share": share(lacking, quality["leads"])}]
    for name in ("duplicates", "unmapped", "set_aside", "missing_fields"):
        if quality[name]:
            yield [name, {"count": quality[name]}]


def share(part: int, whole: int) -> str:
    """`23 %`; "" where there is nothing to divide by."""
    return f"{100 * part / whole:.0f} %" if whole else ""
