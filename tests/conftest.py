"""For every test: catalogues as the source has them, and at the very end a line about what was left out."""

from __future__ import annotations

import gc
import os
import secrets
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

from hatch_build import compile_catalogues
from state import creating, engine
from state.engine import Database, database_at
from state.store import HEAD, PRODUCT

CATALOGUES = Path(__file__).parents[1] / "connector" / "locale"
#: Seconds that a test may take; on a machine that has nothing yet, the first one waits until the server is installed.
UNTIL_MADE = 900
_left_out: Counter[str] = Counter()
_create = creating.create

# A slow moment of the machine is no fault, and CI tries the same examples each time: what chance
# finds, it finds on a developer's machine and at night, when each property is tried a thousand times.
settings.register_profile("steady", deadline=None, derandomize="CI" in os.environ, max_examples=25)
# For the night, and for whoever has changed a pure step: pytest --hypothesis-profile=thorough tests/property
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("steady")


def pytest_configure() -> None:
    """Messages are compiled when the project is built; a test must see those of the source."""
    # Thousands of tests are made now, and none is let go of: see pytest_collection_finish.
    gc.disable()
    for source in CATALOGUES.glob("*/LC_MESSAGES/baton.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            compile_catalogues(CATALOGUES)


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """A new store in a file, as `creating.create` makes it, and its name there."""
    file = tmp_path_factory.mktemp("empty") / "empty.db"
    _create(database_at(str(file)), PRODUCT, HEAD)
    with closing(sqlite3.connect(file)) as made:
        name = str(made.execute("SELECT value FROM meta WHERE name = 'store_id'").fetchone()[0]).encode()
    whole = file.read_bytes()
    assert whole.count(name) == 1
    return whole, name


@pytest.fixture(autouse=True, scope="session")
def copied_stores(empty_store: tuple[bytes, bytes]) -> Iterator[Callable[..., None]]:
    """A new store in a file is a copy of one that was made once: making tables costs more than most tests do.

    Nor do they wait for the disk: what ends in a test is a process, and what it wrote outlives it.
    Not in other processes, nor where stores themselves are tested (contract/stores); yields what makes one there.
    """
    whole, name = empty_store

    def create(database: Database, product: str, version: str) -> None:
        file = Path(database.place)
        if database.name != "sqlite" or file.stat().st_size:
            _create(database, product, version)
            return
        own = "".join(secrets.choice(creating.LETTERS) for _ in name)
        file.write_bytes(whole.replace(name, own.encode()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(creating, "create", create)
        patch.setattr(engine, "SYNCHRONOUS", ("OFF", "OFF"))
        yield _create


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the real server come last of all: until then it is made, in a process of its own (`make test`)."""
    for item in items:
        if "tryton" in item.nodeid:
            item.add_marker(pytest.mark.timeout(UNTIL_MADE))
    items.sort(key=lambda item: "tryton" in item.nodeid)


def pytest_collection_finish() -> None:
    """All that was collected stays to the end: nothing of it is looked through again and again."""
    gc.freeze()
    gc.enable()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count skipped tests by their reason."""
    if report.skipped and isinstance(report.longrepr, tuple):
        _left_out[report.longrepr[2].removeprefix("Skipped: ")] += 1


def pytest_unconfigure() -> None:
    """The last line names what was left out, after pytest's own closing line."""
    if _left_out:
        reasons = "; ".join(f"{count} because of: {reason}" for reason, count in sorted(_left_out.items()))
        sys.stdout.write(f"left out: {reasons}\n")
