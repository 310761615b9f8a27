"""`baton criteria effect`, of a store with a change in it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.model.lead import Lead
from connector.model.ports import CriteriaVersion
from connector.model.stages import Stage, Transition
from tests.line import Line

NOW = datetime.now(UTC)
AT = NOW - timedelta(weeks=12)
WEEK = timedelta(weeks=1)


def moves(lead: Lead, at: datetime, *stages: Stage) -> list[Transition]:
    return [
        Transition(lead.id, "b2b", "known", stage, at + number * timedelta(days=2), "baton", "x", "v")
        for number, stage in enumerate(stages)
    ]


@pytest.fixture
def line(tmp_path: Path) -> Line:
    """Eight weeks of leads, ten a week: web's are rejected, partners' accepted; more are partners' after the change."""
    made = Line(tmp_path)
    with made.app.store.write() as tx:
        for number, at in enumerate((AT - 4 * WEEK, AT)):
            version = f"v{number}-0123456789"
            tx.ledgers.add_criteria(CriteriaVersion("b2b", version, f"n = {number}\n", "ana", "why not", at))
        for week in range(-4, 4):
            for day in range(10):
                partner = day < (2 if week < 0 else 7)
                lead = Lead(stage="sal", flow="b2b", fields={"source": "partner" if partner else "web"})
                tx.intake.add_leads([lead], AT)
                at = AT + week * WEEK + day * timedelta(hours=16)
                tx.scores.add_transitions(moves(lead, at, "mql", "sal" if partner else "rejected"))
    return made


def test_each_step_is_told_with_its_interval_and_what_else_may_be_behind_it(line: Line) -> None:
    runner = CliRunner()
    words = ["--config", str(line.folder / "config.toml"), "criteria", "effect"]
    said = runner.invoke(baton, words)
    assert said.exit_code == 0, said.output
    assert "b2b: v0-0123456 -> v1-0123456" in said.output
    assert "8 / 40 (20%)" in said.output
    assert "28 / 40 (70%)" in said.output
    # Won takes 90 days, of which the first week has not had all.
    told = " ".join(said.output.split())
    assert "won: 20 leads are needed before and after, in 0 weeks each so far; look again from" in told
    assert "50% of the leads are of other types" in said.output
    assert "among the same types the difference is +0" in told
    document = json.loads(runner.invoke(baton, [*words, "b2b", "--output", "json"]).output)
    (one,) = document["effects"]["b2b"]
    by_outcome = {each["outcome"]: each for each in one["measured"]}
    assert (by_outcome["sal"]["weeks"], by_outcome["sal"]["difference"]["hits_after"]) == (4, 28)
    assert by_outcome["rejected"]["difference"]["hits_after"] == 12
    assert by_outcome["won"]["difference"] is None


def test_a_flow_whose_criteria_never_changed_says_so(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.sync()
    said = CliRunner().invoke(baton, ["--config", str(line.folder / "config.toml"), "criteria", "effect"])
    assert said.output == "the criteria have not changed since they were kept for the first time\n"
