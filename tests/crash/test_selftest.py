"""The self-test as a command: worlds in this process killed at their boundaries, and broken lines that it must find."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.cli.root import baton

ROOT = Path(__file__).parents[2]
#: All worlds without servers; and one of each kind, for every run of the tests.
OWN = ("memory", "desk", "files", "changes", "migration", "a new store")
ONE_OF_EACH = ("memory, only searched", "desk", "files", "changes, unique key", "migration up", "a new store")


def selftest(broken: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "tests.crashing", broken, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=300)


def told(broken: str, *arguments: str) -> dict[str, Any]:
    answer = selftest(broken, *arguments, "--output", "json")
    assert answer.stderr == ""
    document: dict[str, Any] = json.loads(answer.stdout)
    assert answer.returncode == (0 if document["clean"] else 70)
    return document


@pytest.mark.parametrize(
    ("worlds", "points", "walked"),
    [(ONE_OF_EACH, 3, 6 * 3), pytest.param(OWN, 12, 10 * 12, marks=[pytest.mark.servers, pytest.mark.timeout(600)])],
    ids=["one of each", "all"],
)
def test_nothing_is_lost_and_nothing_comes_twice_wherever_it_is_killed(
    worlds: tuple[str, ...], points: int, walked: int
) -> None:
    names = [part for name in worlds for part in ("--world", name)]
    document = told("nothing", *names, "--crash-points", str(points))
    failing = [(one["world"], one["problems"], one["failing"]) for one in document["worlds"] if one["other"]]
    assert failing == []
    assert (document["lost"], document["double"], document["other"]) == (0, 0, 0)
    assert document["points"] == points * len(document["worlds"]) == walked
    fewest = {one["world"]: one["boundaries"] for one in document["worlds"]}
    assert min(count for name, count in fewest.items() if name.startswith(("memory", "changes", "files"))) > 60
    assert min(fewest.values()) > 20


@pytest.mark.parametrize(
    ("broken", "world", "points", "column"),
    [
        ("finds_nothing", "memory, only searched", 12, "double"),
        ("believes_it_done", "memory, unique key", 12, "lost"),
        ("commits_halfway", "migration up", 6, "other"),
    ],
)
def test_a_broken_line_is_found(broken: str, world: str, points: int, column: str) -> None:
    document = told(broken, "--world", world, "--crash-points", str(points))
    assert document[column] > 0
    assert document["worlds"][0]["problems"] == []
    assert 0 < len(document["worlds"][0]["failing"]) < points


def test_a_line_that_is_broken_without_any_crash_is_not_walked() -> None:
    document = told("reads_nothing_back", "--world", "changes, unique key")
    (world,) = document["worlds"]
    assert world["points"] == 0
    assert any(problem.startswith("without any crash: other: the store says") for problem in world["problems"])


def test_a_walk_that_proves_nothing_says_so() -> None:
    document = told("fakes", "--crash-points", "all")
    worlds = {one["world"]: one for one in document["worlds"]}
    problems = {name: one["problems"] for name, one in worlds.items()}
    assert worlds["good"]["points"] == worlds["good"]["boundaries"] == 10
    assert problems["good"] == []
    assert problems["idle"] == ["the books show that nothing was done"]
    assert problems["failing"][0].startswith("without any crash it failed by itself: ValueError: broken by itself")
    assert problems["wavering"][0] == "the boundaries come and go: 9 and 10 of them in two runs"
    assert problems["wavering"][1].startswith("not killed at ")
    assert "there is no boundary to be killed at" in problems["blank"]
    assert (worlds["shaking"]["points"], problems["shaking"]) == (40, [])
    assert document["points"] < 70


def test_a_second_record_for_a_key_is_found_and_told_how_to_see_it_again() -> None:
    world = ("--world", "memory, unique key")
    document = told("knows_no_key", *world, "--crash-points", "12")
    (found,) = document["worlds"]
    assert (document["double"] > 0, found["problems"], 0 < len(found["failing"]) < 12) == (True, [], True)
    first = found["failing"][0]
    answer = selftest("knows_no_key", *world, "--point", str(first["point"]))
    assert answer.returncode == 70
    assert re.search("memory, unique key +1 +0 +[12] ", answer.stdout)
    assert "1 points: lost 0, double " in answer.stdout
    told_again = f"memory, unique key, point {first['point']} of {found['boundaries']}: {first['boundary']}"
    assert told_again in answer.stdout
    assert "  double: lead" in answer.stdout
    assert f"  baton selftest --world 'memory, unique key' --point {first['point']}" in answer.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--world", "memry"], "there is no world memry; did you mean memory? (memory, unique key; "),
        (["--world", "memory", "--point", "1"], "--point is a point of one world"),
        (["--crash-points", "some"], "some is neither all nor a number from 1 on"),
    ],
)
def test_what_cannot_be_meant_is_told(arguments: list[str], said: str) -> None:
    answer = CliRunner().invoke(baton, ["selftest", *arguments])
    assert answer.exit_code == 2
    assert said in answer.stderr
