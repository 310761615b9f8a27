"""Conversions of single values, compiled from a mapping's entry to one function each.

What a conversion takes and gives stands in `converted`; tables of words are in `picklists`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from functools import partial
from math import isfinite
from typing import Any

from connector.model import sentences
from connector.model.fields import FieldType, Value
from connector.steps.mapping.converted import (
    NO_SINGLE_VALUE,
    UNITS,
    Aside,
    ByCountry,
    Convert,
    Converted,
    Kept,
    Options,
    parts_of,
    shown,
    text_of,
)
from connector.steps.normalise import values as normalise
from connector.steps.normalise.kana import reading
from connector.steps.normalise.mail import usual_email
from connector.steps.normalise.moments import ISO, day, moment
from connector.steps.normalise.numbers import LARGEST, decimal, integer
from connector.steps.normalise.person import full_name_apart, person_name
from connector.steps.normalise.phones import known_region, usual_phone
from connector.steps.normalise.regions import region
from connector.steps.normalise.text import as_text, clean, fold, single_line


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
            return NO_SINGLE_VALUE
        parts: Iterable[object] = raw.split(options.split) if isinstance(raw, str) else parts_of(raw)
        values = [value for value in map(one, parts) if isinstance(value, str)]
        return list(dict.fromkeys(values)) or None

    return convert


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


def from_text(value: Any) -> object:
    """A value of TOML as a platform would give it: dates and times stay, the rest as text."""
    return value if isinstance(value, date | datetime | bool | list) else str(value)
