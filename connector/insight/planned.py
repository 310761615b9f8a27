"""A plan as it is read: groups first, with counts, then record by record, the best first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Any

from connector.locale.columns import aligned, wrap
from connector.locale.format import number
from connector.model.plans import PLAN_ACTIONS, Cost, Plan, PlanAction, PlannedField, PlannedRow
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, Words

ACTIONS: Mapping[PlanAction, str] = {
    "create": N_("create"),
    "update": N_("update"),
    "skip": N_("skip"),
    "conflict": N_("conflict"),
    "unknown": N_("unknown"),
}
#: The calls of a plan that only ask.
ASKS = {"ask records": N_("ask records"), "ask people": N_("ask people")}
LONGEST_VALUE = 60
SMALLEST_SHARE = 0.001
#: So many fields are named with a group.
NAMED = 6
#: Records of these actions are listed one by one; what is left as it is, is only counted unless all is asked for.
LISTED: tuple[PlanAction, ...] = ("create", "update", "conflict", "unknown")


@dataclass(slots=True)
class Group:
    """Rows to which the same happens for the same reason."""

    action: PlanAction
    target: str
    object: str
    kind: str
    rows: list[PlannedRow] = field(default_factory=list)

    @property
    def fields(self) -> Counter[str]:
        """In how many of its records each field would be written."""
        return Counter(one.name for row in self.rows for one in row.fields)

    @property
    def also(self) -> Counter[str]:
        """What would be made with its records."""
        return Counter(name for row in self.rows for name in row.also)


def grouped(rows: Iterable[PlannedRow]) -> list[Group]:
    """The groups, in the order of what happens, the largest first."""
    found: dict[tuple[str, str, str, str], Group] = {}
    for row in rows:
        key = (row.action, row.target, row.object, row.kind)
        if key not in found:
            found[key] = Group(row.action, row.target, row.object, row.kind)
        found[key].rows.append(row)
    return sorted(found.values(), key=lambda one: (PLAN_ACTIONS.index(one.action), -len(one.rows)))


def lines_of(plan: Plan, words: Words, *, columns: int = 100, longest: int | None = 20) -> list[str]:
    """The plan as text. Of each action at most `longest` records are listed; None lists all, skipped ones too."""
    if not plan.rows:
        return [words.say(N_("Nothing to do."))]
    groups = grouped(plan.rows)
    lines = [words.say(N_("In all")), *aligned([in_short(one, words) for one in groups], right=(0,), columns=columns)]
    lines += _costs(plan.cost, words, columns)
    for action in PLAN_ACTIONS if longest is None else LISTED:
        chosen = [row for row in plan.rows if row.action == action]
        if not chosen:
            continue
        head = words.say(
            N_("%(action)s (%(count)s)"), action=words.translate(ACTIONS[action]), count=number(len(chosen))
        )
        lines += ["", head]
        for row in chosen[:longest]:
            lines += _detail(row, words, columns)
        if longest is not None and len(chosen) > longest:
            more = N_("and %(count)s more; baton plan --all lists them")
            lines.append("  " + words.say(more, count=number(len(chosen) - longest)))
    return lines


def in_short(one: Group, words: Words) -> tuple[str, str, str]:
    """(how many, what happens, where, why and to which fields) of a group."""
    parts = [one.target, object_name(one.object, words) if one.target else "", words.retell(one.kind)]
    if one.action != "create":
        parts.append(", ".join(f"{name} {number(count)}" for name, count in one.fields.most_common(NAMED)))
    parts += [f"{object_name(name, words)} {number(count)}" for name, count in one.also.items()]
    return number(len(one.rows)), words.translate(ACTIONS[one.action]), " · ".join(part for part in parts if part)


def object_name(name: str, words: Words) -> str:
    """A kind of record, in words."""
    return words.translate(vocabulary.OBJECTS.get(name, name))


def cost_rows(cost: Mapping[str, Cost], words: Words) -> list[tuple[str, str]]:
    """(connection, what applying would cost it)."""
    return [(name, cost_in_words(one, words)) for name, one in sorted(cost.items())]


def cost_in_words(one: Cost, words: Words) -> str:
    """Calls by what they do, how long, how much of the day's calls."""
    whole = sum(one.calls.values())
    kinds = words.translate(N_(", ")).join(f"{_call(name, words)} {number(n)}" for name, n in sorted(one.calls.items()))
    parts = [words.say(N_("%(count)s calls (%(kinds)s)"), count=number(whole), kinds=kinds) if kinds else ""]
    cannot = words.say(N_("cannot be told"))
    seconds = cannot if one.seconds is None else words.say(N_("%(seconds)s s"), seconds=number(round(one.seconds)))
    share = cannot if one.share is None else _share(one.share, words)
    parts.append(words.say(N_("waiting for its limits: %(seconds)s"), seconds=seconds))
    parts.append(words.say(N_("of what is left of the day's calls: %(share)s"), share=share))
    return " · ".join(part for part in parts if part)


