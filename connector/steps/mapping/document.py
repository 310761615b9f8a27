"""The shape of a mapping document: dotted names, and an admin's file laid over the shipped one.

`"company.name" = ...` and `company.name = ...` (which TOML nests) mean the same line. An own line
replaces the shipped line of that name, wherever each stands; `name = false` removes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connector.model.errors import Path
from connector.model.fields import FIELDS, OWN_FIELDS

Table = Mapping[str, Any]
#: One line: its dotted name, its path in the document, what it says.
Line = tuple[str, Path, Any]

_FIRST_PARTS = frozenset(name.rpartition(".")[0] for name in (*FIELDS, *OWN_FIELDS) if "." in name)
#: What makes a table of `write` a line and not an object with lines of its own.
_WRITES = frozenset({"from", "template", "default"})


def is_group(name: str) -> bool:
    """Whether canonical names begin with `name.` (company, links, custom), so that a table is no line."""
    return name in _FIRST_PARTS or name in ("links", "custom")


def read_lines(table: Table, path: Path = ("read",), prefix: str = "") -> Iterator[Line]:
    """The lines of `read`, nested ones under their dotted names."""
    for key, value in table.items():
        name = prefix + key
        if isinstance(value, Mapping) and is_group(name):
            yield from read_lines(value, (*path, key), name + ".")
        else:
            yield name, (*path, key), value


def write_lines(table: Table) -> Iterator[tuple[str, Line]]:
    """(object, line) of `write`; lines that stand in no object's table are of object ""."""
    for key, value in table.items():
        if isinstance(value, Mapping) and not _WRITES & value.keys():
            for name, line in value.items():
                yield key, (name, ("write", key, name), line)
        else:
            yield "", (key, ("write", key), value)


def _named(table: Table, lines: Callable[[Table], Iterator[Line]]) -> dict[str, Line]:
    return {line[0]: line for line in lines(table)}


def _write_names(table: Table) -> Iterator[Line]:
    for object, (name, path, value) in write_lines(table):
        yield f"{object}\n{name}", path, value


def _put(document: dict[str, Any], path: Path, value: Any) -> None:
    """Set `value` at `path`, whose first step names the document itself."""
    for step in path[1:-1]:
        document = document.setdefault(str(step), {})
    document[str(path[-1])] = value


def _laid_over(shipped: Table, own: Table, lines: Callable[[Table], Iterator[Line]]) -> dict[str, Any]:
    ours, theirs = _named(shipped, lines), _named(own, lines)
    # Not `theirs`: a line that stands twice in the own file is to be seen twice.
    written = list(lines(own))
    document: dict[str, Any] = {}
    for name, (_, path, value) in ours.items():
        if name not in theirs and theirs.get(_whole(name), (None, (), None))[2] is not False:
            _put(document, path, value)
    for name, path, value in written:
        if name == "stage" and isinstance(value, Mapping):
            value = _deep(_as_table(ours[name][2] if name in ours else None), value)
        if value is not False:
            _put(document, path, value)
    return document


def _whole(name: str) -> str:
    """The name under which `Lead = false` removes every line of an object of `write`."""
    return "\n" + name.partition("\n")[0] if "\n" in name else name


def _as_table(value: Any) -> Table:
    return value if isinstance(value, Mapping) else {}


def _deep(shipped: Table, own: Table) -> dict[str, Any]:
    """`own` over `shipped` key by key, at every depth; `false` removes."""
    result = {key: value for key, value in shipped.items() if key not in own}
    for key, value in own.items():
        if value is False:
            continue
        result[key] = _deep(_as_table(shipped.get(key)), value) if isinstance(value, Mapping) else value
    return result


def _lists(shipped: Any, own: Any) -> Any:
    """Own entries first; `false` leaves none of the shipped."""
    if own is False:
        return []
    return [*own, *shipped] if isinstance(own, list) and isinstance(shipped, list) else own


def overlay(shipped: Table, own: Table) -> dict[str, Any]:
    """`own` laid over `shipped`, key by key; neither is changed.

    `name = false` removes a shipped line. Own `[[activities]]` come first (the first match wins),
    the shipped ones after them; `activities = false` drops those. Tables and `[event]`,
    `[contact]` and `[read.stage]` are laid over key by key too.
    """
    result: dict[str, Any] = {}
    for key in {**shipped, **own}:
        below, above = shipped.get(key), own.get(key)
        if key in ("read", "write") and isinstance(above or {}, Mapping) and isinstance(below or {}, Mapping):
            result[key] = _laid_over(below or {}, above or {}, read_lines if key == "read" else _write_names)
        elif key in ("activities", "kinds", "unknown") and key in own and key in shipped:
            result[key] = _lists(below, above)
        elif key not in own or above is None:
            result[key] = below
        elif isinstance(above, Mapping):
            result[key] = _deep(_as_table(below), above)
        elif above is not False:
            result[key] = above
    return result
