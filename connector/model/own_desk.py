"""What people make on the built-in desk by themselves, beside what was written there for them."""

from __future__ import annotations

#: How the keys of such records begin; ours begin with the letters of the store.
BY_HAND = "hand:"


def is_by_hand(key: str) -> bool:
    """Whether a record of the desk was made by a person."""
    return key.startswith(BY_HAND)
