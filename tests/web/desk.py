"""The desk over a line that a test moves, as a browser without scripts sees it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.testclient import TestClient

from connector.app import App
from connector.model.logins import ROLES, User
from connector.web.site import site

ADMIN = User("petra@northwind.example", "Petra", ROLES)
LENA = User("lena@northwind.example", "Lena", ("rep",))
TOKEN = re.compile(r'name="token" value="([^"]+)"')


@dataclass
class Desk:
    """A browser of `user`, who is signed in; another `user` may be put in at any time."""

    app: App
    user: User | None = ADMIN
    browser: TestClient = field(init=False)

    def __post_init__(self) -> None:
        made = site(lambda: self.app, self._identify, key="a key of the tests")
        self.browser = TestClient(made, base_url="http://127.0.0.1", follow_redirects=False)

    def _identify(self, _request: Request) -> User | None:
        return self.user

    def get(self, path: str, status: int = 200) -> str:
        """The page at `path`."""
        answer = self.browser.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:500])
        return str(answer.text)

    def act(self, path: str, page: str = "/", *, status: int = 303, **fields: Any) -> str:
        """Press a button that sends `fields` to `path`, with the token of the form on `page`; where it leads."""
        found = TOKEN.search(self.get(page))
        token = found[1] if found else ""
        answer = self.browser.post(path, data={"token": token, **fields})
        assert answer.status_code == status, (path, answer.status_code, answer.text[:500])
        return str(answer.headers.get("location", ""))