def _call(name: str, words: Words) -> str:
    """What a call does: `lead create`; what has no words of its own stays."""
    object, _, way = name.rpartition(" ")
    if way not in ("create", "update"):
        return words.translate(ASKS.get(name, name))
    return words.say(N_("%(object)s %(way)s"), object=words.translate(object), way=words.translate(way))


def _share(share: float, words: Words) -> str:
    """A share in per cent; very little is not nothing."""
    return words.say(N_("less than 0.1%")) if 0 < share < SMALLEST_SHARE else f"{share:.1%}"


def _costs(cost: Mapping[str, Cost], words: Words, columns: int) -> list[str]:
    if not cost:
        return []
    return ["", words.say(N_("What it would cost")), *aligned(cost_rows(cost, words), columns=columns)]


def heading(row: PlannedRow, words: Words) -> str:
    """Who it is about, and where."""
    standing = (words.say(N_("HOT")) if row.hot else "", row.grade, str(row.total) if row.grade else "")
    place = f"{row.target} {object_name(row.object, words)} {row.crm_id}".strip()
    return " · ".join(part for part in (row.who, *standing, row.owner, place) if part)


def _detail(row: PlannedRow, words: Words, columns: int) -> Iterator[str]:
    yield from aligned([(heading(row, words),)], columns=columns)
    if row.reason:
        yield from aligned([(words.retell(row.reason),)], indent="      ", columns=columns)
    changes = [(one.name, in_words(one, row.action, words)) for one in row.fields]
    yield from aligned(changes, indent="      ", columns=columns)
    yield from (f"      {line}" for said in beside(row, words) for line in wrap(said, max(columns - 6, 20)))


def beside(row: PlannedRow, words: Words) -> Iterator[str]:
    """What would be made with a record, and what is left out of it."""
    if row.also:
        objects = words.translate(N_(", ")).join(object_name(name, words) for name in row.also)
        yield words.say(N_("with: %(objects)s"), objects=objects)
    for name, reason in row.left_out:
        yield words.say(N_("%(field)s is left out: %(reason)s"), field=name, reason=words.retell(reason))


def in_words(one: PlannedField, action: PlanAction, words: Words) -> str:
    """What stands in a field, and what would: `Open → Working`."""
    new = shown(one.new, words)
    if action == "create":
        return new
    return words.say(N_("%(old)s → %(new)s"), old=old_in_words(one, words), new=new)


def old_in_words(one: PlannedField, words: Words) -> str:
    """What stands in a field; what cannot be told is said as that, never as blank."""
    return shown(one.old, words) if one.known else words.say(N_("(unknown)"))


def shown(value: Any, words: Words, longest: int = LONGEST_VALUE) -> str:
    """A value, a long text by its beginning."""
    if value is None or value in ("", []):
        return words.say(N_("(blank)"))
    if isinstance(value, bool):
        return words.translate("yes") if value else words.translate("no")
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    text = words.dates_in(text)
    if len(text) <= longest and "\n" not in text:
        return text
    return shorten(text, longest, placeholder="…") or text[:longest]


def counts_of(rows: Sequence[PlannedRow]) -> dict[str, int]:
    """Rows by what happens to them."""
    counted = Counter(row.action for row in rows)
    return {action: counted[action] for action in PLAN_ACTIONS}


def groups_said(rows: Sequence[PlannedRow]) -> list[dict[str, Any]]:
    """The groups as JSON holds them."""
    return [
        {
            "action": one.action, "target": one.target, "object": one.object, "kind": one.kind,
            "count": len(one.rows), "fields": dict(one.fields), "also": dict(one.also),
        }
        for one in grouped(rows)
    ]  # fmt: skip
