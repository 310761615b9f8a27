"""Every call to the local HubSpot server, held against the published descriptions.

openapi-core checks path, method, required fields, types and choices. What it lets through is
checked here: unknown keys in a body, query names that are not declared, a missing Authorization,
batches over a hundred, and the limits of lists and searches.
"""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from connector.sandbox.server import Call, Reply
from tests.servers.older_apis import DOCUMENT

HOST = "https://api.hubapi.com"
#: Beginning of a path: the file that describes it. The first that fits is taken.
FILES = (
    ("/crm/v3/objects/contacts", "crm/contacts/v3/contacts.json"),
    ("/crm/v3/objects/companies", "crm/companies/v3/companies.json"),
    ("/crm/v3/objects/0-3", "crm/deals/v3/deals.json"),
    ("/crm/v3/objects/leads", "crm/leads/v3/leads.json"),
    ("/crm/v3/objects/tasks", "crm/tasks/v3/tasks.json"),
    ("/crm/v3/objects/notes", "crm/notes/v3/notes.json"),
    ("/crm/v3/objects/", "crm/objects/v3/objects.json"),
    ("/crm/v3/properties/", "crm/properties/v3/properties.json"),
    ("/crm/v3/owners", "crm/crm-owners/v3/crmOwners.json"),
    ("/crm/v3/pipelines/", "crm/pipelines/v3/pipelines.json"),
    ("/crm/v3/lists", "crm/lists/v3/lists.json"),
    ("/crm/v4/", "crm/associations/v4/associations.json"),
    ("/account-info/v3/", "account/account-info/v3/accountInfo.json"),
    ("/oauth/v1/", "auth/oauth/v1/oauth.json"),
    ("/oauth/v3/", "auth/oauth/v3/oauth.json"),
    ("/oauth/2026-03/", "auth/oauth/2026-03/oauth.json"),
    ("/events/v3/", "events/events/v3/events.json"),
    ("/marketing/v3/forms", "marketing/forms/v3/forms.json"),
    ("/marketing/v3/campaigns", "marketing/campaigns-public-api/v3/campaignsPublicApi.json"),
    ("/communication-preferences/v4/", "communication-preferences/subscriptions/v4/subscriptions.json"),
)
SEARCH_KEYS = {"after", "filterGroups", "limit", "properties", "sorts"}
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass
class Asked:
    """A call in the form that openapi-core reads."""

    call: Call
    parameters: Any
    host_url: str = HOST
    full_url_pattern: str = ""

    def __post_init__(self) -> None:
        self.path = self.call.path
        self.full_url_pattern = HOST + self.call.path
        self.method = self.call.method.lower()
        self.content_type = self.call.headers.get("content-type", "").lower()
        self.body = self.call.body or None


@dataclass
class Answered:
    """A reply in the form that openapi-core reads."""

    reply: Reply

    def __post_init__(self) -> None:
        self.status_code = self.reply.status
        self.headers = dict(self.reply.headers)
        self.content_type = "application/json"
        self.data = self.reply.data()


class Description:
    """One described API: its document, and openapi-core's view of it."""

    def __init__(self, document: dict[str, Any]) -> None:
        from openapi_core import Config, OpenAPI

        self.document = document
        self.core = OpenAPI.from_dict(document, config=Config(spec_validator_cls=None))

    def operation(self, call: Call) -> dict[str, Any] | None:
        """What is said of a call's path and method; the path with the fewest placeholders is meant."""
        parts = call.path.split("/")
        fitting = [
            (path.count("{"), methods)
            for path, methods in self.document["paths"].items()
            if call.method.lower() in methods and _fits(path.split("/"), parts)
        ]
        return min(fitting, key=lambda one: one[0])[1][call.method.lower()] if fitting else None

    def unknown_keys(self, schema: dict[str, Any], value: Any, where: str) -> list[str]:
        """Keys of a body that its schema does not name, at any depth."""
        schema = self._resolved(schema)
        if isinstance(value, list):
            return [one for item in value for one in self.unknown_keys(schema.get("items", {}), item, f"{where}[]")]
        if not isinstance(value, dict) or "properties" not in schema:
            return []
        known = schema["properties"]
        found = [f"unknown key {where}.{key}" for key in value if key not in known]
        for key in value.keys() & known.keys():
            found += self.unknown_keys(known[key], value[key], f"{where}.{key}")
        return found

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[-1]
            schema = self.document["components"]["schemas"][name]
        return schema


