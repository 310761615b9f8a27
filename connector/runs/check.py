"""Proving a configuration: connections, mappings against what the platforms have, and criteria."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from connector.config import Config, Connection, Flow
from connector.config.calendars import unknown_calendars
from connector.config.keeping import asked
from connector.model.adapter import Crm, FieldInfo, Neighbour, Source
from connector.model.errors import AuthError, BatonError, ConfigError, Path, Problem, RetryableError
from connector.model.fields import OWN_FIELDS
from connector.runs.check_lists import lists
from connector.runs.check_written import members, written_back, written_to_crm
from connector.runs.findings import Finding, own_mapping, warning
from connector.runs.notices import ROLES as LISTENERS
from connector.runs.notices import has_way
from connector.runs.places import line_in, placed
from connector.runs.publishers import publishers
from connector.runs.runtime import Runtime
from connector.runs.sync import readers, sources, targets
from connector.steps.conditions.condition import Uses
from connector.steps.mapping.activities import ROLES
from connector.steps.mapping.columns import Headings
from connector.steps.mapping.document import read_lines
from connector.steps.normalise.values import derivable
from connector.steps.routing.rules import lint_routing
from connector.steps.scoring.lint import lint

#: Marks a text for the translators; it is translated where it is shown.
N_ = str


def findings(runtime: Runtime, roles: Callable[[str], tuple[bool, bool]]) -> Iterator[Finding]:
    """Everything wrong or doubtful about a configuration that loads.

    `roles(type)` says whether a platform has a source and a CRM.
    """
    config = runtime.config
    used = {*sources(runtime), *targets(runtime)}
    for name, connection in config.connections.items():
        if name not in used:
            yield warning(config, ("connections", name), N_("no flow uses this connection"))
        as_source, as_crm = in_use(runtime, name, roles(connection.type))
        if as_source:
            yield from _source(runtime, connection, written=not as_crm and roles(connection.type)[1])
        if as_crm:
            yield from _crm(runtime, connection)
    for flow in config.flows.values():
        yield from criteria(config, flow)
        yield from rules(config, flow)
        yield from lists(runtime, flow, roles)
    yield from limits(runtime)
    yield from calendars(config)
    yield from listeners(config)
    yield from published(runtime)


def published(runtime: Runtime) -> Iterator[Finding]:
    """What is to be published each day, and no CRM shows."""
    if runtime.config.publish.at and not publishers(runtime):
        what = N_("no CRM that a flow hands leads to can show what is to be published")
        yield warning(runtime.config, ("publish", "at"), what)


def listeners(config: Config) -> Iterator[Finding]:
    """Whom nothing would ever reach: told by mail where there is no mail server, in a team that says no address."""
    for kind, named in config.notices.items():
        for place, listener in enumerate(named):
            if listener in LISTENERS and not has_way(config, listener):
                team = listener == "team"
                what = N_("no team says `notify`, where it is told") if team else N_("%(who)s: no mail server is named")
                yield warning(
                    config, ("notices", kind, place), what, "" if team else "[mail] server = ...", who=listener
                )


def calendars(config: Config) -> Iterator[Finding]:
    """Holidays by a code that no calendar has: they would be worked on."""
    for path, code, known in unknown_calendars(config):
        what = N_("%(code)s is no known calendar: its holidays count as working days")
        nearest = next(iter(get_close_matches(code, known, 1)), "")
        yield warning(config, path, what, ", ".join(known), nearest, code=code)


def limits(runtime: Runtime) -> Iterator[Finding]:
    """Members with a limit that only fills up: nothing is read back from their CRM, so that no handoff closes."""
    config, read = runtime.config, readers(runtime)
    unread = {name for flow in config.flows.values() if flow.crm not in read for name in members(config, flow.crm)}
    for name, team in config.teams.items():
        for place, member in enumerate(team.members):
            if member.open_at_most is not None and member.email in unread:
                path = ("teams", name, "members", place, "open_at_most")
                what = N_(
                    "nothing is read back from the CRM, so no handoff closes: "
                    "after %(count)s turns this person gets none"
                )
                yield warning(config, path, what, count=member.open_at_most)


def in_use(runtime: Runtime, name: str, has: tuple[bool, bool]) -> tuple[bool, bool]:
    """Whether a connection is used as (source, CRM): by some flow, or because it can be nothing else."""
    has_source, has_crm = has
    as_source = has_source and (name in sources(runtime) or not has_crm)
    as_crm = has_crm and (name in targets(runtime) or not has_source)
    return as_source or (has_source and not as_crm), as_crm


def _proved(config: Config, name: str, act: Callable[[], None]) -> Iterator[Finding]:
    """What a connection's own check finds."""
    try:
        act()
    except ConfigError as error:
        for problem in placed(config, name, error):
            yield Finding("error", problem, error.exit_code)
    except (AuthError, RetryableError) as error:
        yield Finding("error", Problem(("connections", name), "%(what)s", values={"what": error}), error.exit_code)


def _source(runtime: Runtime, connection: Connection, *, written: bool) -> Iterator[Finding]:
    """What is wrong with a source; `written`: it is told what became of its people."""
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
            yield warning(runtime.config, ("connections", connection.name), what)
        yield from _columns(runtime.config, connection, fields)
        steps, missing = _lacking(runtime.config, connection, source)
        yield from steps
        contacts = [replace(one, object="contact") for one in fields if one.object == "contacts"]
        if written:
            yield from written_back(runtime.config, connection, contacts, missing)
        yield from _beside(runtime.config, connection, source)


