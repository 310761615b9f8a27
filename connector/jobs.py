"""The jobs that a configuration asks for: what each does, and when it is due."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from connector.model.notices import TARGET
from connector.runs.bring_back import bring_back
from connector.runs.criteria import count_waiting
from connector.runs.deliver import deliver
from connector.runs.failing import BRING_BACK
from connector.runs.follow_up import anything_due, follow_up
from connector.runs.hand_over import Failures
from connector.runs.hints import PULL
from connector.runs.moments import daily_moment
from connector.runs.publishers import publishers
from connector.runs.pull import pull
from connector.runs.rescore import keep_criteria
from connector.runs.retention import retain_daily
from connector.runs.runtime import Runtime, recorded
from connector.runs.send_notices import tell_people
from connector.runs.sweep import sweep_crm, sweep_source
from connector.runs.sync import readers, sources, targets, work
from connector.runs.watching import watch_if_due

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config

log = logging.getLogger("baton.daemon")

#: How often clocks are looked at: as often as the daemon ticks.
TICK_SECONDS = 1
#: Hears of CRMs that failed beside a job.
Beside = Callable[[Failures], None]
#: Seconds between two looks at an outbox: what a pull handed over goes out with the pull itself.
DELIVER_SECONDS = 10.0
#: Seconds between two attempts at the day's publishing, where the first was not done.
PUBLISH_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Job:
    """Something that becomes due: every `every` seconds, or each day at `daily` ("HH:MM", local).

    Where there is `ready`, only while that says so.
    """

    name: str
    act: Callable[[Runtime, App], Counter[str]]
    every: float = 0.0
    daily: str = ""
    ready: Callable[[Runtime], bool] | None = None


def is_due(job: Job, last: datetime | None, now: datetime, config: Config) -> bool:
    """Whether `job`, last finished at `last`, is due at `now`."""
    if last is None:
        return True
    if job.every:
        # What was done in what is now the future: the clock was set back.
        return now < last or now - last >= timedelta(seconds=job.every)
    return last < daily_moment(job.daily, now, config)


def unheard(_failures: Failures) -> None:
    """CRMs that failed beside a job, and nobody asks."""


def pull_job(name: str, every: float, beside: Beside = unheard) -> Job:
    """Pull one source, then take what it brought along the line."""

    def act(runtime: Runtime, app: App) -> Counter[str]:
        with recorded(runtime, "pull", name) as (run, counts):
            rows = app.rows(run.id)
            keep_criteria(runtime)
            count_waiting(runtime.config, counts)
            try:
                pull(runtime, name, rows, counts)
                sweep_source(runtime, name, rows, counts)
            finally:
                # Whom an earlier pull brought does not wait until the source is well again.
                beside(work(runtime, rows, counts))
        return counts

    return Job(f"{PULL}{name}", act, every=every)


def rescore_job(at: str, beside: Beside = unheard) -> Job:
    """Once a day: score what time alone has moved, tell what ends soon, and delete what is too old."""

    def act(runtime: Runtime, app: App) -> Counter[str]:
        for sentence in app.endings():
            log.warning("%s", sentence)
        with recorded(runtime, "rescore") as (run, counts):
            beside(work(runtime, app.rows(run.id), counts))
            retain_daily(runtime, counts)
        watch_if_due(runtime)
        return counts

    return Job("rescore", act, daily=at)


def work_job(every: float, beside: Beside = unheard) -> Job:
    """Take along the line what a pull that takes long has brought so far."""

    def act(runtime: Runtime, app: App) -> Counter[str]:
        with recorded(runtime, "work") as (run, counts):
            beside(work(runtime, app.rows(run.id), counts))
        return counts

    return Job("work", act, every=every)


def bring_back_job(name: str, every: float) -> Job:
    """Read back what a CRM tells of its leads, and keep its mirror."""

    def act(runtime: Runtime, app: App) -> Counter[str]:
        with recorded(runtime, "bring_back", name) as (run, counts):
            rows = app.rows(run.id)
            bring_back(runtime, rows, name, counts)
            sweep_crm(runtime, rows, name, counts)
        return counts

    return Job(f"{BRING_BACK}{name}", act, every=every)


def deliver_job(name: str) -> Job:
    """Send what waits for one CRM."""

    def act(runtime: Runtime, _app: App) -> Counter[str]:
        counts: Counter[str] = Counter()
        deliver(runtime, name, counts)
        return counts

    return Job(f"deliver:{name}", act, every=DELIVER_SECONDS)


def notices_job() -> Job:
    """Tell people what waits to be told, and make the review packs that are due: they go out the next time."""

    def act(runtime: Runtime, _app: App) -> Counter[str]:
        counts: Counter[str] = Counter()
        # First: a pack that cannot be made keeps nobody from hearing of a lead.
        tell_people(runtime, counts)
        if runtime.config.notices.get("report"):
            from connector.reporting.sending import send_due

            counts["review packs made"] += len(send_due(runtime))
        return counts

    return Job(f"deliver:{TARGET}", act, every=DELIVER_SECONDS)


def clocks_job() -> Job:
    """Follow up what was given to reps, as soon as a clock says so."""

    def act(runtime: Runtime, app: App) -> Counter[str]:
        with recorded(runtime, "clocks") as (run, counts):
            follow_up(runtime, app.rows(run.id), counts)
        return counts

    return Job("clocks", act, every=TICK_SECONDS, ready=anything_due)


def publish_job(name: str) -> Job:
    """Put goals and pages into one CRM, once a day; what passes by is tried again."""

    def act(runtime: Runtime, _app: App) -> Counter[str]:
        from connector.reporting.publishing import publish_daily

        return Counter(f"published: {one.state}" for one in publish_daily(runtime, name))

    def ready(runtime: Runtime) -> bool:
        from connector.reporting.publishing import is_due

        return is_due(runtime, name)

    return Job(f"publish:{name}", act, every=PUBLISH_SECONDS, ready=ready)


def _publish_jobs(runtime: Runtime) -> list[Job]:
    return [publish_job(name) for name in publishers(runtime)] if runtime.config.publish.at else []


def jobs(runtime: Runtime, beside: Beside = unheard) -> list[Job]:
    """All jobs that the configuration asks for; `beside` is told of CRMs that failed when they were asked."""
    schedule = runtime.config.schedule
    backs = [bring_back_job(name, schedule.bring_back.seconds) for name in readers(runtime)]
    pulls = [pull_job(name, schedule.pull.seconds, beside) for name in sources(runtime)]
    deliveries = [deliver_job(name) for name in targets(runtime)]
    daily = rescore_job(schedule.rescore, beside)
    return [*backs, *pulls, daily, *deliveries, clocks_job(), notices_job(), *_publish_jobs(runtime)]
