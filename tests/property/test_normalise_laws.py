"""Normal forms stay as they are, and no text breaks the functions that make them."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector.model.fields import EMAIL_CLASSES, JOB_FUNCTIONS, JOB_LEVELS
from connector.steps.normalise import values as normalise
from connector.steps.normalise.numbers import LARGEST
from connector.steps.normalise.text import clean, fold, fold_name, identifier, shorten, single_line

#: Text as it comes: anything, and what looks much like the values meant.
ANYTHING = st.text(st.characters(), max_size=60)
LIKELY = st.text("aA0-9@.+-_ ,;:/()<>'\"ｱｶﾞＡ１株㈱様部長 \u3000\u0301\x00ßİſ", max_size=30)
TEXT = ANYTHING | LIKELY
#: The first use of a library loads its tables, which takes longer than any example.
LOADS = settings(deadline=None)


@pytest.mark.parametrize("function", [clean, single_line, fold, fold_name, identifier])
@given(text=TEXT)
@example("ｶ\u3099")
@example("e\x00\u0301")
@example("İ@x")
@example("\u0390ß")
def test_tidied_text_stays_as_it_is(function: Callable[[str], str], text: str) -> None:
    assert function(function(text)) == function(text)


@pytest.mark.parametrize(
    "function", [normalise.country, normalise.company, normalise.person_name, normalise.domain, normalise.email]
)
@LOADS
@given(text=TEXT)
@example("mailto:mailto:a@b.de")
@example("<a@b.de>")
@example("a@b.de.")
@example("山田様様 様")
@example("㈱㈲")
@example("0.ß\u0301")
def test_a_normal_form_stays_as_it_is(function: Callable[[str], tuple[str, str]], text: str) -> None:
    value, _ = function(text)
    assert function(value)[0] == value


@LOADS
@given(text=TEXT, region=st.sampled_from(["DE", "JP", "US", "IT", "AR"]))
@example("+49 30 1234567 x12", "DE")
def test_a_phone_number_stays_as_it_is(text: str, region: str) -> None:
    value, _, reason = normalise.phone(text, region)
    assert normalise.phone(value, region) == (value, "", reason)


@LOADS
@given(text=TEXT)
def test_a_value_is_kept_whole_where_it_has_no_normal_form(text: str) -> None:
    for value, reason in (normalise.country(text), normalise.domain(text)):
        if reason:
            assert fold(value) == fold(clean(text))


@LOADS
@given(local=st.from_regex(r"[a-z0-9]+([.+_-][a-z0-9]+)*", fullmatch=True).filter(lambda text: len(text) < 60))
def test_capitals_blanks_and_widths_do_not_make_another_address(local: str) -> None:
    address = f"{local}@example.com"
    wide = address.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert {normalise.email(form) for form in (address, f" {address.upper()} ", wide)} == {(address, "")}


@given(text=TEXT)
def test_numbers_are_read_or_refused(text: str) -> None:
    for ranges in (None, "low", "high", "middle"):
        number, reason = normalise.integer(text, ranges=ranges)
        assert (number is None) == bool(reason)
        assert number is None or abs(number) < LARGEST
        assert (normalise.decimal(text, ranges=ranges)[0] is None) == bool(normalise.decimal(text, ranges=ranges)[1])


@given(number=st.integers(-(10**15), 10**15))
def test_a_number_is_read_however_its_thousands_are_parted(number: int) -> None:
    forms = {str(number), f"{number:,}", f"{number:,}".replace(",", " "), f"{number:,}".replace(",", "'")}
    assert {normalise.integer(form) for form in forms} == {(number, "")}
    assert normalise.integer(f"{number:,}".replace(",", "."), mark=",") == (number, "")


@given(low=st.integers(0, 10**6), more=st.integers(0, 10**6))
def test_the_ends_of_a_range_are_in_order(low: int, more: int) -> None:
    for text in (f"{low}-{low + more}", f"{low:,} – {low + more:,} employees", f"{low}〜{low + more}名"):
        low_end, middle, high_end = (normalise.integer(text, ranges=end)[0] for end in ("low", "middle", "high"))
        assert (low_end, high_end) == (low, low + more)
        assert middle is not None
        assert low <= middle <= low + more


@given(text=TEXT)
def test_a_title_gives_known_words(text: str) -> None:
    assert normalise.job_level(text) in ("", *JOB_LEVELS)
    assert normalise.job_function(text) in ("", *JOB_FUNCTIONS)


@LOADS
@given(at=st.datetimes(timezones=st.timezones()))
def test_a_time_with_a_zone_does_not_depend_on_the_zone_of_others(at: object) -> None:
    text = str(at)
    found = {normalise.moment(text, ZoneInfo(zone)) for zone in ("UTC", "Asia/Tokyo", "America/New_York")}
    assert len(found) == 1


@given(text=TEXT, longest=st.integers(1, 50))
def test_what_is_shortened_fits(text: str, longest: int) -> None:
    assert len(shorten(text, longest)) <= longest
    assert shorten(shorten(text, longest), longest) == shorten(text, longest)


@LOADS
@given(fields=st.dictionaries(st.sampled_from(["email", "job_title", "name.given", "name.family"]), TEXT))
def test_derive_only_adds_known_words(fields: dict[str, str]) -> None:
    found = normalise.derive(dict(fields))
    assert set(found) <= normalise.derivable(fields)
    assert not set(found) & set(fields)
    assert found.get("email_class", "work") in EMAIL_CLASSES
    assert normalise.derive({**fields, **found}) == {}
    assert normalise.derive({**fields, **found}, fields) == found
