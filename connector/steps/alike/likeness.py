"""What a comparison gives: points, a band, and what was found field by field."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import log10
from typing import Literal, NamedTuple

from connector.steps.alike import shipped

Kind = Literal["person", "organisation"]
Band = Literal["sure", "perhaps", ""]


class Finding(NamedTuple):
    """One field of a pair: the level, its points, and both values as compared."""

    field: str
    level: str
    points: int
    left: str
    right: str


class Likeness(NamedTuple):
    """Points are the sum of the findings'. `never_sure` are those, "field.level", that keep the pair out of `sure`."""

    points: int
    band: Band
    findings: tuple[Finding, ...]
    never_sure: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """Points by field and level, and where the bands begin.

    `perhaps_at_least`: how low `perhaps` may fall in a small store. `at_most`: what the fields of a group (`place`,
    `company`) give together. `never_sure`: "field.level" that keep a pair out of `sure`. `sure_needs`: one of these
    must be there, where there are any.
    """

    points: Mapping[str, Mapping[str, int]]
    sure: int
    perhaps: int
    perhaps_at_least: int
    at_most: Mapping[str, int]
    never_sure: frozenset[str]
    sure_needs: frozenset[str] = frozenset()

    def among(self, count: int) -> Weights:
        """The weights in a store of `count` leads: the fewer there are, the less is coincidence.

        `perhaps` is said for a million, and falls by ten points, a factor of ten, each time there are ten times
        fewer, but never below `perhaps_at_least`.
        """
        fewer = round(10 * log10(1_000_000 / max(count, 1)))
        least = min(self.perhaps_at_least, self.perhaps)
        return self if fewer <= 0 else replace(self, perhaps=max(self.perhaps - fewer, least))


def shipped_weights(kind: Kind) -> Weights:
    """The weights that hold where an admin says nothing."""
    table = shipped.PERSON if kind == "person" else shipped.ORGANISATION
    return Weights(
        {field: {name: level.points for name, level in levels.items()} for field, levels in table.items()},
        shipped.SURE[kind],
        shipped.PERHAPS[kind],
        shipped.PERHAPS_AT_LEAST[kind],
        {"place": shipped.PLACE_AT_MOST, "company": shipped.COMPANY_AT_MOST},
        frozenset(shipped.NEVER_SURE[kind]),
        frozenset(shipped.SURE_NEEDS[kind]),
    )


PERSON = shipped_weights("person")
ORGANISATION = shipped_weights("organisation")
