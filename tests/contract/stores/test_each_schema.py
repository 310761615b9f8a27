"""Each schema, one step after the other: forward and back it is the same one, and keeps the rows that it knows."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import Column, Integer, event
from sqlalchemy.engine import Engine

import state
from connector.selftest import forking
from connector.selftest.forking import in_child
from state.engine import Pool, database_at
from state.schema import metadata
from tests.contract.stores.test_opening import described, nowhere

__all__ = ["nowhere"]

VERSIONS = ("0001", "0002", "0003", "0004", "0005", "0006")
CHANGING = ("CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE")
#: What opening or migrating a store writes itself.
OWN = ("alembic_version", "meta")
TABLES = [table for table in metadata.sorted_tables if table.name not in OWN]
ABOUT = ("name", "type", "needed", "default", "key")
COLUMNS = (
    'SELECT m.name, p.name, p.type, p."notnull", p.dflt_value, p.pk FROM sqlite_master m, pragma_table_info(m.name) p '
    "WHERE m.type = 'table'"
)
Schema = dict[tuple[str, str], list[str]]
#: The rows of each table that a schema has, by column.
Rows = dict[str, list[dict[str, Any]]]


def schema_of(place: str) -> Schema:
    """As `described`, which takes its time, of a file."""
    if "://" in place:
        return described(place)
    found: Schema = {}
    with closing(sqlite3.connect(place)) as database:
        for table, *column in database.execute(COLUMNS):
            found.setdefault(("columns", table), []).append(str(dict(zip(ABOUT, column, strict=True))))
        for table, name, sql in database.execute("SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index'"):
            found.setdefault(("indexes", table), []).append(f"{name}: {sql}")
    return {place: sorted(some) for place, some in found.items()}


def fill(place: str) -> None:
    """Two rows in every table, with something else in each column of each."""
    pool = Pool(database_at(place))
    with pool.transaction(writing=True) as session:
        for table in TABLES:
            names = ", ".join(f'"{column.name}"' for column in table.c)
            sql = f"INSERT INTO {table.name} ({names}) VALUES ({', '.join('?' * len(table.c))})"
            session.many(sql, [tuple(_value(column, number) for column in table.c) for number in (1, 2)])
    pool.close()


def _value(column: Column[Any], number: int) -> Any:
    return number if isinstance(column.type, Integer) else f"{column} {number}"


def held(place: str, schema: Schema) -> Rows:
    """What is in the tables."""
    pool, found = Pool(database_at(place)), Rows()
    with pool.transaction(writing=False) as session:
        for table in TABLES:
            columns = schema.get(("columns", table.name), [])
            known = [column.name for column in table.c if any(f"'name': '{column.name}'" in one for one in columns)]
            names = ", ".join(f'"{name}"' for name in known)
            sql = f"SELECT {names} FROM {table.name}"
            if known:
                found[table.name] = sorted((dict(zip(known, row, strict=True)) for row in session.rows(sql)), key=repr)
    pool.close()
    return found


def of(rows: Rows, others: Rows) -> Rows:
    """Of `rows` those tables and columns that `others` have too."""
    return {
        table: [{name: one[name] for name in some[0]} for one in rows[table]] for table, some in others.items() if some
    }


@pytest.mark.parametrize("nowhere", ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)], indirect=True)
def test_every_step_back_and_forward_again_keeps_what_both_schemas_know(nowhere: str) -> None:
    schemas = {}
    for version in VERSIONS:
        assert state.migrate(nowhere, version) == version
        schemas[version] = schema_of(nowhere)
    fill(nowhere)
    before = held(nowhere, schemas[VERSIONS[-1]])
    assert {table.name for table in TABLES} == {name for name, rows in before.items() if len(rows) == 2}
    for version in VERSIONS[-2::-1]:
        state.migrate(nowhere, version)
        assert schema_of(nowhere) == schemas[version]
        there = held(nowhere, schemas[version])
        assert there == of(before, there)
    oldest = there
    for version in VERSIONS[1:]:
        state.migrate(nowhere, version)
        assert of(held(nowhere, schemas[version]), oldest) == oldest
    assert schema_of(nowhere) == schemas[VERSIONS[-1]]


@contextmanager
def counted(last: int = 0) -> Iterator[list[str]]:
    """The statements that change something; the process is killed before the one numbered `last`."""
    heard: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith(CHANGING):
            heard.append(statement)
            if len(heard) == last:
                os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield heard
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


@pytest.mark.parametrize("nowhere", ["postgresql"], indirect=True)
def test_on_postgresql_a_migration_that_is_killed_has_done_nothing(
    nowhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forking, "_alone", lambda: None)
    state.migrate(nowhere)
    fill(nowhere)
    for to in (VERSIONS[0], VERSIONS[-1]):
        schema = schema_of(nowhere)
        rows = held(nowhere, schema)

        def killed(to: str = to) -> None:
            with counted(40):
                state.migrate(nowhere, to)

        assert in_child(killed).fault == "ended by itself, status 9"
        assert held(nowhere, schema) == rows
        with counted() as heard:
            assert state.migrate(nowhere, to) == to
        assert len(heard) > 50
