"""Sentences that were kept in English, said in the language of whoever reads them now."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache

from connector.model.sentences import templates

_PLACE = re.compile(r"%\((\w+)\)s")
#: What stands between two names, and between two formats of times.
_OR = " or "
#: What stands between two records, and the places that hold such: `contact 0035g, lead 00Q5g`.
_AND = ", "
_RECORDS = ("chosen", "others", "records")
TIMES = frozenset({"time", "first"})


def retell(
    text: str, translate: Callable[[str], str], dates: Callable[[str], str] = str, own: tuple[str, ...] = ()
) -> str:
    """`text`, a kept sentence with its values in it, in the language of `translate`.

    `dates` writes a time in ISO 8601 as people do. Names and values before the sentence, each with
    a colon, stay. What is not known stays as it is. `own` are templates beside those of kept sentences.
    """
    return _said(text, translate, dates, own) or text


def template(text: str) -> str:
    """A kept sentence without the values in it, nor what stands before it; `text` where none of it is known."""
    rest = text
    while rest:
        if found := _recognised(rest):
            return found[0]
        rest = rest.partition(": ")[2]
    return text


def _said(text: str, translate: Callable[[str], str], dates: Callable[[str], str], own: tuple[str, ...]) -> str:
    """The whole of `text`, else what follows its first colon, in another language; "" where none of it is known."""
    found = _recognised(text, own)
    if found:
        template, values = found
        return translate(template) % _filled(values, translate, dates, own) if values else translate(template)
    before, colon, rest = text.partition(": ")
    after = _said(rest, translate, dates, own) if colon else ""
    if not after:
        return ""
    names = translate(_OR).join(retell(name, translate, own=own) for name in before.split(_OR))
    return f"{names}: {after}"


def _filled(
    values: Mapping[str, str], translate: Callable[[str], str], dates: Callable[[str], str], own: tuple[str, ...]
) -> dict[str, str]:
    """Values are names and stay, but for times, the words between formats, and one that is hidden."""
    found = {name: retell(value, translate, own=own) for name, value in values.items()}
    for name in values.keys() & TIMES:
        found[name] = dates(values[name])
    if "reason" in values:
        found["reason"] = translate(values["reason"])
    if "formats" in values:
        found["formats"] = translate(_OR).join(values["formats"].split(_OR))
    for name in values.keys() & set(_RECORDS):
        found[name] = translate(_AND).join(_record(one, translate) for one in values[name].split(_AND))
    return found


def _record(text: str, translate: Callable[[str], str]) -> str:
    kind, blank, id = text.partition(" ")
    return f"{translate(kind)}{blank}{id}" if blank else text


def _recognised(text: str, own: tuple[str, ...] = ()) -> tuple[str, dict[str, str]] | None:
    """(template, values) of a kept sentence."""
    for template, pattern in _patterns(own):
        found = pattern.fullmatch(text)
        if found:
            return template, found.groupdict()
    return None


@cache
def _patterns(own: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Those that say most by themselves come first: `lead 7` is asked before `X is not a time`."""
    said = sorted((*templates(), *own), key=lambda template: -len(_PLACE.sub("", template)))
    return tuple((template, pattern(template)) for template in said)


def pattern(template: str) -> re.Pattern[str]:
    """What a template matches once its places are filled; a group for each of them."""
    text, *rest = _PLACE.split(template)
    parts = [re.escape(text)]
    for name, after in zip(rest[::2], rest[1::2], strict=True):
        # What stands before a sentence is no part of the value that the sentence begins with.
        value = ".+?" if any(parts) else "(?:(?!: ).)+?"
        if name == "id":
            # `lead 7` is a lead of ours, `lead magnet` and `lead 00Q5g` are not.
            value = r"\d+"
        parts += [f"(?P<{name}>{value})", re.escape(after)]
    return re.compile("".join(parts), re.DOTALL)
