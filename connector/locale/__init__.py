"""What people read, in their language. The English text itself is the key of a message.

Mark a message with `_("...")` or, where a number decides its form, `_n("...", "...", n)`;
places to fill are `%(name)s`. A message without a translation is shown in English.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from gettext import GNUTranslations, NullTranslations

LANGUAGES = ("en", "ja")


def known_language(language: str) -> str:
    """The language to use for a tag: `ja-JP` and `ja_JP` give `ja`, an unknown one gives `en`."""
    base = language.replace("_", "-").partition("-")[0].lower()
    return base if base in LANGUAGES else "en"


@cache
def _catalogue(language: str) -> NullTranslations:
    if language == "en":
        return NullTranslations()
    from importlib.resources import files

    compiled = files(__name__) / language / "LC_MESSAGES" / "baton.mo"
    try:
        with compiled.open("rb") as binary:
            return GNUTranslations(binary)
    except FileNotFoundError:
        # A source tree that was never built: English is better than no answer.
        return NullTranslations()


@cache
def translator(language: str) -> Callable[[str], str]:
    """A function from English text to its translation in `language`."""
    gettext = _catalogue(known_language(language)).gettext
    # The empty message is where a catalogue keeps its header.
    return lambda text: gettext(text) if text else ""


@cache
def plural_translator(language: str) -> Callable[[str, str, int], str]:
    """A function (singular, plural, number) -> the form for that number; the number is not filled in."""
    return _catalogue(known_language(language)).ngettext
