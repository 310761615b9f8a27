"""A Salesforce org for tests of the adapter: the sandbox's, called without a socket in between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import orjson

from adapters._salesforce.api import ERRORS, read_error
from adapters._salesforce.crm import SalesforceCrm
from adapters._salesforce.settings import SalesforceSettings
from connector.model.adapter import Context
from connector.model.errors import AuthError, ConfigError, RetryableError
from connector.model.http import Answer, Http, Request
from connector.model.mirror import CrmPage, CrmRecord
from connector.model.outbox import NotExecuted, Unknown
from connector.sandbox.clock import Clock
from connector.sandbox.salesforce.api import Api
from connector.sandbox.salesforce.oauth import ConnectedApp
from connector.sandbox.salesforce.org import Org
from connector.sandbox.wire import Call
from tests.servers.salesforce_description import problems_of

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
WRITTEN = {
    "Lead": ("FirstName", "LastName", "Company", "Email", "Phone", "Title", "City", "LeadSource", "OwnerId"),
    "task": ("Subject", "Description", "OwnerId", "ActivityDate", "Priority"),
}
COLUMNS = frozenset({"Status", "Rejection_Reason__c", "Lead_Quality__c"})


class OrgHttp(Http):
    """Calls an org in this process. `calls` are those made; `fails` what the next ones meet.

    A fail is (status, body), or "lost": the call is done and its answer does not come. Every
    call is held to the description of the API, while `described`.
    """

    def __init__(self, org: Org) -> None:
        self.org = org
        self.api = Api(org, ConnectedApp())
        self.calls: list[Request] = []
        self.fails: list[tuple[int, Any] | str] = []
        self.token = self._token()
        self.described = True

    def _token(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": "baton-sandbox",
                "client_secret": "baton-sandbox-secret"}  # fmt: skip
        reply = self.api(Call("POST", "/services/oauth2/token", {}, {}, urlencode(form).encode()))
        return str(reply.body["access_token"])

    def read(self, request: Request) -> Answer:
        assert request.reads
        answer = self._call(request)
        verdict = _verdict(answer)
        if answer.status < 300 or answer.status in request.expected:
            return answer
        if verdict == "auth":
            raise AuthError("salesforce", "refused", "baton auth set salesforce")
        if verdict in ("not_executed", "passing", "unknown"):
            raise RetryableError("the platform asks to wait", _wait(answer))
        raise ConfigError(f"{answer.status} {answer.body.decode()}")

    def send(self, request: Request) -> Answer | NotExecuted | Unknown:
        assert not request.reads
        answer = self._call(request)
        verdict = _verdict(answer)
        if answer.status == 0:
            return Unknown("time-out")
        if verdict == "auth":
            raise AuthError("salesforce", "refused", "baton auth set salesforce")
        if verdict == "not_executed":
            return NotExecuted("throttled", _wait(answer))
        return Unknown("failed") if verdict in ("passing", "unknown") else answer

    def _call(self, request: Request) -> Answer:
        self.calls.append(request)
        fail = self.fails.pop(0) if self.fails else ""
        if isinstance(fail, tuple):
            status, body = fail
            headers = {"retry-after": str(body)} if status == 429 and body is not None else {}
            return Answer(status, headers, body if isinstance(body, bytes) else orjson.dumps(body))
        assert len(urlencode(request.query, quote_via=quote)) < 16_000
        query = {name: [value] for name, value in request.query.items()}
        headers = {"authorization": f"Bearer {self.token}"} | {k.lower(): v for k, v in request.headers.items()}
        body = b"" if request.json is None else orjson.dumps(request.json)
        headers |= {"content-type": "application/json"} if body else {}
        path, _, asked = request.path.partition("?")
        assert not asked
        call = Call(request.method, path, query, headers, body)
        assert not self.described or problems_of(call) == []
        reply = self.api(call)
        if fail == "lost":
            return Answer(0, {}, b"")
        told = {"date": format_datetime(self.org.clock.now(), usegmt=True)}
        return Answer(reply.status, told | {k.lower(): v for k, v in reply.headers.items()}, reply.data())


def _verdict(answer: Answer) -> str:
    if answer.status < 300:
        return "fine"
    try:
        code = read_error(answer.json())[0]
    except ValueError:
        code = ""
    found = [rule for rule in ERRORS if rule.status == answer.status and rule.code in ("", code)]
    plain = {401: "auth", 429: "not_executed"}.get(answer.status, "refused" if answer.status < 500 else "unknown")
    return max(found, key=lambda rule: bool(rule.code)).verdict if found else plain


def _wait(answer: Answer) -> float | None:
    told = answer.headers.get("retry-after")
    return float(told) if told else None


class World:
    """An org, its clock, and the adapter."""

    def __init__(
        self, written: Mapping[str, tuple[str, ...]] = WRITTEN, columns: frozenset[str] = COLUMNS, *,
        store_id: str = "", ahead: float = 0.0, **settings: Any,
    ) -> None:  # fmt: skip
        self.ahead = timedelta(seconds=ahead)
        self.clock = Clock(START)
        self.org = Org(self.clock)
        self.org.session_seconds = 1e9
        self.http = OrgHttp(self.org)
        self.written, self.columns, self.store_id, self.settings = written, columns, store_id, settings
        self.crm = self.again()

    def again(self) -> SalesforceCrm:
        """The adapter, made anew as a new process would."""
        context = Context(
            "salesforce", Path(), self.now, lambda _name: "secret", self.http, self.columns,
            written=self.written, store_id=self.store_id,
        )  # fmt: skip
        return SalesforceCrm(SalesforceSettings(**self.settings), context)

    def now(self) -> datetime:
        """What our own clock shows, `ahead` of the org's by so many seconds."""
        return self.clock.now() + self.ahead

    def lead(self, **values: Any) -> str:
        """A lead that a person made."""
        return self.org.create("Lead", {"LastName": "Alba", "Company": "Acme"} | values)

    def pages(self, stream: str, cursor: str = "") -> list[CrmPage]:
        """What a walk gives."""
        return list(self.again().changes(stream, cursor))

    def walk(self, stream: str, cursor: str = "") -> tuple[list[CrmRecord], str]:
        """(records, cursor) of a whole walk."""
        records: list[CrmRecord] = []
        for page in self.again().changes(stream, cursor):
            assert page.cursor != cursor
            records, cursor = records + page.records, page.cursor
        return records, cursor

    def later(self, seconds: float = 1200.0) -> None:
        """Time goes on, further than any overlap."""
        self.clock.move(seconds)

    def count(self, call: Any) -> int:
        """How many calls `call()` makes."""
        before = len(self.http.calls)
        call()
        return len(self.http.calls) - before

    def routes(self) -> Counter[str]:
        """How often each method and path was called."""
        return Counter(f"{one.method} {one.path.removeprefix('/services/data/v62.0/')}" for one in self.http.calls)
