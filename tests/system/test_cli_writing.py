"""Files that a command writes where it is told to: over its own, never over anything else, whole or not at all."""

from __future__ import annotations

import errno
import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connector.cli.faults import of_the_machine
from connector.cli.writing import write_file
from connector.model.errors import StateError
from tests.system.conftest import Shop

#: Every command that writes a file its reader names, and what it calls that file in the documentation.
COMMANDS = [
    ("plan -o", "plan.json"),
    ("plan -o", "plan.html"),
    ("plan --html", "page"),
    ("plan --stamps -o", "stamps.json"),
    ("reconcile -o", "repair.json"),
    ("export ana@alba.example -o", "ana.json"),
    ("playbook -o", "playbook.md"),
    ("playbook --html -o", "playbook"),
    ("report -o", "review.md"),
    ("report --language ja -o", "review.html"),
    ("map -o", "map.svg"),
    ("meeting calendar", "review.ics"),
    ("criteria test --junit", "golden.xml"),
]
GOLDEN = """\
[[lead]]
name   = "Ana, of whom nothing is known"
fields = { email = "ana@alba.example" }
expect = { stage = "known" }
at     = 2026-12-07T08:00:00Z
"""


@pytest.fixture
def filled(shop: Shop) -> Shop:
    """The shop once it has been read, with a golden lead and a page that somebody wrote by hand."""
    shop.write("leads.toml", GOLDEN)
    shop.write("readme.md", "# Our shop\n\nWhat a person wrote.\n")
    shop.write("page.html", '<!doctype html>\n<html lang="en"><head><title>Shop</title></head></html>\n')
    assert shop.baton("sync").exit_code == 0
    return shop


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_what_a_command_wrote_is_written_over_by_the_next_time(filled: Shop) -> None:
    for command, name in COMMANDS:
        file = filled.folder / name
        for _ in range(2):
            answer = filled.baton(*command.split(), str(file))
            assert answer.exit_code == 0, (command, answer.output)
            assert file.stat().st_size > 0
            # What stands there at the next time is an older one, longer than what is written.
            file.write_bytes(file.read_bytes() + b"\n" * 50_000)
        assert filled.baton(*command.split(), str(file)).exit_code == 0
        assert file.stat().st_size < 50_000
    assert not list(filled.folder.glob(".baton-*"))


@pytest.mark.parametrize("name", ["baton.db", "config.toml", "contacts.csv", "leads.toml", "readme.md", "page.html"])
def test_what_another_has_written_stays_and_is_named(filled: Shop, name: str) -> None:
    file = filled.folder / name
    for command, _ in COMMANDS:
        before = file.read_bytes()
        answer = filled.baton(*command.split(), str(file))
        assert answer.exit_code == 2, (command, answer.output)
        (line,) = answer.stderr.splitlines()
        assert (
            line == f"error: {file} holds something that this command did not write: give another name, or move it away"
        )
        assert file.read_bytes() == before


def test_the_answer_about_a_person_is_no_plan_and_no_plan_is_that_answer(filled: Shop) -> None:
    plan, person = str(filled.folder / "plan.json"), str(filled.folder / "ana.json")
    assert filled.baton("plan", "-o", plan).exit_code == 0
    assert filled.baton("export", "ana@alba.example", "-o", person).exit_code == 0
    assert filled.baton("export", "ana@alba.example", "-o", plan).exit_code == 2
    assert filled.baton("reconcile", "-o", person).exit_code == 2


def test_who_may_read_a_file_stays_as_it_was_unless_it_is_private(tmp_path: Path) -> None:
    shared, new, private = tmp_path / "shared", tmp_path / "new", tmp_path / "private"
    for file in (shared, private):
        file.touch()
        file.chmod(0o664)
    before = os.umask(0o027)
    try:
        write_file(shared, "text")
        write_file(new, "text")
        write_file(private, "text", private=True)
    finally:
        os.umask(before)
    assert [mode(file) for file in (shared, new, private)] == [0o664, 0o640, 0o600]


def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    file, link, null = tmp_path / "file", tmp_path / "link", Path(os.devnull)
    link.symlink_to(file)
    was = mode(null)
    write_file(link, "text", private=True)
    write_file(null, "text", private=True)
    assert (link.is_symlink(), file.read_text("utf-8")) == (True, "text")
    assert (null.is_char_device(), mode(null)) == (True, was)


@contextmanager
def room_for(number: int) -> Iterator[None]:
    """No file can be longer than so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (number, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_where_there_is_no_room_the_older_file_is_still_whole(tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    write_file(file, "older")
    with room_for(100), pytest.raises(StateError, match=r"plan\.json was not written: File too large"):
        write_file(file, "newer" * 1000)
    assert [one.read_text("utf-8") for one in tmp_path.iterdir()] == ["older"]


@pytest.mark.parametrize(
    "command",
    [
        "init {}",
        "new-adapter open_crm {}",
        "new-adapter open_crm {} --inside",
        "demo --no-quarter --folder {}",
        "sandbox hubspot --contacts 1 --port 0 --config {}",
        "playbook -o {}",
        "plan -o {}",
    ],
)
def test_a_place_that_cannot_be_is_named_with_the_reason(shop: Shop, command: str) -> None:
    """A folder below a file; every command that makes one, or writes into one."""
    place = shop.folder / "contacts.csv" / "new"
    answer = shop.baton(*command.format(place).split())
    assert answer.exit_code == 6, answer.output
    (line,) = answer.stderr.splitlines()
    assert line.startswith(f"error: {place.parent}")
    assert line.endswith((" was not written: Not a directory", " was not written: No such file or directory"))


@pytest.mark.parametrize("command", ["init", "demo --no-quarter --people 100 --folder"])
def test_where_a_folder_has_no_room_it_is_named_with_the_reason(shop: Shop, command: str) -> None:
    place = shop.folder / "new"
    with room_for(100):
        answer = shop.baton(*command.split(), str(place))
    assert answer.exit_code == 6, answer.output
    (line,) = answer.stderr.splitlines()
    assert line.startswith(f"error: {place}")
    assert line.endswith(" was not written: File too large")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("arguments", [["--help"], ["schema", "config"], ["nonsense", "--output", "json"]])
def test_an_answer_that_cannot_be_written_is_told_in_a_line(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "connector.cli", *arguments]
    with Path("/dev/full").open("wb") as full:
        answer = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert (answer.returncode, answer.stderr) == (6, "error: No space left on device\n")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/etc/config.toml"), "/etc/config.toml: Permission denied"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), None),
        (OSError("no number, no reason"), None),
        (ValueError("a fault of ours"), None),
    ],
)
def test_what_the_machine_refuses_is_no_fault_of_the_program(error: Exception, told: str | None) -> None:
    found = of_the_machine(error)
    assert (str(found) if found else None) == told
