"""Whatever marks somebody has for decimals and thousands, an amount is what they meant, or is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.steps.amounts import TwoReadingsError, amount


@given(
    whole=st.integers(0, 999_999_999_999),
    part=st.integers(0, 99) | st.none(),
    marks=st.sampled_from([",.", ".,", " ,", "\u202f,", "’.", "'."]).map(tuple)
    | st.sampled_from([("", ","), ("", ".")]),
)
def test_an_amount_is_what_was_meant(whole: int, part: int | None, marks: tuple[str, str]) -> None:
    group, mark = marks
    text = f"{whole:,}".replace(",", group) + ("" if part is None else f"{mark}{part:02}")
    if group == "." and part is None and 1000 <= whole < 1_000_000:
        with pytest.raises(TwoReadingsError):
            amount(text)
    else:
        assert amount(text) == float(f"{whole}.{part or 0:02}")


@given(st.text(st.sampled_from("0123456789.,' -e٤"), max_size=12))
def test_it_never_has_other_digits_than_were_written(text: str) -> None:
    try:
        found = amount(text)
    except TwoReadingsError:
        return
    if found is not None:
        written = "".join(one for one in text if one.isdigit())
        assert f"{found:.2f}".replace(".", "").strip("0") == written.strip("0")


@pytest.mark.parametrize(
    "text",
    ["", "-1", "1e9", "12;", "x", ",5", "0,500", "0.500", "1,000,00", "1.000.00", "1.234,567", "1,234.567", "12,00,000",
     "1 000.000", "1234,567", "٤٢", "9" * 13],
)  # fmt: skip
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amount(text) is None
