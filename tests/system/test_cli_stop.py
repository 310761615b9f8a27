"""How a command ends: by a signal between two pages, by an error with its code, by a fault of ours."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from connector.cli import progress
from connector.cli.session import Session
from connector.cli.signals import interruptible
from connector.model.errors import (
    AuthError,
    BatonError,
    ConfigError,
    PlanRefusedError,
    RecordError,
    RetryableError,
    StateError,
)
from connector.runs import sync as sync_run
from tests.system.conftest import Shop


def many_contacts(number: int) -> str:
    """An export of several pages."""
    rows = (f"{n},Person {n},p{n}@firm{n}.example,Firm {n},10,2026-11-01T10:00:00Z" for n in range(1, number + 1))
    return "id,name,email,company,size,changed\n" + "\n".join(rows) + "\n"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_sync_after_the_page_and_the_next_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, code: int
) -> None:
    shop.write("contacts.csv", many_contacts(2500))
    pages: list[str] = []

    def signalled(self: progress.Lines, what: str, counts: Counter[str]) -> None:
        pages.append(what)
        signal.raise_signal(number)

    with monkeypatch.context() as patched:
        patched.setattr(progress.Lines, "__call__", signalled)
        answer = shop.baton("sync")
    assert answer.exit_code == code
    assert pages == ["export: contacts"]
    assert "nothing is lost" in answer.stderr
    assert shop.told("status")["runs"][0]["result"] == "stopped"
    assert 0 < shop.told("status")["totals"]["leads"] < 2500
    shop.baton("sync")
    assert shop.told("status")["totals"]["leads"] == 2500


def test_a_second_signal_ends_at_once() -> None:
    with interruptible(Session(Path("config.toml"))) as asked:
        signal.raise_signal(signal.SIGTERM)
        assert asked.stop.is_set()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert asked.exit_code == 143


def test_signals_do_what_they_did_before_once_the_run_is_over() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with interruptible(Session(Path("config.toml"))) as asked:
        pass
    assert signal.getsignal(signal.SIGTERM) is before
    assert asked.exit_code == 0


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("a file is wrong"), 2),
        (AuthError("crm", "refused", "baton auth set crm"), 3),
        (RetryableError("too busy"), 4),
        (RecordError("a row", where="x.csv:3"), 0),
        (StateError("not ours"), 6),
        (PlanRefusedError("changed meanwhile"), 7),
    ],
)
def test_every_error_has_its_exit_code_and_no_traceback(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: BatonError, code: int
) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(sync_run, "sync", fail)
    answer = shop.baton("sync")
    assert answer.exit_code == code
    assert answer.stderr == f"error: {error}\n"
    told = shop.told("sync")["error"]
    assert (told["kind"], told["message"], told["exit_code"]) == (type(error).__name__, str(error), code)


def test_an_account_that_refuses_us_ends_with_3_after_the_others(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from connector.runs.pull import pull

    def refused(runtime: object, name: str, *more: object) -> None:
        if name == "export":
            raise AuthError(name, "the token was refused", f"baton auth set {name}")
        pull(runtime, name, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(sync_run, "pull", refused)
    answer = shop.baton("sync")
    assert answer.exit_code == 3
    assert answer.stderr == "error: export: the token was refused; mend it with: baton auth set export\n"


def test_a_fault_of_ours_is_one_line_without_personal_data(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise KeyError("ana@alba.example")

    monkeypatch.setattr(sync_run, "sync", fail)
    answer = shop.baton("sync")
    assert answer.exit_code == 70
    assert "a fault of this program: KeyError in test_cli_stop.py:" in answer.stderr
    assert "--verbose" in answer.stderr
    assert "ana@" not in answer.output
    assert "Traceback" not in answer.output
    assert shop.told("sync")["error"]["exit_code"] == 70


def test_verbose_shows_the_traceback_of_a_fault(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr(sync_run, "sync", fail)
    assert "Traceback" in shop.baton("--verbose", "sync").stderr


def test_a_store_that_is_not_ours_ends_with_6(shop: Shop) -> None:
    shop.write("baton.db", "this is no database, but a text of some length that somebody put here")
    assert shop.baton("status").exit_code == 6


@pytest.mark.parametrize("style", ["plain", "json"])
def test_the_daemon_runs_what_is_due_and_ends_cleanly_on_sigterm(shop: Shop, style: str) -> None:
    command = [sys.executable, "-m", "connector.cli", "--config", str(shop.folder / "config.toml"), "run"]
    process = subprocess.Popen([*command, "--log", style], stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "pull:export" in line:
            break
    process.send_signal(signal.SIGTERM)
    lines += process.stderr.readlines()
    assert process.wait(timeout=10) == 0
    process.stderr.close()
    said = [json.loads(line)["message"] for line in lines] if style == "json" else lines
    assert "started" in said[0]
    assert any("new leads 4" in line for line in said)
    assert "stopped" in said[-1]
    assert not any("@" in line for line in lines)
    assert shop.told("status")["totals"]["leads"] == 4


def test_an_edit_that_cannot_be_used_keeps_the_last_good_configuration(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    from connector.cli.run import Current

    current = Current(shop.folder / "config.toml")
    first = current.app()
    shop.edit("config.toml", 'mode     = "live"', 'mode     = "liv"')
    assert current.app() is first
    assert current.app() is first
    told = [record.getMessage() for record in caplog.records if "not used" in record.getMessage()]
    assert len(told) == 1
    assert "config.toml:26" in told[0]
    shop.edit("config.toml", 'mode     = "liv"', 'mode     = "review"')
    assert current.app() is not first
    assert current.app().config.flows["b2b"].mode == "review"
    current.close()
