"""What a killed process has left behind, in one word: the same word, the same start for whoever comes after it.

Told are the rows of each store and each schema, how often was committed, the files, and what the platforms have heard.
Not told is what chance made: who held a lease and until when, a token's secret, what is sealed. Two processes that
left the same behind have been killed at one place, whatever the moments were called.
"""

from __future__ import annotations

import marshal
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any

#: Whoever runs the line writes none of these: the admin's words, with ports in them, and what is sealed by chance.
ASIDE = frozenset({"config.toml", "secrets.sealed"})
_SQLITE = b"SQLite format 3\0"
#: The header of a write-ahead log, that of each frame, and where within the latter a commit stands.
_WAL_HEADER, _FRAME_HEADER, _COMMIT = 32, 24, slice(4, 8)
#: Rows of `meta` that are secrets, sealed by chance.
_SECRET = re.compile(r"(token|credential):")
#: A call that carries secrets: each has others.
_ASKS_FOR_TOKEN = re.compile(r"/token\b")
#: Seconds in which a server must have heard the last of a process that is dead.
_PATIENCE, _LOOK = 30.0, 0.001


def left_in(folder: Path, heard: str = "") -> str:
    """What lies in `folder` after its process was killed; `heard` is what the platforms say of it."""
    told = blake2b(heard.encode(), digest_size=16)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name not in ASIDE and not path.name.endswith(("-wal", "-shm")):
            told.update(f"\0{path.relative_to(folder)}\0".encode())
            for piece in _told(path):
                told.update(piece)
    return told.hexdigest()


def _told(path: Path) -> Iterator[bytes]:
    body = path.read_bytes()
    if not body.startswith(_SQLITE):
        yield body
        return
    yield repr(_commits(path.with_name(f"{path.name}-wal"))).encode()
    # One who only reads leaves the log where it is, for whoever comes after the process that died.
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        tables = database.execute("SELECT name, sql FROM sqlite_master ORDER BY type, name").fetchall()
        yield _plain(tables)
        for name, sql in tables:
            if str(sql).startswith("CREATE TABLE"):
                yield _plain(_rows(name, database.execute(f'SELECT * FROM "{name}"')))  # noqa: S608 - its own


def _plain(rows: list[Any]) -> bytes:
    """Values alone: from version 3 on it would tell as well which of them are one object."""
    return marshal.dumps(rows, 2)


def _rows(table: str, rows: sqlite3.Cursor) -> list[Any]:
    if table == "leases":
        at = [one[0] for one in rows.description]
        name, epoch, until = (at.index(one) for one in ("name", "epoch", "until_at"))
        return [(row[name], row[epoch], row[until] > 0) for row in rows]
    if table == "meta":
        return [row[:1] if _SECRET.match(str(row[0])) else row for row in rows]
    return rows.fetchall()


def _commits(log: Path) -> tuple[int, bytes]:
    """How many commits a write-ahead log holds (sqlite.org/fileformat2.html#walformat), and how often it began anew."""
    whole = log.read_bytes() if log.exists() else b""
    if len(whole) < _WAL_HEADER:
        return 0, b""
    page, salts = int.from_bytes(whole[8:12], "big"), whole[16:24]
    found = 0
    for at in range(_WAL_HEADER, len(whole) - _FRAME_HEADER, _FRAME_HEADER + page):
        frame = whole[at : at + _FRAME_HEADER]
        if frame[8:16] != salts:
            break
        found += any(frame[_COMMIT])
    return found, whole[12:16]


class Heard:
    """What platforms were asked to write, in its order, in one word. Safe for threads."""

    def __init__(self, reads: re.Pattern[str]) -> None:
        self._reads, self._told, self._lock = reads, blake2b(digest_size=16), threading.Lock()

    def note(self, method: str, path: str, body: bytes) -> None:
        """A call that was answered, or broken off."""
        if not self._reads.match(f"{method} {path}"):
            self._take(f"{method} {path} ".encode() + (b"" if _ASKS_FOR_TOKEN.search(path) else body))

    def between(self, path: str, done: int) -> None:
        """So many items of a batch were done."""
        self._take(f"{done} of {path}".encode())

    def _take(self, what: bytes) -> None:
        with self._lock:
            self._told.update(what + b"\0")

    def all(self, callers: Callable[[], int]) -> str:
        """All of it, once nobody is connected but whoever asks. Raises TimeoutError where others stay."""
        until = time.monotonic() + _PATIENCE
        while callers() > 1:
            if time.monotonic() > until:
                raise TimeoutError("a process that was killed is still connected")
            time.sleep(_LOOK)
        with self._lock:
            return self._told.hexdigest()
