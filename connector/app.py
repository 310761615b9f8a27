"""The only place that puts the parts together: configuration, store, secrets, adapters, runs."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.config import Config, load
from connector.model import sentences
from connector.model.adapter import Context, Crm, Source
from connector.model.errors import AuthError, ConfigError
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime, silent

if TYPE_CHECKING:
    from connector.edge.secrets import Secrets
    from connector.model.ports import Store


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


#: In containers of one name, processes have one number.
_PROCESS = os.urandom(4).hex()


def place() -> str:
    """Where process numbers mean what they mean here: the host, and the kernel's space of numbers on it."""
    try:
        space = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        space = _PROCESS
    return f"{socket.gethostname()}/{space.strip('pid:[]')}"


def owner_name() -> str:
    """The name of this process in leases."""
    return f"{place()}:{os.getpid()}:{_PROCESS}:{threading.get_ident()}"


def has_ended(owner: str) -> bool:
    """Whether `owner` was a process of this machine that is no more; False where it cannot be told."""
    where, number, *_ = [*owner.split(":"), ""]
    if where != place() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@dataclass(slots=True)
class App:
    """One opened configuration with its store and its adapters, made when first asked for."""

    config: Config
    store: Store
    secrets: Secrets
    clock: Callable[[], datetime] = utc_now
    _sources: dict[str, Source] = field(default_factory=dict)
    _crms: dict[str, Crm] = field(default_factory=dict)

    def source(self, name: str) -> Source:
        """The marketing role of a connection. Raises ConfigError where its platform has none."""
        if name not in self._sources:
            self._sources[name] = self._make(name, "source")
        return self._sources[name]

    def crm(self, name: str) -> Crm:
        """The sales role of a connection. Raises ConfigError where its platform has none."""
        if name not in self._crms:
            self._crms[name] = self._make(name, "crm")
        return self._crms[name]

    def _make(self, name: str, role: str) -> Any:
        from connector.platforms import adapter

        connection = self.config.connections[name]
        build = getattr(adapter(connection.type), role)
        if build is None:
            noun = "a source of leads" if role == "source" else "a CRM"
            raise ConfigError(f"connections.{name}: the platform {connection.type} cannot be {noun}")
        self._same_account(name, connection.account)
        context = Context(name, self.config.root, self.clock, self.secrets.get)
        return build(connection.settings, context)

    def _same_account(self, name: str, account: str) -> None:
        """A store remembers the account that a connection was made for."""
        if not account:
            return
        with self.store.write() as tx:
            known = tx.admin.remember_account(name, account)
        if known != account:
            raise AuthError(name, sentences.OTHER_ACCOUNT, "baton check")

    def runtime(self, **changes: Any) -> Runtime:
        """What a run is handed; `changes` replace single parts (progress, stop)."""
        parts: dict[str, Any] = {"progress": silent, "ended": has_ended} | changes
        return Runtime(self.config, self.store, self.clock, owner_name(), self.source, self.crm, **parts)

    def rows(self, run_id: int = 0) -> Rows:
        """The builder of outbox rows for a run."""
        from connector.edge.templates import renderer

        with self.store.read() as tx:
            store_id = tx.admin.store_id()

        def objects_of(target: str) -> tuple[str, ...]:
            return self.crm(target).capabilities.objects

        return Rows(self.config, store_id, renderer(self.config.root), run_id, objects_of=objects_of)

    def close(self) -> None:
        """Give the store's connections back."""
        self.store.close()


@contextmanager
def opened(path: Path, clock: Callable[[], datetime] = utc_now, *, create: bool = True) -> Iterator[App]:
    """Open the configuration at `path` and its store; closed on leaving.

    Raises ConfigError (all problems at once), StateError, AuthError.
    """
    app = open_app(load(path), clock, create=create)
    try:
        yield app
    finally:
        app.close()


def open_app(config: Config, clock: Callable[[], datetime] = utc_now, *, create: bool = True) -> App:
    """Open the store of a loaded configuration."""
    from connector.edge.secrets import Secrets
    from state import open_store

    secrets = Secrets(config.root, config.secrets_backend)
    return App(config, open_store(secrets.fill(config.database), create=create), secrets, clock)
