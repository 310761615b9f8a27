"""Whose turn it is: weighted round robin that is smooth, exact over time, and can be checked by hand.

Each turn credits every member who is available with their share of it, `weight / sum of the
weights of those available`, and debits whoever gets the lead with one turn. What a member is
owed is the balance. The turn goes to the member whose next turn falls due first, among those
who are behind. While the same people are available, everyone stays within one turn of their
exact share (R. Tijdeman, "The chairman assignment problem", 1980), and turns are spread evenly.

Who is away or at their limit is credited nothing and keeps their balance: nobody is flooded on
return, and nobody loses what they were owed. A new member starts at nought. There is no reset.

The ledger stores the ring as it stood before each turn, `email=weight:owed` joined by blanks:
`lena@x=2 tom@x=1:1/3 ines@x=0:-1/6`. Weight 0 is a member who was not available; `:owed` is
left out where it is nought. A line gives its own choice, and the line after it, by itself.

The turn of who is away and has a deputy is theirs all the same: they are credited and debited, and
the deputy takes the lead. The line says so: `lena@x=2:1/3>tom@x`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from connector.model.handoff import Turn
from connector.model.roster import Member

NOUGHT = Fraction(0)
NOBODY: Mapping[str, str] = {}
#: Rules of lines that a person decided: by a plan, or by giving a lead to somebody else.
BY_PLAN, BY_PERSON = "plan", "reassign"
#: The rule of a line where a lead was given to the next of its team, since its owner could not see to it.
BY_TURN = "reassign by turn"
GIVEN = frozenset({BY_PLAN, BY_PERSON})
#: Balances are exact while weights are of everyday size; beyond, they are rounded to this.
_FINEST = 10**9


@dataclass(frozen=True, slots=True)
class Place:
    """A member's place in the ring: their weight this time (0: not available), and what they are owed.

    `deputy` takes their turn, where they are away; "" for none.
    """

    email: str
    weight: int
    owed: Fraction = NOUGHT
    deputy: str = ""

    def __str__(self) -> str:
        owed, deputy = f":{self.owed}" if self.owed else "", f">{self.deputy}" if self.deputy else ""
        return f"{self.email}={self.weight}{owed}{deputy}"


@dataclass(frozen=True, slots=True)
class Ring:
    """A team's turns so far: how many each had, and what each is owed (in turns)."""

    counts: Mapping[str, int] = field(default_factory=dict)
    owed: Mapping[str, Fraction] = field(default_factory=dict)

    @property
    def given(self) -> int:
        """Turns so far, of everyone."""
        return sum(self.counts.values())


def from_ledger(counts: Mapping[str, int], latest: Turn | None) -> Ring:
    """The ring as the ledger has it: the turns so far by email, and the team's latest line."""
    if latest is None:
        return Ring(dict(counts))
    return Ring(dict(counts), _settled(read(latest.weights), latest.email))


def places(
    ring: Ring, members: Sequence[Member], available: Sequence[Member], deputies: Mapping[str, str] = NOBODY
) -> tuple[Place, ...]:
    """The ring before a turn, in the order of the roster; who has left the roster is left out.

    `deputies` take the turns of members who are away, by the member's email.
    """
    there = {member.email for member in available}
    found = (
        Place(member.email, member.weight, owed, deputies.get(member.email, ""))
        if member.email in there
        else Place(member.email, 0, owed)
        for member in members
        for owed in (ring.owed.get(member.email, NOUGHT),)
    )
    return tuple(place for place in found if place.weight or place.owed)


def choose(ring: Sequence[Place]) -> str:
    """The email of the member whose turn it is; "" where nobody is available. Ties: the order given."""
    pool = [place for place in ring if place.weight]
    if len(pool) < 2:
        return pool[0].email if pool else ""
    slack = Fraction(1, 2 * len(pool) - 2)
    credits = _credited(pool)
    behind = [place for place in pool if credits[place.email] >= slack] or pool
    return min(behind, key=lambda place: (1 - slack - credits[place.email]) / place.weight).email


def take(ring: Ring, before: Sequence[Place]) -> tuple[str, Ring]:
    """Whose turn it is, and the ring after it. Nobody available: "" and the ring as it was."""
    email = choose(before)
    return email, give(ring, before, email) if email else ring


def give(ring: Ring, before: Sequence[Place], email: str) -> Ring:
    """The ring after `email` has had the turn, whoever's it was."""
    counts = {**ring.counts, email: ring.counts.get(email, 0) + 1}
    return Ring(counts, _settled(before, email))


def write(ring: Sequence[Place]) -> str:
    """A line of the ledger."""
    return " ".join(map(str, ring))


def read(line: str) -> tuple[Place, ...]:
    """What `write` wrote."""
    found = []
    for part in line.split():
        place, _, deputy = part.partition(">")
        email, _, numbers = place.rpartition("=")
        weight, _, owed = numbers.partition(":")
        found.append(Place(email, int(weight), Fraction(owed or 0), deputy))
    return tuple(found)


def taker(ring: Sequence[Place], email: str) -> str:
    """Who gets the lead where it is the turn of `email`: their deputy, where they are away."""
    return next((place.deputy for place in ring if place.email == email and place.deputy), email)


def turn_of(ring: Sequence[Place], owner: str) -> str:
    """Whose turn `owner` gets by somebody's word: that of the ring's choice, where they take that, else their own,
    else that of somebody whom they stand in for.
    """
    there = [place.email for place in ring if place.weight]
    mine = [email for email in (choose(ring), owner, *there) if email in there and taker(ring, email) == owner]
    return mine[0] if mine else owner


def broken(earlier: Turn | None, line: Turn) -> Literal["", "choice", "owed", "count"]:
    """What does not hold of a line of the ledger, made again from itself and the line before it; "" where all does.

    `choice`: by the ring the turn was another's. `owed`: the balances are not those that the line before leaves.
    `count`: a turn is missing between them, or there twice. Who has joined since starts at nought, who has left is
    gone. A turn that a person gave (`GIVEN`) is settled like any other, and need not be the ring's choice.
    """
    ring = read(line.weights)
    if line.rule not in GIVEN and choose(ring) != line.email:
        return "choice"
    if earlier is None:
        return ""
    left = _settled(read(earlier.weights), earlier.email)
    if any(place.owed != left.get(place.email, NOUGHT) for place in ring):
        return "owed"
    return "" if line.given == earlier.given + 1 else "count"


def _credited(ring: Sequence[Place]) -> dict[str, Fraction]:
    whole = sum(place.weight for place in ring)
    return {place.email: place.owed + Fraction(place.weight, whole or 1) for place in ring}


def _settled(ring: Sequence[Place], email: str) -> dict[str, Fraction]:
    """What everyone is owed after `email` has had the turn."""
    balances = _credited(ring)
    if email in balances:
        balances[email] -= 1
    return {name: balance.limit_denominator(_FINEST) for name, balance in balances.items() if balance}
