"""`baton new-adapter`: what it writes, what it leaves alone, which names it takes."""

from __future__ import annotations

import ast
import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connector.cli.root import baton
from connector.kit.package import package, usable


def command(*words: str) -> Result:
    return CliRunner().invoke(baton, ["new-adapter", *words])


def test_it_writes_a_package_and_leaves_what_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "baton-open_crm").mkdir()
    (tmp_path / "baton-open_crm" / "README.md").write_text("mine")
    result = command("open_crm", "--output", "json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert told["kept"] == ["README.md"]
    assert (tmp_path / "baton-open_crm" / "README.md").read_text() == "mine"
    assert set(told["written"]) | {"README.md"} == set(package("open_crm"))
    project = tomllib.loads((tmp_path / "baton-open_crm" / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["baton.adapters"] == {"open_crm": "baton_open_crm"}


@pytest.mark.parametrize("inside", [False, True])
def test_nothing_of_the_skeletons_name_is_left_and_all_of_it_is_python(inside: bool) -> None:
    for place, text in package("open_crm", inside=inside).items():
        assert "acme" not in (place + text).lower()
        if place.endswith(".py"):
            ast.parse(text)
    assert "class OpenCrmSource" in "".join(package("open_crm", inside=inside).values())


def test_within_baton_it_says_which_line_to_add(tmp_path: Path) -> None:
    result = command("open_crm", str(tmp_path), "--inside")
    assert '"open_crm": Platform(sources={"account": OpenCrmWorld}' in result.output
    assert sorted(str(one.relative_to(tmp_path)) for one in tmp_path.rglob("*.*")) == [
        "adapters/open_crm.py",
        "docs/platforms/open_crm.md",
        "mappings/open_crm.toml",
        "tests/contract/adapters/open_crm_world.py",
    ]


@pytest.mark.parametrize(("name", "said"), [("Acme", "small letters"), ("files", "there is an adapter files already")])
def test_a_name_that_cannot_be_is_a_mistake_of_use(name: str, said: str, tmp_path: Path) -> None:
    result = command(name, str(tmp_path))
    assert result.exit_code == 2
    assert said in result.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "a-b", "1a", "a__b", "_a", "class", "../x", "é", "x" * 41])
def test_names_that_are_none(name: str) -> None:
    assert not usable(name)
