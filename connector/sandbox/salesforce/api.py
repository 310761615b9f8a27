"""The REST API of an org behind a port: which path does what, sessions, and the allocation of calls."""

from __future__ import annotations

import re
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from connector.sandbox.ledger import Ledger
from connector.sandbox.salesforce.collection import Collections, external_id
from connector.sandbox.salesforce.describe import NEWEST, OLDEST, describe, limits, summary, versions
from connector.sandbox.salesforce.errors import ApiError, not_found
from connector.sandbox.salesforce.ids import normal
from connector.sandbox.salesforce.oauth import ConnectedApp, SignIn
from connector.sandbox.salesforce.objects import SObject
from connector.sandbox.salesforce.org import Org
from connector.sandbox.salesforce.queries import Queries, attributes, deleted
from connector.sandbox.salesforce.saving import Options, Saved, Saver
from connector.sandbox.server import LocalServer
from connector.sandbox.wire import Call, Reply

#: Bytes of the address, and of address and headers together.
LONGEST = 16_384
_VERSION = re.compile(r"v(\d\d)\.0")
_COLLECTIONS_UPSERT_SINCE = 46


def serve(org: Org, app: ConnectedApp | None = None, *, port: int = 0, latency: float = 0.0) -> LocalServer:
    """The org behind a port; the caller starts and stops it. `org.ledger` becomes the server's."""
    org.ledger = org.ledger or Ledger()
    api = Api(org, app or ConnectedApp())
    return LocalServer(api, port=port, latency=latency, clock=org.clock, ledger=org.ledger, look=org.look, edit=org.act)


class Api:
    """One org's API."""

    def __init__(self, org: Org, app: ConnectedApp) -> None:
        self.org = org
        self.sign_in = SignIn(org, app)
        self.queries = Queries(org)

    def __call__(self, call: Call) -> Reply:
        """Answer a call; the answer says the org's own time."""
        reply = self._answer(call)
        reply.headers["Date"] = format_datetime(self.org.clock.now(), usegmt=True)
        return reply

    def _answer(self, call: Call) -> Reply:
        base = f"http://{call.headers.get('host', '127.0.0.1')}"
        too_long = _too_long(call)
        if too_long:
            return Reply(too_long, b"", {"Content-Type": "text/html"})
        if call.path == "/services/oauth2/token" and call.method == "POST":
            return self.sign_in.token(call, base)
        if call.path == "/services/oauth2/userinfo" or call.path.startswith("/id/"):
            return self.sign_in.userinfo(call, base)
        try:
            with self.org.lock:
                self.org.settle()
                return self._data(call)
        except ApiError as error:
            return self._counted(error.reply())

    def _data(self, call: Call) -> Reply:
        parts = [part for part in call.parts() if part]
        if parts == ["services", "data"]:
            call.route = "/services/data"
            return Reply(200, versions())
        version = _VERSION.fullmatch(parts[2]) if parts[:2] == ["services", "data"] else None
        if version is None or not OLDEST <= int(version[1]) <= NEWEST:
            raise not_found()
        user = self.sign_in.user_of(call)
        if self.org.spent() >= self.org.daily_limit:
            raise ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
        self.org.spend()
        return self._counted(_Request(self, call, user, int(version[1]), parts[3:]).answer())

    def _counted(self, reply: Reply) -> Reply:
        if reply.status != 401:
            reply.headers["Sforce-Limit-Info"] = f"api-usage={self.org.spent()}/{self.org.daily_limit}"
        return reply


