"""How HubSpot's API is reached, as data: address, sign-in, limits, error table.

The limits are HubSpot's own (changelog, "Increasing our API limits", and "API usage guidelines"): an app may
make 190 calls in 10 seconds on Professional and Enterprise, a portal 650,000 a day on Professional, shared by
all its apps; the search endpoints have a limit of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from adapters._hubspot.settings import HubSpotSettings
from connector.model import sentences
from connector.model.http import (
    Api,
    Ending,
    ErrorRule,
    ErrorTable,
    Http,
    Rate,
    RefreshToken,
    Request,
    StaticToken,
    TokenCall,
    Usage,
)

_GUIDELINES = "https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines"
_HANDLING = "https://developers.hubspot.com/docs/api-reference/latest/error-handling"
_OAUTH = "https://developers.hubspot.com/docs/api-reference/legacy/authentication/oauth-tokens/v1/refresh-oauth-token"
#: "Developers should use this field [expires_in]": 30 minutes today.
_TOKEN_LIFE = 1800.0
#: The limits' names in `Request.rate` and in the books.
BURST, DAILY, SEARCH = "burst", "daily", "search"


def api(settings: HubSpotSettings) -> Api:
    """HubSpot as these settings reach it."""
    return Api(
        base=settings.base_url,
        sign_in=_sign_in(settings),
        errors=ERRORS,
        rates=(
            Rate(BURST, settings.calls_per_10_seconds, 10.0, source=_GUIDELINES),
            Rate(DAILY, settings.calls_per_day, 86_400.0, reserve=0.1, source=_GUIDELINES),
            Rate(SEARCH, settings.searches_per_second, 1.0, source=_GUIDELINES, named=True),
        ),
        limits=limits,
        account=portal,
        endings=_endings(settings),
    )


def _sign_in(settings: HubSpotSettings) -> StaticToken | RefreshToken:
    if settings.sign_in == "token":
        return StaticToken()
    return RefreshToken(TokenCall(f"{settings.base_url}/oauth/{settings.oauth}/token", _TOKEN_LIFE), settings.client_id)


def _endings(settings: HubSpotSettings) -> tuple[Ending, ...]:
    if settings.sign_in == "refresh_token" and settings.oauth == "v1":
        return (Ending(sentences.ENDING_OAUTH_V1, date(2027, 2, 16), _OAUTH),)
    return ()


def portal(http: Http) -> str:
    """The id of the portal that the token belongs to (account information API, `portalId`)."""
    told = http.read(Request("GET", "/account-info/v3/details", reads=True)).json()
    return str(told["portalId"])


def limits(headers: Mapping[str, str]) -> list[Usage]:
    """What an answer's headers say; those of the daily limit do not come with every kind of token."""
    found = []
    for name, most, left in (
        (BURST, "x-hubspot-ratelimit-max", "x-hubspot-ratelimit-remaining"),
        (DAILY, "x-hubspot-ratelimit-daily", "x-hubspot-ratelimit-daily-remaining"),
    ):
        limit, remaining = headers.get(most, ""), headers.get(left, "")
        if limit.isdigit() and remaining.isdigit():
            found.append(Usage(name, max(0, int(limit) - int(remaining)), int(limit)))
    return found


#: A refusal of values names its property in the text alone: `... [{"isValid":false,...,"name":"numemployees",...}]`.
_NAMED = re.compile(r'"name"\s*:\s*"([A-Za-z0-9_]+)"')
_PROPERTY = re.compile(r'[Pp]roperty "([A-Za-z0-9_]+)"')
_ADDRESS = re.compile(r"\S+@\S+")


def read_error(body: Any) -> tuple[str, str, str]:
    """(category, words, property) of an error body, each of whose fields may be missing.

    Addresses are taken out of the words: they go to logs and to people who need not know them.
    """
    if not isinstance(body, Mapping):
        return "", "", ""
    words = str(body.get("message") or "")
    first = next((one for one in body.get("errors") or () if isinstance(one, Mapping)), {})
    detail = str(first.get("message") or "")
    context = first.get("context") or body.get("context") or {}
    named = context.get("propertyName") if isinstance(context, Mapping) else None
    found = named[0] if isinstance(named, list) and named else ""
    if not found:
        match = _NAMED.search(words) or _PROPERTY.search(words) or _PROPERTY.search(detail)
        found = match.group(1) if match else str(first.get("in") or "")
    code = str(body.get("category") or body.get("errorType") or body.get("policyName") or "")
    shown = " ".join(part for part in (words, detail if detail != words else "") if part)
    return code, _ADDRESS.sub("…", shown)[:300], str(found)


ERRORS = ErrorTable(
    rules=(
        ErrorRule(403, "config", "MISSING_SCOPES", _HANDLING),
        ErrorRule(403, "config", source=_HANDLING),
        # Too much was written at once; wait two seconds and send again.
        ErrorRule(423, "not_executed", source=_HANDLING),
        # The portal moves to another hosting place; Retry-After says for how long, up to a day.
        ErrorRule(477, "not_executed", source=_HANDLING),
        ErrorRule(502, "passing", source=_HANDLING),
        ErrorRule(503, "passing", source=_HANDLING),
        ErrorRule(504, "passing", source=_HANDLING),
        ErrorRule(521, "passing", source=_HANDLING),
        ErrorRule(522, "passing", source=_HANDLING),
        ErrorRule(523, "passing", source=_HANDLING),
        ErrorRule(524, "passing", source=_HANDLING),
    ),
    read=read_error,
)
