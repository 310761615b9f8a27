"""The suite is whole: every adapter has its line, its mapping and its page, and every case runs somewhere."""

import shutil
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from connector.kit.contract.table import CASES, CHAPTERS, Platform
from connector.kit.whole import missing
from connector.platforms import shipped
from tests.contract.adapters.page import PAGE, page
from tests.contract.adapters.platforms import PLATFORMS
from tests.contract.adapters.table import TABLE

ROOT = Path(__file__).parents[3]


def lacking(platforms: Mapping[str, Platform], root: Path = ROOT) -> list[str]:
    """What the adapters of this tree lack, and the lines that nobody has an adapter for."""
    foreign = [f"{name}: a line, and no adapter" for name in sorted(platforms.keys() - set(shipped()))]
    pages, ours = root / "docs" / "platforms", root / "mappings"
    return foreign + [
        one
        for name in shipped()
        for one in missing(name, platforms.get(name), mapping=ours / f"{name}.toml", page=pages / f"{name}.md")
    ]


def test_every_adapter_has_its_line_for_each_role_a_mapping_that_holds_and_a_page_that_shows_its_type() -> None:
    assert lacking(PLATFORMS) == []


@pytest.mark.parametrize("name", shipped())
def test_a_line_that_is_taken_away_is_missed(name: str) -> None:
    others = {other: platform for other, platform in PLATFORMS.items() if other != name}
    roles = [role for role, worlds in (("source", PLATFORMS[name].sources), ("crm", PLATFORMS[name].crms)) if worlds]
    assert lacking(others) == [f"{name}: no world for its role {role}" for role in roles]
    assert lacking({**PLATFORMS, "nobodys": Platform()}) == ["nobodys: a line, and no adapter"]


@pytest.mark.parametrize("name", shipped())
@pytest.mark.parametrize(
    ("place", "said"), [("mappings/%s.toml", "no mapping %s.toml"), ("docs/platforms/%s.md", "no page %s.md")]
)
def test_a_mapping_or_a_page_that_is_taken_away_is_missed(tmp_path: Path, name: str, place: str, said: str) -> None:
    for folder in ("mappings", "docs/platforms"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    assert lacking(PLATFORMS, tmp_path) == []
    (tmp_path / (place % name)).unlink()
    assert lacking(PLATFORMS, tmp_path) == [f"{name}: {said % name}"]


def test_what_does_not_apply_names_a_declaration() -> None:
    for line in TABLE:
        if line.ruled_out:
            assert " = " in line.ruled_out, line


def test_every_case_runs_on_some_platform() -> None:
    runs = defaultdict(set)
    for line in TABLE:
        if not line.ruled_out:
            runs[line.role].add(line.case.name)
    assert runs == {role: set(cases) for role, cases in CASES.items()}


def test_the_page_says_what_runs_and_what_does_not_apply() -> None:
    assert PAGE.read_text("utf-8") == page(), "write it anew: .venv/bin/python -m tests.contract.adapters.page"


def test_no_two_cases_share_a_name() -> None:
    for role, chapters in CHAPTERS.items():
        assert sum(map(len, chapters.values())) == len(CASES[role])
