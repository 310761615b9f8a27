"""The worlds over HTTP: a sample of their boundaries, and deliberate faults, each of which they find.

The full walk is `baton selftest --crash-points all`.
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from adapters import hubspot, salesforce  # noqa: F401 - imported once, not in each child
from adapters._hubspot import crm as hubspot_crm_adapter
from adapters._salesforce import writing
from connector.model.adapter import WriteItem
from connector.model.outbox import Done, OutboxRow, Outcome, Settlement
from connector.runs import deliver
from connector.selftest.crash import walk
from connector.selftest.forking import in_child
from connector.selftest.world import Verdict
from connector.selftest.worlds import hubspot_crm, hubspot_salesforce, signing_in
from connector.selftest.worlds._served import ServedWorld

#: A world, how many of its points, and the fewest boundaries that it has.
SAMPLES = [
    (hubspot_salesforce.Later, 4, 120),
    pytest.param(hubspot_crm.Later, 4, 100, marks=pytest.mark.servers),
    (signing_in.Rotating, 6, 200),
]


@pytest.mark.parametrize(("world", "points", "fewest"), SAMPLES, ids=lambda one: getattr(one, "__name__", str(one)))
def test_nothing_is_lost_and_nothing_double_at_a_sample_of_the_boundaries(
    tmp_path: Path, world: type[ServedWorld], points: int, fewest: int
) -> None:
    walked = walk(world(), tmp_path / "walk", sample=points)
    assert walked.problems == []
    assert [(point.name, point.fault, point.verdict) for point in walked.points if not point.clean] == []
    assert len(walked.boundaries) > fewest, "boundaries are counted, not guessed"
    assert any("after item 1 of" in name for name in walked.boundaries)
    lost_grants = [point.name for point in walked.points if point.verdict.signed_in_anew]
    assert lost_grants == [point.name for point in walked.points if loses_a_grant(world, point.name)]


def loses_a_grant(world: type[ServedWorld], name: str) -> bool:
    """A platform has given a new refresh token, and the store does not have it yet."""
    moments = r"after POST .*/(token|oauth)|before the commit of AskedTokens._save"
    return world is signing_in.Rotating and bool(re.match(moments, name))


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> ServedWorld:
    world = hubspot_salesforce.FirstHandoffs()
    world.furnish(tmp_path_factory.mktemp("pair") / "template")
    return world


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> ServedWorld:
    world = hubspot_crm.FirstHandoffs()
    world.furnish(tmp_path_factory.mktemp("crm") / "template")
    return world


def killed(world: ServedWorld, folder: Path, pattern: str, nth: int = 1) -> Verdict:
    """The verdict of a world that was killed when it came to a boundary for the `nth` time."""
    passed = 0

    def step(name: str) -> None:
        nonlocal passed
        passed += bool(re.search(pattern, name))
        if passed == nth:
            os.kill(os.getpid(), signal.SIGKILL)

    def judged() -> dict[str, Any]:
        scene.recover()
        verdict = scene.judge()
        return {"lost": verdict.lost, "double": verdict.double, "other": verdict.other}

    folder.mkdir(exist_ok=True)
    with world.scene(folder / "scene") as scene:
        assert in_child(lambda: scene.run(step)).fault == "ended by itself, status 9"
        ended = in_child(judged)
    assert ended.fault == ""
    lost, double, other = (tuple(ended.said[kind]) for kind in ("lost", "double", "other"))
    return Verdict(lost, double, other)


TASKS = r"after POST /services/data/[^?]*/composite/sobjects$"
NOTES = "after POST .*/notes/batch/create"


def test_without_a_fault_the_same_moments_are_clean(pair: ServedWorld, crm: ServedWorld, tmp_path: Path) -> None:
    assert killed(pair, tmp_path / "pair", TASKS) == Verdict()
    assert killed(crm, tmp_path / "crm", NOTES) == Verdict()


def blind(row: OutboxRow, *_rest: object, **_more: object) -> Settlement:
    return Settlement(row, row.epoch, "waiting")


def no_key(_self: object, _object: str) -> str:
    return ""


def untouched(text: str, _key: str) -> str:
    return text


def said_done(_http: object, items: Sequence[WriteItem]) -> list[Outcome]:
    return [Done(item.our_key) for item in items]


FAULTS: dict[str, tuple[Any, str, Callable[..., Any], str, int, str]] = {
    "sent again without a look": (deliver, "after_look", blind, TASKS, 1, "double"),
    "leads without an external id": (writing.Writer, "_key_field", no_key, "after item 2 of 3 of POST", 1, "lost"),
    "a task without our key": (writing, "with_key", untouched, TASKS, 1, "lost"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_protocol_is_found(
    fault: str, pair: ServedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, name, wrong, moment, nth, kind = FAULTS[fault]
    monkeypatch.setattr(where, name, wrong)
    verdict = killed(pair, tmp_path, moment, nth)
    assert getattr(verdict, kind)


def test_an_association_that_was_not_made_is_found(
    crm: ServedWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hubspot_crm_adapter, "join", said_done)
    verdict = killed(crm, tmp_path, NOTES)
    assert [one for one in verdict.lost if "association of contacts" in one]
