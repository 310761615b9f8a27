from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.config.watch import LastGood
from connector.model.errors import ConfigError
from connector.model.facts import Facts

TEXT = """
[connections.web]
type = "memory"
[connections.crm]
type = "memory"
[teams.sales]
members = []
[flows.all]
sources = ["web"]
crm = "crm"
takes = { field = "company.domain", not_in_file = "rivals.txt" }
routing = { order = [{ to = "sales" }] }
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "rivals.txt").write_text("a.example\n")
    edit(tmp_path / "config.toml", TEXT)
    return tmp_path / "config.toml"


def edit(path: Path, text: str) -> None:
    """Save a file with a time that differs from the last, however coarse the clock of the disk."""
    before = path.stat().st_mtime_ns if path.exists() else 1_700_000_000_000_000_000
    path.write_text(text)
    os.utime(path, ns=(before + 1_000_000, before + 1_000_000))


def test_the_same_object_as_long_as_nothing_changes(path: Path) -> None:
    good = LastGood(path)
    first, problems = good.current()
    assert problems is None
    assert good.current()[0] is first


def test_a_good_edit_is_taken_over(path: Path) -> None:
    good = LastGood(path)
    edit(path, 'language = "ja"\n' + TEXT)
    config, problems = good.current()
    assert (config.language, problems) == ("ja", None)


def test_a_broken_edit_keeps_the_last_good_version_and_is_told_once(path: Path) -> None:
    good = LastGood(path)
    edit(path, "langage = 1\n" + TEXT)
    config, problems = good.current()
    assert config.language == "en"
    assert problems is not None
    assert problems.problems[0].line == 1
    assert good.current() == (config, None)
    assert good.failing is not None


def test_another_broken_edit_is_told_again_the_same_one_is_not(path: Path) -> None:
    good = LastGood(path)
    edit(path, "langage = 1\n" + TEXT)
    assert good.current()[1] is not None
    edit(path, "langage = 1 \n" + TEXT)
    assert good.current()[1] is None
    edit(path, "a = \n")
    assert good.current()[1] is not None


def test_a_mended_edit_is_taken_over(path: Path) -> None:
    good = LastGood(path)
    edit(path, "langage = 1\n" + TEXT)
    good.current()
    edit(path, 'language = "ja"\n' + TEXT)
    assert good.current()[0].language == "ja"
    assert good.failing is None


def test_an_edit_taken_back_is_the_version_that_was_in_force(path: Path) -> None:
    good = LastGood(path)
    first = good.current()[0]
    edit(path, "langage = 1\n" + TEXT)
    good.current()
    edit(path, TEXT)
    assert good.current() == (first, None)


def test_an_edited_list_is_seen(path: Path) -> None:
    good = LastGood(path)
    first = good.current()[0]
    edit(path.with_name("rivals.txt"), "b.example\n")
    second = good.current()[0]
    assert second.digest != first.digest
    takes = second.flows["all"].takes
    assert takes is not None
    assert not takes.test(Facts(datetime(2026, 12, 7, tzinfo=UTC), {"company.domain": "b.example"}))


def test_a_file_that_goes_and_comes_back_is_seen(path: Path) -> None:
    good = LastGood(path)
    rivals = path.with_name("rivals.txt")
    rivals.rename(path.with_name("away.txt"))
    assert good.current()[1] is not None
    path.with_name("away.txt").rename(rivals)
    config, problems = good.current()
    assert problems is None
    assert good.failing is None
    assert config.flows["all"].takes is not None


def test_a_missing_config_toml_is_told_once_and_found_again(path: Path) -> None:
    good = LastGood(path)
    path.rename(path.with_name("away.toml"))
    problems = good.current()[1]
    assert problems is not None
    assert "baton init" in str(problems)
    assert good.current()[1] is None
    path.with_name("away.toml").rename(path)
    assert good.current()[1] is None
    assert good.failing is None


def test_a_new_flow_file_is_seen(path: Path) -> None:
    good = LastGood(path)
    (path.parent / "flows").mkdir()
    (path.parent / "flows" / "new.toml").write_text("a = ")
    assert good.current()[1] is not None


def test_without_a_good_version_to_begin_with_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="baton init"):
        LastGood(tmp_path / "config.toml")
