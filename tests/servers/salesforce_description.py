"""What a request to Salesforce's REST API may look like, written by hand, and a watcher that holds every request to it.

There is no published description of this API to check against. These schemas are read off the
public documentation, apart from the local server, so that a mistake in one shows in the other.

| what | source |
|---|---|
| token: grant types and their parameters | help.salesforce.com: remoteaccess_oauth_jwt_flow, _client_credentials_flow, _refresh_token_flow |
| collections: bodies, 200 records, 10 chunks, attributes.type | developer.salesforce.com: docs/platform/api-rest/guide/resources-composite-sobjects-collections-create, -update, -upsert, -delete, -retrieve-post |
| upsert: one type, external ids only, no record id, version 46 and later | resources-composite-sobjects-collections-upsert |
| query: parameter q; statements of 100,000 characters | resources-query; salesforce_app_limits_platform_soslsoql |
| address 16,384 bytes | help.salesforce.com 000386264 |
| deleted: start and end, ISO 8601 with a zone | resources-getdeleted |
| Sforce-Auto-Assign on writes of leads: ours says FALSE | headers-autoassign |
| Sforce-Query-Options, Sforce-Duplicate-Rule-Header, Sforce-Call-Options | headers-queryoptions, headers-duplicaterules, headers-calloptions |
| single records | resources-sobject-basic-information-post, resources-sobject-retrieve-get, -patch, -delete; resources-sobject-upsert-patch |
"""  # noqa: E501 (a table)

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlencode

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from connector.sandbox.server import LocalServer
from connector.sandbox.wire import Call, Reply

LONGEST_ADDRESS = 16_384
LONGEST_STATEMENT = 100_000
MOST_CHUNKS = 10
OLDEST_UPSERT = 46
#: The fields that may stand in the path of an upsert.
EXTERNAL_IDS = {("Lead", "Baton_Id__c"), ("Contact", "Baton_Id__c"), ("Task", "Baton_Id__c")}
#: Objects that assignment rules give to somebody else.
ASSIGNED = ("Lead", "Case", "Account")
_SFORCE_HEADERS = ("sforce-auto-assign", "sforce-query-options", "sforce-duplicate-rule-header", "sforce-call-options",
                   "sforce-locale-options", "sforce-mru")  # fmt: skip
_NAME = r"[A-Za-z]\w*"
_ID = r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?"

