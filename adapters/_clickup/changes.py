"""What changed in the list of leads, stream by stream."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from hashlib import blake2b

from adapters._clickup import beside, records
from adapters._clickup.api import workspace
from adapters._clickup.board import Boards
from adapters._clickup.cursors import State, decode, earlier, encode, millis
from adapters._clickup.records import Records
from adapters._clickup.settings import ClickUpSettings
from adapters._clickup.touches import Touches
from adapters._clickup.walk import Walk
from connector.model.adapter import Context
from connector.model.http import Http
from connector.model.mirror import CrmPage, CrmRecord
from connector.model.outbox import LANES

STREAMS = ("user", "lead", "task")
SWEPT = ("lead", "task")
_HOUR = 3_600_000
#: Seconds. So far back comments and noted time are read each time: people note it late.
_TOUCHES = 7 * 86_400


class Changes:
    """Reads the streams of one connection."""

    def __init__(
        self, http: Http, settings: ClickUpSettings, context: Context, boards: Boards, by_key: Callable[[str], str]
    ) -> None:
        self.http, self.settings, self.context, self.boards, self.by_key = http, settings, context, boards, by_key

    def pages(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """Pages of what changed in `stream`."""
        if stream in beside.streams(self.settings):
            yield from self._beside().pages(stream, cursor)
            return
        state = decode(cursor)
        if stream == "user":
            yield from self._users(state)
        elif stream == "lead":
            yield from self._leads(state)
        else:
            yield from self._tasks(state)

    def sweep(self, stream: str, cursor: str, since: datetime) -> Iterator[CrmPage]:
        """The same walk from a moment on. Touches have a walk of their own, and are not swept."""
        made, state = self._records(), decode(cursor) or {"at": millis(since), "page": 0}
        if "at" not in state:
            return
        for tasks, following in self._walk(LANES["backfill"]).steps(state):
            wanted = [one for one in tasks if bool(one.get("parent")) == (stream == "task")]
            told = [made.lead(one) if stream == "lead" else made.subtask(one) for one in wanted]
            yield CrmPage(stream, told, encode(following))

    def _now(self) -> int:
        return millis(self.context.now())

    def _beside(self) -> beside.Beside:
        kept = frozenset(self.context.columns)
        return beside.Beside(self.http, self.settings, self.by_key, self.context.store_id, kept, self._now)

    def _walk(self, lane: int = LANES["status"]) -> Walk:
        return Walk(self.http, self.settings, self.settings.leads, self._now, lane)

    def _records(self) -> Records:
        kept = {*self.context.columns, *self.context.written.get("lead", ()), *self.context.written.get("", ())}
        return Records(self.boards.current(), self.settings, kept)

    def _users(self, state: State) -> Iterator[CrmPage]:
        """Members have no time of change, and are few: all come again where any changed, those who left once."""
        members = [one["user"] for one in workspace(self.http, self.settings).get("members") or ()]
        people = {str(one["id"]): [str(one.get("email") or ""), str(one.get("username") or "")] for one in members}
        before: dict[str, list[str]] = state.get("people", {})
        if people == before:
            return
        told = [records.user(id, email, name) for id, (email, name) in people.items()]
        told += [records.user(id, *before[id], active=False) for id in before if id not in people]
        yield CrmPage("user", told, encode({"people": people}))

    def _leads(self, state: State) -> Iterator[CrmPage]:
        """Leads; and now and then the word that those which the mirror holds are to be looked up.

        Nothing tells of a task that was deleted, but that it is not there.
        """
        now = self._now()
        state = {**state, "bin": int(state.get("bin") or now)}
        made = self._records()
        for tasks, following in self._walk().steps(state):
            state = following
            yield CrmPage("lead", [made.lead(one) for one in tasks if not one.get("parent")], encode(state))
        if now - int(state["bin"]) >= self.settings.deleted_every_hours * _HOUR:
            yield CrmPage("lead", [], encode({**state, "bin": now}), unheard="lead")

    def _tasks(self, state: State) -> Iterator[CrmPage]:
        """Subtasks, and what tells that somebody was contacted; from the first walk on."""
        now, made = self._now(), self._records()
        touches = Touches(self.http, self.settings, self.context.store_id)
        since = earlier(now, _TOUCHES)
        if not state:
            # What was before is of no lead of ours.
            state = {"since": earlier(now, self.settings.lag_seconds)}
            yield CrmPage("task", [], encode(state))
        for tasks, following in self._walk().steps(state):
            state = following
            leads = [one for one in tasks if not one.get("parent")]
            told = [made.subtask(one) for one in tasks if one.get("parent")]
            yield CrmPage("task", [*told, *touches.of_tasks(leads, since)], encode(state))
        noted = list(touches.noted(self.boards.current(), since, now))
        held = _digest(noted)
        if held != state.get("had", ""):
            yield CrmPage("task", noted, encode({**state, "had": held}))


def _digest(noted: Sequence[CrmRecord]) -> str:
    """Noted time does not move the date of a task: what was told before is known by this."""
    told = sorted((one.id, one.stage, one.person, str(one.modified_at)) for one in noted)
    return blake2b(repr(told).encode(), digest_size=8).hexdigest() if told else ""
