"""How ClickUp's API is reached, as data: address, sign-in, limits, error table.

A token may make 100 calls a minute on most plans (https://developer.clickup.com/docs/rate-limits): above that it
answers 429, whose headers say when the minute is over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from adapters._clickup.settings import ClickUpSettings
from connector.model.errors import ConfigError
from connector.model.http import Api, ErrorRule, ErrorTable, Http, Rate, Request, StaticToken, Usage

_LIMITS = "https://developer.clickup.com/docs/rate-limits"
MINUTE = "minute"
#: Some calls are described with this header as required, though they have no body.
JSON = {"Content-Type": "application/json"}
#: One call.
CALL_SECONDS = 30.0
_ADDRESS = re.compile(r"\S+@\S+")


def api(settings: ClickUpSettings) -> Api:
    """ClickUp as these settings reach it."""
    return Api(
        base=settings.base_url,
        sign_in=StaticToken(prefix="" if settings.sign_in == "token" else "Bearer "),
        errors=ERRORS,
        rates=(Rate(MINUTE, settings.calls_per_minute, 60.0, reserve=0.1, source=_LIMITS),),
        limits=limits,
        account=lambda http: str(workspace(http, settings)["id"]),
        deadline=CALL_SECONDS,
    )


def workspace(http: Http, settings: ClickUpSettings) -> Mapping[str, Any]:
    """The workspace of the connection, with its members: the one that is named, else the first that the token sees.

    Raises ConfigError where it does not see the one that is named, or none.
    """
    found = http.read(Request("GET", "/v2/team", reads=True)).json()["teams"]
    wanted = [one for one in found if settings.workspace in ("", str(one["id"]))]
    if not wanted:
        seen = ", ".join(str(one["id"]) for one in found)
        raise ConfigError(f"clickup: the token does not see the workspace {settings.workspace}; it sees: {seen or '-'}")
    first: Mapping[str, Any] = wanted[0]
    return first


def limits(headers: Mapping[str, str]) -> list[Usage]:
    """What an answer's headers say."""
    limit, left = headers.get("x-ratelimit-limit", ""), headers.get("x-ratelimit-remaining", "")
    if not (limit.isdigit() and left.isdigit()):
        return []
    return [Usage(MINUTE, max(0, int(limit) - int(left)), int(limit))]


def read_error(body: Any) -> tuple[str, str, str]:
    """(code, words, "") of an error's body: `{"err": words, "ECODE": code}`. Addresses are taken out of the words."""
    if not isinstance(body, Mapping):
        return "", "", ""
    words = _ADDRESS.sub("…", str(body.get("err") or body.get("message") or ""))
    return str(body.get("ECODE") or ""), words[:300], ""


#: What no rule names is read as everywhere: 401 and 429, other 4xx refused, 5xx unknown. That gateways' answers pass
#: is a caution: nothing is described.
ERRORS = ErrorTable(
    rules=(
        ErrorRule(403, "config", source="unconfirmed"),
        ErrorRule(500, "passing", source="unconfirmed"),
        ErrorRule(502, "passing", source="unconfirmed"),
        ErrorRule(503, "passing", source="unconfirmed"),
        ErrorRule(504, "passing", source="unconfirmed"),
    ),
    read=read_error,
)
