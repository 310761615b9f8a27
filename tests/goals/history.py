"""A store with half a year of leads, and a configuration with goals over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.config import Config, load
from connector.insight.goals import GoalStanding
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Store
from connector.model.stages import Transition
from connector.runs.goals import keep_goals, standing
from state import open_store

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
#: A Wednesday noon in Berlin: of November's 21 working days 12 and a half are over.
NOW = datetime(2026, 11, 18, 11, tzinfo=UTC)
CONFIG = """\
version  = 1
timezone = "Europe/Berlin"
currency = {{ report_in = "EUR", USD = 0.5 }}
fiscal_year_starts = "February"
[connections.portal]
type = "memory"
[teams.dach]
members = [{{ email = "lena@shop.example" }}]
hours   = {{ Mon-Fri = "09:00-17:00" }}
[teams.west]
members = [{{ email = "ines@shop.example" }}]
[flows.b2b]
sources = ["portal"]
crm     = "portal"
routing = {{ order = [{{ to = "dach" }}] }}
[goals]
{goals}
"""
#: By month: how many became an MQL.
MONTHS = {"2026-05": 3, "2026-06": 20, "2026-07": 24, "2026-08": 22, "2026-09": 26, "2026-10": 18, "2026-11": 12}


def configured(folder: Path, goals: str) -> Config:
    (folder / "config.toml").write_text(CONFIG.format(goals=goals), "utf-8")
    return load(folder / "config.toml")


def goal(said: str, name: str = "G") -> str:
    return f'"{name}" = {{ {said}, owner = "petra@shop.example" }}\n'


@contextmanager
def kept(place: str | Path) -> Iterator[Store]:
    store = open_store(place)
    yield store
    store.close()


def fill(store: Store) -> None:
    """Every second lead of search, every tenth won after 20 days; one of three has 300 people."""
    number = 0
    with store.write() as tx:
        for month, count in MONTHS.items():
            first = datetime.fromisoformat(f"{month}-02T08:00:00+00:00")
            for place in range(count):
                add(tx, number, first + place * 16 * HOUR)
                number += 1


def add(tx: Any, number: int, entered: datetime) -> Lead:
    won = number % 10 == 0
    fields: dict[str, Any] = {
        "source": "fair" if number % 2 else "search", "company.employees": 300 if number % 3 == 0 else 30,
    }  # fmt: skip
    if won:
        fields |= {
            "opportunity.id": f"d{number}", "opportunity.amount": 1000.0, "opportunity.currency":
            ("EUR", "USD", "CHF", "")[number // 10 % 4],
        }  # fmt: skip
    owner = "lena@shop.example" if number % 4 else "ines@shop.example"
    lead = Lead(fields=fields, stage="won" if won else "mql", flow="b2b", owner=owner)
    tx.intake.add_leads([lead], entered)
    moves = [("mql", entered)] + ([("won", entered + 20 * DAY)] if won and entered + 20 * DAY <= NOW else [])
    tx.scores.add_transitions(
        [Transition(lead.id, "b2b", None, stage, at, "baton", "x") for stage, at in moves]  # type: ignore[arg-type]
    )
    answered = number % 5 != 0
    took = (number % 7 + 1) * HOUR
    tx.handoffs.add(
        [
            Handoff(
                lead.id, "b2b", "mql", "open", entered, "v", owner=owner, team="dach" if number % 4 else "west",
                opened_at=entered, due_at=entered + 4 * HOUR, contacted_at=entered + took if answered else None,
                worked=int(took.total_seconds()) // 2 if answered else None,
            )
        ]
    )  # fmt: skip
    return lead


def asked(store: Store, config: Config, now: datetime = NOW, period: str = "") -> Sequence[GoalStanding]:
    with store.read() as tx:
        return standing(tx, config, now, period)


def asked_and_kept(store: Store, config: Config, now: datetime = NOW, period: str = "") -> Sequence[GoalStanding]:
    with store.write() as tx:
        keep_goals(tx, config, now)
    return asked(store, config, now, period)
