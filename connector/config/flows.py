"""Flows: where they stand, in which order they are asked, and each of them compiled."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connector import platforms
from connector.config.briefs import briefs
from connector.config.flow_settings import BreachSettings, ClockSettings, FieldSettings, FlowSettings
from connector.config.literal_secrets import refuse_secrets
from connector.config.reasons import compile_reasons
from connector.config.sentences import validated
from connector.config.types import Breach, Clock, Connection, Contact, Flow
from connector.config.workspace import FLOW_FOLDER, Workspace, check_field, table_of
from connector.model.activity import KINDS
from connector.model.errors import ConfigError, Path, Problems
from connector.steps.conditions.compiler import Condition, compile_condition
from connector.steps.conditions.condition import ACCOUNT_LATER, NO_ACCOUNT
from connector.steps.routing.rules import Routing, compile_routing
from connector.steps.scoring.compiler import Criteria, compile_criteria
from connector.steps.scoring.defaults import TABLES, completed

if TYPE_CHECKING:
    from connector.config.documents import Document
    from connector.config.settings import Settings

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

_TABLES = (*TABLES, "account", "routing", "reasons", "fields")


@dataclass(frozen=True, slots=True)
class FlowTable:
    """A flow as it stands in a file: `path` leads to it there. `settings` is None where they are too faulty."""

    name: str
    document: Document
    path: Path
    table: Mapping[str, Any]
    settings: FlowSettings | None


def find_flows(settings: Settings, workspace: Workspace) -> dict[str, FlowTable]:
    """The flows of `config.toml` and of `flows/`, in the order in which they are asked."""
    main = workspace.main
    found = {}
    unreadable = set()
    for name, table in table_of(main.table, "flows").items():
        if isinstance(table, dict):
            found[name] = FlowTable(name, main, ("flows", name), table, settings.flows.get(name))
    for file in workspace.files.listing(workspace.root / FLOW_FOLDER):
        document = workspace.open(f"{FLOW_FOLDER}/{file.name}", main, ())
        if document is None or not document.readable:
            unreadable.add(file.stem)
            continue
        if file.stem in found:
            other = found[file.stem].document.shown
            document.problems.add((), "the flow %(name)s stands in %(other)s already", name=file.stem, other=other)
            continue
        refuse_secrets(document.table, document.problems, {})
        model, _ = validated(FlowSettings, document.table, document.problems)
        own = model if isinstance(model, FlowSettings) else None
        found[file.stem] = FlowTable(file.stem, document, (), document.table, own)
    return _ordered(found, settings.flow_order, unreadable, workspace)


def _ordered(
    found: dict[str, FlowTable], order: list[str], unreadable: Collection[str], workspace: Workspace
) -> dict[str, FlowTable]:
    """The flows by `flow_order`, which names every flow once as soon as one of several stands in a file."""
    problems = workspace.main.problems
    for place, name in enumerate(order):
        if name not in found and name not in unreadable:
            problems.unknown(("flow_order", place), name, found, "flow")
        elif name in order[:place]:
            problems.add(("flow_order", place), "the flow %(name)s has a place already", name=name)
    needed = order or any(flow.document is not workspace.main for flow in found.values())
    left = [name for name in found if name not in order]
    if len(found) > 1 and needed and left:
        problems.add(
            ("flow_order",),
            "the order of the flows is not known: every flow stands here once; missing: %(names)s",
            names=", ".join(left),
        )
    return {name: found[name] for name in (*order, *left) if name in found}


@dataclass(frozen=True, slots=True)
class FlowCompiler:
    """Compiles flows. `connections` are those that could be made, `names` all that stand there."""

    settings: Settings
    workspace: Workspace
    connections: Mapping[str, Connection]

    def compile(self, found: FlowTable) -> Flow | None:
        """The flow; None where its settings are too faulty. Problems are added to its document."""
        path, problems = found.path, found.document.problems
        # What is no table has been reported already, and would be again.
        sound = {key: value for key, value in found.table.items() if key not in _TABLES or isinstance(value, dict)}
        table = completed(sound)
        kinds = self._kinds(found)
        criteria = compile_criteria(
            table, path=path, problems=problems, lists=self.workspace.list_file, kinds=kinds, teams=self._teams()
        )
        compile_here = self._condition_compiler(criteria, kinds, problems)
        takes = None
        if "takes" in sound:
            before = self._condition_compiler(criteria, kinds, problems, decided=False)
            takes = before(sound["takes"], (*path, "takes"))
        routing = Routing(())
        if "routing" in sound:
            routing = compile_routing(
                sound["routing"], path=(*path, "routing"), problems=problems, teams=self._teams(), compile=compile_here
            )
        for name in table_of(sound, "fields"):
            check_field(name, (*path, "fields", name), found.document)
        if found.settings is None:
            return None
        self._check_connections(found, found.settings)
        reasons = compile_reasons(found.settings, (*path, "reasons"), problems, compile_here)
        texts = briefs(found.settings.brief, self.workspace, found.document, (*path, "brief"))
        return self._flow(found.name, found.settings, table, takes, criteria, routing, reasons, texts)

    def _flow(
        self,
        name: str,
        own: FlowSettings,
        table: Mapping[str, Any],
        takes: Condition | None,
        criteria: Criteria,
        routing: Routing,
        reasons: Mapping[str, Any],
        texts: Mapping[str, str],
    ) -> Flow:
        return Flow(
            name=name,
            sources=tuple(own.sources),
            crm=own.crm,
            takes=takes,
            mode=own.mode,
            start=own.start,
            handoffs_per_day=own.handoffs_per_day,
            changes_per_run=own.changes_per_run,
            accept_over=own.accept_over,
            required=tuple(own.required),
            mend_by=own.mend_by or "",
            existing=own.existing.model_dump(),
            criteria=criteria,
            routing=routing,
            clock=_clock(own.clock),
            reasons=reasons,
            fields={field: one.rule if isinstance(one, FieldSettings) else one for field, one in own.fields.items()},
            orders={field: order for field in own.fields if (order := _order_of(own, field))},
            language=own.language or self.settings.language,
            zone=self.settings.timezone,
            table=table,
            briefs=texts,
        )

    def _teams(self) -> list[str]:
        return list(table_of(self.workspace.main.table, "teams"))

    def _kinds(self, found: FlowTable) -> frozenset[str]:
        """The shipped kinds, and those that the mappings of the flow's connections make."""
        named = found.table.get("sources", [])
        names = {str(name) for name in (*(named if isinstance(named, list) else ()), found.table.get("crm"))}
        made = (self.connections[name].mapping.kinds for name in names & self.connections.keys())
        return frozenset(KINDS).union(*made)

    def _condition_compiler(
        self, criteria: Criteria, kinds: frozenset[str], problems: Problems, *, decided: bool = True
    ) -> Callable[[Any, Path], Condition]:
        """Compiles conditions outside the criteria. Those before the flow is `decided` ask for no score or account."""
        account = criteria.account
        unknown = ACCOUNT_LATER if not decided else NO_ACCOUNT if account is None else ""

        def compile_(given: Any, path: Path) -> Condition:
            return compile_condition(
                given,
                path=path,
                problems=problems,
                named=criteria.conditions,
                lists=self.workspace.list_file,
                kinds=kinds,
                scores=decided,
                account=unknown,
                roles=account.roles if account is not None else (),
            )

        return compile_

    def _check_connections(self, found: FlowTable, own: FlowSettings) -> None:
        for place, name in enumerate(own.sources):
            self._check_role(name, "source", (*found.path, "sources", place), found)
            if name in own.sources[:place]:
                found.document.problems.add((*found.path, "sources", place), "%(name)s stands here twice", name=name)
        self._check_role(own.crm, "crm", (*found.path, "crm"), found)
        for field in own.fields:
            for place, name in enumerate(order := _named(own, field)):
                path = (*found.path, "fields", field, "sources", place)
                if name not in own.sources:
                    found.document.problems.unknown(path, name, own.sources, "source of this flow")
                elif name in order[:place]:
                    found.document.problems.add(path, "%(name)s stands here twice", name=name)

    def _check_role(self, name: str, role: str, path: Path, found: FlowTable) -> None:
        known = table_of(self.workspace.main.table, "connections")
        if name not in known:
            found.document.problems.unknown(path, name, known, "connection")
        elif name in self.connections and not _can(self.connections[name].type, role):
            what = N_("%(name)s cannot be a source of leads") if role == "source" else N_("%(name)s cannot be a CRM")
            able = [other for other in self.connections if _can(self.connections[other].type, role)]
            found.document.problems.add(path, what, ", ".join(able), name=name)


