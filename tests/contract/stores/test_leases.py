"""The port `Leases`: one runner at a time, by the database's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connector.model.ports import Store


class TestLeases:
    def test_one_holder_at_a_time(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.leases.take("intake", "a", 60) == 1
            assert tx.leases.take("intake", "b", 60) is None
            assert tx.leases.take("deliver", "b", 60) == 1

    def test_the_holder_may_take_it_again(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.leases.take("intake", "a", 60) == tx.leases.take("intake", "a", 60) == 1

    def test_an_expired_lease_passes_on_with_a_new_epoch(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.leases.take("intake", "a", -1) == 1
            assert tx.leases.take("intake", "b", 60) == 2
            assert not tx.leases.renew("intake", "a", 1, 60)
            assert not tx.leases.holds("intake", "a", 1)
            tx.leases.release("intake", "a", 1)
            assert tx.leases.take("intake", "c", 60) is None

    def test_even_the_old_holder_gets_a_new_epoch_after_expiry(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.leases.take("intake", "a", -1) == 1
            assert tx.leases.take("intake", "a", 60) == 2
            assert not tx.leases.renew("intake", "a", 1, 60)
            assert not tx.leases.holds("intake", "a", 1)

    def test_what_is_over_and_nobody_has_taken_is_still_held_and_can_be_renewed(self, store: Store) -> None:
        with store.write() as tx:
            assert tx.leases.take("intake", "a", -1) == 1
            assert tx.leases.holds("intake", "a", 1)
            assert tx.leases.renew("intake", "a", 1, 60)
            assert tx.leases.take("intake", "b", 60) is None

    def test_a_released_lease_is_free_and_its_epoch_goes_on(self, store: Store) -> None:
        with store.write() as tx:
            tx.leases.take("intake", "a", 60)
            tx.leases.release("intake", "a", 1)
            assert tx.leases.holders() == []
            assert not tx.leases.holds("intake", "a", 1)
            assert not tx.leases.renew("intake", "a", 1, 60)
            assert tx.leases.take("intake", "b", 60) == 2

    def test_holders_say_until_when(self, store: Store) -> None:
        with store.write() as tx:
            tx.leases.take("intake", "a", 60)
            tx.leases.take("gone", "a", -1)
            assert tx.leases.renew("intake", "a", 1, 600)
            ((name, owner, until),) = tx.leases.holders()
        assert (name, owner) == ("intake", "a")
        # The database's clock and ours are the same machine's here.
        assert abs(until - datetime.now(UTC) - timedelta(seconds=600)) < timedelta(seconds=60)
