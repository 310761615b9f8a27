"""Associations between records, kept in both directions.

The type ids are those of https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide; a pair that
is not listed here cannot be associated in this portal.
"""

from __future__ import annotations

from collections import defaultdict

#: (from, to): (unlabelled type, other types) and the types that say the same from the other end.
TYPES: dict[tuple[str, str], dict[int, int]] = {
    ("contacts", "companies"): {279: 280, 1: 2},
    ("deals", "contacts"): {3: 4},
    ("deals", "companies"): {341: 342, 5: 6},
    ("notes", "contacts"): {202: 201},
    ("notes", "companies"): {190: 189},
    ("notes", "deals"): {214: 213},
    ("tasks", "contacts"): {204: 203},
    ("tasks", "companies"): {192: 191},
    ("tasks", "deals"): {216: 215},
    ("calls", "contacts"): {194: 193},
    ("meetings", "contacts"): {200: 199},
    ("emails", "contacts"): {198: 197},
    ("leads", "contacts"): {608: 609, 578: 579},
    ("leads", "companies"): {610: 611},
    ("tasks", "leads"): {647: 646},
    ("notes", "leads"): {855: 854},
}
TYPES |= {(to, origin): {back: there for there, back in pairs.items()} for (origin, to), pairs in TYPES.items()}
LABELS = {1: "Primary", 2: "Primary", 5: "Primary", 6: "Primary", 578: "Primary", 579: "Primary"}


class Links:
    """Who is associated with whom, by pair of objects: from id -> to id -> type ids."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], dict[int, dict[int, set[int]]]] = defaultdict(lambda: defaultdict(dict))

    def add(self, origin: str, id: int, to: str, other: int, types: list[int]) -> None:
        """Associate two records. Raises KeyError for a type that this pair does not have."""
        known = TYPES[origin, to]
        plain = next(iter(known))
        for type in {plain, *types}:
            self._held[origin, to][id].setdefault(other, set()).add(type)
            self._held[to, origin][other].setdefault(id, set()).add(known[type])

    def remove(self, origin: str, id: int, to: str, other: int) -> None:
        """They are associated no more."""
        self._held[origin, to][id].pop(other, None)
        self._held[to, origin][other].pop(id, None)

    def of(self, origin: str, id: int, to: str) -> dict[int, set[int]]:
        """The records of the kind `to` that one record is associated with."""
        return self._held[origin, to].get(id, {})

    @staticmethod
    def end(origin: str, types: list[int]) -> str | None:
        """The object at the other end of types that start at `origin`, None where they are not of one pair."""
        ends = [to for (start, to), known in TYPES.items() if start == origin and all(type in known for type in types)]
        return ends[0] if types and ends else None

    def move(self, object: str, loser: int, winner: int) -> None:
        """What the loser of a merge was associated with belongs to the winner."""
        for (origin, to), held in list(self._held.items()):
            if origin == object:
                for other, types in held.pop(loser, {}).items():
                    self._held[to, origin][other].pop(loser, None)
                    self.add(origin, winner, to, other, sorted(types))
