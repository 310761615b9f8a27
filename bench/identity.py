"""What it costs to find out who is who, in stores of different sizes.

    python -m bench.identity                              # 10,000, 100,000 and 1,000,000 leads: some minutes, 2 GiB
    python -m bench.identity --leads 10000 100000         # these sizes only
    python -m bench.identity --first 100000 --rounds 3    # a first import, with comparing and without

One store grows from size to size; at each of them pages of a hundred new contacts go through intake and are compared
with whoever is like them. Prints CPU per page, and the ratio to the smallest store. People are invented: some names,
companies and cities are very common, most are rare, as in a register.
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
import sqlite3
import statistics
import sys
import tempfile
import time
from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

import orjson

from bench.generate import CONTACT_COLUMNS, COUNTRIES, INDUSTRIES, SIZES, SOURCES, TITLES
from bench.run import CONFIG, MAPPING, measure
from connector.app import App, open_app
from connector.config import load
from connector.model.records import Page, Record
from connector.runs.assess import Assessor
from connector.runs.identify import identify
from connector.runs.intake import Intake
from connector.steps.alike import keys, person
from connector.steps.alike.common import FAMILY, GIVEN

PAGE = 100
PAGES = 20
AT = "2026-11-20T08:00:00+00:00"
MICROS = 1_763_625_600_000_000
SYLLABLES = (
    "ka", "lo", "mi", "ren", "ta", "vo", "sel", "dan", "bre", "ko", "lin", "mar", "ost", "ruf", "en", "sto", "wie",
    "gal", "hu", "pet", "ni", "cor", "ab", "zel", "fi", "tor", "um", "da",
)  # fmt: skip
FREE = ("gmail.com", "web.de", "outlook.com", "yahoo.com", "gmx.de")
#: Of a page's people, so many are known already: by this address, or by another one.
KNOWN, KNOWN_ELSEWHERE = 0.05, 0.10


class Common:
    """Values of which the first are very common and most are rare: the nth is 1 / (n + flat) as likely."""

    def __init__(self, values: Sequence[str], flat: int) -> None:
        self.values = values
        self.shares = list(accumulate(1 / (rank + flat) for rank in range(len(values))))

    def one(self, rng: random.Random) -> str:
        return self.values[bisect(self.shares, rng.random() * self.shares[-1])]


def invented(rng: random.Random, count: int, known: Sequence[str]) -> list[str]:
    """`count` names, those that are known to be common first."""
    found = dict.fromkeys(name for name in sorted(known) if name.isascii())
    while len(found) < count:
        found["".join(rng.choices(SYLLABLES, k=rng.choice((2, 2, 3))))] = None
    return [name.capitalize() for name in list(found)[:count]]


@dataclass(slots=True)
class People:
    """Invents people, as rows of a contacts file. The commonest family name is that of nine people in a thousand."""

    rng: random.Random = field(default_factory=lambda: random.Random(7))
    given: Common = field(init=False)
    family: Common = field(init=False)
    firms: Common = field(init=False)
    cities: Common = field(init=False)
    made: int = 0

    def __post_init__(self) -> None:
        self.given = Common(invented(self.rng, 1500, sorted(GIVEN)), 10)
        self.family = Common(invented(self.rng, 12_000, sorted(FAMILY)), 20)
        self.firms = Common([f"{name}{number}" for number, name in enumerate(invented(self.rng, 8000, ()) * 8)], 30)
        self.cities = Common(invented(self.rng, 400, ()), 5)

    def one(self) -> dict[str, str]:
        """Somebody new."""
        rng, self.made = self.rng, self.made + 1
        given, family, firm = self.given.one(rng), self.family.one(rng), self.firms.one(rng)
        at_work = rng.random() < 0.75
        host = f"{firm.lower()}.com" if at_work else rng.choice(FREE)
        local = f"{given}.{family}".lower() if at_work else f"{given}{family}{rng.randrange(100)}".lower()
        city = self.cities.one(rng)
        return dict(zip(CONTACT_COLUMNS, (
            f"n{self.made}", f"{local}{self.made if rng.random() < 0.9 else ''}@{host}", given, family,
            self._phone(firm), "", rng.choice(TITLES), f"{firm} GmbH", rng.choice(SIZES), rng.choice(INDUSTRIES),
            rng.choice(COUNTRIES), city, f"{hash_of(city) % 90 + 10}{rng.randrange(1000):03}", rng.choice(SOURCES),
            "web", f"campaign-{rng.randrange(20)}", "/landing", "de", rng.choice(("no", "no", "yes")), AT,
        ), strict=True))  # fmt: skip

    def _phone(self, firm: str) -> str:
        """Their own, their firm's, or none."""
        kind = self.rng.random()
        if kind < 0.4:
            return ""
        number = hash_of(firm) % 900_000 + 100_000 if kind < 0.55 else self.rng.randrange(1_000_000, 9_999_999)
        return f"+49 30 {number}"

    def again(self, row: dict[str, str], *, elsewhere: bool) -> dict[str, str]:
        """The same person in another record, with another address where told."""
        self.made += 1
        address = f"{row['first_name']}{row['last_name']}.{self.made}@mail.example".lower()
        return {**row, "id": f"n{self.made}", "email": address if elsewhere else row["email"]}


