"""A platform that gives out tokens, and ends the grant of whoever shows one refresh token twice."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from tests.servers.raw import Asked, Step, said

#: The refresh token that an admin was given.
FIRST = "refresh-token-0"


@dataclass
class Platform:
    """Gives out access tokens, takes none but the latest (any, where it `keeps` them), and each refresh token once.

    Who uses one twice loses all.
    """

    lifetime: float | None = 1800.0
    rotates: bool = True
    keeps: bool = False
    instance: str = ""
    refresh: str = FIRST
    access: str = ""
    given: set[str] = field(default_factory=set)
    revoked: bool = False
    forms: list[dict[str, str]] = field(default_factory=list)
    served: int = 0
    account: str = "4711"
    next_answers: list[bytes] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, asked: Asked) -> list[Step]:
        with self.lock:
            if asked.path == "/token":
                return [self.token(dict(parse_qsl(asked.body.decode())))]
            shown = asked.headers.get("authorization", "").removeprefix("Bearer ")
            if shown != self.access and not (self.keeps and shown in self.given):
                return [said(401, {"code": "EXPIRED"})]
            self.served += 1
            return [said(200, {"id": self.account})]

    def token(self, form: dict[str, str]) -> bytes:
        self.forms.append(form)
        if self.next_answers:
            return self.next_answers.pop(0)
        if self.revoked or (form["grant_type"] == "refresh_token" and form["refresh_token"] != self.refresh):
            self.revoked = True
            return said(400, {"error": "invalid_grant", "error_description": "expired for ana@example.com"})
        self.access = f"access-{len(self.forms)}"
        self.given.add(self.access)
        told: dict[str, Any] = {"access_token": self.access}
        if self.rotates and form["grant_type"] == "refresh_token":
            told["refresh_token"] = self.refresh = f"refresh-token-{len(self.forms)}"
        if self.lifetime is not None:
            told["expires_in"] = self.lifetime
        if self.instance:
            told["instance_url"] = self.instance
        return said(200, told)
