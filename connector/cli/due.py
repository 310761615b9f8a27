"""When a job of the daemon comes next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.config import Config
    from connector.jobs import Job


def due_at(job: Job, last: datetime | None, now: datetime, config: Config) -> datetime:
    """The moment at which `job`, last finished at `last`, is due; `now` where it is due already."""
    from connector.jobs import is_due
    from connector.runs.moments import daily_moment

    if is_due(job, last, now, config):
        return now
    if job.every and last is not None:
        return last + timedelta(seconds=job.every)
    today = daily_moment(job.daily, now, config)
    return today if today > now else daily_moment(job.daily, now + timedelta(days=1), config)
