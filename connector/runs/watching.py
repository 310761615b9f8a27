"""Once a day: whether leads go on less often than usual, or wait longer; told once a change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from connector.insight import usual
from connector.model.follow_up import NoticeState
from connector.model.notices import Notice
from connector.model.ports import Transaction
from connector.runs.notices import announce
from connector.runs.runtime import Runtime

JOB = "watch"
#: Less than a day: looked at with a daily job, whose moment moves with the seasons.
EACH = timedelta(hours=20)
DROPPED, SLOWER = "conversion dropped", "slower"
#: How things stand.
LOW, WELL = "low", "well"
#: What is said at the end of each.
ENDS = {DROPPED: "conversion recovered", SLOWER: "slower no longer"}


@dataclass(frozen=True, slots=True)
class Seen:
    """How something stands: `stands` is None where too few are there to say. `values` fill the text."""

    key: str
    kind: str
    stands: bool | None
    values: Mapping[str, Any]


def watch_if_due(runtime: Runtime) -> int:
    """Look, where somebody wants to hear of it and that was not done today; returns how many notices are new."""
    if not {DROPPED, SLOWER} & runtime.config.notices.keys():
        return 0
    now = runtime.clock()
    with runtime.store.read() as tx:
        last = tx.ledgers.last_done(JOB)
        if last is not None and timedelta() <= now - last < EACH:
            return 0
        known = {one.key: one for kind in ENDS for one in tx.notice_states.all(kind)}
        seen = [one for flow in runtime.config.flows for one in _seen(tx, flow, known, now)]
    changed = [one for one in seen if one.stands is not None and one.stands != _stands(known.get(one.key))]
    with runtime.store.write() as tx:
        tx.ledgers.set_done(JOB, now)
        tx.notice_states.put([_state(one, known.get(one.key), now) for one in changed])
        return announce(tx, runtime.config, [_notice(one, known.get(one.key), now) for one in changed], now)


def _stands(known: NoticeState | None) -> bool:
    return known is not None and known.state == LOW


def _seen(tx: Transaction, flow: str, known: Mapping[str, NoticeState], now: datetime) -> list[Seen]:
    found = []
    for one in usual.steps(flow, tx.funnel.ways(flow), now):
        key = f"conversion:{flow}:{one.stage}:{one.to}"
        values = {
            "flow": flow, "from": one.stage, "to": one.to, "days": one.days,
            "lately": _share(one.hits, one.of), "usual": _share(one.usual_hits, one.usual_of),
        }  # fmt: skip
        found.append(Seen(key, DROPPED, one.dropped(stands=_stands(known.get(key))), values))
    handoffs = tx.funnel.timed(usual.since(now))
    took, key = usual.response(flow, handoffs, now), f"slower:{flow}"
    # Where more than half had no contact at all there is no median.
    spans = {"lately_span": took.median, "usual_span": took.usual_median}
    values = {"flow": flow, **{name: value for name, value in spans.items() if isfinite(value)}}
    return [*found, Seen(key, SLOWER, took.slower(stands=_stands(known.get(key))), values)]


def _share(hits: int, of: int) -> str:
    return f"{hits} / {of} ({hits / of:.0%})" if of else "0 / 0"


def _state(one: Seen, known: NoticeState | None, now: datetime) -> NoticeState:
    if one.stands or known is None:
        return NoticeState(one.key, one.kind, LOW, now, now)
    return replace(known, state=WELL, told_at=now)


def _notice(one: Seen, known: NoticeState | None, now: datetime) -> Notice:
    begun = known.since if known is not None and not one.stands else now
    says = one.kind if one.stands else ENDS[one.kind]
    key = f"{one.key}:{begun.isoformat()}{'' if one.stands else f':{WELL}'}"
    return Notice(one.kind, says, key, now, flow=str(one.values["flow"]), values={**one.values, "since": begun})
