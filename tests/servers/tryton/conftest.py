"""An account of its own for every file of tests, of the server that all of a process share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from tests import postgresql
from tests.servers.tryton.install import installed
from tests.servers.tryton.world import Tryton, running_on_postgresql, shared


@pytest.fixture(scope="module")
def tryton() -> Iterator[Tryton]:
    """An account, empty when the first test of a file sees it."""
    with shared().account() as account:
        yield account


@pytest.fixture(scope="session")
def common() -> Iterator[Tryton]:
    """An account for the files whose tests do not mind what others have left there: the server opens it but once."""
    with shared().account() as account:
        yield account


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tryton, str]]:
    """An account on PostgreSQL, and the URL of its database for those who get in its way."""
    folder = tmp_path_factory.mktemp("tryton-postgresql")
    with ExitStack() as stack:
        url = stack.enter_context(postgresql.server())
        server = stack.enter_context(running_on_postgresql(installed().programs, folder, url))
        account = stack.enter_context(server.account())
        yield account, urlsplit(url)._replace(path=f"/{account.database}").geturl()
