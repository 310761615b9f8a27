"""The boundaries of a line: before and after each commit of its store, and each act of a platform.

What is watched is the whole process, for good: it is a child that will not live long.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.platforms import adapter
from connector.selftest.world import Step

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.notices import Message
    from connector.model.outbox import Outcome
    from connector.model.ports import Transaction

#: What a platform of this process is asked to do; each writes, or what it says is written down afterwards.
ACTS = ("pull", "changes", "look_up", "find", "write")


def watch(app: App, step: Step) -> None:
    """Call `step` before and after each commit and each call of `app`'s process, from whatever thread."""
    watch_commits(app, step)
    kinds = {connection.type for connection in app.config.connections.values()}
    if any(adapter(kind).api is not None for kind in kinds):
        watch_calls(step)
    if "files" in kinds:
        watch_renames(step)
    if app.config.mail.server:
        watch_notices(step)
    flows = app.config.flows.values()
    sources = {name: app.source for flow in flows for name in flow.sources}
    crms = {flow.crm: app.crm for flow in flows}
    for name, role in (*sources.items(), *crms.items()):
        if adapter(app.config.connections[name].type).api is None:
            watch_role(name, role(name), step)


def watch_commits(app: App, step: Step) -> None:
    """A commit is named after the function that opened its transaction."""
    begin = app.store.write

    @contextmanager
    def write(who: str, options: Any) -> Iterator[Transaction]:
        with begin(**options) as tx:
            yield tx
            step(f"before the commit of {who}")
        step(f"after the commit of {who}")

    def opened(**options: Any) -> AbstractContextManager[Transaction]:
        return write(_caller(), options)

    app.store.write = opened  # type: ignore[method-assign]


def _caller() -> str:
    """The function whose transaction it is, past those that only open it for others."""
    frame = sys._getframe(2)
    while frame.f_back and (frame.f_code.co_qualname.endswith(".write") or frame.f_globals["__name__"] == "contextlib"):
        frame = frame.f_back
    return frame.f_code.co_qualname


def watch_calls(step: Step) -> None:
    """Calls over HTTP: before the request leaves, and when its answer is there and nobody has looked at it."""
    from connector.edge.wire import Reply, Wire

    call = Wire.call

    def called(self: Wire, method: str, url: str, *rest: Any) -> Reply:
        name = f"{method} /{url.split('/', 3)[-1]}"
        step(f"before {name}")
        try:
            return call(self, method, url, *rest)
        finally:
            step(f"after {name}")

    Wire.call = called  # type: ignore[method-assign,assignment]


def watch_notices(step: Step) -> None:
    """Notices: before one is sent, and when it was taken and nobody has heard so yet."""
    from connector.edge.notify import Notify

    send = Notify.send

    def sent(self: Notify, message: Message) -> Outcome:
        way = message.to.partition(":")[0]
        step(f"before a notice goes to a {way}")
        outcome = send(self, message)
        step(f"after a notice went to a {way}")
        return outcome

    Notify.send = sent  # type: ignore[method-assign]


def watch_renames(step: Step) -> None:
    """A file that is replaced: its new version is written beside it, and then takes its place."""
    rename = Path.replace

    def replaced(self: Path, target: Any) -> Path:
        step(f"before {Path(target).name} is replaced")
        moved = rename(self, target)
        step(f"after {Path(target).name} was replaced")
        return moved

    Path.replace = replaced  # type: ignore[method-assign,assignment]


def watch_role(name: str, role: Any, step: Step) -> None:
    """A platform in this process; that in memory also tells when it has done one more item of a batch."""
    if hasattr(role, "within"):
        return  # it lives in the store, and has no moments but the store's
    if hasattr(role, "world"):
        role.world.watch = lambda what: step(_worded(name, what))
        return
    for act in ACTS:
        if hasattr(role, act):
            setattr(role, act, _acting(getattr(role, act), f"{act} at {name}", step))


def _worded(name: str, what: str) -> str:
    act, _, moment = what.partition(":")
    return f"{ {'begin': 'before', 'end': 'after'}.get(moment, moment) } {act} at {name}"


def _acting(act: Callable[..., Any], name: str, step: Step) -> Callable[..., Any]:
    def acted(*given: Any, **named: Any) -> Any:
        step(f"before {name}")
        answer = act(*given, **named)
        step(f"after {name}")
        return answer

    return acted
