"""The table of platforms and cases: what runs, and which declaration rules the rest out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.platforms import adapter
from tests.contract.adapters.case import Case
from tests.contract.adapters.crm_contract import CRM_CASES
from tests.contract.adapters.platforms import PLATFORMS
from tests.contract.adapters.source_contract import SOURCE_CASES


@dataclass(frozen=True, slots=True)
class Line:
    """One platform, in one variant of one role, and one case. `ruled_out` by a declaration, or ""."""

    platform: str
    role: str
    variant: str
    case: Case
    ruled_out: str

    def __str__(self) -> str:
        return f"{self.platform}-{self.role}-{self.variant}-{self.case.name}".replace(" ", "_")

    def world(self, folder: Path) -> Any:
        """The world to run the case in."""
        platform = PLATFORMS[self.platform]
        worlds: dict[str, Any] = platform.sources if self.role == "source" else platform.crms
        return worlds[self.variant](folder)


def lines() -> Iterator[Line]:
    """The whole table."""
    for name, platform in PLATFORMS.items():
        roles: tuple[tuple[str, Any, dict[str, Case]], ...] = (
            ("source", platform.sources, SOURCE_CASES),
            ("crm", platform.crms, CRM_CASES),
        )
        for role, worlds, cases in roles:
            for variant, make in worlds.items():
                with tempfile.TemporaryDirectory() as folder:
                    world = make(Path(folder))
                    capabilities = world.source().capabilities if role == "source" else world.declared()
                for case in cases.values():
                    ruled_out = case.applies(adapter(name).signs_in, capabilities) or ""
                    yield Line(name, role, variant, case, ruled_out)


TABLE = tuple(lines())
