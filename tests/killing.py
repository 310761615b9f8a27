"""The line in child processes that are killed while they run; both platforms live on in a process of their own.

A child comes from a process that has no connections of its own: it opens the configuration, runs the line once, and
may be killed at a moment that was chosen before: when it has come to its so-many-th commit or call of a kind, before
that is made or after, or in the middle of a batch.
"""

from __future__ import annotations

import importlib
import os
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from connector.app import App, open_app
from connector.config import load
from connector.runs.sync import sync
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import CLIENT, HubSpotServer, Portal, furnish
from connector.sandbox.salesforce import Org, serve
from connector.selftest.points import watch
from connector.selftest.served import Served, Waiting, served
from connector.selftest.worlds._served import prepare
from tests import going_live
from tests.going_live import World
from tests.pair import CONFIG, SECRETS, START

# Imported once, here, and not in each child.
for name in ("adapters.hubspot", "adapters.salesforce", "connector.config.settings", "connector.edge.http",
             "connector.edge.templates", "phonenumbers", "state.store", "tldextract"):  # fmt: skip
    importlib.import_module(name)

#: How a child ended.
DONE, FAILED_CALLS, BROKEN = 0, 3, 70
#: Longer than this no run of the line takes here.
LONGEST = 60.0
HUBSPOT = f'{going_live.HUBSPOT}sign_in = "refresh_token"\nclient_id = "{CLIENT[0]}"\n'
ENVIRONMENT = {**SECRETS, "BATON_SECRET_HUBSPOT": CLIENT[2], "BATON_SECRET_HUBSPOT_CLIENT": CLIENT[1]}


@dataclass(frozen=True, slots=True)
class Moment:
    """When a child is killed: at the `nth` step whose name matches `step`, or after so many milliseconds.

    Names are `before the commit of Sender.claim`, `after GET /services/data/v62.0/query` or
    `after item 1 of 3 of POST ...`.
    """

    step: str = ""
    nth: int = 1
    milliseconds: int = 0


@contextmanager
def platforms(people: int, seed: int) -> Iterator[tuple[Served, World]]:
    """Both platforms, filled, in a process that ends with the block."""
    clock = Clock(START)
    portal = Portal(clock)
    furnish(portal)
    org = Org(clock)
    world = going_live.fill(portal, org, people, share=0.3, seed=seed)
    with served({"hubspot": HubSpotServer(portal), "salesforce": serve(org)}) as there:
        yield there, world


@dataclass(slots=True)
class Line:
    """The line between the platforms: one folder, and children that run it."""

    folder: Path
    remote: Served
    portal: int

    def configure(self, mode: str, more: str = "") -> None:
        """The admin changes the configuration."""
        for name, text in going_live.FILES.items():
            (self.folder / name).write_text(text, "utf-8")
        text = CONFIG.format(
            database="baton.db", portal=self.portal, mode=mode, flow=going_live.flow(more), hubspot=HUBSPOT,
            salesforce=going_live.SALESFORCE, hubspot_url=self.remote.url("hubspot"),
            salesforce_url=self.remote.url("salesforce"),
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
        self.remote.settle()
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
            step = _killer(moment or Moment("no such step"))
            watch(app, step)
            # Each item of each batch is told over a socket: only where that is wanted.
            with self.remote.between_items(step) if moment and "item" in moment.step else nullcontext():
                status = act(app)
            app.close()
        except BaseException:  # noqa: BLE001 - whatever it is, the parent is told
            traceback.print_exc(file=sys.stderr)
        finally:
            sys.stderr.flush()
            os._exit(status)


def run(remote: Served, app: App) -> int:
    """Run the line once."""
    result = sync(app.runtime(stop=Waiting(remote.move)), app.rows)
    return FAILED_CALLS if result.failures else DONE


def set_up(app: App) -> int:
    """What `baton setup` does."""
    prepare(app)
    return DONE


def _killer(moment: Moment) -> Callable[[str], None]:
    pattern, lock, passed = re.compile(moment.step or "no such step"), threading.Lock(), 0

    def step(name: str) -> None:
        nonlocal passed
        if pattern.search(name):
            with lock:
                passed += 1
                if passed == moment.nth:
                    os.kill(os.getpid(), signal.SIGKILL)
                    time.sleep(LONGEST)

    return step
