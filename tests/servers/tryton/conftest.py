"""One Tryton server for all tests of a process that ask for it, an account of its own for every file of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.tryton.install import installed
from tests.servers.tryton.world import Server, Tryton, running

#: Seconds; on a machine that has nothing yet, the first test waits until the server is installed.
PATIENCE = 600


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """These tests come last of all: until then the server is made, in a process of its own."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(PATIENCE))
    items.sort(key=lambda item: Path(__file__).parent in item.path.parents)


@pytest.fixture(scope="session")
def tryton_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server on SQLite; where Tryton is not installed yet, that comes first."""
    with running(installed(), tmp_path_factory.mktemp("tryton")) as server:
        yield server


@pytest.fixture(scope="module")
def tryton(tryton_server: Server) -> Iterator[Tryton]:
    """An account, empty when the first test of a file sees it."""
    with tryton_server.account() as account:
        yield account
