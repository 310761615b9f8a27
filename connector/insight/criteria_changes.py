"""What differs between two versions of a flow's criteria, key by key: what was, what is, and both in words."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import SequenceMatcher
from typing import Any, Literal

from connector.model.errors import Problems
from connector.model.facts import Facts
from connector.model.score import GROUPS
from connector.steps.buying_group import role_names
from connector.steps.conditions.compiler import VOCABULARY, Names, compile_condition
from connector.steps.conditions.condition import Condition, Context
from connector.steps.scoring.canonical import canonical
from connector.steps.telling.words import Translate, whole

#: The order in which a flow is asked: what differs is told in it.
ORDER = ("takes", "required", "conditions", *GROUPS, "total", "gates", "routing", "account", "lists")
#: Nothing is known of anybody: what a condition says, whoever it is asked about.
_NOBODY = Facts(datetime(2000, 1, 1, tzinfo=UTC), {})
_MISSING = object()


@dataclass(frozen=True, slots=True)
class Detail:
    """One key inside what changed: its path, and its value before and after as TOML ("" where it was not there)."""

    key: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One key that differs: a rule, a gate, a condition, a rule of routing.

    `old` and `new` are TOML ("" where there was none), `old_words` and `new_words` what its condition says ("" where
    it has none, or says the same). `details` are the keys in it that differ, where both are tables.
    """

    section: str
    key: str
    what: Literal["added", "removed", "changed"]
    old: str
    new: str
    old_words: str = ""
    new_words: str = ""
    details: tuple[Detail, ...] = ()


def changes(old: str, new: str, translate: Translate = str) -> list[Change]:
    """Every key that differs between two texts of criteria, in the order in which a flow is asked."""
    before, after = tomllib.loads(old), tomllib.loads(new)
    units = {*_units(before), *_units(after)}
    told_before, told_after = _Teller(before, translate), _Teller(after, translate)
    pairs = [(section, key, _at(before, section, key), _at(after, section, key)) for section, key in units]
    pairs = [*sorted((one for one in pairs if one[2] != one[3]), key=_place), *_of_routing(before, after)]
    pairs.sort(key=lambda one: _place(one)[:2])
    found = []
    for section, key, was, is_ in pairs:
        words = told_before.words(section, was), told_after.words(section, is_)
        found.append(
            Change(
                section, key, "added" if was is _MISSING else "removed" if is_ is _MISSING else "changed",
                _toml(was), _toml(is_), *(("", "") if words[0] == words[1] else words), tuple(_details(was, is_)),
            )
        )  # fmt: skip
    return found


#: A section, a key in it ("" for the whole), and what stands there before and after.
Pair = tuple[str, str, Any, Any]


def _place(pair: Pair) -> tuple[int, str, str]:
    section, key, *_ = pair
    return (ORDER.index(section) if section in ORDER else len(ORDER)), section, key


def _units(table: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is compared as one: a key on top, or a key of a table. The order of routing is compared rule by rule."""
    for section, said in table.items():
        if not isinstance(said, Mapping) or section == "takes":
            yield section, ""
            continue
        yield from ((section, key) for key in said if (section, key) != ("routing", "order"))


def _at(table: Mapping[str, Any], section: str, key: str) -> Any:
    if section not in table or not key:
        return table.get(section, _MISSING)
    return table[section].get(key, _MISSING)


def _of_routing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Pair]:
    """Rules of routing by their number: a rule that only moved down because of another one is the same."""
    old, new = (table.get("routing", {}).get("order", []) for table in (before, after))
    matcher = SequenceMatcher(None, [*map(_toml, old)], [*map(_toml, new)], autojunk=False)
    for tag, first, last, begin, end in matcher.get_opcodes():
        if tag == "equal":
            continue
        for step in range(max(last - first, end - begin)):
            was = old[first + step] if first + step < last else _MISSING
            is_ = new[begin + step] if begin + step < end else _MISSING
            yield "routing", str((first if is_ is _MISSING else begin) + step + 1), was, is_


def _details(old: Any, new: Any, path: tuple[str, ...] = ()) -> Iterator[Detail]:
    """The innermost keys that differ; lists of one length are looked into."""
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in sorted(old.keys() | new.keys()):
            yield from _details(old.get(key, _MISSING), new.get(key, _MISSING), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new) and any(map(_is_table, old)):
        for number, (one, other) in enumerate(zip(old, new, strict=True), 1):
            yield from _details(one, other, (*path, str(number)))
    elif old != new and path:
        yield Detail(".".join(path), _toml(old), _toml(new))


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _toml(value: Any) -> str:
    """A value as it stands behind the `=` of a canonical text; a long list on one line."""
    if value is _MISSING:
        return ""
    lines = [line.strip() for line in canonical({"x": {"x": value}}).split("\n")[1:] if line]
    text = " ".join(lines).removeprefix("x = ")
    return text.replace("[ ", "[").replace(", ]", "]")


class _Teller:
    """Says what the conditions of one version ask."""

    def __init__(self, table: Mapping[str, Any], translate: Translate) -> None:
        self._translate = translate
        kinds = frozenset(_kinds(table))
        roles: Sequence[str] = role_names(table["account"]) if "account" in table else ()
        context = Context(Problems(), {}, lambda _name: frozenset(), kinds, account="", roles=roles)
        names = Names(table.get("conditions", {}), ("conditions",), context)
        self._named: dict[str, Condition] = {name: names[name] for name in names}
        self._kinds, self._roles = kinds, roles

    def words(self, section: str, said: Any) -> str:
        """What a condition says; "" for what is none."""
        if said is _MISSING:
            return ""
        if section == "routing" and isinstance(said, Mapping):
            return self._condition(said["when"]) if "when" in said else ""
        if section == "gates" and isinstance(said, Mapping) and "when" in said:
            return self._condition(said["when"])
        if section in ("takes", "conditions", "gates", *GROUPS):
            return self._condition(said)
        return ""

    def _condition(self, said: Any) -> str:
        asked = {key: one for key, one in said.items() if key in VOCABULARY} if isinstance(said, Mapping) else said
        if not asked or (isinstance(asked, Mapping) and asked.keys() <= {"within", "asks"}):
            return ""
        problems = Problems()
        compiled = compile_condition(
            asked, path=(), problems=problems, named=self._named, lists=lambda _name: frozenset(),
            kinds=self._kinds, account="", roles=self._roles,
        )  # fmt: skip
        return "" if problems.found else whole(compiled.explain(_NOBODY), self._translate)


def _kinds(said: Any) -> Iterator[str]:
    """Every kind of activity that is named anywhere."""
    if isinstance(said, Mapping):
        named = said.get("activity")
        yield from [named] if isinstance(named, str) else [str(one) for one in named] if isinstance(named, list) else []
        for one in said.values():
            yield from _kinds(one)
    elif isinstance(said, list):
        for one in said:
            yield from _kinds(one)
