"""A SOQL statement as a tree: SELECT fields or COUNT(), FROM, WHERE, ORDER BY, LIMIT, OFFSET.

As the grammar of the service has it, AND, OR and NOT stand together only with parentheses.
Not known here: subqueries, aggregates other than COUNT(), GROUP BY, date functions and date words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NoReturn

from connector.sandbox.salesforce.soql_tokens import Literal, Token, literal, malformed, tokens

LONGEST = 100_000
_COMPARISONS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", ">": ">", "<=": "<=", ">=": ">=", "LIKE": "LIKE"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """`path` as written, the operator, the values (one, but for IN and NOT IN), and where it stands."""

    path: str
    operator: str
    values: tuple[Literal, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Junction:
    """AND or OR over several, NOT over one."""

    word: str
    parts: tuple[Condition, ...]


Condition = Comparison | Junction


@dataclass(frozen=True, slots=True)
class Order:
    """One line of ORDER BY."""

    path: str
    column: int
    descending: bool = False
    nulls_last: bool = False


@dataclass(slots=True)
class Statement:
    """What was asked. `paths` are (as written, column); none for COUNT()."""

    text: str
    object: str
    column: int
    paths: list[tuple[str, int]]
    where: Condition | None = None
    order: list[Order] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0


def parse(text: str) -> Statement:
    """Read a statement. Raises ApiError MALFORMED_QUERY."""
    if len(text) > LONGEST:
        malformed("SOQL statements cannot be longer than 100000 characters.", text, LONGEST)
    return _Parser(text).statement()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.words = tokens(text)
        self.at = 0

    @property
    def word(self) -> Token:
        return self.words[self.at]

    def take(self) -> Token:
        self.at += 1
        return self.words[self.at - 1]

    def fail(self, token: Token) -> NoReturn:
        said = f"unexpected token: '{token.text}'" if token.text else "unexpected token: '<EOF>'"
        malformed(said, self.text, token.column)

    def accept(self, *words: str) -> bool:
        """Take the words if all of them stand here."""
        if not all(self.words[min(self.at + n, len(self.words) - 1)].says(word) for n, word in enumerate(words)):
            return False
        self.at += len(words)
        return True

    def need(self, *words: str) -> None:
        if not self.accept(*words):
            self.fail(self.word)

    def name(self) -> Token:
        if self.word.kind != "name":
            self.fail(self.word)
        return self.take()

    def statement(self) -> Statement:
        self.need("SELECT")
        paths = self.selected()
        self.need("FROM")
        source = self.name()
        found = Statement(self.text, source.text, source.column, paths)
        if self.accept("WHERE"):
            found.where = self.condition()
        if self.accept("ORDER", "BY"):
            found.order = [self.order()]
            while self.accept(","):
                found.order.append(self.order())
        if self.accept("LIMIT"):
            found.limit = self.number()
        if self.accept("OFFSET"):
            found.offset = self.number()
        if self.word.kind != "end":
            self.fail(self.word)
        return found

    def selected(self) -> list[tuple[str, int]]:
        if self.accept("COUNT", "(", ")"):
            return []
        found = [self.name()]
        while self.accept(","):
            found.append(self.name())
        return [(token.text, token.column) for token in found]

    def order(self) -> Order:
        token = self.name()
        down = self.accept("DESC")
        if not down:
            self.accept("ASC")
        last = self.accept("NULLS", "LAST")
        if not last:
            self.accept("NULLS", "FIRST")
        return Order(token.text, token.column, down, last)

    def number(self) -> int:
        if self.word.kind != "number" or not self.word.text.isdigit():
            self.fail(self.word)
        return int(self.take().text)

    def condition(self) -> Condition:
        if self.accept("NOT"):
            return Junction("NOT", (self.simple(),))
        parts = [self.simple()]
        for joint in ("AND", "OR"):
            if self.word.says(joint):
                while self.accept(joint):
                    parts.append(self.simple())
                if self.word.says("AND", "OR"):
                    self.fail(self.word)
                return Junction(joint, tuple(parts))
        return parts[0]

    def simple(self) -> Condition:
        if self.accept("("):
            inner = self.condition()
            self.need(")")
            return inner
        token = self.name()
        if self.accept("IN"):
            return Comparison(token.text, "IN", self.listed(), token.column)
        if self.accept("NOT", "IN"):
            return Comparison(token.text, "NOT IN", self.listed(), token.column)
        sign = self.take()
        operator = _COMPARISONS.get(sign.text.upper()) if sign.kind in ("name", "sign") else None
        if operator is None:
            self.fail(sign)
        return Comparison(token.text, operator, (self.value(),), token.column)

    def listed(self) -> tuple[Literal, ...]:
        self.need("(")
        found = [self.value()]
        while self.accept(","):
            found.append(self.value())
        self.need(")")
        return tuple(found)

    def value(self) -> Literal:
        token = self.take()
        found = literal(token)
        if found is None:
            self.fail(token)
        return found
