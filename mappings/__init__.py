"""The shipped field and activity mappings, one TOML file per platform."""

from __future__ import annotations

from importlib.resources import files

#: Checked at start-up: these four package names are generic, and another
#: distribution may have overwritten one of them.
__product__ = "baton-connector"


def names() -> tuple[str, ...]:
    """The platforms that have a shipped mapping, in alphabetical order."""
    found = (entry.name for entry in files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def shipped(name: str) -> str | None:
    """The TOML text of a platform's shipped mapping, None where there is none."""
    # Only names that are listed: a name with a path in it must not lead out of this package.
    return (files(__name__) / f"{name}.toml").read_text(encoding="utf-8") if name in names() else None
