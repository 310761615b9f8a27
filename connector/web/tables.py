"""Tables of the dashboard: one set of values, shown on a page, in a mail, as CSV and as JSON.

A cell holds a value and its column says what kind it is; only at the end is it made into words, or into the several
plain columns of an export. So a page and what is downloaded from it cannot say different numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from connector.insight import funnel_words
from connector.insight.funnel import Lengths, Share
from connector.locale.format import number, span
from connector.locale.spreadsheet import tame
from connector.steps.telling.words import Words

#: `share` holds a `Share`, `lengths` a `Lengths`, `points` a pair of shares that a difference lies between, `span`
#: seconds. Every kind of value may be None: not known, or too few to say.
Kind = Literal["text", "count", "decimal", "share", "lengths", "points", "span", "moment", "day"]
#: Excel, in Japan as elsewhere, takes a CSV without this mark for the encoding of its country.
BOM = "\ufeff"
_NUMBERS: frozenset[Kind] = frozenset({"count", "decimal", "share", "lengths", "points", "span"})
_SHARE = ("hits", "of", "", "low", "high")
_LENGTHS = ("counted", "median_days", "p75_days", "p90_days", "set_aside")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in exports, its title in the reader's language, and what its cells hold."""

    key: str
    title: str
    kind: Kind = "text"

    @property
    def is_number(self) -> bool:
        """Whether its cells stand to the right."""
        return self.kind in _NUMBERS


@dataclass(frozen=True, slots=True)
class Grid:
    """A table. `title` says what it holds; `rows` have a value for each column; `note` stands below it.

    `shown` is how many rows a page has, None for all: exports always have all. `nothing` is said where it has none.
    """

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    note: str = ""
    shown: int | None = None
    nothing: str = ""

    @property
    def on_page(self) -> Sequence[Sequence[Any]]:
        """The rows that a page has."""
        return self.rows[: self.shown]


def told(column: Column, value: Any, words: Words) -> str:
    """A value as the reader sees it; "" for what is not known."""
    if value is None:
        return ""
    match column.kind:
        case "share":
            return funnel_words.told(value, words.translate)
        case "lengths":
            return funnel_words.days(value)
        case "points":
            return funnel_words.against(value)
        case "span":
            return span(value, words.language)
        case "count" | "decimal":
            return number(value)
        case "moment":
            return words.moment(value)
        case "day":
            return words.day(value)
        case "text":
            return str(value)


def flat(grid: Grid) -> tuple[list[str], list[list[Any]]]:
    """The names of the plain columns, and rows of plain values."""
    names = [name for column in grid.columns for name in _names(column)]
    rows = [
        [one for column, value in zip(grid.columns, row, strict=True) for one in _plain(column, value)]
        for row in grid.rows
    ]
    return names, rows


def _names(column: Column) -> Iterator[str]:
    match column.kind:
        case "share":
            yield from (f"{column.key}_{part}".rstrip("_") for part in _SHARE)
        case "lengths":
            yield from (f"{column.key}_{part}" for part in _LENGTHS)
        case "points":
            yield from (f"{column.key}_low", f"{column.key}_high")
        case "span":
            yield f"{column.key}_seconds"
        case _:
            yield column.key


def _plain(column: Column, value: Any) -> Iterator[Any]:
    if isinstance(value, Share):
        yield from (value.hits, value.of, value.value, value.low, value.high)
    elif isinstance(value, Lengths):
        yield from (value.counted, value.median, value.p75, value.p90, value.set_aside)
    elif column.kind == "points" and value is not None:
        yield from value
    elif isinstance(value, date):
        yield value.isoformat()
    elif isinstance(value, timedelta):
        yield value.total_seconds()
    elif value is None:
        yield from (None for _ in _names(column))
    else:
        yield value


def as_csv(grid: Grid) -> str:
    """The table for a spreadsheet: UTF-8 with its mark, no text that would be run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    names, rows = flat(grid)
    writer.writerow(names)
    writer.writerows([tame(one) if isinstance(one, str) else one for one in row] for row in rows)
    return BOM + out.getvalue()


def as_document(grid: Grid) -> dict[str, Any]:
    """The table for a program: a row is an object, shares and lengths are objects in it; times in UTC, ISO 8601."""
    keys = [column.key for column in grid.columns]
    return {
        "name": grid.name,
        "rows": [dict(zip(keys, map(_json, row), strict=True)) for row in grid.rows],
    }


def _json(value: Any) -> Any:
    if isinstance(value, Share | Lengths):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value
