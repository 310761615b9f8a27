"""Every call to the local ClickUp server, held against the published descriptions of v2 and v3, where they are at hand.

openapi-core checks path, method, parameters, required fields and types. What it lets through is checked here: unknown
keys in a body, query names that are not declared, a missing Authorization. Replies are not held against it: it calls
lists of people lists of texts, and is silent about most of what may be null.
"""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from connector.sandbox.clickup import ClickUpServer
from connector.sandbox.server import Call, Reply
from tests.servers.descriptions import known

HOST = "https://api.clickup.com/api"
_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass
class Asked:
    """A call in the form that openapi-core reads."""

    call: Call
    parameters: Any = None
    host_url: str = HOST

    def __post_init__(self) -> None:
        from openapi_core.datatypes import RequestParameters
        from werkzeug.datastructures import Headers, ImmutableMultiDict

        call = self.call
        query = ImmutableMultiDict([(name, value) for name, values in call.query.items() for value in values])
        self.parameters = RequestParameters(query=query, header=Headers(call.headers))
        self.path = "/api" + call.path
        self.full_url_pattern = HOST + call.path
        self.method = call.method.lower()
        self.content_type = call.headers.get("content-type", "").lower()
        self.body = call.body or None


@dataclass
class Watcher:
    """`problems` are what did not fit, `seen` how many calls of each route were checked. Safe for threads.

    `shared` is the folder with the descriptions.
    """

    shared: Path
    problems: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    lock: Any = field(default_factory=threading.Lock)

    def __call__(self, call: Call, _reply: Reply) -> None:
        """Check one call."""
        with self.lock, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            where = f"{call.method} {call.route or call.path}"
            self.seen[where] += 1
            if not call.route:
                self.problems.append(f"{where}: no such route")
                return
            said = (HOST, call.method, call.path, repr(call.query), call.body, call.headers.get("content-type"))
            found = known((*said, "authorization" in call.headers), lambda: self._check(call))
            self.problems += [f"{where}: {problem}" for problem in found]

    def _check(self, call: Call) -> list[str]:
        document, core = _described(self.shared, call.path.split("/")[1])
        operation = _operation(document, call)
        if operation is None:
            return ["the description says nothing of it"]
        declared = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        found = [f"undeclared query name {name}" for name in call.query if name not in declared]
        found += [] if call.headers.get("authorization") else ["no Authorization"]
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if call.body and content is None:
            found.append("a body that is not declared")
        elif call.body:
            found += _strange(document, content["schema"], call.json(), "body")
        return found + _messages(core.iter_request_errors(Asked(call)))


def _operation(document: dict[str, Any], call: Call) -> dict[str, Any] | None:
    parts = call.path.split("/")
    fitting = [
        (path.count("{"), methods)
        for path, methods in document["paths"].items()
        if call.method.lower() in methods and _fits(path.removeprefix("/api").split("/"), parts)
    ]
    return min(fitting, key=lambda one: one[0])[1][call.method.lower()] if fitting else None


def _strange(document: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> list[str]:
    """Keys of a body that its schema does not name, at any depth; of several shapes, the one that names most."""
    if reference := schema.get("$ref", ""):
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
    shapes = schema.get("anyOf") or schema.get("oneOf")
    if shapes:
        return min((_strange(document, one, value, where) for one in shapes), key=len)
    if isinstance(value, list):
        inner = schema.get("items", {})
        return [one for item in value for one in _strange(document, inner, item, f"{where}[]")]
    if not isinstance(value, dict) or "properties" not in schema:
        return []
    known = schema["properties"]
    found = [f"unknown key {where}.{key}" for key in value if key not in known]
    for key in value.keys() & known.keys():
        found += _strange(document, known[key], value[key], f"{where}.{key}")
    return found


@cache
def _described(shared: Path, version: str) -> tuple[dict[str, Any], Any]:
    """The published file of a version and openapi-core's view of it, read once in a run of the tests."""
    from openapi_core import Config, OpenAPI

    document = _document(shared, version)
    document.pop("security", None)
    for methods in document["paths"].values():
        for method in _METHODS:
            methods.get(method, {}).pop("security", None)
    return document, OpenAPI.from_dict(document, config=Config(spec_validator_cls=None))


def _document(shared: Path, version: str) -> dict[str, Any]:
    folder = shared / "specs" / "clickup"
    if version == "v3":
        import yaml  # type: ignore[import-untyped]

        told: dict[str, Any] = yaml.load((folder / "v3-openapi.yaml").read_bytes(), Loader=yaml.CSafeLoader)
        # Its paths say /api, as those of v2 say it in the server's address.
        told["servers"] = [{"url": HOST.removesuffix("/api")}]
        return told
    document: dict[str, Any] = orjson.loads((folder / "v2-openapi.json").read_bytes())
    # Its words say "separate `user_id` using commas", its type says a number.
    entries = document["paths"]["/v2/team/{team_Id}/time_entries"]["get"]["parameters"]
    next(one for one in entries if one["name"] == "assignee")["schema"] = {"type": "string"}
    return document


def watched(server: ClickUpServer, shared: str) -> Watcher:
    """A watcher of this server; one that sees nothing where `shared` does not hold the description."""
    watcher = Watcher(Path(shared))
    if shared and (Path(shared) / "specs" / "clickup" / "v2-openapi.json").is_file():
        server.watchers.append(watcher)
    return watcher


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
