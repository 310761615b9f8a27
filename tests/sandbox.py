"""Calls a local server's application without a socket in between."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from connector.sandbox.hubspot.routes import Application
from connector.sandbox.wire import Call, Reply


class Caller:
    """Calls with a token. Calling it gives the reply; `get` and `post` the body of one that must succeed."""

    def __init__(self, application: Application, token: str) -> None:
        self.application = application
        self.token = token

    def __call__(self, method: str, path: str, body: Any = None, **query: str) -> Reply:
        url = urlsplit(path)
        asked = {name: [value] for name, value in [*parse_qsl(url.query), *query.items()]}
        data = b"" if body is None else orjson.dumps(body)
        return self.application(Call(method, url.path, asked, {"authorization": f"Bearer {self.token}"}, data))

    def get(self, path: str, **query: str) -> Any:
        return self._good(self("GET", path, **query))

    def post(self, path: str, body: Any) -> Any:
        return self._good(self("POST", path, body))

    def _good(self, reply: Reply) -> Any:
        assert reply.status < 300, reply
        return reply.body
