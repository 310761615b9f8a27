"""A flow with another threshold: the points in all that its MQL gate asks for, for trying a range of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from connector.config.documents import Document, Files
from connector.config.types import Config, Flow
from connector.config.workspace import Workspace
from connector.model.activity import KINDS
from connector.model.errors import ConfigError, Problem, Problems
from connector.steps.scoring.compiler import compile_criteria

#: Marks a text for the translators; it is translated where it is shown.
N_ = str


def with_threshold(config: Config, flow: Flow, points: int) -> Flow:
    """`flow` with an MQL gate that asks for `points` in all, wherever it asks for a total `at_least` or `above`.

    Raises ConfigError where the gate asks for none.
    """
    table = dict(flow.table)
    gates = dict(table.get("gates", {}))
    mql, found = _replaced(gates.get("mql"), points)
    if not found:
        path = (*flow.criteria.path, "gates", "mql")
        raise ConfigError([Problem(path, N_("asks for no points in all: there is no threshold to try"))])
    table["gates"] = gates | {"mql": mql}
    problems = Problems()
    workspace = Workspace(Files(config.root), Document(config.path, config.path.name))
    made = (config.connections[name].mapping.kinds for name in (*flow.sources, flow.crm) if name in config.connections)
    criteria = compile_criteria(
        table, path=flow.criteria.path, problems=problems, lists=workspace.list_file,
        kinds=frozenset(KINDS).union(*made),
    )  # fmt: skip
    if problems.found:
        raise ConfigError(problems.found)
    return replace(flow, criteria=flow.criteria.sharing(criteria), table=table)


def _replaced(said: Any, points: int) -> tuple[Any, int]:
    """(the condition with the threshold in place, how often it was found)."""
    if isinstance(said, list):
        parts = [_replaced(one, points) for one in said]
        return [one for one, _ in parts], sum(count for _, count in parts)
    if not isinstance(said, Mapping):
        return said, 0
    if said.get("score") == "total" and not {"at_least", "above"}.isdisjoint(said):
        kept = {key: value for key, value in said.items() if key != "above"}
        return kept | {"at_least": points}, 1
    inner = {key: _replaced(said[key], points) for key in ("all", "any", "not") if key in said}
    return {**said, **{key: one for key, (one, _) in inner.items()}}, sum(count for _, count in inner.values())
