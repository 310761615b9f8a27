"""Walking the records that changed: by their numbers, so that ties and what changes meanwhile are no matter.

A change in what hangs on a record (a contact mechanism of a party) does not move the record's own time: it is asked
for those times, too. Each walk asks for what changed since the last one began, by the server's own clock, and some
minutes more, for what was committed late. What that brings again unchanged is left out: by all that was read of it,
since what is committed late may be older than a change of the same record that was read already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import Any

import orjson

from adapters._tryton.api import Rest, Row, rows
from adapters._tryton.values import time
from connector.model.http import Answer
from connector.model.outbox import LANES

MODIFIED = "last_modified_at"
#: More than so many in the stretch that is read twice are not remembered: they come again, and do no harm.
MOST_REMEMBERED = 1000
State = dict[str, Any]
_KNOWN = frozenset({"since", "until", "began", "after", "seen", "had", "people", "ir.email", "ir.note"})


def decode(cursor: str) -> State:
    """The state that `cursor` tells; {} at the beginning, and for a text that is none of ours."""
    try:
        state = orjson.loads(cursor) if cursor else {}
    except ValueError:
        return {}
    return state if isinstance(state, dict) and not state.keys() - _KNOWN else {}


def encode(state: Mapping[str, Any]) -> str:
    """The text of a state; what is empty is left out."""
    kept = {name: value for name, value in state.items() if value not in ("", None, 0, {}, [])}
    return orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode()


@dataclass(frozen=True, slots=True)
class Walk:
    """Walks one model. `around` are the paths of what hangs on its records, whose changes count as theirs."""

    rest: Rest
    model: str
    names: Sequence[str]
    now: Callable[[], datetime]
    domain: Sequence[Any] = ()
    around: Sequence[str] = ()
    lane: int = LANES["status"]
    paths: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", [MODIFIED, *(f"{path}.{MODIFIED}" for path in self.around)])

    def steps(self, state: State) -> Iterator[tuple[Sequence[Row], State]]:
        """(changed records, where the walk stands after them); nothing where nothing is new.

        A state with `until` is of a window, and nothing follows it.
        """
        size, begun = self.rest.settings.page_size, "began" in state
        known: dict[str, str] = dict(state.get("seen", {}))
        seen = dict(known)
        while True:
            answer = self.rest.page(
                self.model, self._asked(state), [*self.names, *self.paths], size=size, lane=self.lane
            )
            found = rows(answer)
            state = {**state, "began": state.get("began") or _told_at(answer, self.now()).isoformat()}
            told = {str(one["id"]): self._mark(one) for one in found}
            fresh = [one for one in found if known.get(str(one["id"])) != told[str(one["id"])]]
            seen = self._remembered(seen | told, state["began"])
            whole = len(found) < size
            state = self._ended(state, seen) if whole else {**state, "after": found[-1]["id"], "seen": seen}
            if fresh or begun:
                begun = True
                yield fresh, state
            if whole:
                return
            known |= told

    def changed(self, row: Row) -> str:
        """When a record, or what hangs on it, was changed last: ISO 8601."""
        return max(_times(row, self.paths))

    def _mark(self, row: Row) -> str:
        """By what a record is known again: its time, and a digest of what was read of it."""
        digest = blake2b(orjson.dumps(row, option=orjson.OPT_SORT_KEYS), digest_size=6)
        return f"{self.changed(row)} {digest.hexdigest()}"

    def _asked(self, state: State) -> list[Any]:
        asked = [*self.domain, ["id", ">", state.get("after", 0)]]
        if "until" in state:
            return [*asked, ["OR", *(_between(path, state["since"], state["until"]) for path in self.paths)]]
        if "since" in state:
            since = time(datetime.fromisoformat(state["since"]) - self._overlap())
            asked.append(["OR", *([path, ">=", since] for path in self.paths)])
        return asked

    def _overlap(self) -> timedelta:
        return timedelta(seconds=self.rest.settings.overlap_seconds)

    def _remembered(self, seen: Mapping[str, str], began: str) -> dict[str, str]:
        since = (datetime.fromisoformat(began) - self._overlap()).isoformat()
        kept = {id: at for id, at in seen.items() if at >= since}
        return kept if len(kept) <= MOST_REMEMBERED else {}

    def _ended(self, state: State, seen: Mapping[str, str]) -> State:
        kept = {name: value for name, value in state.items() if name not in ("began", "after", "since", "until")}
        return {**kept, "since": state["began"], "seen": seen}


def _between(path: str, since: str, until: str) -> list[Any]:
    """The condition that one record at a path was changed within a window."""
    within = [[MODIFIED, ">=", _at(since)], [MODIFIED, "<", _at(until)]]
    name = path.rpartition(".")[0]
    return [name, "where", within] if name else within


def _at(told: str) -> dict[str, Any]:
    return time(datetime.fromisoformat(told))


def _times(row: Row, paths: Iterable[str]) -> Iterator[str]:
    """The times at these paths, each of the same shape: they are compared as texts."""
    for path in paths:
        name, _, rest = path.partition(".")
        below = row.get(name)
        if not rest and below:
            yield datetime.fromisoformat(str(below)).isoformat(timespec="microseconds")
        elif rest and below:
            for one in below if isinstance(below, list) else [below]:
                yield from _times(one, [rest])


def _told_at(answer: Answer, now: datetime) -> datetime:
    """When the server answered, by its own clock (header `Date`); by ours, where it does not say."""
    try:
        told = parsedate_to_datetime(answer.headers.get("date", ""))
    except (ValueError, TypeError):
        return now
    return told if told.tzinfo else told.replace(tzinfo=UTC)
