"""Making one lead of two, and two of one again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from connector.model.times import DAY, micros
from state import keys, rolling_up
from state.engine import Session, chunks

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
ACTIVITY = ["id", "connection", "source_id", "person", "lead_id", "at", "kind", "topic", "asset", "seconds", "body"]
# What stands in a column of a contact (`<contact>:<column>:<time>`) is told by both of two merged contacts.
TWINS = (
    "SELECT {columns} FROM activities lost JOIN activities kept ON kept.lead_id = ? "
    "AND kept.connection = lost.connection AND kept.kind = lost.kind AND kept.at = lost.at "
    "WHERE lost.lead_id = ? AND lost.person <> kept.person "
    "AND substr(lost.source_id, 1, length(lost.person) + 1) = lost.person || ':' "
    "AND kept.source_id = kept.person || substr(lost.source_id, length(lost.person) + 1)"
)
ADD_AGAIN = (
    "INSERT INTO activities (id, connection, source_id, person, lead_id, at, kind, topic, asset, seconds, body) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)
COUNT_LESS = "UPDATE activity_days SET events = events - 1 WHERE lead_id = ? AND kind = ? AND day = ?"
COUNT_MORE = (
    "INSERT INTO activity_days (lead_id, kind, day, events) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (lead_id, kind, day) DO UPDATE SET events = activity_days.events + excluded.events"
)
NONE_LEFT = "DELETE FROM activity_days WHERE lead_id = ? AND events <= 0"
PEOPLE = "SELECT DISTINCT connection, person FROM activities WHERE lead_id = ?"
THEIRS = "SELECT id FROM activities WHERE lead_id = ? AND connection = ? AND person = ? ORDER BY id"
# All that a lead has done, by kind and day: what is rolled up, and what came since.
DAYS = (
    "SELECT kind, day, sum(events) FROM (SELECT kind, day, events FROM activity_days WHERE lead_id = ? UNION ALL "
    "SELECT kind, at / ? AS day, 1 AS events FROM activities WHERE id > ? AND at >= ? AND lead_id + 0 = ?) AS counted "
    "GROUP BY kind, day ORDER BY kind, day"
)
LINKS = "SELECT connection, object, external_id FROM links WHERE lead_id = ? ORDER BY connection, object, external_id"
# Of what is gone or merged the digest says so; all else is read again.
GIVE_LINK = (
    "UPDATE links SET lead_id = ?, digest = CASE WHEN digest < 0 THEN digest ELSE 0 END "
    "WHERE connection = ? AND object = ? AND external_id = ? AND lead_id = ?"
)
READ_AGAIN = "UPDATE links SET digest = 0 WHERE lead_id = ? AND digest > 0"
ACTIVITIES_OF = "SELECT id, kind, at FROM activities WHERE lead_id = ? AND connection = ? AND person = ANY(?)"
ACTIVITIES_BY_ID = "SELECT id, kind, at FROM activities WHERE lead_id = ? AND id = ANY(?)"
COMPANY = "SELECT company_id FROM company_people WHERE lead_id = ?"
JOIN_COMPANY = (
    "INSERT INTO company_people (lead_id, company_id) SELECT CAST(? AS BIGINT), id FROM companies WHERE id = ? "
    "ON CONFLICT DO NOTHING"
)
STAND_ALONE = "UPDATE standings SET merged_into = 0, due_at = ? WHERE lead_id = ? AND merged_into = ?"
GO_BACK = "UPDATE standings SET merged_into = ? WHERE lead_id = ? AND merged_into = ?"
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
# A colleague, where the company has an account: the account without the loser is made with that one.
COLLEAGUE_DUE = (
    "UPDATE standings SET due_at = ? WHERE (due_at IS NULL OR due_at > ?) AND merged_into = 0 AND lead_id = ("
    "SELECT min(others.lead_id) FROM company_people own "
    "JOIN companies firm ON firm.id = own.company_id AND firm.made_of <> '' "
    "JOIN company_people others ON others.company_id = own.company_id AND others.lead_id <> own.lead_id "
    "WHERE own.lead_id = ?)"
)
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


def leave_twins(session: Session, loser: int, winner: int) -> list[list[Any]]:
    """Forget what `loser` did by a column that `winner` has too; returns these activities as they stood."""
    columns = ", ".join(f"lost.{name}" for name in ACTIVITY)
    twins = [list(row) for row in session.rows(TWINS.format(columns=columns), winner, loser)]
    session.many("DELETE FROM activities WHERE id = ?", [(row[0],) for row in twins])
    rolled_up = rolling_up.rolled_up(session)
    session.many(COUNT_LESS, [(loser, row[6], row[5] // DAY) for row in twins if row[0] <= rolled_up])
    return twins


def belongings(session: Session, loser: int, winner: int) -> dict[str, Any]:
    """What is only `loser`'s, JSON-ready, as `split` wants it: links, whose activities, how many by day, who followed.

    Of a name that the activities of both have, those of `loser` are told one by one.
    """
    links = [list(row) for row in session.rows(LINKS, loser)]
    own, theirs = ({tuple(row) for row in session.rows(PEOPLE, lead_id)} for lead_id in (loser, winner))
    linked = {(connection, id) for connection, object, id in links if object == "contact"}
    counted = session.rows(DAYS, loser, DAY, rolling_up.rolled_up(session), rolling_up.kept_from(session), loser)
    return {
        "links": links,
        "people": sorted(map(list, (own | linked) - theirs)),
        "activities": [id for one in sorted(own & theirs) for (id,) in session.rows(THEIRS, loser, *one)],
        "days": [[kind, day, int(events)] for kind, day, events in counted],
        "followers": [id for _, id in session.rows(LOSERS, [loser])],
        "company": session.value(COMPANY, loser) or 0,
    }


def merge(session: Session, loser: int, winner: int, now: datetime) -> dict[str, Any]:
    """All of `loser` but its handoffs, writes and history becomes `winner`'s; neither was merged before.

    Returns what `split` needs.
    """
    at = micros(now)
    kept = {"twins": leave_twins(session, loser, winner), **belongings(session, loser, winner)}
    session.run("UPDATE links SET lead_id = ? WHERE lead_id = ?", winner, loser)
    session.run("UPDATE activities SET lead_id = ? WHERE lead_id = ?", winner, loser)
    session.run(ADD_DAYS, winner, loser)
    session.run("DELETE FROM activity_days WHERE lead_id = ?", loser)
    session.run(SAID_TWICE, loser, winner)
    session.run("UPDATE consents SET lead_id = ? WHERE lead_id = ?", winner, loser)
    session.run(CLOSE, at, loser)
    session.run(COLLEAGUE_DUE, at, at, loser)
    for table in NO_MORE:
        session.run(f"DELETE FROM {table} WHERE lead_id = ?", loser)  # noqa: S608 - constants
    session.run("UPDATE leads SET email = NULL, changed_at = ? WHERE id = ?", at, loser)
    session.run(MARK, winner, loser)
    session.run(FOLLOW, winner, loser)
    session.run(DUE_NOW, at, winner, at)
    return kept


def split(session: Session, loser: int, winner: int, kept: Mapping[str, Any], now: datetime) -> None:
    """Give back to `loser` what was its own, and what came since for its records; `kept` is of `merge`."""
    at = micros(now)
    _give_activities(session, loser, winner, kept)
    links = [(loser, *link, winner) for link in kept["links"]]
    session.many(GIVE_LINK, links)
    session.run(READ_AGAIN, winner)
    session.run(STAND_ALONE, at, loser, winner)
    session.many(GO_BACK, [(loser, one, winner) for one in kept["followers"]])
    session.run(DUE_NOW, at, winner, at)
    if kept["company"]:
        session.run(JOIN_COMPANY, loser, kept["company"])
    keys.wait(session, (loser, winner))


def _give_activities(session: Session, loser: int, winner: int, kept: Mapping[str, Any]) -> None:
    rolled_up, since = rolling_up.rolled_up(session), rolling_up.kept_from(session)
    found = [row for chunk in chunks(kept["activities"]) for row in session.rows(ACTIVITIES_BY_ID, winner, chunk)]
    for connection, named in groupby(kept["people"], key=lambda one: one[0]):
        for chunk in chunks([person for _, person in named]):
            found += session.rows(ACTIVITIES_OF, winner, connection, chunk)
    session.many("UPDATE activities SET lead_id = ? WHERE id = ?", [(loser, row[0]) for row in found])
    _count(session, [(kind, at // DAY, 1) for id, kind, at in found if id <= rolled_up and at >= since], loser, winner)
    # Of days that were forgotten meanwhile the count alone is left.
    before = [(kind, day, events) for kind, day, events in kept["days"] if day * DAY < since]
    _count(session, before, loser, winner)
    _add_twins(session, kept["twins"], loser, rolled_up, since)
    session.run(NONE_LEFT, winner)


def _count(session: Session, days: Iterable[tuple[str, int, int]], loser: int, winner: int) -> None:
    some = list(days)
    session.many(COUNT_MORE, [(winner, kind, day, -events) for kind, day, events in some])
    session.many(COUNT_MORE, [(loser, *one) for one in some])


def _add_twins(session: Session, twins: Iterable[list[Any]], loser: int, rolled_up: int, since: int) -> None:
    some = [[*row[:4], loser, *row[5:]] for row in twins]
    session.many(ADD_AGAIN, [tuple(row) for row in some if row[5] >= since])
    counted = [(loser, row[6], row[5] // DAY, 1) for row in some if row[0] <= rolled_up or row[5] < since]
    session.many(COUNT_MORE, counted)
