"""One Tryton server for all tests of a process that ask for it, an account of its own for every file of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.tryton.install import installed
from tests.servers.tryton.world import Server, Tryton, running


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
