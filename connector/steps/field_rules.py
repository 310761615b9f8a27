"""Who wins where both sides have a value: which fields of a record in the CRM may be written.

In force is `prefer_crm_unless_blank`: a field that a person has filled there, or changed since we
wrote it, is theirs. Baton's own fields (score, grade, brief) are always written; the owner is set
by the create and is the CRM's from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from connector.model.fields import OWN_FIELDS
from connector.model.mirror import CrmRecord

#: Computed by Baton, and yet a person's in the CRM once the record is there: a status moves on by people.
OF_PEOPLE_THERE = frozenset({"stage", "stage_since", "owner", "handoff.reason", "handoff.rating"})
#: What a score alone changes. Nobody's work is written over by that, and time alone may move it for many at once.
OF_SCORE = frozenset({"score.total", "score.fit", "score.engagement", "score.intent", "grade", "handoff.hot"})
#: The CRM's clock and ours may differ by so much: a change that is older than our last write, by more, is ours.
CLOCKS_DIFFER = timedelta(minutes=1)


def own_names(origins: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Their names of the fields that are Baton's own: filled from what it computes, or by a template (no origin)."""
    own = OWN_FIELDS.keys() - OF_PEOPLE_THERE
    return frozenset(name for name, fields in origins.items() if not fields or own.intersection(fields))


def score_names(origins: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Their names of the fields that follow from the score: score, grade, the brief, and what a template makes."""
    of_score = OF_SCORE | {"handoff.brief"}
    return frozenset(name for name, fields in origins.items() if of_score.issuperset(fields))


def owner_names(origins: Mapping[str, Collection[str]]) -> frozenset[str]:
    """Their names of the field that says who owns a record."""
    return frozenset(name for name, fields in origins.items() if "owner" in fields)


def sendable(
    values: Mapping[str, Any], own: Collection[str], last_written: Mapping[str, Any], there: Mapping[str, Any]
) -> dict[str, Any]:
    """Of `values` (their names), those that may be written over what is `there`.

    `own` are the names of Baton's own fields; `last_written` is what the CRM last acknowledged.
    """
    return {
        name: value
        for name, value in values.items()
        if name in own or is_blank(there.get(name)) or alike(there.get(name), last_written.get(name))
    }


def stale(there: CrmRecord, written_at: datetime | None) -> bool:
    """Whether what is known of a record is older than our last write: then it says nothing about that."""
    if written_at is None or there.modified_at is None:
        return False
    return there.modified_at < written_at - CLOCKS_DIFFER


def is_blank(value: Any) -> bool:
    """Whether a field holds nothing."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def alike(one: Any, other: Any) -> bool:
    """Whether two values say the same, however a platform types them: 600 and `"600.0"`, true and `"True"`.

    Moments of the same second are the same: platforms do not keep its parts.
    """
    if one == other:
        return True
    if isinstance(one, str) and isinstance(other, str) and (at := _moment(one)) and (to := _moment(other)):
        return abs(at - to) < timedelta(seconds=1)
    if any(isinstance(value, int | float) and not isinstance(value, bool) for value in (one, other)):
        return _number(one) == _number(other)
    return _text(one) == _text(other)


def _moment(text: str) -> datetime | None:
    """The moment that a text with date, time and zone says."""
    if len(text) < len("2026-12-07T08:00Z") or text[10] != "T":
        return None
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        return None
    return said if said.tzinfo else None


def _number(value: Any) -> float | None:
    try:
        return float(str(value).strip())
    except ValueError:
        return None


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ";".join(sorted(map(_text, value)))
    text = "" if value is None else str(value).replace("\r\n", "\n").strip()
    return text.casefold() if text.casefold() in ("true", "false") else text


def overwritten(
    there: Mapping[str, Any], last_written: Mapping[str, Any], own: Collection[str],
    earlier: Callable[[], Iterable[Mapping[str, Any]]],
) -> frozenset[str]:  # fmt: skip
    """Names of fields in which what we wrote last was overwritten, and which are to be written again.

    `there` is what the record says. Baton's own fields are written again whatever they say; any other only
    where an older value of ours came back (one of `earlier`, asked for only then): that is a late write, and
    nobody's edit.
    """
    differing = {name for name, last in last_written.items() if name in there and not alike(there[name], last)}
    others = differing.difference(own)
    before = list(earlier()) if others else []
    late = {name for name in others if any(name in one and alike(one[name], there[name]) for one in before)}
    return frozenset(late | differing.intersection(own))
