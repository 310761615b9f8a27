"""Columns of text, in which a Japanese character takes two."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from unicodedata import combining, east_asian_width

GAP = "  "
#: The last column is never narrower, however little is left of the line.
_NARROWEST = 20
#: Marks that do not begin a line in Japanese, and those that do not end one.
_NOT_FIRST = "、。，．・：；？！）」』】〉》ー),.:;!?]}%…"
_NOT_LAST = "（「『【〈《([{"


def width(text: str) -> int:
    """The columns that `text` takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """`text` filled with blanks to `columns`; with `right` it ends there."""
    blanks = " " * max(columns - width(text), 0)
    return blanks + text if right else text + blanks


def wrap(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns`, broken at blanks and between Japanese characters; longer words stay."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and width(lines[-1]) + width(piece.rstrip()) > columns:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [line.rstrip() for line in lines]


def aligned(
    rows: Sequence[Sequence[str]], *, indent: str = "  ", right: Collection[int] = (), columns: int = 100
) -> list[str]:
    """Lines with cells below each other; the last one is wrapped, and keeps its column.

    `right` names the columns (from 0) that end below each other, such as numbers.
    """
    if not rows:
        return []
    widths = [max(width(row[place]) for row in rows) for place in range(len(rows[0]))]
    start = len(indent) + sum(size + len(GAP) for size in widths[:-1])
    room = max(columns - start, _NARROWEST)
    lines: list[str] = []
    for row in rows:
        before = [
            pad(cell, size, right=place in right) for place, (cell, size) in enumerate(zip(row, widths, strict=True))
        ]
        last = [before[-1]] if len(row) - 1 in right else wrap(row[-1], room)
        lines.append((indent + GAP.join([*before[:-1], last[0]])).rstrip())
        lines += [" " * start + line for line in last[1:]]
    return lines


def _pieces(text: str) -> Iterator[str]:
    """What stays on one line: a word with its blanks, or one wide character with what may not follow a break."""
    piece = ""
    for letter in text:
        after_blank = piece.endswith(" ") and letter != " "
        stays = letter in _NOT_FIRST or letter == " " or piece[-1:] in _NOT_LAST
        between_wide = piece and not stays and (_wide(letter) or _wide(piece[-1]))
        if after_blank or between_wide:
            yield piece
            piece = ""
        piece += letter
    if piece:
        yield piece


def _wide(letter: str) -> bool:
    return east_asian_width(letter) in "WF"
