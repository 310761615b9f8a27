"""The two files a marketing platform would export, with the faults that real exports have."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random

from connector.sandbox.sample_people import Person
from connector.sandbox.sample_story import CAMPAIGNS, DAYS, Event

CONTACT_COLUMNS = (
    "Contact ID", "First name", "Last name", "Name (reading)", "Email", "Phone", "Job title", "Company", "Website",
    "Company size", "Industry", "Country", "City", "Postal code", "Language", "Source", "Medium", "Campaign",
    "First source", "Landing page", "Mail consent", "Consent date", "Current tool", "Changed",
)  # fmt: skip
ACTIVITY_COLUMNS = (
    "Event ID", "Contact ID", "Time", "Event", "Page", "Form", "Asset", "Seconds", "Campaign",
    "Budget", "Timeline", "Current tool",
)  # fmt: skip

#: Picklist values of the platform, with the medium that goes with each.
SOURCES = (
    ("ORGANIC_SEARCH", "organic"), ("PAID_SEARCH", "cpc"), ("SOCIAL_MEDIA", "social"), ("EMAIL_MARKETING", "email"),
    ("REFERRALS", "referral"), ("EVENTS", "trade fair"), ("DIRECT_TRAFFIC", ""),
)  # fmt: skip
UNKNOWN_WORDS = ("n/a", "Select", "-", "不明", "Unknown", "")

_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}

Row = dict[str, str]


def table(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> list[str]:
    """CSV lines, the heading first."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().splitlines()


def _time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def contact_rows(
    random: Random, persons: Sequence[Person], events: Mapping[str, Sequence[Event]], now: datetime
) -> list[Row]:
    """A row per person, in the order in which they came to be known."""
    return [_contact(random, person, events.get(person.id, ()), now) for person in persons]


def _contact(random: Random, person: Person, events: Sequence[Event], now: datetime) -> Row:
    first = events[0].at if events else now - timedelta(days=random.randint(30, DAYS))
    last = events[-1].at if events else first
    (source, medium), (first_source, _) = random.choice(SOURCES), random.choice(SOURCES)
    tools = [event.row["Current tool"] for event in events if "Current tool" in event.row]
    consent = {"left": "no", "silent": ""}.get(person.fate, random.choice(("yes", "yes", "yes", "")))
    return {
        "Contact ID": person.id,
        **person.row,
        "Source": source,
        "Medium": medium,
        "Campaign": random.choice(CAMPAIGNS),
        "First source": first_source,
        "Landing page": events[0].row.get("Page", "") if events else "",
        "Mail consent": consent,
        "Consent date": (last if consent == "no" else first).strftime("%Y-%m-%d") if consent else "",
        "Current tool": tools[-1] if tools else "",
        "Changed": _time(last),
    }


def activity_rows(events: Iterable[Event]) -> list[Row]:
    """A row per event, oldest first."""
    ordered = sorted(events, key=lambda event: (event.at, event.person))
    return [
        {"Event ID": f"ev-{number:06}", "Contact ID": event.person, "Time": _time(event.at), **event.row}
        for number, event in enumerate(ordered, 1)
    ]


def spoil_contacts(random: Random, rows: list[Row], fates: Mapping[str, str]) -> list[Row]:
    """`rows` with the faults of single values, and a few people who are there twice."""
    for row in rows:
        _type_carelessly(random, row)
    # What is broken belongs to people nobody would call: the demo's best leads stay readable.
    quiet = [row for row in rows if fates[row["Contact ID"]] in ("silent", "visitor")]
    bad_date, later, pigeon, fax, formula, nameless, mailless = random.sample(quiet, 7)
    bad_date["Consent date"] = "31.02.2026"
    later["Consent date"] = "soon"
    pigeon["Source"] = "CARRIER_PIGEON"
    fax["Source"] = "FAX"
    formula["Company"] = '=HYPERLINK("https://prize.example";"You have won")'
    nameless["Last name"] = ""
    mailless["Email"] = "none (asked at the booth)"
    again = [
        dict(row) for row in random.sample([row for row in rows if row["Email"].strip() and row is not mailless], 4)
    ]
    for number, row in enumerate(again):
        row |= {"Contact ID": f"3{number:04}", "Email": row["Email"].upper(), "Phone": "", "Source": "EVENTS"}
    return rows + again


def _type_carelessly(random: Random, row: Row) -> None:
    chance = random.random()
    if chance < 0.06:
        row["Email"] = f" {row['Email'].upper()} "
    elif chance < 0.12:
        row[random.choice(("Phone", "Industry", "City", "Website"))] = random.choice(UNKNOWN_WORDS)
    elif chance < 0.15:
        row["Company"] = f"{row['Company']}  "
    if row["Language"] == "ja" and random.random() < 0.3:
        row["Phone"] = row["Phone"].translate(_WIDE)
        row["Company size"] = row["Company size"].translate(_WIDE)


def broken_contact_lines(lines: list[str]) -> list[str]:
    """Two more lines that no reader can use: one that stops early, one that is quoted as a whole."""
    whole = lines[-1].replace('"', "'").replace("30003", "30005")
    return [*lines, ",".join(["30004", *lines[-2].split(",")[1:6]]), f'"{whole}"']


def spoil_activities(random: Random, rows: list[Row], now: datetime) -> list[Row]:
    """`rows` with events that cannot be used, or not yet, strewn among them."""
    at = _time(now - timedelta(days=9, hours=2))
    session = {"Contact ID": rows[0]["Contact ID"], "Time": at, "Event": "Session", "Page": rows[0].get("Page", "")}
    strange = [
        session | {"Event ID": "ev-x1", "Time": "yesterday"},
        session | {"Event ID": "ev-x2", "Time": "2026-13-41T09:00:00Z"},
        session | {"Event ID": "ev-x3", "Contact ID": ""},
        *(session | {"Event ID": f"ev-x{number}", "Contact ID": f"9{number:04}"} for number in (4, 5, 6)),
        *(session | {"Event ID": f"ev-x{number}", "Event": "Poll answered"} for number in (7, 8)),
        dict(rows[-1]),  # the same event twice
    ]
    for row in strange:
        rows.insert(random.randrange(len(rows) + 1), row)
    return rows
