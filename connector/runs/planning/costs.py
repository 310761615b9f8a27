"""What applying a plan would cost each connection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby

from connector.insight.forecast import Limit
from connector.model.errors import BatonError
from connector.model.outbox import LANES
from connector.model.plans import Cost, PlannedRow
from connector.runs.live import LANE
from connector.runs.respect import PEOPLE
from connector.runs.runtime import Runtime
from connector.runs.tell import MEMBERSHIP
from connector.steps.call_count import Sent, calls

#: A limit that is this long, in seconds, is the day's.
DAY = 86_400.0
#: So many leads of a plan are judged and put in one transaction.
LEADS = 200


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
        sent = _sent(runtime, mine)
        counted = calls(sent, 1 if told.one_by_one else told.max_batch, apart=told.apart)
        counted += Counter({f"ask {what}": count for what, count in asked.get(target, {}).items()})
        found[target] = _cost(counted, sent, limits(target), runtime.clock())
    return found


def _sent(runtime: Runtime, rows: Sequence[PlannedRow]) -> list[Sent]:
    """The rows of the outbox, in the order in which they are put: of some leads at a time, `once` rows first."""
    leads = list(dict.fromkeys(row.lead_id for row in rows))
    place = {lead_id: number // LEADS for number, lead_id in enumerate(leads)}
    found: list[Sent] = []
    for _, some in groupby(rows, lambda row: place[row.lead_id]):
        mine = list(some)
        people = [row for row in mine if row.object in PEOPLE]
        others = [row for row in mine if row.object not in PEOPLE]
        once = sum(len(row.also) for row in mine) + sum(not row.fields for row in others)
        # Where the row of each person will be, behind all that hangs on them.
        states = {row.number: len(found) + once + number for number, row in enumerate(people)}
        for row in mine:
            found += _hanging(runtime, row, states)
        found += [Sent(row.object, row.action if row.fields else "", _lane(runtime, row)) for row in people]
        found += [Sent(row.object, _way(row), _lane(runtime, row)) for row in others if row.fields]
    return found


def _hanging(runtime: Runtime, row: PlannedRow, states: Mapping[int, int]) -> Iterator[Sent]:
    """What is made once with a row, and hangs on it or on a record that is there."""
    objects = row.also if row.fields or row.object in PEOPLE else (row.object, *row.also)
    for object in objects:
        # A company is several leads', and waits for none of them.
        after = -1 if object == "company" else states.get(row.number, -1)
        yield Sent(object, "create", _lane(runtime, row), after)


def _way(row: PlannedRow) -> str:
    """Of lists: whoever joins the same one goes in one call."""
    if row.object != MEMBERSHIP:
        return row.action
    member = next((one.new for one in row.fields if one.name == "member"), True)
    return f"{row.our_key.rpartition(':')[0]} {'join' if member else 'leave'}"


def _lane(runtime: Runtime, row: PlannedRow) -> int:
    return lane_of(row, told=is_told(runtime, row))


def _cost(counted: Mapping[str, int], sent: Sequence[Sent], limits: Sequence[Limit], now: datetime) -> Cost:
    whole = sum(counted.values())
    lane = max([LANE if any(name.startswith("ask ") for name in counted) else 0, *(one.lane for one in sent)])
    times = [one.free_at(lane, whole, now) for one in limits if not one.rate.named]
    days = [one for one in limits if one.rate.seconds >= DAY and not one.rate.named]
    seconds = (max(times) - now).total_seconds() if times else None
    shares = [whole / max(one.limit - one.used, 1) for one in days]
    return Cost(dict(counted), seconds, max(shares, default=None))
