"""The table of platforms and cases: what runs, and which declaration rules the rest out."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from connector.kit.contract.accepting import ACCEPTING_CASES
from connector.kit.contract.case import Case
from connector.kit.contract.crm import CRM_CASES, CrmWorld
from connector.kit.contract.looking_up import LOOKING_UP_CASES
from connector.kit.contract.publishing import PUBLISHING_CASES
from connector.kit.contract.reading_back import READING_BACK_CASES
from connector.kit.contract.source import SOURCE_CASES, SourceWorld
from connector.kit.contract.splitting import SPLITTING_CASES
from connector.platforms import adapter

#: The cases of each role, chapter by chapter.
CHAPTERS: dict[str, dict[str, dict[str, Case]]] = {
    "source": {"reading": SOURCE_CASES, "in parts, and what is needed first": SPLITTING_CASES},
    "crm": {
        "writing and finding": CRM_CASES,
        "what is accepted, needed first, and differs by object": ACCEPTING_CASES,
        "reading back": READING_BACK_CASES,
        "looking people up": LOOKING_UP_CASES,
        "publishing beside the leads": PUBLISHING_CASES,
    },
}
#: The same, by name.
CASES: dict[str, dict[str, Case]] = {
    role: {name: case for cases in chapters.values() for name, case in cases.items()}
    for role, chapters in CHAPTERS.items()
}


@dataclass(frozen=True, slots=True)
class Platform:
    """One platform: its worlds by what varies. Each is made in a folder of its own."""

    sources: dict[str, Callable[[Path], SourceWorld]] = field(default_factory=dict)
    crms: dict[str, Callable[[Path], CrmWorld]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One platform, in one variant of one role, and one case. `ruled_out` by a declaration, or ""."""

    platform: str
    role: str
    variant: str
    case: Case
    ruled_out: str
    world: Callable[[Path], Any]  #: to run the case in

    def __str__(self) -> str:
        return f"{self.platform}-{self.role}-{self.variant}-{self.case.name}".replace(" ", "_")

    def run(self, folder: Path) -> None:
        """The case, in a world of its own in this folder. Raises AssertionError where the platform does not keep it."""
        world = self.world(folder)
        try:
            self.case.run(world)
        finally:
            world.close()


def lines(platforms: Mapping[str, Platform]) -> Iterator[Line]:
    """The whole table of these platforms, by type."""
    for name, platform in platforms.items():
        roles: tuple[tuple[str, Any], ...] = (("source", platform.sources), ("crm", platform.crms))
        declared = adapter(name)
        for role, worlds in roles:
            for variant, make in worlds.items():
                with tempfile.TemporaryDirectory() as folder:
                    world = make(Path(folder))
                    capabilities = world.source().capabilities if role == "source" else world.declared()
                    world.close()
                for case in CASES[role].values():
                    ruled_out = case.applies(declared, capabilities) or ""
                    yield Line(name, role, variant, case, ruled_out, make)
