"""What an answer means, by the platform's own error table; and how long it asks us to wait.

Pure: an answer and the table go in, a verdict comes out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isnan
from typing import Any, Literal

import orjson

from connector.edge.logging import redact
from connector.edge.wire import Reply
from connector.model.http import ErrorTable, Request, Verdict

#: The table's words, and what it has no word for.
Meaning = Verdict | Literal["fine", "redirect", "foreign"]
#: A longer wait than a day is none that a platform means (a clock that is wrong, a date far off).
LONGEST_WAIT = 86_400.0
#: Statuses that never have a body (RFC 9110, 15.3.5 and 15.3.6).
_NO_BODY = (204, 205)
#: Said before a server has taken the whole request in (RFC 9110, 15.5.9; RFC 8470, 5.2).
_TOO_SOON = (408, 425)
_MOST_WORDS = 300
#: Unix time in seconds has so many digits from 2001 to 2286.
_UNIX_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """What an answer means. `words` are the platform's own, without addresses; `parsed` is the body as JSON."""

    verdict: Meaning
    code: str = ""
    words: str = ""
    parsed: Any = None


def judge(reply: Reply, request: Request, table: ErrorTable) -> Judged:
    """The verdict on a complete answer.

    `fine` is a 2xx that is whole, or a status that the request expects. `foreign` is one that the API
    does not give: HTML of something between us and the platform, JSON that breaks off.
    """
    parsed, whole = _parse(reply, request)
    code, words = _told(table, parsed) if whole and parsed is not None else ("", "")
    if not whole and reply.status >= 400 and (code := _paged(table, reply.body)):
        whole = True
    # A page of something between us and the platform is no word of the platform's own about what it was asked.
    ruled = _by_rule(table, reply.status, code) if whole or reply.status >= 500 else None
    return Judged(ruled or _by_status(reply.status, request.expected, whole=whole), code, words, parsed)


def _by_status(status: int, expected: tuple[int, ...], *, whole: bool) -> Meaning:
    """The verdict where no rule names the answer."""
    if 300 <= status < 400 and status not in expected:
        return "redirect"
    if status in (401, 429) and status not in expected:
        return "auth" if status == 401 else "not_executed"
    if status >= 500:
        return "unknown"
    if not whole:
        return "foreign"
    if 200 <= status < 300 or status in expected:
        return "fine"
    return "passing" if status in _TOO_SOON else "refused"


def _by_rule(table: ErrorTable, status: int, code: str) -> Verdict | None:
    """The rule that names status and code; else the one that names the status alone."""
    named = [rule for rule in table.rules if rule.status == status and rule.code in ("", code)]
    named.sort(key=lambda rule: not rule.code)
    return named[0].verdict if named else None


def _told(table: ErrorTable, parsed: Any) -> tuple[str, str]:
    """The platform's code and words; none where its body is not as it should be."""
    try:
        code, words, _field = table.read(parsed)
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        return "", ""
    return code, redact(words)[:_MOST_WORDS]


def _paged(table: ErrorTable, body: bytes) -> str:
    """The code of an error that the platform says as a page of its own; "" for the page of something else."""
    try:
        return table.page(body)
    except (IndexError, TypeError, ValueError):
        return ""


def _parse(reply: Reply, request: Request) -> tuple[Any, bool]:
    """(the body as JSON, whether the answer is whole).

    An API of JSON answers in JSON unless the request asked for something else (`Accept`).
    """
    if not reply.body:
        # What was asked for is never nothing: an empty 200 comes from something between us and the platform.
        said_nothing = reply.headers.get("content-length") == "0" and not (request.reads and reply.status == 200)
        return None, reply.status in _NO_BODY or said_nothing
    wanted = next((value for name, value in request.headers.items() if name.lower() == "accept"), "json")
    if reply.status < 300 and "json" not in wanted:
        return None, "html" not in reply.headers.get("content-type", "")
    try:
        return orjson.loads(reply.body), True
    except ValueError:
        return None, False


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that `Retry-After` asks to wait: a number, or a date (RFC 9110, 10.2.3); None where it says nothing.

    A date counts from the answer's own `Date`, where it has one: the platform's clock need not be ours. Some say
    instead when their limit begins anew: `X-RateLimit-Reset`, in Unix time.
    """
    told = headers.get("retry-after", "").strip()
    if not told:
        return _until_reset(headers, now)
    try:
        seconds = float(told)
    except ValueError:
        until, since = _moment(told), _moment(headers.get("date", "")) or now
        if until is None:
            return None
        seconds = (until - since).total_seconds()
    return None if isnan(seconds) else min(max(seconds, 0.0), LONGEST_WAIT)


def _until_reset(headers: Mapping[str, str], now: datetime) -> float | None:
    told = headers.get("x-ratelimit-reset", "").strip()
    # Others count the seconds that are left in it, or milliseconds: that is not guessed at.
    if not (told.isascii() and told.isdigit() and len(told) == _UNIX_DIGITS):
        return None
    since = _moment(headers.get("date", "")) or now
    return min(max(int(told) - since.timestamp(), 0.0), LONGEST_WAIT)


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
