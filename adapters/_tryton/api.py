"""How Tryton's REST interface is reached: settings, address, sign-in, error table; and how records are asked for."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, field_validator

from adapters._tryton.values import plain
from connector.model.addresses import base_address
from connector.model.http import Answer, Api, ErrorRule, ErrorTable, Http, Request, StaticToken
from connector.model.outbox import LANES

#: Seconds of one call.
CALL_SECONDS = 30.0
#: Our own code of a refusal for want of a right to a model or a field: Tryton answers it with 400, as any refusal.
NO_RIGHT = "NO_RIGHT"
Row = Mapping[str, Any]
_SERVER = "trytond 8.0, "
StreamName = Literal["contacts", "mail", "clicks", "unsubscribed", "lists"]


class TrytonSettings(BaseModel):
    """A `tryton` connection. Its secret is a key of the user's application "REST API", set by `baton auth set`."""

    model_config = ConfigDict(extra="forbid")

    base_url: str = Field(description="where the server is: https://erp.example.com")
    database: str = Field(min_length=1, pattern=r"^[\w.-]+$", description="the name of its database")
    company: int = Field(1, ge=1, description="the number (id) of the company whose opportunities these are")
    streams: list[StreamName] = Field(
        ["contacts", "mail", "clicks", "unsubscribed", "lists"],
        description="as a source: what is read; needs its module",
    )
    category: str = Field("", description="as a source: the category of the parties that are read; blank: all parties")
    page_size: int = Field(500, ge=1, le=1000, description="how many records a page has at most")
    overlap_seconds: int = Field(300, ge=0, description="how far back each reading begins")

    @field_validator("base_url")
    @classmethod
    def _address(cls, given: str) -> str:
        return base_address(given)


def read_error(body: Any) -> tuple[str, str, str]:
    """(code, words, label of the field) of `{"status": 400, "message": …, "description": …}`, which is in English."""
    if not isinstance(body, Mapping):
        return "", "", ""
    words = " ".join(str(body.get(name) or "") for name in ("message", "description")).strip()
    label = re.search(r'for field "([^"]+)" in record', words)
    code = NO_RIGHT if words.startswith("You are not allowed to access ") else "REFUSED"
    # Between quotes stands what was sent, and who it is about.
    return code, re.sub(r'"[^"]*"', "…", words)[:300], label[1] if label else ""


def page_code(page: bytes) -> str:
    """The code of an error that Tryton says as a page: its status, or `NOT_RUN` where a call with a body has failed.

    Whatever fails in such a call is answered by the failure to read a method out of its body: contention for a row,
    which passes, and a database that is lost in the moment of the commit, so that nothing is known for certain.
    """
    told = re.match(rb"<!doctype html>\n<html lang=en>\n<title>(\d{3}) [^<]*</title>\n<h1>[^<]*</h1>", page)
    if not told:
        return ""
    return "NOT_RUN" if b"<p>Unable to get RPC method</p>" in page else told[1].decode()


ERRORS = ErrorTable(
    rules=(
        ErrorRule(400, "passing", code="NOT_RUN", source=_SERVER + "protocols/jsonrpc.py, wrappers.py"),
        ErrorRule(403, "config", source=_SERVER + "protocols/rest.py"),
        ErrorRule(500, "passing", source=_SERVER + "protocols/wrappers.py"),
        ErrorRule(502, "passing", source="unconfirmed"),
        ErrorRule(503, "passing", source=_SERVER + "wsgi.py"),
        ErrorRule(504, "passing", source="unconfirmed"),
    ),
    read=read_error,
    page=page_code,
)


def api(settings: TrytonSettings) -> Api:
    """Tryton as these settings reach it. It knows no limits of calls."""
    base = f"{settings.base_url}/{settings.database}/rest/model"
    return Api(base=base, sign_in=StaticToken(), errors=ERRORS, deadline=CALL_SECONDS)


class Rest:
    """The calls of one company. Records that are put out of use are read, too."""

    def __init__(self, http: Http, settings: TrytonSettings) -> None:
        self.http, self.settings = http, settings
        around = {"company": settings.company, "active_test": False}
        self.headers = {"X-Tryton-Context": _coded(around), "Accept-Language": "en"}

    def asked(self, path: str, body: Any, lane: int = LANES["status"]) -> Answer:
        """The answer to a call without effect. Raises AuthError, ConfigError, RetryableError."""
        return self.http.read(Request("POST", f"/{path}", json=body, headers=self.headers, reads=True, lane=lane))

    def search(
        self, model: str, domain: Sequence[Any], names: Sequence[str], *,
        size: int | None = None, lane: int = LANES["status"],
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Records by their numbers; what is joined (`party.name`) is in `row["party"]`, with its `id`."""
        return rows(self.page(model, domain, names, size=size, lane=lane))

    def page(
        self, model: str, domain: Sequence[Any], names: Sequence[str], *,
        size: int | None = None, lane: int = LANES["status"],
    ) -> Answer:  # fmt: skip
        """The same, as it was answered.

        Asked for by a body, so that long lists fit and no log has them; what has no view is only told to a GET.
        """
        order = [["id", "ASC"]]
        if model in _UNSEEN:
            path = f"/{model}?" + "&".join(f"f={name}" for name in names)
            query = {"d": _coded(domain), "o": _coded(order)} | ({"s": str(size)} if size else {})
            return self.http.read(Request("GET", path, query=query, headers=self.headers, reads=True, lane=lane))
        body = {"domain": domain, "offset": 0, "limit": size, "order": order, "fields_names": [*names]}
        return self.asked(f"{model}/search_read", body, lane)

    def rights(self, models: Sequence[str]) -> dict[str, Mapping[str, bool]]:
        """What we may do with each of these: read, create, write, delete."""
        return dict(self.asked("ir.model.access/get_access", {"models": [*models]}).json())


#: Models without a view: they have no calls but those of REST itself.
_UNSEEN = ("web.shortened_url.access",)


def _coded(value: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(value)).decode()


def rows(answer: Answer) -> list[dict[str, Any]]:
    """The records of an answer. Raises ValueError where there are none in it."""
    found = plain(answer.json())
    if not isinstance(found, list):
        raise ValueError(type(found).__name__)
    return [dict(one) for one in found]
