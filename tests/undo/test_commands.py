"""`baton undo` and `baton reconcile` from the command line."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.cli.undo import left_lines
from connector.model import sentences
from connector.runs.undone import Left
from connector.steps.telling.words import Words
from tests.system.conftest import Shop, shop

__all__ = ["shop"]


@pytest.fixture
def changed(shop: Shop) -> Shop:
    """Ana was handed over in run 1; run 2 says another firm of hers."""
    shop.baton("sync")
    shop.edit("contacts.csv", "Alba GmbH,500,2026-11-01", "Alba AG,500,2026-11-21")
    shop.baton("sync")
    return shop


def test_runs_that_wrote_something_are_listed(changed: Shop) -> None:
    assert [(one["id"], one["kind"], one["records"], one["undone"]) for one in changed.told("undo")["runs"]] == [
        (2, "sync", 1, 0), (1, "sync", 3, 0),
    ]  # fmt: skip
    assert "baton undo RUN" in changed.baton("undo").stdout


def test_a_run_is_tried_and_taken_back_and_it_says_so(changed: Shop) -> None:
    tried = changed.told("undo", "2", "--dry-run")
    assert (tried["dry_run"], tried["records"], tried["by"]) == (True, 1, None)
    done = changed.told("undo", "2")
    assert (done["records"], done["fields"], done["waiting"], done["left"]) == (1, 1, 0, [])
    assert "taken back before: 1" in changed.baton("undo", "2").stdout
    assert changed.told("undo", str(done["by"]))["records"] == 1


def test_what_is_left_is_named_with_its_reason(changed: Shop) -> None:
    answer = changed.baton("undo", "1")
    assert answer.exit_code == 0
    assert "closed and marked: 1" in answer.stdout
    assert "no way to end it" in answer.stdout
    why = changed.baton("why", "ana@alba.example").stdout
    assert "rejected" in why
    assert why.count("taken back (run 1)") == 2
    assert "by a person" not in why


def test_of_many_that_are_left_the_first_are_named_and_where_all_of_them_are() -> None:
    words = Words("en", ZoneInfo("UTC"), str, datetime(2026, 12, 7, tzinfo=UTC))
    left = [Left("crm", "lead", f"00Q{n}", n, sentences.EDITED_SINCE, "Title") for n in range(12)]
    said = " ".join(" ".join(left_lines(words, left)).split())
    assert "records that are left, whole or in part: 12" in said
    assert said.endswith("00Q8, 00Q9 … and 2 more (--output json)")
    assert said.count("00Q") == 10
    assert "more" not in " ".join(left_lines(words, left[:10]))


def test_a_run_that_wrote_nothing_is_a_mistake(changed: Shop) -> None:
    answer = changed.baton("undo", "99")
    assert answer.exit_code == 2
    assert "run 99 wrote nothing" in answer.stderr


def test_one_lead_only(changed: Shop) -> None:
    assert changed.told("undo", "2", "--only", "bo@berg.example")["records"] == 0
    assert changed.told("undo", "2", "--only", "ana@alba.example")["records"] == 1


def test_both_sides_are_compared_and_a_plan_is_kept(changed: Shop, tmp_path: Path) -> None:
    file = tmp_path / "repair.json"
    answer = changed.baton("reconcile", "--strict", "-o", str(file))
    assert answer.exit_code == 0
    assert "records compared: 1" in answer.stdout
    assert "nothing differs" in answer.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text("utf-8"))["rows"] == []
    said = changed.told("reconcile", "--sample", "1", "--seed", "4")
    assert (said["seed"], said["compared"], said["found"]) == (4, {"desk": 1}, [])


def test_what_differs_is_said_and_strict_ends_with_5(changed: Shop) -> None:
    from tests.undo.desk import overwritten

    overwritten(changed.folder, "grade", "Z9")
    answer = changed.baton("reconcile", "--strict")
    assert answer.exit_code == 5
    assert "stale: 1" in answer.stdout
    assert "lead record grade" in answer.stdout
    file = changed.folder / "repair.json"
    assert changed.baton("reconcile", "-o", str(file)).exit_code == 0
    assert json.loads(file.read_text("utf-8"))["rows"]
    # A plan like any other: whoever is in it is found there when they are forgotten.
    assert f"{file}: all of it" in changed.baton("forget", "ana@alba.example", "--yes").stdout
    assert not file.exists()
