"""Finding the adapter of a platform by its type: ours in `adapters/`, others by entry point."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from connector.model.adapter import Adapter
from connector.model.errors import ConfigError, Problem

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "baton.adapters"
PRODUCT = "baton-connector"
PACKAGES = ("connector", "adapters", "mappings", "state")


def check_packages() -> None:
    """Raise ConfigError where another distribution's files have taken one of our package names."""
    foreign = [problem for name in PACKAGES if (problem := _foreign(name))]
    if foreign:
        raise ConfigError(foreign)


def _foreign(name: str) -> Problem | None:
    try:
        package = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return Problem((), "the package %(name)s is missing; install baton-connector again", values={"name": name})
    if getattr(package, "__product__", "") == PRODUCT:
        return None
    place = package.__file__ or ", ".join(getattr(package, "__path__", ()))
    return Problem(
        (),
        "the package %(name)s at %(place)s is not Baton's; give Baton an environment of its own (pipx, uv tool)",
        values={"name": name, "place": place},
    )


@cache
def shipped() -> tuple[str, ...]:
    """The types of our own adapters: the modules in `adapters/` whose name has no underscore in front."""
    import adapters

    return tuple(sorted(m.name for m in pkgutil.iter_modules(adapters.__path__) if not m.name.startswith("_")))


def known() -> tuple[str, ...]:
    """All types that `adapter` finds, ours and installed ones."""
    from importlib.metadata import entry_points

    return tuple(sorted({*shipped(), *(point.name for point in entry_points(group=GROUP))}))


def adapter(type: str) -> Adapter:
    """The adapter of `type`. Raises ConfigError where there is none, or where it is not one."""
    if type in shipped():
        return _declared(type, importlib.import_module(f"adapters.{type}"))
    from difflib import get_close_matches
    from importlib.metadata import entry_points

    points = entry_points(group=GROUP, name=type)
    if not points:
        names = known()
        near = get_close_matches(type, names, n=1)
        allowed = ", ".join(names)
        raise ConfigError(
            [Problem((), "unknown type %(type)s", allowed, near[0] if near else "", values={"type": type})]
        )
    return _declared(type, _load(next(iter(points))))


def _load(point: EntryPoint) -> object:
    try:
        return point.load()
    except (ImportError, AttributeError) as error:
        values = {"type": point.name, "place": point.value, "error": error}
        raise ConfigError(
            [Problem((), "the adapter %(type)s (%(place)s) cannot be loaded: %(error)s", values=values)]
        ) from error


def _declared(type: str, found: object) -> Adapter:
    declared = getattr(found, "ADAPTER", None) if isinstance(found, ModuleType) else found
    if isinstance(declared, Adapter):
        return declared
    place = getattr(found, "__file__", "") or repr(found)
    raise ConfigError(
        [Problem((), "no ADAPTER in the module of %(type)s (%(place)s)", values={"type": type, "place": place})]
    )
