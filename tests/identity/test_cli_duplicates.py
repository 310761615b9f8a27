"""`baton duplicates` from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.insight.duplicates import agreement
from connector.model.joining import Pair
from connector.model.ports import ReviewItem
from connector.steps.alike import compare, person
from tests.identity.test_joinings import HOUR, crm_id, handoffs, started
from tests.line import Line


class Shell:
    """Two people of whom it is asked whether they are one, and the command line in their folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.line: Line = started(folder)
        line = self.line
        line.person(1, **{"name.given": "Jonathan", "name.family": "Meyer"})
        line.person(2, **{"name.given": "John", "name.family": "Meier", "company.name": "Firma GmbH"})
        for number in (1, 2):
            line.did(number, "demo_request")
        line.sync()
        self.one, self.other = line.lead(1), line.lead(2)
        found = compare(person(self.one.fields), person(self.other.fields), line.app.config.identity.person)
        findings = [(one.field, one.level, one.points) for one in found.findings]
        with line.app.store.write() as tx:
            tx.pairs.put([Pair(self.one.id, self.other.id, found.points, "perhaps", findings)], line.now)
            (self.pair,) = tx.pairs.of_leads([self.one.id])

    def __call__(self, *arguments: str) -> tuple[int, str]:
        answer = CliRunner().invoke(
            baton, ["--config", str(self.folder / "config.toml"), "duplicates", *arguments], prog_name="baton"
        )
        return answer.exit_code, answer.output

    def told(self, *arguments: str) -> Any:
        code, said = self(*arguments, "--output", "json")
        assert code == 0, said
        return json.loads(said)

    def merged_into(self) -> list[int]:
        with self.line.app.store.read() as tx:
            leads = tx.intake.leads([self.one.id, self.other.id])
        return [leads[id].merged_into for id in (self.one.id, self.other.id)]


@pytest.fixture
def shell(tmp_path: Path) -> Any:
    made = Shell(tmp_path)
    yield made
    made.line.app.close()


def number(shell: Shell) -> str:
    return str(shell.pair.id)


def test_pairs_are_listed_with_both_names_a_reason_and_a_count(shell: Shell) -> None:
    code, said = shell()
    assert code == 0
    assert f"Jonathan Meyer <ana1@firm.example> (lead {shell.one.id})" in said
    assert f"John Meier <ana2@firm.example> (lead {shell.other.id})" in said
    assert f"{shell.pair.points:+d}" in said
    assert "open 1, same 0, different 0" in said
    told = shell.told()
    assert told["pairs"][0]["reason"]
    assert told["counts"]["open"] == 1


def test_a_pair_is_shown_side_by_side_and_its_points_add_up(shell: Shell) -> None:
    code, said = shell("show", number(shell))
    assert code == 0
    lines = [line for line in said.splitlines() if "Meyer" in line]
    assert any("Meier" in line and line.endswith("close") for line in lines)
    assert any("Germany" in line or line.strip().startswith("country") for line in said.splitlines())
    told = shell.told("show", number(shell))
    assert sum(one["points"] for one in told["findings"]) == told["points"]
    by_name = {one["field"]: one["agreement"] for one in told["fields"]}
    assert by_name["job_title"] == "same"
    assert by_name["email"] in ("close", "differs")
    assert [one["lead"] for one in told["leads"]] == [shell.one.id, shell.other.id]
    assert told["leads"][0]["known_as"]
    assert told["leads"][0]["last_activity"]


def test_the_same_makes_one_and_undo_makes_two(shell: Shell) -> None:
    code, said = shell("same", number(shell), "--note", "called both", "--by", "lena")
    assert code == 0, said
    assert f"lead {shell.one.id} is both from now on" in said
    assert shell.merged_into() == [0, shell.one.id]
    decided = shell.told("decided")["pairs"]
    assert [(one["state"], one["decided_by"], one["note"]) for one in decided] == [("same", "lena", "called both")]
    (joining,) = shell.told("joined")["joinings"]
    assert (joining["how"], joining["by"], joining["undone_at"]) == ("person", "lena", None)
    assert shell("joined")[0] == shell("decided")[0] == 0
    code, said = shell("undo", number(shell))
    assert code == 0
    assert "waits again" in said
    assert shell.merged_into() == [0, 0]
    assert shell.told()["counts"] == {"open": 1, "same": 0, "different": 0, "ended": 0}


def test_the_story_of_either_lead_tells_of_it(shell: Shell) -> None:
    shell("same", number(shell))

    def why(lead_id: int) -> str:
        config = str(shell.folder / "config.toml")
        return str(CliRunner().invoke(baton, ["--config", config, "why", f"lead:{lead_id}"]).output)

    assert f"lead {shell.other.id} has become this one (a person; joining 1)" in why(shell.one.id)
    assert f"one with  lead {shell.one.id}" in why(shell.other.id)
    shell("undo", number(shell), "--by", "lena")
    assert "joining 1 was taken apart (lena)" in why(shell.other.id)


