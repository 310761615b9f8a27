"""How each connection stands: its account's limits, what fails, how far its CRM is read in, what waits, what ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from connector.insight.forecast import Limit, Out, forecast, limits
from connector.model.errors import BatonError

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.adapter import CrmCapabilities
    from connector.model.ports import BudgetLine, Transaction


def standing(app: App, now: datetime) -> dict[str, Any]:
    """By connection, and what fails beside them."""
    # Before the transaction: a CRM that is made now opens one of its own.
    told = {name: capabilities(app, name) for name in app.config.connections}
    endings = app.endings()
    with app.store.read() as tx:
        found = {name: connection(app, tx, name, told[name], now) for name in app.config.connections}
        return {"connections": found, "failing": failures(tx), "endings": endings}


def failures(tx: Transaction) -> list[dict[str, Any]]:
    """What fails at present, the longest first."""
    from connector.runs.failing import failing

    return [asdict(one) | {"connection": one.connection} for one in failing(tx)]


def connection(app: App, tx: Transaction, name: str, told: CrmCapabilities | None, now: datetime) -> dict[str, Any]:
    """One connection; `told` is what it can do as a CRM."""
    from connector.app import account_key

    account = account_key(app.config.connections[name])
    lines = tx.budgets.standing(account)
    until = max((line.parked_until for line in lines if line.parked_until), default=None)
    parked = until if until and until > now else None
    found = limits(app.rates(name), lines, now)
    waiting = {(object, lane): count for (target, object, lane), count in tx.reports.waiting_rows().items()
               if target == name}  # fmt: skip
    return {
        "type": app.config.connections[name].type,
        "account": app.config.connections[name].account or tx.admin.meta(f"account:{name}"),
        "limits": [one for one in map(_limit, found) if one["rate"] in _counted(lines)],
        "parked_until": parked,
        "waiting": [_out(one) for one in forecast(waiting, batch_sizes(told), found, now, parked)],
        **(read_in(tx, name) if is_read(app, name, told) else {}),
    }


def read_in(tx: Transaction, name: str) -> dict[str, Any]:
    """When all of a CRM was first read, None for not yet, and how many records the mirror has of it."""
    from connector.runs.read_in import read_in_key

    since = tx.admin.meta(read_in_key(name))
    return {"read_in": datetime.fromisoformat(since) if since else None, "records": tx.mirror.counts(name)}


def is_read(app: App, name: str, told: CrmCapabilities | None) -> bool:
    """Whether a connection is some flow's CRM, and one that can be read."""
    return told is not None and bool(told.streams) and any(flow.crm == name for flow in app.config.flows.values())


def capabilities(app: App, name: str) -> CrmCapabilities | None:
    """What a connection can do as a CRM; None where it is none, or cannot say now."""
    from connector.platforms import adapter

    if adapter(app.config.connections[name].type).crm is None:
        return None
    try:
        return app.crm(name).capabilities
    except BatonError:
        return None


def batch_sizes(told: CrmCapabilities | None) -> dict[str, int]:
    """How many rows of an object go in one call."""
    return {object: told.of(object).max_batch for object in told.objects} if told else {}


def _counted(lines: Sequence[BudgetLine]) -> set[str]:
    return {line.rate for line in lines}


def _limit(one: Limit) -> dict[str, Any]:
    seconds = one.rate.seconds
    return {
        "rate": one.rate.name, "used": one.used, "limit": one.limit, "seconds": seconds,
        "until": one.until, "since": one.until - timedelta(seconds=seconds),
    }  # fmt: skip


def _out(one: Out) -> dict[str, Any]:
    from connector.model.outbox import LANES

    lane = next((name for name, number in LANES.items() if number == one.lane), str(one.lane))
    return {"lane": lane, "rows": one.rows, "calls": one.calls, "out_at": one.at}
