"""A lead's time line as lines of text, and as what JSON holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from connector.insight.entries import Entry
from connector.insight.timeline import Timeline
from connector.locale.columns import aligned
from connector.steps.telling.words import N_, Words

#: Entries that a short time line shows, if it can.
SHORT = 14
#: What is left out first, where not everything fits.
MANY = ("activity", "write", "consent")
#: Lines that a short time line shows below an entry, by its kind: what was written stands in the whole one.
BELOW = {"write": 2, "consent": 0}


def render(told: Timeline, words: Words, columns: int = 100, *, whole: bool = False) -> list[str]:
    """Lines of at most `columns`, as far as single words let them; unless `whole`, about a screen of them."""
    kept = told.entries if whole else _short(told.entries)
    left = len(told.entries) - len(kept)
    lines = [f"  {gap}" for gap in told.gaps]
    if left:
        lines.append("  " + words.say(N_("… %(count)s more: --all shows them"), count=left))
    lines += aligned([row for one in kept for row in _rows(one, words, whole)], columns=columns)
    if told.due:
        lines += ["  " + words.say(N_("still to come:"))]
        lines += aligned([row for one in told.due for row in _rows(one, words, whole)], columns=columns)
    return lines


def _short(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """What changed where the lead stands; then what gave points, then the rest, of each the latest that fit."""
    many = [place for place, one in enumerate(entries) if one.kind in MANY]
    room = max(SHORT - len(entries) + len(many), SHORT // 3)
    best = sorted(many, key=lambda place: (bool(entries[place].values.get("points")), place), reverse=True)
    shown = set(best[:room])
    return tuple(one for place, one in enumerate(entries) if one.kind not in MANY or place in shown)


def _rows(one: Entry, words: Words, whole: bool) -> Iterator[tuple[str, str]]:
    yield words.moment(one.at), one.what
    for line in one.more if whole else one.more[: _below(one)]:
        yield "", line


def _below(one: Entry) -> int:
    """Of an activity its points; of a change what it was. What a record was made with stands in the record."""
    if one.kind == "activity":
        return 1 if one.values.get("points") else 0
    made = [object["created"] for object in one.values.get("objects", ())]
    return 0 if made and all(made) else BELOW.get(one.kind, 3)


def to_json(told: Timeline) -> dict[str, Any]:
    """As one document; times are ISO 8601 in UTC."""
    return {
        "complete_from": told.complete.isoformat(timespec="seconds") if told.complete else None,
        "gaps": list(told.gaps),
        "entries": [_plain(one) for one in told.entries],
        "due": [_plain(one) for one in told.due],
    }


def _plain(one: Entry) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(timespec="seconds"), "kind": one.kind, "what": one.what, "more": list(one.more),
        "count": one.count, "values": dict(one.values), "sources": list(one.sources),
    }  # fmt: skip
