"""What `baton status` says of clocks: whose handoffs are overdue, and whose are due soon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from connector.cli.session import Session
from connector.cli.tables import table
from connector.locale.format import moment

if TYPE_CHECKING:
    from connector.model.ports import Transaction
    from connector.runs.runtime import Runtime


def clocks(tx: Transaction, runtime: Runtime, now: datetime) -> list[dict[str, Any]]:
    """By owner: clocks that run, end within a day, are over; the next to end, and the oldest that is over."""
    from connector.runs.clocks import clocks_heard
    from connector.runs.standing_clocks import by_owner, running_clocks

    return [asdict(one) for one in by_owner(running_clocks(tx, runtime.config, clocks_heard(runtime)), now)]


def clock_blocks(session: Session, found: Mapping[str, Any], zone: ZoneInfo) -> Iterator[tuple[str, list[str]]]:
    """The block of the clocks, empty where none runs."""
    _ = session.translate
    rows = [
        (one["owner"], one["running"], one["overdue"], one["soon"], _when(session, one["next_due"], zone))
        for one in found["clocks"]
    ]
    headings = ("", _("to do"), _("overdue"), _("due within a day"), _("next"))
    yield _("To be accepted or contacted"), table(headings, rows, indent="  ")


def _when(session: Session, at: datetime | None, zone: ZoneInfo) -> str:
    return moment(at, zone, session.language) if at else ""