class Watcher:
    """Watches a server; `problems` are what did not fit, `seen` the calls that were checked, by route.

    Replies of one route and status are checked `replies` times, requests always. Safe for threads.
    The same words are held against a description once in a process: most tests begin alike.
    """

    def __init__(self, shared: Path, replies: int = 20) -> None:
        self.problems: list[str] = []
        self.seen: Counter[str] = Counter()
        self.replies = replies
        self._shared = shared
        self._lock = threading.Lock()

    def __call__(self, call: Call, reply: Reply) -> None:
        """Check one call and its reply."""
        with self._lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            where = f"{call.method} {call.route or call.path}"
            if reply.status == 404 and not call.route:
                self.problems.append(f"{where}: no such route")
                return
            self.seen[f"{where} {reply.status}"] += 1
            self.problems += [f"{where}: {problem}" for problem in self._check(call, reply, where)]

    def _check(self, call: Call, reply: Reply, where: str) -> list[str]:
        signed = call.headers.get("authorization", "").startswith("Bearer ")
        said = (self._shared, call.method, call.path, repr(call.query), call.body, call.headers.get("content-type"))
        found = known((*said, signed, reply.status < 400), lambda: self._request(call, reply))
        if self.seen[f"{where} {reply.status}"] <= self.replies and reply.status not in (204, 429):
            found = found + known((*said, reply.status, reply.data()), lambda: self._reply(call, reply))
        return found

    def _request(self, call: Call, reply: Reply) -> list[str]:
        description = self._description(call.path)
        operation = description.operation(call)
        if operation is None:
            return ["no description says anything of it"]
        found = [*_by_hand(call, operation), *self._body(description, operation, call)]
        return found if reply.status >= 400 else found + _messages(description.core.iter_request_errors(_asked(call)))

    def _reply(self, call: Call, reply: Reply) -> list[str]:
        description = self._description(call.path)
        if description.operation(call) is None:
            return []
        errors = description.core.iter_response_errors(_asked(call), Answered(reply))
        return [f"reply {reply.status}: {one}" for one in _messages(errors)]

    def _body(self, description: Description, operation: dict[str, Any], call: Call) -> list[str]:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or not call.body:
            return ["a body that is not declared"] if call.body and "requestBody" not in operation else []
        return description.unknown_keys(content["schema"], call.json(), "body")

    def _description(self, path: str) -> Description:
        file = next((file for start, file in FILES if path.startswith(start)), "")
        return _description(self._shared / "specs" / "hubspot" / file if file else None)


_KNOWN: dict[tuple[object, ...], list[str]] = {}


def known(said: tuple[object, ...], find: Callable[[], list[str]]) -> list[str]:
    """What was found of a request or a reply, by all that it said and that a description looks at."""
    if said not in _KNOWN:
        _KNOWN[said] = find()
    return _KNOWN[said]


@cache
def _description(path: Path | None) -> Description:
    """A published file, or without one what is written by hand. Read once in a run of the tests."""
    return Description(_amended(orjson.loads(path.read_bytes()) if path else DOCUMENT))


def validator(shared: Path) -> Watcher:
    """A watcher for `LocalServer.watchers`; `shared` is the folder with `specs/hubspot`."""
    return Watcher(shared)


def _amended(document: dict[str, Any]) -> dict[str, Any]:
    """The description with what it gets wrong put right.

    A property without a value comes as null: HubSpot's own client library types it `string | null`
    (hubspot-api-nodejs, codegen/crm/contacts/models/SimplePublicObject.ts). Errors are described for
    any type of content, which openapi-core reads as bytes: they are JSON. Authorization is checked
    by hand, since openapi-core has no provider for OAuth2.
    """
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        if name.startswith("Simple") and "Object" in name and "Input" not in name:
            held = schema.get("properties", {}).get("properties", {}).get("additionalProperties")
            if held is not None:
                held["nullable"] = True
    for answer in document.get("components", {}).get("responses", {}).values():
        answer["content"] = {"application/json": next(iter(answer["content"].values()))}
    document.pop("security", None)
    for methods in document["paths"].values():
        for method in _METHODS:
            methods.get(method, {}).pop("security", None)
    return document


def _asked(call: Call) -> Asked:
    from openapi_core.datatypes import RequestParameters
    from werkzeug.datastructures import Headers, ImmutableMultiDict

    query = ImmutableMultiDict([(name, value) for name, values in call.query.items() for value in values])
    return Asked(call, RequestParameters(query=query, header=Headers(call.headers)))


def _by_hand(call: Call, operation: dict[str, Any]) -> list[str]:
    found = []
    declared = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    loose = tuple(name.split("{")[0] for name in declared if "{" in name)
    strange = [name for name in call.query if name not in declared and not name.startswith(loose)]
    found += [f"undeclared query name {name}" for name in strange]
    if not call.path.startswith("/oauth/") and not call.headers.get("authorization", "").startswith("Bearer "):
        found.append("no Authorization")
    body = call.json() if call.body and not call.path.startswith("/oauth/") else None
    if isinstance(body, dict) and len(body.get("inputs", ())) > 100:
        found.append(f"a batch of {len(body['inputs'])}")
    if call.path.endswith("/search") and call.path.startswith("/crm/v3/objects/"):
        found += _search(body)
    elif call.path.startswith("/crm/v3/objects/") and int(call.first("limit", "0")) > 100:
        found.append("a page of more than 100")
    return found


def _search(body: Any) -> list[str]:
    missing = SEARCH_KEYS - set(body or {})
    if missing:
        return [f"a search without {', '.join(sorted(missing))}"]
    return ["a search for more than 200"] if body["limit"] > 200 else []


def _messages(errors: Any) -> list[str]:
    """Errors in words; those of a schema one by one."""
    found = []
    for error in errors:
        schema_errors = getattr(error.__cause__, "schema_errors", None) or getattr(error, "schema_errors", None)
        found += [f"{'.'.join(map(str, one.path))}: {one.message}" for one in schema_errors or ()] or [str(error)]
    return found


def _fits(template: list[str], parts: list[str]) -> bool:
    return len(template) == len(parts) and all(
        one.startswith("{") or one == part for one, part in zip(template, parts, strict=True)
    )
