"""Times in files, as the settings say they are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def reader(format: str, zone: str) -> Callable[[str], datetime | None]:
    """A function from text to a moment in UTC, None where the text is no time.

    `format` is for `strptime`, "" means ISO 8601; `zone` is meant where the text names none.
    """
    own = ZoneInfo(zone)

    def read(text: str) -> datetime | None:
        try:
            moment = datetime.strptime(text.strip(), format) if format else datetime.fromisoformat(text.strip())  # noqa: DTZ007
            return (moment if moment.tzinfo else moment.replace(tzinfo=own)).astimezone(UTC)
        except (ValueError, OverflowError):
            return None

    return read
