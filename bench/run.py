"""Measure `baton sync` against the straight script: whole processes, in turn, in one run.

    python -m bench.run [--people 100000] [--each 0 10] [--runs 3]

Prints for each size the CPU seconds (user + system) of both, the ratio of the medians, the wall
time and the peak memory, and the CPU of a second `baton sync` in which nothing has changed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
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


def one_round(folder: Path) -> tuple[Usage, Usage, Usage]:
    """The straight script, `baton sync`, and `baton sync` again with nothing changed."""
    python = sys.executable
    clean(folder)
    straight = measure([python, "-m", "bench.straight", str(folder), str(folder / "straight.db")], folder)
    sync = [python, "-m", "connector.cli", "sync"]
    first = measure(sync, folder)
    return straight, first, measure(sync, folder)


def report(people: int, each: int, rounds: list[tuple[Usage, Usage, Usage]]) -> str:
    """One line a size: medians, and the ratio of each pair's CPU."""
    ratios = [first.cpu / straight.cpu for straight, first, _ in rounds]
    straight = statistics.median(one.cpu for one, _, _ in rounds)
    first = statistics.median(one.cpu for _, one, _ in rounds)
    again = statistics.median(one.cpu for _, _, one in rounds)
    wall = statistics.median(one.wall for _, one, _ in rounds)
    memory = max(one.memory for _, one, _ in rounds)
    base_memory = max(one.memory for one, _, _ in rounds)
    return (
        f"| {people:,} x {each} | {straight:.2f} | {first:.2f} | {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}) | {wall:.1f} | {base_memory:.0f} | {memory:.0f} | {again:.2f} |"
    )


def main() -> None:
    """Run the sizes asked for and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--each", type=int, nargs="+", default=[0, 10])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print("| contacts x activities | straight, CPU s | baton sync, CPU s | ratio (min to max) | wall s "
          "| straight MiB | baton MiB | nothing changed, CPU s |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
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
