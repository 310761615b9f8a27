"""The baseline: what someone would write in an afternoon, straight down, with no framework.

It keeps the same rows as Baton does (lead with provenance, link, activities, score with its
contributions, transition, handoff, outbox, receipt, cursor), in pages of a transaction each, and
scores by the same rules, written out. It has no plan, no history of criteria, no set-aside rows,
no recovery, one mapping.

    python -m bench.straight FOLDER DATABASE
"""

from __future__ import annotations

import csv
import re
import sqlite3
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from itertools import islice
from pathlib import Path

import orjson

PAGE = 1000
SCHEMA = """
create table lead (id integer primary key, email text, stage text, total integer, grade text, due_at integer,
                   body blob);
create index lead_email on lead (email);
create table link (connection text, object text, external_id text, lead_id integer, digest integer,
                   primary key (connection, object, external_id)) without rowid;
create table activity (id integer primary key, lead_id integer, source_id text unique, at integer, kind text,
                       topic text, url text, seconds integer);
create index activity_lead on activity (lead_id, at);
create table score (lead_id integer primary key, at integer, fit integer, engagement integer, intent integer,
                    total integer, grade text, contributions blob);
create table transition (id integer primary key, lead_id integer, at integer, origin text, "to" text, total integer);
create table handoff (id integer primary key, lead_id integer, owner text, at integer, total integer);
create table outbox (id integer primary key, key text unique, body blob, state text);
create table receipt (key text primary key, crm_id text, body blob);
create table desk (id integer primary key, key text unique, body blob);
create table cursor (name text primary key, value text);
"""
EMAIL = re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$")
COUNTRIES = {
    "Germany": "DE", "Austria": "AT", "Switzerland": "CH", "United Kingdom": "GB", "United States": "US",
    "France": "FR", "Japan": "JP",
}  # fmt: skip
LEVELS = (("chief", "c_level"), ("vp", "vp"), ("director", "director"), ("head", "director"), ("manager", "manager"))
OWNERS = ("lena@northwind.example", "tom@northwind.example", "ines@northwind.example")
DAY = 86_400.0


def pages(path: Path) -> Iterator[list[dict[str, str]]]:
    """Pages of rows."""
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        while page := list(islice(reader, PAGE)):
            yield page


def fields_of(row: dict[str, str]) -> dict[str, object]:
    """A row in our words."""
    email = row["email"].strip().lower()
    fields: dict[str, object] = {"email": email} if EMAIL.match(email) else {}
    for ours, theirs in (
        ("name.given", "first_name"), ("name.family", "last_name"), ("job_title", "job_title"),
        ("company.name", "company"), ("company.industry", "industry"), ("city", "city"),
        ("postal_code", "postal_code"), ("source", "source"), ("medium", "medium"), ("campaign", "campaign"),
        ("landing_page", "landing_page"), ("language", "language"),
    ):  # fmt: skip
        if value := row[theirs].strip():
            fields[ours] = value
    if phone := re.sub(r"[^\d+]", "", row["phone"]):
        fields["phone"] = phone
    if country := COUNTRIES.get(row["country"].strip()):
        fields["country"] = country
    if size := re.match(r"\d+", row["employees"]):
        fields["company.employees"] = int(size[0])
    title = row["job_title"].lower()
    fields["job_level"] = next((level for word, level in LEVELS if word in title), "staff")
    fields["company.domain"] = email.partition("@")[2]
    fields["consent.email"] = row["opted_out"] != "yes"
    return fields


def load_contacts(db: sqlite3.Connection, folder: Path, now: str) -> None:
    """Contacts into leads and links, a page a transaction."""
    next_id = 1
    for number, page in enumerate(pages(folder / "contacts.csv")):
        leads, links = [], []
        for row in page:
            fields = fields_of(row)
            said = dict.fromkeys(fields, ("exports", row["modified_at"] or now))
            digest = int.from_bytes(blake2b(orjson.dumps(row), digest_size=8).digest()) >> 1
            body = orjson.dumps({"fields": fields, "said": said})
            leads.append((next_id, fields.get("email"), "known", 0, "", 0, body))
            links.append(("exports", "contact", row["id"], next_id, digest))
            next_id += 1
        db.execute("begin immediate")
        db.executemany("insert into lead values (?, ?, ?, ?, ?, ?, ?)", leads)
        db.executemany("insert into link values (?, ?, ?, ?, ?)", links)
        db.execute("insert or replace into cursor values ('contacts', ?)", (str(number),))
        db.execute("commit")


def load_activities(db: sqlite3.Connection, folder: Path) -> None:
    """Activities of known people, a page a transaction."""
    for number, page in enumerate(pages(folder / "activities.csv")):
        people = {row["contact_id"] for row in page}
        marks = ",".join("?" * len(people))
        found = dict(db.execute(f"select external_id, lead_id from link where connection = 'exports' and "
                                f"object = 'contact' and external_id in ({marks})", list(people)))  # fmt: skip
        rows = []
        for row in page:
            kind, url = row["event"], row["url"]
            if "/pricing" in url:
                kind = "pricing_view"
            topic = "case-study" if "/case-studies/" in url else ""
            at = int(datetime.fromisoformat(row["at"]).timestamp() * 1_000_000)
            rows.append((found.get(row["contact_id"]), row["event_id"], at, kind, topic, url, int(row["seconds"] or 0)))
        db.execute("begin immediate")
        db.executemany(
            "insert or ignore into activity (lead_id, source_id, at, kind, topic, url, seconds) values (?,?,?,?,?,?,?)",
            rows,
        )
        db.execute("insert or replace into cursor values ('activities', ?)", (str(number),))
        db.execute("commit")


