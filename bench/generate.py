"""Invented contacts and activities in bulk, the same bytes for the same numbers."""

from __future__ import annotations

import csv
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

GIVEN = ("Anna", "Ben", "Clara", "David", "Emma", "Felix", "Greta", "Hugo", "Ida", "Jonas", "Katrin", "Leo")
FAMILY = ("Weber", "Fischer", "Smith", "Jones", "Brown", "Rossi", "Martin", "Novak", "Silva", "Berg", "Haas", "Kern")
TITLES = (
    "Marketing Manager", "Head of Sales", "Software Engineer", "Director of Operations", "Student",
    "VP Engineering", "Analyst", "Chief Executive Officer", "Team Lead", "Consultant",
)  # fmt: skip
COUNTRIES = ("Germany", "Austria", "Switzerland", "United Kingdom", "United States", "France", "Japan", "")
SIZES = ("1-10", "11-50", "51-100", "100-499", "500+", "1000", "")
INDUSTRIES = ("Software", "Retail", "Logistics", "Finance", "Education", "Health")
SOURCES = ("organic", "paid", "referral", "email", "social")
CONTACT_COLUMNS = (
    "id", "email", "first_name", "last_name", "phone", "mobile", "job_title", "company", "employees", "industry",
    "country", "city", "postal_code", "source", "medium", "campaign", "landing_page", "language", "opted_out",
    "modified_at",
)  # fmt: skip
ACTIVITY_COLUMNS = ("event_id", "contact_id", "at", "event", "url", "seconds", "campaign")
EVENTS = (
    ("page_view", "https://www.example.com/product", 12),
    ("page_view", "https://www.example.com/blog/post", 10),
    ("page_view", "https://www.example.com/pricing", 2),
    ("email_open", "", 6),
    ("email_click", "https://www.example.com/offer", 3),
    ("download", "https://www.example.com/resources/case-studies/one", 2),
    ("webinar_attend", "", 1),
    ("demo_request", "https://www.example.com/demo", 0.1),
)


def write_contacts(path: Path, people: int, seed: int = 1) -> None:
    """`people` rows of twenty columns."""
    rng = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(CONTACT_COLUMNS)
        for number in range(people):
            writer.writerow(contact(rng, number))


def contact(rng: random.Random, number: int) -> list[str]:
    """One row of the contacts file."""
    given, family = rng.choice(GIVEN), rng.choice(FAMILY)
    domain = f"firm{rng.randrange(2000)}.example"
    changed = NOW - timedelta(minutes=rng.randrange(300_000))
    return [
        str(1_000_000 + number), f"{given}.{family}.{number}@{domain}".lower(), given, family,
        f"+49 30 {rng.randrange(1_000_000, 9_999_999)}", "", rng.choice(TITLES), f"Firm {domain[4:-8]} GmbH",
        rng.choice(SIZES), rng.choice(INDUSTRIES), rng.choice(COUNTRIES), "Berlin", f"{rng.randrange(10000, 99999)}",
        rng.choice(SOURCES), "web", f"campaign-{rng.randrange(20)}", "/landing", "de", rng.choice(("no", "no", "yes")),
        changed.isoformat(),
    ]  # fmt: skip


def write_activities(path: Path, people: int, each: int, seed: int = 2) -> None:
    """`people` x `each` rows in the order of time, as an export has them."""
    rng = random.Random(seed)
    weights = [weight for _, _, weight in EVENTS]
    total = people * each
    start = NOW - timedelta(days=180)
    step = timedelta(days=180) / max(total, 1)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(ACTIVITY_COLUMNS)
        for number in range(total):
            kind, url, _ = rng.choices(EVENTS, weights)[0]
            at = (start + step * number).isoformat(timespec="seconds")
            person = 1_000_000 + rng.randrange(people)
            writer.writerow((f"e{number}", person, at, kind, url, rng.randrange(5, 300), ""))
