"""The whole desk as it is served, its ways in included, and browsers that come to it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from httpx2 import Response as Answer
from starlette.responses import Response
from starlette.testclient import TestClient

from connector.model.logins import Role, User
from connector.web import opening
from connector.web.room import Room
from connector.web.visit import Visit
from tests.line import Line

TOKEN = re.compile(r'name="token" value="([^"]+)"')
PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

#: A room with one of everything, beside those of the site.
ROOM = Room("probe")


@ROOM.page("/probe")
def probe(visit: Visit) -> Response:
    """A page with a form, for everybody."""
    return visit.page("password.html", title=visit.query.get("title", "Probe"), wrong="")


@ROOM.page("/probe/broken")
def broken(visit: Visit) -> Response:
    """A page with a fault that quotes somebody."""
    raise KeyError("ana@firm.example")


@ROOM.page("/probe/managers", roles=("manager",))
def managers(visit: Visit) -> Response:
    """A page for managers."""
    return Response("for managers")


@ROOM.act("/probe/{handoff:int}/done")
def done(visit: Visit, handoff: int) -> Response:
    """An act about a handoff."""
    return visit.back(visit.form.text("to") or "/probe", said=visit.form.text("said"))


@ROOM.act("/probe/manage", roles=("manager",))
def manage(visit: Visit) -> Response:
    """An act of managers."""
    return visit.back("/probe")


def line_with(folder: Path, desk: str = "", **more: Any) -> Line:
    """A line whose configuration has a manager and a table `[desk]`."""
    line = Line(folder, **more)
    text = (folder / "config.toml").read_text("utf-8")
    text = text.replace("version = 1", 'version = 1\nsecrets = { backend = "environment" }', 1)
    line.reopen(text.replace("[teams.sales]", '[teams.sales]\nmanager = "petra@northwind.example"', 1) + desk)
    return line


def user(line: Line, email: str, *roles: Role, password: str = PASSWORD, **more: Any) -> User:
    """A user of the store, with a password."""
    made = User(email, roles=roles, password=QUICK.hash(password) if password else "", **more)
    with line.app.store.write() as tx:
        tx.logins.save(made, line.now)
    return made


@dataclass
class Browser:
    """A browser without scripts that has come to the desk of a line."""

    line: Line
    base: str = "http://127.0.0.1:8377"
    client: str = "203.0.113.7"
    email: str = ""
    http: TestClient = field(init=False)
    opened: opening.Opened = field(init=False)

    def __post_init__(self) -> None:
        self.opened = opening.Opened(
            lambda: self.line.app, self.line.app.config.desk, self.base, 8377, "root", self.email
        )
        site = self.opened.site()
        self.http = TestClient(
            site, base_url=self.base, follow_redirects=False, client=(self.client, 50_000), raise_server_exceptions=True
        )

    def other(self, **changes: Any) -> Browser:
        """Another browser at the same desk."""
        fresh = Browser.__new__(Browser)
        fresh.line, fresh.base, fresh.email, fresh.opened = self.line, self.base, self.email, self.opened
        fresh.client = changes.get("client", self.client)
        fresh.http = TestClient(
            self.http.app, base_url=self.base, follow_redirects=False, client=(fresh.client, 50_000)
        )
        return fresh

    def get(self, path: str, **headers: str) -> Answer:
        """A page."""
        return self.http.get(path, headers=headers)

    def token(self, page: str) -> str:
        """The token of the form on a page."""
        found = TOKEN.search(self.get(page).text)
        assert found is not None, page
        return found[1]

    def post(self, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Send a form as it is."""
        return self.http.post(path, data=dict(fields or {}), headers=headers)

    def press(self, path: str, page: str = "/probe", **fields: str) -> Answer:
        """Send the form of a page, with its token."""
        return self.post(path, {"token": self.token(page), **fields})

    def sign_in(self, email: str, password: str = PASSWORD, **headers: str) -> Answer:
        """Fill in the form of the sign-in page."""
        return self.post("/sign-in", {"token": self.token("/sign-in"), "email": email, "password": password}, **headers)

    def cookie(self) -> str:
        """The session's cookie as it stands in this browser."""
        return str(self.http.cookies.get("baton-8377", ""))

    def trail(self) -> list[str]:
        """What was done so far, the oldest first."""
        with self.line.app.store.read() as tx:
            return [one.action for one in reversed(tx.logins.trail())]
