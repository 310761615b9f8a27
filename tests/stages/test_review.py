"""What a person releases before it is handed over: whose it is, by when, the deputy, and what goes back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from connector.cli.root import baton
from connector.model.follow_up import Absence
from connector.runs.absences import add_absence
from tests.stages.ground import DAY, HOUR, REASONS, Desk

GATE = """\
[flows.b2b.gates]
mql    = { activity = "demo_request", within = "30 days" }
review = { by = "petra@northwind.example", within = "4 working hours", deputy = "karl@northwind.example" }
"""
PETRA, KARL = "petra@northwind.example", "karl@northwind.example"


def made(folder: Path, gate: str = GATE) -> Desk:
    """A flow that is reviewed, with somebody who waits. It is Friday, 9 o'clock in Berlin."""
    desk = Desk(folder, flow=gate + REASONS, mode="review")
    desk.asks()
    return desk


def call(desk: Desk, *words: str) -> Result:
    """A command on the line's folder."""
    desk.app.close()
    done = CliRunner().invoke(baton, ["--config", str(desk.folder / "config.toml"), *words])
    desk.reopen((desk.folder / "config.toml").read_text("utf-8"))
    return done


class TestWhoseItIs:
    def test_the_reviewer_has_it_until_a_working_time(self, tmp_path: Path) -> None:
        (handoff,) = made(tmp_path).given()
        assert (handoff.state, handoff.reviewer) == ("review", PETRA)
        # Nine to one in Berlin, without a break.
        assert handoff.review_due_at == datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def test_the_deputy_has_it_after_that_once(self, tmp_path: Path) -> None:
        desk = made(tmp_path)
        desk.sync(5 * HOUR)
        (handoff,) = desk.given()
        assert (handoff.state, handoff.reviewer) == ("review", KARL)
        (event,) = desk.events(handoff, "breached")
        assert (event.at, event.who) == (handoff.review_due_at, PETRA)
        for _ in range(3):
            desk.sync(DAY)
        assert (desk.given()[0].reviewer, len(desk.events(handoff))) == (KARL, 1)

    def test_who_is_away_has_a_deputy_at_once(self, tmp_path: Path) -> None:
        desk = Desk(tmp_path, flow=GATE + REASONS, mode="review")
        with desk.app.store.write() as tx:
            tx.rosters.add_absence(Absence(PETRA, desk.now - DAY, desk.now + 3 * DAY), desk.now)
        desk.asks()
        assert desk.given()[0].reviewer == KARL

    def test_who_goes_away_leaves_it_to_the_deputy_from_then_on(self, tmp_path: Path) -> None:
        gate = GATE.replace("4 working hours", "9 working days")
        desk = made(tmp_path, gate)
        add_absence(desk.app.runtime(), Absence(PETRA, desk.now + DAY, desk.now + 9 * DAY))
        desk.sync(HOUR)
        assert desk.given()[0].reviewer == PETRA
        desk.sync(DAY)
        (handoff,) = desk.given()
        assert (handoff.reviewer, handoff.state) == (KARL, "review")
        (event,) = desk.events(handoff)
        assert (event.kind, event.who, event.body) == ("told", PETRA, {"to": KARL})

    def test_nobody_is_named(self, tmp_path: Path) -> None:
        gate = '[flows.b2b.gates]\nmql = { activity = "demo_request", within = "30 days" }\n'
        desk = made(tmp_path, gate)
        (handoff,) = desk.given()
        assert (handoff.state, handoff.reviewer, handoff.review_due_at) == ("review", "", None)
        # Named later, it is theirs with the next pass.
        desk.reopen((tmp_path / "config.toml").read_text("utf-8").replace(gate, GATE))
        desk.sync(HOUR)
        (handoff,) = desk.given()
        assert (handoff.reviewer, handoff.review_due_at) == (PETRA, datetime(2026, 11, 20, 13, 0, tzinfo=UTC))

    def test_who_reviews_is_no_part_of_the_criteria(self, tmp_path: Path) -> None:
        desk = made(tmp_path)
        before = desk.app.config.flows["b2b"].criteria.version
        desk.reopen((tmp_path / "config.toml").read_text("utf-8").replace('deputy = "karl', 'deputy = "tom'))
        assert desk.app.config.flows["b2b"].criteria.version == before


class TestTheCommand:
    def test_lists_with_reasons_and_brief(self, tmp_path: Path) -> None:
        desk = made(tmp_path)
        (one,) = json.loads(call(desk, "review", "--output", "json").output)["waiting"]
        assert (one["lead"], one["reviewer"], one["overdue"]) == (desk.lead(1).id, PETRA, True)
        assert "Firm GmbH" in one["brief"]
        shown = call(desk, "review", "--brief").output
        assert "Ana Weber · Firm GmbH" in shown
        assert PETRA in shown
        assert call(desk, "review", "--reviewer", KARL).output == "nothing waits to be released\n"

    def test_releases(self, tmp_path: Path) -> None:
        desk = made(tmp_path)
        assert call(desk, "review", "release", "ana1@firm.example").exit_code == 0
        (handoff,) = desk.given()
        assert (handoff.state, bool(handoff.owner)) == ("open", True)
        (event,) = desk.events(handoff, "released")
        assert event.who == handoff.released_by != ""

    def test_returns_to_marketing_with_the_effect_of_the_reason(self, tmp_path: Path) -> None:
        desk = made(tmp_path)
        done = call(desk, "review", "return", "ana1@firm.example", "--reason", "unreachable", "--note", "no answer")
        assert done.exit_code == 0, done.output
        # The command was at the time of this machine.
        (handoff,) = desk.given()
        assert handoff.closed_at is not None
        desk.now = handoff.closed_at + HOUR
        desk.sync()
        (handoff,) = desk.given()
        assert (handoff.state, handoff.reason, handoff.words, handoff.opened_at) == (
            "closed", "unreachable", "no answer", None,
        )  # fmt: skip
        assert desk.lead(1).stage == "rejected"
        assert desk.listed("later")
        assert [one.kind for one in desk.events(handoff)] == ["withdrawn"]
        assert handoff.closed_at is not None
        assert handoff.back_at == handoff.closed_at + 30 * DAY
        assert call(desk, "review", "return", "ana1@firm.example", "--reason", "unreachable").output.startswith(
            "nothing"
        )

    def test_names_the_reasons(self, tmp_path: Path) -> None:
        done = call(made(tmp_path), "review", "return", "ana1@firm.example", "--reason", "not_nw")
        assert done.exit_code == 2
        assert "did you mean not_now?" in done.output


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ('review = { by = "petra" }', "config.toml:27: flows.b2b.gates.review.by: petra cannot review"),
        ('review = { within = "soon" }', "config.toml:27: flows.b2b.gates.review.within: 'soon' is not a duration"),
        ('review = { bye = "manager" }', "flows.b2b.gates.review.bye"),
    ],
)
def test_a_gate_that_is_wrong_is_told_with_its_line(tmp_path: Path, gate: str, said: str) -> None:
    desk = made(tmp_path)
    text = (tmp_path / "config.toml").read_text("utf-8")
    (line,) = [one for one in text.splitlines() if one.startswith("review")]
    (tmp_path / "config.toml").write_text(text.replace(line, gate), "utf-8")
    desk.app.close()
    shown = CliRunner().invoke(baton, ["--config", str(tmp_path / "config.toml"), "review"])
    assert shown.exit_code == 2
    assert said in shown.output
