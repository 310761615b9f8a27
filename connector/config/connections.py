"""Connections: the adapter's own settings proved, and the mapping compiled over the shipped one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mappings
from connector import platforms
from connector.config.briefs import FOLDER, check_template
from connector.config.sentences import validated
from connector.config.types import Connection
from connector.config.workspace import Workspace, table_of
from connector.model.adapter import Adapter
from connector.model.errors import ConfigError, Problem, Problems
from connector.model.errors import Path as KeyPath
from connector.model.secret_names import is_secret_name
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping, overlay

if TYPE_CHECKING:
    from connector.config.settings import ConnectionSettings, Settings


def connections(settings: Settings, workspace: Workspace) -> dict[str, Connection]:
    """The connections that can be made; problems are added at their keys."""
    found = {}
    for name, table in settings.connections.items():
        path = ("connections", name)
        if not is_secret_name(name):
            workspace.main.problems.add(path, "a connection's name has letters, digits, '.', '_' and '-', at most 64")
        declared = _adapter(table.type, (*path, "type"), workspace.main.problems)
        if declared is not None:
            found[name] = _connection(name, table, declared, settings, workspace)
    return found


def declared_keys(table: Mapping[str, Any]) -> dict[str, list[str]]:
    """The keys that each connection's platform asks for itself; none where the platform is not known."""
    found = {}
    for name, connection in table_of(table, "connections").items():
        declared = _adapter(str(connection.get("type")), (), Problems()) if isinstance(connection, dict) else None
        found[name] = list(declared.settings.model_fields) if declared else []
    return found


def _adapter(type_: str, path: KeyPath, problems: Problems) -> Adapter | None:
    try:
        return platforms.adapter(type_)
    except ConfigError as error:
        for one in error.problems:
            problems.found.append(Problem(path, one.what, one.allowed, one.nearest, values=one.values))
        return None


def _connection(
    name: str, table: ConnectionSettings, declared: Adapter, settings: Settings, workspace: Workspace
) -> Connection:
    from connector.config.settings import ConnectionSettings

    path: KeyPath = ("connections", name)
    own, _ = validated(
        declared.settings, table.model_extra or {}, workspace.main.problems, path, ConnectionSettings.model_fields
    )
    return Connection(
        name=name,
        type=table.type,
        account=table.account,
        settings=own,
        mapping=_mapping(name, table, settings, workspace),
        daily_calls=table.daily_calls,
    )


def shipped_mapping(type_: str) -> dict[str, Any]:
    """The mapping that comes with a platform: ours, or the `mapping.toml` beside a third party's module."""
    if type_ in mappings.names():
        return _parsed(type_)
    for point in entry_points(group=platforms.GROUP, name=type_):
        theirs = Path(str(import_module(point.module).__file__)).with_name("mapping.toml")
        if theirs.is_file():
            return tomllib.loads(theirs.read_text("utf-8"))
    return {}


@cache
def _parsed(type_: str) -> dict[str, Any]:
    """Ours, read once in the life of a process: a configuration is read with each of its changes. Not to be changed."""
    return tomllib.loads(mappings.shipped(type_) or "")


@cache
def _as_shipped(type_: str, connection: str, zone: str, region: str) -> CompiledMapping:
    """Ours, with nothing laid over it."""
    document = overlay(_parsed(type_), {})
    return compile_mapping(document, connection=connection, zone=zone, region=region, problems=Problems())


def _mapping(name: str, table: ConnectionSettings, settings: Settings, workspace: Workspace) -> CompiledMapping:
    where = {"connection": name, "zone": settings.timezone.key, "region": settings.region}
    if not table.mapping and table.type in mappings.names():
        return _as_shipped(table.type, **where)
    shipped = _shipped(name, table.type, where, workspace.main.problems)
    own = None
    if table.mapping:
        own = workspace.open(table.mapping, workspace.main, ("connections", name, "mapping"))
    problems = Problems()
    compiled = compile_mapping(overlay(shipped, own.table if own else {}), problems=problems, **where)
    if own is None:
        return compiled
    if problems.found:
        # A fault of what is shipped would be ours, and has no line in the admin's file.
        ours = Problems()
        compile_mapping(shipped, problems=ours, **where)
        own.problems.found += [one for one in problems.found if one not in ours.found]
    for path, template in _templates(own.table.get("write"), ("write",)):
        if template.startswith(FOLDER):
            template = workspace.must_exist(template, own, path)
        check_template(template, path, own.problems)
    return compiled


def _shipped(name: str, type_: str, where: dict[str, Any], problems: Problems) -> dict[str, Any]:
    """The mapping that comes with a platform; where it is a third party's and has faults, they are told at `type`."""
    faults = Problems()
    try:
        found = shipped_mapping(type_)
        if mappings.shipped(type_) is None:
            compile_mapping(found, problems=faults, **where)
    except tomllib.TOMLDecodeError as error:
        found = {}
        faults.add((), str(error))
    path = ("connections", name, "type")
    for fault in faults.found:
        problems.add(path, "the mapping that comes with %(type)s: %(fault)s", type=type_, fault=fault)
    return found


def _templates(table: Any, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    """Every `template` of `write`, in the objects or outside of them."""
    if not isinstance(table, Mapping):
        return
    for key, value in table.items():
        if key == "template" and isinstance(value, str):
            yield (*path, key), value
        else:
            yield from _templates(value, (*path, key))