def _named(own: FlowSettings, field: str) -> list[str]:
    """The sources that a rule names."""
    rule = own.fields[field]
    return rule.sources if isinstance(rule, FieldSettings) else []


def _order_of(own: FlowSettings, field: str) -> tuple[str, ...]:
    """All sources in the order of a rule that names some; () where it names none."""
    named = _named(own, field)
    return tuple(dict.fromkeys((*named, *own.sources))) if named else ()


def _can(type_: str, role: str) -> bool:
    try:
        return getattr(platforms.adapter(type_), role) is not None
    except ConfigError:
        return False


def _clock(own: ClockSettings) -> Clock:
    return Clock(
        contact=Contact(own.contact.hot, own.contact.other),
        touch=tuple(own.touch),
        not_by=tuple(own.not_by),
        remind=tuple(own.remind),
        breach=tuple(
            Breach(step.do, step.after) if isinstance(step, BreachSettings) else Breach(step) for step in own.breach
        ),
        pause_after=own.pause_after,
    )


def check_reach(flows: Mapping[str, Flow], tables: Mapping[str, FlowTable], problems: Problems) -> None:
    """Report flows that never get a lead, because one before them takes everyone of their sources.

    Does nothing where `problems` says that the order is not known.
    """
    if any(problem.path[:1] == ("flow_order",) for problem in problems.found):
        return
    for name, earlier in _hidden(list(flows.values())):
        found = tables[name]
        path = found.path or ("sources",)
        found.document.problems.add(
            path, "never gets a lead: the flow %(earlier)s is asked before it, and takes everyone", earlier=earlier
        )


def _hidden(flows: list[Flow]) -> Iterator[tuple[str, str]]:
    for place, flow in enumerate(flows):
        for earlier in flows[:place]:
            if earlier.takes is None and set(flow.sources) <= set(earlier.sources):
                yield flow.name, earlier.name
                break
