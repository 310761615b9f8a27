from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from connector.model.follow_up import Absence, Agreement, Meeting, NoticeState, Pack, RosterVersion
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.lead import Lead
from connector.model.ports import Store, Transaction

HOUR = timedelta(hours=1)


def handed_over(tx: Transaction, now: datetime, next_at: datetime | None = None) -> Handoff:
    lead = Lead(fields={"email": "ana@firm.example"})
    tx.intake.add_leads([lead], now)
    handoff = Handoff(lead.id, "b2b", "mql", "open", now, "v1", owner="lena@northwind.example", next_at=next_at)
    tx.handoffs.add([handoff])
    return handoff


class TestHandoffEvents:
    def test_an_event_is_kept_once_by_its_key(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            mine, other = handed_over(tx, now), handed_over(tx, now)
            breach = HandoffEvent(mine.id, "contact:breach", "breached", now, body={"clock": "contact"})
            first = tx.handoff_events.add([breach, breach, replace(breach, handoff_id=other.id)], now + HOUR)
            again = tx.handoff_events.add([breach, HandoffEvent(mine.id, "touch:crm:7", "touched", now - HOUR)], now)
            found = tx.handoff_events.of_handoffs([mine.id, other.id, 99])
        assert [one.handoff_id for one in first] == [mine.id, other.id]
        assert [one.key for one in again] == ["touch:crm:7"]
        assert [one.key for one in found[mine.id]] == ["touch:crm:7", "contact:breach"]
        assert found[mine.id][1] == replace(breach, id=first[0].id, noted_at=now + HOUR)
        assert set(found) == {mine.id, other.id}

    def test_events_are_read_on_from_the_last_one(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            mine = handed_over(tx, now)
            tx.handoff_events.add([HandoffEvent(mine.id, str(n), "touched", now) for n in range(5)], now)
            first = tx.handoff_events.since(0, 3)
            rest = tx.handoff_events.since(first[-1].id)
        assert [one.key for one in (*first, *rest)] == list("01234")

    def test_whose_clock_is_due_comes_earliest_first(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            late, early, never = (handed_over(tx, now, at) for at in (now, now - HOUR, None))
            later = handed_over(tx, now, now + HOUR)
            due = tx.handoff_events.due(now, 10)
            assert [one.id for one in due] == [early.id, late.id]
            assert [one.id for one in tx.handoff_events.due(now, 1)] == [early.id]
            early.next_at = None
            tx.handoffs.save([early])
            assert [one.id for one in tx.handoff_events.due(now + HOUR, 10)] == [late.id, later.id]
        assert never.next_at is None

    def test_all_about_a_handoff_is_kept(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            mine = handed_over(tx, now, now)
            mine.accept_due_at, mine.review_due_at, mine.back_at, mine.acted_at = now, now + HOUR, now - HOUR, now
            mine.worked, mine.reviewer, mine.words, mine.roster, mine.previous_id = 90, "petra@x", "no budget", "r1", 4
            tx.handoffs.save([mine])
            assert tx.handoffs.by_ids([mine.id])[mine.id] == mine


class TestRosters:
    def test_absences_cover_a_span(self, store: Store, now: datetime) -> None:
        lena = Absence("lena@northwind.example", now, now + 4 * HOUR, deputy="tom@northwind.example", by="petra@x")
        open_end = Absence("tom@northwind.example", now + HOUR)
        with store.write() as tx:
            ids = [tx.rosters.add_absence(one, now) for one in (lena, open_end)]
            assert [one.id for one in tx.rosters.absences(now)] == ids
            assert [one.id for one in tx.rosters.absences(now, now + HOUR)] == ids[:1]
            assert [one.id for one in tx.rosters.absences(now + 4 * HOUR)] == ids[1:]
            assert tx.rosters.absences(now)[0] == replace(lena, id=ids[0], recorded_at=now)

    def test_an_absence_ends_early_or_was_none(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            early = tx.rosters.add_absence(Absence("lena@northwind.example", now, now + 4 * HOUR), now)
            never = tx.rosters.add_absence(Absence("tom@northwind.example", now + HOUR), now)
            assert tx.rosters.end_absence(early, now + HOUR)
            assert tx.rosters.end_absence(never, now)
            assert not tx.rosters.end_absence(early, now)
            assert not tx.rosters.end_absence(99, now)
            assert [one.id for one in tx.rosters.absences(now)] == [early]
            [one] = tx.rosters.absences(now)
            assert (one.covers(now), one.covers(now + HOUR)) == (True, False)
            assert tx.rosters.absences(now + HOUR) == []

    def test_a_version_is_kept_once(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            assert tx.rosters.add_version(RosterVersion("a", {"teams": {}}, now))
            assert tx.rosters.add_version(RosterVersion("b", {"teams": {"x": []}}, now + HOUR))
            assert not tx.rosters.add_version(RosterVersion("a", {}, now + 2 * HOUR))
            assert [(one.version, one.body) for one in tx.rosters.versions()] == [
                ("b", {"teams": {"x": []}}),
                ("a", {"teams": {}}),
            ]


class TestNoticeStates:
    def test_the_latest_state_stands(self, store: Store, now: datetime) -> None:
        failing = NoticeState("sync:hubspot", "sync trouble", "failing", now, None, {"error": "AuthError"})
        with store.write() as tx:
            tx.notice_states.put([failing, NoticeState("parked:b2b", "parked flow", "parked", now)])
            tx.notice_states.put([replace(failing, state="well", since=now + HOUR, told_at=now + HOUR)])
            found = tx.notice_states.get(["sync:hubspot", "nothing"])
            assert found == {"sync:hubspot": replace(failing, state="well", since=now + HOUR, told_at=now + HOUR)}
            assert [one.key for one in tx.notice_states.all()] == ["parked:b2b", "sync:hubspot"]
            assert [one.key for one in tx.notice_states.all("parked flow")] == ["parked:b2b"]


class TestMeetings:
    def test_a_pack_stands_once_for_its_period(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.meetings.put_pack(Pack("weekly", "2026-W46", now, body={"leads": 1}))
            tx.meetings.put_pack(Pack("weekly", "2026-W47", now))
            tx.meetings.put_pack(Pack("weekly", "2026-W46", now, now + HOUR, {"leads": 2}))
            assert tx.meetings.packs("weekly") == [
                Pack("weekly", "2026-W47", now),
                Pack("weekly", "2026-W46", now, now + HOUR, {"leads": 2}),
            ]
            assert tx.meetings.packs("monthly") == []

    def test_what_was_agreed_is_kept_until_it_is_done(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            id = tx.meetings.add(Meeting("weekly", "2026-W46", now, "petra@x", {"there": 3}))
            assert tx.meetings.meetings() == [Meeting("weekly", "2026-W46", now, "petra@x", {"there": 3}, id)]
            first, second = tx.meetings.agree(
                [Agreement(id, "action", "call them", "tom@x", "2026-12-01"), Agreement(id, "decision", "A from 30")]
            )
            done = replace(first, state="done", closed_at=now, note="called")
            assert tx.meetings.save(done)
            assert not tx.meetings.save(replace(first, id=99))
            assert tx.meetings.agreements(only_open=True) == [second]
            assert tx.meetings.agreements() == [done, second]
