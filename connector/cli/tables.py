"""Tables for a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Sequence


def terminal_width() -> int:
    """Columns of the reader's terminal; 80 where there is none, at most 120."""
    return min(shutil.get_terminal_size((80, 24)).columns, 120)


def table(
    headings: Sequence[str], rows: Iterable[Sequence[object]], *, indent: str = "", columns: int = 0
) -> list[str]:
    """Lines of a table, none where there are no rows; numbers end below each other.

    Headings that are all empty are left out.
    """
    from connector.locale.columns import aligned

    cells = [list(row) for row in rows]
    if not cells:
        return []
    places = range(len(cells[0]))
    right = [place for place in places if all(isinstance(row[place], int | None) for row in cells)]
    body = [[_text(cell) for cell in row] for row in cells]
    if any(headings):
        body.insert(0, list(headings))
    return aligned(body, indent=indent, right=right, columns=columns or terminal_width())


def _text(cell: object) -> str:
    if isinstance(cell, int):
        return f"{cell:,}"
    return "" if cell is None else str(cell)
