"""Making a new store, at the newest version, without running the migrations one by one.

The statements stand in files, made from `state.schema`: importing SQLAlchemy to say the same
would cost a first run half a second and twenty mebibytes.
"""

from __future__ import annotations

import secrets
from pathlib import Path

from state.engine import Database, Pool, Session

#: No vowels and nothing that looks like something else: it is read aloud and makes no words.
LETTERS = "bcdfghjkmnpqrstvwxz23456789"


def script(database: str) -> Path:
    """The file with the statements for a kind of database."""
    return Path(__file__).parent / "new_store" / f"{database}.sql"


def create(database: Database, product: str, version: str) -> None:
    """Make the tables in an empty database, and name the store."""
    pool = Pool(database)
    try:
        with pool.transaction(writing=True, durable=True) as session:
            # Another process may have been quicker.
            if "meta" in database.tables(session):
                return
            for statement in script(database.name).read_text("utf-8").split(";\n"):
                if statement.strip():
                    session.run(statement)
            session.run("DELETE FROM alembic_version")
            session.run("INSERT INTO alembic_version (version_num) VALUES (?)", version)
            name_store(session, product)
    finally:
        pool.close()


def name_store(session: Session, product: str) -> None:
    """The words by which a store is known; a store that has them keeps them."""
    store_id = "".join(secrets.choice(LETTERS) for _ in range(6))
    words = [("product", product), ("store_id", store_id), ("epoch", "0")]
    session.many("INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", words)
