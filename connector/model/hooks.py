"""What a platform tells by itself: a delivery to an address of ours, and which records it says have moved.

A delivery is a hint and nothing more: what moved is read from the platform, by the walk that finds it without a hint
too. Whoever receives one hands headers and body over as they came, before anything else looks at them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

#: Larger bodies are not looked at (bytes).
MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Moved:
    """One record of the connection that was changed, made or deleted, by its id there.

    `event` is the platform's word, `at` when it happened, where that is told. `key` is the same each time the same news
    is delivered.
    """

    id: str
    event: str
    key: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """A delivery that the platform has sent, and what moved; nothing, where it is about something else."""

    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True, slots=True)
class NotHeard:
    """A delivery that nobody acts on: it is too large (413), not signed by the platform (401), or not understood (400).

    `status` is what it is to be answered with. `why` holds nothing of what was sent.
    """

    status: Literal[400, 401, 413]
    why: str


@dataclass(frozen=True, slots=True)
class Hooks:
    """What an adapter says of a platform that tells by itself.

    `hear(headers, body, secret)` is pure. `secret` is the text of the secret `CONNECTION-webhook` (`secret_name`).
    A delivery that is not answered within `answer_within` seconds counts as not delivered there.
    """

    hear: Callable[[Mapping[str, str], bytes, str], Heard | NotHeard]
    answer_within: float = 5.0


def secret_name(connection: str) -> str:
    """The name of the secret that the deliveries of a connection are signed with."""
    return f"{connection}-webhook"


def header(headers: Mapping[str, str], name: str) -> str:
    """A header whatever the case of its name, "" where there is none."""
    return next((value for key, value in headers.items() if key.casefold() == name.casefold()), "")


def signed(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Whether `signature` is the hex HMAC-SHA256 of the body under one of the secrets.

    Takes the same time whichever of them it is, and however much of a wrong one is right.
    """
    given, fits = signature.strip().casefold().encode("utf-8", "replace"), False
    for secret in filter(None, secrets):
        made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
        fits = hmac.compare_digest(made, given) or fits
    return fits
