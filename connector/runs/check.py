"""Proving a configuration: connections, mappings against what the platforms have, and criteria."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path as FilePath
from typing import Any, Literal

from connector.config import Config, Connection, Flow
from connector.model.adapter import Crm, FieldInfo, Source
from connector.model.errors import AuthError, BatonError, ConfigError, Path, Problem, RetryableError
from connector.runs.places import line_in, placed
from connector.runs.runtime import Runtime
from connector.runs.sync import sources, targets
from connector.steps.conditions.condition import Uses
from connector.steps.mapping.activities import ROLES
from connector.steps.mapping.columns import Headings
from connector.steps.mapping.document import read_lines
from connector.steps.normalise.values import derivable
from connector.steps.routing.rules import lint_routing
from connector.steps.scoring.lint import lint

#: Marks a text for the translators; it is translated where it is shown.
N_ = str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found. `exit_code` is that of the error it stands for, 0 for a warning."""

    level: Literal["error", "warning"]
    problem: Problem
    exit_code: int = 0


def findings(runtime: Runtime, roles: Callable[[str], tuple[bool, bool]]) -> Iterator[Finding]:
    """Everything wrong or doubtful about a configuration that loads.

    `roles(type)` says whether a platform has a source and a CRM.
    """
    config = runtime.config
    used = {*sources(runtime), *targets(runtime)}
    for name, connection in config.connections.items():
        if name not in used:
            yield _warning(config, ("connections", name), N_("no flow uses this connection"))
        as_source, as_crm = in_use(runtime, name, roles(connection.type))
        if as_source:
            yield from _source(runtime, connection)
        if as_crm:
            yield from _crm(runtime, connection)
    for flow in config.flows.values():
        yield from criteria(config, flow)
    yield from limits(config)


def limits(config: Config) -> Iterator[Finding]:
    """Members with a limit that only fills up: nothing is read back from a CRM yet, so that no handoff closes."""
    for name, team in config.teams.items():
        for place, member in enumerate(team.members):
            if member.open_at_most is not None:
                path = ("teams", name, "members", place, "open_at_most")
                what = N_(
                    "no handoff closes before outcomes are read back: after %(count)s turns this person gets none"
                )
                yield _warning(config, path, what, count=member.open_at_most)


def in_use(runtime: Runtime, name: str, has: tuple[bool, bool]) -> tuple[bool, bool]:
    """Whether a connection is used as (source, CRM): by some flow, or because it can be nothing else."""
    has_source, has_crm = has
    as_source = has_source and (name in sources(runtime) or not has_crm)
    as_crm = has_crm and (name in targets(runtime) or not has_source)
    return as_source or (has_source and not as_crm), as_crm


def _warning(config: Config, path: Path, what: str, allowed: str = "", nearest: str = "", **values: object) -> Finding:
    problem = Problem(path, what, allowed, nearest, config.path.name, values=values)
    return Finding("warning", replace(problem, line=line_in(config.path, path)))


def _proved(config: Config, name: str, act: Callable[[], None]) -> Iterator[Finding]:
    """What a connection's own check finds."""
    try:
        act()
    except ConfigError as error:
        for problem in placed(config, name, error):
            yield Finding("error", problem, error.exit_code)
    except (AuthError, RetryableError) as error:
        yield Finding("error", Problem(("connections", name), "%(what)s", values={"what": error}), error.exit_code)


def _source(runtime: Runtime, connection: Connection) -> Iterator[Finding]:
    found: list[Source] = []

    def prove() -> None:
        source = runtime.source(connection.name)
        source.check()
        found.append(source)

    yield from _proved(runtime.config, connection.name, prove)
    for source in found:
        fields = _fields(source)
        if "contacts" in source.capabilities.streams and all(one.object == "activities" for one in fields):
            what = N_("its contacts have no columns at present; is the file empty?")
            yield _warning(runtime.config, ("connections", connection.name), what)
        yield from _columns(runtime.config, connection, fields)


def _fields(side: Source | Crm) -> list[FieldInfo]:
    """The platform's fields; none where it cannot say at present, which its check has told already."""
    try:
        return side.fields()
    except BatonError:
        return []


