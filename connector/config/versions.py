"""A flow as it decided under an earlier version of its criteria, made again from the text that is kept of it."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from connector.config.documents import Document, Files
from connector.config.types import Config, Flow
from connector.config.workspace import Workspace
from connector.model.activity import KINDS
from connector.model.errors import Path, Problems
from connector.steps.conditions.compiler import Condition, compile_condition
from connector.steps.conditions.condition import ACCOUNT_LATER, NO_ACCOUNT
from connector.steps.routing.rules import Routing, compile_routing
from connector.steps.scoring.compiler import VERSIONED, Criteria, compile_criteria

#: Entries of list files, by name.
Entries = Mapping[str, Collection[str]]


def earlier(config: Config, flow: Flow, text: str) -> Flow:
    """`flow` with the criteria of `text`: points, gates, whom it takes, what it requires, who gets the lead.

    Lists are read as they are now: where one has changed since, the version of the result is another than that of
    `text`. So it is where `text` can no longer be compiled.
    """
    found, problems = _made(config, flow, text, {})
    return replace(found, criteria=replace(found.criteria, version="")) if problems.found else found


def with_earlier(config: Config, flow: Flow, version: str, text: str, entries: Entries) -> Flow | None:
    """The same, to decide by; None where the criteria cannot be made again as they were.

    The kept text has everything that decides but the entries of list files, which come from `entries` and, where it
    has none, from the files; who reviews and when a score is written are as the flow says now. Teams that are gone
    by now may be named: nobody is there then. Where what is made has another `version`, a list or a kind of activity
    is not what it was.
    """
    found, problems = _made(config, flow, text, entries)
    return None if problems.found or found.criteria.version != version else found


def _made(config: Config, flow: Flow, text: str, entries: Entries) -> tuple[Flow, Problems]:
    table, path = _table(flow, text), flow.criteria.path
    problems, workspace = Problems(), Workspace(Files(config.root), Document(config.path, config.path.name))

    def lists(name: str) -> frozenset[str]:
        return frozenset(entries[name]) if name in entries else workspace.list_file(name)

    kinds = _kinds(config, flow)
    criteria = compile_criteria(table, path=path, problems=problems, lists=lists, kinds=kinds, teams=None)
    compiling = _Compiling(criteria, problems, lists, kinds, path)
    takes = compiling.condition(table["takes"], (*path, "takes"), decided=False) if "takes" in table else None
    found = replace(
        flow, criteria=criteria, takes=takes, routing=compiling.routing(table.get("routing")),
        required=tuple(table.get("required", ())), table=table, edited=flow.as_written,
    )  # fmt: skip
    return found, problems


def _table(flow: Flow, text: str) -> dict[str, Any]:
    """The flow's table with everything that makes a version as it was."""
    kept = tomllib.loads(text)
    kept.pop("lists", None)
    present = flow.as_written.table
    table = {key: value for key, value in present.items() if key not in VERSIONED} | kept
    review = present.get("gates", {}).get("review")
    return table | {"gates": {**table["gates"], "review": review}} if review and "gates" in table else table


def _kinds(config: Config, flow: Flow) -> frozenset[str]:
    named = (*flow.sources, flow.crm)
    return frozenset(KINDS).union(
        *(config.connections[name].mapping.kinds for name in named if name in config.connections)
    )


class _Compiling:
    """Compiles what stands beside the criteria: whom the flow takes, who gets the lead."""

    def __init__(
        self, criteria: Criteria, problems: Problems, lists: Any, kinds: Collection[str], path: Path
    ) -> None:  # fmt: skip
        self._criteria, self._problems, self._lists, self._kinds, self._path = criteria, problems, lists, kinds, path

    def condition(self, given: Any, path: Path, *, decided: bool = True) -> Condition:
        account = self._criteria.account
        return compile_condition(
            given, path=path, problems=self._problems, named=self._criteria.conditions, lists=self._lists,
            kinds=self._kinds, scores=decided,
            account=ACCOUNT_LATER if not decided else NO_ACCOUNT if account is None else "",
            roles=account.roles if account is not None else (),
        )  # fmt: skip

    def routing(self, given: Any) -> Routing:
        if given is None:
            return Routing(())
        named = {str(rule.get("to")) for rule in given.get("order", ()) if "@" not in str(rule.get("to"))}
        named.add(str(given.get("nobody_there", {}).get("give_to")))
        return compile_routing(
            given, path=(*self._path, "routing"), problems=self._problems, teams=named - {"account owner"},
            compile=self.condition,
        )  # fmt: skip
