"""Who speaks for the fields of a lead, by its flow."""

from __future__ import annotations

from connector.config import Config
from connector.steps.sides import Terms


def terms_of(config: Config, flow: str) -> Terms:
    """The terms of a flow; of a lead in none, every source speaks, in the order of the config."""
    own = config.flows.get(flow)
    if own is not None:
        return Terms(own.sources, own.crm, own.fields)
    return Terms(tuple(dict.fromkeys(source for one in config.flows.values() for source in one.sources)))


def needs_terms(config: Config) -> bool:
    """Whether several speak for marketing, or a rule asks when something was said: then each word is kept."""
    sources = {source for flow in config.flows.values() for source in flow.sources}
    return len(sources) > 1 or any("newest" in flow.fields.values() for flow in config.flows.values())
