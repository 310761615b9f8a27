"""What a conversion is: from what a platform gave to a canonical value, or why there is none.

A conversion returns the canonical value, None for a blank, `Kept` for a value kept as given with a reason,
or `Aside` for one that cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import tzinfo

from connector.model import sentences
from connector.model.fields import Value
from connector.steps.normalise.moments import ISO
from connector.steps.normalise.numbers import Bound
from connector.steps.normalise.text import as_text, clean, fold, shorten


@dataclass(frozen=True, slots=True)
class Kept:
    """A value kept, with why it is not in its normal form ("" if it is), and what stood beside it.

    `beside` is the field that this belongs to and its value: a phone's extension, a name's honorific.
    """

    value: Value
    reason: str
    beside: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Aside:
    """Why a value cannot be used. Never holds text that could be a person's address."""

    reason: str


Converted = Value | Kept | Aside | None
Convert = Callable[[object], Converted]


class ByCountry:
    """A conversion that means something else in each country: a phone number, a region."""

    __slots__ = ("_found", "_make", "_plain")

    def __init__(self, make: Callable[[str], Convert]) -> None:
        """`make` gives the conversion for a country (ISO code), "" where nobody knows which."""
        self._make, self._plain = make, make("")
        self._found: dict[str, Convert] = {"": self._plain}

    def __call__(self, raw: object) -> Converted:
        """The value where the country is not known."""
        return self._plain(raw)

    def within(self, country: str) -> Convert:
        """The conversion for `country`; for what is none, as if it were not known."""
        if country not in self._found and (len(country) != 2 or len(self._found) > _MOST_COUNTRIES):
            return self._plain
        return self._found.get(country) or self._found.setdefault(country, self._make(country))


#: More than there are.
_MOST_COUNTRIES = 300

#: Seconds in the units of time that a duration may be told in.
UNITS = {"milliseconds": 0.001, "seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}

NO_SINGLE_VALUE = Aside(sentences.NOT_A_SINGLE_VALUE)


@dataclass(frozen=True, slots=True)
class Options:
    """What an entry of a mapping may say about its conversion; words are folded.

    `region` is the country of phone numbers without a code; `named`: the entry itself names it.
    """

    zone: tzinfo
    region: str
    named: bool = False
    formats: tuple[str, ...] = (ISO,)
    decimal_mark: str = ""
    ranges: Bound | None = None
    true: frozenset[str] = frozenset()
    false: frozenset[str] = frozenset()
    split: str = ";"
    unit: str = "seconds"
    longest: int = 0
    unknown: frozenset[str] = frozenset()


def shown(raw: object) -> str:
    """A value inside a reason: short, and not at all where it is an address."""
    text = clean(as_text(raw) or "")
    return sentences.HIDDEN if "@" in text else repr(shorten(text, 40))


def text_of(tidy: Callable[[str], str], options: Options) -> Convert:
    """Text: trimmed, tidied by `tidy`, cut to `longest` where that is said."""
    unknown, longest = options.unknown, options.longest
    widest = max(map(len, unknown), default=0)

    def convert(raw: object) -> Converted:
        text = raw if isinstance(raw, str) else as_text(raw)
        if text is None:
            return NO_SINGLE_VALUE
        text = tidy(text)
        if not text or (len(text) <= widest and fold(text) in unknown):
            return None
        return shorten(text, longest) if longest else text

    return convert


def parts_of(raw: object) -> Iterable[object]:
    """The parts of a list as a platform gives it; a single value is a list of one."""
    return raw if isinstance(raw, list | tuple | set | frozenset) else (raw,)
