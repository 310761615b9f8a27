"""Configurations that newcomers meet, in the sample and in the READMEs, load as they stand."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

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
