"""The configuration: files an admin wrote, read and proved at once.

Nothing heavy is imported before something is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connector.config.types import Config, Connection, Flow, Team

__all__ = ["Config", "Connection", "Flow", "Team", "load", "mapping_schema", "schema"]


def load(path: Path) -> Config:
    """Read `config.toml` and every file that it names.

    Raises ConfigError with all problems found, each with file, line and key.
    """
    from connector.config.loading import read

    return read(path)


def schema() -> dict[str, Any]:
    """The JSON Schema of `config.toml`, for editors."""
    from connector.config.describe import config_schema

    return config_schema()


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema of `mappings/NAME.toml`, for editors."""
    from connector.config.mapping_vocabulary import schema

    return schema()
