"""What platforms on local servers share: their faults, their clock, and the order of what was changed there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connector.app import App, opened
from connector.sandbox.clock import Clock
from connector.sandbox.server import LocalServer
from tests.machine.process import Change, Process
from tests.pair import Waiting

#: What a fault of the memory platform is on a server.
FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "done": ("lost", {}), "timeout": ("drop", {}), "late": ("cut_headers", {}), "cut": ("cut", {}),
    "server_error": ("status", {"code": 503}), "throttled": ("status", {"code": 429, "headers": {"Retry-After": "2"}}),
    "no_connection": ("drop", {}), "refused": ("status", {"code": 401}), "duplicate": ("half", {}),
}  # fmt: skip
#: An edit that is so old has been read by every reading since.
SURE = timedelta(minutes=15)


@dataclass
class Side:
    """A platform, in the words of `adapters._world.World`."""

    server: LocalServer

    def fault(self, _call: str, kind: str, *, passes: int = 0, delay: float = 0.0) -> None:
        """A call that is to come meets a fault."""
        name, more = FAULTS[kind]
        self.server.faults.add(name, after=2 * passes, **more)

    def heal(self) -> None:
        """Faults that were not met yet are none any more."""
        self.server.faults.clear()


@dataclass
class OnServers(Process):
    """The line between platforms of which one at least is on a server."""

    clock: Clock = field(init=False)
    #: Changes of people's records: when each was made, and its place in their order; up to which Baton has read.
    edits: list[tuple[datetime, int]] = field(default_factory=list)
    read: int = 0

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def move(self, time: timedelta) -> None:
        self.clock.move(time.total_seconds())

    @contextmanager
    def second(self) -> Iterator[App]:
        # The clients of one process are used by its own threads, which may be stopped in the middle of a call.
        with opened(self.folder / "config.toml", self.clock.now) as app:
            app.stop = Waiting(self.clock)
            yield app

    def watch(self, *connections: str) -> None:
        """Every call to these is a boundary."""
        for name in connections:
            client: Any = self.app._client(self.app.config.connections[name])
            client._call = self._watched(client._call)

    def _watched(self, call: Any) -> Any:
        def passed(*given: Any) -> Any:
            self._boundary("call:begin")
            answer = call(*given)
            self._boundary("call:end")
            return answer

        return passed

    def passed(self, what: str) -> None:
        pass

    def run(self, kind: str) -> str:
        sure = max((seq for at, seq in self.edits if at <= self.now - SURE), default=0)
        failed = super().run(kind)
        if not failed and kind in ("sync", "bring back"):
            self.read = max(self.read, sure)
        return failed

    def note(self, id: str, ours: bool, said: dict[str, Any], before: dict[str, Any]) -> None:
        """Note a change of a person's record in the journal."""
        place = len(self.edits) + 1
        self.edits.append((self.now, place))
        self.journal.append(Change(id, place, ours, said, before, self.read if ours else None))
