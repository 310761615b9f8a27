from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from connector.model.activity import Activity
from connector.model.before_image import BeforeImage
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.lead import Lead
from connector.model.ports import ReviewItem, Run, Store, Transaction
from connector.model.stages import Transition
from state import intake

DAY = timedelta(days=1)


def midnight(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def lead(tx: Transaction, now: datetime) -> Lead:
    one = Lead()
    tx.intake.add_leads([one], now)
    return one


def visit(one: Lead, name: str, at: datetime, kind: str = "visit") -> Activity:
    return Activity("portal", name, "p", at, kind, lead_id=one.id)


def drop(tx: Transaction, before: datetime) -> int:
    old, after = tx.retention.activities(before, 0, 1000)
    assert after == 0
    tx.retention.cut("activities", before)
    return tx.retention.drop_activities(old)


class TestActivities:
    @pytest.mark.parametrize("backlog", [1, 20_000])
    def test_counts_over_all_time_stay(
        self, store: Store, now: datetime, backlog: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(intake, "BACKLOG", backlog)
        with store.write() as tx:
            ana, at = lead(tx, now), midnight(now)
            tx.intake.add_activities([visit(ana, f"old{n}", at - DAY * (n + 1)) for n in range(3)])
            tx.intake.add_activities([visit(ana, "at", at), visit(ana, "new", at + DAY)])
            assert drop(tx, at) == 3
            assert [one.source_id for one in tx.intake.activities([ana.id])[ana.id]] == ["at", "new"]
            assert tx.intake.lifetime([ana.id]) == {ana.id: {"visit": 5}}
            assert tx.retention.complete_from() == {"activities": at}
            # Said again, what was deleted is not taken; a change of what is there counts no day anew that is gone.
            assert tx.intake.add_activities([visit(ana, "old1", at - DAY * 2)]) == 0
            assert tx.intake.add_activities([visit(ana, "new", at + DAY, "download")]) == 1
            assert tx.intake.lifetime([ana.id]) == {ana.id: {"visit": 4, "download": 1}}
            tx.intake.add_activities([visit(ana, "newest", at + DAY)])
            assert tx.intake.lifetime([ana.id]) == {ana.id: {"visit": 5, "download": 1}}
            # The boundary moves on.
            assert drop(tx, at + DAY) == 1
            assert tx.intake.lifetime([ana.id]) == {ana.id: {"visit": 5, "download": 1}}
            assert tx.intake.add_activities([visit(ana, "newest", at + DAY, "chat")]) == 1
            assert tx.intake.lifetime([ana.id]) == {ana.id: {"visit": 4, "download": 1, "chat": 1}}

    def test_they_are_walked_in_parts(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana = lead(tx, now)
            tx.intake.add_activities([visit(ana, f"a{n}", now - DAY * n) for n in range(5)])
            seen, after, walks = 0, 0, 0
            while after or not walks:
                old, after = tx.retention.activities(now - DAY, after, 2)
                seen, walks = seen + len(old), walks + 1
            assert (seen, walks) == (3, 3)


class TestOthers:
    def test_an_earlier_time_says_nothing_new(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert tx.retention.complete_from() == {}
            for at in (now, now - DAY):
                tx.retention.cut("runs", at)
            assert tx.retention.complete_from() == {"runs": now}

    def test_items_that_were_settled_go_and_open_ones_stay(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.reviews.put([ReviewItem("notice", key, "x", "y") for key in ("a", "b", "c")], now)
            tx.reviews.close("notice", ["a"], "mended", now)
            tx.reviews.close("notice", ["b"], "mended", now + DAY)
            assert tx.retention.reviews(now, 10) == 0
            assert tx.retention.reviews(now + DAY, 10) == 1
            assert tx.retention.reviews(now + DAY * 2, 10) == 1
            assert [one.key for one in tx.reviews.open()] == ["c"]

    def test_runs_that_can_be_taken_back_stay(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            runs = [Run("sync", now, ended_at=now) for _ in range(3)] + [Run("sync", now)]
            for run in runs:
                tx.ledgers.start_run(run)
            for run in runs[:3]:
                tx.ledgers.end_run(run)
            tx.images.add([BeforeImage(runs[0].id, "crm", "lead", "s-1", "001", {}, {}, False, now)])
            assert tx.retention.runs(now, 10) == 0
            assert tx.retention.runs(now + DAY, 1) == 1
            assert tx.retention.runs(now + DAY, 10) == 1
            assert {one.id for one in tx.ledgers.runs()} == {runs[0].id, runs[3].id}

    def test_a_plan_goes_as_a_whole(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.applied.note("p1", {1: "done", 2: "done"}, now)
            tx.applied.note("p2", {1: "done"}, now)
            tx.applied.note("p2", {2: "done"}, now + DAY)
            assert tx.retention.plans(now, 10) == 0
            assert tx.retention.plans(now + DAY, 1) == 2
            assert tx.applied.of_plan("p1") == {}
            assert len(tx.applied.of_plan("p2")) == 2

    def test_of_moves_the_last_one_stays(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana, bo = lead(tx, now), lead(tx, now)
            one = Transition(ana.id, "b2b", None, "known", now, "baton", "x", "v")
            later = replace(one, to="mql", at=now + DAY)
            tx.scores.add_transitions([one, replace(one, lead_id=bo.id), later])
            assert tx.retention.transitions(now, 10) == 0
            assert tx.retention.transitions(now + DAY * 2, 10) == 1
            assert [said.to for said in tx.scores.transitions(ana.id)] == ["mql"]
            assert [said.to for said in tx.scores.transitions(bo.id)] == ["known"]

    def test_texts_of_handoffs_that_have_ended_go(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            ana = lead(tx, now)
            closed = Handoff(ana.id, "b2b", "mql", "closed", now, "v", brief="x", reason="not_now", closed_at=now)
            opened = Handoff(ana.id, "b2b", "mql", "open", now, "v", brief="y")
            back = replace(closed, brief="z", back_at=now + 9 * DAY)
            tx.handoffs.add([closed, opened, back])
            said = [HandoffEvent(closed.id, kind, kind, now) for kind in ("reminded", "contacted", "asked")]
            tx.handoff_events.add([*said, HandoffEvent(opened.id, "reminded", "reminded", now)], now)
            assert tx.retention.briefs(now, 10) == 0
            assert tx.retention.briefs(now + DAY, 10) == 1
            assert tx.retention.briefs(now + DAY, 10) == 0
            assert [one.brief for one in tx.handoffs.of_leads([ana.id])[ana.id]] == ["", "y", "z"]
            left = tx.handoff_events.of_handoffs([closed.id, opened.id])
            assert {id: [one.kind for one in some] for id, some in left.items()} == {
                closed.id: ["contacted", "asked"], opened.id: ["reminded"]
            }  # fmt: skip
