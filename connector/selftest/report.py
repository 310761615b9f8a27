"""What the walks came to: a row for each world, the total, and what is to be said of each point that is not clean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from connector.selftest.crash import Point, Walk, sentences


@dataclass(frozen=True, slots=True)
class Row:
    """One world's figures: children killed, and how many things were lost, there twice, or otherwise amiss.

    `may_double` counts messages that came more than once and may: mail and chat cannot be asked what they have.
    `other` counts what kept the walk from being a proof too.
    """

    world: str
    target: str
    points: int
    lost: int
    double: int
    may_double: int
    other: int


def row_of(walk: Walk) -> Row:
    """The figures of one world."""
    verdicts = [point.verdict for point in walk.points]
    other = sum(len(one.other) for one in verdicts) + sum(bool(point.fault) for point in walk.points)
    return Row(
        walk.name, walk.target, walk.killed, sum(len(one.lost) for one in verdicts),
        sum(len(one.double) for one in verdicts), sum(len(one.may_double) for one in verdicts),
        other + len(walk.problems),
    )  # fmt: skip


def total(rows: Iterable[Row]) -> dict[str, int]:
    """The sums over all worlds."""
    found = list(rows)
    return {
        name: sum(getattr(row, name) for row in found) for name in ("points", "lost", "double", "may_double", "other")
    }


def amiss(walk: Walk) -> list[Point]:
    """The points that are not clean, in their order."""
    return [point for point in walk.points if not point.clean]


def told(walk: Walk) -> int:
    """At how many points Baton itself found a double and told a person."""
    return sum(bool(point.verdict.reported) for point in walk.points)


def signed_in(walk: Walk) -> int:
    """At how many points an admin had to sign in anew."""
    return sum(point.verdict.signed_in_anew for point in walk.points)


def document(walks: Sequence[Walk], seconds: float) -> dict[str, Any]:
    """All of it as JSON has it."""
    rows = [row_of(walk) for walk in walks]
    worlds = [{**_figures(row), **_details(walk)} for row, walk in zip(rows, walks, strict=True)]
    return {"clean": all(walk.clean for walk in walks), "seconds": round(seconds, 1), **total(rows), "worlds": worlds}


def _figures(row: Row) -> dict[str, Any]:
    return {
        "world": row.world, "target": row.target, "points": row.points, "lost": row.lost, "double": row.double,
        "may_double": row.may_double, "other": row.other,
    }  # fmt: skip


def _details(walk: Walk) -> dict[str, Any]:
    points = [
        {
            "point": one.number,
            "boundary": one.name,
            "amiss": sentences(one),
            "found by baton": list(one.verdict.reported),
        }
        for one in walk.points
        if not one.clean or one.verdict.reported
    ]
    return {
        "boundaries": len(walk.boundaries), "different": walk.recovered, "there": walk.shown,
        "seconds": round(walk.seconds, 1), "problems": walk.problems, "told_a_person": told(walk),
        "signed_in_anew": signed_in(walk), "failing": points,
    }  # fmt: skip
