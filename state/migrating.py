"""Migrating a store up and down. Imported only where that is to be done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from connector.model import sentences
from connector.model.errors import StateError
from state.creating import name_store
from state.engine import Database, Pool, Session
from state.store import PRODUCT, version_of


@contextmanager
def _alone(database: Database) -> Iterator[tuple[Connection, Session]]:
    """One transaction for a whole change of the schema; nobody else writes meanwhile."""
    raw: Any = None

    def connect() -> Any:
        nonlocal raw
        raw = database.connect(writing=True)
        if database.name == "sqlite":
            # A table that is copied and dropped must not take its children along.
            raw.execute("PRAGMA foreign_keys=OFF")
        return raw

    url = "sqlite://" if database.name == "sqlite" else "postgresql+psycopg://"
    engine = create_engine(url, creator=connect, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            database.begin(raw, writing=True, durable=True)
            yield connection, Session(database, raw.cursor())
            raw.execute("COMMIT")
    except database.driver_error as error:
        raise database.translate(error) from None
    except DBAPIError as error:
        raise database.translate(error.orig) if isinstance(error.orig, Exception) else error from None
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Migration:
    """What a migration would do: from `found` to `wanted`; `lost` counts what the older schema cannot hold."""

    found: str
    wanted: str
    lost: dict[str, int] = field(default_factory=dict)


def _script() -> tuple[Any, Any]:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config, ScriptDirectory.from_config(config)


def _wanted(script: Any, to: str) -> str:
    known = [revision.revision for revision in script.walk_revisions()][::-1]
    wanted = str(script.get_current_head()) if to == "head" else to
    if wanted != "base" and wanted not in known:
        raise StateError(sentences.NO_SCHEMA % {"version": to, "known": ", ".join(["base", *known])})
    return wanted


def plan(database: Database, to: str) -> Migration:
    """What a migration would do; nothing is changed. Raises StateError as `migrate` does, and for no store."""
    _config, script = _script()
    wanted = _wanted(script, to)
    pool = Pool(database)
    try:
        with pool.transaction(writing=False) as session:
            found = version_of(session)
            if not found:
                raise StateError(f"{database.place}: {sentences.NO_STORE}")
            left = [one for one in script.walk_revisions() if wanted == "base" or wanted < one.revision <= found]
            losses = [pair for one in left for pair in getattr(one.module, "LOST", ())]
            counts = {what: int(session.value(text)) for what, text in losses}
            return Migration(found, wanted, {what: count for what, count in counts.items() if count})
    finally:
        pool.close()


def migrate(database: Database, to: str = "head") -> str:
    """Run migrations up or down to `to` (`base` is an empty database); returns the version then."""
    from alembic import command

    config, script = _script()
    with _alone(database) as (connection, session):
        config.attributes["connection"] = connection
        wanted = _wanted(script, to)
        current = version_of(session)
        step = command.upgrade if wanted != "base" and wanted > current else command.downgrade
        if wanted != current:
            step(config, wanted)
        if wanted != "base":
            name_store(session, PRODUCT)
        _check_references(session)
    return "" if wanted == "base" else wanted


def _check_references(session: Session) -> None:
    if session.database.name == "sqlite" and session.rows("PRAGMA foreign_key_check"):
        raise StateError(f"{session.database.place}: {sentences.BROKEN_REFERENCES}")