def _columns(config: Config, connection: Connection, fields: Sequence[FieldInfo]) -> Iterator[Finding]:
    """Lines of the admin's own mapping that find nothing in the source; shipped lines are there to be of no use."""
    file, own = _own_mapping(config, connection.name)
    if file is None:
        return
    contacts = [one.name for one in fields if one.object != "activities"]
    events = [one.name for one in fields if one.object == "activities"]
    for path, columns in (*_of_contacts(own), *_of_events(own)):
        names = events if path[0] == "event" else contacts
        if not names or not columns or Headings(names).find_all(columns):
            continue
        near = get_close_matches(columns[0], names, n=1)
        problem = Problem(
            path, N_("there is no column %(columns)s in the source"), nearest=near[0] if near else "",
            file=str(file.relative_to(config.root)), line=line_in(file, path), values={"columns": ", ".join(columns)},
        )  # fmt: skip
        yield Finding("warning", problem)


def _of_contacts(own: Mapping[str, Any]) -> Iterator[tuple[Path, list[str]]]:
    """The columns of contacts that a mapping names, each with the path of its line."""
    for key in ("id", "modified_at"):
        yield ("contact", key), _names(own.get("contact", {}).get(key))
    for _, path, said in read_lines(own.get("read", {})):
        yield path, _names(said.get("from") if isinstance(said, Mapping) else said)
    for number, entry in enumerate(own.get("activities") or ()):
        for key in ("column", "value_of", "counter"):
            yield ("activities", number, key), _names(entry.get(key))


def _of_events(own: Mapping[str, Any]) -> Iterator[tuple[Path, list[str]]]:
    """The columns of events that a mapping names."""
    for role in ROLES:
        yield ("event", role), _names(own.get("event", {}).get(role))


def _names(said: Any) -> list[str]:
    """A line's columns: one, or several; none where it says something else."""
    return [said] if isinstance(said, str) else said if isinstance(said, list) else []


def _own_mapping(config: Config, name: str) -> tuple[FilePath | None, dict[str, Any]]:
    """The mapping file that the admin wrote for a connection, and what it says."""
    table = tomllib.loads(config.path.read_text("utf-8-sig"))["connections"][name]
    file = config.root / table["mapping"] if table.get("mapping") else None
    return file, tomllib.loads(file.read_text("utf-8-sig")) if file else {}


def _crm(runtime: Runtime, connection: Connection) -> Iterator[Finding]:
    found: list[Crm] = []

    def prove() -> None:
        crm = runtime.crm(connection.name)
        crm.check()
        found.append(crm)

    yield from _proved(runtime.config, connection.name, prove)
    for crm in found:
        yield from _targets(runtime.config, connection, _fields(crm), crm.capabilities.any_field)


def _targets(config: Config, connection: Connection, fields: list[FieldInfo], any_field: bool) -> Iterator[Finding]:
    """Fields that the mapping writes and the CRM does not have, and those that it wants and nobody writes."""
    known = {one.name for one in fields if one.object == "lead"}
    written = set(connection.mapping.written("lead"))
    path = ("connections", connection.name)
    for name in sorted(written - known) if known and not any_field else ():
        near = get_close_matches(name, sorted(known), n=1)
        what = N_("the mapping writes %(name)s, which the CRM does not have")
        yield _warning(config, path, what, nearest=near[0] if near else "", name=name)
    for one in fields:
        if one.object == "lead" and one.required and one.name not in written:
            what = N_("the CRM requires %(name)s, which the mapping does not write")
            yield _warning(config, path, what, name=one.name)


def criteria(config: Config, flow: Flow) -> Iterator[Finding]:
    """What the criteria of a flow cannot mean."""
    mappings = [config.connections[name].mapping for name in flow.sources]
    fields = frozenset[str]().union(*(one.fields for one in mappings))
    kinds = frozenset[str]().union(*(one.kinds for one in mappings))
    file = config.root / "flows" / f"{flow.name}.toml"
    place = file if file in config.files else config.path
    shown = str(place.relative_to(config.root))
    found = lint(flow.criteria, fields=fields | derivable(fields), kinds=kinds, also=_also(flow))
    for problem in [*found, *lint_routing(flow.routing, (*flow.criteria.path, "routing"))]:
        yield Finding("warning", replace(problem, file=shown, line=line_in(place, problem.path)))


def _also(flow: Flow) -> list[tuple[Path, Uses]]:
    """The conditions of a flow outside its criteria."""
    path = flow.criteria.path
    found: list[tuple[Path, Uses]] = []
    if flow.takes is not None:
        found.append(((*path, "takes"), flow.takes.uses))
    found += [
        ((*path, "routing", "order", rule.number - 1, "when"), rule.when.uses)
        for rule in flow.routing.rules
        if rule.when is not None
    ]
    found += [
        ((*path, "reasons", name, "back_when"), reason.back_when.uses)
        for name, reason in flow.reasons.items()
        if reason.back_when is not None
    ]
    return found
