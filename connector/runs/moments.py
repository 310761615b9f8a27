"""Times of day on the clock of the configuration's zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.config import Config


def daily_moment(at: str, now: datetime, config: Config) -> datetime:
    """The latest moment up to `now` at which the config's zone had this time of day ("HH:MM"), in UTC."""
    hour, minute = (int(part) for part in at.split(":"))
    today = now.astimezone(config.zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
    moment = today.astimezone(UTC)
    return moment if moment <= now else (today - timedelta(days=1)).astimezone(UTC)
