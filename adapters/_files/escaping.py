"""Text into CSV cells, so that no spreadsheet takes a lead's text for a formula.

A cell that begins with one of `= + - @`, their full-width forms, a tab or a line end gets an
apostrophe in front, and so does one that begins with an apostrophe before any of these: thus
taking one apostrophe off gives the text back. Numbers stay numbers.
"""

from __future__ import annotations

import re
from typing import Any

_RISKY = re.compile("'*[=+\\-@＝＋－＠\t\r\n]")


def escaped(text: str) -> str:
    """`text` as it stands in a cell."""
    return "'" + text if _RISKY.match(text) else text


def unescaped(cell: str) -> str:
    """The text that `cell` was made of."""
    return cell[1:] if cell.startswith("'") and _RISKY.match(cell[1:]) else cell


def cell(value: Any) -> str:
    """A value as it stands in a cell: nothing as "", lists joined by semicolons."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return escaped("; ".join(map(str, value)) if isinstance(value, list) else str(value))
