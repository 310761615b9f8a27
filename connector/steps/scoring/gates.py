"""Gates: what makes a lead an MQL, hot, warm; and what people are asked at the gates that are theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.model.durations import Duration, checked
from connector.model.errors import Path
from connector.model.fields import FIELDS
from connector.steps.conditions.compiler import compile_in
from connector.steps.conditions.condition import NEVER, Condition, Context

#: Gates that are computed from facts and score.
COMPUTED = ("mql", "mql_ends", "hot")
OF_PEOPLE = ("sal", "sql")
KEYS = (*COMPUTED, "nurture", *OF_PEOPLE)

#: What a rep may be asked besides the fields of a lead.
QUESTIONS = ("fit",)
_BY = ("owner", "manager")


@dataclass(frozen=True, slots=True)
class PeopleGate:
    """A gate that a person decides.

    `by` is `owner`, `manager` or an address, `within` how long they have (None: no limit), `asks`
    what they are asked, `then` the team that the lead is handed to next ("" for none).
    """

    by: str = "owner"
    within: Duration | None = None
    asks: tuple[str, ...] = ()
    then: str = ""


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of a flow. `computed` holds `mql`, `mql_ends`, `hot`, `nurture` where they are set."""

    computed: Mapping[str, Condition] = field(default_factory=dict)
    nurture_list: str = ""
    of_people: Mapping[str, PeopleGate] = field(default_factory=dict)


def compile_gates(given: object, path: Path, context: Context, teams: Collection[str] | None) -> Gates:
    """Compile the `gates` table; `teams` are those that `then` may name (None: not checked)."""
    if not isinstance(given, Mapping):
        context.problems.add(path, "`gates` is a table", ", ".join(KEYS))
        return Gates()
    for key in given:
        if key not in KEYS:
            context.problems.unknown((*path, key), key, KEYS, "gate")
    computed = {key: compile_in(context, given[key], (*path, key)) for key in COMPUTED if key in given}
    name = ""
    if "nurture" in given:
        computed["nurture"], name = _nurture(given["nurture"], (*path, "nurture"), context)
    people = {key: _people_gate(given[key], (*path, key), context, teams) for key in OF_PEOPLE if key in given}
    return Gates(computed, name, people)


def _nurture(given: Any, path: Path, context: Context) -> tuple[Condition, str]:
    """`{ when = condition, list = "name" }`; the list may be left out."""
    table = _table_of(given, ("when", "list"), path, context)
    name = table.get("list", "")
    if not isinstance(name, str):
        context.problems.add((*path, "list"), "the name of a list is a text in quotes")
    if "when" not in table and isinstance(given, Mapping):
        context.problems.add(path, "`when` is missing: the condition for joining")
    when = compile_in(context, table["when"], (*path, "when")) if "when" in table else NEVER
    return when, str(name)


def _people_gate(given: Any, path: Path, context: Context, teams: Collection[str] | None) -> PeopleGate:
    table = _table_of(given, ("by", "within", "asks", "then"), path, context)
    by = table.get("by", "owner")
    if by not in _BY and not (isinstance(by, str) and "@" in by):
        context.problems.add((*path, "by"), "%(value)s cannot decide a gate", "owner, manager, an address", value=by)
    within = None
    if "within" in table:
        within = checked(table["within"], (*path, "within"), context.problems)
    then = table.get("then", "")
    if then and teams is not None and then not in teams:
        context.problems.unknown((*path, "then"), str(then), teams, "team")
    return PeopleGate(str(by), within, _asks(table, path, context), str(then))


def _asks(table: Mapping[str, Any], path: Path, context: Context) -> tuple[str, ...]:
    asks = table.get("asks", [])
    if not isinstance(asks, list) or not all(isinstance(one, str) for one in asks):
        context.problems.add((*path, "asks"), "a list of questions is needed here")
        return ()
    for place, one in enumerate(asks):
        if one not in FIELDS and one not in QUESTIONS and not one.startswith("custom."):
            context.problems.unknown((*path, "asks", place), one, (*QUESTIONS, *FIELDS), "question")
    return tuple(asks)


def _table_of(given: Any, keys: tuple[str, ...], path: Path, context: Context) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        context.problems.add(path, "a table is needed here", ", ".join(keys))
        return {}
    for key in given:
        if key not in keys:
            context.problems.unknown((*path, key), key, keys)
    return given