class _Request:
    """One signed-in request: `parts` are the path's segments after the version."""

    def __init__(self, api: Api, call: Call, user: str, version: int, parts: list[str]) -> None:
        self.org = api.org
        self.queries = api.queries
        self.call = call
        self.version = version
        self.parts = parts
        self.root = f"/services/data/v{version}.0"
        self.options = _options(call, user)

    def answer(self) -> Reply:
        """The answer. Raises ApiError."""
        match self.parts:
            case []:
                return self._get("/", {"sobjects": f"{self.root}/sobjects", "query": f"{self.root}/query"})
            case ["limits"]:
                return self._get("/limits", limits(self.org))
            case ["query" | "queryAll" as which]:
                self.call.route = f"/{which}"
                self._only("GET")
                return Reply(200, self.queries.first(self.call, self.root, deleted_too=which == "queryAll"))
            case ["query" | "queryAll", locator]:
                self.call.route = "/query/{locator}"
                self._only("GET")
                return Reply(200, self.queries.more(self.call, self.root, locator))
            case ["sobjects", *rest]:
                return self._sobjects(rest)
            case ["composite", "sobjects", *rest]:
                return self._collections(rest)
        raise not_found()

    def _sobjects(self, rest: list[str]) -> Reply:
        if not rest:
            return self._get("/sobjects", {"sobjects": [summary(one, self.root) for one in self.org.objects.values()]})
        sobject = self._named(rest[0])
        route = f"/sobjects/{sobject.name}"
        match rest[1:]:
            case []:
                self.call.route = route
                self._only("POST")
                saver = Saver(self.org, self.options)
                return self._created(saver.batch([lambda: saver.create(sobject, self._body())], all_or_none=False)[0])
            case ["describe"]:
                return self._get(f"{route}/describe", describe(sobject, self.root))
            case ["deleted"]:
                self.call.route = f"{route}/deleted"
                self._only("GET")
                return Reply(200, deleted(self.org, sobject.name, self.call))
            case [record_id]:
                self.call.route = f"{route}/{{id}}"
                return self._one(sobject, self._id(sobject, record_id))
            case [field, value]:
                self.call.route = f"{route}/{field}/{{value}}"
                return self._by_external_id(sobject, field, value)
        raise not_found()

    def _one(self, sobject: SObject, record_id: str) -> Reply:
        record = self.org.table(sobject.name).records[record_id]
        if record["IsDeleted"]:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        self._only("GET", "PATCH", "DELETE")
        if self.call.method == "GET":
            return Reply(200, self._shown(sobject, record_id))
        saver = Saver(self.org, self.options)
        if self.call.method == "DELETE":
            return self._quiet(saver, lambda: saver.delete(record_id))
        return self._quiet(saver, lambda: saver.update(sobject, record_id, self._body()))

    def _by_external_id(self, sobject: SObject, field: str, value: str) -> Reply:
        self._only("GET", "PATCH")
        key = external_id(sobject, field)
        if self.call.method == "PATCH":
            saver = Saver(self.org, self.options)
            values = {**self._body(), key.name: value}
            return self._created(saver.batch([lambda: saver.upsert(sobject, key, values)], all_or_none=False)[0])
        there = self.org.table(sobject.name).live(key.name, value)
        if len(there) != 1:
            raise not_found()
        return Reply(200, self._shown(sobject, there[0]["Id"]))

    def _collections(self, rest: list[str]) -> Reply:
        request = Collections(self.org, self.call, self.options)
        self.call.route = "/".join(["/composite/sobjects", *rest])
        match (self.call.method, rest):
            case ("POST", []):
                return Reply(200, request.create())
            case ("PATCH", []):
                return Reply(200, request.update())
            case ("DELETE", []):
                return Reply(200, request.delete())
            case ("GET" | "POST", [name]):
                return Reply(200, request.retrieve(self._named(name), self.root))
            case ("PATCH", [name, field]) if self.version >= _COLLECTIONS_UPSERT_SINCE:
                return Reply(200, request.upsert(self._named(name), field))
        raise not_found()

    def _named(self, name: str) -> SObject:
        if name.lower() not in self.org.objects:
            raise not_found()
        return self.org.sobject(name)

    def _id(self, sobject: SObject, text: str) -> str:
        found = normal(text)
        if self.org.table(sobject.name).get(found) is None:
            raise not_found("Provided external ID field does not exist or is not accessible: " + text)
        return found

    def _shown(self, sobject: SObject, record_id: str) -> dict[str, Any]:
        asked = [name for name in self.call.first("fields").split(",") if name]
        unknown = [name for name in asked if sobject.field(name) is None]
        if unknown:
            raise ApiError("INVALID_FIELD", f"No such column '{unknown[0]}' on sobject of type {sobject.name}")
        fields = [one for one in sobject.visible() if not asked or one.name.lower() in map(str.lower, [*asked, "Id"])]
        record = self.org.table(sobject.name).records[record_id]
        return {"attributes": attributes(self.org, record_id, self.root)} | {
            one.name: record.get(one.name) for one in fields
        }

    def _body(self) -> dict[str, Any]:
        try:
            body = self.call.json()
        except orjson.JSONDecodeError:
            body = None
        if not isinstance(body, dict):
            raise ApiError("JSON_PARSER_ERROR", "The body must be one record")
        return body

    def _created(self, saved: Saved) -> Reply:
        if saved.errors:
            raise saved.errors[0]
        body = {"id": saved.id, "success": True, "errors": []}
        if self.call.method == "POST":
            return Reply(201, body)
        return Reply(201 if saved.created else 200, body | {"created": saved.created})

    def _quiet(self, saver: Saver, task: Any) -> Reply:
        (saved,) = saver.batch([task], all_or_none=False)
        if saved.errors:
            raise saved.errors[0]
        return Reply(204)

    def _get(self, route: str, body: Any) -> Reply:
        self.call.route = route
        self._only("GET")
        return Reply(200, body)

    def _only(self, *methods: str) -> None:
        if self.call.method not in methods:
            said = f"HTTP Method '{self.call.method}' not allowed. Allowed are {', '.join(methods)}"
            raise ApiError("METHOD_NOT_ALLOWED", said, status=405)


def _options(call: Call, user: str) -> Options:
    auto = call.headers.get("sforce-auto-assign", "TRUE").strip().upper() != "FALSE"
    allow = "allowsave=true" in call.headers.get("sforce-duplicate-rule-header", "").lower().replace(" ", "")
    return Options(user, auto, allow)


def _too_long(call: Call) -> int:
    """The status for a request whose address (414), or address and headers (431), are too long; 0 for a good one."""
    address = len(call.path) + (len(urlencode(call.query, doseq=True)) + 1 if call.query else 0)
    if address > LONGEST:
        return 414
    return 431 if address + sum(len(name) + len(value) + 4 for name, value in call.headers.items()) > LONGEST else 0
