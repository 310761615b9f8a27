"""Files beside the store that may hold something about a person: plans that were kept, traces, copies of the store."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connector.model.person import Person
from connector.model.ports import Transaction

#: The folder beside `config.toml` that traces are kept in.
TRACES = "traces"
#: How the store's words begin that say where a plan was kept.
PLAN = "kept_plan:"
_SQLITE = b"SQLite format 3\0"
#: Keys under which a plan names a lead by its number.
_LEAD_KEYS = ("lead", "lead_id")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A file that somebody was taken out of: `lines` of it went, or all of it."""

    file: Path
    whole: bool
    lines: int = 0


def remember_plan(tx: Transaction, file: Path, now: datetime) -> None:
    """Keep where a plan was written, so that it is found once somebody in it is to be forgotten."""
    tx.admin.set_meta(f"{PLAN}{file.absolute()}", now.isoformat())


def plans(tx: Transaction) -> list[Path]:
    """Plans that were kept and are still there."""
    return [file for name in tx.admin.metas(PLAN) if (file := Path(name.removeprefix(PLAN))).is_file()]


def traces(root: Path) -> list[Path]:
    """Traces of calls (`--trace`)."""
    return sorted((root / TRACES).glob("*.jsonl"))


def look_through(files: list[Path], person: Person, *, change: bool) -> list[Cleaned]:
    """What of these files is about a person; with `change` it is taken out.

    A plan goes as a whole, since it is signed; of a trace, the calls that mention them go.
    """
    found = [_trace(file, person) if file.suffix == ".jsonl" else _plan(file, person) for file in files]
    told = [one for one in found if one is not None]
    for one in told if change else ():
        _take_out(one, person)
    return told


def _plan(file: Path, person: Person) -> Cleaned | None:
    text = file.read_text("utf-8", errors="replace")
    try:
        about = _is_about(json.loads(text), person)
    except ValueError:
        about = False
    return Cleaned(file, whole=True) if about or person.perhaps_in(text) else None


def _is_about(said: Any, person: Person) -> bool:
    if isinstance(said, Mapping):
        numbers = {said[key] for key in _LEAD_KEYS if isinstance(said.get(key), int)}
        return not numbers.isdisjoint(person.lead_ids) or any(_is_about(one, person) for one in said.values())
    return isinstance(said, list) and any(_is_about(one, person) for one in said)


def _trace(file: Path, person: Person) -> Cleaned | None:
    if any(file.name.startswith(f"lead-{number}-") for number in person.lead_ids):
        return Cleaned(file, whole=True)
    lines = file.read_text("utf-8", errors="replace").splitlines()
    named = sum(person.perhaps_in(line) for line in lines)
    return Cleaned(file, named == len(lines), named) if named else None


def _take_out(one: Cleaned, person: Person) -> None:
    if one.whole:
        one.file.unlink(missing_ok=True)
        return
    lines = one.file.read_text("utf-8", errors="replace").splitlines(keepends=True)
    beside = one.file.with_name(f".{one.file.name}.new")
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as opened:
        opened.writelines(line for line in lines if not person.perhaps_in(line))
    beside.replace(one.file)


def copies(place: str, root: Path, store_id: str) -> list[Path]:
    """Copies of a store in files, in its folder, that of the configuration, and the folders in these."""
    if "://" in place:
        return []
    folders = {Path(place).absolute().parent, root.absolute()}
    found = {file for folder in folders for file in _files(folder) if _is_copy(file, store_id)}
    return sorted(file for file in found if file != Path(place).absolute())


def _files(folder: Path) -> Iterator[Path]:
    for pattern in ("*", "*/*"):
        yield from (file for file in folder.glob(pattern) if file.is_file() and not file.is_symlink())


def _is_copy(file: Path, store_id: str) -> bool:
    with suppress(OSError, sqlite3.Error):
        with file.open("rb") as opened:
            if opened.read(len(_SQLITE)) != _SQLITE:
                return False
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            row = copy.execute("SELECT value FROM meta WHERE name = 'store_id'").fetchone()
            return row is not None and row[0] == store_id
    return False
