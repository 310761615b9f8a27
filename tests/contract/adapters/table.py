"""The table of platforms and cases: what runs, and which declaration rules the rest out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.platforms import adapter
from tests.contract.adapters.accepting_contract import ACCEPTING_CASES
from tests.contract.adapters.case import Case
from tests.contract.adapters.crm_contract import CRM_CASES
from tests.contract.adapters.looking_up_contract import LOOKING_UP_CASES
from tests.contract.adapters.platforms import PLATFORMS
from tests.contract.adapters.reading_back_contract import READING_BACK_CASES
from tests.contract.adapters.source_contract import SOURCE_CASES
from tests.contract.adapters.splitting_contract import SPLITTING_CASES

#: The cases of each role, chapter by chapter.
CHAPTERS: dict[str, dict[str, dict[str, Case]]] = {
    "source": {"reading": SOURCE_CASES, "in parts, and what is needed first": SPLITTING_CASES},
    "crm": {
        "writing and finding": CRM_CASES,
        "what is accepted, needed first, and differs by object": ACCEPTING_CASES,
        "reading back": READING_BACK_CASES,
        "looking people up": LOOKING_UP_CASES,
    },
}
#: The same, by name.
CASES: dict[str, dict[str, Case]] = {
    role: {name: case for cases in chapters.values() for name, case in cases.items()}
    for role, chapters in CHAPTERS.items()
}


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
        roles: tuple[tuple[str, Any], ...] = (("source", platform.sources), ("crm", platform.crms))
        declared = adapter(name)
        for role, worlds in roles:
            for variant, make in worlds.items():
                with tempfile.TemporaryDirectory() as folder:
                    world = make(Path(folder))
                    capabilities = world.source().capabilities if role == "source" else world.declared()
                for case in CASES[role].values():
                    ruled_out = case.applies(declared, capabilities) or ""
                    yield Line(name, role, variant, case, ruled_out)


TABLE = tuple(lines())
