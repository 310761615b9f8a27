"""How many calls a delivery takes: the claims of the outbox gone through in thought, batch by batch. Pure.

A call holds rows of one kind of object, the most urgent lane first and in it what has waited longest; what hangs on
something waits until that is written (`model/ports/`, Outbox.claim). Some platforms take what is made and what is
changed in calls of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

#: How many batches of waiting rows a claim looks through for one that holds a single kind.
LOOKS_AHEAD = 4


@dataclass(frozen=True, slots=True)
class Sent:
    """A row that would be sent.

    `way` tells calls of one object apart (`create`, `update`), `after` is the place of the row that must
    be written before, -1 for none. A row without a way is settled without a call.
    """

    object: str
    way: str
    lane: int
    after: int = -1


def calls(rows: Sequence[Sent], most: int, *, apart: bool) -> Counter[str]:
    """Calls by what they do (`lead create`), where up to `most` rows go in one.

    `apart`: a call holds only one way. Where it may hold several, it is counted under the first row's.
    """
    order = sorted(range(len(rows)), key=lambda place: (rows[place].lane, place))
    following = dict(pairwise(order))
    before = {later: earlier for earlier, later in following.items()}
    first, done, found = order[0] if order else None, set[int](), Counter[str]()
    while first is not None:
        batch = _claim(rows, first, following, done, most)
        if not batch:
            # What hangs on itself is never sent.
            return found
        ways = dict.fromkeys(rows[place].way for place in batch if rows[place].way)
        for way in ways if apart else list(ways)[:1]:
            found[f"{rows[batch[0]].object} {way}"] += 1
        for place in batch:
            done.add(place)
            first = _unlink(place, first, following, before)
    return found


def _claim(rows: Sequence[Sent], first: int, following: dict[int, int], done: set[int], most: int) -> list[int]:
    """The places of the rows of one call."""
    batch: list[int] = []
    looked, place = 0, first
    kind = ""
    while looked < LOOKS_AHEAD * most and len(batch) < most:
        row = rows[place]
        if row.after < 0 or row.after in done:
            kind = kind or row.object
            looked += 1
            if row.object == kind:
                batch.append(place)
        if place not in following:
            break
        place = following[place]
    return batch


def _unlink(place: int, first: int | None, following: dict[int, int], before: dict[int, int]) -> int | None:
    """Take a place out of the order; what is first then."""
    later, earlier = following.pop(place, None), before.pop(place, None)
    if earlier is not None and later is not None:
        following[earlier] = later
    elif earlier is not None:
        following.pop(earlier, None)
    if later is not None:
        if earlier is not None:
            before[later] = earlier
        else:
            before.pop(later, None)
    return later if place == first else first
