"""Lines of a file, read in blocks, with their numbers, their bytes' offsets and a hash of what was read.

Lines end at CR, LF or CRLF and nowhere else: `str.splitlines` knows more ends than files have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b
from typing import Any, Protocol

BLOCK = 1 << 18
#: A line longer than this is cut into several.
LONGEST_LINE = 1 << 24


class Readable(Protocol):
    """An open binary file, or what reads like one."""

    def read(self, size: int = -1, /) -> bytes: ...


def blocks(stream: Readable) -> Iterator[bytes]:
    """The rest of `stream`, cut behind ends of lines."""
    rest = b""
    while data := stream.read(BLOCK):
        data = rest + data
        # A CR at the very end may be half of a CRLF.
        cut = data.rfind(b"\n") + 1 or data.rfind(b"\r", 0, len(data) - 1) + 1
        if not cut and len(data) < LONGEST_LINE:
            rest = data
            continue
        cut = cut or len(data)
        yield data[:cut]
        rest = data[cut:]
    if rest:
        yield rest


def new_hash() -> Any:
    """The hash by which a part that was read before is recognised."""
    return blake2b(digest_size=10)


class Lines:
    """A window of lines over a stream that stands at `offset`, behind `line` lines.

    Lines are kept until `advance` has passed them, so that they can be read again from any
    line in the window. `hash` holds everything up to `offset`.
    """

    def __init__(
        self, stream: Readable, decode: Callable[[bytes], str], line: int = 0, offset: int = 0, hash: Any = None
    ) -> None:
        self.line = line
        self.offset = offset
        self.hash = hash or new_hash()
        self._decode = decode
        self._blocks = blocks(stream)
        self._window: list[bytes] = []

    def after(self, line: int) -> Iterator[str]:
        """The lines behind the first `line` lines, decoded."""
        while self.more(line):
            batch = self._window[line - self.line :]
            line += len(batch)
            yield from map(self._decode, batch)

    def more(self, line: int) -> bool:
        """Whether there are lines behind the first `line` lines."""
        while line - self.line >= len(self._window):
            block = next(self._blocks, None)
            if block is None:
                return False
            self._window += block.splitlines(keepends=True)
        return True

    def advance(self, line: int) -> None:
        """Everything up to `line` has been dealt with."""
        done = b"".join(self._window[: line - self.line])
        del self._window[: line - self.line]
        self.hash.update(done)
        self.offset += len(done)
        self.line = line

    def text(self, first: int, last: int) -> str:
        """Lines `first` to `last`, counted from 1, as far as they are in the window."""
        part = self._window[max(first - 1 - self.line, 0) : last - self.line]
        return "".join(map(self._decode, part))

    def ended(self, line: int) -> bool:
        """Whether line `line`, counted from 1, has its end; one being written has none yet."""
        place = line - 1 - self.line
        return not 0 <= place < len(self._window) or self._window[place][-1:] in (b"\n", b"\r")
