from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from connector.model.person import Person
from connector.runs.kept_files import copies, look_through, traces

ANA = Person(
    (17,), frozenset({"abcdef-17"}), frozenset({("hubspot", "contact", "400123")}), frozenset({"ana@firm.example"}),
    frozenset({"+49305550100"}), names=frozenset({"Ana Weber"}),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("to ANA@Firm.example: hello", True),
        ("diana@firm.example", False),
        ("ana@firm.example.org", False),
        ("wrote to ana@firm.example.", True),
        ('"id":"400123"', True),
        ("4001234", False),
        ("abcdef-171", False),
        ("call +49305550100 now", True),
        ("Ana Weber", False),
    ],
)
def test_who_is_named_in_a_text(text: str, named: bool) -> None:
    assert ANA.named_in(text) is named


def test_somebody_of_that_name_may_be_meant_in_a_file_only() -> None:
    assert ANA.perhaps_in("for Ana Weber, Firm")
    assert not Person((1,)).perhaps_in("anything")


def test_of_a_trace_the_calls_go_that_name_them_and_their_own_goes_whole(tmp_path: Path) -> None:
    folder = tmp_path / "traces"
    folder.mkdir()
    lines = ['{"id": "1"}', '{"email": "ana@firm.example"}', '{"id": "2"}']
    for name in ("lead-17-x", "lead-3-x", "lead-170-x"):
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    seen = look_through(traces(tmp_path), ANA, change=False)
    assert [(one.file.name, one.whole, one.lines) for one in seen] == [
        ("lead-17-x.jsonl", True, 0), ("lead-170-x.jsonl", False, 1), ("lead-3-x.jsonl", False, 1)
    ]  # fmt: skip
    assert len(list(folder.iterdir())) == 3
    look_through(traces(tmp_path), ANA, change=True)
    left = {file.name: file.read_text("utf-8") for file in folder.iterdir()}
    assert left == dict.fromkeys(("lead-170-x.jsonl", "lead-3-x.jsonl"), '{"id": "1"}\n{"id": "2"}\n')
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert look_through(traces(tmp_path), ANA, change=False) == []


@pytest.mark.parametrize(
    ("told", "about"),
    [
        ({"rows": [{"lead": 17}]}, True),
        ({"stamps": [{"lead_id": 17}]}, True),
        ({"rows": [{"lead": 18, "count": 17}]}, False),
        ({"rows": [{"lead": 18, "name": "Ana Weber"}]}, True),
        ("<p>Ana Weber</p>", True),
        ("<p>Bo</p>", False),
    ],
)
def test_a_plan_goes_whole(tmp_path: Path, told: object, about: bool) -> None:
    file = tmp_path / "plan.json"
    file.write_text(told if isinstance(told, str) else json.dumps(told), "utf-8")
    assert [one.whole for one in look_through([file], ANA, change=True)] == [True] * about
    assert file.exists() is not about


def test_copies_of_the_store_are_named_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "backups").mkdir()
    for name, store in (("baton.db", "abcdef"), ("copy.db", "abcdef"), ("backups/old", "abcdef"), ("other.db", "zzz")):
        with closing(sqlite3.connect(tmp_path / name)) as made:
            made.execute("CREATE TABLE meta (name TEXT, value TEXT)")
            made.execute("INSERT INTO meta VALUES ('store_id', ?)", (store,))
            made.commit()
    (tmp_path / "text").write_text("SQLite format 3")
    (tmp_path / "torn.db").write_bytes(b"SQLite format 3\0" + b"x" * 50)
    found = copies(str(tmp_path / "baton.db"), tmp_path, "abcdef")
    assert [file.name for file in found] == ["old", "copy.db"]
    assert copies("postgresql://h/n", tmp_path, "abcdef") == []
