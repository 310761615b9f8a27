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
KEYS = (*COMPUTED, "nurture", "review", *OF_PEOPLE)

#: What a rep may be asked besides the fields of a lead.
QUESTIONS = ("fit",)
_BY = ("owner", "manager")
MANAGER = "manager"


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
class ReviewGate:
    """Who releases a lead before it is handed over, in a flow whose mode is review.

    `by` is `manager` or an address ("" for whoever looks), `within` how long they have (None: no limit), `deputy`
    (the same) whose it is after that, or while they are away; "" for nobody.
    """

    by: str = ""
    within: Duration | None = None
    deputy: str = ""


#: Nobody is named: whoever looks releases.
NO_REVIEW = ReviewGate()


@dataclass(frozen=True, slots=True)
class Untouched:
    """Who is warm for `after` without anybody getting in touch joins `list` ("" for none)."""

    after: Duration
    list: str = ""


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates of a flow. `computed` holds `mql`, `mql_ends`, `hot`, `nurture` where they are set."""

    computed: Mapping[str, Condition] = field(default_factory=dict)
    nurture_list: str = ""
    of_people: Mapping[str, PeopleGate] = field(default_factory=dict)
    review: ReviewGate = NO_REVIEW
    untouched: Untouched | None = None


def compile_gates(given: object, path: Path, context: Context, teams: Collection[str] | None) -> Gates:
    """Compile the `gates` table; `teams` are those that `then` may name (None: not checked)."""
    if not isinstance(given, Mapping):
        context.problems.add(path, "`gates` is a table", ", ".join(KEYS))
        return Gates()
    for key in given:
        if key not in KEYS:
            context.problems.unknown((*path, key), key, KEYS, "gate")
    computed = {key: compile_in(context, given[key], (*path, key)) for key in COMPUTED if key in given}
    name, untouched = "", None
    if "nurture" in given:
        computed["nurture"], name, untouched = _nurture(given["nurture"], (*path, "nurture"), context)
    review = _review(given["review"], (*path, "review"), context) if "review" in given else NO_REVIEW
    people = {key: _people_gate(given[key], (*path, key), context, teams) for key in OF_PEOPLE if key in given}
    return Gates(computed, name, people, review, untouched)


def _nurture(given: Any, path: Path, context: Context) -> tuple[Condition, str, Untouched | None]:
    """`{ when = condition, list = "name", untouched = { after = "30 days", list = "name" } }`"""
    table = _table_of(given, ("when", "list", "untouched"), path, context)
    name = _list_of(table, path, context)
    if "when" not in table and isinstance(given, Mapping):
        context.problems.add(path, "`when` is missing: the condition for joining")
    when = compile_in(context, table["when"], (*path, "when")) if "when" in table else NEVER
    untouched = _untouched(table["untouched"], (*path, "untouched"), context) if "untouched" in table else None
    return when, name, untouched


def _list_of(table: Mapping[str, Any], path: Path, context: Context) -> str:
    name = table.get("list", "")
    if not isinstance(name, str):
        context.problems.add((*path, "list"), "the name of a list is a text in quotes")
    return str(name)


def _untouched(given: Any, path: Path, context: Context) -> Untouched | None:
    table = _table_of(given, ("after", "list"), path, context)
    if "after" not in table:
        context.problems.add(path, "`after` is missing: how long nobody got in touch", '"30 days"')
        return None
    after = checked(table["after"], (*path, "after"), context.problems, working=False)
    name = _list_of(table, path, context)
    return Untouched(after, name) if after is not None else None


def _review(given: Any, path: Path, context: Context) -> ReviewGate:
    """`{ by = "manager", within = "4 working hours", deputy = "address" }`."""
    table = _table_of(given, ("by", "within", "deputy"), path, context)
    people = {}
    for key in ("by", "deputy"):
        who = people[key] = table.get(key, "")
        if who not in ("", MANAGER) and not (isinstance(who, str) and "@" in who):
            context.problems.add((*path, key), "%(value)s cannot review", "manager, an address", value=who)
    within = checked(table["within"], (*path, "within"), context.problems) if "within" in table else None
    return ReviewGate(str(people["by"]).lower(), within, str(people["deputy"]).lower())


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
