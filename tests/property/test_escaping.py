"""Whatever text stands in a cell: it comes back, and no spreadsheet takes it for a formula."""

from hypothesis import example, given
from hypothesis import strategies as st

from adapters._files.escaping import cell, escaped, unescaped

TRICKY = st.text(alphabet=st.sampled_from(list("'=+-@＝＋－＠\t\r\na ")), max_size=6) | st.text()


@given(TRICKY)
@example("'")
@example("''=")
def test_text_comes_back(text: str) -> None:
    assert unescaped(escaped(text)) == text


@given(TRICKY)
def test_no_cell_of_text_begins_a_formula(text: str) -> None:
    assert not escaped(text).startswith(tuple("=+-@＝＋－＠\t\r\n"))


@given(st.integers() | st.floats(allow_nan=False))
def test_numbers_stay_as_they_are(number: float) -> None:
    assert cell(number) == str(number)
    assert unescaped(cell(number)) == str(number)
