"""The suite is whole: every adapter has its line, its mapping and its page, and every case runs somewhere."""

import re
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from connector.kit.contract.table import CASES, CHAPTERS
from connector.platforms import adapter, shipped
from tests.contract.adapters.page import PAGE, page
from tests.contract.adapters.platforms import PLATFORMS
from tests.contract.adapters.table import TABLE

ROOT = Path(__file__).parents[3]


def test_every_adapter_has_its_line() -> None:
    assert sorted(PLATFORMS) == sorted(shipped())


@pytest.mark.parametrize("name", shipped())
def test_every_role_is_under_contract(name: str) -> None:
    declared = adapter(name)
    assert bool(PLATFORMS[name].sources) == (declared.source is not None)
    assert bool(PLATFORMS[name].crms) == (declared.crm is not None)


@pytest.mark.parametrize("name", shipped())
def test_every_adapter_has_a_mapping(name: str) -> None:
    assert tomllib.loads((ROOT / "mappings" / f"{name}.toml").read_text("utf-8"))


@pytest.mark.parametrize("name", shipped())
def test_every_adapter_has_a_page_that_shows_its_type(name: str) -> None:
    page = (ROOT / "docs" / "platforms" / f"{name}.md").read_text("utf-8")
    assert re.search(rf'^type += "{name}"$', page, re.MULTILINE)


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
