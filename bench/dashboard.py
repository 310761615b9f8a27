"""How long the pages of the dashboard take on a large store: python -m bench.dashboard (see README.md).

An invented store of 100,000 leads and a million activities over two years, with rows as Baton writes them: a third of
the leads became an MQL and was handed over, two of three of these were answered, one of five was rejected. Each page
is asked for through the whole site, as a browser does, with the page's usual period and with all the time there is.
"""

from __future__ import annotations

import argparse
import gc
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from starlette.testclient import TestClient

from connector.app import App, open_app
from connector.config import load
from connector.model.logins import ROLES, User
from connector.web.rooms.dashboard import PAGES
from connector.web.site import site
from state import open_store
from state.ways import FILL

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DAY = 86_400_000_000
END = int(NOW.timestamp() * 1_000_000)
DAYS = 730
#: Of all leads, and of those at a stage, how many come to the next.
ON = (0.33, 0.6, 0.6, 0.5, 0.35)
WAY = ("mql", "sal", "sql", "opportunity", "won")
SOURCES = ("organic", "paid", "social", "referral", "email", "event")
REASONS = ("too_small", "no_budget", "wrong_person", "no_answer", "not_now", "duplicate")
KINDS = ("page_view", "page_view", "page_view", "email_open", "email_click", "download", "webinar")
REPS = [f"rep{number}@shop.example" for number in range(20)]
CONFIG = f"""\
version = 1
timezone = "Europe/Berlin"
region = "DE"
database = "baton.db"
[connections.portal]
type = "memory"
[connections.crm]
type = "memory"
[teams.sales]
members = [{", ".join(f'{{ email = "{email}" }}' for email in REPS)}]
[flows.b2b]
sources = ["portal"]
crm = "crm"
mode = "live"
[flows.b2b.routing]
order = [{{ to = "sales" }}]
"""
#: As long as a lead's body is with a company, a title, consent and what each source said.
BODY = (
    '{{"fields":{{"email":"p{0}@firm{0}.example","name.full":"Person {0}","source":"{1}","medium":"{2}",'
    '"campaign":"c{3}","persona":"{4}","company.name":"Firm {0} GmbH","company.employees":{5}}},"said":{6}}}'
)
SAID = '[["portal","2026-01-01T00:00:00+00:00",null]],"more":"' + "x" * 900 + '"'


def build(path: Path, leads: int, activities: int) -> None:
    """A store as Baton makes it."""
    open_store(path).close()
    chance = random.Random(9)
    with sqlite3.connect(path) as store:
        store.executemany(
            "INSERT INTO leads (id, body, created_at, changed_at) VALUES (?, ?, ?, ?)", _leads(leads, chance)
        )
        _ways(store, leads, chance)
        store.execute(FILL.format(of=""))
        store.executemany(
            "INSERT INTO activities (id, connection, source_id, person, lead_id, at, kind, topic, asset, body) "
            "VALUES (?, 'portal', ?, ?, ?, ?, ?, ?, ?, ?)",
            _activities(leads, activities, chance),
        )
        store.executemany(
            "INSERT INTO runs (id, kind, connection, started_at, ended_at, result, counts) "
            "VALUES (?, ?, ?, ?, ?, ?, '{}')",
            (
                (n, "pull", "portal", END - n * 300_000_000, END - n * 300_000_000 + 2_000_000, "ok")
                for n in range(1, 50_001)
            ),
        )
        store.execute("ANALYZE")
    store.close()


def _leads(count: int, chance: random.Random) -> Iterator[tuple[int, str, int, int]]:
    for number in range(1, count + 1):
        source, at = chance.choice(SOURCES), END - chance.randrange(DAYS * DAY)
        said = (number, source, number % 5, number % 40, number % 4, number % 700, SAID)
        yield number, BODY.format(*said), at, at


