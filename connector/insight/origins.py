"""What became of leads by where they come from: of those who entered, how many were rejected, accepted, won."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from connector.insight.funnel import Counted, Share, share
from connector.model.ports.funnel import WAY


@dataclass(frozen=True, slots=True)
class Origin:
    """Leads of one value (None: it is not known)."""

    name: str | None
    entered: int
    accepted: Share
    rejected: Share
    won: Share


def origins(what: Counted, names: Sequence[str | None], rejected: Collection[tuple[int, str]]) -> list[Origin]:
    """By name, the most first and those of which it is not known last. `rejected` are leads and flows."""
    places: dict[str | None, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name, []).append(place)
    column = {WAY[place]: number for number, place in enumerate(what.path)}
    found = [_origin(name, what, some, rejected, column) for name, some in places.items()]
    return sorted(found, key=lambda one: (one.name is None, -one.entered, one.name or ""))


def _origin(
    name: str | None, what: Counted, places: Sequence[int], rejected: Collection[tuple[int, str]],
    column: Mapping[str, int],
) -> Origin:  # fmt: skip
    entered = [place for place in places if what.times[place][0] is not None]
    came = {
        stage: sum(what.times[place][column[stage]] is not None for place in entered) if stage in column else 0
        for stage in ("sal", "won")
    }
    back = sum(what.ways[place][:2] in rejected for place in entered)
    of = len(entered)
    return Origin(name, of, share(came["sal"], of), share(back, of), share(came["won"], of))
