"""A client as the program makes it, over a store and secrets of a test's own, with waits that take no time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.edge.http import HttpClient, Outside
from connector.edge.secrets import Secrets
from connector.model.http import Api, StaticToken
from connector.model.ports import Store
from state import open_store

TOKEN = "pat-eu1-7f3a1c9e-secret"


@dataclass
class World:
    """The surroundings of clients: a clock that stands still but for the waits, which are noted."""

    root: Path
    token: str = TOKEN
    now: datetime = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
    waits: list[float] = field(default_factory=list)
    stopping: bool = False

    def __post_init__(self) -> None:
        self.store: Store = open_store(self.root / "baton.db", create=True)
        self.secrets = Secrets(self.root, "sealed", key_file=str(self.root / "key" / "secrets.key"), environ={})
        self.secrets.set("crm", self.token)

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += timedelta(seconds=seconds)
        return self.stopping

    def outside(self, **changes: Any) -> Outside:
        parts: dict[str, Any] = {
            "store": self.store, "secrets": self.secrets, "clock": lambda: self.now, "wait": self.wait,
            "owner": "here:1:aa", "chance": lambda: 1.0,
        }  # fmt: skip
        return Outside(**(parts | changes))

    def client(self, api: Api, **options: Any) -> HttpClient:
        return HttpClient("crm", api, self.outside(), **options)


def plain_api(url: str, **parts: Any) -> Api:
    """An API with a token that stands still."""
    return replace(Api(url, StaticToken(), deadline=2.0), **parts)
