"""Request and answer of every call about one lead, written down for whoever looks for a fault.

One JSON object a line, in a file that only its owner may read. What belongs to others is left out: of a
list, only the elements stay that mention one of the lead's keys. Secrets are left out everywhere.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from connector.edge.wire import Reply
from connector.model.http import Request

#: Shorter words stand in other words by chance: they must be the whole value.
_SHORTEST_WITHIN = 6
#: Headers of answers that help; all others may hold what is not for a file.
_HEADERS = ("content-type", "retry-after", "date", "sforce-limit-info", "location")
_SECRET = re.compile(
    r"token|secret|password|passwd|authorization|assertion|api[-_]?key|signature|hapikey", re.IGNORECASE
)
HIDDEN = "[secret]"
_OTHERS = "[%d others]"


class Trace:
    """Writes what is about one of `keys` (ids, keys of ours, addresses) to `file`."""

    def __init__(self, keys: Collection[str], file: Path) -> None:
        self.file, self.calls = file, 0
        self._keys = frozenset(key.casefold() for key in keys if key)
        self._lock = threading.Lock()

    def write(
        self, connection: str, request: Request, body: bytes | None, reply: Reply, token: str, now: datetime
    ) -> None:
        """Write a call down, where it is about one of the keys or its contents mention one."""
        if not (self._keys.intersection(key.casefold() for key in request.about) or self._in(request, body, reply)):
            return
        asked = request.json if request.json is not None else dict(request.form or {})
        answered = _parsed(reply.body)
        places = self._places(asked)
        line = {
            "at": now.isoformat(),
            "connection": connection,
            "request": {
                "method": request.method, "path": urlsplit(request.path).path,
                "query": self._kept(dict(request.query), {}), "body": self._kept(asked, {}),
            },
            "answer": {
                "status": reply.status,
                "headers": {name: reply.headers[name] for name in _HEADERS if name in reply.headers},
                "body": self._kept(answered, places),
            },
        }  # fmt: skip
        self._append(orjson.dumps(line).replace(token.encode(), HIDDEN.encode()) + b"\n")

    def _append(self, line: bytes) -> None:
        with self._lock:
            self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(line)
            self.calls += 1

    def _in(self, request: Request, body: bytes | None, reply: Reply) -> bool:
        """Whether the contents mention a key. First a look at the bytes: most pages do not, and are not parsed."""
        told = b"\n".join((body or b"", reply.body, *map(str.encode, request.query.values())))
        text = told.decode("utf-8", "replace").casefold()
        if not any(key in text for key in self._keys):
            return False
        return any(self._mentions(one) for one in (request.json, dict(request.query), _parsed(reply.body)))

    def _mentions(self, value: Any) -> bool:
        if isinstance(value, Mapping):
            return any(self._mentions(one) for one in value.values())
        if isinstance(value, list):
            return any(map(self._mentions, value))
        text = str(value).casefold()
        return text in self._keys or any(key in text for key in self._keys if len(key) >= _SHORTEST_WITHIN)

    def _places(self, asked: Any) -> dict[int, list[int]]:
        """By length of a list in the request, which of its elements are the lead's.

        A platform may answer a list by a list of as many, without saying the keys again.
        """
        lists = [asked] if isinstance(asked, list) else []
        lists += [one for one in asked.values() if isinstance(one, list)] if isinstance(asked, Mapping) else []
        return {len(one): [place for place, element in enumerate(one) if self._mentions(element)] for one in lists}

    def _kept(self, value: Any, places: Mapping[int, list[int]]) -> Any:
        """What may be written down of a value."""
        if isinstance(value, Mapping):
            return {
                str(name): HIDDEN if _SECRET.search(str(name)) else self._kept(one, places)
                for name, one in value.items()
            }
        if isinstance(value, list):
            by_place = places.get(len(value), [])
            mine = [one for place, one in enumerate(value) if place in by_place or self._mentions(one)]
            others = [_OTHERS % (len(value) - len(mine))] if len(mine) < len(value) else []
            return [self._kept(one, places) for one in mine] + others
        return value


def _parsed(body: bytes) -> Any:
    """The body as JSON; of anything else only its length."""
    try:
        return orjson.loads(body) if body else None
    except ValueError:
        return f"[{len(body)} bytes]"
