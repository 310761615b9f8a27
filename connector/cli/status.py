"""`baton status`: where everything stands, from the store alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

import click

from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.model.notices import TARGET

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config, Flow
    from connector.model.ports import ReviewItem, Transaction

#: How many of the latest runs, and notices, are shown.
RUNS, NOTICES = 5, 3


@click.command()
@click.option("--routing", is_flag=True, help="Show who is there, whose turn it is, and the ledger, made again.")
@output_option
@pass_session
def status(session: Session, routing: bool) -> None:
    """Where everything stands: leads, handoffs, what waits, what is due, and what went wrong."""
    from connector.cli.status_text import lines
    from connector.model.errors import ConfigError

    try:
        with session.opened() as app:
            found = gather(app, routing)
    except ConfigError:
        if not session.as_json:
            session.note(session.translate("a daemon that runs goes on with the last version that was right"))
        raise
    session.emit(found, lambda: lines(session, found, app.config.zone))


def gather(app: App, routing: bool) -> dict[str, Any]:
    """Everything about the present state, as JSON has it."""
    from connector.cli.standing import standing
    from connector.cli.status_clocks import clocks
    from connector.cli.status_stages import stages
    from connector.runs.forget import UNFINISHED
    from connector.runs.outdated import outdated

    config, now = app.config, app.clock()
    due, stands = next_due(app, now), standing(app, now)
    with app.store.read() as tx:
        found = {
            "at": now,
            "totals": tx.reports.totals(),
            "flows": flows(tx, config, now),
            "open_by_owner": tx.handoffs.open_by_owner(),
            "inactive_owners": inactive_owners(tx, config),
            "outbox": by_target(tx.outbox.counts()),
            "held_up": tx.reports.held_up(),
            "unnamed": unnamed(tx, config),
            "outdated": [
                {"flow": one.flow, "target": one.target, "leads": one.leads, "since": one.since}
                for one in outdated(tx, config)
            ],
            "complete_from": tx.retention.complete_from(),
            "forgotten_in_part": bool(tx.admin.meta(UNFINISHED)),
            "reviews": tx.reviews.counts(),
            "notices": [notice(item) for item in tx.reviews.open("notice", NOTICES)],
            "unmatched": [
                {"connection": connection, "event": event, "count": count}
                for connection, event, count in tx.reports.unmatched_activities()
            ],
            "due_for_scoring": tx.scores.count_due(now),
            "next": due,
            "clocks": clocks(tx, app.runtime(), now),
            "standing_still": stages(tx, config, now),
            "runs": tx.ledgers.runs(RUNS),
            "leases": [{"name": name, "owner": owner, "until": until} for name, owner, until in tx.leases.holders()],
        }
        if routing:
            from connector.cli.status_routing import nobody_there, roster
            from connector.cli.status_routing import routing as rings

            found |= {
                "roster": roster(tx, config),
                "routing": rings(tx, config, now),
                "nobody_there": nobody_there(tx, config),
            }
    return found | stands


def inactive_owners(tx: Transaction, config: Config) -> list[str]:
    """Who has open handoffs and is no active user of a flow's CRM any more: somebody else must take them there."""
    found = set()
    for crm in {flow.crm for flow in config.flows.values()}:
        owners = {config.address_at(crm, email).casefold(): email for email in tx.handoffs.open_by_owner()}
        users = tx.mirror.find(crm, "email", sorted(owners), ("user",))
        found |= {owners[email] for email, those in users.items() if not any(user.active for user in those)}
    return sorted(found)


def notice(item: ReviewItem) -> dict[str, Any]:
    """A notice, as `baton errors` has it."""
    names = ("id", "where", "field", "reason", "seen")
    return {name: getattr(item, name) for name in names} | {"since": item.first_at}


def flows(tx: Transaction, config: Config, now: datetime) -> dict[str, Any]:
    """By flow: mode, stages, handoffs, what has it parked, and the criteria in force."""
    stages, handoffs = tx.reports.stages(), tx.handoffs.counts()
    parked = {item.flow: item.reason for item in tx.reviews.open("parked_flow")}
    waiting = tx.criteria.waiting()
    names = [*config.flows, *sorted({flow for flow, _ in stages} - set(config.flows))]
    found = {}
    for name in names:
        versions = tx.ledgers.criteria(name) if name else []
        found[name] = {
            "stages": {stage: count for (flow, stage), count in stages.items() if flow == name},
            "handoffs": {state: count for (flow, state), count in handoffs.items() if flow == name},
            "parked": parked.get(name),
            "criteria_waiting": waiting.get(name),
            "criteria": versions[0].version if versions else None,
            "criteria_since": versions[0].at if versions else None,
            **(limits(tx, config.flows[name], now) if name in config.flows else {}),
        }
    return found


def limits(tx: Transaction, flow: Flow, now: datetime) -> dict[str, Any]:
    """A flow's mode, its start, and how much of today's limit is used."""
    midnight = datetime.combine(now.astimezone(flow.zone).date(), time.min, flow.zone).astimezone(UTC)
    return {
        "mode": flow.mode,
        "start": flow.start,
        "crm": flow.crm,
        "handoffs_per_day": flow.handoffs_per_day,
        "opened_today": tx.handoffs.opened_since(flow.name, midnight),
    }


def by_target(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """Rows of the outbox by target and state."""
    found: dict[str, dict[str, int]] = {}
    for (target, state), number in counts.items():
        found.setdefault(target, {})[state] = number
    return found


def unnamed(tx: Transaction, config: Config) -> dict[str, int]:
    """Rows that have not ended, by connection that the configuration does not name any more."""
    found: dict[str, int] = {}
    for (target, state), number in tx.outbox.counts().items():
        if target not in (*config.connections, TARGET) and state not in ("done", "superseded", "dropped"):
            found[target] = found.get(target, 0) + number
    return found


def next_due(app: App, now: datetime) -> dict[str, datetime]:
    """When the daemon does each of its jobs next; jobs that are due already say `now`."""
    from connector.cli.due import due_at
    from connector.jobs import jobs

    runtime = app.runtime()
    with app.store.read() as tx:
        known = [job for job in jobs(runtime) if job.ready is None]
        return {job.name: due_at(job, tx.ledgers.last_done(job.name), now, app.config) for job in known}
