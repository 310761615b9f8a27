"""What would be written outside, record by record, before anything is: made, looked at, kept, applied."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args

#: What happens to a record: made, changed, left as it is (skip: for a reason), not written since both sides say
#: something else and nobody can tell who is right (conflict), or nobody can tell what is there (unknown).
PlanAction = Literal["create", "update", "skip", "conflict", "unknown"]
PLAN_ACTIONS: tuple[PlanAction, ...] = get_args(PlanAction)

#: What a plan was made for: going on with the line, a repair after a comparison of both sides, our keys on records.
PlanKind = Literal["line", "repair", "stamps"]


@dataclass(frozen=True, slots=True)
class PlannedField:
    """One field in the target's own names. `known`: `old` was read there; else nobody can tell what stands there."""

    name: str
    old: Any
    new: Any
    known: bool = True


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One record of a plan.

    `object`, `our_key` and `crm_id` say which (`crm_id` "" where it is not there yet), `group` the field group of
    its outbox row. `fields` are those that would be written, or that are in conflict. `also` names further objects
    that would be made with it (`task`, `note`). `reason` is an English sentence as `model/sentences.py` keeps them, or
    one in the configuration's language; `kind` groups rows of one reason, whoever they are about. `basis` is a
    digest of all that this was judged on: where it differs by the time of applying, the row is refused.

    `opens`: with it the lead is handed over, to `owner` of `team`. `left_out` are (field, why) of what is not sent.
    `who`, `hot`, `total` and `grade` are for the reader.
    """

    number: int
    action: PlanAction
    target: str
    object: str
    our_key: str
    lead_id: int = 0
    flow: str = ""
    crm_id: str = ""
    group: str = ""
    owner: str = ""
    fields: tuple[PlannedField, ...] = ()
    also: tuple[str, ...] = ()
    kind: str = ""
    reason: str = ""
    basis: str = ""
    opens: bool = False
    team: str = ""
    left_out: tuple[tuple[str, str], ...] = ()
    who: str = ""
    hot: bool = False
    total: int = 0
    grade: str = ""


@dataclass(frozen=True, slots=True)
class Cost:
    """What applying would cost one connection: calls by kind (`lead create`), seconds until the last of them may be
    made, and their share of what is left of its day's calls (above 1: they do not fit into today).

    None where nobody can tell.
    """

    calls: Mapping[str, int] = dataclasses.field(default_factory=dict)
    seconds: float | None = None
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan. `versions` are the criteria by flow, the mappings by connection, and the rules that it was made under.

    `asked`: the platforms were asked what stands there; else it is made from the store alone, and is not applied.
    `covers`: places (`flow:connection`) of which every record is in it, since the mapping or a rule has changed there.
    """

    kind: PlanKind
    store: str
    at: datetime
    rows: tuple[PlannedRow, ...]
    versions: Mapping[str, str] = dataclasses.field(default_factory=dict)
    cost: Mapping[str, Cost] = dataclasses.field(default_factory=dict)
    flow: str = ""
    as_live: bool = False
    asked: bool = True
    covers: tuple[str, ...] = ()
