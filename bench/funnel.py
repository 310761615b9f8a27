"""How long the funnel of a large store takes: python -m bench.funnel (see README.md).

An invented store of 100,000 leads and a million moves between stages, shaped like a funnel: all become an MQL, three
of five are accepted, and so on; the rest of the moves are in and out of the nurture band, rejections and rounds. A
straight script asks the same file for the same counts and lengths with `sqlite3` alone, without the index, the
intervals, the order of stages or anything that is doubtful.
"""

from __future__ import annotations

import argparse
import gc
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connector.insight.funnel_report import Question, report
from state import open_store
from state.ways import FILL

WAY = ("mql", "sal", "sql", "opportunity", "won")
#: Of those at a stage, how many come to the next.
ON = (0.6, 0.6, 0.5, 0.35)
DAY = 86_400_000_000
BEGIN = 1_700_000_000_000_000
NOW = datetime(2026, 11, 23, tzinfo=UTC)
SOURCES = ("organic", "paid", "social", "referral", "email", "event")
ADD_MOVE = (
    "INSERT INTO transitions (id, lead_id, flow, origin, stage, at, moved_by, why, version, total, grade) "
    "VALUES (?, ?, 'b2b', '', ?, ?, 'baton', 'the MQL gate is passed', ?, 55, 'B2')"
)
BODY = (
    '{{"fields":{{"email":"p{0}@firm{0}.example","name.full":"Person {0}","source":"{1}","persona":"{2}",'
    '"company.name":"Firm {0} GmbH","company.employees":{3}}},"said":[["portal","2026-01-01T00:00:00+00:00",null]]}}'
)


def moves_of(count: int, chance: random.Random) -> Iterator[tuple[str, int]]:
    """So many moves of one lead, in order of time."""
    at, way = BEGIN + chance.randrange(700 * DAY), ["mql"]
    for stage, share in zip(WAY[1:], ON, strict=True):
        if chance.random() > share:
            break
        way.append(stage)
    before = ["known", "warm"] * ((count - len(way)) // 4 + 1)
    after = ["rejected", "known", "warm", "mql"] * count
    for stage in [*before, *way, *after][:count]:
        yield stage, at
        at += int(chance.lognormvariate(0, 1.2) * DAY)


def build(folder: Path, leads: int, each: int) -> Path:
    """A store as Baton makes it, with rows as Baton writes them, in the order of time."""
    path = folder / "baton.db"
    open_store(path).close()
    chance = random.Random(9)
    moves = sorted((at, lead, stage) for lead in range(1, leads + 1) for stage, at in moves_of(each, chance))
    last = {lead: stage for _, lead, stage in moves}
    with sqlite3.connect(path) as store:
        store.executemany(
            "INSERT INTO leads (id, body, created_at, changed_at) VALUES (?, ?, ?, ?)",
            ((n, BODY.format(n, chance.choice(SOURCES), n % 4, n % 700), BEGIN, BEGIN) for n in range(1, leads + 1)),
        )
        store.executemany(
            "INSERT INTO standings (lead_id, stage, flow, owner, score) VALUES (?, ?, 'b2b', ?, ?)",
            ((n, last[n], f"rep{n % 20}@shop.example", '{"points":"' + "x" * 400 + '"}') for n in range(1, leads + 1)),
        )
        store.executemany(
            ADD_MOVE, ((n, lead, stage, at, f"{lead % 3}" * 64) for n, (at, lead, stage) in enumerate(moves, 1))
        )
        store.executemany(
            "INSERT INTO handoffs (id, lead_id, flow, stage, state, decided_at, opened_at, contacted_at, brief) "
            "VALUES (?, ?, 'b2b', 'mql', 'open', ?, ?, ?, ?)",
            ((n, n, BEGIN, BEGIN, BEGIN + n * 1_000_000, "brief " * 200) for n in range(1, leads + 1, 2)),
        )
        store.execute(FILL.format(of=""))
    store.close()
    return path


def straight(path: Path) -> dict[str, Any]:
    """The same counts and lengths as somebody would ask for them in an afternoon."""
    store = sqlite3.connect(path)
    firsts: dict[int, dict[str, int]] = {}
    text = "SELECT lead_id, stage, min(at) FROM transitions NOT INDEXED GROUP BY lead_id, stage"
    for lead, stage, at in store.execute(text):
        firsts.setdefault(lead, {})[stage] = at
    found: dict[str, Any] = {}
    for one, other in pairwise(WAY):
        days = [(row[other] - row[one]) / DAY for row in firsts.values() if one in row and other in row]
        found[one] = sum(one in row for row in firsts.values()), statistics.quantiles(days, n=20)
    store.close()
    return found


def timed(what: Callable[[], Any], runs: int) -> tuple[float, float]:
    """CPU and wall seconds, the median of some runs."""
    cpu, wall = list[float](), list[float]()
    for _ in range(runs):
        begins = time.process_time(), time.perf_counter()
        what()
        cpu.append(time.process_time() - begins[0])
        wall.append(time.perf_counter() - begins[1])
    return statistics.median(cpu), statistics.median(wall)


def main() -> None:
    """Build, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leads", type=int, default=100_000)
    parser.add_argument("--each", type=int, default=10, help="moves of each lead")
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    gc.set_threshold(50_000, 20, 100)  # as the command does
    with tempfile.TemporaryDirectory() as folder:
        path = build(Path(folder), given.leads, given.each)
        store = open_store(path)

        def ask(**what: Any) -> Callable[[], None]:
            def asked() -> None:
                with store.read() as tx:
                    report(tx, Question(**what), NOW, ZoneInfo("Europe/Berlin"))

            return asked

        base = timed(lambda: straight(path), given.runs)
        print(
            f"{given.leads:,} leads, {given.leads * given.each:,} moves; median of {given.runs}, CPU s / wall s / ratio"
        )
        print(f"{'straight script':28} {base[0]:6.2f} {base[1]:6.2f}")
        for name, what in (
            ("the whole funnel, any order", {"definition": "any"}),
            ("the whole funnel, strict", {}),
            *((f"strict, by {by}", {"by": by}) for by in ("cohort", "owner", "version", "source", "type")),
        ):
            cpu, wall = timed(ask(**what), given.runs)
            print(f"{name:28} {cpu:6.2f} {wall:6.2f} {cpu / base[0]:6.2f}")
        store.close()


if __name__ == "__main__":
    main()
