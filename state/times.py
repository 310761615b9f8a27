"""Times in the store: whole microseconds since 1970 in UTC, the same integer in every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86_400_000_000  #: microseconds


def micros(at: datetime) -> int:
    """An aware datetime as stored. Raises TypeError for a naive one."""
    since = at - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def moment(stored: int) -> datetime:
    """A stored time as an aware datetime in UTC."""
    return EPOCH + timedelta(microseconds=stored)


def micros_or_none(at: datetime | None) -> int | None:
    """As `micros`, None where there is no time."""
    return None if at is None else micros(at)


def moment_or_none(stored: int | None) -> datetime | None:
    """As `moment`, None where there is no time."""
    return None if stored is None else moment(stored)
