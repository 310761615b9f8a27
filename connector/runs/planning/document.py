"""A plan as a document: for one store only, under the rules it was made under, and signed.

So it is done as it was looked at. A plan of a comparison of both sides (a repair) is made and applied like any other:

    rows = [
        PlannedRow(
            number, "update", target, "lead", our_key, lead_id=…, flow=…, crm_id=…, reason=…, kind=…,
            fields=(PlannedField("Status", old="Open", new="Working"),),
        ),
        …
    ]
    plan = Plan("repair", store_id, runtime.clock(), tuple(rows), versions=versions_of(runtime.config))
    document = sealed(runtime, store_id, plan)

`number` counts rows from 1, each once; `fields` hold what was read there and what shall stand there. A row of a
repair needs no `basis`: it is refused where a field holds neither its `old` value nor its `new` one by then. Only rows
with the action `create` or `update` are written; the others are there to be read.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from hashlib import blake2b, sha256
from secrets import token_hex
from typing import Any

import orjson

from connector.config import Config, Flow
from connector.model.errors import ConfigError
from connector.model.plans import Cost, Plan, PlannedField, PlannedRow
from connector.runs.runtime import Runtime

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

#: The store's word that plans are signed with.
SIGNING = "plan_key"
FOREIGN = N_("this plan was made for another store")
CHANGED = N_("this plan was changed after it was made")
NO_PLAN = N_("not a plan")
_KINDS = ("line", "repair")
_ROW = tuple(one.name for one in fields(PlannedRow))
_BLANK = {one.name: one.default for one in fields(PlannedRow)}


def versions_of(config: Config) -> dict[str, str]:
    """What plans are made under: `criteria:FLOW`, `rules:FLOW`, `mapping:CONNECTION`."""
    found = {f"criteria:{name}": flow.criteria.version for name, flow in config.flows.items()}
    found |= {f"rules:{name}": digest(_rules(flow)) for name, flow in config.flows.items()}
    return found | {f"mapping:{name}": one.mapping.version for name, one in config.connections.items()}


def _rules(flow: Flow) -> list[Any]:
    said = [sorted(flow.fields.items()), sorted(flow.existing.items()), flow.crm, flow.sources]
    return [*said, sorted(flow.orders.items())] if flow.orders else said


def changed_versions(config: Config, plan: Plan) -> list[str]:
    """The names of what is not any more as it was when the plan was made."""
    now = versions_of(config)
    return sorted(name for name in plan.versions.keys() | now.keys() if plan.versions.get(name) != now.get(name))


def digest(said: Any) -> str:
    """A short name of anything that JSON can hold."""
    return blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS, default=str), digest_size=12).hexdigest()


def sealed(runtime: Runtime, store_id: str, plan: Plan) -> dict[str, Any]:
    """The plan as JSON holds it, signed with the store's own key."""
    said = {
        "kind": plan.kind, "store": store_id, "at": plan.at.isoformat(), "flow": plan.flow, "as_live": plan.as_live,
        "asked": plan.asked, "covers": list(plan.covers), "versions": dict(plan.versions),
        "cost": {name: {"calls": dict(one.calls), "seconds": one.seconds, "share": one.share}
                 for name, one in plan.cost.items()},
        "rows": [row_said(row) for row in plan.rows],
    }  # fmt: skip
    return seal(runtime, said)


def opened(runtime: Runtime, store_id: str, document: Any) -> Plan:
    """The plan in a document. Raises ConfigError where it is none, of another store, or was changed."""
    if not isinstance(document, dict) or document.get("kind") not in _KINDS:
        raise ConfigError(NO_PLAN)
    unseal(runtime, store_id, document)
    return Plan(
        document["kind"], document["store"], datetime.fromisoformat(document["at"]),
        tuple(row_read(one) for one in document["rows"]), document["versions"],
        {name: Cost(**one) for name, one in document["cost"].items()}, document["flow"], document["as_live"],
        document["asked"], tuple(document["covers"]),
    )  # fmt: skip


def plan_id(document: Mapping[str, Any]) -> str:
    """The name of a sealed plan, under which is kept how far it was applied."""
    return str(document["signature"])[:32]


def seal(runtime: Runtime, said: dict[str, Any]) -> dict[str, Any]:
    """A document with its signature, by the store's own key, which is made with the first."""
    with runtime.store.write() as tx:
        key = tx.admin.meta(SIGNING)
        if not key:
            key = token_hex(32)
            tx.admin.set_meta(SIGNING, key)
    return {**said, "signature": _signature(said, key)}


def unseal(runtime: Runtime, store_id: str, document: Mapping[str, Any]) -> None:
    """Raises ConfigError where a document is another store's, or is not as it was sealed."""
    if document.get("store") != store_id:
        raise ConfigError(FOREIGN)
    with runtime.store.read() as tx:
        key = tx.admin.meta(SIGNING)
    said = {name: value for name, value in document.items() if name != "signature"}
    try:
        expected = _signature(said, key) if key else ""
    except TypeError:
        # It holds what no plan of ours does: a number of a hundred digits, half of a letter.
        expected = ""
    if not expected or not hmac.compare_digest(str(document.get("signature", "")).encode(), expected.encode()):
        raise ConfigError(CHANGED)


def _signature(said: Mapping[str, Any], key: str) -> str:
    text = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return hmac.new(bytes.fromhex(key), text, sha256).hexdigest()


def row_said(row: PlannedRow) -> dict[str, Any]:
    """A row as JSON holds it: what is blank is left out."""
    said = {name: getattr(row, name) for name in _ROW if getattr(row, name) != _BLANK[name]}
    if row.fields:
        said["fields"] = [{"name": one.name, "old": one.old, "new": one.new, "known": one.known} for one in row.fields]
    return said


def row_read(said: Mapping[str, Any]) -> PlannedRow:
    """What `row_said` said."""
    parts = dict(said)
    parts["fields"] = tuple(PlannedField(**one) for one in said.get("fields", ()))
    for name in ("also", "left_out"):
        parts[name] = tuple(tuple(one) if isinstance(one, list) else one for one in said.get(name, ()))
    return PlannedRow(**parts)
