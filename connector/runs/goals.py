"""Goals of a configuration: kept when they change, and how far they are."""

from __future__ import annotations

from datetime import datetime

from connector.config import Config
from connector.config.calendars import working_day_test
from connector.insight.deals import Money
from connector.insight.goals import GoalStanding, Terms, goals
from connector.model.ports import Transaction
from connector.runs.runtime import Runtime
from connector.steps.kept_goals import body_of


def keep_goals(tx: Transaction, config: Config, now: datetime) -> list[str]:
    """Keep each goal that changed; returns their names. With none changed nothing is written."""
    return tx.goals.keep({name: body_of(goal) for name, goal in config.goals.items()}, now)


def standing(tx: Transaction, config: Config, now: datetime, period: str = "") -> list[GoalStanding]:
    """How far each goal of a configuration is now, or was in the span that is called `period`."""
    members = {name: frozenset(one.email for one in team.members) for name, team in config.teams.items()}
    terms = Terms(
        config.goals, config.zone, config.fiscal_year_starts, working_day_test(config),
        Money(config.currency.report_in, config.currency.rates), members,
    )  # fmt: skip
    return goals(tx, terms, now, period)


def keep_what_changed(runtime: Runtime) -> None:
    """Keep each goal that changed since a run looked; a store that nobody writes to is only read."""
    wanted = {name: body_of(goal) for name, goal in runtime.config.goals.items()}
    with runtime.store.read() as tx:
        kept = {one.goal: one.body for one in tx.goals.versions()}
    if {name: body for name, body in kept.items() if body} != wanted:
        with runtime.store.write() as tx:
            keep_goals(tx, runtime.config, runtime.clock())