def hash_of(text: str) -> int:
    return sum(ord(letter) * 31**place for place, letter in enumerate(text))


def pages(people: People, known: Sequence[dict[str, str]]) -> Iterator[list[dict[str, str]]]:
    """Pages of new contacts, some of whom are known."""
    rng = people.rng
    for _ in range(PAGES):
        page = []
        for _ in range(PAGE):
            kind = rng.random()
            if kind < KNOWN + KNOWN_ELSEWHERE:
                page.append(people.again(rng.choice(known), elsewhere=kind >= KNOWN))
            else:
                page.append(people.one())
        yield page


FIELDS = {
    "email": "email", "name.given": "first_name", "name.family": "last_name", "job_title": "job_title",
    "company.name": "company", "company.industry": "industry", "city": "city", "postal_code": "postal_code",
    "source": "source", "medium": "medium", "campaign": "campaign", "landing_page": "landing_page",
    "language": "language",
}  # fmt: skip


def stored(row: dict[str, str]) -> dict[str, Any]:
    """The fields of a person's lead, as intake makes them."""
    fields: dict[str, Any] = {name: row[column] for name, column in FIELDS.items()}
    host = row["email"].partition("@")[2]
    fields |= {"name.full": f"{row['first_name']} {row['last_name']}", "country": "DE"}
    fields |= {"email_class": "free"} if host in FREE else {"email_class": "work", "company.domain": host}
    return fields | ({"phone": row["phone"].replace(" ", "")} if row["phone"] else {})


SORTED = "INSERT OR IGNORE INTO lead_keys (key, lead_id) SELECT key, lead_id FROM found ORDER BY key, lead_id"


