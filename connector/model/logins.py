"""Who may see the desk, as what, and what they did there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

Role = Literal["rep", "reviewer", "manager", "marketing", "admin"]
#: What somebody may be on the desk. Each sees what is theirs; `admin` sees all.
ROLES: tuple[Role, ...] = ("rep", "reviewer", "manager", "marketing", "admin")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may sign in.

    `email` is lower case and the key in every system. `password` is a salted hash (argon2), "" where somebody else
    signs them in (a proxy). Sessions of an older `epoch` have ended.
    """

    email: str
    name: str = ""
    roles: tuple[Role, ...] = ()
    password: str = ""
    language: str = ""
    epoch: int = 0
    last_at: datetime | None = None
    disabled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Audited:
    """One thing done on the desk: by whom, as what, about which lead. `body` holds no value of a person's fields."""

    at: datetime
    who: str
    role: str
    action: str
    lead_id: int | None = None
    handoff_id: int | None = None
    body: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
