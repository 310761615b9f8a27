"""The real command, killed while a platform works: `baton sync` and `baton run` as processes, and `baton sync` again.

A server does what it was asked and holds its answer back; then the process gets SIGKILL.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import pytest

from connector.selftest.worlds import hubspot_salesforce
from connector.selftest.worlds._served import ServedScene, ServedWorld
from tests.pair import SECRETS

#: Longer than an answer is waited for before the process is killed.
HELD = 60.0
#: What the command does, the calls whose answer is held, and how many of these are spared before.
MOMENTS = [
    ("sync", "salesforce", "PATCH /services/data/v62.0/composite/sobjects/Lead/Baton_Id__c", 0),
    pytest.param("sync", "salesforce", "POST /services/data/v62.0/composite/sobjects", 1, marks=pytest.mark.servers),
    ("run", "hubspot", "POST /crm/v3/objects/contacts/batch/update", 0),
]


class Today(hubspot_salesforce.FirstHandoffs):
    """The first handoffs at the time that it is, with the secrets where a command finds them."""

    at: ClassVar[None] = None

    def config(self, urls: Mapping[str, str]) -> str:
        return super().config(urls) + '\n[secrets]\nbackend = "environment"\n'


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> ServedWorld:
    world = Today()
    world.furnish(tmp_path_factory.mktemp("today") / "template")
    return world


@pytest.fixture
def scene(world: ServedWorld, tmp_path: Path) -> Iterator[ServedScene]:
    with world.scene(tmp_path / "scene") as scene:
        yield scene


def baton(scene: ServedScene, command: str) -> subprocess.Popen[str]:
    """The real command, as an admin starts it."""
    whole = [sys.executable, "-m", "connector.cli", "--config", str(scene.folder / "config.toml"), command]
    environ = {**os.environ, **SECRETS, "LC_ALL": "C.UTF-8"}
    return subprocess.Popen(whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ)


def held(scene: ServedScene, server: str, process: subprocess.Popen[str]) -> None:
    """Wait until a server has done what it holds the answer of."""
    until = time.monotonic() + HELD
    while not any(call["fault"] == "slow" for call in scene.there.ask(server, "GET", "ledger")["calls"]):
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.mark.parametrize(("command", "server", "call", "spared"), MOMENTS)
def test_a_command_that_is_killed_is_made_good_by_the_next(
    scene: ServedScene, command: str, server: str, call: str, spared: int
) -> None:
    scene.there.fault(server, "slow", match=call, after=spared, seconds=HELD)
    with baton(scene, command) as process:
        held(scene, server, process)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        scene.there.clear_faults()
    with baton(scene, "sync") as again:
        said = again.communicate(timeout=HELD)[0]
        assert again.returncode == 0, said
    # What is unknown is looked up later: the clock is put on for that, as nobody waits here.
    assert not scene.until_quiet()
    verdict = scene.judge()
    scene.close()
    assert (verdict.lost, verdict.double, verdict.other) == ((), (), ())
    assert verdict.shown["task"] == len(hubspot_salesforce.ASKING)
