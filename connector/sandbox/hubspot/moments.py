"""Times as HubSpot writes and reads them: milliseconds since 1970, and ISO with milliseconds and Z."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(moment: int) -> str:
    """Milliseconds as 2026-03-01T09:30:00.000Z."""
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(text: str) -> int:
    """Either writing as milliseconds. Raises ValueError for anything else."""
    if text.lstrip("-").isdigit():
        return int(text)
    moment = datetime.fromisoformat(text)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
