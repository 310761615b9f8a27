"""A SOQL statement run over the records of an org."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.fields import Field
from connector.sandbox.salesforce.ids import normal
from connector.sandbox.salesforce.objects import SObject
from connector.sandbox.salesforce.soql_parse import Comparison, Condition, Order, Statement, parse
from connector.sandbox.salesforce.soql_tokens import Literal, like, unescape
from connector.sandbox.salesforce.state import State
from connector.sandbox.salesforce.table import Record, fold

#: What is asked of a relation that leads to several objects (Owner, Who, What) is asked of a Name.
NAME_FIELDS = ("Id", "Name", "Type", "Email", "FirstName", "LastName", "IsActive", "Phone", "Title", "Username")
_TEXT = ("string", "email", "phone", "url", "textarea", "picklist", "multipicklist")
_NUMBERS = ("int", "double", "currency", "percent")
_ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_NO_COLUMN = (
    "No such column '{0}' on entity '{1}'. If you are attempting to use a custom field, be sure to append the '__c' "
    "after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
)

Test = Callable[[Record], bool]


@dataclass(frozen=True, slots=True)
class Path:
    """A way from a record to a value: names of relations, then the field."""

    relations: tuple[str, ...]
    field: Field
    references: tuple[str, ...]  #: the reference field that each relation goes by
    several: bool = False  #: the last relation leads to records of several objects


@dataclass(slots=True)
class Result:
    """What a query found: the ids in order, and the paths to show. `counted` for COUNT()."""

    sobject: SObject
    ids: list[str]
    paths: list[Path]
    counted: bool = False


class Query:
    """One statement against one org."""

    def __init__(self, state: State, text: str, *, deleted_too: bool = False) -> None:
        self.state = state
        self.asked: Statement = parse(text)
        self.deleted_too = deleted_too
        self.sobject = self._object()

    def run(self) -> Result:
        """Find the records. Raises ApiError."""
        asked = self.asked
        paths = [self.path(text, column) for text, column in asked.paths]
        self._once(paths)
        test = self.test(asked.where) if asked.where else None
        orders = [(order, self._sortable(order)) for order in asked.order]
        table = self.state.table(self.sobject.name)
        near = self.candidates(asked.where)
        rows = table if near is None else [table.records[one] for one in sorted(near)]
        found = [row for row in rows if (self.deleted_too or not row["IsDeleted"]) and (test is None or test(row))]
        for order, path in reversed(orders):
            found = self._sorted(found, order, path)
        end = None if asked.limit is None else asked.offset + asked.limit
        return Result(self.sobject, [row["Id"] for row in found[asked.offset : end]], paths, not asked.paths)

    def _once(self, paths: list[Path]) -> None:
        for place, path in enumerate(paths):
            if path in paths[:place]:
                raise self.refuse(f"duplicate field selected: {path.field.name}", self.asked.paths[place][1])

    def _object(self) -> SObject:
        try:
            return self.state.sobject(self.asked.object)
        except ApiError as error:
            raise ApiError("INVALID_TYPE", self._at(error.message, self.asked.column)) from None

    def _at(self, message: str, column: int) -> str:
        part = self.asked.text[max(0, column - 40) : column + 40].replace("\n", " ")
        return f"\n{part}\nERROR at Row:1:Column:{column}\n{message}"

    def refuse(self, message: str, column: int, code: str = "INVALID_FIELD") -> ApiError:
        """A refusal that shows the place."""
        return ApiError(code, self._at(message, column))

    def path(self, text: str, column: int) -> Path:
        """Resolve `Owner.Email`. Raises ApiError INVALID_FIELD."""
        *relations, last = text.split(".")
        if relations and relations[0].lower() == self.sobject.name.lower():
            relations = relations[1:]
        here, steps, references = self.sobject, [], []
        several = False
        for name in relations:
            step = next((one for one in here.visible() if one.relation.lower() == name.lower() != ""), None)
            if step is None or several:
                said = f"Didn't understand relationship '{name}' in field path."
                raise self.refuse(said, column)
            several = len(step.to) > 1
            here = self.state.sobject("User" if several else step.to[0])
            steps.append(step.relation)
            references.append(step.name)
        return Path(tuple(steps), self._last(here, last, several, column), tuple(references), several)

    def _last(self, here: SObject, name: str, several: bool, column: int) -> Field:
        if several:
            known = next((one for one in NAME_FIELDS if one.lower() == name.lower()), None)
            if known is not None:
                return here.field(known) or Field(known)
        found = None if several else here.field(name)
        if found is None:
            raise self.refuse(_NO_COLUMN.format(name, "Name" if several else here.name), column)
        return found

    def reach(self, path: Path) -> Callable[[Record], Any]:
        """A function from a record to the value at the path's end."""
        name = path.field.name
        if not path.references:
            return lambda record: record.get(name)

        return lambda record: far_value(self.state, record, path)

    def test(self, condition: Condition) -> Test:
        """The condition as a function."""
        if isinstance(condition, Comparison):
            return self._compare(condition)
        tests = [self.test(part) for part in condition.parts]
        if condition.word == "NOT":
            return lambda record: not tests[0](record)
        if condition.word == "AND":
            return lambda record: all(one(record) for one in tests)
        return lambda record: any(one(record) for one in tests)

    def _compare(self, asked: Comparison) -> Test:
        path = self.path(asked.path, asked.column)
        if not path.field.filterable:
            said = f"field '{path.field.name}' can not be filtered in a query call"
            raise self.refuse(said, asked.column)
        reach = self.reach(path)
        if asked.operator == "LIKE":
            return self._like(asked, path.field, reach)
        key = fold if path.field.kind in _TEXT else _as_it_is
        values = frozenset(self.value(one, path.field, asked.column) for one in asked.values)
        if asked.operator in ("=", "IN"):
            return lambda record: key(reach(record)) in values
        if asked.operator in ("!=", "NOT IN"):
            return lambda record: key(reach(record)) not in values
        (limit,) = values
        if path.field.kind == "boolean" or limit is None:
            raise self.refuse("invalid operator", asked.column, "INVALID_QUERY_FILTER_OPERATOR")
        compare = _ORDERED[asked.operator]
        return lambda record: (there := key(reach(record))) is not None and compare(there, limit)

    def _like(self, asked: Comparison, field: Field, reach: Callable[[Record], Any]) -> Test:
        if field.kind not in _TEXT or asked.values[0].kind != "string":
            raise self.refuse("invalid operator", asked.column, "INVALID_QUERY_FILTER_OPERATOR")
        pattern = like(asked.values[0].value)
        return lambda record: (there := reach(record)) is not None and pattern.fullmatch(there) is not None

    def value(self, said: Literal, field: Field, column: int) -> Any:
        """What the field is compared with. Raises ApiError where the literal is of another type."""
        if said.kind == "null":
            return False if field.kind == "boolean" else None
        if field.kind in ("id", "reference"):
            found = normal(unescape(said.value)) if said.kind == "string" else ""
            if not found:
                raise self.refuse(f"invalid ID field: {said.value}", column, "INVALID_QUERY_FILTER_OPERATOR")
            return found
        wanted = "string" if field.kind in _TEXT else "number" if field.kind in _NUMBERS else field.kind
        if said.kind != wanted:
            raise self.refuse(_wrong_type(field, wanted, said), column)
        return fold(unescape(said.value)) if wanted == "string" else said.value

    def candidates(self, condition: Condition | None) -> set[str] | None:
        """Ids among which every match is, where an index tells; None for all."""
        if isinstance(condition, Comparison):
            return self._indexed(condition)
        if condition is None or condition.word == "NOT":
            return None
        near = [self.candidates(part) for part in condition.parts]
        known = [ids for ids in near if ids is not None]
        if condition.word == "AND":
            return min(known, key=len) if known else None
        return set().union(*known) if len(known) == len(near) else None

    def _indexed(self, asked: Comparison) -> set[str] | None:
        field = self.sobject.field(asked.path)
        if field is None or not field.indexed or asked.operator not in ("=", "IN"):
            return None
        values = [self.value(one, field, asked.column) for one in asked.values]
        return None if None in values else self.state.table(self.sobject.name).ids(field.name, values)

    def _sortable(self, order: Order) -> Path:
        path = self.path(order.path, order.column)
        if not path.field.filterable:
            raise self.refuse(f"field '{path.field.name}' can not be sorted in a query call", order.column)
        return path

    def _sorted(self, rows: list[Record], order: Order, path: Path) -> list[Record]:
        reach = self.reach(path)
        case = fold if path.field.kind in _TEXT else _as_it_is
        have = [row for row in rows if reach(row) is not None]
        none = [row for row in rows if reach(row) is None]
        have.sort(key=lambda row: case(reach(row)), reverse=order.descending)
        return have + none if order.nulls_last else none + have


def _as_it_is(value: Any) -> Any:
    return value


def far_record(state: State, record: Record, references: tuple[str, ...]) -> Record | None:
    """The record that the references lead to."""
    for name in references:
        target = record.get(name)
        if not target:
            return None
        record = state.record(target)
    return record


def far_value(state: State, record: Record, path: Path) -> Any:
    """The value at the path's end; the `Type` of one of several objects is the object's name."""
    other = far_record(state, record, path.references)
    if other is None:
        return None
    if path.several and path.field.name == "Type":
        return state.object_of(other["Id"]).name
    return other.get(path.field.name)


def _wrong_type(field: Field, wanted: str, said: Literal) -> str:
    kind = {"datetime": "dateTime"}.get(wanted, wanted)
    quotes = {"string": " and should be enclosed in quotes"}.get(wanted, "")
    if said.kind == "string":
        quotes = " and should not be enclosed in quotes"
    return f"value of filter criterion for field '{field.name}' must be of type {kind}{quotes}"
