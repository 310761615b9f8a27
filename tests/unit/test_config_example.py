"""config.example.toml and what `baton init` writes: complete, and right as they stand."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.config import load, schema
from connector.config.template import starter
from tests.json_schema import Schema

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"

#: The reference adapter is for those who write adapters; its switches are told in its own page.
NOT_FOR_ADMINS = "memory"


@pytest.fixture(scope="module")
def example() -> Schema:
    """The schema, after it has seen the example."""
    whole = schema()
    types = whole["$defs"]["ConnectionSettings"]["allOf"]
    types[:] = [one for one in types if one["if"]["properties"]["type"]["const"] != NOT_FOR_ADMINS]
    seen = Schema(whole)
    assert seen.errors(tomllib.loads(EXAMPLE.read_text("utf-8"))) == []
    return seen


def test_every_setting_stands_in_the_example(example: Schema) -> None:
    spoken_of = EXAMPLE.read_text("utf-8")
    missing = [
        f"{place}.{key}"
        for place, key in example.settings()
        if (place, key) not in example.seen and not _is_word_of_conditions(place, key, spoken_of)
    ]
    assert missing == []


def _is_word_of_conditions(place: str, key: str, text: str) -> bool:
    """Operators are listed in a comment; not each is worth a condition of its own."""
    listed = [line for line in text.splitlines() if line.startswith("#   ")]
    return place.startswith(("#/$defs/condition", "#/$defs/rule")) and any(f" {key} " in f" {line} " for line in listed)


def test_what_has_a_default_shows_it(example: Schema) -> None:
    differing = {}
    for place, one in example.settings().items():
        default, seen = one.get("default"), example.seen.get(place, [])
        if default and not _is_of_names(one) and default not in seen:
            differing[place] = (default, seen)
    assert differing == {}


def _is_of_names(one: dict[str, Any]) -> bool:
    """A table whose keys are an admin's own: the example shows some."""
    return isinstance(one.get("additionalProperties"), dict) and one.get("default") == {}


def test_what_has_no_default_says_so_or_is_needed(example: Schema) -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    for place, key in _optional(example):
        said = [line for line in lines if key in line and ("Default:" in line or "default" in line)]
        explained = [
            line for line in lines if line.strip().startswith((f"{key} ", f'"{key}"', f"[{key}")) and "#" in line
        ]
        assert said or explained, (place, key)


def _optional(example: Schema) -> Iterator[tuple[str, str]]:
    for (place, key), one in example.settings().items():
        if not one.get("default") and "/$defs/" not in place:
            yield place, key


def test_the_example_loads(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_bytes(EXAMPLE.read_bytes())
    for name in ("mappings/exports.toml", "lists/competitors.txt", "briefs/b2b.txt"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("")
    config = load(tmp_path / "config.toml")
    assert list(config.flows) == ["b2b", "rest"]
    assert "other" not in config.flows["b2b"].reasons


def test_what_init_writes_loads_as_it_is(tmp_path: Path) -> None:
    for name, text in starter().items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    config = load(tmp_path / "config.toml")
    flow = config.flows["main"]
    assert (flow.sources, flow.crm, flow.mode) == (("exports",), "desk", "observe")
    assert config.connections["exports"].settings.contacts.files == ["exports/contacts.csv"]
    assert config.connections["exports"].mapping.columns["email"]


def test_what_init_shows_as_comments_is_right_too(tmp_path: Path) -> None:
    for name, text in starter().items():
        shown = [
            line.removeprefix("# ") if " = " in line or line.startswith("# [") else line for line in text.splitlines()
        ]
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("\n".join(shown).replace("  # {", "  {"), "utf-8")
    config = load(tmp_path / "config.toml")
    assert config.connections["exports"].settings.activities.files == ["exports/activities.csv"]
    assert config.flows["main"].handoffs_per_day == 20
    assert len(config.flows["main"].routing.rules) == 2
    assert config.connections["exports"].mapping.columns["job_title"] == ("Position",)
