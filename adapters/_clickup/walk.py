"""Walking the tasks of a list by when they were changed, oldest change first, 100 at a time.

The only order that does not lose tasks while people work is that of changes, asked for with `date_updated_gt` (which
leaves out its own bound, so that it is given one less) and always from the first page on: who is changed meanwhile
moves to the end and comes again. Only tasks of one and the same millisecond are turned over by page, and with each page
the one before it is looked at again: where somebody left it meanwhile, others have moved up, and that millisecond is
begun anew. Which way `reverse` turns the order is not described, so that it is looked at. What comes into sight late is
caught by beginning each walk some minutes earlier; what that brings again unchanged is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from adapters._clickup.cursors import State, earlier, remember, told_at
from adapters._clickup.settings import ClickUpSettings
from connector.model import sentences
from connector.model.errors import StreamError
from connector.model.http import Answer, Http, Request
from connector.model.outbox import LANES

PAGE = 100
#: So often a millisecond is begun anew at most.
MOST_SHIFTS = 20
Task = Mapping[str, Any]
#: Tasks, and where the walk stands after them.
Step = tuple[list[Task], State]


@dataclass(slots=True)
class Walk:
    """Walks one list. `now` is the present in milliseconds. `subtasks`: they come too."""

    http: Http
    settings: ClickUpSettings
    list_id: str
    now: Callable[[], int]
    lane: int = LANES["status"]
    subtasks: bool = True

    def steps(self, state: State) -> Iterator[Step]:
        """What changed since the state of the last walk, or the rest of a walk that broke off.

        Yields nothing where nothing is new. A state with `until` is of a window, and nothing follows it. Raises
        StreamError where pages come in no order.
        """
        if "at" not in state:
            state = {**state, "at": earlier(int(state.get("since") or 0), self._overlap(state)), "page": 0}
        known: Mapping[str, int] = state.get("seen", {})
        seen, begun, shifted = dict(known), int(state.get("page") or 0) > 0, 0
        while True:
            answer, tasks = self._read(state)
            if self._has_shifted(state):
                state, shifted = {**state, "page": 0}, shifted + 1
                if shifted > MOST_SHIFTS:
                    raise self._stands()
                continue
            state = {**state, "settled": int(state.get("settled") or self._settled(answer))}
            whole = len(tasks) < PAGE or bool(answer.json().get("last_page"))
            fresh = [one for one in tasks if known.get(str(one["id"])) != changed(one)]
            fresh = [one for one in fresh if self._is_within(one, state)]
            seen = remember(seen, [(str(one["id"]), changed(one)) for one in tasks], self._kept_since(state))
            known = {**known, **{str(one["id"]): changed(one) for one in tasks}}
            following = self._ended(state, seen) if whole else {**self._moved(state, tasks), "seen": seen}
            if fresh or not whole or begun:
                begun = True
                yield fresh, following
            if whole:
                return
            state = following

    def _overlap(self, state: State) -> int:
        return 0 if "until" in state else self.settings.overlap_seconds

    def _settled(self, answer: Answer) -> int:
        """Until when this answer knows everything."""
        return earlier(told_at(answer, self.now()), self.settings.lag_seconds)

    def _kept_since(self, state: State) -> int:
        return earlier(int(state["settled"]), self.settings.overlap_seconds)

    def _is_within(self, task: Task, state: State) -> bool:
        return "until" not in state or changed(task) < int(state["until"])

    def _read(self, state: State) -> tuple[Answer, list[Task]]:
        """A page, the earliest change first. Raises StreamError where ClickUp tells them in no order at all."""
        for down in (bool(state.get("down")), not state.get("down")):
            answer = self.http.read(self._asked(state, down=down))
            tasks = list(answer.json()["tasks"])
            times = [changed(one) for one in tasks]
            if times == sorted(times):
                state["down"] = down
                return answer, tasks
        raise self._stands()

    def _stands(self) -> StreamError:
        return StreamError(f"/v2/list/{self.list_id}/task: {sentences.CURSOR_STANDS}")

    def _has_shifted(self, state: State) -> bool:
        """Whether other tasks than before are on the page before this one, in the midst of a millisecond."""
        page = int(state.get("page") or 0)
        return page > 0 and _told(self._read({**state, "page": page - 1})[1]) != state.get("turned")

    def _asked(self, state: State, *, down: bool) -> Request:
        query = {
            "order_by": "updated", "reverse": "false" if down else "true", "include_closed": "true",
            "subtasks": "true" if self.subtasks else "false", "page": str(state.get("page") or 0),
        }  # fmt: skip
        if at := int(state["at"]):
            query["date_updated_gt"] = str(at - 1)
        if "until" in state:
            query["date_updated_lt"] = str(state["until"])
        return Request("GET", f"/v2/list/{self.list_id}/task", query=query, reads=True, lane=self.lane)

    def _moved(self, state: State, tasks: Sequence[Task]) -> State:
        last = changed(tasks[-1])
        if last > int(state["at"]):
            return {**state, "at": last, "page": 0}
        return {**state, "page": int(state.get("page") or 0) + 1, "turned": _told(tasks)}

    def _ended(self, state: State, seen: State) -> State:
        kept = {name: value for name, value in state.items() if name not in ("at", "page", "turned", "settled", "seen")}
        return {**kept, "since": state["settled"], "seen": seen}


def _told(tasks: Sequence[Task]) -> str:
    """Which tasks these are, in a word."""
    return blake2b(" ".join(sorted(str(one["id"]) for one in tasks)).encode(), digest_size=8).hexdigest()


def changed(task: Task) -> int:
    """When it was changed, in milliseconds."""
    return int(task["date_updated"])
