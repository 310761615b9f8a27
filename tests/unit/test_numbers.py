"""Numbers as forms and exports write them."""

from __future__ import annotations

import pytest

from connector.steps.normalise.numbers import Bound, decimal, integer


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("1,000", 1000),
        ("1'000", 1000),
        ("1 000 000", 1_000_000),
        ("1,00,000", 100_000),
        ("-5", -5),
        ("5.0", 5),
        ("１２３", 123),
        ("500名", 500),
        ("1,000 employees", 1000),
        ("10k", 10_000),
        ("1万人", 10_000),
        ("2億", 200_000_000),
        ("1,000万円", 10_000_000),
        ("$5M", 5_000_000),
    ],
)
def test_integer(text: str, number: int) -> None:
    assert integer(text) == (number, "")


@pytest.mark.parametrize(
    ("text", "low", "high", "middle"),
    [
        ("100-499", 100, 499, 299),
        ("100 – 499 employees", 100, 499, 299),
        ("51 to 200", 51, 200, 125),
        ("１００～４９９名", 100, 499, 299),
        ("100〜499人", 100, 499, 299),
        ("1-5k", 1000, 5000, 3000),
        ("1万〜5万", 10_000, 50_000, 30_000),
        ("500+", 500, 500, 500),
        ("500名以上", 500, 500, 500),
        ("500 or more", 500, 500, 500),
        (">500", 501, 501, 501),
        ("over 1,000 employees", 1001, 1001, 1001),
        ("500名超", 501, 501, 501),
        ("≥ 500", 500, 500, 500),
        ("up to 50", 0, 50, 25),
        ("50名以下", 0, 50, 25),
        ("under 50", 0, 49, 24),
        ("<50", 0, 49, 24),
        ("50名未満", 0, 49, 24),
        ("1,000", 1000, 1000, 1000),
    ],
)
def test_ranges(text: str, low: int, high: int, middle: int) -> None:
    bounds: tuple[tuple[Bound, int], ...] = (("low", low), ("high", high), ("middle", middle))
    for which, number in bounds:
        assert integer(text, ranges=which) == (number, "")


@pytest.mark.parametrize("text", ["100-499", "500+", "500名以上", "<50"])
def test_a_range_must_be_expected(text: str) -> None:
    assert integer(text) == (None, "a range; say which end with ranges")


@pytest.mark.parametrize(
    "text", ["", "-", "many", "about 20", "Feb-10", "499-100", "1,00", "12,5", "1e5", "nan", "5.5", "1-2-3"]
)
def test_what_is_no_integer(text: str) -> None:
    number, reason = integer(text)
    assert number is None
    assert reason


def test_a_thousand_and_one_are_not_guessed() -> None:
    assert integer("1.000") == (None, "1.000 or 1000? say decimal_mark")
    assert integer("1.000", mark=",") == (1000, "")
    assert integer("1.000", mark=".") == (1, "")


@pytest.mark.parametrize("text", ["9" * 30, "9" * 6000, "9223372036854775807"])
def test_what_the_store_cannot_hold_is_refused(text: str) -> None:
    assert integer(text)[0] is None


@pytest.mark.parametrize(
    ("text", "mark", "number"),
    [
        ("1,234.56", ".", 1234.56),
        ("1.234,56", ",", 1234.56),
        ("€ 1.234,56", ",", 1234.56),
        ("12,50", ",", 12.5),
        ("¥1,200", ".", 1200.0),
        ("$1.5M", ".", 1_500_000.0),
        ("1.234", ".", 1.234),
        ("1.234", ",", 1234.0),
        ("-0.5", ".", -0.5),
        ("1200円", ".", 1200.0),
    ],
)
def test_decimal(text: str, mark: str, number: float) -> None:
    assert decimal(text, mark=mark) == (number, "")


@pytest.mark.parametrize(
    ("text", "mark"), [("1.234,56", "."), ("1,234.56", ","), ("12,50", "."), ("inf", "."), ("", ".")]
)
def test_the_wrong_mark_is_not_read_as_another_number(text: str, mark: str) -> None:
    assert decimal(text, mark=mark) == (None, "not a number")
