"""Reading an org: queries in SOQL, page by page, with errors told apart.

Sources: developer.salesforce.com, api-rest guide: resources-query, resources-query-more-results,
errorcodes (an address of at most 16,384 bytes). That a cursor lives two days and then ends in
INVALID_QUERY_LOCATOR: help.salesforce.com, article 000384958.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote as url_quote

from adapters._salesforce.api import read_error
from connector.model import sentences
from connector.model.errors import ConfigError, RetryableError, StreamError
from connector.model.http import Answer, Http, Request
from connector.model.outbox import LANES

#: Letters of values in one query, as they stand in an address; the rest is for the query itself.
LONGEST = 9_000
#: Values in one IN: a page answers them all.
MOST = 200


class QueryRefusedError(ConfigError):
    """The org did not understand a query, or something in it is not for us."""

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        super().__init__(f"salesforce: {code}: {words}")


def quoted(value: str) -> str:
    """A text as a query holds it (soql_sosl: Quoted String Escape Sequences)."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def listed(values: Iterable[str]) -> str:
    """Values for IN."""
    return "(" + ",".join(quoted(value) for value in values) + ")"


def select(fields: Iterable[str], sobject: str, where: str = "", order: str = "") -> str:
    """A query."""
    words = ["SELECT", ", ".join(fields), "FROM", sobject]
    words += ["WHERE", where] if where else []
    words += ["ORDER BY", order] if order else []
    return " ".join(words)


def chunks(values: Iterable[str], most: int = MOST) -> Iterator[list[str]]:
    """Values without repetition, as many at a time as one address can hold."""
    part: list[str] = []
    size = 0
    for value in dict.fromkeys(values):
        length = len(url_quote(quoted(value) + ","))
        if part and (len(part) == most or size + length > LONGEST):
            yield part
            part, size = [], 0
        part.append(value)
        size += length
    if part:
        yield part


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of a query's answer. `told_at` is the org's own time of the answer, where it says so."""

    rows: list[dict[str, Any]]
    following: str
    told_at: datetime | None


class Org:
    """Reads of one org. `hidden` are fields (in lower case) that turned out not to be for us, by object."""

    def __init__(self, http: Http, version: str) -> None:
        self.http = http
        self.root = f"/services/data/v{version}/"
        self.hidden: dict[str, frozenset[str]] = {}

    def read(
        self, path: str, query: Mapping[str, str] | None = None, *, lane: int = LANES["normal"],
        about: Sequence[str] = (), headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        """A read; what the org does not understand is a `QueryRefusedError`."""
        whole = path if path.startswith("/") else self.root + path
        request = Request(
            "GET", whole, query or {}, headers=headers or {}, reads=True, expected=(400, 404), lane=lane,
            about=tuple(about),
        )  # fmt: skip
        answer = self.http.read(request)
        if answer.status in (400, 404):
            code, words, _ = read_error(_parsed(answer))
            raise QueryRefusedError(code or str(answer.status), words)
        return answer

    def body(self, path: str, query: Mapping[str, str] | None = None, *, lane: int = LANES["normal"]) -> dict[str, Any]:
        """The object that a read answers with. Raises RetryableError where it is none."""
        found = _parsed(self.read(path, query, lane=lane))
        if not isinstance(found, dict):
            raise RetryableError(f"{path}: {sentences.ANSWER_INCOMPLETE}")
        return found

    def page(
        self, soql: str = "", *, following: str = "", deleted: bool = False, lane: int = LANES["normal"],
        about: Sequence[str] = (),
    ) -> Rows:  # fmt: skip
        """One page: the first of a query, or the one at the address that the page before named."""
        name = "queryAll" if deleted else "query"
        answer = self.read(following or name, {} if following else {"q": soql}, lane=lane, about=about)
        body = _parsed(answer)
        rows = body.get("records") if isinstance(body, dict) else None
        if not isinstance(rows, list) or not isinstance(body.get("done"), bool):
            raise RetryableError(f"{name}: {sentences.ANSWER_INCOMPLETE}")
        further = "" if body["done"] else str(body.get("nextRecordsUrl") or "")
        if not body["done"] and not further:
            raise RetryableError(f"{name}: {sentences.ANSWER_INCOMPLETE}")
        if further and further == following:
            raise StreamError(f"{name}: {sentences.CURSOR_STANDS}")
        return Rows(rows, further, _told_at(answer))

    def rows(
        self, soql: str, *, deleted: bool = False, lane: int = LANES["normal"], about: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """All rows of a query that has few."""
        page = self.page(soql, deleted=deleted, lane=lane, about=about)
        found = list(page.rows)
        while page.following:
            page = self.page(following=page.following, lane=lane)
            found += page.rows
        return found

    def describe(self, sobject: str) -> dict[str, Any]:
        """What an object has, as far as we may see it: fields at least, or it would seem to have none."""
        found = self.body(f"sobjects/{sobject}/describe")
        if not isinstance(found.get("fields"), list):
            raise RetryableError(f"{sobject}: {sentences.ANSWER_INCOMPLETE}")
        return found


def _parsed(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _told_at(answer: Answer) -> datetime | None:
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except (ValueError, TypeError):
        return None
