"""Where a stream was read to: small JSON texts, and what was seen in the stretch that is read twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from connector.model.http import Answer

State = dict[str, Any]
#: More than so many in the stretch that is read twice are not remembered: they come again, and do no harm.
MOST_REMEMBERED = 1000
#: Names of forms and emails that a cursor keeps.
MOST_NAMES = 200


def decode(cursor: str) -> State:
    """The state that `cursor` tells; {} at the beginning, and for a text that is none of ours."""
    try:
        state = orjson.loads(cursor) if cursor else {}
    except ValueError:
        return {}
    return state if isinstance(state, dict) else {}


def encode(state: Mapping[str, Any]) -> str:
    """The text of a state; what is empty is left out."""
    kept = {name: value for name, value in state.items() if value not in ("", None, {}, [])}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()


def millis(at: datetime) -> int:
    """Milliseconds since 1970, as HubSpot counts them."""
    return int(at.timestamp() * 1000)


def moment(number: int) -> datetime:
    """The time that HubSpot calls `number`."""
    return datetime.fromtimestamp(number / 1000, UTC)


def iso(number: int) -> str:
    """The same as ISO 8601 in UTC."""
    return moment(number).isoformat()


def parsed(text: Any) -> int:
    """Milliseconds since 1970 of an ISO 8601 time; 0 for what is none."""
    try:
        return millis(datetime.fromisoformat(str(text)))
    except ValueError:
        return 0


def told_at(answer: Answer, now: int) -> int:
    """When the portal answered, by its own clock (header `Date`), in milliseconds; never later than `now`.

    What a walk has read is dated by this: where our clock is ahead, what changes until the portal's clock has
    come as far would otherwise be taken as read.
    """
    try:
        return min(now, millis(parsedate_to_datetime(answer.headers.get("date", ""))))
    except (ValueError, TypeError):
        return now


def earlier(number: int, seconds: float) -> int:
    """So many seconds before, never before 1970."""
    return max(0, number - int(timedelta(seconds=seconds) / timedelta(milliseconds=1)))


def unseen(found: Iterable[tuple[str, int, Any]], seen: Mapping[str, int]) -> list[Any]:
    """Of (id, time, thing): the things that were not there when this stretch was read before."""
    return [thing for id, at, thing in found if seen.get(id) != at]


def remember(seen: State, found: Iterable[tuple[str, int]], since: int) -> State:
    """What is to be known again next time: (id, time) at or after `since`; nothing where that is too much."""
    kept = {id: at for id, at in seen.items() if at >= since}
    kept.update((id, at) for id, at in found if at >= since)
    return kept if len(kept) <= MOST_REMEMBERED else {}


def named(names: Mapping[str, str], id: str, name: str) -> dict[str, str]:
    """`names` with one more, the oldest left out where they are too many."""
    kept = {**names, id: name}
    for oldest in list(kept)[: max(0, len(kept) - MOST_NAMES)]:
        del kept[oldest]
    return kept
