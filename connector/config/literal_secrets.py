"""Secrets do not belong into files: a value under a key such as `token` is refused."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from connector.config.documents import take_out
from connector.model.errors import Path, Problems
from connector.model.secret_names import REFERENCE, is_secret_name

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

_KEY = re.compile(
    r"(?:^|[_-])(?:token|password|passwd|passphrase|secret|api_?key|access_?key|private_?key|credentials?)$",
    re.IGNORECASE,
)
_PASSWORD = N_(
    "a password does not belong into a file; write ${%(name)s} in its place and keep it with: baton auth set %(name)s"
)
_IN_ADDRESS = re.compile(r"://[^/@\s]*:[^/@\s]+@")


def refuse_secrets(table: dict[str, Any], problems: Problems, declared: Mapping[str, Collection[str]]) -> None:
    """Add a problem for each value that is a secret, with the command that keeps it instead.

    `declared` are the keys of each connection that its platform has asked for: under these stands
    the name of a secret. What was refused is taken out of `table`.
    """
    for path, value in list(_texts(table, ())):
        if _is_declared(path, declared):
            continue
        key = next(str(step) for step in reversed(path) if isinstance(step, str))
        if _KEY.search(key):
            what = N_("a secret does not belong in a file; keep it with: baton auth set %(name)s")
        elif _IN_ADDRESS.search(value) and not _refers(value):
            what = _PASSWORD
        else:
            continue
        problems.add(path, what, name=_name(path))
        take_out(table, path)


def _is_declared(path: Path, declared: Mapping[str, Collection[str]]) -> bool:
    return len(path) > 2 and path[0] == "connections" and path[2] in declared.get(str(path[1]), ())


def check_database(address: str, problems: Problems) -> None:
    """Report a database that is neither a file's path nor an address of PostgreSQL."""
    scheme, _, rest = address.partition("://")
    if not rest:
        return
    if scheme not in ("postgresql", "postgres"):
        allowed = "FILE.db, postgresql://USER:${SECRET}@HOST/NAME"
        problems.add(("database",), "%(scheme)s is no database that Baton can use", allowed, scheme=scheme)
        return
    for name in REFERENCE.findall(address):
        if not is_secret_name(name):
            problems.add(("database",), "${%(name)s} does not name a secret", name=name)
    try:
        urlsplit(address).port  # noqa: B018 - raises for a port that is none
    except ValueError:
        problems.add(("database",), "no address of a database: its port is no number")


def _texts(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _texts(inner, (*path, place))
    elif isinstance(value, str) and value:
        yield path, value


def _refers(address: str) -> bool:
    """Whether the password in an address is a reference to a secret."""
    return _IN_ADDRESS.search(REFERENCE.sub("", address)) is None


def _name(path: Path) -> str:
    """The name that a secret at this path should have: its connection's, else its key's."""
    name = str(path[1]) if path[0] == "connections" and len(path) > 1 else str(path[-1])
    return name if is_secret_name(name) else "NAME"
