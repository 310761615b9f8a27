"""Whatever values a kept sentence holds: said in English it is itself, and no text is ever lost."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from connector.locale import translator
from connector.locale.stored import retell
from connector.model.sentences import templates

PLACE = re.compile(r"%\((\w+)\)s")
PREFIXES = st.lists(st.sampled_from(["Time", "'soon'", "exports", "contacts.csv:7", "時刻", "100%"]), max_size=3)
VALUES = st.text(min_size=1, max_size=30)
japanese = translator("ja")


@st.composite
def kept(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A kept sentence, with whatever stands before it, and the values in it."""
    template = draw(st.sampled_from(templates()))
    values = {name: draw(VALUES) for name in PLACE.findall(template)}
    sentence = template % values if values else template
    return ": ".join([*draw(PREFIXES), sentence]), list(values.values())


@given(kept())
def test_in_english_a_kept_sentence_is_itself(sentence: tuple[str, list[str]]) -> None:
    assert retell(sentence[0], str) == sentence[0]


@given(PREFIXES, st.sampled_from(templates()), st.text("abcXYZ0123.-_'日本語", min_size=1, max_size=20))
def test_in_japanese_it_keeps_its_values_and_what_stands_before(prefixes: list[str], template: str, value: str) -> None:
    # An id is a number: a lead magnet is no lead.
    values = {name: "17" if name == "id" else value for name in PLACE.findall(template)}
    said = retell(": ".join([*prefixes, template % values if values else template]), japanese)
    assert said == ": ".join([*prefixes, japanese(template) % values if values else japanese(template)])


@given(st.text(max_size=80))
def test_any_other_text_stays(text: str) -> None:
    assert retell(text, str) == text
