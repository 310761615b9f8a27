"""A request that a network keeps, while its sender has long given it up: it arrives when a test says so."""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.sandbox.server import LocalServer
from connector.sandbox.wire import Call, HalfDone, Reply


@dataclass(slots=True)
class Held:
    """The first call to `server` whose "METHOD path" contains `match` is kept, and its connection closed."""

    server: LocalServer
    match: str
    kept: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        app = self.server.app

        def answer(call: Call) -> Reply:
            if not self.kept and self.match in f"{call.method} {call.path}":
                self.kept.append(call)
                raise HalfDone
            return app(call)

        self.server.app = answer

    def arrives(self) -> Reply:
        """What was kept is done now; its answer is of interest to nobody."""
        (call,) = self.kept
        return self.server.app(call)
