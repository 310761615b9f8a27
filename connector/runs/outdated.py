"""Which mappings and field rules were changed and were not applied to everything yet.

What a flow writes to its CRM, and to each of its sources, follows from the `[write]` of the mapping there and from the
flow's rules (`[flows.NAME.fields]`). A change of either takes effect for a lead with its next change; for all the
others a plan makes it, and says `mark_applied` once every one of its rows is done with, in the transaction of the
last one:

    with store.write() as tx:
        mark_applied(tx, config, flow, target)

What was never noted counts as applied: `note_versions` (with each run) notes what is new, and since when it is so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from connector.config import Config, Flow
from connector.model.lead import CONTACT
from connector.model.ports import Transaction


@dataclass(frozen=True, slots=True)
class Outdated:
    """A flow and a connection that it writes to, and how many of its leads there were not written since `since`.

    `since` is when the change was noted, None where no run has seen it yet.
    """

    flow: str
    target: str
    leads: int
    since: datetime | None


def outdated(tx: Transaction, config: Config) -> list[Outdated]:
    """Flows and targets whose mapping or rules have changed, and whose leads may still carry what was said before."""
    found = []
    for flow, target in _written(config):
        said = tx.admin.meta(_name(flow.name, target))
        applied, changed, since = json.loads(said) if said else ("", "", "")
        if not said or applied == version(config, flow, target):
            continue
        # Nobody has noted it as yet: what stands there was written before.
        begun = datetime.fromisoformat(since) if since and changed == version(config, flow, target) else None
        leads = tx.outbox.not_written_since(target, flow.name, begun)
        if leads:
            found.append(Outdated(flow.name, target, leads, begun))
    return found


def note_versions(tx: Transaction, config: Config, now: datetime) -> None:
    """Note what is new, and since when what differs from what was applied is so. Writes nothing where nothing is."""
    for flow, target in _written(config):
        name, newest = _name(flow.name, target), version(config, flow, target)
        said = tx.admin.meta(name)
        applied, changed, since = json.loads(said) if said else (newest, newest, "")
        if applied == newest:
            changed, since = newest, ""
        elif changed != newest:
            changed, since = newest, now.isoformat()
        text = json.dumps([applied, changed, since])
        if text != said:
            tx.admin.set_meta(name, text)


def mark_applied(tx: Transaction, config: Config, flow: str, target: str) -> None:
    """Everything that the flow has there is as the mapping and the rules say now."""
    newest = version(config, config.flows[flow], target)
    tx.admin.set_meta(_name(flow, target), json.dumps([newest, newest, ""]))


def version(config: Config, flow: Flow, target: str) -> str:
    """A digest of what decides what the flow writes to `target`: its `[write]`, and who wins there."""
    said = [config.connections[target].mapping.write_version, sorted(flow.fields.items()), *sorted(flow.orders.items())]
    return blake2b(json.dumps(said).encode(), digest_size=8).hexdigest()


def _written(config: Config) -> Iterator[tuple[Flow, str]]:
    for flow in config.flows.values():
        if flow.mode == "observe":
            continue
        yield flow, flow.crm
        for source in flow.sources:
            if source != flow.crm and config.connections[source].mapping.written(CONTACT):
                yield flow, source


def _name(flow: str, target: str) -> str:
    return f"applied:{flow}:{target}"
