"""Rows that charts are counted from, on every store."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.model.activity import Activity
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import Handed, Run, Store

DAY = timedelta(days=1)


def _micros(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000)


def _leads(store: Store, now: datetime, count: int) -> list[int]:
    leads = [Lead() for _ in range(count)]
    with store.write() as tx:
        tx.intake.add_leads(leads, now)
    return [lead.id for lead in leads]


def test_handoffs_by_when_they_were_opened_and_by_when_they_were_rejected(store: Store, now: datetime) -> None:
    one, other, third = _leads(store, now, 3)
    with store.write() as tx:
        tx.handoffs.add(
            [
                Handoff(one, "b2b", "mql", "closed", now, "v", owner="a@b.example", team="sales", opened_at=now,
                        due_at=now + DAY, closed_at=now + 2 * DAY, reason="too_small", worked=60),
                Handoff(other, "b2b", "mql", "open", now, "v", opened_at=now + DAY, due_at=now + DAY),
                Handoff(third, "b2b", "mql", "closed", now, "v", closed_at=now + DAY, reason="withdrawn"),
            ]
        )  # fmt: skip
    first, day = _micros(now), 86_400_000_000
    with store.read() as tx:
        rejected = Handed(
            one, "b2b", "a@b.example", "sales", first, first + day, None, first + 2 * day, "too_small", 60
        )
        assert tx.looking.handed(first, first + day) == [rejected]
        assert {row.lead_id for row in tx.looking.handed(first, first + day + 1)} == {one, other}
        assert tx.looking.rejected(first + 2 * day, first + 3 * day) == [rejected]
        assert tx.looking.rejected(first, first + 2 * day) == []
        assert [tx.looking.overdue(first + n * day) for n in (1, 2)] == [(0, None), (1, first + day)]


def test_what_was_seen(store: Store, now: datetime) -> None:
    [one] = _leads(store, now, 1)
    seen = [("1", "guide", "pricing"), ("2", "", "pricing"), ("3", "", "")]
    with store.write() as tx:
        tx.intake.add_activities(
            [
                Activity("portal", id, "p", now, "download", asset=asset, topic=topic, lead_id=one)
                for id, asset, topic in seen
            ]
        )
    at = _micros(now)
    with store.read() as tx:
        found = [("pricing", "", one, at), ("pricing", "guide", one, at)]
        assert sorted(tx.looking.viewed(at, at + 1)) == found
        assert tx.looking.viewed(at + 1, at + 2) == []


def test_the_latest_run_of_each_kind(store: Store, now: datetime) -> None:
    with store.write() as tx:
        for kind, connection, ended in (
            ("pull", "a", True),
            ("pull", "a", True),
            ("pull", "b", True),
            ("pull", "a", False),
        ):
            run = Run(kind, now, connection=connection)
            tx.ledgers.start_run(run)
            if ended:
                run.ended_at, run.result, run.counts = now + DAY, "ok", {"contacts read": run.id}
                tx.ledgers.end_run(run)
    with store.read() as tx:
        found = tx.looking.last_runs()
    assert [(run.connection, run.id, run.ended_at is not None) for run in found] == [
        ("a", 2, True),
        ("a", 4, False),
        ("b", 3, True),
    ]
    assert found[0].counts == {"contacts read": 2}
