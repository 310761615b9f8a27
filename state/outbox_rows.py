"""Outbox rows as the store keeps them."""

from __future__ import annotations

from typing import Any, cast

import orjson

from connector.model.outbox import OutboxRow, RowKind, RowState
from connector.model.times import micros_or_none, moment, moment_or_none

COLUMNS = (
    "o.target, o.kind, o.object, o.our_key, o.key, o.body, o.lead_id, o.field_group, o.lane, o.after_key, o.parent, "
    "o.parent_object, o.flow, o.run_id, o.id, o.revision, o.state, o.attempts, o.resends, o.epoch, o.not_before, "
    "o.sent_at, o.deadline, o.resolve_at, o.crm_id, o.reason, o.code, o.field, o.created_at"
)
#: `ON CONFLICT` is for rows that are not of kind `state`: their key is there already, for ever.
ADD = (
    "INSERT INTO outbox (id, target, kind, object, our_key, key, revision, body, lead_id, field_group, lane, "
    "after_key, parent, parent_object, flow, run_id, state, resends, not_before, crm_id, created_at, changed_at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key, revision) DO NOTHING"
)


def new_row(
    row_id: int, row: OutboxRow, now: int, state: str = "waiting", revision: int = 0, lane: int = 9, resends: int = 0
) -> tuple[Any, ...]:
    """The parameters of ADD: a row that was never claimed, in the more urgent of two lanes."""
    return (
        row_id,
        row.target,
        row.kind,
        row.object,
        row.our_key,
        row.key,
        revision,
        orjson.dumps(row.values).decode(),
        row.lead_id or None,
        row.group,
        min(lane, row.lane),
        row.after,
        row.parent,
        row.parent_object,
        row.flow,
        row.run_id,
        state,
        resends,
        micros_or_none(row.not_before),
        row.crm_id,
        now,
        now,
    )


def read_row(row: tuple[Any, ...]) -> OutboxRow:
    """A row from COLUMNS."""
    (
        target, kind, object_name, our_key, key, text, lead_id, group, lane, after, parent, parent_object,
        flow, run_id, row_id, revision, state, attempts, resends, epoch, not_before, sent_at, deadline, resolve_at,
        crm_id, reason, code, field, created_at,
    ) = row  # fmt: skip
    return OutboxRow(
        target, cast("RowKind", kind), object_name, our_key, key, orjson.loads(text), lead_id or 0, group, lane, after,
        parent, parent_object, flow, run_id, row_id, revision, cast("RowState", state), attempts, resends, epoch,
        moment_or_none(not_before), moment_or_none(sent_at), moment_or_none(deadline), moment_or_none(resolve_at),
        crm_id, reason, code, field, moment(created_at),
    )  # fmt: skip
