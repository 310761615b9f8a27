"""The daily roll-up of activities: how many of a kind a lead has done on a day, for counts over all time.

It holds every activity up to a number (`rolled_up`), those that came since are counted one by one. Days before
the one from which on activities are complete (retention.py) stand in it alone: they are never counted anew, and what
is from before is counted nowhere else.
"""

from __future__ import annotations

from connector.model.times import DAY
from state.engine import Session

# The `+ 0` keeps the database from walking the whole index by lead for the sake of the grouping.
ROLL_UP = (
    "INSERT INTO activity_days (lead_id, kind, day, events) "
    "SELECT lead_id + 0, kind, at / ?, count(*) FROM activities WHERE id > ? AND at >= ? AND lead_id + 0 > 0 "
    "GROUP BY 1, 2, 3 ORDER BY 1, 2, 3 "
    "ON CONFLICT (lead_id, kind, day) DO UPDATE SET events = activity_days.events + excluded.events"
)
ROLLED_UP = "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'rolled_up'"
SET_ROLLED_UP = (
    "INSERT INTO meta (name, value) VALUES ('rolled_up', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)
KEPT_FROM = "SELECT CAST(value AS BIGINT) FROM meta WHERE name = 'complete:activities'"
NEWEST = "SELECT max(id) FROM activities"
#: Before any time that can be stored.
EVER = -(2**62)


def rolled_up(session: Session) -> int:
    """The newest activity that is in the roll-up; all before it are, except those that wait for a lead."""
    return session.value(ROLLED_UP) or 0


def kept_from(session: Session) -> int:
    """From when on activities are complete, in microseconds, the beginning of a day; `EVER` where all were kept."""
    found: int | None = session.value(KEPT_FROM)
    return EVER if found is None else found


def roll_up(session: Session, until: int) -> None:
    """Add what is not in it yet; `until` is the newest activity."""
    session.run(ROLL_UP, DAY, rolled_up(session), kept_from(session))
    session.run(SET_ROLLED_UP, str(until))


def roll_up_all(session: Session) -> None:
    """Add whatever there is: before what is older than a time is left to the roll-up alone."""
    roll_up(session, session.value(NEWEST) or 0)


def forget(session: Session) -> None:
    """Known activities are of another kind or day by now: they are counted one by one, until the next roll-up."""
    since = kept_from(session)
    if since == EVER:
        session.run("DELETE FROM activity_days")  # without a condition SQLite empties the table at once
    else:
        session.run("DELETE FROM activity_days WHERE day >= ?", since // DAY)
    session.run(SET_ROLLED_UP, "0")
