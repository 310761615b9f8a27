"""`baton sandbox`: the platforms on this machine, and a configuration that fits."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from requests import get

from connector.cli.root import baton


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@contextmanager
def running(*arguments: str) -> Iterator[dict[str, Any]]:
    """The servers in a process of their own, and what it says of them; Ctrl-C ends it with 0."""
    command = [sys.executable, "-m", "connector.cli", "sandbox", *arguments, "--port", "0", "--output", "json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield json.loads("".join(iter(process.stdout.readline, "}\n")) + "}")
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0
        finally:
            process.kill()


def told(folder: Path, *arguments: str) -> Any:
    """What another `baton`, in another process, answers as JSON."""
    command = [sys.executable, "-m", "connector.cli", "--config", str(folder / "config.toml"), *arguments]
    answer = subprocess.run([*command, "--output", "json"], capture_output=True, text=True, check=False)
    return json.loads(answer.stdout)


def told_here(folder: Path, *arguments: str) -> Any:
    """The same in this process: that another one can ask too, the first test shows."""
    command = ["--config", str(folder / "config.toml"), *arguments, "--output", "json"]
    return json.loads(CliRunner().invoke(baton, command, prog_name="baton").stdout)


def test_a_second_terminal_can_work_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "try"
    with running("pair", "--contacts", "60", "--activities", "10", "--config", str(folder)) as said:
        assert {name: server["people"] for name, server in said["servers"].items()} == {"hubspot": 60, "salesforce": 12}
        assert told(folder, "check")["errors"] == 0
        assert all(step["made"] for step in told_here(folder, "setup", "hubspot", "--yes")["steps"])
        assert all(secret["there"] for secret in told_here(folder, "auth", "list")["needed"])
        counts = told(folder, "sync")["counts"]
        assert (counts["new leads"], counts["read in"]) == (60, 1)
        deeds = get(said["servers"]["salesforce"]["url"] + "/_sandbox/ledger", timeout=30).json()["deeds"]
        assert deeds == []


@pytest.mark.parametrize(("which", "leads"), [("hubspot", 30), ("salesforce", 30), ("clickup", 30)])
def test_one_platform_alone_has_a_configuration_too(tmp_path: Path, which: str, leads: int) -> None:
    with running(which, "--contacts", "30", "--generous", "--config", str(tmp_path / "try")) as said:
        assert list(said["servers"]) == [which]
        assert told_here(tmp_path / "try", "check")["errors"] == 0
        assert told_here(tmp_path / "try", "sync")["counts"]["new leads"] == leads


def test_limits_are_there_unless_told_otherwise(tmp_path: Path) -> None:
    headers = {"Authorization": "Bearer local-hubspot-token"}
    most = []
    for more in ((), ("--generous",)):
        with running("hubspot", "--contacts", "1", *more) as said:
            answer = get(said["servers"]["hubspot"]["url"] + "/crm/v3/owners", headers=headers, timeout=30)
            most.append(int(answer.headers["X-HubSpot-RateLimit-Max"]))
    assert most[0] == 190 < most[1]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("mine", "utf-8")
    answer = CliRunner().invoke(baton, ["sandbox", "pair", "--port", "0", "--config", str(tmp_path)])
    assert answer.exit_code == 2
    assert "is not empty" in answer.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        answer = CliRunner().invoke(baton, ["sandbox", "hubspot", "--contacts", "1", "--port", port])
    assert answer.exit_code == 2
    assert f"the port {port} cannot be used" in answer.stderr
