"""`[read.stage]`: a CRM's status, rejection reason, rating and what reps say, in the words of the line."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connector.model.errors import Path
from connector.model.stages import STAGES
from connector.steps.mapping.entries import Surroundings, table_of

_KEYS = ("field", "table", "reason", "rating", "words")
_RATING_KINDS = ("integer", "text")


@dataclass(frozen=True, slots=True)
class StageReading:
    """Which of their fields tell the stage, the reason of a rejection, the rating, and the rep's own words.

    `stages` and `reasons` translate their words; a status that is not in `stages` is reported.
    A field that is "" is not told.
    """

    field: str
    stages: Mapping[str, str] = dataclasses.field(default_factory=dict)
    reason_field: str = ""
    reasons: Mapping[str, str] = dataclasses.field(default_factory=dict)
    rating_field: str = ""
    words_field: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """All of their fields that tell something."""
        named = (self.field, self.reason_field, self.rating_field, self.words_field)
        return tuple(name for name in named if name)


def stage_reading(said: Mapping[str, Any], path: Path, around: Surroundings) -> StageReading:
    """Check and keep `[read.stage]`."""
    _only(said, _KEYS, path, around)
    reason = _part(said, "reason", ("field", "table"), path, around)
    rating = _part(said, "rating", ("field", "as"), path, around)
    stages = _words(said, path, around)
    for word, stage in stages.items():
        if stage not in STAGES:
            around.problems.unknown((*path, "table", word), stage, STAGES, "stage")
    words = _part(said, "words", ("field",), path, around)
    kind = rating.get("as", "integer")
    if kind not in _RATING_KINDS:
        around.problems.unknown((*path, "rating", "as"), str(kind), _RATING_KINDS, "conversion")
    return StageReading(
        _field(said, path, around),
        stages,
        _field(reason, (*path, "reason"), around) if reason else "",
        _words(reason, (*path, "reason"), around) if reason else {},
        _field(rating, (*path, "rating"), around) if rating else "",
        _field(words, (*path, "words"), around) if words else "",
    )


def _only(said: Mapping[str, Any], keys: tuple[str, ...], path: Path, around: Surroundings) -> None:
    for key in said.keys() - set(keys):
        around.problems.unknown((*path, key), key, keys)


def _part(
    said: Mapping[str, Any], key: str, keys: tuple[str, ...], path: Path, around: Surroundings
) -> Mapping[str, Any]:
    part = said.get(key, {})
    if isinstance(part, str):
        return {"field": part}
    if not isinstance(part, Mapping):
        around.problems.add((*path, key), "expected a field's name or a table")
        return {}
    _only(part, keys, (*path, key), around)
    return part


def _field(said: Mapping[str, Any], path: Path, around: Surroundings) -> str:
    name = said.get("field")
    if not isinstance(name, str) or not name:
        around.problems.add((*path, "field"), "expected the name of their field")
        return ""
    return name


def _words(said: Mapping[str, Any], path: Path, around: Surroundings) -> dict[str, str]:
    if "table" not in said:
        return {}
    _, table = table_of(said["table"], (*path, "table"), around)
    for word, meaning in (table or {}).items():
        if not isinstance(meaning, str) and meaning is not False:
            around.problems.add((*path, "table", word), "expected a word")
    return {word: meaning for word, meaning in (table or {}).items() if isinstance(meaning, str)}
