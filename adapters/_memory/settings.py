"""How the platform in memory behaves, as a connection says it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from adapters._world import World


class MemorySettings(BaseModel):
    """How the platform behaves. `world` is its state, for tests; `file` keeps that state on disk.

    Objects `by_parent` take no key, whatever the others do, and are found among a parent's children.
    `secret` names the secret that must equal the world's password; empty asks for none. `cursor_stuck`: the cursor
    stands still after a page, in `stuck_streams` alone where those are named. `pages_twice`: each page comes again
    before the next one, under another cursor. `blank_pages`: a page without a record comes before each other one
    (platforms that filter what a page holds after they have counted it off).
    """

    model_config = ConfigDict(extra="forbid", arbitrary_types_allowed=True)

    world: World | None = Field(default=None, exclude=True)
    file: str = ""
    secret: str = ""
    # as a source
    streams: tuple[str, ...] = ("contacts", "activities")
    page_size: int = Field(default=1000, ge=1)
    windows: bool = True
    source_reports_deletes: bool = True
    source_reports_merges: bool = True
    cursor_stuck: bool = False
    stuck_streams: tuple[str, ...] = ()
    pages_twice: bool = False
    blank_pages: bool = False
    sweeps: bool = False
    parts: int = Field(default=0, ge=0)
    read_ahead: int = Field(default=0, ge=0)
    # as a CRM
    objects: tuple[str, ...] = ("lead", "task", "note")
    unique_key: Literal["field", "chosen_id", "none"] = "field"
    on_duplicate: Literal["update", "refuse"] = "update"
    find: Literal["consistent", "parent", "search"] = "consistent"
    by_parent: tuple[str, ...] = ()
    settle: float = Field(default=0.0, ge=0)
    lag: float = Field(default=0.0, ge=0)
    max_batch: int = Field(default=100, ge=1)
    batch: Literal["per_item", "all_or_nothing"] = "per_item"
    correlate: Literal["key", "trace", "position"] = "key"
    reports_deletes: bool = False
    merge_redirect: bool = False
    deadline: float = Field(default=30.0, gt=0)
    writers: int = Field(default=1, ge=1)
    tells_blank: bool = False
    # as a CRM that can be read
    crm_streams: tuple[str, ...] = ()
    look_up_batch: int = Field(default=0, ge=0)
    read_back_lag: float = Field(default=0.0, ge=0)
    key_field: str = ""
    lead_is: Literal["lead", "contact"] = "lead"
    deletes: tuple[str, ...] = ("lead", "task", "note")
    publishes: tuple[str, ...] = ("page", "goal")