def _fields(side: Source | Crm) -> list[FieldInfo]:
    """The platform's fields; none where it cannot say at present, which its check has told already."""
    try:
        return side.fields()
    except BatonError:
        return []


def _columns(config: Config, connection: Connection, fields: Sequence[FieldInfo]) -> Iterator[Finding]:
    """Lines of the admin's own mapping that find nothing in the source; shipped lines are there to be of no use."""
    mapping = own_mapping(config, connection.name)
    own = mapping.said
    if mapping.file is None:
        return
    contacts = [one.name for one in fields if one.object != "activities"]
    events = [one.name for one in fields if one.object == "activities"]
    for path, columns in (*_of_contacts(own), *_of_events(own)):
        names = events if path[0] == "event" else contacts
        if not names or not columns or Headings(names).find_all(columns):
            continue
        near = get_close_matches(columns[0], names, n=1)
        what = N_("there is no column %(columns)s in the source")
        yield mapping.warning(path, what, nearest=near[0] if near else "", columns=", ".join(columns))


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


def _crm(runtime: Runtime, connection: Connection) -> Iterator[Finding]:
    found: list[Crm] = []

    def prove() -> None:
        crm = runtime.crm(connection.name)
        crm.check()
        found.append(crm)

    yield from _proved(runtime.config, connection.name, prove)
    for crm in found:
        steps, missing = _lacking(runtime.config, connection, crm)
        yield from steps
        yield from written_to_crm(runtime.config, connection, _fields(crm), crm.capabilities, missing)


def _lacking(config: Config, connection: Connection, role: Any) -> tuple[list[Finding], str]:
    """What the platform must be given first and lacks, and all of it in one text."""
    if not hasattr(role, "setup"):
        return [], ""
    try:
        steps = [step.what for step in role.setup() if not step.there]
    except BatonError:
        # What its check has not told already is told where it is set up.
        return [], ""
    what = N_("missing: %(step)s; see: baton setup %(name)s")
    path = ("connections", connection.name)
    return [warning(config, path, what, step=step, name=connection.name) for step in steps], " ".join(steps)


def _beside(config: Config, connection: Connection, source: Source) -> Iterator[Finding]:
    """Another connector between the same platforms."""
    try:
        others: Sequence[Neighbour] = source.beside() if hasattr(source, "beside") else ()
    except BatonError:
        return
    crms = dict.fromkeys(flow.crm for flow in config.flows.values() if connection.name in flow.sources)
    path = ("connections", connection.name)
    for other in others:
        for crm in crms:
            if other.links and f"links.{crm}" not in connection.mapping.columns:
                names = ", ".join(f'"{name}"' for name in other.links)
                line = f'"links.{crm}" = [{names}]'
                what = N_("%(other)s has linked people already; use its links, in [read] of the mapping: %(line)s")
                yield warning(config, path, what, other=other.what, line=line)
        if other.shared:
            what = N_(
                "%(other)s may write these fields too: %(names)s; leave them to one of the two (`NAME = false` in "
                "[write] of the mapping, or take them out of its mapping)"
            )
            yield warning(config, path, what, other=other.what, names=", ".join(other.shared))


def criteria(config: Config, flow: Flow) -> Iterator[Finding]:
    """What the criteria of a flow cannot mean."""
    mappings = [config.connections[name].mapping for name in flow.sources]
    fields = frozenset[str]().union(*(one.fields for one in mappings))
    kinds = frozenset[str]().union(*(one.kinds for one in mappings))
    file = config.root / "flows" / f"{flow.name}.toml"
    place = file if file in config.files else config.path
    shown = str(place.relative_to(config.root))
    found = lint(flow.criteria, fields=fields | derivable(fields), kinds=kinds, also=_also(flow))
    found += _looking_back_for_ever(config, flow)
    for problem in [*found, *lint_routing(flow.routing, (*flow.criteria.path, "routing"))]:
        yield Finding("warning", replace(problem, file=shown, line=line_in(place, problem.path)))


def rules(config: Config, flow: Flow) -> Iterator[Finding]:
    """Rules about fields that are Baton's own, or that no platform of the flow has."""
    read = frozenset[str]().union(*(config.connections[name].mapping.fields for name in flow.sources))
    known = read | frozenset(
        of
        for name in (*flow.sources, flow.crm)
        for object in ("lead", "contact")
        for origins in config.connections[name].mapping.origins(object).values()
        for of in origins
    )
    file = config.root / "flows" / f"{flow.name}.toml"
    place = file if file in config.files else config.path
    for name, rule in flow.fields.items():
        path = (*flow.criteria.path, "fields", name)
        what, near = "", ""
        if name in OWN_FIELDS and (name, rule) != ("owner", "always_crm"):
            what = N_("%(name)s is Baton's own: what it says is written whatever this says")
        elif name not in known and name not in OWN_FIELDS:
            what = N_("no mapping of this flow reads or writes %(name)s, so that the rule does nothing")
            near = next(iter(get_close_matches(name, sorted(known), n=1)), "")
        if what:
            shown = str(place.relative_to(config.root))
            yield Finding("warning", Problem(path, what, "", near, shown, line_in(place, path), {"name": name}))


def _looking_back_for_ever(config: Config, flow: Flow) -> list[Problem]:
    """Rules and conditions on activities without an end, where activities are not kept for ever."""
    kept = config.keep.activities
    if kept is None:
        return []
    what = N_(
        "looks back over all time, and activities are kept for %(days)s days (`keep.activities`): only how many there "
        "were of a kind stays true; say `within`, or keep them always"
    )
    return [
        Problem(path, what, values={"days": kept.delta.days})
        for path, uses in asked(flow)
        if uses.horizon is None and not uses.names
    ]


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
