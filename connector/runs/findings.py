"""What a check finds, and where it stands."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from pathlib import Path as FilePath
from typing import Any, Literal

from connector.config import Config
from connector.model.errors import Path, Problem
from connector.runs.places import line_in


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `exit_code` is that of the error it stands for, 0 for a warning."""

    level: Literal["error", "warning"]
    problem: Problem
    exit_code: int = 0


def warning(config: Config, path: Path, what: str, allowed: str = "", nearest: str = "", **values: object) -> Finding:
    """A doubt about a key of `config.toml`."""
    problem = Problem(path, what, allowed, nearest, config.path.name, values=values)
    return Finding("warning", replace(problem, line=line_in(config.path, path)))


@dataclass(frozen=True, slots=True)
class OwnMapping:
    """The mapping file that an admin wrote for a connection (None for none), and what it says."""

    config: Config
    connection: str
    file: FilePath | None
    said: dict[str, Any]

    def warning(self, path: Path, what: str, allowed: str = "", nearest: str = "", **values: object) -> Finding:
        """A doubt about a line of the mapping: at its place where the admin wrote it, else at the connection."""
        if self.file is None or not _says(self.said, path):
            return warning(self.config, ("connections", self.connection), what, allowed, nearest, **values)
        shown = str(self.file.relative_to(self.config.root))
        problem = Problem(path, what, allowed, nearest, shown, line_in(self.file, path), values)
        return Finding("warning", problem)


def own_mapping(config: Config, name: str) -> OwnMapping:
    """The admin's own mapping of a connection."""
    table = tomllib.loads(config.path.read_text("utf-8-sig"))["connections"][name]
    file = config.root / table["mapping"] if table.get("mapping") else None
    return OwnMapping(config, name, file, tomllib.loads(file.read_text("utf-8-sig")) if file else {})


def _says(said: Any, path: Path) -> bool:
    for step in path:
        try:
            said = said[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True
