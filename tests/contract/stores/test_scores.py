"""The port `Scores`: what is due, results, the history of stages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connector.model.lead import Lead
from connector.model.ports import Store
from connector.model.score import Contribution, Score
from connector.model.stages import Transition
from state import scores

AddLeads = Callable[..., list[Lead]]
HOUR = timedelta(hours=1)
#: A lead with a score that never changes by itself is not due.
SCORED = {"score": Score(datetime(2026, 12, 1, tzinfo=UTC), "v1")}


class TestScores:
    def test_a_lead_is_due_when_its_time_has_come(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        one, two, three = (lead.id for lead in add_leads(3, **SCORED))
        with store.write() as tx:
            tx.scores.mark_due([three, one], now)
            tx.scores.mark_due([two], now + HOUR)
            assert tx.scores.due(now - HOUR, 10) == []
            assert tx.scores.due(now, 10) == [one, three]
            assert tx.scores.due(now + HOUR, 10) == [one, two, three]
            assert tx.scores.count_due(now) == 2

    @pytest.mark.parametrize("few", [2, 5000])
    def test_due_leads_come_in_pages(
        self, store: Store, now: datetime, add_leads: AddLeads, monkeypatch: pytest.MonkeyPatch, few: int
    ) -> None:
        monkeypatch.setattr(scores, "FEW", few)
        ids = [lead.id for lead in add_leads(5, **SCORED)]
        with store.write() as tx:
            tx.scores.mark_due(ids, now)
            assert tx.scores.due(now, 2) == ids[:2]
            assert tx.scores.due(now, 2, after_id=ids[1]) == ids[2:4]
            assert tx.scores.due(now, 2, after_id=ids[4]) == []

    def test_marking_never_puts_off(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        (lead,) = add_leads(1, **SCORED)
        with store.write() as tx:
            tx.scores.mark_due([lead.id], now)
            tx.scores.mark_due([lead.id], now + HOUR)
            assert tx.scores.due(now, 10) == [lead.id]

    def test_new_criteria_make_every_lead_of_a_flow_due(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:  # fmt: skip
        ours, others = add_leads(2, flow="b2b", **SCORED), add_leads(1, flow="b2c", **SCORED)
        with store.write() as tx:
            assert tx.scores.mark_all_due(now, "b2b") == 2
            assert tx.scores.due(now, 10) == [lead.id for lead in ours]
            assert tx.scores.mark_all_due(now) == 3
            assert tx.scores.due(now, 10) == [lead.id for lead in ours + others]

    def test_a_saved_score_sets_standing_and_the_next_due_time(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        (lead,) = add_leads(1, **SCORED)
        made_of = (Contribution("pricing", "intent", 20, "pricing_view x 3", 30),)
        score = Score(now, "v2", 0, 0, 20, 20, "D1", made_of, now + HOUR)
        moved = replace(lead, score=score, stage="mql", stage_since=now, flow="b2b", owner="sam@example.com")
        with store.write() as tx:
            tx.scores.mark_due([lead.id], now)
            tx.scores.save([moved])
            assert tx.scores.due(now, 10) == []
            assert tx.scores.due(now + HOUR, 10) == [lead.id]
            assert tx.intake.leads([lead.id])[lead.id] == moved
            tx.scores.save([replace(moved, score=replace(score, next_change=None))])
            assert tx.scores.count_due(now + timedelta(days=9999)) == 0

    def test_the_history_of_a_lead_is_kept_in_order(self, store: Store, now: datetime, add_leads: AddLeads) -> None:
        one, two = (lead.id for lead in add_leads(2, **SCORED))
        moves = [
            Transition(one, "b2b", None, "known", now, "baton", "first seen", "v1"),
            Transition(one, "b2b", "known", "mql", now, "baton", "gate mql", "v1", 55, "A1"),
            Transition(two, "b2b", None, "known", now, "baton", "first seen", "v1"),
        ]
        with store.write() as tx:
            tx.scores.add_transitions(moves)
            tx.scores.add_transitions([])
            found = tx.scores.transitions(one)
        assert [replace(move, id=0) for move in found] == moves[:2]
        assert found[0].id < found[1].id


def test_of_some_those_are_told_who_are_due(store: Store, add_leads: Callable[..., list[Lead]], now: datetime) -> None:
    one, two, three = (lead.id for lead in add_leads(3, score=Score(now, "v")))
    with store.write() as tx:
        tx.scores.mark_due([one, three], now)
        tx.scores.mark_due([two], now + timedelta(seconds=1))
        assert tx.scores.due_among([three, two, one, 999], now) == [one, three]
        assert tx.scores.due_among([], now) == []
