"""Which encoding a file is in: what is given, its byte order mark, or the one that fits it whole."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from adapters._files.faults import FileFaultError, fault
from adapters._files.lines import Readable, blocks
from connector.model import sentences
from connector.model.errors import Problem

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Lines that cannot be decoded are set aside one by one while they are at most one in so many.
FEW = 20
_MOST_BAD = 1000
#: What exports are in, where they are not in UTF-8; code pages of DOS and mainframes fit anything.
_LIKELY = [
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257", "cp932", "euc_jp", "gb18030", "big5", "cp949", "koi8_r",
]  # fmt: skip
#: The same bytes are other letters in each; which of them cannot be told from a few names.
_LATIN = ("cp1252", "cp1250")
_WIDE = ("cp932", "euc_jp", "gb18030", "big5", "cp949")
_SAMPLE = 1 << 16


@dataclass(frozen=True, slots=True)
class Decoding:
    """How to decode a file: `encoding` behind a byte order mark of `mark` bytes.

    `suspicious`: it has NUL characters, or lines that cannot be decoded and come out with
    lone surrogates. `note` is for the reader where we chose.
    """

    encoding: str = "utf-8"
    mark: int = 0
    suspicious: bool = False
    note: str = ""

    @property
    def wide(self) -> bool:
        """Whether a byte is less than a character, so that lines cannot be split as bytes."""
        return codecs.lookup(self.encoding).name.startswith(("utf-16", "utf-32"))

    def open(self, file: BinaryIO) -> Readable:
        """The file behind its mark, as bytes whose lines `decode` reads."""
        file.seek(self.mark)
        return _Narrow(file, self.encoding) if self.wide else file

    def decoder(self) -> Callable[[bytes], str]:
        """From a line's bytes to text."""
        encoding = "utf-8" if self.wide else self.encoding
        if self.suspicious:
            return lambda line: line.decode(encoding, "surrogateescape")
        return bytes.decode if encoding == "utf-8" else lambda line: line.decode(encoding)


