"""`baton` before it does anything: help, completion, and a command line that cannot be used."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from connector.cli.lazy import LazyGroup
from connector.cli.root import COMMANDS, baton

HEAVY = ("pydantic", "sqlalchemy", "rich", "requests", "orjson", "phonenumbers", "jinja2", "alembic", "keyring",
         "rapidfuzz")  # fmt: skip
BATON = (sys.executable, "-m", "connector.cli")


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`baton` as a process of its own, in English."""
    env = {**os.environ, "LANG": "C.UTF-8", **environment}
    return subprocess.run([*BATON, *arguments], capture_output=True, text=True, env=env, check=False, timeout=60)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, contextlib\n"
        "from connector.cli.root import baton\n"
        "with contextlib.suppress(SystemExit): baton.main(['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stderr.strip() == "[]"
    assert all(f"  {name} " in answer.stdout for name in COMMANDS)


def test_help_takes_at_most_a_quarter_of_a_second_of_cpu() -> None:
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert run("--help").returncode == 0
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) <= 0.25


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_is_there_and_tells_its_options(name: str) -> None:
    command = baton.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    tells_its_options(command, [name])


def tells_its_options(command: click.Command, path: list[str]) -> None:
    """`--help` of a command, and of all below it."""
    answer = CliRunner().invoke(baton, [*path, "--help"])
    assert answer.exit_code == 0, answer.output
    assert isinstance(command, LazyGroup) or "--output" in answer.output
    if not isinstance(command, LazyGroup):
        return
    for child in command.table:
        below = command.get_command(click.Context(command), child)
        assert below is not None
        tells_its_options(below, [*path, child])


def test_completion_knows_commands_and_options() -> None:
    complete = ShellComplete(baton, {}, "baton", "_BATON_COMPLETE")
    assert [item.value for item in complete.get_completions([], "s")] == [
        "setup",
        "schema",
        "sync",
        "status",
        "state",
        "sandbox",
        "simulate",
        "selftest",
    ]
    assert "--strict" in [item.value for item in complete.get_completions(["sync"], "--")]
    assert [item.value for item in complete.get_completions(["errors"], "r")] == ["retry"]


def test_version_is_that_of_the_distribution() -> None:
    assert CliRunner().invoke(baton, ["--version"]).output.startswith("baton 0.")


def test_an_unknown_command_names_the_nearest() -> None:
    answer = CliRunner().invoke(baton, ["statsu"])
    assert answer.exit_code == 2
    assert "Did you mean status?" in answer.stderr


def test_a_wrong_command_line_is_told_as_json_where_json_was_asked_for() -> None:
    answer = CliRunner().invoke(baton, ["sync", "--nonsense", "--output", "json"])
    assert answer.exit_code == 2
    error = json.loads(answer.stdout)["error"]
    assert (error["kind"], error["exit_code"]) == ("NoSuchOption", 2)


def test_without_a_configuration_the_way_out_is_named(tmp_path: Path) -> None:
    answer = run("--config", str(tmp_path / "config.toml"), "status")
    assert answer.returncode == 2
    assert "baton init" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_configuration_can_be_named_by_the_environment(tmp_path: Path) -> None:
    answer = run("status", BATON_CONFIG=str(tmp_path / "elsewhere.toml"))
    assert "elsewhere.toml" in answer.stderr


def test_a_stdout_that_cannot_show_a_letter_ends_nothing_and_json_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "Käse"
    command = [*BATON, "init", str(folder)]
    env = {**os.environ, "LANG": "C.UTF-8", "PYTHONIOENCODING": "cp932"}
    answer = subprocess.run(command, capture_output=True, env=env, check=False, timeout=60)
    assert (answer.returncode, answer.stderr) == (0, b"")
    assert b"K?se/config.toml" in answer.stdout
    answer = subprocess.run([*command, "--output", "json"], capture_output=True, env=env, check=False, timeout=60)
    assert json.loads(answer.stdout.decode("ascii"))["folder"] == str(folder)


@pytest.mark.parametrize(
    "command", ["errors --limit -1", "errors list --limit 0", "review --limit -1", "review list --limit 0"]
)
def test_a_number_that_cannot_be_is_refused_before_anything_is_opened(command: str) -> None:
    answer = CliRunner().invoke(baton, command.split())
    assert (answer.exit_code, "is not in the range" in answer.stderr) == (2, True)


@pytest.mark.parametrize("arguments", [["--help"], ["schema"], ["nonsense", "--output", "json"]])
def test_where_nobody_reads_any_more_nothing_is_complained_of(arguments: list[str]) -> None:
    reads, writes = os.pipe()
    os.close(reads)
    with os.fdopen(writes, "wb") as closed:
        answer = subprocess.run([*BATON, *arguments], stdout=closed, stderr=subprocess.PIPE, check=False, timeout=60)
    assert (answer.returncode, answer.stderr) == (141, b"")
