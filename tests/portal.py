"""A HubSpot portal within the test: calls go straight to the application, without a socket."""

from __future__ import annotations

from urllib.parse import urlsplit

import orjson

from adapters._hubspot.settings import HubSpotSettings
from connector.model.errors import AuthError, ConfigError, RetryableError
from connector.model.http import Answer, Request
from connector.model.outbox import NotExecuted, Unknown
from connector.sandbox.hubspot import TOKEN, Portal
from connector.sandbox.hubspot.routes import Application
from connector.sandbox.wire import Call, Reply



class PortalHttp:
    """Calls of one portal, noted in `calls`."""

    def __init__(self, portal: Portal) -> None:
        self.application = Application(portal)
        self.calls: list[Request] = []
        self.lost: list[bool] = []

    def read(self, request: Request) -> Answer:
        reply = self._answer(request)
        if reply.status < 300 or reply.status in request.expected:
            return Answer(reply.status, reply.headers, reply.data())
        if reply.status == 401:
            raise AuthError("hubspot", "refused", "baton auth set hubspot")
        if reply.status in (429, 500, 502):
            raise RetryableError("throttled", 10.0)
        raise ConfigError(f"{request.path}: {reply.status} {reply.body}")

    def send(self, request: Request) -> Answer | NotExecuted | Unknown:
        reply = self._answer(request)
        if self.lost and self.lost.pop(0):
            return Unknown("time-out")
        return Answer(reply.status, reply.headers, reply.data())

    def paths(self) -> list[str]:
        """The calls so far, and none of them again."""
        told = [f"{one.method} {one.path}" for one in self.calls]
        self.calls.clear()
        return told

    def _answer(self, request: Request) -> Reply:
        self.calls.append(request)
        query = {name: [value] for name, value in request.query.items()}
        body = b"" if request.json is None else orjson.dumps(request.json)
        path = urlsplit(request.path).path
        return self.application(Call(request.method, path, query, {"authorization": f"Bearer {TOKEN}"}, body))


def settings(**more: object) -> HubSpotSettings:
    return HubSpotSettings.model_validate({"lag_seconds": 0, "overlap_seconds": 0, **more})
