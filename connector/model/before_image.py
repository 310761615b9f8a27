"""What stood in a field before a run wrote to it: what taking a run back goes by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class BeforeImage:
    """One delivered write of a run.

    `written` are the values that the target acknowledged, in its own names, `before` what stood there, None for
    nothing; a name that is in `written` alone was never read there. `created`: the object is there because of
    this write. `undone_at` is when it was taken back: from then on a value that equals `written` is not written
    again, until our side says something else.
    """

    run_id: int
    target: str
    object: str
    our_key: str
    crm_id: str
    written: Mapping[str, Any]
    before: Mapping[str, Any]
    created: bool
    at: datetime
    lead_id: int = 0
    flow: str = ""
    undone_at: datetime | None = None
    id: int = 0