def _ways(store: sqlite3.Connection, leads: int, chance: random.Random) -> None:
    """Moves, standings and handoffs of all leads."""
    moves, stands, handed = [], [], []
    for lead in range(1, leads + 1):
        at, stage, rep = END - chance.randrange(DAYS * DAY), "known", REPS[lead % 20]
        moves.append((at, lead, "known"))
        for place, share in enumerate(ON):
            if chance.random() > share:
                break
            at, stage = at + int(chance.lognormvariate(0, 1.2) * DAY), WAY[place]
            if stage == "mql":
                handed.append((lead, at))
            moves.append((at, lead, stage))
        if stage == "mql" and chance.random() < 0.5:
            stage = "rejected"
            moves.append((at + DAY, lead, stage))
        stands.append((lead, stage, "" if stage == "known" else "b2b", rep if stage != "known" else ""))
    store.executemany(
        "INSERT INTO transitions (id, lead_id, flow, origin, stage, at, moved_by, why, version, total, grade) "
        "VALUES (?, ?, 'b2b', '', ?, ?, 'baton', 'the MQL gate is passed', ?, 55, 'B2')",
        ((n, lead, stage, at, f"{at * 4 // END}" * 64) for n, (at, lead, stage) in enumerate(sorted(moves), 1)),
    )
    store.executemany(
        "INSERT INTO standings (lead_id, stage, flow, owner, score) VALUES (?, ?, ?, ?, ?)",
        ((*one, '{"points":"' + "x" * 400 + '"}') for one in stands),
    )
    rejected = {lead for lead, stage, *_ in stands if stage == "rejected"}
    store.executemany(
        "INSERT INTO handoffs (id, lead_id, flow, stage, state, decided_at, opened_at, due_at, contacted_at, "
        "closed_at, reason, owner, team, worked, brief) "
        "VALUES (?, ?, 'b2b', 'mql', ?, ?, ?, ?, ?, ?, ?, ?, 'sales', ?, ?)",
        (_handoff(n, lead, at, lead in rejected, chance) for n, (lead, at) in enumerate(handed, 1)),
    )


def _handoff(number: int, lead: int, at: int, rejected: bool, chance: random.Random) -> tuple[object, ...]:
    took = int(chance.lognormvariate(-1, 1) * DAY)
    contacted = at + took if chance.random() < 0.7 else None
    return (
        number, lead,
        "closed" if rejected else "open", at, at, at + DAY // 3, contacted,
        at + DAY if rejected else None, chance.choice(REASONS) if rejected else "", REPS[lead % 20],
        took // 3_000_000, "brief " * 200,
    )  # fmt: skip


def _activities(leads: int, count: int, chance: random.Random) -> Iterator[tuple[object, ...]]:
    for number in range(1, count + 1):
        lead, kind, item = chance.randrange(leads) + 1, chance.choice(KINDS), chance.randrange(60)
        asset = "" if kind.startswith("email") else f"item-{item}"
        topic = f"topic-{item % 12}" if asset else ""
        yield number, f"a{number}", f"p{lead}", lead, END - chance.randrange(DAYS * DAY), kind, topic, asset, None


def timed(browser: TestClient, path: str, runs: int) -> tuple[float, float, int]:
    """CPU and wall seconds, the median of some runs, and the page's size."""
    cpu, wall, size = list[float](), list[float](), 0
    for _ in range(runs):
        begins = time.process_time(), time.perf_counter()
        answer = browser.get(path)
        cpu.append(time.process_time() - begins[0])
        wall.append(time.perf_counter() - begins[1])
        assert answer.status_code == 200, (path, answer.status_code)
        size = len(answer.content)
    return statistics.median(cpu), statistics.median(wall), size


def asked(app: App, runs: int, only: str) -> None:
    """Ask for every page, and print what each took. The clock goes on, so that no answer is one that was kept."""
    moved = [NOW]
    app.clock = lambda: moved[0]
    made = site(lambda: app, lambda _: User("a@b.example", "A", ROLES), key="k")
    browser = TestClient(made, base_url="http://127.0.0.1")
    print(f"{'page':44} {'CPU s':>6} {'wall s':>6} {'kB':>5}")
    for page in PAGES.values():
        for more in ("", *(("?period=all",) if "period" in page.filters else ())):
            if only and only not in page.path:
                continue
            found = []
            for _ in range(runs):
                moved[0] += timedelta(minutes=2)
                found.append(timed(browser, page.path + more, 1))
            cpu, wall = (statistics.median(one[place] for one in found) for place in (0, 1))
            print(f"{page.path + more:44} {cpu:6.2f} {wall:6.2f} {found[0][2] / 1000:5.0f}")


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--activities", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="build the store here, or use the one that is there")
    parser.add_argument("--only", default="", help="only pages whose path holds this")
    given = parser.parse_args()
    gc.set_threshold(50_000, 20, 100)  # as the command does
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        (folder / "config.toml").write_text(CONFIG, "utf-8")
        if not (folder / "baton.db").exists():
            build(folder / "baton.db", given.leads, given.activities)
        app = open_app(load(folder / "config.toml"))
        print(f"{given.leads:,} leads, {given.activities:,} activities; median of {given.runs}")
        asked(app, given.runs, given.only)
        app.close()


if __name__ == "__main__":
    main()