def test_two_people_are_not_asked_about_again_until_that_is_taken_back(shell: Shell) -> None:
    assert shell("different", number(shell), "--by", "lena")[0] == 0
    assert shell.told()["pairs"] == []
    code, said = shell("same", number(shell))
    assert code == 2
    assert said == f"error: pair {number(shell)} was decided by lena (different); first: " \
        f"baton duplicates undo {number(shell)}\n"  # fmt: skip
    assert shell("undo", number(shell))[0] == 0
    assert shell.told()["counts"]["open"] == 1


def test_records_of_both_in_the_crm_are_named_until_they_are_merged_there(shell: Shell) -> None:
    line, records = shell.line, [crm_id(shell.line, place) for place in (1, 2)]
    told = shell.told("same", number(shell))
    assert [(one["stays"], one["other"]) for one in told["to_merge"]] == [tuple(records)]
    code, said = shell()
    assert code == 0
    assert f"merge in crm: {records[0]} and {records[1]}" in said
    line.person(1, job_title="CIO")
    line.sync(HOUR)
    titles = {one.crm_id: one.values.get("job_title") for one in line.crm.things("lead")}
    assert titles == {records[0]: "CIO", records[1]: "Director IT"}
    assert line.crm_counts()["lead"] == 2
    line.crm.remove(records[1], merged_into=records[0])
    line.sync(HOUR)
    assert shell.told()["to_merge"] == []
    assert [one.state for one in handoffs(line, shell.one.id)] == ["open"]


def test_apart_says_what_does_not_come_back(shell: Shell) -> None:
    line, record = shell.line, crm_id(shell.line, 2)
    line.crm.remove(record, merged_into=crm_id(line, 1))
    line.sync(HOUR)
    (joining,) = shell.told("joined")["joinings"]
    assert joining["how"] == "crm"
    code, said = shell("apart", str(joining["number"]))
    assert code == 0
    assert f"crm has lead {record} no more" in said
    assert "stays closed" in said
    code, said = shell("apart", str(joining["number"]))
    assert code == 2
    assert "was taken apart by" in said


def test_who_is_further_in_sales_stays(shell: Shell) -> None:
    line = shell.line
    line.crm.edit(crm_id(line, 2), {"stage": "sal"}, line.now)
    line.sync(HOUR)
    code, said = shell("same", number(shell), "--keep", f"lead:{shell.one.id}")
    assert code == 2
    assert f"lead {shell.other.id} is further in sales" in said
    assert shell("same", number(shell))[0] == 0
    assert shell.merged_into() == [shell.other.id, 0]


def test_what_a_second_look_found_twice_is_listed(shell: Shell) -> None:
    body = {"records": [["lead", "L-1"], ["lead", "L-2"]]}
    reason = "there are two of it: L-1, L-2"
    with shell.line.app.store.write() as tx:
        tx.reviews.put([ReviewItem("notice", "duplicate:crm:lead:x-1", "crm lead", reason, body=body)], shell.line.now)
    assert reason in shell()[1]
    assert shell.told()["twice"][0]["records"] == [["lead", "L-1"], ["lead", "L-2"]]


WRONG = {
    ("show", "99"): "no pair 99; baton duplicates lists those that wait",
    ("same", "99"): "no pair 99; baton duplicates lists those that wait",
    ("different", "99"): "no pair 99; baton duplicates lists those that wait",
    ("undo", "1"): "pair 1 was not decided by anybody",
    ("apart", "7"): "no joining 7 that can be taken apart; baton duplicates joined lists them",
    ("same", "1", "--keep", "nobody@x.example"): "no lead is known by nobody@x.example",
}


def test_a_wrong_number_is_one_clear_line(shell: Shell) -> None:
    for arguments, what in WRONG.items():
        code, said = shell(*arguments)
        assert code == 2
        assert said.startswith(f"error: {what}")
        assert len(said.splitlines()) == 1


@pytest.mark.parametrize("command", ["show", "same", "different", "undo", "apart"])
def test_a_number_that_no_store_can_hold_is_no_fault_of_the_program(shell: Shell, command: str) -> None:
    code, said = shell(command, "9" * 23)
    assert (code, "is not in the range" in " ".join(said.split())) == (2, True), said


def test_legal_forms_do_not_make_two_names_of_a_company_differ() -> None:
    assert agreement("株式会社青空", "(株)青空", "company.name") == "close"
    assert agreement("Nord Logistik GmbH", "Nord Logistik", "company.name") == "close"
    assert agreement("Nord Logistik GmbH", "Ost Spedition GmbH", "company.name") == "differs"
