"""What a spreadsheet may be given."""

from __future__ import annotations

#: What Excel and its like take a text for a formula by, or cut it at (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def tame(text: str) -> str:
    """What a spreadsheet would take for a formula, as text."""
    return f"'{text}" if text.startswith(_FORMULA) else text
