"""`baton errors`, `status` and `why`: why, which record, which field, and what to do next; by reason where many are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from adapters._hubspot import answers as hubspot
from adapters._salesforce import refusals as salesforce
from connector.cli.root import baton
from connector.locale import translator
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem
from connector.model.refusals import REFUSAL_KINDS
from connector.steps.telling.next_steps import Refusal, next_step
from connector.steps.telling.words import Words
from tests.line import START, Line

STEP = timedelta(minutes=5)


class Desk:
    """A line with refused writes, and the command line on its folder."""

    def __init__(self, folder: Path) -> None:
        self.line = Line(folder)
        self.folder = folder

    def refused(self, number: int, code: str, reason: str, name: str = "", object: str = "lead") -> None:
        key = f"{object}{number}"
        self.line.crm.poison(key, reason, code, name)
        with self.line.app.store.write() as tx:
            tx.outbox.put([OutboxRow("crm", "state", object, key, f"crm:{key}", {"email": "x"}, flow="b2b")],
                          self.line.now)  # fmt: skip

    def run(self, *args: str) -> Result:
        config = str(self.folder / "config.toml")
        return CliRunner().invoke(baton, ["--config", config, *args], prog_name="baton")

    def told(self, *args: str) -> Any:
        answer = self.run(*args, "--output", "json")
        return json.loads(answer.stdout)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("NO_COLOR", "1")
    made = Desk(tmp_path)
    yield made
    made.line.app.close()


def test_a_refusal_is_told_with_reason_code_field_and_next_step(desk: Desk) -> None:
    desk.refused(1, "NOBODY_KNOWS_THIS", "the thing says no", "company")
    desk.line.sync()
    (fault,) = desk.told("errors")["errors"]
    assert (fault["code"], fault["refusal"], fault["field"], fault["object"]) == (
        "NOBODY_KNOWS_THIS", "unknown", "company", "lead",
    )  # fmt: skip
    assert (
        fault["next"]
        == f"do what crm says, there or where the value comes from; then: baton errors retry {fault['id']}"
    )
    text = " ".join(desk.run("errors").stdout.split())
    assert "company: the thing says no [NOBODY_KNOWS_THIS]" in text
    assert "→ do what crm says" in text


def test_a_platforms_field_is_named_as_it_is_there_and_ours_in_words(desk: Desk) -> None:
    desk.refused(1, "RULE", "it says no", "Region__c")
    desk.refused(2, "RULE", "it says no", "job_title")
    desk.line.sync()
    text = desk.run("errors").stdout
    assert "Region__c: it says no" in text
    assert "job title: it says no" in text


def test_many_of_one_reason_are_one_line_with_examples(desk: Desk) -> None:
    for number in range(40):
        desk.refused(number, "RULE", f"lead {number}: no postcode", "zip")
    desk.refused(99, "OTHER", "something else")
    desk.line.sync()
    text = desk.run("errors").stdout
    assert text.count("no postcode") == 1
    assert "40 ×" in text
    flat = " ".join(text.split())
    assert "for instance: out-1, out-2, out-3" in flat
    assert "baton errors retry --reason RULE" in flat
    found = desk.told("errors")
    assert [group["count"] for group in found["groups"]] == [40, 1]
    assert found["total"] == 41
    assert desk.run("errors", "--each", "--limit", "100").stdout.count("no postcode") == 40


def test_a_reason_is_tried_again_or_dropped_as_a_whole(desk: Desk) -> None:
    for number in range(6):
        desk.refused(number, "RULE" if number % 2 else "OTHER", "no postcode" if number % 2 else "too far away")
    desk.refused(9, "RULE", "no postcode", object="task")
    desk.line.sync()
    assert desk.told("errors", "--reason", "far away")["total"] == 3
    assert desk.told("errors", "--reason", "rule", "--object", "lead")["total"] == 3
    assert desk.told("errors", "--target", "elsewhere")["total"] == 0
    assert desk.told("errors", "retry", "--reason", "RULE", "--object", "lead")["counts"] == {"to be sent again": 3}
    assert desk.told("errors", "drop", "--reason", "OTHER", "--flow", "b2b") == {"dropped": 3}
    assert [row.our_key for row in desk.line.outbox("dead")] == ["task9"]
    assert desk.run("errors", "drop").exit_code == 2
    assert desk.run("errors", "retry", "out-1", "--reason", "RULE").exit_code == 2


def test_what_is_undecided_says_where_to_look(desk: Desk) -> None:
    desk.refused(1, "", "")
    desk.line.crm.cure("lead1")
    desk.line.crm.fault("write", "timeout")
    desk.line.crm.fault("find", "unreliable")
    desk.line.sync()
    desk.line.sync(STEP)
    (fault,) = desk.told("errors")["errors"]
    assert fault["kind"] == "parked"
    assert fault["next"].startswith("look in crm for the record")


def test_items_of_the_fix_queue_say_what_to_do(desk: Desk) -> None:
    items = [
        ReviewItem("set_aside", "portal:contacts:7", "7", "no id", connection="portal"),
        ReviewItem("missing_fields", "1", "1", "", "company.name"),
        ReviewItem("parked_flow", "b2b", "b2b", "emptied", flow="b2b"),
        ReviewItem("notice", "fight:crm:lead.City", "crm", "two writers", "City", connection="crm"),
        ReviewItem("notice", "brand new kind", "crm", "why", connection="crm"),
    ]
    with desk.line.app.store.write() as tx:
        tx.reviews.put(items, desk.line.now)
    steps = [fault["next"] for fault in desk.told("errors")["errors"]]
    words = [
        "baton errors retry 1",
        "in marketing",
        "baton release --flow b2b",
        "let one of the two write City",
        "drop 5",
    ]
    assert all(word in step for word, step in zip(words, steps, strict=True))


def test_status_tells_what_is_held_up_how_long_and_when_it_is_tried_again(desk: Desk) -> None:
    desk.refused(1, "", "")
    desk.line.crm.cure("lead1")
    desk.line.crm.fault("write", "throttled", times=3)
    desk.line.sync()
    desk.line.sync(STEP)
    (held,) = desk.told("status")["held_up"]
    assert (held["target"], held["rows"], held["reason"], held["tries"]) == ("crm", 1, "throttled", 2)
    assert held["since"] < held["next_at"]
    text = " ".join(desk.run("status").stdout.split())
    assert "Held up" in text
    assert "tries: 2" in text


def test_rows_of_a_connection_that_is_gone_are_told_with_what_to_do(desk: Desk) -> None:
    desk.refused(1, "RULE", "no")
    desk.line.sync()
    desk.refused(2, "RULE", "no", object="task")
    text = (desk.folder / "config.toml").read_text("utf-8")
    (desk.folder / "config.toml").write_text(
        text.replace("[connections.crm]", "[connections.new]").replace('crm = "crm"', 'crm = "new"'), "utf-8"
    )
    assert "baton errors drop --target crm" in " ".join(desk.run("status").stdout.split())
    (fault,) = desk.told("errors")["errors"]
    assert fault["next"].startswith("crm is in the configuration no more")
    assert desk.told("errors", "drop", "--target", "crm") == {"dropped": 2}
    assert desk.line.outbox("dead", "waiting") == []


def test_why_says_the_next_step_too(desk: Desk) -> None:
    desk.line.person(1)
    desk.line.did(1, "demo_request")
    with desk.line.app.store.read() as tx:
        store = tx.admin.store_id()
    desk.line.crm.poison(f"{store}-1", "no postcode", "RULE")
    desk.line.sync()
    text = " ".join(desk.run("why", "1").stdout.split())
    assert "no postcode" in text
    assert "baton errors retry out-" in text


def test_the_step_names_our_field_their_field_and_the_place() -> None:
    words = Words("en", UTC, translator("en"), START)
    required = Refusal("out-17", "required", "salesforce", "lead", "Company", "Firm", ("company.name",))
    assert next_step(required, words) == (
        "fill company in marketing, or give Company a default in [write.lead] of the mapping, or make it optional "
        "in salesforce; then: baton errors retry out-17"
    )
    unmapped = Refusal("out-18", "choice", "salesforce", "lead", "LeadSource", "Lead Source")
    assert next_step(unmapped, words).startswith("add the value to Lead Source (LeadSource) in salesforce")


@pytest.mark.parametrize(
    ("kinds", "codes"),
    [(salesforce.REFUSAL_KINDS, salesforce.FIELD_CODES), (hubspot.REFUSAL_KINDS, hubspot.FIELD_CODES)],
)
def test_adapters_say_of_each_code_that_is_about_a_field_what_kind_it_is(kinds: Any, codes: Any) -> None:
    assert set(codes) <= set(kinds)
    assert set(kinds.values()) <= set(REFUSAL_KINDS)
