"""A flow as it decided under an earlier version of its criteria, out of the text that is kept with the version."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from connector.config.documents import Document, Files
from connector.config.types import Config, Flow
from connector.config.workspace import Workspace
from connector.model.activity import KINDS
from connector.model.errors import Problems
from connector.steps.conditions.compiler import compile_condition
from connector.steps.conditions.condition import ACCOUNT_LATER
from connector.steps.scoring.compiler import compile_criteria


def earlier(config: Config, flow: Flow, text: str) -> Flow:
    """`flow` with the criteria of `text`: points, gates, whom it takes, what it requires. Routing stays as it is.

    Lists are read as they are now: where one has changed since, the version of the result is another than that of
    `text`. So it is where `text` can no longer be compiled.
    """
    table, problems = tomllib.loads(text), Problems()
    workspace = Workspace(Files(config.root), Document(config.path, config.path.name))
    made = (config.connections[name].mapping.kinds for name in (*flow.sources, flow.crm) if name in config.connections)
    kinds = frozenset(KINDS).union(*made)
    plain = {name: one for name, one in table.items() if name != "lists"}
    criteria = compile_criteria(
        plain, path=flow.criteria.path, problems=problems, lists=workspace.list_file, kinds=kinds
    )
    takes = None
    if "takes" in table:
        takes = compile_condition(
            table["takes"], path=flow.criteria.path, problems=problems, named=criteria.conditions,
            lists=workspace.list_file, kinds=kinds, scores=False, account=ACCOUNT_LATER,
            roles=criteria.account.roles if criteria.account is not None else (),
        )  # fmt: skip
    if problems.found:
        criteria = replace(criteria, version="")
    required = tuple(table.get("required", ()))
    return replace(flow, criteria=criteria, takes=takes, required=required, table=table)
