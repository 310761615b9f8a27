"""Plans that were kept beside the configuration: what an admin may want to apply."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from connector.runs.planning.document import plan_id

#: How many files are looked at, and how large they may be: a plan of 50,000 rows has some tens of megabytes.
MOST, LARGEST = 50, 100_000_000


@dataclass(frozen=True, slots=True)
class KeptPlan:
    """One file that `baton apply` takes; `rows` is how many records it is about."""

    name: str
    kind: str
    at: datetime
    flow: str
    rows: int
    id: str


def plans(root: Path, store_id: str) -> list[KeptPlan]:
    """The plans of this store in the folder of the configuration and in `plans/` below it, the newest first."""
    files = sorted([*root.glob("*.json"), *root.glob("plans/*.json")])[:MOST]
    return sorted(_read(root, files, store_id), key=lambda one: one.at, reverse=True)


def _read(root: Path, files: list[Path], store_id: str) -> Iterator[KeptPlan]:
    for file in files:
        try:
            if file.stat().st_size > LARGEST:
                continue
            told = json.loads(file.read_bytes())
            if not isinstance(told, dict) or told.get("store") != store_id or "at" not in told:
                continue
            rows, name = told.get("rows") or told.get("stamps") or (), file.relative_to(root).as_posix()
            at, kind = datetime.fromisoformat(told["at"]), str(told.get("kind", ""))
            yield KeptPlan(name, kind, at, str(told.get("flow", "")), len(rows), plan_id(told))
        except (OSError, ValueError, TypeError, KeyError):
            continue
