"""Columns in which a Japanese character takes two."""

from __future__ import annotations

import pytest

from connector.locale.columns import aligned, pad, width, wrap


def test_wide_characters_take_two_columns_and_combining_marks_none() -> None:
    assert [width(text) for text in ("abc", "佐藤", "ﾊﾝｶｸ", "e\u0301", "")] == [3, 4, 4, 1, 0]


def test_padding_fills_to_the_column() -> None:
    assert pad("佐藤", 6) == "佐藤  "
    assert pad("12", 4, right=True) == "  12"
    assert pad("too long", 3) == "too long"


def test_cells_stand_below_each_other_and_the_last_one_keeps_its_column() -> None:
    lines = aligned([("12", "佐藤", "one two three four five six"), ("3", "Ana", "short")], right=(0,), columns=30)
    assert lines == [
        "  12  佐藤  one two three four",
        "            five six",
        "   3  Ana   short",
    ]


def test_no_rows_give_no_lines() -> None:
    assert aligned([]) == []


def test_a_mark_that_ends_a_phrase_never_begins_a_line() -> None:
    assert wrap("あいう。えお", 6) == ["あい", "う。え", "お"]


@pytest.mark.parametrize("columns", range(4, 20))
def test_a_bracket_stays_with_what_it_holds(columns: int) -> None:
    lines = wrap("期限は11月23日(月)と（予定）です", columns)
    assert "".join(lines) == "期限は11月23日(月)と（予定）です"
    assert not [line for line in lines if line[0] in ")）" or line[-1] in "(（"]
