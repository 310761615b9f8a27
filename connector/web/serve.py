"""Serve the desk: a socket of our own, uvicorn, and the configuration as it is in force."""

from __future__ import annotations

import os
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connector.web.limits import HEADERS

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from connector.app import App
    from connector.config.types import Desk

#: All addresses of this machine, and the one of them at which it finds itself.
ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - a name that nobody is called by
#: Connections at one time; whoever comes then is told to come again.
AT_ONCE = 200
#: Seconds that what is under way has when we are to end, and that a kept connection may be silent.
ENDING, SILENT = 5, 15
#: Seconds after which no request can still need an application that is not in force any more.
LEFT = 600.0


class InForce:
    """The application of the configuration in force, for many threads at once.

    `app_of()` gives it, and closes none; what was in force before is closed once no request can need it.
    """

    def __init__(self, app_of: Callable[[], App], clock: Callable[[], float] = monotonic) -> None:
        self._app_of, self._clock = app_of, clock
        self._lock = threading.Lock()
        self._left: list[tuple[float, App]] = []

    def __call__(self) -> App:
        """The application to be used now."""
        with self._lock:
            app = self._app_of()
            self._close(self._clock() - LEFT)
        return app

    def leave(self, app: App) -> None:
        """Another one is in force."""
        self._left.append((self._clock(), app))

    def close(self) -> None:
        """Nobody asks any more."""
        self._close(float("inf"))

    def _close(self, before: float) -> None:
        for since, app in [pair for pair in self._left if pair[0] <= before]:
            self._left.remove((since, app))
            app.close()


@contextmanager
def listening(desk: Desk, root: Path) -> Iterator[socket.socket]:
    """The socket that the desk listens at. Raises OSError where it cannot be had."""
    own = _unix(root / desk.socket) if desk.socket else _internet(desk)
    try:
        yield own
    finally:
        own.close()
        if desk.socket:
            (root / desk.socket).unlink(missing_ok=True)


def _internet(desk: Desk) -> socket.socket:
    family = socket.AF_INET6 if ":" in desk.host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A port whose last connections still fade away can be had again; one that somebody listens at cannot.
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((desk.host, desk.port))
    except BaseException:
        made.close()
        raise
    return made


def _unix(path: Path) -> socket.socket:
    """A socket that the owner and the group may use: whoever reaches it is the web server."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and stat.S_ISSOCK(path.stat().st_mode):
        path.unlink()
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o117)
    try:
        made.bind(str(path))
    except BaseException:
        made.close()
        raise
    finally:
        os.umask(before)
    return made


def address(desk: Desk, own: socket.socket) -> str:
    """Where a browser finds it."""
    if desk.socket or desk.base_url:
        return desk.base_url or f"unix:{desk.socket}"
    host, port = own.getsockname()[:2]
    host = ANY.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def hosts(desk: Desk) -> list[str]:
    """The names by which we may be called: this machine's own, and the one that people know."""
    named = urlsplit(desk.base_url).hostname
    bound = [] if desk.host in ANY else [f"[{desk.host}]" if ":" in desk.host else desk.host]
    return ["127.0.0.1", "localhost", "[::1]", *bound, *([named] if named else [])]


def cookie(desk: Desk, port: int) -> tuple[str, bool]:
    """(the name of the session's cookie, whether it goes over https alone).

    `__Host-` keeps other names of the same domain from setting it (RFC 6265bis, 4.1.3). Cookies of one host are sent
    to all its ports: two desks on one machine have two names.
    """
    secure = desk.base_url.startswith("https://")
    return ("__Host-baton" if secure else f"baton-{port}"), secure


def serve(site: ASGIApp, own: socket.socket, ready: Callable[[], None], stop: threading.Event) -> None:
    """Answer until a signal comes, or `stop` is set; `ready` is called once somebody may come."""
    import uvicorn

    from connector.web.slow import Patient

    class Server(uvicorn.Server):
        """Hears of a signal that came before it took signals, too."""

        async def on_tick(self, counter: int) -> bool:
            """Whether to end."""
            self.should_exit = self.should_exit or stop.is_set()
            return await super().on_tick(counter)

    config = uvicorn.Config(
        site, http=Patient, ws="none", lifespan="off", access_log=False, log_config=None, server_header=False,
        proxy_headers=False, limit_concurrency=AT_ONCE, timeout_keep_alive=SILENT,
        timeout_graceful_shutdown=ENDING, h11_max_incomplete_event_size=HEADERS,
    )  # fmt: skip
    own.listen()
    ready()
    Server(config).run(sockets=[own])
