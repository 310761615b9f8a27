"""The ports `Consents`, `Images`, `Applied` and `Erased`: the books that a person goes back to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from connector.model.before_image import BeforeImage
from connector.model.consent import ConsentEvent
from connector.model.lead import Lead
from connector.model.ports import Erasure, Run, Store

AddLeads = Callable[..., list[Lead]]
HOUR = timedelta(hours=1)


class TestConsents:
    def test_a_word_is_kept_once_and_in_the_order_of_being_said(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        one, other = add_leads(2)
        out = ConsentEvent(one.id, "email", False, now - HOUR, "portal", "unsubscribe", evidence="e1")
        again = ConsentEvent(one.id, "email", True, now - 2 * HOUR, "portal", "subscribe", "news", certain=False)
        theirs = ConsentEvent(other.id, "all", False, now, "crm", "field")
        with store.write() as tx:
            assert tx.consents.add([], now) == []
            kept = tx.consents.add([out, again, out, theirs], now)
            assert [replace(row, id=0, recorded_at=None) for row in kept] == [out, again, theirs]
            assert {row.recorded_at for row in kept} == {now}
            assert tx.consents.add([replace(out, evidence="another"), again], now + HOUR) == []
            found = tx.consents.of_leads([one.id, other.id, 99])
        assert found == {one.id: [kept[1], kept[0]], other.id: [kept[2]]}

    def test_a_lead_that_is_merged_leaves_its_words_to_the_winner(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        loser, winner = add_leads(2)
        said = ConsentEvent(loser.id, "email", False, now, "portal", "unsubscribe")
        with store.write() as tx:
            tx.consents.add([said, replace(said, lead_id=winner.id), replace(said, channel="phone")], now)
            tx.intake.merge(loser.id, winner.id, now)
            found = tx.consents.of_leads([loser.id, winner.id])
        assert {lead_id: sorted(one.channel for one in some) for lead_id, some in found.items()} == {
            winner.id: ["email", "phone"]
        }


class TestImages:
    def test_images_come_back_in_pages_and_say_what_was_taken_back(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        (lead,) = add_leads(1)
        made = [
            BeforeImage(7, "crm", "lead", f"s-{number}", f"00{number}", {"Title": "CTO"}, {"Title": None}, False, now)
            for number in (1, 2, 3)
        ]
        made[2] = replace(made[2], created=True, lead_id=lead.id, flow="b2b", before={})
        with store.write() as tx:
            tx.images.add(made)
            tx.images.add([replace(made[0], run_id=8)])
            first = tx.images.of_run(7, limit=2)
            rest = tx.images.of_run(7, first[-1].id)
            assert [replace(one, id=0) for one in [*first, *rest]] == made
            assert tx.images.undone("crm", "lead", ["s-1", "s-2"]) == {}
            tx.images.mark_undone([first[0].id], now + HOUR)
            assert tx.images.undone("crm", "lead", ["s-1", "s-2"]) == {"s-1": [replace(first[0], undone_at=now + HOUR)]}
            assert tx.images.undone("crm", "contact", ["s-1"]) == {}
            tx.images.mark_undone([first[0].id], None)
            assert tx.images.undone("crm", "lead", ["s-1"]) == {}

    def test_the_images_of_a_lead_are_its_newest_in_their_order(
        self, store: Store, now: datetime, add_leads: AddLeads
    ) -> None:
        lead, other = add_leads(2)
        one = BeforeImage(7, "crm", "lead", "s", "001", {"A": 1}, {}, True, now, lead.id)
        with store.write() as tx:
            tx.images.add([replace(one, our_key=key) for key in "abc"] + [replace(one, our_key="d", lead_id=other.id)])
            assert [image.our_key for image in tx.images.of_lead(lead.id)] == ["a", "b", "c"]
            assert [image.our_key for image in tx.images.of_lead(lead.id, 2)] == ["b", "c"]
            assert tx.images.of_lead(99) == []

    def test_old_images_go_but_for_what_was_taken_back(self, store: Store, now: datetime) -> None:
        one = BeforeImage(7, "crm", "lead", "s-1", "001", {"Title": "CTO"}, {"Title": ""}, False, now)
        with store.write() as tx:
            tx.images.add([one, replace(one, our_key="s-2"), replace(one, our_key="s-3", at=now + HOUR)])
            tx.images.mark_undone([tx.images.of_run(7)[0].id], now)
            assert tx.images.prune(now, 10) == 0
            assert tx.images.prune(now + HOUR, 10) == 1
            assert [one.our_key for one in tx.images.of_run(7)] == ["s-1", "s-3"]


class TestRunsThatWrote:
    def test_runs_are_told_with_their_records_newest_first(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            runs = [Run("sync", now), Run("undo", now + HOUR), Run("sync", now)]
            for run in runs:
                tx.ledgers.start_run(run)
            ours = BeforeImage(runs[0].id, "crm", "lead", "s-1", "001", {"Title": "CTO"}, {}, False, now)
            others = [replace(ours, written={"City": "Bonn"}), replace(ours, our_key="s-2"), replace(ours, target="")]
            tx.images.add([ours, *others, replace(ours, run_id=runs[1].id)])
            tx.images.mark_undone([tx.images.of_run(runs[0].id)[2].id], now)
            told = tx.images.runs()
            assert tx.images.runs(1) == told[:1]
        assert [(one.id, one.kind, one.started_at, one.records, one.undone) for one in told] == [
            (runs[1].id, "undo", now + HOUR, 1, 0), (runs[0].id, "sync", now, 2, 1),
        ]  # fmt: skip


class TestApplied:
    def test_what_became_of_the_rows_of_a_plan(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.applied.note("p1", {3: "done", 1: "changed since"}, now)
            tx.applied.note("p1", {3: "already"}, now)
            tx.applied.note("p2", {1: "done"}, now)
            assert tx.applied.of_plan("p1") == {1: "changed since", 3: "already"}
            assert tx.applied.of_plan("p3") == {}


class TestErased:
    def test_who_was_forgotten_is_known_until_they_come_back(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert not tx.erased.any()
            tx.erased.add({"d1": "email", "d2": "id"}, now, "p1")
            tx.erased.add({"d1": "email"}, now + HOUR, "p2")
            tx.erased.add({"d3": "email"}, now + HOUR, "p2")
            assert tx.erased.any()
            assert tx.erased.known(["d1", "d3", "d4"]) == {"d1": Erasure("p1", now), "d3": Erasure("p2", now + HOUR)}
            assert tx.erased.forget(["p1", "p3"]) == 2
            assert tx.erased.known(["d1", "d2", "d3"]) == {"d3": Erasure("p2", now + HOUR)}
