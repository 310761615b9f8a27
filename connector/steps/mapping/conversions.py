"""Conversions of single values, compiled from a mapping's entry to one function each.

A conversion takes what the platform gave and returns the canonical value, None for a blank,
`Kept` for a value kept as given with a reason, or `Aside` for one that cannot be used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import partial
from math import isfinite
from typing import Any

from connector.model import sentences
from connector.model.fields import FieldType, Value
from connector.steps.normalise import values as normalise
from connector.steps.normalise.kana import reading
from connector.steps.normalise.mail import usual_email
from connector.steps.normalise.moments import ISO, day, moment
from connector.steps.normalise.numbers import LARGEST, Bound, decimal, integer
from connector.steps.normalise.person import full_name_apart, person_name
from connector.steps.normalise.phones import known_region, usual_phone
from connector.steps.normalise.regions import region
from connector.steps.normalise.text import as_text, clean, fold, fold_name, shorten, single_line


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

_NO_SINGLE_VALUE = Aside(sentences.NOT_A_SINGLE_VALUE)


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
            return _NO_SINGLE_VALUE
        text = tidy(text)
        if not text or (len(text) <= widest and fold(text) in unknown):
            return None
        return shorten(text, longest) if longest else text

    return convert


def _normalised(function: Callable[[str], tuple[str, str]], options: Options) -> Convert:
    """Text with a normal form: `function` gives (value, why it was kept as given)."""
    plain = text_of(clean, options)

    def convert(raw: object) -> Converted:
        text = plain(raw)
        if text.__class__ is not str:
            return text
        value, reason = function(text)
        if not value:
            return None
        return Kept(value, reason) if reason else value

    return convert


def _email(options: Options) -> Convert:
    unusual = _normalised(normalise.email, options)

    def convert(raw: object) -> Converted:
        if isinstance(raw, str):
            address = usual_email(raw)
            if address:
                return address
        return unusual(raw)

    return convert


def _phone(options: Options) -> Convert:
    """A region that the mapping names is meant for whoever stands in that column."""
    return _phone_in(options, options.region) if options.named else ByCountry(partial(_phone_of, options))


def _phone_of(options: Options, country: str) -> Convert:
    return _phone_in(options, country if country and known_region(country) else options.region)


def _phone_in(options: Options, region: str) -> Convert:
    plain = text_of(clean, options)

    def convert(raw: object) -> Converted:
        if isinstance(raw, str) and (number := usual_phone(raw, region)):
            return number
        text = plain(raw)
        if text.__class__ is not str:
            return text
        value, extension, reason = normalise.phone(text, region)
        beside = ("phone_extension", extension) if extension else None
        return Kept(value, reason, beside) if reason or extension else value

    return convert


def _region(options: Options) -> Convert:
    return ByCountry(lambda country: _normalised(lambda text: region(text, country), options))


def _name(apart: Callable[[str], tuple[str, str]], options: Options) -> Convert:
    """A person's name; what addresses them belongs to a field of its own."""
    plain = text_of(clean, options)

    def convert(raw: object) -> Converted:
        text = plain(raw)
        if text.__class__ is not str:
            return text
        name, honorific = apart(text)
        return Kept(name, "", ("honorific", honorific)) if honorific else name or None

    return convert


def _parsed(parse: Callable[[object], tuple[Value | None, str]], options: Options) -> Convert:
    """A value that must be of its kind: `parse` gives it, or None and why not."""
    plain = text_of(clean, options)

    def convert(raw: object) -> Converted:
        text = plain(raw)
        if text is None or isinstance(text, Aside):
            return text
        value, reason = parse(text if isinstance(raw, str) else raw)
        return Aside(": ".join((shown(raw), reason))) if value is None else value

    return convert


def _integer(options: Options) -> Convert:
    mark, ranges, scale = options.decimal_mark, options.ranges, UNITS[options.unit]

    def parse(raw: object) -> tuple[int | None, str]:
        if isinstance(raw, float) and raw.is_integer():
            raw = int(raw)
        if isinstance(raw, int) and not isinstance(raw, bool):
            number, reason = (raw, "") if abs(raw) < LARGEST else (None, sentences.TOO_LARGE)
        else:
            number, reason = integer(clean(as_text(raw) or ""), mark=mark, ranges=ranges)
        if number is None or scale == 1:
            return number, reason
        scaled = round(number * scale)
        return (scaled, "") if abs(scaled) < LARGEST else (None, sentences.TOO_LARGE)

    slow, unknown = _parsed(parse, options), options.unknown
    if scale != 1:
        return slow

    def convert(raw: object) -> Converted:
        if isinstance(raw, str) and raw.isdecimal() and raw.isascii() and len(raw) < 16 and raw not in unknown:
            return int(raw)
        return slow(raw)

    return convert


def _decimal(options: Options) -> Convert:
    mark, ranges, scale = options.decimal_mark or ".", options.ranges, UNITS[options.unit]

    def parse(raw: object) -> tuple[float | None, str]:
        if isinstance(raw, int | float) and not isinstance(raw, bool):
            return (float(raw) * scale, "") if isfinite(raw) else (None, sentences.NOT_A_NUMBER)
        number, reason = decimal(clean(as_text(raw) or ""), mark=mark, ranges=ranges)
        return (number * scale if number is not None else None), reason

    return _parsed(parse, options)


def _boolean(options: Options) -> Convert:
    return _parsed(lambda raw: normalise.boolean(raw, options.true, options.false), options)


def _wanted(options: Options) -> str:
    return " or ".join("YYYY-MM-DD" if form == ISO else form for form in options.formats)


