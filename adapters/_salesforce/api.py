"""How Salesforce's REST API is reached, as data: sign-in, errors, limits, whose org it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters._salesforce.settings import SalesforceSettings
from connector.model.errors import ConfigError
from connector.model.http import (
    Api,
    ClientCredentials,
    ErrorRule,
    ErrorTable,
    Http,
    JwtBearer,
    Rate,
    RefreshToken,
    Request,
    SignIn,
    TokenCall,
    Usage,
)

_GUIDE = "developer.salesforce.com/docs/platform/api-rest/guide/"
_CODES = _GUIDE + "errorcodes"
_CORE = "developer.salesforce.com/docs/platform/api/guide/sforce-api-calls-concepts-core-data-objects"

#: What no rule names is read as everywhere: 401 and 429, other 4xx refused, 5xx unknown.
ERRORS = (
    ErrorRule(401, "auth", "INVALID_SESSION_ID", _CODES),
    ErrorRule(401, "auth", "INVALID_AUTH_HEADER", "unconfirmed"),
    ErrorRule(403, "not_executed", "REQUEST_LIMIT_EXCEEDED", _CODES),
    ErrorRule(403, "config", "API_DISABLED_FOR_ORG", _CORE),
    ErrorRule(403, "config", "API_CURRENTLY_DISABLED", _CORE),
    ErrorRule(403, "config", "FUNCTIONALITY_NOT_ENABLED", _CORE),
    ErrorRule(400, "not_executed", "UNABLE_TO_LOCK_ROW", _CORE),
    ErrorRule(400, "passing", "QUERY_TIMEOUT", _CORE),
    ErrorRule(500, "passing", "", _CODES),
    ErrorRule(502, "passing", "", "unconfirmed"),
    ErrorRule(503, "passing", "SERVER_UNAVAILABLE", _CODES),
    ErrorRule(503, "passing", "", _CODES),
    ErrorRule(504, "passing", "", "unconfirmed"),
)

#: Until an answer has told the org's own: what the smallest org has in 24 hours
#: (developer.salesforce.com: salesforce-app-limits, API request limits; 15,000 for a Developer Edition).
DAILY = Rate("daily", 15_000, 86_400.0, reserve=0.1, source=_GUIDE + "headers-api-usage")
#: An access token's answer says nothing of its life; sessions last at least 15 minutes, by default two hours.
TOKEN_LIFE = 900.0
#: One call with 200 records, triggers and flows of the org included.
CALL_SECONDS = 40.0

_ADDRESS = re.compile(r"[^\s@'\"<>()]+@[^\s@'\"<>()]+")
_USED = re.compile(r"api-usage=(\d+)/(\d+)")


def hushed(words: str) -> str:
    """A message of the platform without addresses, short. A query that it repeats is left out."""
    _, _, last = words.strip().rpartition("\n")
    return _ADDRESS.sub("…", last)[:300]


def read_error(body: Any) -> tuple[str, str, str]:
    """(code, words, field) of an error's body: an array of errors, or what the token's address answers."""
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, Mapping):
        return "", "", ""
    fields = first.get("fields")
    field = str(fields[0]) if isinstance(fields, list) and fields else ""
    code = first.get("errorCode") or first.get("error") or ""
    words = first.get("message") or first.get("error_description") or ""
    return str(code), hushed(str(words)), field


def usage(headers: Mapping[str, str]) -> list[Usage]:
    """`Sforce-Limit-Info: api-usage=10018/100000`: calls of the whole org in 24 hours."""
    found = _USED.search(headers.get("sforce-limit-info", ""))
    return [Usage(DAILY.name, int(found[1]), int(found[2]))] if found else []


def same_id(one: str, other: str) -> bool:
    """Whether two ids name the same record: the last three of 18 letters only repeat the first 15."""
    return len(one) >= 15 and one[:15] == other[:15]


def organization(version: str, http: Http) -> str:
    """The 18-letter id of the org."""
    query = {"q": "SELECT Id FROM Organization LIMIT 1"}
    body = http.read(Request("GET", f"/services/data/v{version}/query", query, reads=True)).json()
    rows = body.get("records") if isinstance(body, Mapping) else None
    return str(rows[0].get("Id", "")) if rows else ""


def _sign_in(settings: SalesforceSettings) -> SignIn:
    call = TokenCall(f"{settings.login_url}/services/oauth2/token", TOKEN_LIFE)
    if not settings.client_id:
        raise ConfigError("salesforce: client_id is missing: the consumer key of the app that was made for Baton")
    if settings.sign_in == "client_credentials":
        return ClientCredentials(call, settings.client_id)
    if settings.sign_in == "refresh_token":
        return RefreshToken(call, settings.client_id)
    if not settings.username:
        raise ConfigError("salesforce: username is missing: the user whom Baton acts as")
    return JwtBearer(call, settings.client_id, settings.username, settings.audience)


def api(settings: SalesforceSettings) -> Api:
    """The API of one org; its address comes with the token. Raises ConfigError where the sign-in lacks a key."""
    return Api(
        base="",
        sign_in=_sign_in(settings),
        errors=ErrorTable(ERRORS, read_error),
        rates=(DAILY,),
        limits=usage,
        account=lambda http: organization(settings.api_version, http),
        deadline=CALL_SECONDS,
    )
