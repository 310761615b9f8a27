"""What was written outside about one lead, as entries of its time line: old values beside new ones, by target."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from connector.insight.entries import Entry
from connector.model.before_image import BeforeImage
from connector.model.outbox import OutboxRow
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, Words

#: Longer values are cut.
_LONGEST = 60


def writes(images: Sequence[BeforeImage], rows: Sequence[OutboxRow], words: Words, *, whole: bool) -> Iterator[Entry]:
    """What was written outside, old values beside new ones; all of one minute is one entry, unless `whole`."""
    for one in images if whole else ():
        yield _write([one], words)
    if not whole:
        ordered = sorted(images, key=lambda one: (one.at, one.id))
        for _, group in groupby(ordered, key=lambda one: (one.target, one.at.replace(second=0, microsecond=0))):
            yield _write(list(group), words)
    told = {(one.target, one.object, one.our_key) for one in images}
    for row in rows:
        if row.state == "done" and row.kind in ("state", "once") and (row.target, row.object, row.our_key) not in told:
            what = words.say(
                N_("%(target)s: %(objects)s written"), target=row.target, objects=object_name(row.object, words)
            )
            at = row.sent_at or row.created_at
            if at is not None:
                values = {"target": row.target, "object": row.object, "crm_id": row.crm_id, "written": row.values}
                yield Entry(at, "write", what, (), values, (f"outbox:{row.id}",))


def _write(group: Sequence[BeforeImage], words: Words) -> Entry:
    made = [object_name(one.object, words) for one in group if one.created]
    changed = [object_name(one.object, words) for one in group if not one.created]
    parts = []
    for objects, text in ((made, N_("%(target)s: %(objects)s made")), (changed, N_("%(target)s: %(objects)s changed"))):
        if objects:
            counted = [f"{name} ×{objects.count(name)}" if objects.count(name) > 1 else name for name in objects]
            listed = words.translate(N_(", ")).join(dict.fromkeys(counted))
            parts.append(words.say(text, target=group[0].target, objects=listed))
    more = [
        f"{object_name(one.object, words)} {one.crm_id}: {line}" if len(group) > 1 else line
        for one in sorted(group, key=lambda one: one.created)
        for line in _fields(one, words)
    ]
    if any(one.undone_at is not None for one in group):
        more.append(words.say(N_("taken back since")))
    values: dict[str, Any] = {
        "target": group[0].target, "flow": group[0].flow, "run": group[0].run_id,
        "objects": [
            {"object": one.object, "crm_id": one.crm_id, "created": one.created, "written": dict(one.written),
             "before": dict(one.before), "undone_at": one.undone_at.isoformat() if one.undone_at else None}
            for one in group
        ],
    }  # fmt: skip
    return Entry(
        group[0].at, "write", " · ".join(parts), tuple(more), values, tuple(f"image:{one.id}" for one in group)
    )


def _fields(image: BeforeImage, words: Words) -> Iterator[str]:
    for name, new in image.written.items():
        if image.created:
            yield words.say(N_("%(field)s: %(new)s"), field=name, new=_shown(new, words))
        elif name not in image.before:
            yield words.say(N_("%(field)s: (not known) → %(new)s"), field=name, new=_shown(new, words))
        else:
            old = _shown(image.before[name], words)
            yield words.say(N_("%(field)s: %(old)s → %(new)s"), field=name, old=old, new=_shown(new, words))


def _shown(value: Any, words: Words) -> str:
    if value is None or value == "":
        return words.say(N_("(empty)"))
    text = " ".join(words.dates_in(str(value)).split())
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def object_name(name: str, words: Words) -> str:
    return words.translate(vocabulary.OBJECTS.get(name, name))
