"""How alike two records are: profiles, blocking keys, points with reasons, and the band they fall in.

Nothing is imported before it is used: reading a configuration needs the shipped points, and no more.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from connector.steps.alike.blocking import keys
    from connector.steps.alike.comparing import compare, may_be_alike
    from connector.steps.alike.likeness import ORGANISATION, PERSON, Band, Finding, Kind, Likeness, Weights
    from connector.steps.alike.profile import Profile, joined, organisation, person
    from connector.steps.alike.wording import words

__all__ = [
    "ORGANISATION", "PERSON", "Band", "Finding", "Kind", "Likeness", "Profile", "Weights", "compare", "joined",
    "keys", "may_be_alike", "organisation", "person", "words",
]  # fmt: skip

_WHERE = {
    "keys": "blocking",
    **dict.fromkeys(("compare", "may_be_alike"), "comparing"),
    **dict.fromkeys(("ORGANISATION", "PERSON", "Band", "Finding", "Kind", "Likeness", "Weights"), "likeness"),
    **dict.fromkeys(("Profile", "joined", "organisation", "person"), "profile"),
    "words": "wording",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(name)
    found = getattr(import_module(f"{__name__}.{_WHERE[name]}"), name)
    globals()[name] = found
    return found
