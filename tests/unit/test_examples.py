"""Configurations that newcomers meet, in the sample and in the READMEs, load as they stand."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from textwrap import dedent
from typing import Any

import pytest

from connector import config
from connector.sandbox import sample

ROOT = Path(__file__).parents[2]
REQUIRED = ("email", "name.family", "company.name", "country")


def blocks(readme: str) -> list[str]:
    """The indented blocks of a page."""
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", (ROOT / readme).read_text("utf-8"), re.MULTILINE)
    return [dedent(block) for block in found]


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_sample_brings_a_configuration_that_loads(tmp_path: Path, language: str) -> None:
    made = sample.write(tmp_path, now=datetime(2026, 12, 7, 8, 0, tzinfo=UTC), language=language)
    loaded = config.load(made.config)
    flow = loaded.flows["b2b"]
    assert (loaded.language, flow.sources, flow.crm, flow.mode) == (language, ("exports",), "desk", "live")
    assert flow.required == REQUIRED
    assert len(loaded.teams) == 2
    assert set(flow.criteria.uses.kinds) <= set(loaded.connections["exports"].mapping.kinds)


def test_the_team_of_the_pages_loads_over_the_sample(tmp_path: Path) -> None:
    sample.write(tmp_path, now=datetime(2026, 12, 7, 8, 0, tzinfo=UTC), language="en")
    copytree(ROOT / "docs" / "examples" / "team", tmp_path, dirs_exist_ok=True)
    loaded = config.load(tmp_path / "config.toml")
    flow = loaded.flows["b2b"]
    assert (flow.mode, set(flow.briefs), len(loaded.library.items)) == ("review", {"", "ja"}, 6)
    assert "mql" in flow.criteria.gates


def test_the_clocks_of_the_pages_load(tmp_path: Path) -> None:
    copytree(ROOT / "docs" / "examples" / "clocks", tmp_path, dirs_exist_ok=True)
    loaded = config.load(tmp_path / "config.toml")
    assert loaded.flows["b2b"].criteria.people_gates["sql"].then == "closers"


@pytest.mark.parametrize("page", ["docs/handoff.md", "docs/ja/handoff.md"])
def test_what_the_pages_show_of_the_examples_stands_there(page: str) -> None:
    files = [ROOT / "docs" / "examples" / name / "config.toml" for name in ("team", "clocks")]
    there = [tomllib.loads(file.read_text("utf-8")) for file in files]
    shown = re.findall(r"^```toml\n(.*?)^```", (ROOT / page).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert shown
    assert [text for text in shown if not any(part_of(tomllib.loads(text), whole) for whole in there)] == []


def part_of(part: Any, whole: Any) -> bool:
    """Whether each key of `part`, down to the last, stands in `whole` with the same value."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and part_of(value, whole[key]) for key, value in part.items())
    return bool(part == whole)


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_first_configuration_of_the_readme_loads(tmp_path: Path, readme: str) -> None:
    (settings,) = [block for block in blocks(readme) if "[connections.exports]" in block]
    (mapping,) = [block for block in blocks(readme) if "[read]" in block]
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "exports.toml").write_text(mapping, "utf-8")
    (tmp_path / "config.toml").write_text(settings, "utf-8")
    loaded = config.load(tmp_path / "config.toml")
    assert loaded.flows["b2b"].mode == "observe"
    assert loaded.flows["b2b"].required == REQUIRED
    assert set(REQUIRED) <= loaded.connections["exports"].mapping.fields


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_the_commands_of_the_readme_exist(readme: str) -> None:
    from connector.cli.root import COMMANDS

    named = {word for block in blocks(readme) for word in re.findall(r"^baton ([a-z]+)", block, re.MULTILINE)}
    assert {"init", "check", "sync", "status", "errors", "why", "plan", "run"} <= named
    assert named <= set(COMMANDS)
