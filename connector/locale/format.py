"""Dates, times, spans and numbers as people write them.

Two languages need two small tables; a date library for all languages would cost each command
that shows a date more CPU than the rest of it.
"""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from connector.locale import known_language

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "ja": "月火水木金土日"}
_UNITS = {
    "en": ((86_400, " day", " days"), (3600, " hour", " hours"), (60, " min", " min")),
    "ja": ((86_400, "日", "日"), (3600, "時間", "時間"), (60, "分", "分")),
}


def day(value: date, language: str, *, year: bool = False) -> str:
    """`Mon 7 Dec`, in Japanese `12月7日(月)`; with `year` also `2026` and `2026年`."""
    tongue = known_language(language)
    weekday = _WEEKDAYS[tongue][value.weekday()]
    if tongue == "ja":
        return (f"{value.year}年" if year else "") + f"{value.month}月{value.day}日({weekday})"
    return f"{weekday} {value.day} {_MONTHS[value.month - 1]}" + (f" {value.year}" if year else "")


def moment(value: datetime, zone: tzinfo, language: str, *, year: bool = False) -> str:
    """`Mon 7 Dec 09:30`, in Japanese `12月7日(月) 9:30`, on the clock of `zone`; `value` is aware."""
    local = value.astimezone(zone)
    hour = f"{local.hour}" if known_language(language) == "ja" else f"{local.hour:02}"
    return f"{day(local, language, year=year)} {hour}:{local.minute:02}"


def span(seconds: float, language: str) -> str:
    """A length of time in its two largest units: `2 days 3 hours`, `2日3時間`; under a minute `0 min`, `0分`."""
    left = int(abs(seconds))
    units = _UNITS[known_language(language)]
    parts: list[str] = []
    for index, (size, one, many) in enumerate(units):
        count, left = divmod(left, size)
        if count or (index == len(units) - 1 and not parts):
            parts.append(f"{count}{one if count == 1 else many}")
    return ("" if known_language(language) == "ja" else " ").join(parts[:2])


def share(value: float, language: str) -> str:
    """A part of a whole, from 0 to 1: `50 %`, in Japanese `50%`; no digit after the point that says nothing."""
    return f"{round(value * 100, 1):g}" + ("%" if known_language(language) == "ja" else " %")


def number(value: float) -> str:
    """`1,234` and `1,234.5`: thousands in groups, in English as in Japanese; no digits after a whole number."""
    return f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{int(value):,}"
