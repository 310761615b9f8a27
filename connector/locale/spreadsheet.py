"""What a spreadsheet may be given."""

from __future__ import annotations

import re

#: What Excel and its like take a text for a formula by, or cut it at (OWASP, CSV Injection); Japanese ones take wide
#: signs for it, too. Where a decimal has a comma, a semicolon begins the next cell.
_FORMULA = re.compile(r"(?:^|(?<=;))(?=[=+\-@\t\r\n＝＋－＠])")


def tame(text: str) -> str:
    """What a spreadsheet would take for a formula, as text."""
    return _FORMULA.sub("'", text)
