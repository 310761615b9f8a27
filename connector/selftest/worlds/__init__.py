"""The worlds that are walked. Each module has a function that makes its own, when they are asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.selftest.world import World

#: Modules with a function `worlds`, in the order of the table.
MODULES = (
    "memory", "own_desk", "changes", "follow_up", "hubspot_salesforce", "hubspot_crm", "clickup", "signing_in",
    "migration",
)  # fmt: skip


def all_worlds() -> list[World]:
    """Every world, not furnished yet."""
    found: list[World] = []
    for module in MODULES:
        found += import_module(f"connector.selftest.worlds.{module}").worlds()
    return found
