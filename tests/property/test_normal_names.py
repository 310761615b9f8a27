"""The forms in which names, mailboxes and companies are compared stay as they are, whatever the text."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector.steps.normalise.companies import company, company_key
from connector.steps.normalise.kana import reading, romanised
from connector.steps.normalise.mail import mailbox
from connector.steps.normalise.names import name_words, same_short_name
from connector.steps.normalise.text import words

ANYTHING = st.text(st.characters(), max_size=40)
WORDS = words("""
Dr. Prof. Jr. Sr. Ph.D. van der O'Brien José-María ß Øre İ ſ 山田 太郎 様 さん 先生 殿 ﾔﾏﾀﾞ たろう ッ ー ャ
GmbH & und and Co. Co KG AG S.A. S A B V N V. p. l. the The (株) ㈱ 株式会社 カ) (カ 合同会社 e.K. Ltd Inc. Sp. z
o.o. Acme Müller アクメ 商事 Taro Tōkyō Ohno Shin'ichi tsu tu di ssya
""")
PARTS = st.lists(st.sampled_from(sorted(WORDS)), max_size=7)
LIKELY = st.builds(lambda parts, blank: blank.join(parts), PARTS, st.sampled_from([" ", "", ", ", "-", "　"]))
ROMAJI = st.text("aiueokstnhmyrwgzdbpjfcv'-ー ōっンャティ", max_size=14)
TEXT = ANYTHING | LIKELY
#: The first use of a library loads its tables, which takes longer than any example.
LOADS = settings(deadline=None)


@LOADS
@given(text=TEXT)
@example("Dr Jr")
@example("様様")
@example("ab Ph.D. Ph.D.")
def test_the_words_of_a_name_are_their_own_words(text: str) -> None:
    found = name_words(text)
    assert name_words(" ".join(found)) == found


@LOADS
@given(text=TEXT)
@example("The The GmbH und")
@example("株株式会社式会社 & a")
def test_the_key_of_a_company_is_its_own_key(text: str) -> None:
    key = company_key(text)
    assert company_key(key) == key
    assert company_key(company(text)[0]) == key


@LOADS
@given(text=TEXT | ROMAJI)
@example("ッティ")
@example("oohhoo")
def test_a_romanised_reading_stays_as_it_is(text: str) -> None:
    assert romanised(romanised(text)) == romanised(text)
    assert romanised(reading(text)) == romanised(text)
    assert reading(reading(text)) == reading(text)


ADDRESSES = st.from_regex(r"[a-z'+.]{1,8}@(gmail\.com|googlemail\.com|acme\.de|docomo\.ne\.jp)", fullmatch=True)


@LOADS
@given(text=TEXT | ADDRESSES)
@example("+.@gmail.com")
@example("a@b.de; +c@d.de")
def test_a_mailbox_is_its_own_key(text: str) -> None:
    assert mailbox(mailbox(text)) == mailbox(text)


@given(one=st.sampled_from(["bob", "kate", "alex", "pepe", "zz"]), other=ANYTHING)
def test_short_names_hold_both_ways(one: str, other: str) -> None:
    assert same_short_name(one, other) == same_short_name(other, one)
    assert same_short_name(other, other)
