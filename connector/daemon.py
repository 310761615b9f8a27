"""The daemon: ticks, asks the store what is due, and runs it.

`schedule` only ticks. What is due is decided from the store, so that a restart forgets nothing
and two daemons do not double the work (leases). Each job runs in a thread of its own, so that one
that takes hours keeps nobody waiting; a job that still runs is not begun again. A job that fails is
logged and tried when it is next due; the other jobs go on. SIGTERM and SIGINT end the daemon
between pages, and so does an edit of the configuration with what still runs under the old one.
"""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING

from connector.jobs import TICK_SECONDS, Job, is_due, jobs, work_job
from connector.model.errors import AuthError, BatonError
from connector.runs import failing, hints
from connector.runs.failing import BRING_BACK, HAND_OVER
from connector.runs.hand_over import Failures
from connector.runs.read_in import is_read_in
from connector.runs.runtime import Runtime

if TYPE_CHECKING:
    from connector.app import App

log = logging.getLogger("baton.daemon")

#: What is said to fail where a tick does.
STORE = "store"
OUR_FAULT = "a fault of this program, please report it"
#: Counts of what only waits begin so.
STANDING = ("put off", "waits for", "for another day", "nobody there", "flows parked")
#: A connection that refused us is parked for so long: asked again and again it might lock the account.
PARKED = timedelta(minutes=5)


def stands(what: str) -> bool:
    """Whether a count says how things stand, and not what was done."""
    return what.startswith(STANDING) or what.endswith(": waiting")


