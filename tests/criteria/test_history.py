"""`baton criteria diff`, `note`, `log`: what a version changed, by whom and why."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from connector.cli.root import baton
from connector.insight.criteria_changes import Change, changes
from connector.steps.scoring.canonical import canonical
from connector.steps.scoring.defaults import SHIPPED
from tests.line import CONFIG, Line


def shipped() -> dict[str, Any]:
    table = {key: value for key, value in tomllib.loads(SHIPPED).items() if key != "write_score"}
    order = [{"when": {"field": "country", "in": ["DE"]}, "to": "dach"}, {"to": "west"}]
    return table | {"routing": {"order": order}}


def between(old: dict[str, Any], new: dict[str, Any]) -> list[Change]:
    return changes(canonical(old), canonical(new))


def test_a_changed_number_is_told_by_its_key() -> None:
    table = shipped()
    table["intent"]["Asked for a demo"]["points"] = 30
    (one,) = between(shipped(), table)
    (detail,) = one.details
    assert (one.section, one.key, one.what) == ("intent", "Asked for a demo", "changed")
    assert (detail.key, detail.old, detail.new) == ("points", "25", "30")
    assert (one.old_words, one.new_words) == ("", "")


def test_a_changed_gate_is_told_in_words() -> None:
    table = shipped()
    table["gates"]["mql"]["any"][1]["all"][2]["at_least"] = 60
    (one,) = between(shipped(), table)
    assert [(detail.key, detail.old, detail.new) for detail in one.details] == [("any.2.all.3.at_least", "50", "60")]
    assert one.old_words.endswith("total points at least 50)")
    assert one.new_words.endswith("total points at least 60)")


def test_a_rule_that_comes_or_goes_is_told_whole() -> None:
    table = shipped()
    table["fit"]["Large"] = table["fit"].pop("500 people or more")
    gone, new = between(shipped(), table)
    assert (gone.key, gone.what, gone.new) == ("500 people or more", "removed", "")
    assert (new.key, new.what, new.old) == ("Large", "added", "")
    assert gone.old == new.new == '{ at_least = 500, field = "company.employees", points = 10 }'
    assert new.new_words == "employees is at least 500"


def test_rules_of_routing_that_only_moved_down_are_the_same() -> None:
    table = shipped()
    table["routing"]["order"].insert(0, {"when": {"score": "total", "at_least": 90}, "to": "ae"})
    (one,) = between(shipped(), table)
    assert (one.section, one.key, one.what) == ("routing", "1", "added")
    assert one.new_words == "total points at least 90"
    (gone,) = between(table, shipped())
    assert (gone.key, gone.what) == ("1", "removed")


def test_what_differs_stands_in_the_order_in_which_a_flow_is_asked() -> None:
    table = shipped() | {"takes": {"field": "country", "is": "DE"}, "required": ["email"]}
    table["gates"]["hot"] = "asked"
    table["total"]["at_most"] = {"fit": 20}
    table["fit"] = {}
    found = [one.section for one in between(shipped(), table)]
    assert found == ["takes", "required", "fit", "fit", "total", "gates"]


VALUES = st.one_of(st.integers(), st.text(max_size=3), st.lists(st.text(max_size=3), max_size=3))
SECTIONS = st.dictionaries(st.sampled_from(["fit", "intent"]), st.dictionaries(st.text(max_size=3), VALUES, max_size=4))


@given(SECTIONS, SECTIONS)
def test_the_same_differs_in_nothing_and_both_ways_are_mirrored(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert between(one, one) == []
    there, back = between(one, other), between(other, one)
    assert [(c.section, c.key, c.old, c.new) for c in there] == [(c.section, c.key, c.new, c.old) for c in back]
    assert bool(there) == ({k: v for k, v in one.items() if v} != {k: v for k, v in other.items() if v})


OWN = """
[flows.b2b.intent]
"Asked" = {{ points = {points}, activity = "demo_request" }}
[flows.b2b.gates]
mql = {{ score = "total", at_least = 20 }}
"""


def config(folder: Path, points: int, name: str = "config.toml") -> Path:
    text = CONFIG.format(database="baton.db", page_size=10, portal_settings="", crm="memory", crm_settings="",
                         mode="observe", flow=OWN.format(points=points))  # fmt: skip
    (folder / name).write_text(text, "utf-8")
    return folder / name


def run(folder: Path, *words: str) -> Result:
    done = CliRunner().invoke(baton, ["--config", str(folder / "config.toml"), "criteria", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store that has seen two versions: 25 points, then 30."""
    line = Line(tmp_path, mode="observe", flow=OWN.format(points=25))
    line.sync()
    line.reopen(config(tmp_path, 30).read_text("utf-8"))
    line.sync()
    line.app.close()
    return tmp_path


def versions(folder: Path) -> list[str]:
    return [one["version"] for one in json.loads(run(folder, "log", "--output", "json").output)["criteria"]]


def test_the_latest_is_compared_with_the_one_before(folder: Path) -> None:
    done = run(folder, "diff")
    new, old = versions(folder)
    assert done.output.splitlines() == [f"b2b: {old[:10]} -> {new[:10]}", "  intent · Asked", "    points: 25 -> 30"]
    assert run(folder, "diff", "b2b").output == done.output
    assert run(folder, "diff", old[:6]).output == done.output
    assert run(folder, "diff", "b2b", old, new).output == done.output
    assert "points: 30 -> 25" in run(folder, "diff", new, old).output
    (found,) = json.loads(run(folder, "diff", "--output", "json").output)["compared"]
    assert (found["old"], found["new"], found["changes"][0]["details"][0]["new"]) == (old, new, "30")


def test_an_edited_file_is_compared_with_what_is_in_force(folder: Path) -> None:
    edited = config(folder, 40, "edited.toml")
    assert "points: 30 -> 40" in run(folder, "diff", "--file", str(edited)).output
    assert "points: 25 -> 40" in run(folder, "diff", versions(folder)[1][:8], "--file", str(edited)).output
    same = run(folder, "diff", "--file", str(folder / "config.toml"))
    assert same.output.startswith("b2b: nothing differs")
    assert len(versions(folder)) == 2


def test_a_version_that_is_none_is_told(folder: Path) -> None:
    for words in (["diff", "zzz"], ["note", "zzz", "why"], ["note", "", "why"]):
        done = run(folder, *words)
        assert done.exit_code == 2, words
        assert "no version" in done.output
    assert run(folder, "diff", "b2b", "a", "b", "c").exit_code == 2
    assert run(folder, "note", versions(folder)[0], " ").exit_code == 2


def test_notes_are_kept_with_their_author(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new = versions(folder)[0]
    monkeypatch.setattr("getpass.getuser", lambda: "ana")
    run(folder, "note", new[:6], "demo requests convert best")
    monkeypatch.setattr("getpass.getuser", lambda: "petra")
    run(folder, "note", new[:6], "agreed in the review")
    told = "demo requests convert best; petra: agreed in the review"
    latest, before = json.loads(run(folder, "log", "--output", "json").output)["criteria"]
    assert (latest["author"], latest["note"]) == ("ana", told)
    assert (before["author"], before["note"]) == ("", "")
    assert "ana demo requests convert best" in run(folder, "log").output
