"""Numbers as forms and exports write them: `1,000`, `1.234,56`, `100-499`, `500名以上`, `10k+`."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import Literal

from connector.model import sentences

Bound = Literal["low", "high", "middle"]
BOUNDS: tuple[Bound, ...] = ("low", "high", "middle")

#: Larger numbers do not fit the store's integers.
LARGEST = 2**63 - 1

_SCALES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "mio": 1_000_000, "million": 1_000_000,
           "b": 10**9, "bn": 10**9, "billion": 10**9, "百": 100, "千": 1_000, "万": 10_000, "百万": 1_000_000,
           "千万": 10_000_000, "億": 10**8, "兆": 10**12}  # fmt: skip
_UNITS = (
    r"employees?|people|persons?|users?|seats?|staff|mitarbeiter(?:innen)?|人|名|社|件|席|円|ユーザー|"
    r"[€$£¥]|eur|usd|gbp|jpy|chf|%"
)
_NUMBER = (
    r"(?P<sign{n}>-?)\s?(?:[€$£¥]|eur|usd|gbp|jpy|chf)?\s?(?P<digits{n}>\d[\d.,'’ ]*?)\s?"
    r"(?P<scale{n}>千万|百万|万|億|兆|千|百|k|thousand|mio|million|m|bn|billion|b)?\.?\s?(?:" + _UNITS + r")*"
)
_ONE = re.compile(_NUMBER.format(n=""))
_SPAN = re.compile(
    _NUMBER.format(n="1") + r"\s?(?:-|–|—|~|〜|to|bis|から|through)\s?" + _NUMBER.format(n="2") + "(?:まで)?"
)
_FROM = re.compile(
    r"(?P<over>>(?!=)|over|more than|above|mehr als|über)?(?:>=|≥|at least|from|ab|min\.?|mindestens)?\s?"
    + _NUMBER.format(n="")
    + r"\s?(?P<tail>\+|and more|or more|and above|and over|and up|plus|以上|超|越|より多い|から|-|〜|~)?"
    + r"\s?(?:" + _UNITS + r")*"
)  # fmt: skip
_UP_TO = re.compile(
    r"(?P<under><(?!=)|under|less than|below|fewer than|weniger als|unter)?"
    r"(?P<within><=|≤|up to|at most|max\.?|bis(?: zu)?|höchstens)?\s?"
    + _NUMBER.format(n="")
    + r"\s?(?P<tail>or less|or fewer|and below|and under|以下|未満|まで|以内)?\s?(?:" + _UNITS + r")*"
)  # fmt: skip
#: `1.000` alone is a thousand in half of Europe and one elsewhere.
_AMBIGUOUS = re.compile(r"\d{1,3}(?:\.\d{3})+")


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip().replace("−", "-").replace("\u00a0", " ")


def _decimal(digits: str, mark: str) -> float | None:
    """`digits` with their separators as a number, None where they contradict `mark`."""
    digits = digits.strip(" ")
    groups = "." if mark == "," else ","
    whole, _, part = digits.partition(mark)
    if groups in part or mark in part:
        return None
    pieces = re.split(rf"[{re.escape(groups)}'’ ]", whole)
    if len(pieces) > 1:
        # Groups of two exist (1,00,000); a last one of two is a fraction with the other mark.
        grouped = all(len(piece) in (2, 3) for piece in pieces[1:]) and len(pieces[-1]) == 3
        if not grouped or not 0 < len(pieces[0]) <= 3:
            return None
    joined = "".join(pieces)
    if not joined.isascii() or not joined.isdigit() or len(joined) > 40 or (part and not part.isdigit()):
        return None
    return float(f"{joined}.{part or '0'}")


def _value(found: re.Match[str], mark: str, n: str = "", scale: str = "") -> float | None:
    number = _decimal(found[f"digits{n}"], mark)
    if number is None:
        return None
    number *= _SCALES[found[f"scale{n}"] or scale] if (found[f"scale{n}"] or scale) else 1
    return -number if found[f"sign{n}"] else number


def _one(text: str, mark: str) -> float | None:
    found = _ONE.fullmatch(text)
    return _value(found, mark) if found else None


def _bounds(text: str, mark: str) -> tuple[float | None, float | None] | None:
    """The lower and upper bound that a range names; None where it is no range."""
    if found := _SPAN.fullmatch(text):
        # `1-5k`: the scale said once holds for both.
        low, high = _value(found, mark, "1", found["scale2"] or ""), _value(found, mark, "2")
        if low is None or high is None:
            return None
        return (low, high) if low <= high else None
    if (found := _FROM.fullmatch(text)) and (number := _value(found, mark)) is not None:
        strict = bool(found["over"]) or found["tail"] in ("超", "越", "より多い")
        return number + strict, None
    if (found := _UP_TO.fullmatch(text)) and (number := _value(found, mark)) is not None:
        strict = bool(found["under"]) or found["tail"] == "未満"
        return None, number - strict
    return None


def _chosen(bounds: tuple[float | None, float | None], which: Bound) -> float:
    low, high = bounds
    if high is None:
        return low or 0.0
    return {"low": low or 0.0, "high": high, "middle": ((low or 0.0) + high) / 2}[which]


def decimal(text: str, *, mark: str = ".", ranges: Bound | None = None) -> tuple[float | None, str]:
    """(number, "") or (None, why not). `mark` is the decimal mark; the other one groups thousands.

    `ranges` says which bound of `100-499` is meant; of an open one (`500+`) the bound it has,
    and of `under 50` 0 is the low one.
    """
    text = _plain(text)
    if len(text) > 80:
        return None, sentences.TOO_LONG_FOR_A_NUMBER
    number = _one(text, mark)
    if number is None:
        bounds = _bounds(text, mark)
        if bounds is None:
            return None, sentences.NOT_A_NUMBER
        if ranges is None:
            return None, sentences.A_RANGE
        number = _chosen(bounds, ranges)
    return (number, "") if math.isfinite(number) else (None, sentences.NOT_A_NUMBER)


def integer(text: str, *, mark: str = "", ranges: Bound | None = None) -> tuple[int | None, str]:
    """(whole number, "") or (None, why not); `mark` "" is a point that must not be ambiguous."""
    if text.isdecimal() and text.isascii() and len(text) < 19:
        return int(text), ""
    if not mark and _AMBIGUOUS.search(text):
        return None, sentences.TWO_READINGS
    number, reason = decimal(text, mark=mark or ".", ranges=ranges)
    if number is None:
        return None, reason
    if not number.is_integer():
        if ranges is None:
            return None, sentences.NOT_A_WHOLE_NUMBER
        number = math.floor(number)
    return (int(number), "") if abs(number) < LARGEST else (None, sentences.TOO_LARGE)
