"""What would be written, before it is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.insight.plan import Proposal, plan, plan_json, render_plan
from connector.locale import translator
from connector.model.handoff import Handoff, HandoffState
from connector.model.lead import Lead
from connector.model.outbox import Receipt
from connector.model.score import Score
from connector.steps.telling.words import Words

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
EN = Words("en", ZoneInfo("Europe/Berlin"), str, NOW)


def proposal(number: int, state: HandoffState | None = "open", *, total: int = 60, **more: Any) -> Proposal:
    lead = Lead(
        {"name.full": f"Person {number}"}, id=number, flow="b2b", score=Score(NOW, "v", total=total, grade="B2")
    )
    handoff = None
    if state:
        routed = "rule 1: everyone → sdr" if state in ("open", "nobody") else ""
        handoff = Handoff(
            number, "b2b", "mql", state, NOW, "v", number == 9, total, "B2", "lena@x.example", "sdr", routed
        )
    return Proposal(lead, "desk", handoff, more.pop("values", {"Name": "Ana", "Score": 60, "Note": ""}), **more)


def receipt(**values: Any) -> Receipt:
    return Receipt("desk", "lead", "k", "12", values)


SAME = {"Name": "Ana", "Score": 60, "Note": ""}


def test_a_lead_that_the_target_does_not_know_is_created_with_all_values() -> None:
    (row,) = plan([proposal(1, also=["task", "note"], unsent=[("Source", "no entry in the table")])], EN)
    assert (row.action, row.owner, row.also) == ("create", "lena@x.example", ("task", "note"))
    assert [(one.field, one.new) for one in row.changes] == [("Name", "Ana"), ("Note", ""), ("Score", 60)]


def test_only_what_differs_is_changed() -> None:
    (row,) = plan([proposal(1, receipt=receipt(Name="Ana", Score=41, Note=""))], EN)
    assert row.action == "change"
    assert [(one.field, one.old, one.new) for one in row.changes] == [("Score", 41, 60)]


@pytest.mark.parametrize(
    ("given", "action", "reason"),
    [
        (proposal(1, receipt=receipt(**SAME)), "same", ""),
        (proposal(1, receipt=replace(receipt(), gone=True)), "skip", "gone in desk, and not made again"),
        (proposal(1, "closed"), "skip", "its handoff is closed"),
        (proposal(1, "review"), "wait", "waits for a person to release it"),
        (proposal(1, "waiting"), "wait", "waits for its turn, best first"),
        (proposal(1, "observed"), "wait", "the flow only observes: nothing was written outside"),
        (proposal(1, "before_start"), "wait", "over the line before the flow's start: no handoff"),
        (proposal(1, "nobody"), "wait", "nobody there to take it: rule 1: everyone → sdr"),
        (proposal(1, None), "skip", "not over the line"),
        (proposal(1, None, missing=["country"]), "wait", "over the line, but lacks required fields: country"),
        (Proposal(Lead(id=1), "desk"), "skip", "no flow takes this lead"),
    ],
)
def test_what_is_not_written_says_why(given: Proposal, action: str, reason: str) -> None:
    (row,) = plan([given], EN)
    assert (row.action, row.reason, row.changes) == (action, reason, ())


PLAN = [
    proposal(1, None), proposal(2, None),
    proposal(3, also=["task"], total=50),
    proposal(9, also=["task"], total=40, unsent=[("Source", "no entry in the table")]),
    proposal(4, receipt=receipt(Name="Ana", Score=41, Note="2026-12-07T08:00:00+00:00")),
    proposal(5, "nobody"),
]  # fmt: skip


def test_the_plan_as_it_is_read() -> None:
    assert render_plan(plan(PLAN, EN), EN) == [
        "In all",
        "  2  create  desk · task 2",
        "  1  change  desk · Note 1, Score 1",
        "  1  wait    nobody there to take it",
        "  2  skip    not over the line",
        "",
        "create (2)",
        "  Person 9 · HOT · B2 · 40 · lena@x.example",
        "      rule 1: everyone → sdr",
        "      Name   Ana",
        "      Note   (blank)",
        "      Score  60",
        "      with: task",
        "      Source is left out: no entry in the table",
        "  Person 3 · B2 · 50 · lena@x.example",
        "      rule 1: everyone → sdr",
        "      Name   Ana",
        "      Note   (blank)",
        "      Score  60",
        "      with: task",
        "",
        "change (1)",
        "  Person 4 · B2 · 60 · lena@x.example",
        "      Note   Mon 7 Dec 09:00 → (blank)",
        "      Score  41 → 60",
        "",
        "wait (1)",
        "  Person 5 · B2 · 60 · lena@x.example",
        "      nobody there to take it: rule 1: everyone → sdr",
    ]


def test_a_long_plan_is_cut_and_the_rest_counted() -> None:
    lines = render_plan(plan([proposal(number) for number in range(1, 60)], EN), EN, longest=3)
    assert "  and 56 more" in lines
    assert sum("Person" in line for line in lines) == 3


def test_a_long_text_is_shown_by_its_beginning() -> None:
    lines = render_plan(plan([proposal(1, values={"Brief": "one two three\n" * 40})], EN), EN)
    (shown,) = (line for line in lines if "Brief" in line)
    assert shown.endswith("…")
    assert len(shown) < 80


def test_an_empty_plan_says_so() -> None:
    assert render_plan([], EN) == ["Nothing to do."]


def test_the_plan_speaks_japanese() -> None:
    ja = Words("ja", ZoneInfo("Asia/Tokyo"), translator("ja"), NOW)
    lines = render_plan(plan(PLAN, ja), ja)
    assert lines[:2] == ["全体", "  2  作成    desk · タスク 2"]
    assert "      Note   12月7日(月) 17:00 → （空）" in lines


def test_json_holds_every_row() -> None:
    document = json.loads(json.dumps(plan_json(plan(PLAN, EN))))
    assert document["counts"] == {"create": 2, "change": 1, "same": 0, "wait": 1, "skip": 2}
    assert [row["lead_id"] for row in document["rows"]] == [9, 3, 4, 5, 1, 2]
    assert document["rows"][0]["unsent"] == [["Source", "no entry in the table"]]
