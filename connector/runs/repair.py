"""The plan that mends what a comparison of both sides has found, as far as it is ours to mend.

What holds something older of ours is written again. A record that is gone stays gone: a person has deleted it. Owners
are taken over from the CRM, and consent goes its own way, with the next run; the rest is for a person to decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from connector.model.plans import Plan, PlanAction, PlannedField, PlannedRow
from connector.runs.drift import Drift, DriftKind
from connector.runs.planning.document import sealed, versions_of
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime

ACTIONS: Mapping[DriftKind, PlanAction] = {"stale": "update", "conflict": "conflict"}


def repair(runtime: Runtime, rows: Callable[[int], Rows], found: Sequence[Drift], flow: str = "") -> dict[str, Any]:
    """The plan as a document, to be applied like any other."""
    store_id = rows(0).store_id
    ordered = sorted(found, key=_place)
    planned = [
        _row(number, list(some)) for number, (_, some) in enumerate(groupby(ordered, key=_place), 1)
    ]  # fmt: skip
    plan = Plan("repair", store_id, runtime.clock(), tuple(planned), versions=versions_of(runtime.config), flow=flow)
    return sealed(runtime, store_id, plan)


def _place(one: Drift) -> tuple[str, ...]:
    return (one.kind, one.target, one.object, one.our_key, one.id)


def _row(number: int, some: Sequence[Drift]) -> PlannedRow:
    """All of one kind about one record."""
    one = some[0]
    fields = tuple(PlannedField(drift.field, drift.there, drift.ours) for drift in some if drift.field)
    return PlannedRow(
        number, ACTIONS.get(one.kind, "skip"), one.target, one.object, one.our_key, lead_id=one.lead_id, flow=one.flow,
        crm_id=one.id, fields=fields, kind=one.kind, reason=one.why,
    )  # fmt: skip
