"""Where a walk over an org's changes stands, as text that is kept between runs."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field

#: More than these are not remembered as seen: they are told again, which changes nothing.
MOST_SEEN = 200


@dataclass(slots=True)
class Cursor:
    """`at` is the last change that was read (a query's literal, "" at the beginning).

    `id` is the last record read with that time while a walk is under way, "" once it is over.
    `seen` are the marks of the records that a new walk's overlap brings again, by id. `without` are the
    fields that the org does not show us, since `asked`; they are asked for again after a day. `page`
    counts pages that share one time, `again` the walks that told again what they could not remember.
    """

    at: str = ""
    id: str = ""
    seen: dict[str, str] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    asked: str = ""
    page: int = 0
    again: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor:
        """The cursor that was kept; "" is the beginning, and so is one that is none of ours."""
        try:
            told = json.loads(text) if text else {}
            return cls(**told)
        except (ValueError, TypeError):
            return cls()

    def kept(self) -> str:
        """As text, without what is empty."""
        said = {name: value for name, value in dataclasses.asdict(self).items() if value}
        return json.dumps(said, separators=(",", ":"), sort_keys=True)

    def remember(self, seen: dict[str, str]) -> None:
        """Keep what the overlap will bring again, if it is not too much."""
        self.seen = seen if len(seen) <= MOST_SEEN else {}
