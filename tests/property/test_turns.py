"""Turns are shared exactly, evenly, and can be made again from the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from connector.model.handoff import Turn
from connector.model.roster import Member
from connector.steps.routing.turns import (
    Ring,
    broken,
    choose,
    from_ledger,
    give,
    places,
    read,
    take,
    taker,
    turn_of,
    write,
)

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
weights = st.lists(st.integers(1, 9), min_size=1, max_size=6)


def team(shares: Sequence[int]) -> list[Member]:
    return [Member(f"rep{number}@x.example", weight) for number, weight in enumerate(shares)]


def turn(ring: Ring, members: Sequence[Member], available: Sequence[Member]) -> tuple[str, Ring, Turn]:
    before = places(ring, members, available)
    email, after = take(ring, before)
    return email, after, Turn(1, "sdr", email, NOW, "rule 1", ring.given, write(before))


def run(members: Sequence[Member], number: int, ring: Ring | None = None) -> tuple[list[str], Ring]:
    ring, given_to = ring or Ring(), []
    for _ in range(number):
        email, ring, _ = turn(ring, members, members)
        given_to.append(email)
    return given_to, ring


@given(weights, st.integers(1, 60))
def test_everyone_is_within_one_turn_of_their_exact_share(shares: list[int], number: int) -> None:
    members = team(shares)
    given_to, _ = run(members, number)
    for sofar in range(1, number + 1):
        for member in members:
            exact = Fraction(sofar * member.weight, sum(shares))
            assert abs(given_to[:sofar].count(member.email) - exact) < 1


@given(weights)
def test_a_full_round_gives_everyone_exactly_their_weight(shares: list[int]) -> None:
    given_to, ring = run(team(shares), sum(shares))
    assert [given_to.count(member.email) for member in team(shares)] == shares
    assert not ring.owed


def test_two_to_one_never_gives_three_in_a_row() -> None:
    given_to, _ = run(team([2, 1]), 30)
    assert "".join(email[3] for email in given_to).startswith("010010")
    assert not any(len(set(given_to[at : at + 3])) == 1 for at in range(28))


@given(weights, st.data())
def test_the_ledger_alone_gives_the_next_choice(shares: list[int], data: st.DataObject) -> None:
    members, ring, lines = team(shares), Ring(), list[Turn]()
    counts: dict[str, int] = {}
    for _ in range(12):
        available = data.draw(st.lists(st.sampled_from(members), unique=True))
        email, ring, line = turn(ring, members, available)
        if not email:
            continue
        lines.append(line)
        counts[email] = counts.get(email, 0) + 1
        assert choose(read(line.weights)) == email
        assert email in {member.email for member in available}
        assert from_ledger(counts, lines[-1]) == ring


@given(weights, st.data())
def test_balances_stay_small_whoever_comes_and_goes(shares: list[int], data: st.DataObject) -> None:
    members, ring = team(shares), Ring()
    for _ in range(20):
        _, ring, _ = turn(ring, members, data.draw(st.lists(st.sampled_from(members), unique=True)))
        assert all(abs(owed) <= len(members) for owed in ring.owed.values())


@given(st.lists(st.integers(1, 5), min_size=2, max_size=5), st.integers(1, 40), st.integers(1, 40))
def test_who_was_away_is_not_flooded_on_return(shares: list[int], away_for: int, after: int) -> None:
    members = team(shares)
    _, ring = run(members, 5)
    for _ in range(away_for):
        _, ring, _ = turn(ring, members, members[1:])
    given_to, _ = run(members, after, ring)
    assert given_to.count(members[0].email) <= Fraction(after * shares[0], sum(shares)) + 2


@given(weights, st.integers(1, 30))
def test_a_new_member_starts_level(shares: list[int], before: int) -> None:
    members = team(shares)
    _, ring = run(members, before)
    joined = [*members, Member("new@x.example", 1)]
    given_to, _ = run(joined, 2 * (sum(shares) + 1), ring)
    assert 1 <= given_to.count("new@x.example") <= 3


def test_who_left_the_roster_leaves_the_ring() -> None:
    members = team([1, 1, 1])
    _, ring = run(members, 1)
    assert [place.email for place in places(ring, members[1:], members[1:])] == ["rep1@x.example", "rep2@x.example"]


def test_a_line_of_the_ledger_reads_as_documented() -> None:
    members = [Member("lena@x", 2), Member("tom@x"), Member("ines@x")]
    ring = Ring(owed={"tom@x": Fraction(1, 3), "ines@x": Fraction(-1, 6)})
    assert write(places(ring, members, members[:2])) == "lena@x=2 tom@x=1:1/3 ines@x=0:-1/6"


def test_nobody_available_changes_nothing() -> None:
    ring = Ring({"a@x": 1})
    assert take(ring, places(ring, team([1]), [])) == ("", ring)


@given(weights, st.data())
def test_every_line_of_a_ledger_holds_against_the_one_before(shares: list[int], data: st.DataObject) -> None:
    """Whoever is away, has a deputy, joins or leaves; and one that was altered does not hold."""
    members, ring, lines = team(shares), Ring(), list[Turn]()
    for _ in range(10):
        there = data.draw(st.lists(st.sampled_from(members), unique=True))
        staff = data.draw(st.sampled_from([members, members[1:], [*members, Member("new@x.example", 2)]]))
        deputies = {there[0].email: "deputy@x.example"} if there else {}
        before = places(ring, staff, there, deputies)
        email, after = take(ring, before)
        if email:
            lines.append(Turn(1, "sdr", email, NOW, "rule 1", ring.given, write(before)))
            ring = after
            assert taker(before, email) == deputies.get(email, email)
    pairs = list(zip([None, *lines], lines, strict=False))
    assert [broken(earlier, line) for earlier, line in pairs] == [""] * len(lines)
    for earlier, line in pairs:
        if len({place.email for place in read(line.weights) if place.weight}) > 1:
            other = next(place.email for place in read(line.weights) if place.weight and place.email != line.email)
            assert broken(earlier, replace(line, email=other)) == "choice"
            assert broken(earlier, replace(line, email=other, rule="reassign")) == ""
        if earlier is not None:
            assert broken(earlier, replace(line, given=line.given + 1)) == "count"
            assert broken(earlier, replace(line, rule="plan", weights=f"{line.weights} new2@x.example=0:1/7")) == "owed"


@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.data())
def test_limits_and_absences_keep_everyone_within_a_turn_of_what_was_open_to_them(
    shares: list[int], data: st.DataObject
) -> None:
    """Exact shares are of the turns in which somebody was available; the balance says how far off it is."""
    members, ring = team(shares), Ring()
    exact: dict[str, Fraction] = {}
    for _ in range(12):
        there = data.draw(st.lists(st.sampled_from(members), unique=True, min_size=1))
        whole = sum(one.weight for one in there)
        for one in there:
            exact[one.email] = exact.get(one.email, Fraction(0)) + Fraction(one.weight, whole)
        _, ring = take(ring, places(ring, members, there))
    for email, share in exact.items():
        assert share - ring.counts.get(email, 0) == ring.owed.get(email, 0)


def test_a_turn_that_somebody_gave_is_theirs_who_take_it() -> None:
    """The ring's choice where they take that, else their own, else that of whom they stand in for."""
    members = [Member("lena@x", 2), Member("tom@x"), Member("ines@x")]
    ring = places(Ring(), members, members, {"lena@x": "tom@x", "ines@x": "boss@x"})
    assert choose(ring) == "lena@x"
    assert [turn_of(ring, one) for one in ("tom@x", "boss@x", "lena@x", "new@x")] == [
        "lena@x", "ines@x", "lena@x", "new@x",
    ]  # fmt: skip
    second = give(Ring(), ring, "lena@x")
    later = places(second, members, members, {"lena@x": "tom@x", "ines@x": "boss@x"})
    assert choose(later) != "lena@x"
    assert turn_of(later, "tom@x") == "tom@x"
    assert sum(give(second, later, turn_of(later, "boss@x")).owed.values()) == 0
