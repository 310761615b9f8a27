"""What would be written, before it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.insight.plan import Proposal, plan
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
