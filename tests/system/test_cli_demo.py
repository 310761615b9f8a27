"""`baton demo`: a whole handoff with nothing to configure, which can be run again."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connector.cli.root import baton
from connector.locale.columns import width
from connector.sandbox import sample_quarter


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own, in an English environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("COLUMNS", "80")
    return tmp_path


def demo(*arguments: str) -> Result:
    """Run the demo with a small firm, which begins today unless told."""
    past = () if "--quarter" in arguments else ("--no-quarter",)
    return CliRunner().invoke(baton, ["demo", "--people", "100", *past, *arguments])


def told(*arguments: str) -> dict[str, Any]:
    """What it answers as JSON."""
    answer = demo(*arguments, "--output", "json")
    assert answer.exit_code == 0, answer.output
    return dict(json.loads(answer.stdout))


def digests(folder: Path) -> dict[str, str]:
    """What stands in the sample's files."""
    files = [path for path in folder.rglob("*") if path.suffix in (".csv", ".toml", ".json")]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_demo_hands_leads_over_and_tells_the_story_of_a_hot_one(folder: Path) -> None:
    found = told()
    counts, delivered = found["run"]["counts"], found["run"]["delivered"]
    aside = counts["set aside"] - deeds_aside(found)
    assert counts["contacts read"] == counts["new leads"] + counts["same person"] + aside
    assert delivered["done"] == dict.fromkeys(("lead", "task", "note"), counts["handed over"])
    assert counts["set aside"] > 0
    story = found["story"]
    assert story["gates"]["hot"]["passed"]
    assert any(event["kind"] == "handoff" for event in story["timeline"]["entries"])
    assert found["next"][0] == "baton --config demo/config.toml status"


def deeds_aside(found: dict[str, Any]) -> int:
    """How many of the set-aside records are activities."""
    config = Path(found["folder"]) / "config.toml"
    answer = CliRunner().invoke(baton, ["--config", str(config), "errors", "--output", "json"])
    errors = json.loads(answer.stdout)["errors"]
    return sum("activities.csv" in one["where"] and not one["field"] for one in errors)


def test_a_second_demo_reads_the_same_files_and_sends_nothing(folder: Path) -> None:
    told()
    before = digests(folder / "demo")
    with sqlite3.connect(folder / "demo" / "baton.db") as database:
        desk = list(database.execute("SELECT * FROM desk"))
    database.close()
    again = demo()
    assert "Nothing was sent again." in again.stdout
    assert digests(folder / "demo") == before
    with sqlite3.connect(folder / "demo" / "baton.db") as database:
        assert list(database.execute("SELECT * FROM desk")) == desk
    database.close()


def test_a_demo_that_was_stopped_while_it_wrote_its_sample_writes_it_whole(folder: Path) -> None:
    told()
    before = digests(folder / "demo")
    (folder / "demo" / "config.toml").unlink()
    (folder / "demo" / "activities.csv").unlink()
    told()
    assert digests(folder / "demo") == before


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_demo_fits_a_terminal_of_80_columns(folder: Path, language: str) -> None:
    answer = demo("--language", language)
    assert answer.exit_code == 0
    too_wide = [line for line in answer.stdout.splitlines() if width(line) > 80 and not line.startswith("  baton ")]
    assert too_wide == []


def test_the_demo_in_japanese_says_everything_in_japanese(folder: Path) -> None:
    text = demo("--language", "ja").stdout
    assert (folder / "demo-ja" / "config.toml").exists()
    for words in ("引き継ぎ", "保留", "担当者", "認定基準"):
        assert words in text
    for words in ("Try next", "Run it again", "Written to", "The story"):
        assert words not in text


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of two weeks: the whole one takes many seconds."""
    monkeypatch.setattr(sample_quarter, "WEEKS", 2)


@pytest.mark.usefixtures("short")
def test_the_quarter_before_is_played_from_its_beginning_and_once_and_fills_the_pages_of_the_desk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connector.cli.demo_quarter import Quarter

    day = Quarter.day

    def stopped(self: Quarter, at: datetime) -> None:
        day(self, at)
        raise KeyboardInterrupt

    monkeypatch.setattr(Quarter, "day", stopped)
    assert demo("--quarter").exit_code != 0
    assert not (folder / "demo" / "quarter.json").exists()
    monkeypatch.setattr(Quarter, "day", day)
    # What was stopped left nothing that counts.
    first = told("--quarter")
    played = json.loads((folder / "demo" / "quarter.json").read_text("utf-8"))
    assert played["new leads"] == 300
    assert min(played["handed over"], played["touch: done"], played["reminded"]) > 0
    assert first["run"]["stages"].get("b2b/won", 0) == played.get("won: done", 0)
    # What was handed over in the quarter is no news of today's run.
    assert first["run"]["counts"]["new leads"] < 110
    assert first["next"][2] == "baton --config demo/config.toml desk"
    assert told("--quarter")["run"]["counts"].get("new leads", 0) == 0
    assert json.loads((folder / "demo" / "quarter.json").read_text("utf-8")) == played


@pytest.mark.parametrize("name", ["config.toml", "contacts.csv", "baton.db", "sample.json"])
def test_a_folder_with_files_that_are_no_demos_is_left_alone(folder: Path, name: str) -> None:
    (folder / "demo").mkdir()
    (folder / "demo" / name).write_text("{}", "utf-8")
    answer = demo()
    assert answer.exit_code == 2
    assert answer.stderr == "error: demo holds files that are no demo's; name another with --folder\n"
    assert {path.name: path.read_text("utf-8") for path in (folder / "demo").iterdir()} == {name: "{}"}


def test_a_folder_with_a_demo_in_another_language_is_left_alone(folder: Path) -> None:
    told()
    assert demo("--language", "ja", "--folder", "demo").exit_code == 2
