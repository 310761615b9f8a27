"""Measure `baton sync` against the straight script: whole processes, in turn, in one run.

    python -m bench.run [--people 100000] [--each 0 10] [--runs 3]

Prints for each size, as medians over the rounds: the CPU seconds (user + system) of both, their
ratio round by round, wall time and peak memory of the first run; then the CPU of a run in which
nothing has changed, of one whose files were rewritten with the same bytes, and the CPU of reading
everything again (its place forgotten, nothing changed) as a ratio to the first run.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.generate import write_activities, write_contacts

CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"

[connections.exports]
type = "files"
contacts = "contacts.csv"
{activities}
mapping = "mapping.toml"
[connections.desk]
type = "desk"

[teams.sales]
members = [
  {{ email = "lena@northwind.example" }}, {{ email = "tom@northwind.example" }}, {{ email = "ines@northwind.example" }},
]

[flows.b2b]
sources = ["exports"]
crm = "desk"
mode = "live"
[flows.b2b.routing]
order = [{{ to = "sales" }}]
"""
MAPPING = """\
[contact]
id = "id"
modified_at = "modified_at"

[read]
email = "email"
"name.given" = "first_name"
"name.family" = "last_name"
phone = { from = "phone", as = "phone" }
mobile = { from = "mobile", as = "phone" }
job_title = "job_title"
"company.name" = "company"
"company.employees" = { from = "employees", as = "integer", ranges = "low" }
"company.industry" = "industry"
country = { from = "country", as = "country" }
city = "city"
postal_code = "postal_code"
source = "source"
medium = "medium"
campaign = "campaign"
landing_page = "landing_page"
language = "language"
"consent.email" = { from = "opted_out", as = "boolean", true = ["no"], false = ["yes"] }

[event]
id = "event_id"
person = "contact_id"
at = "at"
event = "event"
page = "url"
seconds = "seconds"
campaign = "campaign"

[[activities]]
event = "page_view"
page = "*/pricing*"
kind = "pricing_view"
[[activities]]
event = "page_view"
kind = "page_view"
[[activities]]
event = "download"
page = "*/case-studies/*"
kind = "download"
topic = "case-study"
[[activities]]
event = "email_open"
kind = "email_open"
[[activities]]
event = "email_click"
kind = "email_click"
[[activities]]
event = "webinar_attend"
kind = "webinar_attend"
[[activities]]
event = "demo_request"
kind = "demo_request"
"""


COLUMNS = (
    "contacts x activities", "straight, CPU s", "baton sync, CPU s", "ratio (min to max)", "wall s", "straight MiB",
    "baton MiB", "nothing changed, CPU s", "same files rewritten, CPU s", "read again / first",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Usage:
    """What the operating system says of one finished process: seconds and mebibytes."""

    cpu: float
    wall: float
    memory: float


def measure(command: list[str], folder: Path) -> Usage:
    """Run a command to its end; raises CalledProcessError where it fails."""
    begin = time.perf_counter()
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, env=environment()) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Usage(usage.ru_utime + usage.ru_stime, time.perf_counter() - begin, usage.ru_maxrss / 1024)


def environment() -> dict[str, str]:
    """The environment with this project importable, and its bytecode kept as on any user's machine."""
    own = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return own | {"PYTHONPATH": str(Path(__file__).resolve().parent.parent)}


def prepare(folder: Path, people: int, each: int) -> None:
    """Write the input and the configuration."""
    write_contacts(folder / "contacts.csv", people)
    if each:
        write_activities(folder / "activities.csv", people, each)
    activities = 'activities = "activities.csv"' if each else ""
    (folder / "config.toml").write_text(CONFIG.format(activities=activities), "utf-8")
    (folder / "mapping.toml").write_text(MAPPING, "utf-8")


def clean(folder: Path) -> None:
    """Remove the databases of an earlier run."""
    for path in folder.glob("*.db*"):
        path.unlink()


def forget(folder: Path) -> None:
    """Forget how far every file was read, so that all of it is read again."""
    database = sqlite3.connect(folder / "baton.db")
    database.execute("DELETE FROM cursors")
    database.commit()
    database.close()


def rewrite(folder: Path) -> None:
    """Write the same bytes into the exports once more, as a nightly export does."""
    for path in folder.glob("*.csv"):
        path.write_bytes(path.read_bytes())


@dataclass(frozen=True, slots=True)
class Round:
    """The straight script and Baton on the same input, one after the other."""

    straight: Usage
    first: Usage
    unchanged: Usage
    rewritten: Usage
    reread: Usage


def one_round(folder: Path) -> Round:
    """Run both on fresh databases, and Baton again with nothing new."""
    sync = [sys.executable, "-m", "connector.cli", "sync"]
    clean(folder)
    straight = measure([sys.executable, "-m", "bench.straight", str(folder), str(folder / "straight.db")], folder)
    first = measure(sync, folder)
    unchanged = measure(sync, folder)
    rewrite(folder)
    rewritten = measure(sync, folder)
    forget(folder)
    return Round(straight, first, unchanged, rewritten, measure(sync, folder))


def median(values: Iterable[float]) -> float:
    """The middle one: neither a slow nor a lucky run moves it."""
    return statistics.median(list(values))


def report(people: int, each: int, rounds: Sequence[Round]) -> str:
    """One line a size: medians, and ratios within each round."""
    ratios = [one.first.cpu / one.straight.cpu for one in rounds]
    cells = [
        f"{people:,} x {each}",
        f"{median(one.straight.cpu for one in rounds):.2f}",
        f"{median(one.first.cpu for one in rounds):.2f}",
        f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        f"{median(one.first.wall for one in rounds):.1f}",
        f"{max(one.straight.memory for one in rounds):.0f}",
        f"{max(one.first.memory for one in rounds):.0f}",
        f"{median(one.unchanged.cpu for one in rounds):.2f}",
        f"{median(one.rewritten.cpu for one in rounds):.2f}",
        f"{median(one.reread.cpu / one.first.cpu for one in rounds):.2f}",
    ]
    return f"| {' | '.join(cells)} |"


def warm_up() -> None:
    """Run both once on little, so that modules are compiled and in the system's cache."""
    with tempfile.TemporaryDirectory(prefix="baton-bench-") as name:
        prepare(Path(name), 10, 1)
        one_round(Path(name))


def main() -> None:
    """Run the sizes asked for and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--each", type=int, nargs="+", default=[0, 10])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"| {' | '.join(COLUMNS)} |")
    print("|---" * len(COLUMNS) + "|")
    warm_up()
    for people in options.people:
        for each in options.each:
            folder = Path(tempfile.mkdtemp(prefix="baton-bench-"))
            try:
                prepare(folder, people, each)
                print(report(people, each, [one_round(folder) for _ in range(options.runs)]), flush=True)
            finally:
                shutil.rmtree(folder)


if __name__ == "__main__":
    main()
