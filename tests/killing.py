"""Both platforms in a process of their own, and the line in child processes that are killed while they run.

The servers live on, with their clock. A child comes from a process that has no connections of its own: it
opens the configuration, runs the line once, and may be killed at a moment that was chosen before: when it has
come to its so-many-th commit or call of a kind, before that is made or after.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, cast

from connector.app import App, open_app
from connector.config import load
from connector.edge.wire import Reply, Wire
from connector.model.adapter import Preparable
from connector.model.ports import Transaction
from connector.runs.sync import sync
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import CLIENT, HubSpotServer, Portal, furnish
from connector.sandbox.ledger import Deed
from connector.sandbox.salesforce import Org, serve
from connector.sandbox.server import LocalServer
from tests import going_live
from tests.going_live import Books, World
from tests.pair import CONFIG, SECRETS, START

#: How a child ended.
DONE, FAILED_CALLS, BROKEN = 0, 3, 70
#: Longer than this no run of the line takes here.
LONGEST = 60.0
HUBSPOT = f'{going_live.HUBSPOT}sign_in = "refresh_token"\nclient_id = "{CLIENT[0]}"\n'
ENVIRONMENT = {**SECRETS, "BATON_SECRET_HUBSPOT": CLIENT[2], "BATON_SECRET_HUBSPOT_CLIENT": CLIENT[1]}


@dataclass(frozen=True, slots=True)
class Moment:
    """When a child is killed: at the `nth` step whose name matches `step`, or after so many milliseconds.

    Names are `commit` or `GET /services/data/v62.0/query`, with `before` or `after` in front.
    """

    step: str = ""
    nth: int = 1
    milliseconds: int = 0


class Remote:
    """The two servers from outside: what they hold, what people do there, faults, and the clock of everything."""

    def __init__(self, ports: Mapping[str, int]) -> None:
        self.ports = ports
        self._now = datetime.fromisoformat(self.ask("hubspot", "GET", "clock")["now"])

    def ask(self, server: str, method: str, what: str, wish: Any = None) -> Any:
        """One call to `/_sandbox/`, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[server], timeout=LONGEST)
        try:
            body = None if wish is None else json.dumps(wish)
            connection.request(method, f"/_sandbox/{what}", body, {"Connection": "close"})
            answer = connection.getresponse()
            said = json.loads(answer.read() or b"null")
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise ValueError(f"{server} {what}: {said}")
        return said

    def now(self) -> datetime:
        """The time in both servers, which stands still but for `move`."""
        return self._now

    def move(self, seconds: float) -> None:
        """Put the clock on."""
        self._now = datetime.fromisoformat(self.ask("hubspot", "POST", "clock", {"move": seconds})["now"])

    def look(self) -> None:
        """Take over the time that a child has moved on."""
        self.move(0)

    def hubspot(self, do: str, **wish: Any) -> Any:
        """What somebody does in HubSpot."""
        return self.ask("hubspot", "POST", "edit", {"do": do, **wish})

    def salesforce(self, act: str, **wish: Any) -> Any:
        """What somebody does in Salesforce."""
        return self.ask("salesforce", "POST", "edit", {"act": act, **wish})["result"]

    def fault(self, server: str, kind: str, **wish: Any) -> None:
        """Order a fault."""
        self.ask(server, "POST", "faults", {"kind": kind, **wish})

    def clear_faults(self) -> None:
        """Forget those that nobody met."""
        for server in self.ports:
            self.ask(server, "DELETE", "faults")

    def records(self, object: str) -> list[Mapping[str, Any]]:
        """Live records of Salesforce."""
        return [one for one in self.ask("salesforce", "GET", f"state?object={object}") if not one["IsDeleted"]]

    def errors(self) -> list[str]:
        """What the servers themselves failed in."""
        return [error for server in self.ports for error in self.ask(server, "GET", "state?errors=1")]

    def books(self) -> Books:
        """The books of both."""
        contacts = self.ask("hubspot", "GET", "state?object=contacts")
        deeds = [deed for server in self.ports for deed in self.ask(server, "GET", "ledger")["deeds"]]
        return Books(
            self.records("Lead"), self.records("Task"), self.records("CampaignMember"),
            {str(one["id"]): one["properties"] for one in contacts},
            {name: list(map(str, ids)) for name, ids in self.ask("hubspot", "GET", "state")["lists"].items()},
            [Deed(**{**deed, "fields": tuple(deed["fields"])}) for deed in deeds],
        )  # fmt: skip


@contextmanager
def platforms(people: int, seed: int) -> Iterator[tuple[Remote, World]]:
    """Both platforms, filled, in a process that ends with the block."""
    clock = Clock(START)
    portal = Portal(clock)
    furnish(portal)
    org = Org(clock)
    world = going_live.fill(portal, org, people, share=0.3, seed=seed)
    told, telling = os.pipe()
    waiting, ending = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(told)
        os.close(ending)
        _serve(portal, org, telling, waiting)
    os.close(telling)
    os.close(waiting)
    with os.fdopen(told) as ports:
        remote = Remote(json.loads(ports.readline()))
    try:
        yield remote, world
    finally:
        os.close(ending)
        os.waitpid(process, 0)


