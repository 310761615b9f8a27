"""Another number for a lead or a handoff: the one that it had before the store was put back, as a CRM's keys say."""

from __future__ import annotations

from state.engine import Session

#: Tables that say which lead a row is about.
ABOUT_LEADS = (
    "standings",
    "links",
    "activities",
    "activity_days",
    "transitions",
    "ways",
    "outbox",
    "receipts",
    "handoffs",
    "reviews",
    "consents",
    "images",
    "lead_keys",
    "to_match",
    "company_people",
    "pairs",
    "joinings",
)
COPY = (
    "INSERT INTO leads (id, email, body, created_at, changed_at) "
    "SELECT CAST(? AS BIGINT), email, body, created_at, changed_at FROM leads WHERE id = ?"
)
EVENTS = "SELECT key, kind, at, who, body, noted_at, id FROM handoff_events WHERE handoff_id = ?"
PUT_BACK = (
    "INSERT INTO handoff_events (handoff_id, key, kind, at, who, body, noted_at, id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)


def lead(session: Session, before: int, after: int) -> None:
    """Give a lead another number, that no lead has. References hold at each step."""
    session.run(COPY, after, before)
    for table in ABOUT_LEADS:
        session.run(f"UPDATE {table} SET lead_id = ? WHERE lead_id = ?", after, before)  # noqa: S608 - constants
    session.run("UPDATE standings SET merged_into = ? WHERE merged_into = ? AND merged_into <> 0", after, before)
    session.run("UPDATE pairs SET other_id = ? WHERE other_id = ?", after, before)
    session.run("UPDATE joinings SET loser_id = ? WHERE loser_id = ?", after, before)
    session.run("DELETE FROM leads WHERE id = ?", before)


def handoff(session: Session, before: int, after: int) -> None:
    """Give a handoff that nobody had a turn for yet another number, that no handoff has."""
    # Of a lead and stage one may be open: there is no moment at which both numbers are there.
    events = session.rows(EVENTS, before)
    session.run("DELETE FROM handoff_events WHERE handoff_id = ?", before)
    session.run("UPDATE handoffs SET id = ? WHERE id = ?", after, before)
    session.many(PUT_BACK, [(after, *event) for event in events])
