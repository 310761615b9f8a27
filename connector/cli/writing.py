"""How a command writes a file that its reader named: whole or not at all, and never over what another has written."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click

from connector.cli.faults import Mistake
from connector.cli.session import Session
from connector.model.errors import StateError
from connector.model.sentences import NOT_WRITTEN

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
TAKEN = N_("%(file)s holds something that this command did not write: give another name, or move it away")
#: How each kind of file that a command writes begins: only such a file, and an empty one, is written over.
PLAN = re.compile(rb'\{\s+"kind": "\w+",\s+"store": "')
PERSON = re.compile(rb'\{\s+"at": "[^"]+",\s+"leads": \[')
PAGE = re.compile(rb'<!doctype html>\s+<html lang="\w+"><head><meta charset="utf-8">\s*<meta http-equiv="Content-Sec')
TEXT = re.compile(rb"# .+\s+\*.+\*\s")
DRAWING = re.compile(rb'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ')
CALENDAR = re.compile(rb"BEGIN:VCALENDAR\s+VERSION:2.0\s+PRODID:-//Baton//")
JUNIT = re.compile(rb'<\?xml version="1.0" encoding="UTF-8"\?>\s+<testsuite name="golden leads"')
#: So many bytes tell what a file is.
HEAD = 1000


class Written(click.Path):
    """A file to be written, which is refused before anything is done for it where it could not be.

    `forms` say how what the command writes begins. Raises Mistake where the name is that of another file,
    StateError where there is no such folder.
    """

    def __init__(self, *forms: re.Pattern[bytes]) -> None:
        super().__init__(dir_okay=False, path_type=Path)
        self.forms = forms

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path."""
        file = Path(os.fsdecode(super().convert(value, param, ctx)))
        with writing(file):
            if not file.parent.is_dir():
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            if file.is_file() and not self.fits(file):
                session = ctx.find_object(Session) if ctx else None
                raise Mistake((session.translate(TAKEN) if session else TAKEN) % {"file": file})
        return file

    def fits(self, file: Path) -> bool:
        """Whether a file is empty, or begins as what the command writes."""
        with file.open("rb") as opened:
            head = opened.read(HEAD)
        return not head or any(form.match(head) for form in self.forms)


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """What the machine refuses inside becomes a StateError with path and reason; `place` where no other is named."""
    try:
        yield
    except OSError as error:
        fault = error.strerror or type(error).__name__
        raise StateError(NOT_WRITTEN % {"file": error.filename or place, "fault": fault}) from None


def write_file(file: Path, text: str, *, private: bool = False) -> None:
    """Write a file, whole or not at all; `private`: for its owner alone. A pipe or a device is written to as it is.

    Raises StateError where it cannot be written.
    """
    with writing(file):
        place = file.resolve()
        if place.exists() and not place.is_file():
            place.write_bytes(text.encode())
            return
        mode = place.stat().st_mode & 0o777 if place.exists() and not private else None
        beside = place.with_name(f".baton-{os.urandom(8).hex()}.new")
        try:
            _fill(beside, text.encode(), 0o600 if private else 0o666)
            if mode is not None:
                beside.chmod(mode)
            beside.replace(place)
        except OSError as error:
            # The reader named another file.
            raise OSError(error.errno, error.strerror) from None
        finally:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def _fill(file: Path, content: bytes, mode: int) -> None:
    """Make a new file; of `mode`, as everywhere, what the reader's umask leaves."""
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(number, "wb") as opened:
        opened.write(content)


def lay_out(folder: Path, files: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Write files into a folder; returns the names of those that were written, and of those that were there already.

    Raises StateError where one cannot be written.
    """
    made: list[str] = []
    kept: list[str] = []
    for name, text in files.items():
        path = folder / name
        with writing(path):
            there = path.exists()
            path.parent.mkdir(parents=True, exist_ok=True)
        if not there:
            write_file(path, text)
        (kept if there else made).append(name)
    return made, kept
