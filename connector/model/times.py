"""Times as whole microseconds since 1970 in UTC: as every store keeps them, and as many at once are counted with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Microseconds.
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000


def micros(at: datetime) -> int:
    """An aware time in microseconds. Raises TypeError for a naive one."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(at: int) -> datetime:
    """Microseconds as an aware time in UTC."""
    return EPOCH + timedelta(microseconds=at)


def micros_or_none(at: datetime | None) -> int | None:
    """As `micros`, None where there is no time."""
    return None if at is None else micros(at)


def moment_or_none(at: int | None) -> datetime | None:
    """As `moment`, None where there is no time."""
    return None if at is None else moment(at)
