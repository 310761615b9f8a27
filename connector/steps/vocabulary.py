"""What a platform accepts, held against what is to be written: a single field stops, never its record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from connector.model import sentences
from connector.model.adapter import FieldInfo
from connector.steps.normalise.text import fold

#: How many of a field's choices are named in a sentence.
NAMED = 8
#: How the keys of notices begin about fields that a platform refused, and that were left out of one record.
LEFT_OUT = "left_out"


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A field that is not sent, by their name for it, and why; `value` is "" where no value would be taken."""

    field: str
    value: str
    reason: str


class Vocabulary:
    """The fields of a platform, as it last told them."""

    def __init__(self, fields: Iterable[FieldInfo]) -> None:
        self._fields = {(one.object, one.name): one for one in fields}
        self._objects = {object for object, _ in self._fields}

    def fit(self, object: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[LeftOut]]:
        """The values as the platform takes them, and the fields that must be left out.

        A word that stands for an id (an owner's email, a record type's name) becomes that id. Of
        an object about which the platform told nothing, everything passes.
        """
        if object not in self._objects:
            return dict(values), []
        fitted: dict[str, Any] = {}
        left: list[LeftOut] = []
        for name, value in values.items():
            info = self._fields.get((object, name))
            taken, reason = _taken(value, info)
            if reason:
                whole = info is None or not info.writable
                left.append(LeftOut(name, "" if whole else str(value), reason))
            else:
                fitted[name] = taken
        return fitted, left

    def read(self, object: str, name: str, value: Any) -> Any:
        """A value that stands there as an admin writes it: an owner's email for the user's id."""
        info = self._fields.get((object, name))
        ids = info.ids if info and isinstance(value, str) else {}
        return next((word for word, id in ids.items() if id == value), value)

    def is_further(self, object: str, name: str, there: Any, ours: Any) -> bool:
        """Whether a field that only goes forward holds a later one of its choices than ours."""
        info = self._fields.get((object, name))
        if info is None or not info.forward:
            return False
        places = [info.choices.index(str(one)) if str(one) in info.choices else -1 for one in (ours, there)]
        return 0 <= places[0] < places[1]

    def offers(self, object: str, name: str, value: str) -> bool:
        """Whether a value is one of the field's own choices; true too of a field that has none."""
        info = self._fields.get((object, name))
        return self.allows(object, name, value) and (info is None or not info.choices or value in info.choices)

    def allows(self, object: str, name: str, value: str) -> bool:
        """Whether this value would be sent now."""
        return not self.fit(object, {name: value})[1]


def _taken(value: Any, info: FieldInfo | None) -> tuple[Any, str]:
    """(the value as it is sent, "") or (nothing, why it is not)."""
    if info is None:
        return None, sentences.NO_SUCH_FIELD
    if not info.writable:
        return None, sentences.NOT_WRITABLE
    if value is None or value == "" or not (info.choices or info.ids):
        return value, ""
    many = value if isinstance(value, list) else [value]
    found = [_choice(str(one), info) for one in many]
    if None in found and (info.restricted or info.ids):
        return None, _not_a_choice(str(many[found.index(None)]), info)
    sent = [one if choice is None else choice for one, choice in zip(many, found, strict=True)]
    return (sent if isinstance(value, list) else sent[0]), ""


def _choice(value: str, info: FieldInfo) -> str | None:
    """What is sent for a value: its id, or the choice in the platform's own spelling; None where it is none."""
    if value in info.ids:
        return info.ids[value]
    if value in info.choices or value in info.ids.values():
        return value
    folded = fold(value)
    same = next((one for one in (*info.ids, *info.choices) if fold(one) == folded), None)
    return None if same is None else info.ids.get(same, same)


def _not_a_choice(value: str, info: FieldInfo) -> str:
    choices = info.choices or tuple(info.ids)
    if info.kind == "owner":
        return sentences.NO_ACTIVE_USER % {"value": value}
    near = get_close_matches(value, choices, n=1)
    named = ", ".join((*near, *(one for one in choices if one not in near))[:NAMED])
    return sentences.NOT_A_CHOICE % {"value": value, "choices": named + (" …" if len(choices) > NAMED else "")}
