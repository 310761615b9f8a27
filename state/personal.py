"""Where a person is in the store: for each table the rows that are about them, by its columns.

`PARTS` and `ABOUT_NOBODY` name every table of the schema, so that a new one is decided about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from connector.model.person import Person
from state.engine import Session, chunks
from state.reading import read_row

#: Conditions of which one must hold, each with its parameters.
Where = list[tuple[str, tuple[Any, ...]]]

#: Objects that several people have in common: the first of them makes it.
SHARED = "company"
#: Letters of a full name; Chinese and Japanese ones are short.
SHORTEST_NAME = 4
#: What a CRM has that is nobody's own.
OF_NOBODY = "object <> 'account' AND object <> 'user'"


@dataclass(frozen=True, slots=True)
class Part:
    """One table: the columns that are told of a row, what tells rows apart, and how those of a person are found."""

    columns: tuple[str, ...]
    key: tuple[str, ...]
    where: Callable[[Session, Person], Where]


def rows(session: Session, table: str, person: Person) -> list[dict[str, Any]]:
    """The rows of a table that are about a person, each once, as it stands there; times as datetimes, JSON read."""
    part = PARTS[table]
    columns = ", ".join(part.columns)
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for condition, parameters in part.where(session, person):
        asked = f"SELECT {columns} FROM {table} WHERE {condition} ORDER BY {', '.join(part.key)}"  # noqa: S608 - constants
        for values in session.rows(asked, *parameters):
            row = dict(zip(part.columns, values, strict=True))
            found.setdefault(tuple(row[name] for name in part.key), row)
    return [read_row(table, row) for row in found.values()]


def _of_leads(_session: Session, person: Person) -> Where:
    return [("lead_id = ANY(?)", (list(person.lead_ids),))]


def _leads(_session: Session, person: Person) -> Where:
    return [("id = ANY(?)", (list(person.lead_ids),))]


def _activities(session: Session, person: Person) -> Where:
    """Also what waits for them, by their ids and addresses."""
    waiting = "lead_id IS NULL AND connection = ? AND person = ANY(?)"
    emails = sorted(person.emails)
    known = {name for (name,) in session.rows("SELECT DISTINCT connection FROM activities WHERE lead_id IS NULL")}
    return [
        *_of_leads(session, person),
        *((waiting, (name, [*person.ids(name), *emails])) for name in sorted(known)),
    ]


def _outbox(session: Session, person: Person) -> Where:
    """All but what is made for several people and others still need."""
    ids, keys = list(person.lead_ids), sorted(person.keys)
    asked = "SELECT DISTINCT our_key FROM outbox WHERE lead_id = ANY(?) AND object = ?"
    needed = [key for (key,) in session.rows(asked, ids, SHARED) if _is_needed(session, key, ids)]
    return [
        ("lead_id = ANY(?) AND NOT (object = ? AND our_key = ANY(?))", (ids, SHARED, needed)),
        ("our_key = ANY(?) OR parent = ANY(?)", (keys, keys)),
        *(("target = ? AND object = 'contact' AND our_key = ANY(?)", (n, person.ids(n))) for n in person.connections),
    ]


def _is_needed(session: Session, key: str, ids: list[int]) -> bool:
    """Whether something of others is joined to it."""
    joined = "object = 'association' AND body LIKE ? AND NOT coalesce(lead_id, 0) = ANY(?)"
    return bool(session.rows(f"SELECT 1 FROM outbox WHERE {joined} LIMIT 1", f'%"{key}"%', ids))  # noqa: S608


def _written(session: Session, person: Person) -> Where:
    """Receipts and before-images: as the outbox, and by the ids of their records."""
    ids, keys = list(person.lead_ids), sorted(person.keys)
    asked = "SELECT DISTINCT our_key FROM receipts WHERE lead_id = ANY(?) AND object = ?"
    needed = [key for (key,) in session.rows(asked, ids, SHARED) if _is_needed(session, key, ids)]
    return [
        ("lead_id = ANY(?) AND NOT (object = ? AND our_key = ANY(?))", (ids, SHARED, needed)),
        ("our_key = ANY(?)", (keys,)),
        *(
            ("target = ? AND object <> ? AND crm_id = ANY(?)", (name, SHARED, person.ids(name)))
            for name in person.connections
        ),
    ]


def _turns(_session: Session, person: Person) -> Where:
    return [("handoff_id = ANY(?)", (list(person.handoffs),))]


def _reviews(session: Session, person: Person) -> Where:
    return [*_of_leads(session, person), ("id = ANY(?)", (named_in_reviews(session, person),))]


def named_in_reviews(session: Session, person: Person) -> list[int]:
    """Items that name a person though they are about no lead: above all records that were set aside."""
    after, found = 0, []
    asked = "SELECT id, connection, key, place, reason, body FROM reviews WHERE id > ? ORDER BY id LIMIT 500"
    while some := session.rows(asked, after):
        after = some[-1][0]
        found += [row[0] for row in some if _names(person, *row[1:])]
    return found


def _names(person: Person, connection: str, key: str, place: str, reason: str, body: str) -> bool:
    said = orjson.loads(body) if body else {}
    pairs = [one[-1] for one in said.get("records", ()) if isinstance(one, list) and one]
    named = {str(one) for one in (said.get("id"), said.get("record"), *pairs) if one}
    if connection and not named.isdisjoint(person.ids(connection)):
        return True
    return person.named_in("\n".join((key, place, reason, body)))


def _mirror(_session: Session, person: Person) -> Where:
    """Their own records and what hangs on them; not their company, and not who owns them."""
    emails, keys = sorted(person.emails), sorted(person.keys)
    mine = [(name, person.ids(name)) for name in person.connections]
    return [
        (f"{OF_NOBODY} AND (our_key = ANY(?) OR (email = ANY(?) AND object IN ('lead', 'contact')))", (keys, emails)),
        *((f"connection = ? AND {OF_NOBODY} AND external_id = ANY(?)", own) for own in mine),
        *((f"connection = ? AND {OF_NOBODY} AND person = ANY(?)", own) for own in mine),
    ]


def _records(_session: Session, person: Person) -> Where:
    """Keys of their own records in the CRMs."""
    mine = [(name, person.ids(name)) for name in person.connections]
    return [(f"connection = ? AND {OF_NOBODY} AND external_id = ANY(?)", own) for own in mine]


def _either(other: str) -> Callable[[Session, Person], Where]:
    """Rows about two leads of which one is theirs."""

    def where(_session: Session, person: Person) -> Where:
        ids = list(person.lead_ids)
        return [("lead_id = ANY(?)", (ids,)), (f"{other} = ANY(?)", (ids,))]

    return where


def _desk(session: Session, person: Person) -> Where:
    ids = [str(row_id) for (row_id,) in session.rows("SELECT id FROM desk WHERE our_key = ANY(?)", sorted(person.keys))]
    return [("our_key = ANY(?)", (sorted(person.keys),)), ("parent_id = ANY(?)", (ids,))]


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


#: Every table that has something about people.
PARTS: dict[str, Part] = {
    "leads": Part(_columns("id email body created_at changed_at"), ("id",), _leads),
    "standings": Part(
        _columns("lead_id stage stage_since flow owner total grade due_at score merged_into"), ("lead_id",), _of_leads
    ),
    "links": Part(
        _columns("connection object external_id lead_id digest origin"), _columns("connection object external_id"),
        _of_leads,
    ),
    "activities": Part(
        _columns("id connection source_id person lead_id at kind topic asset seconds body"), ("id",), _activities
    ),
    "activity_days": Part(_columns("lead_id kind day events"), _columns("lead_id kind day"), _of_leads),
    "transitions": Part(
        _columns("id lead_id flow origin stage at moved_by why version total grade"), ("id",), _of_leads
    ),
    "ways": Part(_columns("lead_id flow mql sal sql opportunity won version"), _columns("lead_id flow"), _of_leads),
    "handoffs": Part(
        _columns(
            "id lead_id flow stage state decided_at version hot total grade owner team routed_by opened_at due_at "
            "released_by brief target record accepted_at contacted_at closed_at reason rating accept_due_at "
            "review_due_at next_at back_at acted_at worked reviewer words roster previous_id"
        ),
        ("id",), _of_leads,
    ),
    "handoff_events": Part(_columns("id handoff_id key kind at noted_at who body"), ("id",), _turns),
    "turns": Part(_columns("id handoff_id team email at rule given weights"), ("id",), _turns),
    "consents": Part(
        _columns("id lead_id channel scope given at certain source how evidence recorded_at"), ("id",), _of_leads
    ),
    "outbox": Part(
        _columns(
            "id target kind object our_key key revision body lead_id field_group lane after_key parent parent_object "
            "flow run_id state attempts resends epoch not_before sent_at deadline resolve_at crm_id reason code field "
            "created_at changed_at"
        ),
        ("id",), _outbox,
    ),
    "receipts": Part(
        _columns("target object our_key crm_id body revision lead_id at gone"), _columns("target object our_key"),
        _written,
    ),
    "images": Part(
        _columns("id run_id target object our_key crm_id lead_id flow written before created at undone_at"), ("id",),
        _written,
    ),
    "reviews": Part(
        _columns(
            "id kind key place reason field lead_id connection flow body seen first_at last_at closed_at closed_how"
        ),
        ("id",), _reviews,
    ),
    "mirror": Part(
        _columns(
            "connection object external_id our_key email phone domain account person live modified_at modified_by "
            "digest body changed_at"
        ),
        _columns("connection object external_id"), _mirror,
    ),
    "lead_keys": Part(_columns("key lead_id"), _columns("key lead_id"), _of_leads),
    "to_match": Part(_columns("lead_id"), _columns("lead_id"), _of_leads),
    "record_keys": Part(_columns("connection key object external_id"), _columns("connection key object external_id"),
        _records,
    ),
    "pairs": Part(
        _columns("id lead_id other_id points band findings state note decided_by first_at decided_at"), ("id",),
        _either("other_id"),
    ),
    "joinings": Part(
        _columns("id lead_id loser_id how made_by at before undone_at undone_by"), ("id",), _either("loser_id")
    ),
    "company_people": Part(_columns("lead_id company_id"), _columns("lead_id"), _of_leads),
    "audit": Part(_columns("id at who role action lead_id handoff_id body"), ("id",), _of_leads),
    "desk": Part(_columns("id object our_key parent_id body revision created_at changed_at seq"), ("id",), _desk),
}  # fmt: skip

#: Tables that have nothing about a person, and why. Of `meta`, words that name somebody are found by themselves.
ABOUT_NOBODY = {
    "absences": "when reps are away",
    "agreements": "what colleagues agreed in meetings",
    "alembic_version": "the schema's version",
    "applied": "which rows of a plan were done, by number",
    "attempts": "logins that failed, by keyed digests",
    "budgets": "calls made, by account",
    "companies": "companies; points of people stand in them by number",
    "company_keys": "numbers made of companies' domains and names",
    "criteria": "what admins wrote",
    "criteria_waiting": "what admins wrote, and how many leads it would move",
    "cursors": "how far was read",
    "erased": "keyed digests of who was forgotten",
    "goal_versions": "what admins wrote",
    "ids": "the last number of each table",
    "jobs": "what ran when",
    "leases": "who is at work",
    "meetings": "when colleagues met",
    "notice_states": "what was told, by number",
    "packs": "numbers of a period, and examples by number",
    "rosters": "teams and their members",
    "meta": "words of the store itself; those that name somebody are pruned (erasing.py)",
    "runs": "counts",
    "users": "colleagues who may sign in",
    "unmatched": "counts of events by their platform's names",
}


def find(session: Session, lead_id: int) -> Person:
    """All that the person of a lead is known by: the leads that became one, their records, their addresses."""
    winner = session.value("SELECT merged_into FROM standings WHERE lead_id = ?", lead_id) or lead_id
    merged = session.rows("SELECT lead_id FROM standings WHERE merged_into = ? ORDER BY lead_id", winner)
    ids = [winner, *(one for (one,) in merged if one != winner)]
    emails, phones = _addresses(session, ids)
    store = session.value("SELECT value FROM meta WHERE name = 'store_id'")
    keys = {f"{store}-{one}" for one in ids} | _keys(session, ids)
    places = set(_places(session, ids, sorted(keys)))
    handoffs = session.rows("SELECT id FROM handoffs WHERE lead_id = ANY(?) ORDER BY id", ids)
    person = Person(
        tuple(ids), frozenset(keys), frozenset(places), frozenset(emails), frozenset(phones),
        tuple(one for (one,) in handoffs), frozenset(_names_of(session, ids)),
    )  # fmt: skip
    return _with_mirror(session, person)


def stranger(session: Session, email: str) -> Person:
    """Somebody who is no lead: whose activities wait, whose record was set aside, or is in a CRM alone."""
    return _with_mirror(session, Person((), emails=frozenset({email})))


def _addresses(session: Session, ids: list[int]) -> tuple[set[str], set[str]]:
    emails, phones = set(), set()
    for (text,) in session.rows("SELECT body FROM leads WHERE id = ANY(?)", ids):
        lead = orjson.loads(text)
        fields = lead.get("fields", {})
        told = [fields, *({n: s.get("value") for n, s in said.items()} for said in lead.get("sides", {}).values())]
        own = fields.get("email_class") != "role"
        emails |= {str(one["email"]) for one in told if one.get("email") and own} | set(lead.get("former", ()))
        phones |= {str(one[name]) for one in told for name in ("phone", "mobile") if one.get(name)}
    return emails - _of_others(session, emails, ids), phones


def _of_others(session: Session, emails: set[str], ids: list[int]) -> set[str]:
    """Those that other leads have too: of a family, of an assistant; they are found and barred by their own."""
    asked = "SELECT DISTINCT email FROM leads WHERE email IS NOT NULL AND email = ANY(?) AND NOT id = ANY(?)"
    return {email for (email,) in session.rows(asked, sorted(emails), ids)}


def _names_of(session: Session, ids: list[int]) -> Iterator[str]:
    """Full names, in both orders; a single word is in too many texts."""
    for (text,) in session.rows("SELECT body FROM leads WHERE id = ANY(?)", ids):
        fields = orjson.loads(text).get("fields", {})
        given, family = str(fields.get("name.given") or ""), str(fields.get("name.family") or "")
        pairs = (f"{given} {family}", f"{family} {given}", f"{family}{given}") if given and family else ()
        yield from {name for name in (str(fields.get("name.full") or ""), *pairs) if len(name) >= SHORTEST_NAME}


def _keys(session: Session, ids: list[int]) -> set[str]:
    """Our keys of tasks, notes and the like; not of what several have in common, nor ids that are another's."""
    asked = "SELECT DISTINCT our_key FROM {} WHERE lead_id = ANY(?) AND object <> ? AND object <> 'contact'"
    return {key for table in ("outbox", "receipts") for (key,) in session.rows(asked.format(table), ids, SHARED) if key}


