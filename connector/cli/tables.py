"""Tables for a terminal, in which a Japanese character takes two columns."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from unicodedata import combining, east_asian_width

GAP = "  "
_NARROWEST = 12


def terminal_width() -> int:
    """Columns of the reader's terminal; 80 where there is none, at most 120."""
    return min(shutil.get_terminal_size((80, 24)).columns, 120)


def width(text: str) -> int:
    """Columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """`text` filled with blanks to `columns`."""
    blanks = " " * max(columns - width(text), 0)
    return blanks + text if right else text + blanks


def clip(text: str, columns: int) -> str:
    """`text` in at most `columns`, its end replaced by an ellipsis where it is longer."""
    if width(text) <= columns:
        return text
    kept, taken = [], 1
    for letter in text:
        taken += width(letter)
        if taken > columns:
            break
        kept.append(letter)
    return "".join(kept).rstrip() + "…"


def wrap(text: str, columns: int) -> list[str]:
    """`text` in lines of at most `columns`: broken at blanks, and within a word that is longer than a line."""
    lines, line = [], ""
    for word in _pieces(text, columns):
        if width(line) + width(word.rstrip()) > columns and line.strip():
            lines.append(line.rstrip())
            line = ""
        line += word if line else word.lstrip()
    if line.strip() or not lines:
        lines.append(line.rstrip())
    return lines


def _pieces(text: str, columns: int) -> Iterator[str]:
    """Words with the blanks behind them; wide characters each alone; long words in parts."""
    word = ""
    for letter in text:
        if width(letter) == 2:
            if word:
                yield word
            yield letter
            word = ""
        elif letter == " " or width(word) >= columns:
            yield word + letter
            word = ""
        else:
            word += letter
    if word:
        yield word


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], *, columns: int | None = None) -> list[str]:
    """Lines of a table: numbers right, texts left, the last column wrapped into what is left of the width."""
    body = [[_text(cell) for cell in row] for row in rows]
    source = [list(row) for row in body]
    if not source:
        return []
    all_rows = ([list(headings)] if any(headings) else []) + source
    widths = [max(width(row[index]) for row in all_rows) for index in range(len(headings))]
    numeric = [all(_is_number(row[index]) for row in source) for index in range(len(headings))]
    room = (columns or terminal_width()) - sum(widths[:-1]) - len(GAP) * len(widths[:-1])
    widths[-1] = min(widths[-1], max(room, _NARROWEST))
    lines = []
    for row in all_rows:
        lines += _row(row, widths, numeric)
    return lines


def _row(row: Sequence[str], widths: Sequence[int], numeric: Sequence[bool]) -> list[str]:
    cells = [pad(cell, columns, right=right) for cell, columns, right in zip(row, widths, numeric, strict=True)]
    indent = " " * (sum(widths[:-1]) + len(GAP) * (len(widths) - 1))
    last = wrap(row[-1], widths[-1])
    if numeric[-1]:
        return [GAP.join(cells).rstrip()]
    first = GAP.join([*cells[:-1], last[0]]).rstrip()
    return [first, *(indent + line for line in last[1:])]


def _text(cell: object) -> str:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return f"{cell:,}"
    return "" if cell is None else str(cell)


def _is_number(text: str) -> bool:
    return text == "" or text.replace(",", "").replace("-", "").isdigit()