@dataclass(slots=True)
class Daemon:
    """Runs what is due until it is told to stop.

    `current` gives the app of the configuration that is in force: the last good one.
    """

    current: Callable[[], App]
    stop: threading.Event = field(default_factory=threading.Event)
    failing: set[str] = field(default_factory=set)
    parked: dict[str, datetime] = field(default_factory=dict)
    #: How things stood, by job, when they were last told.
    standing: dict[str, Mapping[str, int]] = field(default_factory=dict)
    stopped: dict[str, str] = field(default_factory=dict)
    #: Threads of jobs by their names, each with the app that it runs under.
    running: dict[str, tuple[threading.Thread, App]] = field(default_factory=dict)
    #: Whether the CRMs were read back since the start, and which jobs were begun for that.
    read_back: bool = False
    begun: set[str] = field(default_factory=set)
    _stops: list[tuple[App, threading.Event]] = field(default_factory=list)
    _left: list[App] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Tick until a signal comes; then wait for what is on its way."""
        import schedule

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._asked_to_stop)
        scheduler = schedule.Scheduler()
        scheduler.every(TICK_SECONDS).seconds.do(self.guarded, self.begin)
        log.info("started")
        self.guarded(self.begin)
        while not self.stop.wait(max(scheduler.idle_seconds or 0.0, 0.05)):
            scheduler.run_pending()
        self.wait()
        log.info("stopped")

    def wait(self) -> None:
        """Wait for all jobs that run."""
        for thread, _ in list(self.running.values()):
            thread.join()
        self._sweep()

    def leave(self, app: App) -> None:
        """Another configuration is in force: what runs under `app` ends after its page, and `app` is closed then."""
        self._stop_of(app).set()
        self._left.append(app)
        self._sweep()

    def _asked_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stop.set()
        for _, stop in list(self._stops):
            stop.set()

    def _stop_of(self, app: App) -> threading.Event:
        """What ends the jobs of one app."""
        for known, stop in self._stops:
            if known is app:
                return stop
        stop = threading.Event()
        self._stops.append((app, stop))
        if self.stop.is_set():
            stop.set()
        return stop

    def _sweep(self) -> None:
        """Forget threads that are done, and close apps that were left and that no job needs any more."""
        self.running = {name: pair for name, pair in self.running.items() if pair[0].is_alive()}
        in_use = [app for _, app in self.running.values()]
        for app in [app for app in self._left if not any(app is other for other in in_use)]:
            self._left = [other for other in self._left if other is not app]
            self._stops = [pair for pair in self._stops if pair[0] is not app]
            app.close()

    def guarded_tick(self) -> None:
        """A tick; where the store cannot be used just now (locked, disk full), the next one tries again."""
        self.guarded(self.tick)

    def guarded(self, act: Callable[[], list[str]]) -> None:
        """Do it; a store that cannot be used is logged once."""
        try:
            act()
        except BatonError as error:
            self._failed(STORE, type(error).__name__, str(error))
        else:
            self._works(STORE)

    def tick(self) -> list[str]:
        """Run every job that is due, one after the other; returns their names."""
        app = self.current()
        runtime = app.runtime(stop=self.stop)
        due = self._due(jobs(runtime, partial(self._beside, runtime)), runtime)
        for job in due:
            if not self.stop.is_set():
                self._run(job, runtime, app)
        return [job.name for job in due]

    def begin(self) -> list[str]:
        """Begin every job that is due and does not run yet, each in its own thread; returns their names."""
        app = self.current()
        self._sweep()
        runtime = app.runtime(stop=self._stop_of(app))
        beside = partial(self._beside, runtime)
        known = jobs(runtime, beside)
        if any(name.startswith("pull:") for name in self.running):
            known.append(work_job(runtime.config.schedule.pull.seconds, beside))
        due = self._first_of(self._due([job for job in known if job.name not in self.running], runtime), runtime)
        for job in due:
            thread = threading.Thread(target=self._in_thread, args=(job, app), name=job.name)
            self.running[job.name] = thread, app
            thread.start()
        return [job.name for job in due]

    def _first_of(self, due: Sequence[Job], runtime: Runtime) -> Sequence[Job]:
        """At the start each CRM that was read in is read back before anything else is done.

        An older copy of the store may have been put in its place, and the CRM is who knows.
        """
        if self.read_back:
            return due
        with runtime.store.read() as tx:
            read_in = {f"{BRING_BACK}{name}" for name in runtime.config.connections if is_read_in(tx, name)}
        if not read_in.isdisjoint(self.running):
            return []
        first = [job for job in due if job.name in read_in]
        self.read_back = not first or not self.begun.isdisjoint(job.name for job in first)
        self.begun |= {job.name for job in first}
        return due if self.read_back else first

    def _in_thread(self, job: Job, app: App) -> None:
        # Made here: leases know their holders by the thread.
        try:
            self._run(job, app.runtime(stop=self._stop_of(app)), app)
        except BatonError as error:
            # The store cannot be used; the others may not have noticed.
            self._failed(job.name, type(error).__name__, str(error))

    def _due(self, known: Sequence[Job], runtime: Runtime) -> list[Job]:
        now = runtime.clock()
        with runtime.store.read() as tx:
            last = {job.name: tx.ledgers.last_done(job.name) for job in known}
            told = hints.given(tx) if runtime.config.desk.hooks else {}
        free = [job for job in known if self.parked.get(job.name, now) <= now]
        due = [
            job for job in free
            if is_due(job, last[job.name], now, runtime.config)
            or hints.calls_for(told.get(job.name, ""), last[job.name], now)
        ]  # fmt: skip
        return [job for job in due if job.ready is None or job.ready(runtime)]

    def _run(self, job: Job, runtime: Runtime, app: App) -> None:
        """Run one job; whatever it raises stays with it. The first failure and the recovery are logged."""
        fault: BatonError | None = None
        self.parked.pop(job.name, None)
        try:
            if runtime.config.desk.hooks:
                hints.take(runtime.store, job.name, runtime.clock())
            counts = job.act(runtime, app)
        except BatonError as error:
            fault = error
            self._failed(job.name, type(error).__name__, str(error))
            if isinstance(error, AuthError):
                self.parked[job.name] = runtime.clock() + PARKED
        except Exception as error:
            fault = BatonError(OUR_FAULT)
            self._failed(job.name, type(error).__name__, OUR_FAULT)
            log.debug("%s", job.name, exc_info=error)
        else:
            self._works(job.name)
            self._tell(job.name, {what: number for what, number in counts.items() if number})
        with runtime.store.write() as tx:
            # What was told to stop is due again at once: after a restart, or under the edited configuration.
            if not runtime.stop.is_set():
                tx.ledgers.set_done(job.name, runtime.clock())
            failing.note(tx, job.name, fault, runtime.clock(), self.parked.get(job.name))
            stopped = {item.flow: item.reason for item in tx.reviews.open("parked_flow")}
        self._tell_parked(stopped)

    def _tell_parked(self, stopped: Mapping[str, str]) -> None:
        """Say once why a flow was parked, and once that it goes on."""
        with self._lock:
            before, self.stopped = self.stopped, dict(stopped)
        for flow in stopped.keys() - before.keys():
            log.warning("flow %s: parked: %s", flow, stopped[flow])
        for flow in before.keys() - stopped.keys():
            log.info("flow %s: goes on", flow)

    def _tell(self, name: str, counts: Mapping[str, int]) -> None:
        """What a job did; where things only stand as they stood, nothing is said again."""
        standing = {what: number for what, number in counts.items() if stands(what)}
        if counts and (standing != counts or standing != self.standing.get(name)):
            log.info("%s: %s", name, ", ".join(f"{what} {number}" for what, number in counts.items()))
        if counts:
            self.standing[name] = standing

    def _beside(self, runtime: Runtime, failures: Failures) -> None:
        """CRMs that could not be asked who is there: their flows wait, everything else went on."""
        failing.keep(runtime, failing.asked(runtime, failures))
        now = {HAND_OVER + name: error for name, error in failures}
        for name, error in now.items():
            self._failed(name, type(error).__name__, str(error))
        with self._lock:
            well = [name for name in self.failing if name.startswith(HAND_OVER) and name not in now]
        for name in well:
            self._works(name)

    def _failed(self, name: str, kind: str, what: str) -> None:
        with self._lock:
            first = name not in self.failing
            self.failing.add(name)
        if first:
            log.error("%s: %s: %s", name, kind, what)

    def _works(self, name: str) -> None:
        with self._lock:
            failed = name in self.failing
            self.failing.discard(name)
        if failed:
            log.info("%s: works again", name)
