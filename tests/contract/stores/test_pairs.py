"""Pairs of leads that may be one person, and what was decided about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from connector.model.joining import Pair
from connector.model.lead import Lead
from connector.model.ports import Store

AddLeads = Callable[..., list[Lead]]
FOUND = [("phone", "same", 30), ("given_name", "differs", -25)]
DAY = timedelta(days=1)


def pair(one: Lead, other: Lead, points: int = 65, band: str = "perhaps") -> Pair:
    return Pair(one.id, other.id, points, band, list(FOUND))


def test_a_pair_is_open_from_when_it_was_found(store: Store, now: datetime, add_leads: AddLeads) -> None:
    one, two, three = add_leads(3)
    with store.write() as tx:
        assert tx.pairs.put([pair(one, two), pair(two, three, 70)], now) == 2
    with store.read() as tx:
        first, second = tx.pairs.open()
        assert first == replace(pair(one, two), first_at=now, id=first.id)
        assert (second.one_other, second.points) == ((two.id, three.id), 70)
        assert tx.pairs.get([second.id, 99]) == [second]
        assert tx.pairs.of_leads([one.id]) == [first]
        assert tx.pairs.of_leads([two.id]) == [first, second]
        assert tx.pairs.of_leads([]) == []
        assert tx.pairs.open(1) == [first]
        assert tx.pairs.open(9, first.id) == [second]
        assert tx.pairs.counts() == {"open": 2}


def test_a_known_pair_is_brought_up_to_date(store: Store, now: datetime, add_leads: AddLeads) -> None:
    one, two = add_leads(2)
    with store.write() as tx:
        tx.pairs.put([pair(one, two)], now)
        assert tx.pairs.put([pair(one, two, 90, "sure")], now + DAY) == 0
        (found,) = tx.pairs.open()
    assert (found.points, found.band, found.first_at) == (90, "sure", now)


def test_what_a_person_decided_stays(store: Store, now: datetime, add_leads: AddLeads) -> None:
    one, two, three = add_leads(3)
    with store.write() as tx:
        tx.pairs.put([pair(one, two), pair(one, three)], now)
        first, second = tx.pairs.open()
        said = replace(first, state="different", note="twins", decided_by="ines@x.example", decided_at=now)
        tx.pairs.save([said, replace(second, state="ended")])
        assert tx.pairs.open() == []
        assert tx.pairs.put([pair(one, two, 99)], now + DAY) == 0
        assert tx.pairs.get([first.id]) == [replace(said, points=99)]
        assert tx.pairs.counts() == {"different": 1, "ended": 1}


def test_a_question_that_had_ended_is_asked_again(store: Store, now: datetime, add_leads: AddLeads) -> None:
    one, two = add_leads(2)
    with store.write() as tx:
        tx.pairs.put([pair(one, two)], now)
        (found,) = tx.pairs.open()
        tx.pairs.save([replace(found, state="ended")])
        assert tx.pairs.put([pair(one, two)], now + DAY) == 1
        assert [again.id for again in tx.pairs.open()] == [found.id]


def test_the_same_pair_twice_is_one(store: Store, now: datetime, add_leads: AddLeads) -> None:
    one, two = add_leads(2)
    with store.write() as tx:
        assert tx.pairs.put([pair(one, two), pair(one, two, 80)], now) == 1
        assert [found.points for found in tx.pairs.open()] == [80]
        assert tx.pairs.put([], now) == 0
