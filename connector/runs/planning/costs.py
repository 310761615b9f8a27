"""What applying a plan would cost each connection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from connector.insight.forecast import Limit
from connector.model.errors import BatonError
from connector.model.outbox import LANES
from connector.model.plans import Cost, PlannedRow
from connector.runs.live import LANE
from connector.runs.runtime import Runtime
from connector.runs.tell import MEMBERSHIP
from connector.steps.call_count import Sent, calls

#: A limit that is this long, in seconds, is the day's.
DAY = 86_400.0


def lane_of(row: PlannedRow, *, told: bool) -> int:
    """How urgent the rows of a planned record are."""
    if told:
        return LANES["status"]
    return LANES["hot"] if row.hot else LANES["normal"]


def is_told(runtime: Runtime, row: PlannedRow) -> bool:
    """Whether a row tells a source of one of its contacts."""
    flow = runtime.config.flows.get(row.flow)
    return flow is not None and row.target in flow.sources and row.object in ("contact", MEMBERSHIP)


def costs(
    runtime: Runtime,
    rows: Sequence[PlannedRow],
    limits: Callable[[str], Sequence[Limit]],
    asked: Mapping[str, Mapping[str, int]],
) -> dict[str, Cost]:
    """The cost by connection: the calls that write, by object and way, and those that ask anew (`ask records`)."""
    written = [row for row in rows if row.action in ("create", "update")]
    found = {}
    for target in sorted({row.target for row in written}):
        try:
            told = runtime.crm(target).capabilities
        except BatonError:
            found[target] = Cost()
            continue
        if told.in_store:
            found[target] = Cost({}, 0.0, 0.0)
            continue
        mine = [row for row in written if row.target == target]
        sent = list(_sent(runtime, mine))
        counted = calls(sent, told.max_batch, apart=told.apart)
        counted += Counter({f"ask {what}": count for what, count in asked.get(target, {}).items()})
        found[target] = _cost(counted, sent, limits(target), runtime.clock())
    return found


def _sent(runtime: Runtime, rows: Iterable[PlannedRow]) -> Iterable[Sent]:
    """The rows of the outbox, in the order in which they are put."""
    place = 0
    for row in rows:
        lane = lane_of(row, told=is_told(runtime, row))
        first, hangs = place, row.object in ("lead", "contact")
        way: str = row.action if row.fields or not hangs else ""
        if row.object == MEMBERSHIP:
            member = next((one.new for one in row.fields if one.name == "member"), True)
            way = f"{row.our_key.rpartition(':')[0]} {'join' if member else 'leave'}"
        yield Sent(row.object, way, lane)
        place += 1
        for object in row.also:
            after = first if hangs and object != "company" else -1
            yield Sent(object, "create", lane, after)
            place += 1


def _cost(counted: Mapping[str, int], sent: Sequence[Sent], limits: Sequence[Limit], now: datetime) -> Cost:
    whole = sum(counted.values())
    lane = max([LANE if any(name.startswith("ask ") for name in counted) else 0, *(one.lane for one in sent)])
    times = [one.free_at(lane, whole, now) for one in limits if not one.rate.named]
    days = [one for one in limits if one.rate.seconds >= DAY and not one.rate.named]
    seconds = (max(times) - now).total_seconds() if times else None
    shares = [whole / max(one.limit - one.used, 1) for one in days]
    return Cost(dict(counted), seconds, max(shares, default=None))
