"""Keep what a meeting agreed, as a task in a CRM too where that is wished."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Literal, cast

from connector.config import Config
from connector.model.follow_up import Agreement, Meeting
from connector.model.outbox import LANES, OutboxRow
from connector.model.ports import Transaction


def keep(
    tx: Transaction, config: Config, by: str, now: datetime, kind: str, text: str, owner: str = "", due_on: str = "",
    task: str = "",
) -> Agreement:  # fmt: skip
    """Keep a decision or an action under today's meeting; with `task`, a task in that connection. Returns it."""
    said = cast('Literal["decision", "action"]', kind)
    [kept] = tx.meetings.agree([Agreement(_meeting(tx, config, by, now), said, text, owner, due_on)])
    if task:
        tx.outbox.put([_task(tx, config, task, kept)], now)
    return kept


def _meeting(tx: Transaction, config: Config, by: str, now: datetime) -> int:
    """Today's meeting, which is one however many things it agreed."""
    today = now.astimezone(config.zone).date()
    for one in tx.meetings.meetings(1):
        if one.at.astimezone(config.zone).date() == today:
            return one.id
    return tx.meetings.add(Meeting("review", today.isoformat(), now, by))


def _task(tx: Transaction, config: Config, target: str, kept: Agreement) -> OutboxRow:
    event = f"{tx.admin.store_id()}:agreement-{kept.id}:task:1"
    own = {"subject": kept.text, "owner": kept.owner, "due_at": _end_of(kept.due_on, config), "priority": "normal"}
    return OutboxRow(
        target=target, kind="once", object="task", our_key=event, key=f"{target}:{event}",
        values=_mapped(config, target, event, own), lane=LANES["normal"],
    )  # fmt: skip


def _mapped(config: Config, target: str, event: str, own: dict[str, str]) -> dict[str, Any]:
    """The task as the mapping says it; in our own words where the mapping has no lines for tasks."""
    mapping = config.connections[target].mapping
    if "task" not in {name.casefold() for name in mapping.write_objects}:
        return own
    seen = {"task.key": event, "task.text": "", **{f"task.{name}": value for name, value in own.items()}}
    values, _ = mapping.to_platform("task", seen, creating=True)
    return {name: value for name, value in values.items() if value not in (None, "")}


def _end_of(due_on: str, config: Config) -> str:
    if not due_on:
        return ""
    return datetime.combine(date.fromisoformat(due_on), time(17), config.zone).astimezone(UTC).isoformat()
