"""A Tryton server: a process with a port of this machine and a folder (SQLite) or a URI (PostgreSQL) of databases."""

from __future__ import annotations

import configparser
import socket
import subprocess
import time
from http import HTTPStatus
from pathlib import Path
from typing import Self

import requests

#: Seconds until a server must have begun; a busy machine takes ten times as long as an idle one.
PATIENCE = 60
#: The URI of databases that are files of the server's folder.
SQLITE = "sqlite://"


def free_port() -> int:
    """A port of this machine at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Process:
    """Runs within `with`. Mail goes to `mail_port`, or nowhere; the links in it come back to the server.

    `retries`: how often it tries a transaction again that another one was in the way of.
    """

    def __init__(
        self, programs: Path, folder: Path, uri: str = SQLITE, *, mail_port: int = 0, retries: int = 5
    ) -> None:  # fmt: skip
        self.programs = programs
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = folder / "trytond.conf"
        self._write_config(uri, mail_port, retries)
        self._child: subprocess.Popen[bytes] | None = None

    def opened(self, database: str) -> str:
        """The address of one database, which from now on answers; RuntimeError with what the server said otherwise."""
        base = f"{self.url}/{database}"
        # Nobody is logged in, but to say so it loads the database's modules, which a login would not.
        if requests.get(f"{base}/rest/model/ir.lang", timeout=PATIENCE).status_code != HTTPStatus.UNAUTHORIZED:
            raise RuntimeError(f"Tryton does not open {database}:\n{self.said()}")
        return base

    def _write_config(self, uri: str, mail_port: int, retries: int) -> None:
        config = configparser.ConfigParser(interpolation=None)
        config["database"] = {"uri": uri, "path": str(self.folder), "list": "True", "retry": str(retries)}
        config["web"] = {"listen": f"127.0.0.1:{self.port}", "shortener_base": self.url}
        # It looks anew which databases there are after this many seconds.
        config["session"] = {"timeout": "0"}
        config["email"] = {"from": "news@northwind.example"}
        if mail_port:
            config["email"]["uri"] = f"smtp://127.0.0.1:{mail_port}"
        config["marketing"] = {
            "automation_base": self.url, "email_base": self.url, "email_spy_pixel": "True", "subscribe_delay": "0",
            "email_subscribe_url": "http://northwind.example/subscribe",
            "email_unsubscribe_url": "http://northwind.example/unsubscribe",
        }  # fmt: skip
        with self.config.open("w", encoding="utf-8") as file:
            config.write(file)

    def __enter__(self) -> Self:
        with (self.folder / "trytond.log").open("ab") as log:
            self._child = subprocess.Popen(
                [self.programs / "trytond", "-c", self.config], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._wait(self._child)
        return self

    def _wait(self, child: subprocess.Popen[bytes]) -> None:
        until = time.monotonic() + PATIENCE
        while child.poll() is None and time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.03)
            else:
                return
        self.__exit__()
        raise RuntimeError(f"Tryton did not begin:\n{self.said()}")

    def said(self, lines: int = 15) -> str:
        """The last lines of its log."""
        return "\n".join((self.folder / "trytond.log").read_text("utf-8").splitlines()[-lines:])

    def __exit__(self, *args: object) -> None:
        if self._child is not None:
            self._child.terminate()
            self._child.wait()
            self._child = None
