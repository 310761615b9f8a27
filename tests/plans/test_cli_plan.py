"""`baton plan` and `baton apply` from the command line: files, pages, exit codes."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.model import sentences
from connector.model.ports import ReviewItem
from tests.line import Line
from tests.plans.ground import FLOW, SETTINGS, line_at, read


class Shell:
    """A line that was read, and the command line in its folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.line: Line = line_at(folder, settings=SETTINGS, flow=FLOW)
        read(self.line)
        self.line.app.close()

    def __call__(self, *arguments: str) -> tuple[int, str]:
        answer = CliRunner().invoke(
            baton, ["--config", str(self.folder / "config.toml"), *arguments], prog_name="baton"
        )
        return answer.exit_code, answer.output

    def told(self, *arguments: str) -> Any:
        code, said = self(*arguments, "--output", "json")
        assert code == 0, said
        return json.loads(said)


@pytest.fixture
def baton_in(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_plan_is_kept_for_its_owner_alone_and_applied(baton_in: Shell, tmp_path: Path) -> None:
    file, page = tmp_path / "plan.json", tmp_path / "plan.html"
    assert baton_in("plan", "-o", str(file))[0] == 0
    file.chmod(0o644)
    code, said = baton_in("plan", "-o", str(file), "--html", str(page))
    assert code == 0
    assert "3  create  crm · lead record" in said
    assert f"to do it: baton apply {file}" in said.replace("\n", "")
    assert mode(file) == mode(page) == 0o600
    code, said = baton_in("apply", str(file))
    assert (code, said.splitlines()[0]) == (0, "3 of 3 records of the plan are put up for writing")
    assert "  crm lead record: written 3" in said
    code, said = baton_in("apply", str(file))
    assert (code, "  3 of them by an earlier time of applying it" in said) == (0, True)


def test_what_is_refused_is_named_and_the_exit_code_is_7(baton_in: Shell, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    baton_in("plan", "-o", str(file))
    baton_in.line.crm.make("lead", {"email": "ana2@firm.example"}, baton_in.line.now)
    code, said = baton_in("apply", str(file), "--output", "json")
    document = json.loads(said)
    assert (code, document["written"], document["planned"]) == (7, 2, 3)
    assert [one["why"] for one in document["refused"]] == ["it has changed since the plan was made"]
    code, said = baton_in("apply", str(file))
    assert code == 7
    assert "1 are left alone:" in said


def test_a_page_alone_needs_no_other_option(baton_in: Shell, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    assert baton_in("plan", "-o", str(page))[0] == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")


def test_a_plan_from_the_store_alone_is_kept_and_not_applied(baton_in: Shell, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    code, said = baton_in("plan", "--stored", "-o", str(file))
    assert (code, "baton apply" in said) == (0, False)
    code, said = baton_in("apply", str(file))
    assert code == 2
    assert "--stored" in said


def test_one_lead_and_all_of_them(baton_in: Shell) -> None:
    assert [row["who"] for row in baton_in.told("plan", "--only", "ana2@firm.example")["rows"]] == [
        "Ana Weber · Firm GmbH"
    ]
    assert baton_in("plan", "--only", "nobody@firm.example")[0] == 2
    assert baton_in("plan", "--all")[1].count("Ana Weber · Firm GmbH · HOT") == 3
    assert baton_in("plan", "--stamps", "--stored")[0] == 2


def test_the_document_has_counts_groups_and_costs_before_its_rows(baton_in: Shell) -> None:
    document = baton_in.told("plan")
    assert document["counts"] == {"create": 3, "update": 0, "skip": 0, "conflict": 0, "unknown": 0}
    assert [(one["action"], one["count"], one["also"]) for one in document["groups"]] == [
        ("create", 3, {"task": 3, "note": 3})
    ]
    assert document["cost"]["crm"]["calls"]["lead create"] == 1
    assert list(document)[-1] == "rows"


@pytest.mark.parametrize("name", ["plan.json", "plan.html"])
def test_a_place_that_cannot_be_written_is_said_plainly(baton_in: Shell, name: str) -> None:
    code, said = baton_in("plan", "-o", str(baton_in.folder / "nowhere" / name))
    assert code == 6
    assert f"{name} was not written: No such file or directory" in said
    assert "fault of this program" not in said


def test_a_plan_with_nothing_to_write_says_so_when_it_is_applied(baton_in: Shell, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    assert baton_in("plan", "-o", str(file))[0] == 0
    assert baton_in("apply", str(file))[0] == 0
    again = tmp_path / "again.json"
    assert baton_in("plan", "-o", str(again))[0] == 0
    code, said = baton_in("apply", str(again))
    assert (code, said.splitlines()[0].partition(":")[0]) == (0, "the plan has nothing to write")


@pytest.mark.parametrize("reason", [sentences.EMPTIED % {"stream": "contacts"}, "somebody parked it"])
def test_status_names_the_command_that_frees_a_parked_flow_once(baton_in: Shell, reason: str) -> None:
    with baton_in.line.app.store.write() as tx:
        tx.reviews.put([ReviewItem("parked_flow", "b2b", "b2b", reason, flow="b2b")], baton_in.line.now)
    baton_in.line.app.close()
    code, said = baton_in("status")
    assert code == 0
    assert " ".join(said.split()).count("baton release --flow b2b") == 1
    assert " ".join(said.split()).count("baton release --flow") == 1