def _places(session: Session, ids: list[int], keys: list[str]) -> Iterator[tuple[str, str, str]]:
    yield from session.rows("SELECT connection, object, external_id FROM links WHERE lead_id = ANY(?)", ids)
    for table in ("receipts", "outbox", "images"):
        asked = (
            f"SELECT DISTINCT target, object, crm_id FROM {table} WHERE crm_id <> '' AND object <> ? "  # noqa: S608
            "AND (lead_id = ANY(?) OR our_key = ANY(?))"
        )
        yield from session.rows(asked, SHARED, ids, keys)
    for target, record in session.rows("SELECT target, record FROM handoffs WHERE lead_id = ANY(?)", ids):
        object, _, external_id = record.partition(":")
        if external_id and object in ("lead", "contact"):
            yield target, object, external_id


def _with_mirror(session: Session, person: Person) -> Person:
    """The same with their records in CRMs, and with what these became."""
    known = -1
    places = set(person.places)
    while len(places) > known:
        known = len(places)
        for row in rows(session, "mirror", person):
            places.add((row["connection"], row["object"], row["external_id"]))
            became = row["body"].get("converted_to", {}).get("contact", "")
            places |= {(row["connection"], "contact", id) for id in (became, row["body"].get("merged_into", "")) if id}
        person = replace(person, places=frozenset(places))
    return person


def delete(session: Session, table: str, person: Person) -> int:
    """Delete the rows of a table that are about a person; returns how many."""
    part, found = PARTS[table], rows(session, table, person)
    if part.key == ("id",):
        ids = [row["id"] for row in found]
        asked = f"DELETE FROM {table} WHERE id = ANY(?)"  # noqa: S608 - a constant
        return sum(session.run(asked, chunk) for chunk in chunks(ids))
    same = " AND ".join(f"{name} = ?" for name in part.key)
    asked = f"DELETE FROM {table} WHERE {same}"  # noqa: S608 - constants
    return session.many(asked, [tuple(row[name] for name in part.key) for row in found])
