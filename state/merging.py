"""Making one lead of two."""

from __future__ import annotations

from datetime import datetime

from state.engine import Session
from state.times import micros

CONTACTS = "SELECT connection, external_id FROM links WHERE lead_id = ? AND object = 'contact'"
MERGED_INTO = "SELECT merged_into FROM standings WHERE lead_id = ?"
# The daily roll-up is added up and not counted again: an activity is in it once, with one of the two.
ADD_DAYS = (
    "INSERT INTO activity_days (lead_id, kind, day, events) "
    "SELECT CAST(? AS BIGINT), kind, day, events FROM activity_days WHERE lead_id = ? "
    "ON CONFLICT (lead_id, kind, day) DO UPDATE SET events = activity_days.events + excluded.events"
)
#: Decided, and not given to anyone.
CLOSE = (
    "UPDATE handoffs SET state = 'closed', closed_at = ? WHERE lead_id = ? "
    "AND state IN ('observed', 'before_start', 'review', 'waiting', 'nobody')"
)
MARK = "UPDATE standings SET merged_into = ?, flow = '', due_at = NULL WHERE lead_id = ?"
# Those who were merged into the loser before.
FOLLOW = "UPDATE standings SET merged_into = ? WHERE merged_into = ? AND merged_into <> 0"
DUE_NOW = "UPDATE standings SET due_at = ? WHERE lead_id = ? AND (due_at IS NULL OR due_at > ?)"


def last_winner(session: Session, lead_id: int) -> int:
    """The lead that stands for this one by now."""
    return session.value(MERGED_INTO, lead_id) or lead_id


def people(session: Session, lead_id: int) -> dict[str, list[str]]:
    """The lead's contacts by connection: activities may wait for them."""
    found: dict[str, list[str]] = {}
    for connection, external_id in session.rows(CONTACTS, lead_id):
        found.setdefault(connection, []).append(external_id)
    return found


def merge(session: Session, loser: int, winner: int, now: datetime) -> None:
    """All of `loser` but its handoffs, writes and history becomes `winner`'s; neither was merged before."""
    at = micros(now)
    session.run("UPDATE links SET lead_id = ? WHERE lead_id = ?", winner, loser)
    session.run("UPDATE activities SET lead_id = ? WHERE lead_id = ?", winner, loser)
    session.run(ADD_DAYS, winner, loser)
    session.run("DELETE FROM activity_days WHERE lead_id = ?", loser)
    session.run(CLOSE, at, loser)
    session.run("UPDATE leads SET email = NULL, changed_at = ? WHERE id = ?", at, loser)
    session.run(MARK, winner, loser)
    session.run(FOLLOW, winner, loser)
    session.run(DUE_NOW, at, winner, at)