class _Narrow:
    """A wide encoding, read as UTF-8."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._ready = b""

    def read(self, size: int = -1, /) -> bytes:
        while not self._ready and (data := self._file.read(_SAMPLE)):
            self._ready = self._decoder.decode(data).encode()
        if not self._ready:
            self._ready = self._decoder.decode(b"", final=True).encode()
        given, self._ready = self._ready[:size], self._ready[size:]
        return given


@dataclass(frozen=True, slots=True)
class _Misfit:
    """Where an encoding does not fit: line, byte offset and byte of the first place; all bad lines, all lines."""

    line: int
    offset: int
    byte: int
    bad: int
    lines: int


def decoding(path: Path, name: str, wanted: str) -> Decoding:
    """How to decode the file `path`, called `name` to the reader. Raises FileFaultError, OSError."""
    with path.open("rb") as file:
        head = file.read(_SAMPLE)
    if head.startswith(b"PK\x03\x04"):
        raise fault(name, 0, Problem((), "this is an Excel workbook or a ZIP file; save it as CSV in UTF-8"))
    mark, marked = next(((len(mark), encoding) for mark, encoding in _MARKS if head.startswith(mark)), (0, ""))
    if wanted == "auto":
        return _chosen(path, name, head, mark, marked)
    if marked and not _same_family(wanted, marked):
        mark = 0
    encoding = marked if mark and codecs.lookup(wanted).name == "utf-16" else wanted.removesuffix("-sig")
    return _proved(path, name, Decoding(encoding, mark))


def _same_family(wanted: str, marked: str) -> bool:
    return codecs.lookup(wanted).name[:5] == marked[:5]


def _chosen(path: Path, name: str, head: bytes, mark: int, marked: str) -> Decoding:
    if marked:
        note = "" if marked == "utf-8" else f"{name}: {sentences.READ_AS % {'encoding': marked.upper()}}"
        return _proved(path, name, Decoding(marked, mark, note=note))
    if wide := _unmarked_wide(head):
        read_as = sentences.READ_AS_UNSAID % {"encoding": wide.upper()}
        return _proved(path, name, Decoding(wide, note=f"{name}: {read_as}"))
    misfit, nul = _measure(path, Decoding())
    if misfit is None:
        return Decoding(suspicious=nul)
    if _measure(path, Decoding("cp932"))[0] is None and _looks_wide(path, "cp932"):
        return Decoding("cp932", suspicious=nul, note=f"{name}: {sentences.READ_AS_CP932}")
    return _tolerated(name, Decoding(), misfit, _guess(path))


def _proved(path: Path, name: str, decoding: Decoding) -> Decoding:
    misfit, nul = _measure(path, decoding)
    if misfit is None:
        return Decoding(decoding.encoding, decoding.mark, nul, decoding.note)
    return _tolerated(name, decoding, misfit, "")


def _tolerated(name: str, decoding: Decoding, misfit: _Misfit, guess: str) -> Decoding:
    """A few bad lines are set aside one by one; otherwise the file is not what it should be."""
    if misfit.bad * FEW <= misfit.lines and not decoding.wide:
        values = {"bad": misfit.bad, "lines": misfit.lines, "encoding": decoding.encoding.upper()}
        note = f"{name}:{misfit.line}: {sentences.SOME_LINES_ARE_NOT % values}"
        return Decoding(decoding.encoding, decoding.mark, True, note)
    raise _undecodable(name, decoding, misfit, guess)


def _undecodable(name: str, decoding: Decoding, misfit: _Misfit, guess: str) -> FileFaultError:
    values = {
        "offset": misfit.offset,
        "byte": f"{misfit.byte:#04x}",
        "encoding": decoding.encoding.upper(),
        "guess": guess,
    }
    if guess in _LATIN:
        return fault(
            name,
            misfit.line,
            Problem(
                (),
                "not %(encoding)s: byte %(byte)s at offset %(offset)d; it may be cp1252 (Western Europe) or cp1250 "
                "(Central Europe): say so with encoding",
                values=values,
            ),
        )
    if guess:
        return fault(
            name,
            misfit.line,
            Problem(
                (),
                "not %(encoding)s: byte %(byte)s at offset %(offset)d; it may be %(guess)s: say so with encoding",
                values=values,
            ),
        )
    return fault(name, misfit.line, Problem((), "not %(encoding)s: byte %(byte)s at offset %(offset)d", values=values))


def _measure(path: Path, decoding: Decoding) -> tuple[_Misfit | None, bool]:
    """Where the file does not decode, if it does not; and whether it has NUL characters."""
    with path.open("rb") as file:
        if decoding.wide:
            return _measure_wide(file, decoding)
        nul, first, bad, lines, offset = False, None, 0, 0, decoding.mark
        for block in blocks(decoding.open(file)):
            nul = nul or b"\0" in block
            if bad < _MOST_BAD and not block.isascii():
                found, place = _bad_lines(block, decoding.encoding)
                if found and first is None:
                    first = (lines + block.count(b"\n", 0, place) + 1, offset + place, block[place])
                bad += found
            lines += block.count(b"\n") or 1
            offset += len(block)
    return (_Misfit(*first, bad, lines) if first else None), nul


def _bad_lines(block: bytes, encoding: str) -> tuple[int, int]:
    """How many lines of the block cannot be decoded, and the place of the first bad byte."""
    try:
        block.decode(encoding)
    except UnicodeDecodeError as error:
        return max(sum(not _decodes(line, encoding) for line in block.splitlines()), 1), error.start
    return 0, 0


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _measure_wide(file: BinaryIO, decoding: Decoding) -> tuple[_Misfit | None, bool]:
    nul = False
    try:
        for block in blocks(decoding.open(file)):
            nul = nul or b"\0" in block
    except UnicodeDecodeError as error:
        place = file.tell() - len(error.object) + error.start
        line = _lines_before(file, decoding, place) + 1
        return _Misfit(line, place, error.object[error.start], 1, 1), nul
    return None, nul


def _lines_before(file: BinaryIO, decoding: Decoding, place: int) -> int:
    """How many lines of a wide encoding end before byte `place`."""
    file.seek(decoding.mark)
    decoder, left, lines = codecs.getincrementaldecoder(decoding.encoding)("ignore"), place - decoding.mark, 0
    while left and (data := file.read(min(_SAMPLE, left))):
        left -= len(data)
        lines += decoder.decode(data).count("\n")
    return lines


def _unmarked_wide(head: bytes) -> str:
    """UTF-16 without a mark: every other byte of Western text is NUL."""
    pairs = len(head) // 2
    if pairs > 1 and head[1::2].count(0) * 3 > pairs and not head[0::2].count(0):
        return "utf-16-le"
    if pairs > 1 and head[0::2].count(0) * 3 > pairs and not head[1::2].count(0):
        return "utf-16-be"
    return ""


def _telling(path: Path) -> bytes:
    """Lines with other than ASCII bytes, up to a sample's size."""
    found = bytearray()
    with path.open("rb") as file:
        for block in blocks(file):
            if not block.isascii():
                found += b"".join(line for line in block.splitlines(keepends=True) if not line.isascii())
            if len(found) > _SAMPLE:
                break
    return bytes(found[:_SAMPLE])


def _looks_wide(path: Path, encoding: str) -> bool:
    """Whether an East Asian encoding gives words of there, and not the letters of Western names misread one by one.

    Western text misread shows single odd characters beside ASCII letters (`V駻onique`).
    """
    text = f" {_telling(path).decode(encoding, 'ignore')} "
    wide = [place for place, character in enumerate(text) if ord(character) > 0x7F]
    return 2 * sum(_is_lonely(text[place - 1], text[place + 1]) for place in wide) < len(wide)


def _is_lonely(before: str, behind: str) -> bool:
    pair = before + behind
    return pair.isascii() and any(character.isalpha() for character in pair)


def _guess(path: Path) -> str:
    """What charset-normalizer thinks it is: a help for the reader, never a decision."""
    from charset_normalizer import from_bytes

    best = from_bytes(_telling(path), cp_isolation=_LIKELY).best()
    if best is None or best.encoding in ("ascii", "utf_8"):
        return ""
    misread = best.encoding in _WIDE and not _looks_wide(path, best.encoding)
    return _LATIN[0] if misread else best.encoding
