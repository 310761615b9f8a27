"""What an admin of the org has set up that may refuse a record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connector.sandbox.salesforce.table import Record


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """`wrong(after, before)` says whether a record may not be saved; `before` is empty for a new one."""

    object: str
    message: str
    wrong: Callable[[Record, Record], bool]
    field: str = ""


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """A record of `object` is a duplicate where another of `against` has the same value in all of `fields`.

    `blocks`: it is refused always; otherwise the rule only alerts, and a request that says
    allowSave gets past it. `on_update`: changes are looked at too.
    """

    object: str
    fields: tuple[str, ...] = ("Email",)
    against: tuple[str, ...] = ("Lead", "Contact")
    blocks: bool = True
    on_update: bool = False
    message: str = "Use one of these records?"

    def applies(self, before: Record) -> bool:
        """Is this save looked at?"""
        return self.on_update or not before
