"""Passwords: kept as salted hashes (argon2id), and proved in the same time whether there is one or not."""

from __future__ import annotations

import secrets
import threading
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher

#: Characters. A hash takes longer for more, so there is an end to it (NIST SP 800-63B, 3.1.1.2).
SHORTEST, LONGEST = 12, 200
#: Letters that nobody confuses when they read them to somebody.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
#: A proof takes 64 MB: not more than so many at a time.
_TURNS = threading.BoundedSemaphore(2)


@cache
def hasher() -> PasswordHasher:
    """argon2id with the library's parameters, which follow RFC 9106."""
    from argon2 import PasswordHasher

    return PasswordHasher()


@cache
def _nobodys() -> str:
    """The hash of a password that nobody has."""
    return hasher().hash(secrets.token_urlsafe(24))


def hashed(password: str) -> str:
    """What is kept of a password."""
    with _TURNS:
        return hasher().hash(password)


def matches(kept: str, password: str) -> bool:
    """Whether `password` is the one that `kept` was made of; as slow where nothing is kept."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with _TURNS:
        try:
            right = hasher().verify(kept or _nobodys(), password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False
    return right and bool(kept)


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than those of today."""
    return hasher().check_needs_rehash(kept)


def generated() -> str:
    """A password of some 89 bits, in groups."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(6)) for _ in range(3))


def is_usable(password: str, email: str) -> bool:
    """Whether it is long enough, not too long, and not the address itself."""
    return SHORTEST <= len(password) <= LONGEST and password.lower() not in (email, email.partition("@")[0])
