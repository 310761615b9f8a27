"""Compiling the criteria of a flow: conditions, rules, total, gates."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from connector.model.activity import KINDS
from connector.model.errors import Path, Problems
from connector.model.score import GROUPS
from connector.steps.buying_group import role_names
from connector.steps.conditions.compiler import Names
from connector.steps.conditions.condition import NO_ACCOUNT, Context, Lists, Uses
from connector.steps.scoring.account import compile_account_criteria
from connector.steps.scoring.canonical import canonical
from connector.steps.scoring.criteria import Criteria, Grouped
from connector.steps.scoring.gates import compile_gates
from connector.steps.scoring.next_change import lines_of
from connector.steps.scoring.rule import Rule
from connector.steps.scoring.rules import compile_rules
from connector.steps.scoring.totals import NEW_GRADE_OR_FIVE, Totals, compile_totals, compile_write_score

__all__ = ["KEYS", "VERSIONED", "Criteria", "compile_criteria"]

#: The keys of a flow that this reads.
KEYS = ("conditions", *GROUPS, "total", "gates", "write_score", "account")

#: The keys of a flow that make a version; who is on duty, clocks and texts do not.
VERSIONED = ("takes", "required", "conditions", *GROUPS, "total", "gates", "routing", "account")


def compile_criteria(
    table: Mapping[str, Any],
    *,
    path: Path,
    problems: Problems,
    lists: Lists,
    kinds: Collection[str] = KINDS,
    teams: Collection[str] | None = None,
) -> Criteria:
    """Compile a flow's criteria. What is wrong is added to `problems`; the result is then of no use.

    `table` is the flow's: its keys in `KEYS` are compiled, those in `VERSIONED` make the version,
    what else stands there is not looked at. `lists` gives the entries of a list file (and
    raises OSError, ValueError, LookupError or ConfigError), `kinds` are the kinds of activity that
    the mappings can make, `teams` those that may be named (None: not checked).
    """
    read = _Remembered(lists)
    totals = compile_totals(table.get("total", {}), (*path, "total"), problems)
    known = "account" in table
    account, roles = ("", role_names(table["account"])) if known else (NO_ACCOUNT, ())
    context = Context(problems, {}, read, kinds, totals.grades, account=account, roles=roles)
    names = _names(table.get("conditions", {}), (*path, "conditions"), context)
    conditions = {name: names[name] for name in names}
    unscored = replace(context, named=names, grades=(), scores=False)
    rules = compile_rules(table, path, unscored)
    gates = compile_gates(table.get("gates", {}), (*path, "gates"), context, teams)
    accounts = compile_account_criteria(table, path, context, rules, totals) if known else None
    write = NEW_GRADE_OR_FIVE
    if "write_score" in table:
        write = compile_write_score(table["write_score"], (*path, "write_score"), problems)
    text = canonical({**{key: _deciding(key, table[key]) for key in VERSIONED if key in table}, **read.digests()})
    version = hashlib.sha256(text.encode()).hexdigest()[:12]
    uses = Uses()
    for part in (*(rule.uses for rule in rules), *(gate.uses for gate in gates.computed.values())):
        uses |= part
    if accounts is not None:
        uses |= accounts.rules.uses
    timed = tuple(gate for gate in gates.computed.values() if gate.timing is not None)
    return Criteria(
        version, text, conditions, rules, totals, gates.of_people, gates.computed, gates.nurture_list, write, uses,
        tuple(context.sites), path, accounts, gates.review, gates.untouched, read.entries,
        _grouped(rules, totals),
        lines_of(context.sites, totals, write.points), timed, frozenset().union(*(gate.uses.kinds for gate in timed)),
    )  # fmt: skip


def _names(given: object, path: Path, context: Context) -> Names:
    if not isinstance(given, Mapping):
        context.problems.add(path, "`conditions` is a table, with the name of each condition as its key")
        given = {}
    return Names(given, path, context)


def _deciding(key: str, said: Any) -> Any:
    """A table as far as it is part of the criteria: who reviews is people's, and no change of them."""
    if key != "gates" or not isinstance(said, Mapping):
        return said
    return {name: one for name, one in said.items() if name != "review"}


def _grouped(rules: tuple[Rule, ...], totals: Totals) -> tuple[Grouped, ...]:
    found = []
    for group in GROUPS:
        own = [rule for rule in rules if rule.group == group]
        for_any = tuple(rule.evaluate for rule in own)
        without_activities = tuple(rule.evaluate for rule in own if not rule.needs_activity)
        found.append((group, for_any, without_activities, totals.caps.get(group)))
    return tuple(found)


class _Remembered:
    """List files as they are read, because their entries decide as much as the rules do."""

    def __init__(self, lists: Lists) -> None:
        self._lists = lists
        self._read: dict[str, frozenset[str]] = {}

    def __call__(self, name: str) -> frozenset[str]:
        if name not in self._read:
            self._read[name] = self._lists(name)
        return self._read[name]

    @property
    def entries(self) -> dict[str, frozenset[str]]:
        """What was read, by name."""
        return dict(self._read)

    def digests(self) -> dict[str, Any]:
        """A line for each list: how many entries, and a hash of them."""
        if not self._read:
            return {}
        return {"lists": {name: self._digest(entries) for name, entries in self._read.items()}}

    @staticmethod
    def _digest(entries: frozenset[str]) -> str:
        text = "\n".join(sorted(entries))
        return f"{len(entries)} entries, {hashlib.sha256(text.encode()).hexdigest()[:12]}"
