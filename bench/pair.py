"""Measure `baton sync` from HubSpot to Salesforce against the straight script, over HTTP, on this machine.

    python -m bench.pair [--people 20000 100000] [--each 0 10] [--runs 2]
    python -m bench.pair --latency 0.05 [--windows 8]     # each answer comes 50 ms later: wall time
    python -m bench.pair --alone --people 1000000 --each 0  # without the straight script

Each client has fresh copies of both platforms, in a process of their own, without limits. Prints the
CPU seconds (user + system) of both clients and their ratio; of Baton the peak memory, the calls of the first
run beside those that the formula allows, a run in which nothing has changed, and reading everything again.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import cast

from bench.run import Usage, environment, median
from bench.world import CLIENT_ID, SECRETS, Addresses, World, is_write
from connector.app import opened
from connector.model.adapter import Preparable

CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"

[secrets]
backend = "environment"

[connections.hubspot]
type = "hubspot"
account = "{portal}"
base_url = "{hubspot}"
streams = ["contacts", "archived", "form_submissions", "email_events", "events"]
email_events = ["OPEN", "CLICK"]
windows = {windows}
contacts_by_search = {by_search}
calls_per_10_seconds = 1_000_000
calls_per_day = 1_000_000_000
searches_per_second = 100_000

[connections.salesforce]
type = "salesforce"
login_url = "{salesforce}"
sign_in = "client_credentials"
client_id = "{client_id}"

[teams.sales]
members = [
  {{ email = "lena@northwind.example" }}, {{ email = "tom@northwind.example" }},
]

[flows.b2b]
sources = ["hubspot"]
crm = "salesforce"
mode = "live"
[flows.b2b.routing]
order = [{{ to = "sales" }}]
"""
COLUMNS = (
    "contacts x deeds", "straight, CPU s", "baton sync, CPU s", "ratio (min to max)", "baton MiB",
    "nothing changed, CPU s", "read again / first",
)  # fmt: skip
#: Kinds of writes, and how many go in one call.
BATCHES = {("salesforce", "lead"): 200, ("salesforce", "task"): 200}
#: Slices of a week in the history that is read of emails.
SLICES = 26
#: Calls for leads and contacts of the read-in: contacts are asked for once more without a field that is not there.
READ_IN = 3
SYNC = [sys.executable, "-m", "connector.cli", "sync"]


def prepare(folder: Path, at: Addresses, windows: int) -> None:
    """Write the configuration, and make what HubSpot must be given first."""
    by_search = "true" if windows > 1 else "false"
    text = CONFIG.format(
        portal=at.portal, hubspot=at.hubspot, salesforce=at.salesforce, client_id=CLIENT_ID,
        windows=windows, by_search=by_search,
    )  # fmt: skip
    (folder / "config.toml").write_text(text, "utf-8")
    with opened(folder / "config.toml") as app:
        for role in (app.source("hubspot"), app.crm("hubspot")):
            for step in cast(Preparable, role).setup():
                if not step.there and step.act is not None:
                    step.act()
    for path in folder.glob("*.db*"):
        path.unlink()
    at.clear()


@dataclass(frozen=True, slots=True)
class Round:
    """Both clients on the same people. What was not measured is None."""

    first: Usage
    made: dict[str, int]
    allowed: dict[str, int]
    unchanged: Usage
    quiet_calls: int
    reread: Usage
    straight: Usage | None = None
    windows: Usage | None = None


def one_round(world: World, latency: float, windows: int, *, alone: bool) -> Round:
    """Run the clients one after the other."""
    with folder() as place:
        straight = None if alone else run_straight(world, place, latency)
    wide = None
    if latency and windows > 1:
        with folder() as place, world.served(latency) as at:
            prepare(place, at, windows)
            wide = measure(SYNC, place)
    with folder() as place, world.served(latency) as at:
        prepare(place, at, 1)
        first, made = measure(SYNC, place), made_calls(at.counts())
        allowed = allowance(world, place / "baton.db")
        measure(SYNC, place)
        at.clear()
        unchanged, quiet = measure(SYNC, place), at.counts().total()
        forget(place / "baton.db")
        reread = measure(SYNC, place)
    return Round(first, made, allowed, unchanged, quiet, reread, straight, wide)


def run_straight(world: World, place: Path, latency: float) -> Usage:
    """The straight script."""
    with world.served(latency) as at:
        prepare(place, at, 1)
        command = [sys.executable, "-m", "bench.straight_http", at.hubspot, at.salesforce, str(place / "straight.db")]
        return measure(command, place)


def measure(command: list[str], place: Path) -> Usage:
    """As `bench.run.measure`; the peak is asked of the process itself.

    What the system says at a process's end includes the parent's size at its birth, and this parent holds platforms.
    """
    begin, memory = perf_counter(), 0.0
    with subprocess.Popen(command, cwd=place, stdout=subprocess.DEVNULL, env=environment()) as process:
        while True:
            memory = peak(process.pid) or memory
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Usage(usage.ru_utime + usage.ru_stime, perf_counter() - begin, memory)


