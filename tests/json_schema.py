"""As much of JSON Schema as our own schemas use: checks an instance, and says which settings it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

#: A setting: the table it stands in (its place in the schema), and its key.
Setting = tuple[str, str]
_TYPES: dict[str, Any] = {
    "string": (str, date),
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
}


class Schema:
    """A schema with its definitions. `seen` gathers the settings that checked instances have."""

    def __init__(self, root: dict[str, Any]) -> None:
        self.root = root
        self.seen: dict[Setting, list[Any]] = {}

    def resolve(self, schema: dict[str, Any], place: str) -> tuple[dict[str, Any], str]:
        """What a `$ref` means, with its own place; other keys beside it are kept."""
        if "$ref" not in schema:
            return schema, place
        found: Any = self.root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return {**found, **{key: value for key, value in schema.items() if key != "$ref"}}, schema["$ref"]

    def errors(self, value: Any, schema: dict[str, Any] | None = None, place: str = "#") -> list[str]:
        """What is wrong with `value`; where nothing is, its settings are added to `seen`."""
        mine, place = self.resolve(self.root if schema is None else schema, place)
        found = list(self._simple(value, mine, place))
        if isinstance(value, dict):
            found += self._table(value, mine, place)
        if isinstance(value, list):
            found += [e for one in value for e in self.errors(one, mine.get("items", {}), place + "/items")]
        for key in ("anyOf", "oneOf"):
            if key in mine and all(self.errors(value, one, f"{place}/{key}/{i}") for i, one in enumerate(mine[key])):
                found.append(f"{place}: {value!r} is none of {key}")
        for one in mine.get("allOf", ()):
            if "if" not in one or not Schema(self.root).errors(value, one["if"]):
                found += self.errors(value, one.get("then", {}), place)
        return found

    def _simple(self, value: Any, schema: dict[str, Any], place: str) -> Iterator[str]:
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        fits = [name for name in types if isinstance(value, _TYPES[name])]
        if types and (not fits or (isinstance(value, bool) and "boolean" not in types)):
            yield f"{place}: {value!r} is no {' or '.join(types)}"
        if "enum" in schema and value not in schema["enum"]:
            yield f"{place}: {value!r} is not in {schema['enum']}"
        if "const" in schema and value is not schema["const"] and value != schema["const"]:
            yield f"{place}: {value!r} is not {schema['const']!r}"
        if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
            yield f"{place}: {value!r} does not match"
        if isinstance(value, int | float) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            yield f"{place}: {value!r} is out of bounds"
        if isinstance(value, list) and len(value) < schema.get("minItems", 0):
            yield f"{place}: too few entries"

    def _table(self, value: dict[str, Any], schema: dict[str, Any], place: str) -> list[str]:
        found = [f"{place}: {key} is missing" for key in schema.get("required", ()) if key not in value]
        properties = schema.get("properties", {})
        for key, inner in value.items():
            if properties.get(key) is False:
                found.append(f"{place}: {key} has no place here")
            elif key in properties:
                own = properties[key] if isinstance(properties[key], dict) else {}
                wrong = self.errors(inner, own, f"{place}/{key}")
                found += wrong
                if not wrong:
                    self.seen.setdefault((place, key), []).append(inner)
            else:
                found += self._other(key, inner, schema, place)
        return found

    def _other(self, key: str, value: Any, schema: dict[str, Any], place: str) -> list[str]:
        """What is wrong with a key that has no schema of its own."""
        patterns = [one for name, one in schema.get("patternProperties", {}).items() if re.search(name, key)]
        found = self.errors(key, schema["propertyNames"], place) if "propertyNames" in schema else []
        for one in patterns or [schema.get("additionalProperties", True)]:
            if one is False:
                found.append(f"{place}: unknown key {key}")
            elif isinstance(one, dict):
                found += self.errors(value, one, f"{place}/*")
        return found

    def settings(self) -> dict[Setting, dict[str, Any]]:
        """Every setting there is, with its schema."""
        found: dict[Setting, dict[str, Any]] = {}
        self._collect(self.root, "#", found, set())
        return found

    def _collect(self, schema: Any, place: str, found: dict[Setting, dict[str, Any]], done: set[str]) -> None:
        if not isinstance(schema, dict):
            return
        mine, place = self.resolve(schema, place)
        if place in done:
            return
        done.add(place)
        for key, one in mine.get("properties", {}).items():
            if isinstance(one, dict):
                found[place, key] = self.resolve(one, place)[0]
                self._collect(one, f"{place}/{key}", found, done)
        for key in ("anyOf", "oneOf"):
            for index, one in enumerate(mine.get(key, ())):
                self._collect(one, f"{place}/{key}/{index}", found, done)
        for one in mine.get("allOf", ()):
            done.discard(place)
            self._collect(one.get("then"), place, found, done)
        self._collect(mine.get("items"), place + "/items", found, done)
        for one in (mine.get("additionalProperties"), *mine.get("patternProperties", {}).values()):
            self._collect(one, f"{place}/*", found, done)
