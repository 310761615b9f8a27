"""When each lead first came to each stage of the way: a row for each lead and flow, kept beside the moves.

A funnel of a million moves asks for a tenth as many rows. They say nothing that the moves do not say: whatever adds
or deletes moves sees to them in the same transaction, and who was merged into another lead is left out where they
are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from connector.model.ports.funnel import WAY
from connector.model.stages import Transition
from connector.model.times import micros
from state.engine import Session, chunks

#: The condition of the index over the moves (ix_transitions_way), word for word.
ON_THE_WAY = "(stage = 'mql' OR stage = 'sal' OR stage = 'sql' OR stage = 'opportunity' OR stage = 'won')"
_PLACE = {stage: place for place, stage in enumerate(WAY)}
_SOONER = "ways.{0} IS NULL OR excluded.{0} < ways.{0}"
UPSERT = (
    f"INSERT INTO ways (lead_id, flow, {', '.join(WAY)}, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "  # noqa: S608 - of constants
    "ON CONFLICT (lead_id, flow) DO UPDATE SET "
    f"version = CASE WHEN excluded.mql IS NOT NULL AND ({_SOONER.format('mql')}) THEN excluded.version "
    "ELSE ways.version END, "
    + ", ".join(
        f"{stage} = CASE WHEN {_SOONER.format(stage)} THEN excluded.{stage} ELSE ways.{stage} END" for stage in WAY
    )
)
_FIRSTS = ", ".join(f"min(CASE WHEN stage = '{stage}' THEN at END) AS {stage}" for stage in WAY)
#: From the moves of all leads, or of those that `{of}` names.
FILL = (
    f"INSERT INTO ways (lead_id, flow, {', '.join(WAY)}, version) SELECT lead_id, flow, {', '.join(WAY)}, "  # noqa: S608
    "coalesce((SELECT version FROM transitions AS one WHERE one.lead_id = way.lead_id AND one.flow = way.flow "
    "AND one.stage = 'mql' ORDER BY one.at, one.id LIMIT 1), '') FROM "
    f"(SELECT lead_id, flow, {_FIRSTS} FROM transitions WHERE {ON_THE_WAY} {{of}}GROUP BY lead_id, flow) AS way"
)


def note(session: Session, moves: Iterable[Transition]) -> None:
    """Moves that were added."""
    found: dict[tuple[int, str], list[Any]] = {}
    for move in moves:
        place = _PLACE.get(move.to)
        if place is None:
            continue
        row, at = found.setdefault((move.lead_id, move.flow), [None] * len(WAY) + [""]), micros(move.at)
        if row[place] is None or at < row[place]:
            row[place] = at
            if not place:
                row[-1] = move.version
    if found:
        session.many(UPSERT, [(*key, *row) for key, row in found.items()])


def remake(session: Session, lead_ids: Sequence[int]) -> None:
    """Make the rows of some leads anew: moves of theirs were deleted."""
    for chunk in chunks(lead_ids):
        session.run("DELETE FROM ways WHERE lead_id = ANY(?)", chunk)
        session.run(FILL.format(of="AND lead_id = ANY(?) "), chunk)
