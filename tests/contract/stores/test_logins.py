"""Users of the desk, failed logins, and the trail, on every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from connector.model.logins import Audited, User
from connector.model.ports import Store

LENA = User("lena@northwind.example", "Lena", ("rep", "manager"), "hash", "ja", 2)
HOUR = timedelta(hours=1)


class TestLogins:
    def test_a_user_is_one_in_whatever_case_the_address_is_written(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.logins.save(replace(LENA, email="Lena@Northwind.example"), now)
            assert tx.logins.user("LENA@northwind.example") == LENA
            tx.logins.save(replace(LENA, epoch=3, disabled_at=now), now + HOUR)
            tx.logins.seen(LENA.email, now + HOUR)
            assert tx.logins.users() == [replace(LENA, epoch=3, disabled_at=now, last_at=now + HOUR)]
            assert tx.logins.user("tom@northwind.example") is None

    def test_old_entries_of_the_trail_are_deleted_some_at_a_time(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            for hours in range(4):
                tx.logins.record(Audited(now + hours * HOUR, "lena@northwind.example", "rep", "accept"))
            assert [tx.logins.prune(now + 3 * HOUR, 2), tx.logins.prune(now + 3 * HOUR, 2)] == [2, 1]
            assert [one.at for one in tx.logins.trail()] == [now + 3 * HOUR]

    def test_failed_logins_are_counted_by_key_and_forgotten(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            tx.logins.attempted(["a", "b"], now)
            tx.logins.attempted(["a"], now + HOUR)
            assert (tx.logins.attempts("a", now), tx.logins.attempts("a", now + HOUR)) == (2, 1)
            assert tx.logins.forget_attempts(now, ["b"]) == 1
            assert tx.logins.forget_attempts(now + HOUR) == 1
            assert (tx.logins.attempts("a", now), tx.logins.attempts("b", now)) == (1, 0)

    def test_the_trail_is_read_from_its_end(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            said = [Audited(now, LENA.email, "rep", action, body={"n": n}) for n, action in enumerate("abc")]
            ids = [tx.logins.record(one) for one in said]
            whole = [replace(one, id=id) for one, id in zip(said, ids, strict=True)]
            assert tx.logins.trail() == whole[::-1]
            assert tx.logins.trail(1, before=ids[2]) == [whole[1]]
            assert tx.logins.trail(lead_id=7) == []

    def test_how_an_act_ended_is_added_to_its_entry(self, store: Store, now: datetime) -> None:
        with store.write() as tx:
            entry = Audited(now, LENA.email, "rep", "accept", body={"outcome": "begun"})
            ids = [tx.logins.record(entry) for _ in range(2)]
            ended = replace(entry, handoff_id=7, body={"outcome": "done", "what": "終"}, id=ids[0])
            tx.logins.amend(ended)
            assert tx.logins.trail() == [replace(entry, id=ids[1]), ended]
