"""Opening, recognising, creating and migrating a store."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import state
from connector.model.errors import StateError
from state import open_store
from state.creating import script
from state.engine import Pool, database_at
from state.schema import statements
from state.store import HEAD

#: One row of each table that has changed since.
FIRST_ROWS = (
    """INSERT INTO leads (id, email, body, created_at, changed_at)
    VALUES (17, 'a@example.com', '{"fields":{"email":"a@example.com"},"said":[]}', 1, 2)""",
    "INSERT INTO standings (lead_id, stage, flow, due_at) VALUES (17, 'mql', 'b2b', 7)",
    """INSERT INTO outbox (id, target, kind, object, our_key, key, body, lead_id, lane, parent, state, crm_id,
    created_at, changed_at) VALUES (3, 'crm', 'once', 'task', 't1', 'k', '{}', 17, 3, 'l1', 'done', '9', 1, 2)""",
    """INSERT INTO handoffs (id, lead_id, flow, stage, state, decided_at, brief)
    VALUES (5, 17, 'b2b', 'mql', 'open', 1, 'why')""",
    "INSERT INTO turns (id, handoff_id, team, email, at) VALUES (1, 5, 'west', 'sam@example.com', 1)",
    """INSERT INTO receipts (target, object, our_key, crm_id, body, lead_id)
    VALUES ('crm', 'lead', 'l1', '9', '{"a":1}', 17)""",
)


def execute(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.fixture
def path(sqlite_template: Path, tmp_path: Path) -> Path:
    """A store's file."""
    copied = tmp_path / "baton.db"
    shutil.copy(sqlite_template, copied)
    return copied


