"""Whoever comes and goes: nobody gets a lead who cannot take it, and each turn follows from the ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from connector.model.handoff import Turn
from connector.model.roster import Away, Member, Roster
from connector.steps.routing.rules import next_turn
from connector.steps.routing.turns import Ring, broken

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
EMAILS = tuple(f"rep{number}@x.example" for number in range(5))
BOSS = "boss@x.example"
members = st.builds(Member, st.just(""), st.integers(1, 4), st.none() | st.integers(0, 3))
#: Who is away, with whom as deputy; for whom it is no working time; who is a user of the CRM; whether it is hot.
moments = st.tuples(
    st.dictionaries(st.sampled_from(EMAILS), st.sampled_from(["", BOSS, *EMAILS]).map(lambda one: Away(None, one))),
    st.sets(st.sampled_from([*EMAILS, BOSS])),
    st.none() | st.sets(st.sampled_from([*EMAILS, BOSS])),
    st.booleans(),
)


def taker_by_hand(roster: Roster, email: str) -> str:
    """Along the deputies, by hand."""
    for _ in range(len(EMAILS) + 1):
        if email not in roster.away:
            return email
        email = roster.away[email].deputy
        if not email:
            return ""
    return ""


@given(st.lists(members, min_size=1, max_size=5), st.lists(moments, min_size=1, max_size=25))
def test_turns_through_absences_limits_hours_and_deputies(
    staff: list[Member], history: list[tuple[dict[str, Away], set[str], set[str] | None, bool]]
) -> None:
    team = tuple(
        Member(email, one.weight, one.open_at_most) for email, one in zip(EMAILS, staff, strict=False)
    )  # fmt: skip
    limits = {one.email: one.open_at_most for one in team}
    ring, earlier = Ring(), None
    in_hand: dict[str, int] = {}
    exact: dict[str, Fraction] = {}
    for number, (away, closed, users, hot) in enumerate(history):
        roster = Roster({"sdr": team}, away, dict.fromkeys(closed))
        takers = {one.email: taker_by_hand(roster, one.email) for one in team}
        able = [
            one
            for one in team
            if (taker := takers[one.email])
            and (users is None or taker in users)
            and (limits.get(taker) is None or in_hand.get(taker, 0) < limits[taker])  # type: ignore[operator]
        ]
        working = [one for one in able if takers[one.email] not in closed]
        pool = working if hot and working else able
        found = next_turn("sdr", roster, {"sdr": ring}, in_hand, users=users, hot=hot)
        if not pool:
            assert (found.owner, found.turn) == ("", None)
            continue
        assert found.of in {one.email for one in pool}
        assert found.owner == takers[found.of]
        whole = sum(one.weight for one in pool)
        for one in pool:
            exact[one.email] = exact.get(one.email, Fraction(0)) + Fraction(one.weight, whole)
        assert found.turn is not None
        assert found.ring is not None
        given_before, weights = found.turn
        line = Turn(number, "sdr", found.of, NOW, "rule 1", given_before, weights)
        assert broken(earlier, line) == ""
        earlier, ring = line, found.ring
        in_hand[found.owner] = in_hand.get(found.owner, 0) + 1
    for email, share in exact.items():
        assert share - ring.counts.get(email, 0) == ring.owed.get(email, 0)
