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

    points = list(dict.fromkeys(entry_points(group=GROUP, name=type)))
    if len(points) == 1:
        return _declared(type, _load(points[0]))
    if points:
        values = {"type": type, "places": ", ".join(point.value for point in points)}
        raise ConfigError([Problem((), "several packages have an adapter %(type)s: %(places)s", values=values)])
    names = known()
    near = get_close_matches(type, names, n=1)
    raise ConfigError(
        [Problem((), "unknown type %(type)s", ", ".join(names), near[0] if near else "", values={"type": type})]
    )


def loadable() -> tuple[dict[str, Adapter], list[ConfigError]]:
    """Every adapter that can be had, by type, and what is wrong with the others."""
    found, faults = {}, []
    for type in known():
        try:
            found[type] = adapter(type)
        except ConfigError as error:
            faults.append(error)
    return found, faults


def _load(point: EntryPoint) -> object:
    try:
        return point.load()
    except Exception as error:  # what another module does when it is imported is its own affair
        reason = str(error) if isinstance(error, ImportError) else f"{type(error).__name__}: {error}"
        values = {"type": point.name, "place": point.value, "error": reason}
        raise ConfigError(
            [Problem((), "the adapter %(type)s (%(place)s) cannot be loaded: %(error)s", values=values)]
        ) from error


def _declared(type: str, found: object) -> Adapter:
    declared = getattr(found, "ADAPTER", None) if isinstance(found, ModuleType) else found
    values = {"type": type, "place": getattr(found, "__file__", "") or repr(found)}
    if not isinstance(declared, Adapter):
        raise ConfigError([Problem((), "no ADAPTER in the module of %(type)s (%(place)s)", values=values)])
    # pydantic itself is not asked: it takes long to import, and whoever has such settings has it already.
    if getattr(declared.settings, "model_config", {}).get("extra") != "forbid":
        raise ConfigError(
            [
                Problem(
                    (), 'the settings of %(type)s (%(place)s) are no pydantic model with extra="forbid"', values=values
                )
            ]
        )
    return declared
