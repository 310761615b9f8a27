"""Local servers whose every call is held against the published descriptions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox.hubspot import HubSpotServer
from tests.servers.descriptions import Watcher, validator


@pytest.fixture
def hubspot_watcher() -> Iterator[Watcher]:
    """Watches a local HubSpot server; the test fails where a call or a reply does not fit the descriptions."""
    shared = os.environ.get("BATON_SHARED", "")
    if not (Path(shared) / "specs" / "hubspot").is_dir():
        pytest.skip("BATON_SHARED does not name the folder with the platforms' descriptions")
    watcher = validator(Path(shared))
    yield watcher
    assert not watcher.problems, "\n".join(dict.fromkeys(watcher.problems))


@pytest.fixture
def described_hubspot(hubspot_watcher: Watcher) -> Iterator[HubSpotServer]:
    """A HubSpot account, empty but furnished, under that watch."""
    with HubSpotServer() as server:
        server.watchers.append(hubspot_watcher)
        yield server
        assert not server.errors, server.errors[0]
