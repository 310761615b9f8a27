"""Who speaks for the fields of a lead, by its flow."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.config import Config
from connector.model.ports import Transaction
from connector.runs.runtime import Runtime
from connector.steps.sides import Terms


def terms_of(config: Config, flow: str) -> Terms:
    """The terms of a flow; of a lead in none, every source speaks, in the order of the config."""
    own = config.flows.get(flow)
    if own is not None:
        return Terms(own.sources, own.crm, own.fields, orders=own.orders)
    return Terms(tuple(dict.fromkeys(source for one in config.flows.values() for source in one.sources)))


def needs_terms(config: Config) -> bool:
    """Whether several speak for marketing, or a rule asks when something was said: then each word is kept."""
    sources = {source for flow in config.flows.values() for source in flow.sources}
    return len(sources) > 1 or any("newest" in flow.fields.values() for flow in config.flows.values())


#: A change may come into sight so much later than it was made: a search that lags, clocks that differ.
LATE = timedelta(minutes=5)


def note_read(runtime: Runtime, name: str, begun: datetime) -> None:
    """Note that all that a connection had to say by `begun` was read, where a rule asks when something was said.

    What it says otherwise from now on, it says since then.
    """
    flows = runtime.config.flows.values()
    if any(name in (*one.sources, one.crm) and "newest" in one.fields.values() for one in flows):
        with runtime.store.write() as tx:
            tx.ledgers.set_done(_job(name), begun - LATE)


def read_until(tx: Transaction, name: str) -> str:
    """Until when a connection was read for certain, ISO in UTC; "" for nobody knows."""
    at = tx.ledgers.last_done(_job(name))
    return at.astimezone(UTC).isoformat() if at else ""


def _job(name: str) -> str:
    return f"heard:{name}"
