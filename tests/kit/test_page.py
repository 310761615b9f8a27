"""docs/writing-an-adapter.md: its code is the skeleton's, its tables are what is declared and tested."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest

from connector.kit.contract.accepting import AcceptingWorld
from connector.kit.contract.crm import CrmWorld
from connector.kit.contract.publishing import PublishingWorld
from connector.kit.contract.readable import ReadableWorld
from connector.kit.contract.source import SourceWorld
from connector.kit.contract.splitting import DivisibleWorld
from connector.kit.contract.table import CASES, CHAPTERS
from connector.kit.package import package
from connector.model.adapter import CrmCapabilities, SourceCapabilities

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "writing-an-adapter.md").read_text("utf-8")
FILES = package("acme")
WORLDS = (SourceWorld, DivisibleWorld, CrmWorld, ReadableWorld, AcceptingWorld, PublishingWorld)


def table(heading: str, after: str = "") -> list[list[str]]:
    """The rows of the first table with this heading that comes after a text."""
    body = PAGE[PAGE.index(after) :]
    found = re.search(rf"^\| *{re.escape(heading)} *\|.*\n\|[-|]+\n((?:\|.*\n)+)", body, re.MULTILINE)
    assert found, heading
    return [[cell.strip().strip("`") for cell in row.split("|")[1:-1]] for row in found[1].splitlines()]


@pytest.mark.parametrize("block", re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
def test_its_code_is_the_skeletons(block: str) -> None:
    assert block in FILES["baton_acme/__init__.py"]


def test_its_entry_point_is_the_skeletons() -> None:
    assert '[project.entry-points."baton.adapters"]\nacme = "baton_acme"\n' in FILES["pyproject.toml"]
    assert '    [project.entry-points."baton.adapters"]\n    acme = "baton_acme"\n' in PAGE


def test_it_names_every_file() -> None:
    assert [row[0] for row in table("file")] == list(
        dict.fromkeys(sorted(FILES, key=[r[0] for r in table("file")].index))
    )


def unless_said(field: dataclasses.Field[Any]) -> str:
    value = field.default if field.default is not dataclasses.MISSING else field.default_factory()  # type: ignore[operator]
    return repr(value).replace("'", '"')


@pytest.mark.parametrize("kind", [SourceCapabilities, CrmCapabilities])
def test_every_declaration_has_its_line_and_what_holds_unless_said(kind: Any) -> None:
    rows = table("declaration", f"`{kind.__name__}`:")
    assert [row[:2] for row in rows] == [[field.name, unless_said(field)] for field in dataclasses.fields(kind)]


def test_it_counts_the_cases() -> None:
    counted = [[role, chapter, str(len(cases))] for role, found in CHAPTERS.items() for chapter, cases in found.items()]
    assert table("role") == counted
    assert f"Of the skeleton's {sum(map(len, CASES.values()))} lines 49 run." in PAGE


def test_the_cases_and_worlds_that_it_names_are_there() -> None:
    cases = {name for found in CASES.values() for name in found}
    named = [one.replace(" ", "_") for one in re.findall(r"\*([a-z][a-z ]+)\*[,.]", PAGE)]
    assert len(named) == 3
    assert set(named) <= cases
    assert [world.__name__ for world in WORLDS if f"`{world.__name__}`" not in PAGE] == []
    methods = PAGE[PAGE.index("A test gives each case") : PAGE.index("Which of them a case")]
    for name in re.findall(r"`(\w+)`", methods):
        assert any(hasattr(world, name) for world in WORLDS), name


def test_the_places_in_the_base_and_in_the_adapters_are_there() -> None:
    for _, places in table("what", "## What ours share"):
        for place in re.split(r"`?, `?", places):
            assert (ROOT / place).exists(), place
    for _, *columns in table("", "December 2026")[1:]:
        for folder, names in zip(("_clickup", "_hubspot", "_salesforce", "_tryton"), columns, strict=True):
            for name in re.findall(r"\w+", names):
                assert (ROOT / "adapters" / folder / f"{name}.py").exists(), (folder, name)