def score_of(
    fields: dict[str, object], deeds: list[tuple[str, str, float]]
) -> tuple[int, int, int, list[object], bool]:
    """fit, engagement, intent, contributions, and whether a demo was asked for; ages in days."""
    contributions: list[object] = []
    fit = engagement = intent = visits = resources = 0
    asked = False
    level, employees = fields.get("job_level"), fields.get("company.employees", 0)
    if level in ("director", "vp", "c_level"):
        fit += 15
        contributions.append(("Director or above", 15, f"job_level={level}"))
    if isinstance(employees, int) and employees >= 500:
        fit += 10
        contributions.append(("500 people or more", 10, f"company.employees={employees}"))
    pricing = 0
    for kind, topic, age in deeds:
        if kind == "pricing_view":
            pricing += int(10 * 0.5 ** (age / 14) + 0.5)
        elif kind == "download" and topic == "case-study":
            engagement += int(5 * 0.5 ** (age / 90) + 0.5)
        elif kind == "webinar_attend":
            engagement += int(10 * 0.5 ** (age / 90) + 0.5)
        elif kind == "demo_request":
            intent = max(intent, int(25 * 0.5 ** (age / 30) + 0.5))
            asked = asked or age <= 30
        resources += kind == "download" and age <= 90
        visits += kind == "visit" and age <= 30
    if pricing:
        contributions.append(("Pricing page seen", min(pricing, 20), "pricing_view"))
    engagement, intent = min(engagement, 30), min(intent + min(pricing, 20), 40)
    total = fit + engagement + intent
    ideal = isinstance(employees, int) and employees >= 100 and level != "staff"
    passed = asked or (ideal and (resources >= 2 or visits >= 3) and total >= 50)
    return fit, engagement, intent, contributions, passed


def score_all(db: sqlite3.Connection, now: datetime) -> list[tuple[int, int, dict[str, object]]]:
    """Score every lead, 500 a transaction; returns those that qualify."""
    qualified, last, moment = [], 0, int(now.timestamp() * 1_000_000)
    while leads := db.execute("select id, body from lead where id > ? order by id limit 500", (last,)).fetchall():
        first, last = leads[0][0], leads[-1][0]
        deeds: dict[int, list[tuple[str, str, float]]] = {}
        for lead_id, kind, topic, at in db.execute(
            "select lead_id, kind, topic, at from activity where lead_id between ? and ?", (first, last)
        ):
            deeds.setdefault(lead_id, []).append((kind, topic, (moment - at) / 1e6 / DAY))
        scores, standings, transitions = [], [], []
        for lead_id, body in leads:
            fields = orjson.loads(body)["fields"]
            fit, engagement, intent, contributions, passed = score_of(fields, deeds.get(lead_id, []))
            total = fit + engagement + intent
            grade = ("A" if fit >= 30 else "B" if fit >= 20 else "C" if fit >= 10 else "D") + str(
                1 if engagement + intent >= 40 else 2 if engagement + intent >= 25 else 3 if total >= 10 else 4
            )
            stage = "mql" if passed else "warm" if total >= 20 else "known"
            scores.append((lead_id, moment, fit, engagement, intent, total, grade, orjson.dumps(contributions)))
            standings.append((stage, total, grade, lead_id))
            if stage != "known":
                transitions.append((lead_id, moment, "known", stage, total))
            if passed:
                qualified.append((total, lead_id, fields))
        db.execute("begin immediate")
        db.executemany("insert or replace into score values (?, ?, ?, ?, ?, ?, ?, ?)", scores)
        db.executemany("update lead set stage = ?, total = ?, grade = ? where id = ?", standings)
        db.executemany('insert into transition (lead_id, at, origin, "to", total) values (?, ?, ?, ?, ?)', transitions)
        db.execute("commit")
    return sorted(qualified, key=lambda one: (-one[0], one[1]))


def hand_over(db: sqlite3.Connection, qualified: list[tuple[int, int, dict[str, object]]], moment: int) -> None:
    """A lead, a task and a note on the desk for each, a hundred a transaction."""
    for start in range(0, len(qualified), 100):
        db.execute("begin immediate")
        for number, (total, lead_id, fields) in enumerate(qualified[start : start + 100], start):
            owner = OWNERS[number % len(OWNERS)]
            db.execute("insert into handoff (lead_id, owner, at, total) values (?, ?, ?, ?)",
                       (lead_id, owner, moment, total))  # fmt: skip
            brief = "\n".join(f"{name}: {value}" for name, value in fields.items())
            for kind, body in (("lead", fields), ("task", {"owner": owner}), ("note", {"text": brief})):
                key, text = f"{kind}-{lead_id}", orjson.dumps(body)
                db.execute("insert into outbox (key, body, state) values (?, ?, 'done')", (key, text))
                desk = db.execute("insert into desk (key, body) values (?, ?)", (key, text)).lastrowid
                db.execute("insert into receipt values (?, ?, ?)", (key, str(desk), text))
        db.execute("commit")


def main() -> None:
    """Run it: FOLDER with contacts.csv (and activities.csv), DATABASE to write."""
    folder, database = Path(sys.argv[1]), sys.argv[2]
    now = datetime.now(UTC)
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = normal")
    db.executescript(SCHEMA)
    load_contacts(db, folder, now.isoformat())
    if (folder / "activities.csv").exists():
        load_activities(db, folder)
    qualified = score_all(db, now)
    hand_over(db, qualified, int(now.timestamp() * 1_000_000))
    leads = db.execute("select count(*) from lead").fetchone()[0]
    print(f"leads {leads}, qualified {len(qualified)}")


if __name__ == "__main__":
    main()
