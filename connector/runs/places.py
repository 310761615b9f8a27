"""Where in the configuration something lies that a platform or a file refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath

from connector.config import Config
from connector.config.lines import line_map, line_of
from connector.model.errors import ConfigError, Path, Problem


def line_in(file: FilePath, path: Path) -> int:
    """The line of `path` in a TOML file, or of the nearest thing around it; 0 where it cannot be told."""
    try:
        return line_of(line_map(file.read_text("utf-8-sig")), path)
    except (OSError, ValueError):
        return 0


def placed(config: Config, connection: str, error: ConfigError) -> list[Problem]:
    """The problems of a connection, each with its key, and with a line of `config.toml` where it names no file."""
    found = []
    for problem in error.problems:
        path = problem.path or ("connections", connection)
        line = problem.line or (0 if problem.file else line_in(config.path, path))
        found.append(replace(problem, path=path, file=problem.file or config.path.name, line=line))
    return found
