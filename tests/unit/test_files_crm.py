"""A CRM as files: replaced whole, one writer at a time, safe to open in a spreadsheet."""

import csv
import errno
import fcntl
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters._files import escaping
from adapters._files.crm import LOCK, FilesCrm
from adapters._files.settings import FilesSettings
from connector.model.adapter import Context, FindItem, WriteItem
from connector.model.errors import ConfigError
from connector.model.outbox import Done, NotExecuted, Refused


def crm(root: Path, **settings: Any) -> FilesCrm:
    context = Context("out", root, lambda: datetime(2026, 11, 20, tzinfo=UTC), lambda _name: "")
    return FilesCrm(FilesSettings(**{"folder": "crm", **settings}), context)


def lead(key: str, **values: Any) -> WriteItem:
    return WriteItem("lead", key, values)


def cells(root: Path, name: str = "leads.csv") -> list[list[str]]:
    with (root / "crm" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_columns_are_the_union_in_a_stable_order_with_our_key_first(tmp_path: Path) -> None:
    crm(tmp_path).write([lead("k1", name="Ana", city="Bonn"), lead("k2", score=7, name="Bo")])
    crm(tmp_path).write([lead("k1", phone="030", name="Anna")])
    assert cells(tmp_path) == [
        ["baton_id", "name", "city", "score", "phone"],
        ["k1", "Anna", "Bonn", "", "030"],
        ["k2", "Bo", "", "7", ""],
    ]


def test_a_lead_its_task_and_its_note_are_rows_of_three_files(tmp_path: Path) -> None:
    items = [
        lead("k1", name="Ana"),
        *(WriteItem(one, f"h:{one}", {"x": "1"}, parent_id="k1") for one in ("task", "note")),
    ]
    assert crm(tmp_path).write(items) == [Done("k1"), Done("h:task"), Done("h:note")]
    assert cells(tmp_path, "tasks.csv") == [["baton_id", "baton_parent", "x"], ["h:task", "k1", "1"]]
    assert cells(tmp_path, "notes.csv") == [["baton_id", "baton_parent", "x"], ["h:note", "k1", "1"]]


def test_what_people_add_is_kept(tmp_path: Path) -> None:
    crm(tmp_path).write([lead("k1", name="Ana")])
    path = tmp_path / "crm" / "leads.csv"
    path.write_text("mine,baton_id,name\nseen,k1,Ana\nown row,,Zoë\n", "utf-8")
    crm(tmp_path).write([lead("k1", name="Anna"), lead("k2", name="Bo")])
    assert cells(tmp_path) == [
        ["baton_id", "mine", "name"],
        ["k1", "seen", "Anna"],
        ["", "own row", "Zoë"],
        ["k2", "", "Bo"],
    ]


def test_values_are_written_as_people_read_them(tmp_path: Path) -> None:
    crm(tmp_path).write([lead("k1", yes=True, no=False, none=None, minus=-5, half=0.5, both=["a", "b"])])
    assert cells(tmp_path)[1] == ["k1", "true", "false", "", "-5", "0.5", "a; b"]


def test_text_that_a_spreadsheet_would_run_is_escaped(tmp_path: Path) -> None:
    crm(tmp_path).write([lead("k1", name='=HYPERLINK("http://x")', phone="+49 30 1", note="'tis", code="'=1")])
    assert cells(tmp_path)[1] == ["k1", '\'=HYPERLINK("http://x")', "'+49 30 1", "'tis", "''=1"]
    found = crm(tmp_path).find([FindItem("lead", "k1")])[0].values[0]
    assert (found["phone"], found["note"], found["code"]) == ("+49 30 1", "'tis", "'=1")


def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "crm" / "leads.csv"
    path.parent.mkdir()
    path.write_text("id,name\n1,Ana\n", "utf-8")
    with pytest.raises(ConfigError, match=r"leads\.csv:1: there is no column baton_id"):
        crm(tmp_path).check()
    (outcome,) = crm(tmp_path).write([lead("k1", name="x")])
    assert isinstance(outcome, NotExecuted)
    assert "there is no column baton_id" in outcome.reason
    assert path.read_text("utf-8") == "id,name\n1,Ana\n"


def test_what_the_encoding_cannot_hold_is_refused_alone(tmp_path: Path) -> None:
    out = crm(tmp_path, write_encoding="cp932")
    outcomes = out.write([lead("k1", name="山田"), lead("k2", name="😀"), lead("k3", name="Ana")])
    assert outcomes == [Done("k1"), Refused("cp932 cannot hold it", "ENCODING", "name"), Done("k3")]
    assert "山田" in (tmp_path / "crm" / "leads.csv").read_text("cp932")


def test_another_writer_is_waited_for_by_the_caller(tmp_path: Path) -> None:
    crm(tmp_path).write([lead("k1", name="Ana")])
    with (tmp_path / "crm" / LOCK).open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        (outcome,) = crm(tmp_path).write([lead("k2", name="Bo")])
    assert isinstance(outcome, NotExecuted)
    assert outcome.retry_after
    assert crm(tmp_path).find([FindItem("lead", "k2")])[0].crm_ids == ()
    assert crm(tmp_path).write([lead("k2", name="Bo")]) == [Done("k2")]


def test_a_deleted_row_is_not_made_again(tmp_path: Path) -> None:
    crm(tmp_path).write([lead("k1", name="Ana"), lead("k2", name="Bo")])
    path = tmp_path / "crm" / "leads.csv"
    path.write_text("baton_id,name\nk2,Bo\n", "utf-8")
    (outcome,) = crm(tmp_path).write([WriteItem("lead", "k1", {"name": "Anna"}, crm_id="k1")])
    assert outcome == Refused("it is not in leads.csv any more", "NOT_FOUND")


def test_the_mark_is_there_for_excel(tmp_path: Path) -> None:
    crm(tmp_path, byte_order_mark=True).write([lead("k1", name="Ana")])
    crm(tmp_path, byte_order_mark=True).write([lead("k1", name="Anna")])
    assert (tmp_path / "crm" / "leads.csv").read_bytes() == b"\xef\xbb\xbfbaton_id,name\r\nk1,Anna\r\n"


def test_a_full_disk_executes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crm(tmp_path).write([lead("k1", name="Ana")])

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        (outcome,) = crm(tmp_path).write([lead("k1", name="Anna")])
    assert outcome == NotExecuted("leads.csv was not written: No space left on device")
    assert cells(tmp_path)[1] == ["k1", "Ana"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "crm").write_text("a file", "utf-8")
    with pytest.raises(ConfigError, match=r"connections\.out\.folder: the folder crm cannot be written to"):
        crm(tmp_path).check()


def test_without_a_folder_there_is_no_crm(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="name the folder"):
        crm(tmp_path, folder="")


# killed at every step ---------------------------------------------------------------------------


def _write_and_die(root: Path, step: int) -> bool:
    """A child replaces the file and kills itself before its `step`-th step; False if it came to its end."""
    child = os.fork()
    if child == 0:
        taken = 0

        def counted(call: Any) -> Any:
            def stepwise(*arguments: Any, **named: Any) -> Any:
                nonlocal taken
                taken += 1
                if taken == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*arguments, **named)

            return stepwise

        # The steps are what reaches the system: opening, syncing, renaming, and each row written.
        Path.open = counted(Path.open)  # type: ignore[method-assign]
        Path.replace = counted(Path.replace)  # type: ignore[method-assign]
        os.fsync = counted(os.fsync)
        escaping.cell = counted(escaping.cell)
        crm(root).write([lead("k1", name="new"), lead("k3", name="new")])
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


OLD = [["baton_id", "name"], ["k1", "old"], ["k2", "old"]]
NEW = [["baton_id", "name"], ["k1", "new"], ["k2", "old"], ["k3", "new"]]


def test_killed_at_any_step_the_file_is_the_old_one_or_the_new_one(tmp_path: Path) -> None:
    seen, step = [], 1
    while True:
        root = tmp_path / str(step)
        root.mkdir()
        crm(root).write([lead("k1", name="old"), lead("k2", name="old")])
        died = _write_and_die(root, step)
        seen.append(cells(root))
        crm(root).write([lead("k1", name="new"), lead("k3", name="new")])
        assert cells(root) == NEW
        if not died:
            break
        step += 1
    assert step > 10
    assert all(rows in (OLD, NEW) for rows in seen)
    assert seen[0] == OLD
    assert seen[-1] == NEW
