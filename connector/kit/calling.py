"""The program's own client for a test: over a store and secrets of its own, with waits that move the clock."""

from __future__ import annotations

from pathlib import Path

from connector.edge.http import ATTEMPTS, HttpClient, Outside
from connector.edge.secrets import Secrets
from connector.kit.contract.clock import Clock
from connector.kit.new_store import NAME, put_store
from connector.model.http import Api
from state import open_store

__all__ = ["ATTEMPTS", "Calls"]


class Calls:
    """The calls of one connection, as the program makes them: `http` is what an adapter's context holds.

    A read is made again up to `ATTEMPTS` times, as in earnest; waiting moves `clock` and takes no time.
    """

    def __init__(self, connection: str, api: Api, folder: Path, clock: Clock, token: str) -> None:
        put_store(folder)
        self._clock = clock
        self._store = open_store(folder / NAME)
        secrets = Secrets(folder, "sealed", key_file=str(folder / "key" / "secrets.key"), environ={})
        secrets.set(connection, token)
        outside = Outside(self._store, secrets, clock, self._wait, owner="here:1:aa", chance=lambda: 1.0)
        self.http = HttpClient(connection, api, outside)

    def _wait(self, seconds: float) -> bool:
        self._clock.pass_by(seconds)
        return False

    def close(self) -> None:
        """Close the connections and the store."""
        self.http.close()
        self._store.close()
