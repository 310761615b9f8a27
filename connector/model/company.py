"""A company as Baton knows it: the people of one account, in one marketing platform or several."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from connector.model.fields import Value


@dataclass(slots=True)
class Account:
    """What the people of a company come to in one flow.

    `total` are whole points; `made_of` says what they are made of, as (lead id, rule, points), largest first: the
    points add up to the total, and what a limit takes away is a line of its own (lead 0: of all together).
    `people` are those whom the flow has, `active` how many of them have shown interest that has not faded,
    `roles` those that somebody has, in order of their names.
    """

    total: int = 0
    people: int = 0
    active: int = 0
    roles: list[str] = field(default_factory=list)
    made_of: list[tuple[int, str, int]] = field(default_factory=list)

    def fields(self) -> dict[str, Value]:
        """What conditions may ask of it."""
        return {
            "account.score": self.total,
            "account.people": self.people,
            "account.active": self.active,
            "account.roles": self.roles,
        }

    def without(self, lead_ids: frozenset[int]) -> Account:
        """The same without the lines of some people, until it is made anew."""
        kept = [line for line in self.made_of if line[0] not in lead_ids]
        return Account(sum(line[2] for line in kept), self.people, self.active, self.roles, kept)


@dataclass(slots=True)
class Company:
    """One company; `fields` are canonical (`company.name`, `company.country`) as the first of its people said them.

    `domain` is "" where only a name and a place are known. `accounts` by flow, of those flows that have one.
    """

    domain: str = ""
    fields: dict[str, Value] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    changed_at: datetime | None = None
    id: int = 0
