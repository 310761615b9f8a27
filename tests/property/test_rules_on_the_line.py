"""The field rules on the line, for whatever people say on three sides: it comes to rest, and nothing is made up."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sides import FIELDS, MINUTE, Sides

words = st.sampled_from(["Bonn", "Ulm", "Kiel", ""])
#: (who says it, what, whether the line runs before the next word)
sayings = st.lists(st.tuples(st.sampled_from(["portal", "forms", "rep"]), words, st.booleans()), min_size=1, max_size=5)


@settings(max_examples=8, deadline=None)
@given(words, sayings)
def test_whatever_is_said_it_comes_to_rest_and_nothing_is_made_up(
    first: str, said: list[tuple[str, str, bool]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        line = Sides(Path(folder))
        line.given(first)
        for who, word, runs in said:
            line.now += 7 * MINUTE
            if who == "rep":
                line.rep_says(word)
            else:
                line.says(who, word)
            if runs:
                line.runs()
        line.quiet()
        assert line.runs() == 0
        ever = {first, *(word for _, word, _ in said), ""}
        for source in ("portal", "forms"):
            assert {value for ends in line.all(source).values() for value in ends} <= ever
        rules = {rule: line.all()[rule] for rule in FIELDS}
        own = [word for who, word, _ in said if who == "portal"]
        assert rules["never"][1] == (own[-1] if own else first)
        assert rules["never"][0] == next((word for who, word, _ in reversed(said) if who == "rep"), "")
        there, portal, ours = rules["prefer_crm_unless_blank"]
        assert ours in (there, portal)
        line.close()
