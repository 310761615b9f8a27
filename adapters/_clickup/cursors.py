"""Where a stream was read to: small JSON texts, and what was seen in the stretch that is read twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from connector.model.http import Answer

State = dict[str, Any]
#: More than so many in the stretch that is read twice are not remembered: they come again, and do no harm.
MOST_REMEMBERED = 1000


def decode(cursor: str) -> State:
    """The state that `cursor` tells; {} at the beginning, and for a text that is none of ours."""
    try:
        state = orjson.loads(cursor) if cursor else {}
    except ValueError:
        return {}
    return state if isinstance(state, dict) and not state.keys() - _KNOWN else {}


_KNOWN = frozenset({"at", "page", "since", "until", "settled", "seen", "down", "bin", "had", "people", "lists"})


def encode(state: Mapping[str, Any]) -> str:
    """The text of a state; what is empty is left out."""
    kept = {name: value for name, value in state.items() if value not in ("", None, {}, [])}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()


def millis(at: datetime) -> int:
    """Milliseconds since 1970."""
    return int(at.timestamp() * 1000)


def told_at(answer: Answer, now: int) -> int:
    """When ClickUp answered, by its own clock (header `Date`), in milliseconds; never later than `now`."""
    try:
        return min(now, millis(parsedate_to_datetime(answer.headers.get("date", ""))))
    except (ValueError, TypeError):
        return now


def earlier(number: int, seconds: float) -> int:
    """So many seconds before, never before 1970."""
    return max(0, number - int(seconds * 1000))


def remember(seen: Mapping[str, int], found: Iterable[tuple[str, int]], since: int) -> dict[str, int]:
    """What is to be known again next time: (id, time) at or after `since`; nothing where that is too much."""
    kept = {id: at for id, at in seen.items() if at >= since}
    kept.update((id, at) for id, at in found if at >= since)
    return kept if len(kept) <= MOST_REMEMBERED else {}
