"""Conditions on where a lead stands: its score, its grade, its account's owner, what changed lately."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from operator import attrgetter
from typing import Any

from connector.model.durations import checked
from connector.model.errors import Path
from connector.model.facts import Facts
from connector.model.fields import ACCOUNT_FIELDS, FIELDS, field_type
from connector.model.score import GROUPS
from connector.steps.conditions.comparing import utc_text
from connector.steps.conditions.condition import N_, NEVER, Condition, Context, Explained, Site, Uses, all_of
from connector.steps.conditions.fields import compile_present
from connector.steps.conditions.operators import RELATIONS

SCOPES = ("total", *GROUPS)
ACCOUNT_OWNER = "account owner"

_SENTENCES = {
    "at_least": N_("%(scope)s points at least %(wanted)s"),
    "at_most": N_("%(scope)s points at most %(wanted)s"),
    "above": N_("%(scope)s points above %(wanted)s"),
    "below": N_("%(scope)s points below %(wanted)s"),
}


def compile_score(table: Mapping[str, Any], path: Path, context: Context) -> Condition:
    """`{ score = "total", at_least = 50 }`; false as long as there is no score."""
    scope = table["score"]
    if not _known_yet(context, (*path, "score")):
        return NEVER
    if scope not in SCOPES:
        context.problems.unknown((*path, "score"), str(scope), SCOPES, "score")
        return NEVER
    parts = []
    for key, wanted in table.items():
        if key == "score":
            continue
        if key not in RELATIONS:
            context.problems.unknown((*path, key), key, (*RELATIONS, "all", "any", "not"))
        elif type(wanted) is not int:
            context.problems.add((*path, key), "a whole number of points is needed here")
        else:
            context.sites.append(Site((*path, key), "score", scope, key, wanted))
            parts.append(_score(scope, key, wanted))
    if len(table) == 1:
        context.problems.add(path, "%(field)s is asked nothing", ", ".join(RELATIONS), field=scope)
    return all_of(parts) if parts else NEVER


def _score(scope: str, key: str, wanted: int) -> Condition:
    read, relation = attrgetter(scope), RELATIONS[key]
    values = {"scope": scope, "wanted": wanted}

    def test(facts: Facts) -> bool:
        return facts.score is not None and relation(read(facts.score), wanted)

    def explain(facts: Facts) -> Explained:
        seen = "" if facts.score is None else str(read(facts.score))
        return Explained(_SENTENCES[key], test(facts), (), values, seen)

    return Condition(test, Uses(scores=frozenset((scope,))), explain)


def compile_grade(table: Mapping[str, Any], path: Path, context: Context) -> Condition:
    """`{ grade = ["A1", "B"] }`: a letter alone means every grade that begins with it."""
    path = (*path, "grade")
    given = table["grade"]
    wanted = [given] if isinstance(given, str) else given
    _only(table, ("grade",), path[:-1], context)
    if not _known_yet(context, path):
        return NEVER
    if not isinstance(wanted, list) or not wanted or not all(isinstance(one, str) for one in wanted):
        context.problems.add(path, 'a grade such as "A1", or a list of grades, is needed here')
        return NEVER
    letters = {grade[:1] for grade in context.grades}
    for one in wanted:
        known = not context.grades or one in context.grades or one in letters
        if not known or not re.fullmatch("[A-Z]?[0-9]?", one) or not one:
            context.problems.unknown(path, one, context.grades, "grade")
        context.sites.append(Site(path, "grade", one))
    return _grade(tuple(wanted))


def _grade(wanted: tuple[str, ...]) -> Condition:
    exact = frozenset(wanted)
    values = {"wanted": ", ".join(wanted)}

    def test(facts: Facts) -> bool:
        grade = facts.score.grade if facts.score else ""
        return grade in exact or grade[:1] in exact

    def explain(facts: Facts) -> Explained:
        seen = facts.score.grade if facts.score else ""
        return Explained(N_("the grade is one of %(wanted)s"), test(facts), (), values, seen)

    return Condition(test, Uses(scores=frozenset(("grade",))), explain)


def compile_has(table: Mapping[str, Any], path: Path, context: Context) -> Condition:
    """`{ has = "account owner" }`, or the name of a field that has a value."""
    _only(table, ("has",), path, context)
    name = table["has"]
    if name == ACCOUNT_OWNER:
        return _ACCOUNT_OWNED
    if not isinstance(name, str) or (field_type(name) is None and name not in ACCOUNT_FIELDS):
        context.problems.unknown((*path, "has"), str(name), (ACCOUNT_OWNER, *FIELDS, *ACCOUNT_FIELDS), "field")
        return NEVER
    return compile_present(name, (*path, "has"), context)


_ACCOUNT_OWNED = Condition(
    lambda facts: bool(facts.account_owner),
    Uses(),
    lambda facts: Explained(N_("the account has an owner"), bool(facts.account_owner), seen=facts.account_owner),
)


def compile_changed(table: Mapping[str, Any], path: Path, context: Context) -> Condition:
    """`{ changed = ["job_title"], within = "30 days" }`, or `since` a day, or at any time.

    Holds if one of the fields changed then. A day begins at midnight, UTC.
    """
    _only(table, ("changed", "within", "since"), path, context)
    given = table["changed"]
    names = [given] if isinstance(given, str) else given
    if not isinstance(names, list) or not names:
        context.problems.add((*path, "changed"), "a list of fields is needed here")
        return NEVER
    for name in names:
        if not isinstance(name, str) or field_type(name) is None:
            context.problems.unknown((*path, "changed"), str(name), FIELDS, "field")
        context.sites.append(Site((*path, "changed"), "field", str(name)))
    within = None
    if "within" in table:
        within = checked(table["within"], (*path, "within"), context.problems, working=False)
    since = _since(table, path, context)
    return _changed(tuple(map(str, names)), within.delta if within else None, since)


def _since(table: Mapping[str, Any], path: Path, context: Context) -> datetime | None:
    if "since" not in table:
        return None
    text = utc_text(table["since"])
    if text is None:
        context.problems.add((*path, "since"), "a day such as 2026-12-07, or a time with its zone, is needed here")
        return None
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if len(text) > 10 else datetime.combine(moment, time.min, UTC)


def _changed(names: tuple[str, ...], within: timedelta | None, since: datetime | None) -> Condition:
    values = {"fields": ", ".join(names)}

    def latest(facts: Facts) -> datetime | None:
        return max((facts.changed[name] for name in names if name in facts.changed), default=None)

    def test(facts: Facts) -> bool:
        at = latest(facts)
        if at is None or (since is not None and at < since):
            return False
        return within is None or at > facts.now - within

    def explain(facts: Facts) -> Explained:
        at = latest(facts)
        seen = f"{at:%Y-%m-%dT%H:%MZ}" if at else ""
        return Explained(N_("%(fields)s changed lately"), test(facts), (), values, seen)

    def timing(facts: Facts) -> tuple[bool, datetime | None]:
        at = latest(facts)
        if at is None or within is None or not test(facts):
            return False, None
        return True, at + within

    timed = timing if within is not None else None
    return Condition(test, Uses(fields=frozenset(names), changes=within is not None), explain, timed)


def _known_yet(context: Context, path: Path) -> bool:
    if not context.scores:
        context.problems.add(path, "the score cannot be asked for here: it is not known yet")
    return context.scores


def _only(table: Mapping[str, Any], keys: tuple[str, ...], path: Path, context: Context) -> None:
    for key in table:
        if key not in keys:
            context.problems.unknown((*path, key), key, (*keys, "all", "any", "not"))