def _date(options: Options) -> Convert:
    reason = sentences.NOT_A_DATE % {"formats": _wanted(options)}
    return _parsed(lambda raw: (day(raw, options.zone, options.formats), reason), options)


def _datetime(options: Options) -> Convert:
    reason = sentences.NOT_A_TIME % {"formats": _wanted(options)}
    zone = options.zone

    def parse(raw: object) -> tuple[str | None, str]:
        found = moment(raw, zone, options.formats)
        return (found.isoformat() if found else None), reason

    slow = _parsed(parse, options)
    if options.formats != (ISO,):
        return slow

    def convert(raw: object) -> Converted:
        try:
            found = datetime.fromisoformat(raw)  # type: ignore[arg-type]
            if found.tzinfo is not UTC:
                found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
            return found.isoformat()
        except (ValueError, TypeError, OverflowError):
            return slow(raw)

    return convert


def _list(options: Options) -> Convert:
    one = text_of(single_line, options)

    def convert(raw: object) -> Converted:
        if isinstance(raw, Mapping):
            return _NO_SINGLE_VALUE
        parts: Iterable[object] = raw.split(options.split) if isinstance(raw, str) else _parts(raw)
        values = [value for value in map(one, parts) if isinstance(value, str)]
        return list(dict.fromkeys(values)) or None

    return convert


def _parts(raw: object) -> Iterable[object]:
    return raw if isinstance(raw, list | tuple | set | frozenset) else (raw,)


#: Choices that can be read out of free text where the word is none of them.
_FROM_TITLE = {"job_level": normalise.job_level, "job_function": normalise.job_function}


def _choice(field: str, choices: tuple[str, ...], options: Options) -> Convert:
    words = {fold(choice): choice for choice in choices}
    guess = _FROM_TITLE.get(field)
    few = sentences.NOT_ONE_OF % {"words": ", ".join(choices)}
    reason = few if len(choices) < 8 else sentences.NOT_A_WORD_OF % {"field": field}

    def parse(raw: object) -> tuple[str | None, str]:
        text = as_text(raw) or ""
        found = words.get(fold(text)) or (guess(text) if guess else "")
        return found or None, reason

    return _parsed(parse, options)


_TIDY: dict[str, Callable[[str], tuple[str, str]]] = {
    "company.name": normalise.company,
    "company.domain": normalise.domain,
}
_ONE_LINE = frozenset({"job_title", "city", "company.industry", "honorific"})
_BY_KIND: dict[str, Callable[[Options], Convert]] = {
    "integer": _integer, "decimal": _decimal, "boolean": _boolean, "date": _date, "datetime": _datetime,
    "phone": _phone, "list": _list,
    "email": _email, "country": partial(_normalised, normalise.country),
}  # fmt: skip
#: What `as` may say.
KINDS = ("text", *_BY_KIND)


def conversion(field: str, kind: str, type_: FieldType, options: Options) -> Convert:
    """The conversion of `field` (of type `type_`) read as `kind`."""
    if kind == "choice":
        return _choice(field, type_.choices, options)
    if kind in _BY_KIND:
        return _BY_KIND[kind](options)
    if field in _TIDY:
        return _normalised(_TIDY[field], options)
    if field in ("name.given", "name.family"):
        return _name(person_name, options)
    if field == "name.full":
        return ByCountry(lambda country: _name(partial(full_name_apart, country=country), options))
    if field == "region":
        return _region(options)
    return text_of(reading if field == "name.reading" else single_line if field in _ONE_LINE else clean, options)


def _loosely(folded: Mapping[str, Value]) -> dict[str, Value]:
    """Words without their separators, but for those that would mean two things: `organic search`, `ORGANIC_SEARCH`."""
    found: dict[str, Value] = {}
    twofold = set()
    for word, value in folded.items():
        name = fold_name(word)
        if found.setdefault(name, value) != value or not name:
            twofold.add(name)
    return {name: value for name, value in found.items() if name not in twofold}


def picklist(table: Mapping[str, Value], name: str, options: Options) -> Convert:
    """Their word to our value: exact, else without regard to case, else also without regard to
    blanks, `_` and `-` (where that is not ambiguous), else `"*"`, else set aside."""
    folded = {fold(word): value for word, value in table.items() if word != "*"}
    loose = _loosely(folded)
    rest = table.get("*")
    plain = text_of(clean, options)

    def convert(raw: object) -> Converted:
        text = raw if isinstance(raw, str) else as_text(raw)
        if text is None:
            return _NO_SINGLE_VALUE
        value = table.get(text) if text != "*" else None
        if value is None and text:
            value = folded.get(fold(text))
            if value is None:
                value = loose.get(fold_name(text))
        if value is not None:
            return value
        # Only now: a table may give a meaning to a word that is read as blank elsewhere.
        if plain(text) is None:
            return None
        return rest if rest is not None else Aside(sentences.NOT_IN_TABLE % {"value": shown(text), "table": name})

    return convert


def each(convert: Convert, split: str) -> Convert:
    """`convert` for every part of a list."""

    def convert_parts(raw: object) -> Converted:
        parts: Iterable[object] = raw.split(split) if isinstance(raw, str) else _parts(raw)
        values: list[str] = []
        for part in parts:
            value = convert(clean(part) if isinstance(part, str) else part)
            if isinstance(value, Aside):
                return value
            if value is not None:
                values.append(str(value))
        return list(dict.fromkeys(values)) or None

    return convert_parts


def from_text(value: Any) -> object:
    """A value of TOML as a platform would give it: dates and times stay, the rest as text."""
    return value if isinstance(value, date | datetime | bool | list) else str(value)
