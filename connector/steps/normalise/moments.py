"""Dates and times as platforms write them; a time without a zone is never taken for UTC."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

#: Formats beside those of `strptime`: seconds or milliseconds since 1970, and ISO 8601.
ISO, EPOCH, EPOCH_MS = "iso", "epoch", "epoch_ms"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


def _epoch(text: str, unit: float) -> datetime | None:
    try:
        return _BEGINNING + timedelta(seconds=float(text) * unit)
    except (ValueError, OverflowError):
        return None


def _parse(text: str, form: str) -> datetime | None:
    if form == EPOCH:
        return _epoch(text, 1)
    if form == EPOCH_MS:
        return _epoch(text, 0.001)
    try:
        return datetime.fromisoformat(text) if form == ISO else datetime.strptime(text, form)  # noqa: DTZ007
    except ValueError:
        return None


def _first(raw: object, formats: Sequence[str]) -> datetime | None:
    if isinstance(raw, datetime):
        return raw
    if isinstance(raw, date):
        return datetime(raw.year, raw.month, raw.day)  # noqa: DTZ001 - the zone is added by the caller
    text = str(raw).strip()
    for form in formats:
        parsed = _parse(text, form)
        if parsed is not None:
            return parsed
    return None


def moment(raw: object, zone: tzinfo, formats: Sequence[str] = (ISO,)) -> datetime | None:
    """`raw` as an aware time in UTC, None where no format fits; without a zone of its own it is in `zone`."""
    parsed = _first(raw, formats)
    if parsed is None:
        return None
    try:
        return (parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(raw: object, zone: tzinfo, formats: Sequence[str] = (ISO,)) -> str | None:
    """`raw` as `YYYY-MM-DD`, None where no format fits; a time with a zone gives the day in `zone`."""
    parsed = _first(raw, formats)
    if parsed is None:
        return None
    try:
        return (parsed.astimezone(zone) if parsed.tzinfo else parsed).date().isoformat()
    except (ValueError, OverflowError):
        return None


def is_format(form: str) -> bool:
    """Whether times can be read by this format."""
    if form in (ISO, EPOCH, EPOCH_MS):
        return True
    if "%" not in form:
        return False
    example = datetime(2026, 12, 7, 8, 5, 9, tzinfo=UTC)
    try:
        # Reading back what was written finds directives that strptime does not know.
        datetime.strptime(example.strftime(form), form)  # noqa: DTZ007
    except ValueError:
        return False
    return True
