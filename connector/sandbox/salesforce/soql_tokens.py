"""Words of a SOQL statement, and how a literal in it is read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.state import stamp

_WORDS = re.compile(
    r"""\s*(?:
        (?P<string>'(?:\\.|[^'\\])*')
      | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?(?:Z|[+-]\d\d:?\d\d))
      | (?P<date>\d{4}-\d\d-\d\d)
      | (?P<number>[+-]?\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)
      | (?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)
      | (?P<end>$)
    )""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


@dataclass(frozen=True, slots=True)
class Token:
    """One word: what kind of word, as written, and where it begins (from 1)."""

    kind: str
    text: str
    column: int

    def says(self, *words: str) -> bool:
        """Is it one of these keywords or signs, in any case?"""
        return self.kind in ("name", "sign") and self.text.upper() in words


@dataclass(frozen=True, slots=True)
class Literal:
    """A value in a statement, with the kind it was written as: string, number, datetime, date, boolean, null."""

    kind: str
    value: Any


def malformed(message: str, statement: str, column: int) -> NoReturn:
    """Refuse the statement as the service does, with the place."""
    begin = max(0, column - 40)
    part = statement[begin : column + 20].replace("\n", " ")
    mark = " " * (column - 1 - begin) + "^"
    raise ApiError("MALFORMED_QUERY", f"\n{part}\n{mark}\nERROR at Row:1:Column:{column}\n{message}")


def tokens(statement: str) -> list[Token]:
    """The words, with an `end` as the last. Raises ApiError MALFORMED_QUERY."""
    found: list[Token] = []
    at = 0
    while not found or found[-1].kind != "end":
        match = _WORDS.match(statement, at)
        if match is None:
            gap = len(statement[at:]) - len(statement[at:].lstrip())
            malformed(f"unexpected token: '{statement[at + gap]}'", statement, at + gap + 1)
        kind = str(match.lastgroup)
        found.append(Token(kind, match[kind], match.start(kind) + 1))
        at = match.end()
    return found


def literal(token: Token) -> Literal | None:
    """The value that the word says, None for a word that says none."""
    text = token.text
    if token.kind == "string":
        return Literal("string", text[1:-1])
    if token.kind == "number":
        return Literal("number", float(text))
    if token.kind == "date":
        return Literal("date", text)
    if token.kind == "datetime":
        return Literal("datetime", stamp(_moment(text)))
    if token.says("TRUE", "FALSE"):
        return Literal("boolean", text.lower() == "true")
    return Literal("null", None) if token.says("NULL") else None


def unescape(text: str) -> str:
    """A quoted text as meant."""
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text, flags=re.DOTALL)


def like(text: str) -> re.Pattern[str]:
    """A LIKE pattern: % is any text, _ any letter, a backslash takes their meaning away."""
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    wild = {"%": ".*", "_": "."}
    said = (wild.get(part) or re.escape(_plain(part)) for part in parts)
    return re.compile("".join(said), re.IGNORECASE | re.DOTALL)


def _plain(part: str) -> str:
    return _ESCAPES.get(part[1], part[1]) if len(part) == 2 else part


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
