"""Amounts of money as people type them into a form: `12000`, `12,000.50`, `12.000,50`, `12 000,5`, `１２０００`."""

from __future__ import annotations

import re
import unicodedata

#: Groups of three with one mark between them, and one or two digits behind another mark.
_AMOUNT = re.compile(
    r"(?P<whole>\d{1,12}|[1-9]\d{0,2}(?P<group>[.,' ])\d{3}(?:(?P=group)\d{3}){0,2})"
    r"(?:(?P<mark>[.,])(?P<part>\d{1,2}))?",
    re.ASCII,
)


class TwoReadingsError(ValueError):
    """`12.000`: with a point for decimals, as our languages write it, twelve; with one between thousands, 12,000."""


def amount(text: str) -> float | None:
    """The number that `text` says, whichever of point and comma its writer has for decimals; None where it says none.

    Raises TwoReadingsError where that cannot be told: one point, and three digits behind it.
    """
    found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).strip().replace("’", "'"))
    if found is None or (found["group"] and found["group"] == found["mark"]):
        return None
    whole = found["whole"]
    if found["group"] == "." and whole.count(".") == 1 and not found["part"]:
        raise TwoReadingsError(text)
    return float(re.sub(r"\D", "", whole) + f".{found['part'] or 0}")
