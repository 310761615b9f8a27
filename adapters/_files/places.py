"""Which files a stream means."""

from __future__ import annotations

import glob
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from connector.model import sentences
from connector.model.errors import Path as KeyPath
from connector.model.errors import Problem, Problems


@dataclass(frozen=True, slots=True)
class Place:
    """A file and what it is called to the reader: its path from the folder of `config.toml`."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Places:
    """The files found, in order of their names, and what is to be told about the search."""

    places: list[Place]
    problems: list[Problem]
    notes: tuple[str, ...]


def find(root: Path, patterns: list[str], key: KeyPath) -> Places:
    """The files that `patterns` mean.

    A file met twice is read once. Two files of one name are a problem, unless one pattern means
    both (`exports/*/leads.csv`): one of them is likely an old copy.
    """
    problems = Problems()
    found: dict[Path, tuple[Place, int]] = {}
    notes: list[str] = []
    for number, pattern in enumerate(patterns):
        paths = _matches(root, pattern)
        if not paths:
            _report_missing(problems, key, pattern)
        for path in paths:
            place = Place(_name(root, path), path)
            if path.resolve() in found:
                notes.append(f"{place.name}: {sentences.NAMED_TWICE}")
            else:
                found[path.resolve()] = (place, number)
    usable = _without_namesakes(list(found.values()), key, problems)
    return Places(sorted(usable, key=lambda place: place.name), problems.found, tuple(dict.fromkeys(notes)))


def _matches(root: Path, pattern: str) -> list[Path]:
    literal = root / pattern
    if literal.exists():
        return [literal]
    paths = (Path(name) for name in sorted(glob.glob(str(literal), recursive=True)))  # noqa: PTH207 - may be absolute
    return [path for path in paths if path.is_file()]


def _report_missing(problems: Problems, key: KeyPath, pattern: str) -> None:
    if glob.has_magic(pattern):
        problems.add(key, "no file matches %(pattern)s", pattern=pattern)
    else:
        problems.add(key, "there is no file %(pattern)s", pattern=pattern)


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def _without_namesakes(found: list[tuple[Place, int]], key: KeyPath, problems: Problems) -> list[Place]:
    by_name: dict[str, list[tuple[Place, int]]] = defaultdict(list)
    for place, number in found:
        by_name[place.path.name].append((place, number))
    usable: list[Place] = []
    for name, namesakes in by_name.items():
        places = [place for place, _ in namesakes]
        if len({number for _, number in namesakes}) == 1:
            usable += places
            continue
        both = ", ".join(place.name for place in places)
        problems.add(
            key, "%(count)d files are called %(name)s (%(places)s); none of them is read until one name is left",
            count=len(places), name=name, places=both,
        )  # fmt: skip
    return usable