VALUE = {"type": ["string", "number", "boolean", "null"]}
ATTRIBUTES = {
    "type": "object",
    "required": ["type"],
    "additionalProperties": False,
    "properties": {"type": {"type": "string", "pattern": f"^{_NAME}$"}, "url": {"type": "string"}},
}
RECORD = {
    "type": "object",
    "required": ["attributes"],
    "minProperties": 2,
    "properties": {"attributes": ATTRIBUTES},
    "propertyNames": {"pattern": f"^{_NAME}$"},
    "additionalProperties": VALUE,
}
BARE_RECORD = {
    "type": "object",
    "minProperties": 1,
    "properties": {"attributes": ATTRIBUTES},
    "propertyNames": {"pattern": f"^{_NAME}$"},
    "additionalProperties": VALUE,
}
RECORDS = {
    "type": "object",
    "required": ["records"],
    "additionalProperties": False,
    "properties": {
        "allOrNone": {"type": "boolean"},
        "records": {"type": "array", "minItems": 1, "maxItems": 200, "items": RECORD},
    },
}
RETRIEVED = {
    "type": "object",
    "required": ["ids", "fields"],
    "additionalProperties": False,
    "properties": {
        "ids": {"type": "array", "minItems": 1, "maxItems": 2000, "items": {"type": "string", "pattern": f"^{_ID}$"}},
        "fields": {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": f"^{_NAME}$"}},
    },
}
GRANTS = {
    "urn:ietf:params:oauth:grant-type:jwt-bearer": ({"assertion"}, set()),
    "client_credentials": ({"client_id", "client_secret"}, set()),
    "refresh_token": ({"refresh_token", "client_id"}, {"client_secret"}),
}


@dataclass(frozen=True)
class Operation:
    """One thing that can be asked: method, path after the version, query parameters, body, and more rules.

    A `*` after a parameter says that it must be there.
    """

    method: str
    path: str
    query: tuple[str, ...] = ()
    body: dict[str, Any] | None = None
    rules: tuple[Callable[[Seen], Iterator[str]], ...] = ()


@dataclass
class Seen:
    """A request with what its path said: the version, and the named parts."""

    call: Call
    version: int
    parts: dict[str, str]
    body: Any = None

    def records(self) -> list[dict[str, Any]]:
        """The records of a collection, as far as they are some."""
        found = self.body.get("records") if isinstance(self.body, dict) else None
        return [one for one in found or [] if isinstance(one, dict)]

    def types(self) -> list[str]:
        """The object of each record."""
        return [str((one.get("attributes") or {}).get("type")) for one in self.records()]


def _statement(seen: Seen) -> Iterator[str]:
    text = seen.call.first("q")
    if not re.match(r"(?i)select\s", text):
        yield "q is no SELECT"
    if len(text) > LONGEST_STATEMENT:
        yield f"a statement of {len(text)} characters"


def _span(seen: Seen) -> Iterator[str]:
    for name in ("start", "end"):
        try:
            if datetime.fromisoformat(seen.call.first(name)).tzinfo is None:
                yield f"{name} has no zone"
        except ValueError:
            yield f"{name} is no ISO 8601 date and time"


def _chunks(seen: Seen) -> Iterator[str]:
    chunks = len(list(itertools.groupby(seen.types())))
    if chunks > MOST_CHUNKS:
        yield f"{chunks} chunks of objects"


def _no_ids(seen: Seen) -> Iterator[str]:
    if any(name.lower() == "id" for one in seen.records() for name in one):
        yield "a record with an id, which only an update by id may have"


def _ids(seen: Seen) -> Iterator[str]:
    for one in seen.records():
        found = next((str(value) for name, value in one.items() if name.lower() == "id"), "")
        if not re.fullmatch(_ID, found):
            yield f"an update without an id: {sorted(one)}"


def _by_key(seen: Seen) -> Iterator[str]:
    name, key = seen.parts["object"], seen.parts["field"]
    if seen.version < OLDEST_UPSERT:
        yield f"upserts of collections came with version {OLDEST_UPSERT}"
    if (name, key) not in EXTERNAL_IDS:
        yield f"{name}.{key} is no external id"
    if set(seen.types()) - {name}:
        yield f"records of {sorted(set(seen.types()))} in an upsert of {name}"
    keys = [str(one.get(key) or "") for one in seen.records()]
    if "" in keys:
        yield f"a record without {key}"
    if len({one.lower() for one in keys}) < len(keys):
        yield f"the same {key} twice"


def _one_by_key(seen: Seen) -> Iterator[str]:
    if (seen.parts["object"], seen.parts["field"]) not in EXTERNAL_IDS:
        yield f"{seen.parts['object']}.{seen.parts['field']} is no external id"
    if isinstance(seen.body, dict) and seen.parts["field"] in seen.body:
        yield "the external id stands in the path and in the body"


def _id_list(seen: Seen) -> Iterator[str]:
    ids = seen.call.first("ids").split(",")
    if len(ids) > 200 or not all(re.fullmatch(_ID, one) for one in ids):
        yield "ids: up to 200 record ids with commas between"


def _unassigned(seen: Seen) -> Iterator[str]:
    said = seen.call.headers.get("sforce-auto-assign", "")
    if {*seen.types(), seen.parts.get("object", "")} & set(ASSIGNED) and said.upper() != "FALSE":
        yield f"Sforce-Auto-Assign is {said or 'not sent'}: the org's assignment rules would take the owner"


_WRITE = (_chunks, _unassigned)
_OBJECT = f"(?P<object>{_NAME})"
_FIELD = f"(?P<field>{_NAME})"
OPERATIONS = (
    Operation("GET", ""),
    Operation("GET", "/limits"),
    Operation("GET", "/sobjects"),
    Operation("GET", f"/sobjects/{_OBJECT}/describe"),
    Operation("GET", f"/sobjects/{_OBJECT}/deleted", ("start*", "end*"), rules=(_span,)),
    Operation("GET", "/(query|queryAll)", ("q*",), rules=(_statement,)),
    Operation("GET", r"/(query|queryAll)/01g\w{12,15}-\d+"),
    Operation("POST", f"/sobjects/{_OBJECT}", body=BARE_RECORD, rules=(_unassigned,)),
    Operation("GET", f"/sobjects/{_OBJECT}/{_ID}", ("fields",)),
    Operation("PATCH", f"/sobjects/{_OBJECT}/{_ID}", body=BARE_RECORD, rules=(_unassigned,)),
    Operation("DELETE", f"/sobjects/{_OBJECT}/{_ID}"),
    Operation("GET", f"/sobjects/{_OBJECT}/{_FIELD}/[^/]+", ("fields",), rules=(_one_by_key,)),
    Operation("PATCH", f"/sobjects/{_OBJECT}/{_FIELD}/[^/]+", body=BARE_RECORD, rules=(_one_by_key, _unassigned)),
    Operation("POST", "/composite/sobjects", body=RECORDS, rules=(_no_ids, *_WRITE)),
    Operation("PATCH", "/composite/sobjects", body=RECORDS, rules=(_ids, *_WRITE)),
    Operation("DELETE", "/composite/sobjects", ("ids*", "allOrNone"), rules=(_id_list,)),
    Operation("PATCH", f"/composite/sobjects/{_OBJECT}/{_FIELD}", body=RECORDS, rules=(_by_key, _no_ids, *_WRITE)),
    Operation("POST", f"/composite/sobjects/{_OBJECT}", body=RETRIEVED),
    Operation("GET", f"/composite/sobjects/{_OBJECT}", ("ids*", "fields*")),
)


@dataclass
class SalesforceDescription:
    """A watcher: what it found wrong, one line each, and how many requests it looked at."""

    problems: list[str] = field(default_factory=list)
    looked_at: int = 0

    def __call__(self, call: Call, _reply: Reply) -> None:
        self.looked_at += 1
        self.problems += [f"{call.method} {call.path}: {problem}" for problem in problems_of(call)]

    def assert_kept(self) -> None:
        """Fail where a request was not as described, or none was made."""
        assert self.looked_at, "no request was made"
        assert not self.problems, "\n".join(self.problems[:20])


def watched(server: LocalServer) -> SalesforceDescription:
    """A description that from now on looks at every request to the server."""
    description = SalesforceDescription()
    server.watchers.append(description)
    return description


def problems_of(call: Call) -> list[str]:
    """What is wrong with a request."""
    if call.path.startswith("/services/oauth2/"):
        return list(_signing_in(call))
    if call.path in ("/services/data", "/services/data/") and call.method == "GET":
        return []
    match = re.fullmatch(r"/services/data/v(\d\d)\.0(/.*)?", call.path)
    if match is None:
        return ["no such path"]
    found = _operation(call, (match[2] or "").rstrip("/"))
    if found is None:
        return ["no such operation"]
    operation, parts = found
    problems = [*_headers(call), *_address(call), *_query(call, operation)]
    body, faults = _body(call, operation)
    seen = Seen(call, int(match[1]), parts, body)
    return [*problems, *faults, *(problem for rule in operation.rules for problem in rule(seen))]


def _operation(call: Call, rest: str) -> tuple[Operation, dict[str, str]] | None:
    for one in OPERATIONS:
        match = re.fullmatch(one.path, rest)
        if match is not None and one.method == call.method:
            return one, match.groupdict()
    return None


def _headers(call: Call) -> Iterator[str]:
    if not re.fullmatch(r"Bearer \S+", call.headers.get("authorization", "")):
        yield "no Authorization: Bearer"
    for name in call.headers:
        if name.startswith("sforce-") and name not in _SFORCE_HEADERS:
            yield f"no header {name}"
    if call.body and not call.headers.get("content-type", "").startswith("application/json"):
        yield "a body that is not declared as JSON"


def _address(call: Call) -> Iterator[str]:
    length = len(call.path) + 1 + len(urlencode(call.query, doseq=True))
    if length > LONGEST_ADDRESS:
        yield f"an address of {length} bytes"


def _query(call: Call, operation: Operation) -> Iterator[str]:
    known = {name.rstrip("*") for name in operation.query}
    needed = {name.rstrip("*") for name in operation.query if name.endswith("*")}
    yield from (f"no parameter {name}" for name in sorted(set(call.query) - known))
    yield from (f"parameter {name} is missing" for name in sorted(needed - set(call.query)))
    yield from (f"parameter {name} twice" for name, values in call.query.items() if len(values) > 1)


def _body(call: Call, operation: Operation) -> tuple[Any, list[str]]:
    if operation.body is None:
        return None, ["a body where none is expected"] if call.body else []
    try:
        body = call.json()
    except ValueError:
        return None, ["a body that is no JSON"]
    errors = Draft202012Validator(operation.body).iter_errors(body)
    return body, [f"{'/'.join(map(str, error.path)) or 'body'}: {error.message[:200]}" for error in errors]


def _signing_in(call: Call) -> Iterator[str]:
    if call.path.endswith("/userinfo") and call.method == "GET":
        yield from _headers(call)
        return
    if not call.path.endswith("/token") or call.method != "POST":
        yield "no such operation"
        return
    form = parse_qs(call.body.decode())
    if not call.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        yield "a token is asked for by a form"
    if call.query:
        yield "secrets do not belong in an address"
    grant = form.pop("grant_type", [""])[0]
    needed, allowed = GRANTS.get(grant, (set(), set()))
    if grant not in GRANTS:
        yield f"no grant type {grant!r}"
    if "basic" in call.headers.get("authorization", "").lower()[:5]:
        needed = needed - {"client_id", "client_secret"}
    yield from (f"parameter {name} is missing" for name in sorted(needed - set(form)))
    yield from (f"no parameter {name} for this grant" for name in sorted(set(form) - needed - allowed - {"format"}))
    if "assertion" in form and form["assertion"][0].count(".") != 2:
        yield "an assertion has three parts"
