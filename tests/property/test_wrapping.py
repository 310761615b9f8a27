"""Wrapping keeps what is said and to the width."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connector.locale.columns import width, wrap


@given(st.text(alphabet="ab 佐藤。、-", max_size=60), st.integers(8, 40))
def test_wrapping_loses_nothing_but_blanks(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert width(line) <= columns or " " not in line.strip()
