"""The nearest change that would have turned a decision, in words; and by how much a lead passed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from connector.model.durations import Duration
from connector.model.lead import Lead
from connector.steps.changes import Become, Change, More, Moved, Touched, Without
from connector.steps.conditions.condition import Explained
from connector.steps.conditions.fields import SENTENCES, shown
from connector.steps.margin import Margin
from connector.steps.nearest import Nearest, Suggestion
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, Words, explained, field_name, kind

#: What a field would have to be, where no condition says it in these words.
_OTHERWISE: Mapping[str, str] = {
    "has_none": N_("%(field)s does not have %(wanted)s"),
    "unlike": N_("%(field)s does not look like %(wanted)s"),
    "not_before": N_("%(field)s is not before %(wanted)s"),
    "not_after": N_("%(field)s is not after %(wanted)s"),
}
_BLANK, _NOT_BLANK = N_("%(field)s is blank"), N_("%(field)s has a value")


def told(found: Nearest, lead: Lead, words: Words) -> list[str]:
    """A line for each suggestion, the nearest first; or that there is none."""
    lines = [_suggestion(one, found, lead, words) for one in found.suggestions]
    if lines:
        return lines
    if found.all_tried:
        return [words.say(N_("no single change would have done, nor any two together"))]
    return [words.say(N_("no single change would have done, nor any of the pairs that were tried"))]


def _suggestion(one: Suggestion, found: Nearest, lead: Lead, words: Words) -> str:
    if not one.changes:
        return words.say(N_("nothing but time: by itself on %(when)s"), when=words.moment(one.at))
    parts = [_change(change, one.before, lead, words) for change in one.changes]
    text = words.translate(N_(" and ")).join(parts)
    if one.before is not None and not any(isinstance(change, Moved) for change in one.changes):
        text = words.say(N_("%(what)s, before %(when)s"), what=text, when=words.moment(one.before))
    if one.total == found.total:
        return text
    return words.say(N_("%(what)s (%(points)s points instead of %(present)s)"), what=text, points=one.total,
                     present=found.total)  # fmt: skip


def _change(change: Change, before: datetime | None, lead: Lead, words: Words) -> str:
    say = words.say
    match change:
        case More():
            return say(N_("%(count)s more: %(what)s"), count=change.count, what=_deed(change, words))
        case Become():
            return _field(change, lead, words)
        case Touched():
            return say(N_("%(field)s said anew"), field=field_name(change.field, words.translate))
        case Without():
            what = " / ".join(kind(one, words.translate) for one in change.kinds)
            if len(change.keys) == 1:
                return say(N_("without this: %(what)s"), what=what)
            return say(N_("%(count)s fewer: %(what)s"), count=len(change.keys), what=what)
        case Moved():
            what, came = kind(change.kind, words.translate), words.moment(change.came)
            when = words.moment(before or change.to)
            return say(N_("had this come before %(when)s and not %(came)s: %(what)s"), when=when, came=came, what=what)


def _deed(change: More, words: Words) -> str:
    details = [
        f"{name} {getattr(change, name)}" for name in ("topic", "asset", "campaign", "url") if getattr(change, name)
    ]
    details += [f"lasting {Duration(change.seconds)}"] if change.seconds else []
    what = change.kind + (f" ({', '.join(details)})" if details else "")
    return explained(Explained("%(what)s", False, (), {"what": what}), words.translate)


def _field(change: Become, lead: Lead, words: Words) -> str:
    values: dict[str, object] = {"field": change.field}
    if change.operator == "blank":
        text = _BLANK if change.value is None else _NOT_BLANK
    else:
        text = SENTENCES.get(change.operator) or _OTHERWISE[change.operator]
        values["wanted"] = shown(list(change.wanted) if isinstance(change.wanted, tuple) else change.wanted)
    what = explained(Explained(text, False, (), values), words.translate)
    present = lead.fields.get(change.field)
    if present is None:
        return what
    return words.say(N_("%(what)s (now: %(value)s)"), what=what, value=words.value(change.field, present))


def margin_told(found: Margin, lead: Lead, words: Words) -> Iterator[str]:
    """By how much a lead passed, and what carries it."""
    for scope, points in found.fewer.items():
        name = words.translate(vocabulary.SCOPES.get(scope, scope))
        if points:
            yield words.say(N_("would have passed with %(points)s points fewer (%(scope)s)"), points=points, scope=name)
        else:
            yield words.say(N_("to the point: with one point fewer it would not have passed (%(scope)s)"), scope=name)
    listed = words.translate(N_(", "))
    if found.alone:
        kinds = listed.join(kind(one, words.translate) for one in found.alone)
        yield words.say(N_("enough without anything else they did: %(kinds)s"), kinds=kinds)
    needed = [kind(one, words.translate) for one in found.kinds if one not in found.alone or len(found.alone) > 1]
    needed += [
        f"{field_name(one, words.translate)}: {words.value(one, lead.fields[one])}"
        for one in found.fields
        if one in lead.fields
    ]
    if needed:
        yield words.say(N_("would not have passed without: %(evidence)s"), evidence=listed.join(needed))


def to_json(found: Nearest | None, lines: list[str]) -> dict[str, Any] | None:
    """As a program reads it: times in ISO 8601 (UTC)."""
    if found is None:
        return None
    told = lines if found.suggestions else []
    return {
        "total": found.total,
        "all_tried": found.all_tried,
        "suggestions": [
            {
                "what": told[place], "total": one.total, "at": one.at.isoformat(timespec="seconds"),
                "before": one.before.isoformat(timespec="seconds") if one.before else None,
                "changes": [_plain(change) for change in one.changes],
            }
            for place, one in enumerate(found.suggestions)
        ],
    }  # fmt: skip


def _plain(change: Change) -> dict[str, Any]:
    found = {"change": type(change).__name__.lower(), **asdict(change)}
    for name, value in found.items():
        if isinstance(value, datetime):
            found[name] = value.isoformat(timespec="seconds")
        elif isinstance(value, frozenset):
            found[name] = sorted(f"{connection}:{id}" for connection, id in value)
    return found
