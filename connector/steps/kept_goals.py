"""A goal as text that is kept, and the goal that a text says."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from connector.model.goals import Goal


def body_of(goal: Goal) -> str:
    """All of a goal but its name; what it does not say is left out, so that a new kind of setting changes no text."""
    table = {field.name: getattr(goal, field.name) for field in dataclasses.fields(goal) if field.name != "name"}
    said = {name: _plain(value) for name, value in table.items() if value not in (None, "", False, {})}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: list(values) for key, values in value.items()}
    return list(value) if isinstance(value, tuple) else value


def goal_of(name: str, body: str) -> Goal:
    """The goal that a kept text says."""
    said = json.loads(body)
    for key in ("begins", "ends"):
        said[key] = date.fromisoformat(said[key]) if key in said else None
    said["of"] = tuple(said["of"])
    said["where"] = {part: tuple(values) for part, values in said.get("where", {}).items()}
    return Goal(name=name, **said)
