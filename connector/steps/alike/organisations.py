"""Names of organisations: what tells them apart, and what they share with half of their trade."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz import fuzz

from connector.steps.normalise.text import words

GENERIC = words("""
and the of for de la le les der die das du van und et y e di inc co company corp group groupe gruppe gruppo
holding holdings
international internationale internacional global world worldwide europe european europa america american nederland
netherlands netherland holland dutch deutschland germany france italia espana japan asia us usa uk
services service solutions systems system technologies technology tech industries industry enterprises products
partners associates consulting management
center centre school academy university institute association foundation society church
""")


@lru_cache(maxsize=4096)
def brand(name: str) -> tuple[str, ...]:
    """The words of a name, in plain form, that tell it apart; all where none does."""
    found = tuple(name.split())
    return tuple(word for word in found if word not in GENERIC) or found


def name_level(one: str, other: str) -> str:
    """The level of two organisations' names, in plain form."""
    if not one or not other:
        return ""
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return "same"
    left, right = brand(one), brand(other)
    ratio = fuzz.token_sort_ratio(one, other)
    if ratio >= 90:
        return "close"
    if set(left) <= set(right) or set(right) <= set(left):
        return "part"
    return "similar" if ratio >= 75 or left[0] == right[0] else "differs"