def peak(pid: int) -> float:
    """The most that a process has had in memory so far, in MiB; 0 for one that has just ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text("ascii")
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), 0.0)


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one run."""
    place = Path(tempfile.mkdtemp(prefix="baton-bench-"))
    try:
        yield place
    finally:
        shutil.rmtree(place)


def allowance(world: World, database: Path) -> dict[str, int]:
    """The calls of a first run by the formula: pages; unknown / batch look-ups; changed / batch writes, by kind."""
    with closing(sqlite3.connect(database)) as db:
        handed = db.execute("select count(*) from handoffs where state = 'open'").fetchone()[0]
        rows = db.execute("select target, object, count(*) from outbox where state = 'done' group by 1, 2").fetchall()
    portal = world.portal
    forms = [len(journal.all()) for journal in portal.submissions.values()]
    return {
        # Those that are there and those that are archived; the last page may be full, and then another is asked for.
        "contacts": ceil(world.people, 100) + 1,
        "visits": max(1, ceil(len(portal.events.all()), 100)),
        # A slice of a week at least one, and one more where its last page is full.
        "emails": SLICES + len(portal.emails.all()) // 1000,
        "forms": sum(max(1, ceil(number, 50)) for number in forms),
        # Leads and contacts, by address and by number.
        "look-ups": 4 * ceil(handed, 100),
        "writes": sum(ceil(number, BATCHES.get((target, object), 100)) for target, object, number in rows),
    }


def made_calls(counts: Counter[str]) -> dict[str, int]:
    """The same as they were made."""
    routes = {
        "contacts": "hubspot GET /crm/v3/objects/contacts", "visits": "hubspot GET /events/v3/events",
        "emails": "hubspot GET /email/public/v1/events",
        "forms": "hubspot GET /form-integrations/v1/submissions/forms/{id}",
    }  # fmt: skip
    found = {name: counts[route] for name, route in routes.items()}
    found["look-ups"] = max(0, sum(counts[f"salesforce GET /query {name}"] for name in ("Lead", "Contact")) - READ_IN)
    found["writes"] = sum(number for route, number in counts.items() if is_write(route))
    return found


def ceil(number: int, batch: int) -> int:
    """How many batches it takes."""
    return -(-number // batch)


def forget(database: Path) -> None:
    """Forget how far HubSpot was read, so that all of it is read again."""
    with closing(sqlite3.connect(database)) as db:
        db.execute("DELETE FROM cursors WHERE connection = 'hubspot'")
        db.commit()


def report(label: str, rounds: Sequence[Round], latency: float) -> str:
    """One line a size: medians, and ratios within each round."""
    first = median(one.first.cpu for one in rounds)
    cells = [label]
    if all(one.straight for one in rounds):
        ratios = [one.first.cpu / one.straight.cpu for one in rounds if one.straight]
        cells += [f"{median(one.straight.cpu for one in rounds if one.straight):.2f}", f"{first:.2f}"]
        cells += [f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"]
    else:
        cells += ["", f"{first:.2f}", ""]
    cells += [f"{max(one.first.memory for one in rounds):.0f}"]
    cells += [f"{median(one.unchanged.cpu for one in rounds):.2f} ({rounds[0].quiet_calls} calls)"]
    cells += [f"{median(one.reread.cpu / one.first.cpu for one in rounds):.2f}"]
    lines = [f"| {' | '.join(cells)} |"]
    if latency:
        lines += [walls(one) for one in rounds]
    calls = ", ".join(f"{name} {rounds[0].made[name]} of {allowed}" for name, allowed in rounds[0].allowed.items())
    return "\n".join([*lines, f"calls made, of those allowed: {calls}"])


def walls(one: Round) -> str:
    """Wall times beside the straight script's."""
    parts = [f"one cursor {one.first.wall:.1f} s"]
    if one.windows:
        parts.append(f"windows {one.windows.wall:.1f} s")
    if one.straight:
        base = one.straight.wall
        parts = [f"straight {base:.1f} s", *parts, f"one cursor {one.first.wall / base:.2f}x"]
        if one.windows:
            parts.append(f"windows {one.windows.wall / base:.2f}x")
    return "wall: " + ", ".join(parts)


def main() -> None:
    """Run the sizes asked for and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, nargs="+", default=[20_000])
    parser.add_argument("--each", type=int, nargs="+", default=[0, 10])
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--windows", type=int, default=1)
    parser.add_argument("--alone", action="store_true")
    options = parser.parse_args()
    os.environ.update(SECRETS)
    print(f"| {' | '.join(COLUMNS)} |")
    print("|---" * len(COLUMNS) + "|")
    one_round(World(20, 1), 0.0, 1, alone=False)
    for people in options.people:
        for each in options.each:
            world = World(people, each)
            rounds = [
                one_round(world, options.latency, options.windows, alone=options.alone) for _ in range(options.runs)
            ]
            print(report(f"{people:,} x {each}", rounds, options.latency), flush=True)


if __name__ == "__main__":
    main()
