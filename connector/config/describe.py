"""The JSON Schema of `config.toml`, so that an editor can complete and explain each key."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticOmit

from connector import platforms
from connector.config.condition_vocabulary import DEFINITIONS, NAMED
from connector.config.settings import ConnectionSettings, Settings
from connector.model.adapter import Adapter

log = logging.getLogger("baton.config")

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _WhatTomlCanSay(GenerateJsonSchema):
    """Leaves out settings that only a program can give."""

    def handle_invalid_for_json_schema(self, schema: Any, error_info: str) -> Any:  # noqa: ARG002
        raise PydanticOmit


def config_schema() -> dict[str, Any]:
    """The JSON Schema of `config.toml`, with the settings of every adapter that is installed."""
    schema = Settings.model_json_schema()
    schema["$defs"] |= DEFINITIONS
    schema["$defs"]["ConnectionSettings"] = _connection(schema["$defs"])
    written: dict[str, Any] = as_written(schema)
    return {"$schema": DIALECT, "title": "config.toml", **{key: written[key] for key in written if key != "title"}}


def _connection(definitions: dict[str, Any]) -> dict[str, Any]:
    """A connection: what all have, and for each type what its platform adds."""
    adapters, faults = platforms.loadable()
    for fault in faults:
        log.warning("left out: %s", fault)
    base = definitions["ConnectionSettings"]
    common = base["properties"] | {"type": {**base["properties"]["type"], "enum": list(adapters)}}
    return {
        "type": "object",
        "description": base["description"],
        "required": base["required"],
        "properties": common,
        "allOf": [_of_type(name, one, definitions) for name, one in adapters.items()],
    }


def _of_type(name: str, adapter: Adapter, definitions: dict[str, Any]) -> dict[str, Any]:
    own = adapter.settings.model_json_schema(schema_generator=_WhatTomlCanSay)
    definitions |= own.get("$defs", {})
    allowed = {**own["properties"], **dict.fromkeys(ConnectionSettings.model_fields, True)}
    then = {"properties": allowed, "required": own.get("required", []), "additionalProperties": False}
    return {"if": {"properties": {"type": {"const": name}}}, "then": then}


def as_written(schema: Any) -> Any:
    """A schema for TOML: references put in, no null (TOML has none), no generated titles."""
    if isinstance(schema, list):
        return [as_written(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {key: as_written(value) for key, value in schema.items() if not _is_noise(key, value)}
    if NAMED in kept:
        kept["$ref"] = f"#/$defs/{kept.pop(NAMED)}"
    choices = [one for one in kept.get("anyOf", ()) if one != {"type": "null"}]
    if "anyOf" in kept and len(choices) == 1:
        del kept["anyOf"]
        return {**choices[0], **kept}
    return {**kept, "anyOf": choices} if choices else kept


def _is_noise(key: str, value: Any) -> bool:
    return (key == "title" and isinstance(value, str)) or (key == "default" and value is None) or key == "discriminator"