def _serve(portal: Portal, org: Org, telling: int, waiting: int) -> None:
    """Serve until the other side of `waiting` is closed; this process ends here."""
    try:
        servers = {"hubspot": HubSpotServer(portal), "salesforce": serve(org)}
        for server in servers.values():
            _confess(server)
            server.start()
        os.write(telling, json.dumps({name: server.port for name, server in servers.items()}).encode() + b"\n")
        os.close(telling)
        os.read(waiting, 1)
    finally:
        os._exit(0)


def _confess(server: LocalServer) -> None:
    """Let the server's own failures be looked at."""
    look = server.look
    assert look is not None
    server.look = lambda query: list(server.errors) if "errors" in query else look(query)


@dataclass(slots=True)
class Line:
    """The line between the platforms: one folder, and children that run it."""

    folder: Path
    remote: Remote
    portal: int

    def configure(self, mode: str, more: str = "") -> None:
        """The admin changes the configuration."""
        for name, text in going_live.FILES.items():
            (self.folder / name).write_text(text, "utf-8")
        text = CONFIG.format(
            database="baton.db", portal=self.portal, mode=mode, flow=going_live.flow(more), hubspot=HUBSPOT,
            salesforce=going_live.SALESFORCE, hubspot_url=f"http://127.0.0.1:{self.remote.ports['hubspot']}",
            salesforce_url=f"http://127.0.0.1:{self.remote.ports['salesforce']}",
        )  # fmt: skip
        (self.folder / "config.toml").write_text(text, "utf-8")

    def opened(self) -> App:
        """The configuration, under the servers' clock."""
        return open_app(load(self.folder / "config.toml"), self.remote.now)

    def child(self, moment: Moment | None = None, act: Callable[[App], int] | None = None) -> bool:
        """Do `act` (run the line once) in a child; whether it was killed. One that breaks by itself fails the test."""
        process = os.fork()
        if process == 0:
            self._in_child(moment, act or partial(run, self.remote))
        status = self._awaited(process, moment)
        assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) != BROKEN, "a child failed by itself: see above"
        self.remote.look()
        return os.WIFSIGNALED(status)

    def _awaited(self, process: int, moment: Moment | None) -> int:
        """The status of a child that has ended, of itself or because its time was over."""
        after = moment.milliseconds / 1000 if moment and moment.milliseconds else LONGEST
        began, ended = time.monotonic(), (0, 0)
        while ended[0] == 0:
            ended = os.waitpid(process, os.WNOHANG)
            passed = time.monotonic() - began
            assert passed < LONGEST + 5, "a child hangs"
            if ended[0] == 0 and passed > after:
                os.kill(process, signal.SIGKILL)
            time.sleep(0.001)
        return ended[1]

    def _in_child(self, moment: Moment | None, act: Callable[[App], int]) -> None:
        """Never returns."""
        status = BROKEN
        try:
            app = self.opened()
            if moment is not None and moment.step:
                watch(app, _killer(moment))
            status = act(app)
            app.close()
        except BaseException:  # noqa: BLE001 - whatever it is, the parent is told
            traceback.print_exc(file=sys.stderr)
        finally:
            sys.stderr.flush()
            os._exit(status)


class Waiting(threading.Event):
    """Whoever waits for a platform's limits moves the clock of everything on."""

    def __init__(self, remote: Remote) -> None:
        super().__init__()
        self.remote = remote

    def wait(self, timeout: float | None = None) -> bool:
        self.remote.move(timeout or 0.0)
        return self.is_set()


def run(remote: Remote, app: App) -> int:
    """Run the line once."""
    result = sync(app.runtime(stop=Waiting(remote)), app.rows)
    return FAILED_CALLS if result.failures else DONE


def prepare(app: App) -> int:
    """What `baton setup` does."""
    for role in (app.source("hubspot"), app.crm("hubspot")):
        for step in cast(Preparable, role).setup():
            if not step.there and step.act is not None:
                step.act()
    return DONE


def _killer(moment: Moment) -> Callable[[str], None]:
    pattern, lock, passed = re.compile(moment.step), threading.Lock(), 0

    def step(name: str) -> None:
        nonlocal passed
        if pattern.search(name):
            with lock:
                passed += 1
                if passed == moment.nth:
                    os.kill(os.getpid(), signal.SIGKILL)
                    time.sleep(LONGEST)

    return step


def watch(app: App, step: Callable[[str], None]) -> None:
    """Call `step` before and after each commit and each call of `app`'s process."""
    begin, call = app.store.write, Wire.call

    @contextmanager
    def write(**options: Any) -> Iterator[Transaction]:
        with begin(**options) as tx:
            yield tx
            step("before commit")
        step("after commit")

    def opened(**options: Any) -> AbstractContextManager[Transaction]:
        return write(**options)

    def called(self: Wire, method: str, url: str, *rest: Any) -> Reply:
        name = f"{method} /{url.split('/', 3)[-1]}"
        step(f"before {name}")
        answer = call(self, method, url, *rest)
        step(f"after {name}")
        return answer

    app.store.write = opened  # type: ignore[method-assign]
    Wire.call = called  # type: ignore[method-assign,assignment]
