"""A company as Baton knows it: the people of one account, in one marketing platform or several."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connector.model.fields import Value


@dataclass(slots=True)
class Company:
    """One company; `fields` are canonical (`company.name`, ...).

    `domain` is "" where only a name and a place are known.

    `total` are its points, made of its people's, and `people` how many of them there are; `made_of` says which, as
    (lead id, rule, points), largest first.
    """

    domain: str = ""
    fields: dict[str, Value] = field(default_factory=dict)
    total: int = 0
    people: int = 0
    made_of: list[tuple[int, str, int]] = field(default_factory=list)
    changed_at: datetime | None = None
    id: int = 0
