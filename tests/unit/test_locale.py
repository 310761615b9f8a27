from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.catalog import Catalog

from connector import locale
from connector.locale import LANGUAGES, format, messages, translator
from connector.model import sentences

BERLIN = ZoneInfo("Europe/Berlin")
TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.fixture(scope="module")
def written() -> Catalog:
    """The messages of the source, which are looked for once."""
    return messages.extract()


def test_english_is_its_own_key() -> None:
    assert translator("en")("did you mean %(word)s?") == "did you mean %(word)s?"


def test_japanese_says_it_in_japanese() -> None:
    assert translator("ja")("did you mean %(word)s?") == "%(word)s のことですか?"


def test_a_message_without_translation_stays_english() -> None:
    assert translator("ja")("nothing says this anywhere") == "nothing says this anywhere"


def test_the_empty_message_stays_empty() -> None:
    assert translator("ja")("") == ""


@pytest.mark.parametrize(
    ("tag", "language"), [("ja-JP", "ja"), ("ja_JP", "ja"), ("JA", "ja"), ("en-GB", "en"), ("fr", "en"), ("", "en")]
)
def test_a_language_tag_gives_the_nearest_language_we_speak(tag: str, language: str) -> None:
    assert locale.known_language(tag) == language


def test_plurals_follow_the_language() -> None:
    english = locale.plural_translator("en")
    assert [english("%(n)s lead", "%(n)s leads", n) % {"n": n} for n in (0, 1, 2)] == ["0 leads", "1 lead", "2 leads"]


def test_a_plain_translation_imports_no_babel() -> None:
    code = "import sys; from connector.locale import translator; translator('ja')('x'); print('babel' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "False"


def test_dates_as_people_write_them() -> None:
    monday = date(2026, 12, 7)
    assert format.day(monday, "en") == "Mon 7 Dec"
    assert format.day(monday, "ja") == "12月7日(月)"
    assert format.day(monday, "en", year=True) == "Mon 7 Dec 2026"
    assert format.day(monday, "ja", year=True) == "2026年12月7日(月)"


def test_a_moment_is_shown_on_the_clock_of_its_reader() -> None:
    late = datetime(2026, 12, 6, 23, 5, tzinfo=UTC)
    assert format.moment(late, BERLIN, "en") == "Mon 7 Dec 00:05"
    assert format.moment(late, TOKYO, "ja") == "12月7日(月) 8:05"


@pytest.mark.parametrize(
    ("seconds", "english", "japanese"),
    [
        (0, "0 min", "0分"),
        (59, "0 min", "0分"),
        (60, "1 min", "1分"),
        (3600, "1 hour", "1時間"),
        (3660, "1 hour 1 min", "1時間1分"),
        (2 * 86_400 + 3 * 3600 + 59 * 60, "2 days 3 hours", "2日3時間"),
        (86_400 + 300, "1 day 5 min", "1日5分"),
        (-7200, "2 hours", "2時間"),
    ],
)
def test_a_span_is_shown_in_its_two_largest_units(seconds: float, english: str, japanese: str) -> None:
    assert format.span(seconds, "en") == english
    assert format.span(seconds, "ja") == japanese


@pytest.mark.parametrize(
    ("value", "english", "japanese"), [(0.5, "50 %", "50%"), (0.125, "12.5 %", "12.5%"), (1.0, "100 %", "100%")]
)
def test_a_share_is_written_as_the_language_does(value: float, english: str, japanese: str) -> None:
    assert (format.share(value, "en"), format.share(value, "ja")) == (english, japanese)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (1234, "1,234"), (1234.5, "1,234.5"), (-1234.0, "-1,234"), (0.25, "0.25")]
)
def test_numbers_are_grouped_by_thousands(value: float, text: str) -> None:
    assert format.number(value) == text


def test_messages_are_found_wherever_a_reader_will_see_them(tmp_path: Path) -> None:
    source = tmp_path / "source.py"
    source.write_text(
        '_("a %(n)s" " b")\n'
        'translate("c")\n'
        '_n("one", "many", n)\n'
        'problems.add(path, "d", "allowed")\n'
        "problems.unknown(path, name, known)\n"
        'problems.unknown(path, name, known, noun="field")\n'
        'seen.add("not a message")\n'
        "_(variable)\n"
        'print(f\'{_("in an f-string")}\', say(_("within a call")))\n'
        'words.say("at once", n=1)\n',
        encoding="utf-8",
    )
    found = list(messages.found_in(source))
    plain = ["a %(n)s b", "c", ("one", "many"), "d", "unknown key %(name)s", "unknown field %(name)s"]
    assert found == [*plain, "in an f-string", "within a call", "at once"]


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_every_message_is_translated(language: str, written: Catalog) -> None:
    assert messages.missing(language, written) == []


def test_every_template_of_a_kept_sentence_is_a_message(written: Catalog) -> None:
    assert set(sentences.templates()) <= {message.id for message in written}


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_a_translation_fills_the_places_of_its_message_and_no_others(language: str) -> None:
    wrong = [message.id for message in messages.read(language) if message.id and message.check()]
    assert wrong == []
