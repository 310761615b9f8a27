"""Why somebody got a lead: what is kept with a handoff in its flow's language, said in that of whoever reads it."""

from __future__ import annotations

import re
from functools import cache

from connector.locale import LANGUAGES, translator
from connector.locale.stored import pattern
from connector.model import sentences
from connector.steps.telling.words import N_, Translate

RULE = N_("rule %(number)s: %(when)s → %(to)s")
EVERYONE = N_("rule %(number)s: everyone → %(to)s")
NO_RULE = N_("no rule takes this lead")
TURN = N_("turn of %(email)s, %(count)s of the team's %(total)s")
HOT = N_("hot: among those at work now")
ACCOUNT_OWNER = N_("account owner %(email)s")
STANDS_IN = N_("%(email)s is away: %(deputy)s stands in")
INSTEAD = N_("instead → %(to)s")
AWAY = N_("away")
NO_USER = N_("no active user of the CRM")
NOBODY = N_("nobody there")
NEXT_BACK = N_("waits for the next to be back")
NEXT_BACK_AT = N_("waits for the next to be back: %(email)s, %(when)s")
NO_MEMBERS = N_("the team has no members")
ABSENT = N_("%(away)s away, %(full)s at their limit")
ABSENT_OR_STRANGERS = N_("%(away)s away, %(full)s at their limit, %(strangers)s no active users of the CRM")
TEMPLATES = (
    RULE, EVERYONE, NO_RULE, TURN, HOT, ACCOUNT_OWNER, STANDS_IN, INSTEAD, AWAY, NO_USER, NOBODY, NEXT_BACK,
    NEXT_BACK_AT, NO_MEMBERS, ABSENT, ABSENT_OR_STRANGERS, sentences.GIVEN_ON, sentences.BY_WORD,
    sentences.THEIRS_THERE, sentences.IS_AWAY, sentences.LEFT_ALL, sentences.NOT_ACCEPTED, sentences.NOT_CONTACTED,
)  # fmt: skip
#: Parts are not told apart within brackets: what stands there belongs to the part.
_BETWEEN = re.compile(r"; (?![^()（）]*[)）])")
_PLACE = re.compile(r"%\(\w+\)s")
#: Values that are sentences themselves; the others are names, numbers, and what a rule asks.
_SENTENCES = ("to", "why")


def routed(text: str, translate: Translate) -> str:
    """`text` in the reader's language, part by part. What a rule asks, and what is not known, stays as it was kept."""
    return "; ".join(_said(part, translate) for part in _BETWEEN.split(text)) if text else ""


def _said(text: str, translate: Translate) -> str:
    for mark, shape, template in _shapes():
        if mark in text and (found := shape.fullmatch(text)):
            values = found.groupdict()
            values |= {name: _said(values[name], translate) for name in _SENTENCES if name in values}
            return translate(template) % values
    before, colon, rest = text.partition(": ")
    return f"{before}: {_said(rest, translate)}" if colon else text


@cache
def _shapes() -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """What the templates look like in every language that a flow may have; those that say most come first.

    Before each the longest text that stands in it whatever its places hold: a brief asks this of each handoff.
    """
    said = {translator(language)(text): text for language in LANGUAGES for text in TEMPLATES}
    longest = {one: max(_PLACE.split(one), key=len) for one in said}
    whole = sorted(said, key=lambda one: -len(_PLACE.sub("", one)))
    return tuple((longest[one], pattern(one), said[one]) for one in whole)
