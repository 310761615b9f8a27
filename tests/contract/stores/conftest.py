"""A store for every test, on SQLite and on PostgreSQL.

PostgreSQL is the server at $TEST_PG_URL, else one of our own for the session.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connector.model.lead import Lead
from connector.model.ports import Store
from state import creating, engine, open_store
from tests import postgresql

SCHEMA = f"baton_test_{os.getpid()}"
#: As the program has it: elsewhere in the tests nothing waits for the disk.
SYNCHRONOUS = engine.SYNCHRONOUS
#: What a store needs to be a store.
LASTING = "('product', 'store_id')"


@pytest.fixture(autouse=True, scope="module")
def made_stores(copied_stores: Callable[..., None]) -> Iterator[None]:
    """Stores are made here and not copied, and wait for the disk: that is what is tested."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(creating, "create", copied_stores)
        patch.setattr(engine, "SYNCHRONOUS", SYNCHRONOUS)
        yield


@pytest.fixture(scope="session")
def postgresql_place() -> Iterator[str]:
    """The URL of an empty schema."""
    with ExitStack() as stack:
        url = stack.enter_context(postgresql.server())
        import psycopg

        admin = stack.enter_context(psycopg.connect(url, autocommit=True))
        admin.execute(f"CREATE SCHEMA {SCHEMA}")
        stack.callback(admin.execute, f"DROP SCHEMA {SCHEMA} CASCADE")
        yield url + ("&" if "?" in url else "?") + f"options=-csearch_path%3D{SCHEMA}%20-csynchronous_commit%3Doff"


@pytest.fixture(scope="session")
def postgresql_store(postgresql_place: str) -> Iterator[Store]:
    """One store for the session; `place` empties it after each test."""
    store = open_store(postgresql_place)
    yield store
    store.close()


@pytest.fixture(scope="session")
def empty_postgresql(postgresql_place: str) -> Iterator[Callable[[], None]]:
    """Deletes all rows, what refers before what is referred to."""
    import psycopg

    from state.schema import metadata

    kept = {"alembic_version", "meta"}
    tables = [table.name for table in reversed(metadata.sorted_tables) if table.name not in kept]
    deletions = [f"DELETE FROM {name}" for name in tables] + [f"DELETE FROM meta WHERE name NOT IN {LASTING}"]
    with psycopg.connect(postgresql_place, autocommit=True) as connection:

        def empty() -> None:
            connection.execute("; ".join(deletions))

        yield empty


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store in a file, to be copied."""
    path = tmp_path_factory.mktemp("template") / "baton.db"
    open_store(path).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Iterator[str]:
    """Where an empty store of each kind is."""
    if request.param == "sqlite":
        path = request.getfixturevalue("tmp_path") / "baton.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield str(path)
    else:
        request.getfixturevalue("postgresql_store")
        empty = request.getfixturevalue("empty_postgresql")
        yield request.getfixturevalue("postgresql_place")
        empty()


@pytest.fixture
def store(request: pytest.FixtureRequest, place: str) -> Iterator[Store]:
    """An empty store of each kind."""
    if place.startswith("postgresql"):
        yield request.getfixturevalue("postgresql_store")
        return
    opened = open_store(place)
    yield opened
    opened.close()


@pytest.fixture
def now() -> datetime:
    """A moment with microseconds, which no store may lose."""
    return datetime(2026, 12, 7, 8, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def add_leads(store: Store, now: datetime) -> Callable[..., list[Lead]]:
    """Store `count` leads, each with what is given, and return them."""

    def add(count: int, **given: Any) -> list[Lead]:
        leads = [Lead(fields={"email": f"lead{place}@example.com"}, **given) for place in range(count)]
        with store.write() as tx:
            tx.intake.add_leads(leads, now)
        return leads

    return add
