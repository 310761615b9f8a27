"""The calls that change something, one after the other, and what becomes of a batch when one of them is not done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from adapters._clickup.api import JSON, read_error
from connector.model import sentences
from connector.model.adapter import FindItem, WriteItem
from connector.model.errors import AuthError
from connector.model.http import Answer, Http, Request
from connector.model.outbox import NotExecuted, Outcome, Refused

NOT_FOUND = "NOT_FOUND"
#: No call begins later than this after the first, so that the last one ends within the declared deadline.
LAST_START = timedelta(seconds=15)


class StoppedError(Exception):
    """A call that was not done ends the work on an item: with this outcome."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


class Sending:
    """The calls of one batch. That we are not let in is raised while nothing was executed; later it ends an item."""

    def __init__(self, http: Http, now: Callable[[], datetime]) -> None:
        self.http, self._now = http, now
        self._until = now() + LAST_START
        self.done = 0

    def send(self, method: Any, path: str, item: WriteItem | FindItem, body: Any = None) -> Mapping[str, Any]:
        """The answer's body. Raises StoppedError for everything that is not done, AuthError."""
        if self._now() > self._until:
            raise StoppedError(NotExecuted(sentences.NO_TIME_LEFT, 0.0))
        about = tuple(filter(None, (item.our_key, item.crm_id)))
        headers = JSON if body is None else {}
        try:
            answer = self.http.send(Request(method, path, json=body, headers=headers, lane=item.lane, about=about))
        except AuthError as error:
            if not self.done:
                raise
            raise StoppedError(NotExecuted(str(error))) from None
        if not isinstance(answer, Answer):
            raise StoppedError(answer)
        if answer.status < 300:
            self.done += 1
            return body_of(answer)
        raise StoppedError(refusal(answer))


def body_of(answer: Answer) -> Mapping[str, Any]:
    """The body, {} where it is no JSON object."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, Mapping) else {}


def refusal(answer: Answer) -> Outcome:
    """Why ClickUp says no; a right that we lack keeps the write waiting until it is mended."""
    code, words, _ = read_error(body_of(answer))
    if answer.status == 404 and "field" not in words.casefold():
        return Refused(sentences.GONE, NOT_FOUND)
    if answer.status == 403:
        said = {"status": answer.status, "words": f"{code} {words}".strip()}
        return NotExecuted(sentences.PLATFORM_REFUSED_US % said)
    return Refused(words or code or str(answer.status), code or str(answer.status))
