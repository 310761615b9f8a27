"""Calls about tasks: the list with its filters, one task, its custom fields."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from connector.sandbox.clickup.errors import Refused, invalid
from connector.sandbox.clickup.fields import matches
from connector.sandbox.clickup.showing import task_shown
from connector.sandbox.clickup.workspace import Task, TaskList, Workspace
from connector.sandbox.wire import Call

#: "Responses are limited to 100 tasks per page."
PAGE = 100
#: order_by: by what.
_ORDERS: dict[str, Callable[[Task], Any]] = {
    "id": lambda task: task.id,
    "created": lambda task: (task.created, task.id),
    "updated": lambda task: (task.updated, task.id),
    "due_date": lambda task: (task.due_date or 0, task.id),
}


def listing(space: Workspace, call: Call, list_id: str) -> Any:
    """The tasks of a list, newest first but for `reverse`; neither closed ones nor subtasks unless asked for."""
    held = space.list_of(list_id)
    found = [task for task in space.tasks.values() if task.home == held.id and _is_shown(held, task, call)]
    wanted = json.loads(call.first("custom_fields", "[]"))
    if wanted:
        found = [task for task in found if _is_indexed(space, task) and _has(held, task, wanted)]
    order = call.first("order_by", "created")
    if order not in _ORDERS:
        raise invalid(f"order_by {order} is not known")
    found.sort(key=_ORDERS[order], reverse=not _is_true(call, "reverse"))
    start = int(call.first("page", "0")) * PAGE
    some = found[start : start + PAGE]
    call.items = len(some)
    return {"tasks": [task_shown(space, task) for task in some], "last_page": start + PAGE >= len(found)}


def create(space: Workspace, call: Call, list_id: str) -> Any:
    """Make a task, its custom fields with it."""
    return task_shown(space, space.create(space.list_of(list_id), call.json(), space.me))


def one(space: Workspace, call: Call, task_id: str) -> Any:
    """One task; with its subtasks where they are asked for."""
    task = space.task(task_id)
    told = task_shown(space, task)
    if _is_true(call, "include_subtasks"):
        told["subtasks"] = [task_shown(space, child) for child in space.children(task)]
    return told


def update(space: Workspace, call: Call, task_id: str) -> Any:
    """Change a task; custom fields have calls of their own, and are left as they are."""
    task = space.task(task_id)
    given = {name: value for name, value in call.json().items() if name != "custom_fields"}
    space.update(task, given)
    return task_shown(space, task)


def delete(space: Workspace, _call: Call, task_id: str) -> Any:
    """Delete a task."""
    space.delete(space.task(task_id))
    return {}


def set_field(space: Workspace, call: Call, task_id: str, field_id: str) -> Any:
    """Set one custom field."""
    body = call.json()
    if not isinstance(body, dict) or "value" not in body:
        raise invalid("Value is required")
    space.put(space.task(task_id), field_id, body["value"])
    return {}


def remove_field(space: Workspace, _call: Call, task_id: str, field_id: str) -> Any:
    """Clear one custom field."""
    space.put(space.task(task_id), field_id, None)
    return {}


def _is_shown(held: TaskList, task: Task, call: Call) -> bool:
    closed = held.status(task.status).type == "closed"
    if task.archived is not _is_true(call, "archived") or (closed and not _is_true(call, "include_closed")):
        return False
    if task.parent and not _is_true(call, "subtasks"):
        return False
    bounds = {"date_updated": task.updated, "date_created": task.created, "due_date": task.due_date or 0}
    for name, at in bounds.items():
        after, before = call.first(f"{name}_gt"), call.first(f"{name}_lt")
        if (after and at <= int(after)) or (before and at >= int(before)):
            return False
    statuses = call.query.get("statuses[]", [])
    return not statuses or task.status in statuses


def _is_indexed(space: Workspace, task: Task) -> bool:
    return task.updated + space.search_lag * 1000 <= space.now()


def _has(held: TaskList, task: Task, wanted: list[dict[str, Any]]) -> bool:
    for filter in wanted:
        field = next((one for one in held.fields if one.id == filter.get("field_id")), None)
        if field is None:
            raise Refused(400, "FIELD_000", f"Custom field {filter.get('field_id')} not found")
        value = task.values.get(field.id)
        operator = filter.get("operator")
        if operator == "IS NOT NULL":
            fits = value is not None
        elif operator == "=":
            fits = matches(field, value, filter.get("value"))
        else:
            raise invalid(f"operator {operator} is not known here")
        if not fits:
            return False
    return True


def _is_true(call: Call, name: str) -> bool:
    return call.first(name, "false") == "true"
