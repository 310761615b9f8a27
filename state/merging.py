"""Making one lead of two."""

from __future__ import annotations

from datetime import datetime

from state.engine import Session
from state.times import micros

CONTACTS = "SELECT connection, external_id FROM links WHERE lead_id = ? AND object = 'contact'"
MERGED_INTO = "SELECT merged_into FROM standings WHERE lead_id = ?"
LOSERS = (
    "SELECT merged_into, lead_id FROM standings WHERE merged_into = ANY(?) AND merged_into <> 0 "
    "ORDER BY merged_into, lead_id"
)
# The daily roll-up is added up and not counted again: an activity is in it once, with one of the two.
ADD_DAYS = (
    "INSERT INTO activity_days (lead_id, kind, day, events) "
    "SELECT CAST(? AS BIGINT), kind, day, events FROM activity_days WHERE lead_id = ? "
    "ON CONFLICT (lead_id, kind, day) DO UPDATE SET events = activity_days.events + excluded.events"
)
# What stands in a column of a contact (`<contact>:<column>:<time>`) is told by both of two merged contacts.
TWINS = (
    "SELECT lost.id, lost.kind, lost.at FROM activities lost JOIN activities kept ON kept.lead_id = ? "
    "AND kept.connection = lost.connection AND kept.kind = lost.kind AND kept.at = lost.at "
    "WHERE lost.lead_id = ? AND lost.person <> kept.person "
    "AND substr(lost.source_id, 1, length(lost.person) + 1) = lost.person || ':' "
    "AND kept.source_id = kept.person || substr(lost.source_id, length(lost.person) + 1)"
)
COUNT_LESS = "UPDATE activity_days SET events = events - 1 WHERE lead_id = ? AND kind = ? AND day = ?"
# A word that both have said is kept once.
SAID_TWICE = (
    "DELETE FROM consents WHERE lead_id = ? AND EXISTS (SELECT 1 FROM consents kept WHERE kept.lead_id = ? "
    "AND kept.channel = consents.channel AND kept.scope = consents.scope AND kept.given = consents.given "
    "AND kept.source = consents.source AND kept.how = consents.how AND kept.at = consents.at)"
)
#: Decided, and not given to anyone.
CLOSE = (
    "UPDATE handoffs SET state = 'closed', closed_at = ? WHERE lead_id = ? "
    "AND state IN ('observed', 'before_start', 'review', 'waiting', 'nobody', 'suppressed')"
)
MARK = "UPDATE standings SET merged_into = ?, flow = '', due_at = NULL WHERE lead_id = ?"
# Those who were merged into the loser before.
FOLLOW = "UPDATE standings SET merged_into = ? WHERE merged_into = ? AND merged_into <> 0"
#: What only a lead that stands for itself has.
NO_MORE = ("lead_keys", "to_match", "company_people")
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


def leave_twins(session: Session, loser: int, winner: int, rolled_up: int, day: int) -> None:
    """Forget what `loser` did by a column that `winner` has too. `day` is its length, as times are counted."""
    twins = session.rows(TWINS, winner, loser)
    session.many("DELETE FROM activities WHERE id = ?", [(row_id,) for row_id, _, _ in twins])
    counted = [(loser, kind, at // day) for row_id, kind, at in twins if row_id <= rolled_up]
    session.many(COUNT_LESS, counted)


def merge(session: Session, loser: int, winner: int, now: datetime) -> None:
    """All of `loser` but its handoffs, writes and history becomes `winner`'s; neither was merged before."""
    at = micros(now)
    session.run("UPDATE links SET lead_id = ? WHERE lead_id = ?", winner, loser)
    session.run("UPDATE activities SET lead_id = ? WHERE lead_id = ?", winner, loser)
    session.run(ADD_DAYS, winner, loser)
    session.run("DELETE FROM activity_days WHERE lead_id = ?", loser)
    session.run(SAID_TWICE, loser, winner)
    session.run("UPDATE consents SET lead_id = ? WHERE lead_id = ?", winner, loser)
    session.run(CLOSE, at, loser)
    for table in NO_MORE:
        session.run(f"DELETE FROM {table} WHERE lead_id = ?", loser)  # noqa: S608 - constants
    session.run("UPDATE leads SET email = NULL, changed_at = ? WHERE id = ?", at, loser)
    session.run(MARK, winner, loser)
    session.run(FOLLOW, winner, loser)
    session.run(DUE_NOW, at, winner, at)
