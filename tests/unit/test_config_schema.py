"""The JSON Schemas for editors: complete, described, and of one mind with what is loaded."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

import mappings
from adapters._memory.settings import MemorySettings
from connector.config import mapping_schema, schema
from connector.config.condition_vocabulary import OPERATORS, RULE, SUBJECTS
from connector.steps.conditions import activities as activity_conditions
from connector.steps.conditions import compiler as conditions
from connector.steps.conditions import fields as field_conditions
from connector.steps.scoring import gates, rules
from tests.json_schema import Schema

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def config() -> Schema:
    return Schema(schema())


@pytest.mark.parametrize("document", [schema(), mapping_schema()], ids=["config", "mapping"])
def test_every_key_is_described_and_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    settings = Schema(document).settings()
    assert len(settings) > 60
    bare = [place for place, one in settings.items() if not one.get("description")]
    # The reference adapter's switches are for those who write adapters.
    assert [key for place, key in bare if key not in MemorySettings.model_fields] == []


def test_schemas_are_plain_json_without_null() -> None:
    for document in (schema(), mapping_schema()):
        assert json.loads(json.dumps(document)) == document
        assert "null" not in json.dumps(document)
        assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_a_right_configuration_fits(config: Schema) -> None:
    table = tomllib.loads((DATA / "config" / "config.toml").read_text("utf-8"))
    assert config.errors(table) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("timezon",), "UTC"),
        (("language",), "de"),
        (("flows", "b2b", "mode"), "liv"),
        (("flows", "b2b", "conditions", "ideal"), {"feild": "country"}),
        (("flows", "b2b", "fit", "x"), {"field": "country", "is": "DE"}),
        (("flows", "b2b", "clock", "breach"), ["tell everyone"]),
        (("flows", "b2b", "reasons", "other"), True),
        (("connections", "exports", "type"), "fies"),
        (("connections", "desk", "contacts"), "x.csv"),
        (("teams", "sdr-west", "members"), [{"email": "a@b.example", "wieght": 1}]),
    ],
)
def test_a_wrong_one_does_not(config: Schema, path: tuple[str, ...], value: object) -> None:
    table: dict[str, Any] = tomllib.loads((DATA / "config" / "config.toml").read_text("utf-8"))
    at = table
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    assert config.errors(table) != []


def test_conditions_and_rules_are_described_as_they_are_compiled() -> None:
    subjects = {*conditions._SUBJECTS}
    assert set(SUBJECTS) == subjects
    compiled = {*field_conditions.OPERATORS, *activity_conditions.KEYS, "within", "since"} - subjects
    assert set(OPERATORS) == compiled
    assert set(RULE) == set(rules.KEYS)
    gate_schema = Schema(schema()).settings()
    assert {key for place, key in gate_schema if place.endswith("/gates")} == set(gates.KEYS)


@pytest.mark.parametrize("name", mappings.names())
def test_shipped_mappings_fit_the_schema_of_mappings(name: str) -> None:
    assert Schema(mapping_schema()).errors(tomllib.loads(mappings.shipped(name) or "")) == []


@pytest.mark.parametrize("file", sorted((DATA / "mappings").glob("*.toml")), ids=lambda file: file.stem)
def test_an_admins_mappings_fit_too(file: Path) -> None:
    assert Schema(mapping_schema()).errors(tomllib.loads(file.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    "text",
    [
        "[reed]\nemail = 'x'",
        "[read]\nemial = 'x'",
        "[read]\nemail = { form = 'x' }",
        "[read]\ncompany.employees = { from = 'x', ranges = 'lowest' }",
        "[[activities]]\nevent = 'x'",
        "[[activities]]\nevnt = 'x'\nkind = 'visit'",
        "[write]\nx = { from = 'email', as = 'number' }",
        "[read.stage]\nfield = 'x'\ntable = { a = 'mlq' }",
    ],
)
def test_a_wrong_mapping_does_not_fit(text: str) -> None:
    assert Schema(mapping_schema()).errors(tomllib.loads(text)) != []