@pytest.fixture(params=["sqlite", "postgresql"])
def nowhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place where no store is yet."""
    if request.param == "sqlite":
        yield str(tmp_path / "new.db")
        return
    import psycopg

    url: str = request.getfixturevalue("postgresql_place")
    schema = "baton_new"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
        yield url.partition("options=")[0] + f"options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


def described(place: str) -> dict[tuple[str, str], list[str]]:
    """Everything that a database knows about its tables."""
    from sqlalchemy import create_engine, inspect
    from sqlalchemy.pool import NullPool

    database = database_at(place)
    url = "sqlite://" if database.name == "sqlite" else "postgresql+psycopg://"
    engine = create_engine(url, creator=lambda: database.connect(writing=False), poolclass=NullPool)
    looked = inspect(engine)
    found: dict[str, Any] = {
        "columns": looked.get_multi_columns(),
        "keys": looked.get_multi_pk_constraint(),
        "unique": looked.get_multi_unique_constraints(),
        "indexes": looked.get_multi_indexes(),
        "references": looked.get_multi_foreign_keys(),
        "options": looked.get_multi_table_options(),
    }
    engine.dispose()
    return {
        (what, table): _in_order(details)
        for what, tables in found.items()
        for (_, table), details in tables.items()
        if table != "alembic_version"  # whose key Alembic names in its own way
    }


def _in_order(details: Any) -> list[str]:
    """Comparable: types and conditions of indexes as text, in one order."""
    if isinstance(details, dict):
        return sorted(f"{name}: {value}" for name, value in details.items())
    as_text = [{name: _text(value) for name, value in detail.items()} for detail in details]
    return sorted(map(str, as_text))


def _text(value: Any) -> str:
    return str({name: str(one) for name, one in value.items()}) if isinstance(value, dict) else str(value)


class TestOpening:
    def test_a_new_store_is_made_and_opened_again(self, nowhere: str) -> None:
        store = open_store(nowhere)
        with store.write() as tx:
            name = tx.admin.store_id()
            assert tx.admin.meta("epoch") == "0"
        store.close()
        again = open_store(nowhere, create=False)
        with again.read() as tx:
            assert tx.admin.store_id() == name
        again.close()
        assert state.current_version(nowhere) == HEAD

    def test_without_create_nothing_is_made(self, nowhere: str) -> None:
        with pytest.raises(StateError, match="there is no store yet"):
            open_store(nowhere, create=False)
        assert state.current_version(nowhere) == ""

    def test_those_who_create_at_once_make_one_store(self, nowhere: str) -> None:
        def name(_: int) -> str:
            store = open_store(nowhere)
            with store.read() as tx:
                found = tx.admin.store_id()
            store.close()
            return found

        with ThreadPoolExecutor(3) as threads:
            assert len(set(threads.map(name, range(3)))) == 1

    def test_a_new_file_is_its_owners_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "new.db"
        assert state.current_version(path) == ""
        assert not path.exists()
        open_store(path).close()
        assert path.stat().st_mode & 0o777 == 0o600

    def test_another_programs_database_is_left_alone(self, tmp_path: Path) -> None:
        path = tmp_path / "other.db"
        execute(path, "CREATE TABLE meta (name TEXT, value TEXT)", "CREATE TABLE alembic_version (version_num TEXT)")
        before = path.read_bytes()
        with pytest.raises(StateError, match="belongs to another program"):
            open_store(path)
        assert path.read_bytes() == before
        assert [one.name for one in tmp_path.iterdir()] == ["other.db"]

    def test_another_programs_tables_in_postgresql_are_left_alone(self, postgresql_place: str) -> None:
        import psycopg

        url = postgresql_place.partition("options=")[0] + "options=-csearch_path%3Dbaton_other"
        with psycopg.connect(postgresql_place, autocommit=True) as connection:
            connection.execute("CREATE SCHEMA baton_other; CREATE TABLE baton_other.users (id INT)")
            try:
                with pytest.raises(StateError, match="belongs to another program"):
                    open_store(url)
            finally:
                connection.execute("DROP SCHEMA baton_other CASCADE")

    def test_a_newer_store_is_not_touched(self, path: Path) -> None:
        execute(path, "UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StateError, match=f"made by a newer baton .schema 9999, this one knows {HEAD}."):
            open_store(path)

    def test_an_older_store_is_migrated(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        migrated: list[str] = []
        from state import migrating

        monkeypatch.setattr(migrating, "migrate", lambda database, to: migrated.append(to))
        execute(path, "UPDATE alembic_version SET version_num = '0000'")
        with pytest.raises(StateError, match="its schema is 0000, this program needs"):
            open_store(path, create=False)
        open_store(path).close()
        assert migrated == [HEAD]

    @pytest.mark.parametrize("damage", [b"not a database at all, but long enough to be read as one" * 40, b"\0" * 5000])
    def test_a_damaged_file_is_told_in_one_line(self, tmp_path: Path, damage: bytes) -> None:
        path = tmp_path / "damaged.db"
        path.write_bytes(damage)
        with pytest.raises(StateError, match=r"damaged\.db: file is not a database"):
            open_store(path)

    def test_damage_that_shows_later_is_a_state_error_too(self, path: Path) -> None:
        whole = bytearray(path.read_bytes())
        for page in range(4096, len(whole), 4096):
            whole[page : page + 64] = b"\xff" * 64
        path.write_bytes(whole)

        def read() -> None:
            with open_store(path).read() as tx:
                tx.reports.totals()

        with pytest.raises(StateError, match=r"baton\.db: "):
            read()

    def test_places_that_cannot_be_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(StateError, match="a folder, not a database"):
            open_store(tmp_path)
        with pytest.raises(StateError, match=r"the folder .* is not there"):
            open_store(tmp_path / "missing" / "baton.db")
        with pytest.raises(StateError, match="PostgreSQL"):
            open_store(f"postgresql:///nothing?host={tmp_path}")

    def test_an_ordinary_run_imports_no_sqlalchemy(self, path: Path) -> None:
        code = (
            "import sys, state; store = state.open_store(sys.argv[1]); state.open_store(sys.argv[1] + 'x').close()\n"
            "with store.write() as tx: tx.reports.totals()\n"
            "store.close(); sys.exit(bool({'sqlalchemy', 'alembic', 'psycopg'} & set(sys.modules)))"
        )
        root = Path(state.__file__).parents[1]
        assert subprocess.run([sys.executable, "-c", code, str(path)], check=False, cwd=root).returncode == 0


class TestMigrations:
    def test_migrations_lead_to_the_schema_that_is_created(self, nowhere: str) -> None:
        open_store(nowhere).close()
        created = described(nowhere)
        assert any("ix_outbox_waiting" in str(indexes) and "waiting" in str(indexes) for indexes in created.values())
        assert state.migrate(nowhere, "base") == ""
        assert described(nowhere) == {}
        assert state.migrate(nowhere) == HEAD
        assert described(nowhere) == created

    @pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
    def test_the_statements_kept_are_those_of_the_schema(self, kind: str) -> None:
        assert script(kind).read_text("utf-8") == statements(kind), "python -m state.schema"

    def test_a_migrated_store_is_a_store(self, nowhere: str) -> None:
        state.migrate(nowhere)
        store = open_store(nowhere, create=False)
        with store.write() as tx:
            assert tx.admin.store_id()
            name = tx.admin.store_id()
        store.close()
        assert state.migrate(nowhere) == HEAD
        again = open_store(nowhere, create=False)
        with again.read() as tx:
            assert tx.admin.store_id() == name
        again.close()

    def test_a_store_of_the_first_schema_keeps_its_rows(self, nowhere: str) -> None:
        state.migrate(nowhere, "0001")
        pool = Pool(database_at(nowhere))
        with pool.transaction(writing=True) as session:
            for statement in FIRST_ROWS:
                session.run(statement)
        pool.close()
        with pytest.raises(StateError, match="its schema is 0001, this program needs"):
            open_store(nowhere, create=False)
        store = open_store(nowhere)
        with store.read() as tx:
            (row,) = tx.outbox.rows()
            assert (row.key, row.parent, row.parent_object, row.crm_id) == ("k", "l1", "lead", "9")
            ((lead_id, (handoff,)),) = tx.handoffs.of_leads([17]).items()
            assert (handoff.id, handoff.state, handoff.brief) == (5, "open", "why")
            assert (handoff.target, handoff.record, handoff.closed_at, handoff.rating) == ("", "", None, None)
            assert (tx.intake.leads([lead_id])[17].merged_into, tx.intake.by_email(["a@example.com"])) == (
                0,
                {"a@example.com": [17]},
            )
            assert tx.outbox.receipts_by_crm_id("crm", "lead", ["9"])["9"].values == {"a": 1}
        store.close()

    def test_going_back_keeps_what_the_older_schema_knows(self, nowhere: str) -> None:
        state.migrate(nowhere, "0001")
        before = described(nowhere)
        pool = Pool(database_at(nowhere))
        with pool.transaction(writing=True) as session:
            for statement in FIRST_ROWS:
                session.run(statement)
        state.migrate(nowhere)
        assert state.migrate(nowhere, "0001") == "0001"
        assert described(nowhere) == before
        with pool.transaction(writing=False) as session:
            assert session.rows("SELECT id, brief FROM handoffs") == [(5, "why")]
            assert session.rows("SELECT key, parent FROM outbox") == [("k", "l1")]
            assert session.rows("SELECT lead_id, flow, due_at FROM standings") == [(17, "b2b", 7)]
        pool.close()

    def test_the_newest_migration_is_the_one_the_program_knows(self) -> None:
        from alembic.config import Config
        from alembic.script import ScriptDirectory

        config = Config()
        config.set_main_option("script_location", str(Path(state.__file__).parent / "migrations"))
        assert ScriptDirectory.from_config(config).get_heads() == [HEAD]

    def test_a_version_that_is_not_known_is_told(self, path: Path) -> None:
        with pytest.raises(StateError, match=f"there is no schema 0042; known are base, .*{HEAD}"):
            state.migrate(path, "0042")
