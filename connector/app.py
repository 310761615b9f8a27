"""The only place that puts the parts together: configuration, store, secrets, adapters, runs."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.config import Config, Connection, load
from connector.model import sentences
from connector.model.adapter import Context, Crm, Source
from connector.model.errors import AuthError, BatonError, ConfigError
from connector.model.http import Rate, same_account
from connector.runs.rows import PLAIN_OBJECTS, Rows
from connector.runs.runtime import Runtime, silent

if TYPE_CHECKING:
    from connector.edge.http import HttpClient
    from connector.edge.links import Link as LeadLink
    from connector.edge.links import Links
    from connector.edge.secrets import Secrets
    from connector.edge.trace import Trace
    from connector.model.hooks import Heard, NotHeard
    from connector.model.notices import Notifier
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
    """One opened configuration with its store and its adapters, made when first asked for.

    `stop` ends what waits for a platform. `trace`, set before the first call, writes down what is about one lead.
    """

    config: Config
    store: Store
    secrets: Secrets
    clock: Callable[[], datetime] = utc_now
    _sources: dict[str, Source] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)
    trace: Trace | None = None
    _crms: dict[str, Crm] = field(default_factory=dict)
    _clients: dict[str, HttpClient] = field(default_factory=dict)
    _making: threading.RLock = field(default_factory=threading.RLock)
    #: The configuration as it was when it was asked for last, and what was in force then.
    _in_force: tuple[Config, Config] | None = None

    def source(self, name: str) -> Source:
        """The marketing role of a connection. Raises ConfigError where its platform has none."""
        return self._sources.get(name) or self._made(self._sources, name, "source")

    def crm(self, name: str) -> Crm:
        """The sales role of a connection. Raises ConfigError where its platform has none."""
        return self._crms.get(name) or self._made(self._crms, name, "crm")

    def _made(self, made: dict[str, Any], name: str, role: str) -> Any:
        """Make a role once, whichever thread asks first."""
        with self._making:
            if name not in made:
                made[name] = self._make(name, role)
            return made[name]

    def _make(self, name: str, role: str) -> Any:
        from connector.platforms import adapter

        connection = self.config.connections[name]
        build = getattr(adapter(connection.type), role)
        if build is None:
            noun = "a source of leads" if role == "source" else "a CRM"
            raise ConfigError(f"connections.{name}: the platform {connection.type} cannot be {noun}")
        self._same_account(name, connection.account)
        return build(connection.settings, self._context(connection))

    def _context(self, connection: Connection) -> Context:
        """What the adapter of a connection is handed."""
        mapping = connection.mapping
        stage = mapping.stage
        told = set(stage.fields) if stage else set()
        return Context(
            connection.name, self.config.root, self.clock, self.secrets.get,
            http=self._client(connection),
            columns=mapping.source_names | told,
            stage_only=frozenset(told - mapping.source_names),
            written={object.lower(): mapping.written(object) for object in mapping.write_objects},
            store_id=self._store_id(),
            extra={"lists": self._lists(connection.name)},
            keep_secret=self._keep_secret,
        )  # fmt: skip

    def _keep_secret(self, name: str, value: str) -> None:
        """Keep a secret, or forget it where there is no value."""
        if value:
            self.secrets.set(name, value)
        else:
            self.secrets.delete(name)

    def _lists(self, source: str) -> tuple[str, ...]:
        """The lists that leads of a source join and leave, by the flows that take them."""
        flows = [flow for flow in self.config.flows.values() if source in flow.sources]
        nurture = [flow.criteria.nurture_list for flow in flows]
        reasons = [reason.list for flow in flows for reason in flow.reasons.values()]
        return tuple(dict.fromkeys(name for name in (*nurture, *reasons) if name))

    def _client(self, connection: Connection) -> HttpClient | None:
        """The calls of a connection, one client for both its roles; None where its platform is not reached by HTTP."""
        from connector.platforms import adapter

        api, name = adapter(connection.type).api, connection.name
        if api is None:
            return None
        if name not in self._clients:
            from connector.edge.http import HttpClient, Outside

            outside = Outside(self.store, self.secrets, self.clock, self._wait, owner_name(), has_ended)
            self._clients[name] = HttpClient(
                name, api(connection.settings), outside,
                account=connection.account, budget_of=account_key(connection), daily_calls=connection.daily_calls,
            )  # fmt: skip
            self._clients[name].trace = self.trace
        return self._clients[name]

    def endings(self, days: int = 30) -> list[str]:
        """What ends within `days` or has ended, a sentence each after its connection's name.

        An API or a kind of token that its platform ends, a certificate, a token with a date in it.
        """
        return [f"{name}: {sentence}" for name in self.config.connections for sentence in self.endings_of(name, days)]

    def endings_of(self, name: str, days: int = 30) -> list[str]:
        """The same of one connection."""
        from connector.edge.endings import warnings
        from connector.platforms import adapter

        connection = self.config.connections[name]
        declared = adapter(connection.type)
        if declared.api is None:
            return []
        try:
            secret = self.secrets.get(name)
        except BatonError:
            secret = ""
        return warnings(declared.api(connection.settings), self.clock().astimezone(UTC).date(), days, secret)

    def rates(self, name: str, *, own: bool = True) -> list[Rate]:
        """The limits that calls of a connection keep to, with its own share unless told; none but for HTTP."""
        from connector.edge.budget import own_share
        from connector.platforms import adapter

        connection = self.config.connections[name]
        api = adapter(connection.type).api
        if api is None:
            return []
        rates = api(connection.settings).rates
        return [*rates, *own_share(rates, connection.daily_calls if own else None)]

    def notifier(self) -> Notifier:
        """What sends notices to people."""
        from connector.edge.notify import Notify

        mail = self.config.mail
        return Notify(self.secrets.get, mail.server, mail.sender, self.clock)

    def desk_key(self, use: str) -> str:
        """The desk's key for one use: `sessions`, `links`, `attempts`. Raises AuthError where none can be kept."""
        from connector.edge.desk_key import derived

        return derived(self.store, self.secrets, use)

    def link(self, email: str, lead_id: int) -> str:
        """Where somebody finds a lead on the desk; "" where the configuration does not say where the desk is.

        With an email it opens the lead for that person without signing in, for a while; without one, or where nothing
        can be signed here, whoever goes there has to sign in.
        """
        from connector.edge.links import Link
        from connector.model.notices import LEAD_PAGE

        desk = self.config.desk
        if not desk.base_url:
            return ""
        if email:
            with suppress(AuthError):
                token = self._links().token(Link(email, lead_id), self.clock(), desk.links.delta)
                return f"{desk.base_url}/open/{token}"
        return desk.base_url + LEAD_PAGE % lead_id

    def read_link(self, token: str) -> LeadLink | None:
        """Whom a link was sent to and which lead it shows; None where it is not ours, or its time is over."""
        return self._links().read(token, self.clock()) if self.config.desk.base_url else None

    def hear(self, name: str, headers: Mapping[str, str], body: bytes) -> Heard | NotHeard | None:
        """What a delivery for the connection `name` tells; None where none is listened to.

        Raises AuthError where there is no secret that could prove it, or none can be had.
        """
        from connector.model.hooks import secret_name
        from connector.platforms import adapter

        connection = self.config.connections.get(name) if name in self.config.desk.hooks else None
        hooks = adapter(connection.type).hooks if connection else None
        return hooks.hear(headers, body, self.secrets.get(secret_name(name))) if hooks else None

    def _links(self) -> Links:
        from connector.edge.links import Links

        return Links(self.desk_key("links"))

    def _wait(self, seconds: float) -> bool:
        """Wait; whether a signal has told us to stop."""
        return self.stop.wait(seconds)

    def _store_id(self) -> str:
        with self.store.read() as tx:
            return tx.admin.store_id()

    def _same_account(self, name: str, account: str) -> None:
        """A store remembers the account that a connection was made for."""
        if not account:
            return
        with self.store.write() as tx:
            known = tx.admin.remember_account(name, account)
        if not same_account(known, account):
            raise AuthError(name, sentences.OTHER_ACCOUNT, "baton check")

    def runtime(self, **changes: Any) -> Runtime:
        """What a run is handed; `changes` replace single parts (progress, stop)."""
        parts: dict[str, Any] = {
            "progress": silent, "ended": has_ended, "stop": self.stop, "notifier": self.notifier, "link": self.link
        } | changes  # fmt: skip
        self.stop = parts["stop"]
        return Runtime(self.in_force(), self.store, self.clock, owner_name(), self.source, self.crm, **parts)

    def in_force(self) -> Config:
        """The configuration with the criteria that decide now: changed ones may wait to be accepted."""
        from connector.runs.criteria import in_force

        config, known = self.config, self._in_force
        with self.store.read() as tx:
            found = in_force(tx, known[1] if known is not None and known[0] is config else config)
        self._in_force = config, found
        return found

    def rows(self, run_id: int = 0) -> Rows:
        """The builder of outbox rows for a run."""
        from connector.edge.templates import renderer

        # Asked now: rows are built within transactions, where no adapter can be made.
        objects = {name: self._objects(name) for name in self.config.connections}
        in_store = frozenset(name for name, crm in self._crms.items() if crm.capabilities.in_store)
        return Rows(
            self.config, self._store_id(), renderer(self.config.root), run_id,
            objects_of=lambda target: objects.get(target, PLAIN_OBJECTS), in_store=in_store,
        )  # fmt: skip

    def _objects(self, name: str) -> tuple[str, ...]:
        """The objects that a connection takes as a CRM; none where its platform is no CRM."""
        from connector.platforms import adapter

        if adapter(self.config.connections[name].type).crm is None:
            return ()
        try:
            return self.crm(name).capabilities.objects
        except BatonError:
            return PLAIN_OBJECTS

    def close(self) -> None:
        """Give back what was taken of budgets, and the store's connections."""
        for client in self._clients.values():
            client.close()
        self.store.close()


def account_key(connection: Connection) -> str:
    """The account whose limits a connection shares: two connections of one account have one budget."""
    return f"{connection.type}:{connection.account or connection.name}"


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
