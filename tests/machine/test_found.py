"""What the machine has found, each as the short story that it came down to."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.machine.ground import CRMS
from tests.machine.play import Play


@pytest.fixture(params=CRMS)
def play(request: pytest.FixtureRequest) -> Iterator[Play]:
    with Play(request.param) as made:
        yield made


@pytest.fixture
def given(play: Play) -> Play:
    """Somebody asked for a demo and was handed over."""
    play.do(("appears", 1, "Director IT", "Berlin", True))
    play.do(("quiet",))
    return play


def test_who_was_merged_in_marketing_before_being_told_of_is_no_dead_letter(play: Play) -> None:
    play.do(("appears", 1, "CTO", "", True))
    play.do(("appears", 2, "CTO", "Ulm", False))
    play.do(("merges", 1, 2))
    play.do(("quiet",))


def test_who_was_merged_in_marketing_is_not_told_of_any_more(given: Play) -> None:
    given.do(("appears", 2, "CTO", "Ulm", False))
    given.do(("runs", "sync"))
    given.do(("merges", 1, 2))
    given.do(("runs", "sync"))
    told = given.ground.portal.calls("write")
    given.do(("says", 0, "sal"))
    given.do(("runs", "sync"))
    assert [call.size for call in given.ground.portal.calls("write")[len(told) :]] == [1]
    given.do(("quiet",))


def test_who_was_deleted_in_marketing_before_being_told_of_is_no_dead_letter(play: Play) -> None:
    play.do(("appears", 1, "CTO", "", True))
    play.do(("runs", "pull"))
    play.do(("leaves", 1))
    play.do(("runs", "work"))
    play.do(("runs", "deliver portal"))
    play.do(("quiet",))


def test_a_lead_from_the_bin_has_the_owner_that_it_was_given_before(given: Play) -> None:
    given.do(("gives", 0, "tom@northwind.example"))
    given.do(("deletes", 0))
    given.do(("runs", "sync"))
    given.do(("restores", 0))
    given.do(("quiet",))


def test_marketing_hears_the_newest_though_it_is_what_it_was_told_before_something_that_still_waits(
    given: Play,
) -> None:
    given.do(("says", 0, "sal"))
    given.do(("runs", "bring back"))
    given.do(("says", 0, "rejected"))
    given.do(("runs", "deliver portal"))
    given.do(("runs", "bring back"))
    given.do(("says", 0, "sal"))
    given.do(("runs", "bring back"))
    given.do(("runs", "deliver portal"))
    assert [one.values["stage"] for one in given.ground.portal.things("contact")] == ["sal"]
    given.do(("quiet",))


def test_who_was_merged_in_marketing_before_anybody_was_known_brings_what_they_did(play: Play) -> None:
    for number in (4, 2, 3, 1):
        play.do(("appears", number, "", "Ulm", number == 3))
    play.do(("merges", 3, 2))
    play.do(("quiet",))
    assert len(play.ground.crm.things("lead")) == 1
