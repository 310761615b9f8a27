"""The names of secrets: what the configuration holds in place of a value."""

from __future__ import annotations

import re

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

#: A secret's place in an address: `postgresql://baton:${database}@db.example/baton`.
REFERENCE = re.compile(r"\$\{([^}]*)\}")


def is_secret_name(text: str) -> bool:
    """Whether `text` can name a secret: letters, digits, `.`, `_`, `-`, at most 64."""
    return _NAME.fullmatch(text) is not None