def fill(place: Path, people: People, first: int, last: int, known: list[dict[str, str]]) -> None:
    """Put the leads `first` to `last` into the store, with their links and keys; some of them into `known`."""
    database = sqlite3.connect(place)
    database.executescript(
        "PRAGMA synchronous=OFF; PRAGMA cache_size=-200000; CREATE TEMP TABLE found (key INTEGER, lead_id INTEGER)"
    )
    for start in range(first, last + 1, 10_000):
        ids = range(start, min(start + 10_000, last + 1))
        rows = [people.one() for _ in ids]
        fields = [stored(row) for row in rows]
        bodies = [orjson.dumps({"fields": one, "said": [("exports", AT, None)]}).decode() for one in fields]
        database.executemany(
            "INSERT INTO leads (id, email, body, created_at, changed_at) VALUES (?, ?, ?, ?, ?)",
            [(id, row["email"], body, MICROS, MICROS) for id, row, body in zip(ids, rows, bodies, strict=True)],
        )
        database.executemany(
            "INSERT INTO standings (lead_id, stage, stage_since, flow) VALUES (?, 'known', ?, 'b2b')",
            [(id, MICROS) for id in ids],
        )
        database.executemany(
            "INSERT INTO links (connection, object, external_id, lead_id, digest) "
            "VALUES ('exports', 'contact', ?, ?, 1)",
            [(row["id"], id) for id, row in zip(ids, rows, strict=True)],
        )
        database.executemany(
            "INSERT INTO found VALUES (?, ?)",
            [(key, id) for id, one in zip(ids, fields, strict=True) for key in keys(person(one))],
        )
        known += people.rng.sample(rows, min(len(rows), 200))
    database.execute(SORTED)
    ids_row = "INSERT INTO ids (name, last) VALUES ('leads', ?) ON CONFLICT (name) DO UPDATE SET last = excluded.last"
    database.execute(ids_row, (last,))
    database.commit()
    database.execute("ANALYZE")
    database.close()


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU milliseconds of one page, and what came of it."""

    intake: float
    comparing: float
    same: int
    perhaps: int


def one_page(app: App, rows: list[dict[str, str]]) -> Cost:
    """Take a page in, then compare its people."""
    runtime, counts = app.runtime(), Counter[str]()
    connection, now = runtime.config.connections["exports"], runtime.clock()
    assessor = Assessor(list(runtime.config.flows.values()), app.rows(), now, counts)
    intake = Intake(connection, assessor, now, True, counts)
    page = Page("contacts", [Record(row["id"], row) for row in rows], "")
    begin = time.process_time()
    with runtime.store.write() as tx:
        intake.page(tx, page, "contacts")
    between, before = time.process_time(), counts["same person"]
    identify(runtime, counts)
    end = time.process_time()
    same, perhaps = counts["same person"] - before, counts["perhaps the same"]
    return Cost((between - begin) * 1000, (end - between) * 1000, same, perhaps)


def opened(folder: Path) -> App:
    """The configuration of `bench.run`, with its store."""
    (folder / "config.toml").write_text(CONFIG.format(activities=""), "utf-8")
    (folder / "mapping.toml").write_text(MAPPING, "utf-8")
    (folder / "contacts.csv").write_text(",".join(CONTACT_COLUMNS) + "\n", "utf-8")
    return open_app(load(folder / "config.toml"))


def grow(sizes: Sequence[int]) -> None:
    """Print a line a size."""
    folder = Path(tempfile.mkdtemp(prefix="baton-identity-"))
    people, known, have, least = People(), list[dict[str, str]](), 0, 0.0
    print("| leads | intake, CPU ms | comparing, CPU ms | together (slowest page) | ratio | same, perhaps | MiB |")
    print("|---|---|---|---|---|---|---|")
    try:
        opened(folder).close()
        for size in sizes:
            fill(folder / "baton.db", people, have + 1, size, known)
            app = opened(folder)
            costs = [one_page(app, page) for page in pages(people, known)][PAGES // 4 :]
            with app.store.read() as tx:
                have = tx.intake.lead_numbers(size, 10**9)[-1]
            app.close()
            both = [one.intake + one.comparing for one in costs]
            least = least or statistics.median(both)
            megabytes = sum(path.stat().st_size for path in folder.glob("baton.db*")) / 2**20
            print(
                f"| {size:,} | {statistics.median(one.intake for one in costs):.1f} "
                f"| {statistics.median(one.comparing for one in costs):.1f} "
                f"| {statistics.median(both):.1f} ({max(both):.1f}) | {statistics.median(both) / least:.2f} "
                f"| {sum(one.same for one in costs)}, {sum(one.perhaps for one in costs)} | {megabytes:.0f} |",
                flush=True,
            )
    finally:
        shutil.rmtree(folder)


def first_import(count: int, rounds: int) -> None:
    """The same first import with comparing and without, in turn."""
    sync = [sys.executable, "-m", "connector.cli", "sync"]
    folder = Path(tempfile.mkdtemp(prefix="baton-identity-"))
    print("| contacts | compared, CPU s | MiB | not compared, CPU s | MiB | ratio |")
    print("|---|---|---|---|---|---|")
    try:
        opened(folder).close()
        people = People()
        with (folder / "contacts.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, CONTACT_COLUMNS)
            writer.writeheader()
            writer.writerows(people.one() for _ in range(count))
        text = (folder / "config.toml").read_text("utf-8")
        for _ in range(rounds):
            used = []
            for setting in ("", "[identity]\ncompare = false\n"):
                for path in folder.glob("*.db*"):
                    path.unlink()
                (folder / "config.toml").write_text(text + setting, "utf-8")
                used.append(measure(sync, folder))
            one, other = used
            print(
                f"| {count:,} | {one.cpu:.2f} | {one.memory:.0f} | {other.cpu:.2f} | {other.memory:.0f} "
                f"| {one.cpu / other.cpu:.2f} |",
                flush=True,
            )
    finally:
        shutil.rmtree(folder)


def main() -> None:
    """Run what is asked for and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--leads", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--first", type=int, default=0, metavar="CONTACTS")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    if options.first:
        first_import(options.first, options.rounds)
    else:
        grow(options.leads)


if __name__ == "__main__":
    main()
