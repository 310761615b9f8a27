"""A task as every answer shows it."""

from __future__ import annotations

from typing import Any

from connector.sandbox.clickup.fields import shown
from connector.sandbox.clickup.workspace import TEAM, Checklist, Task, TaskList, Workspace

PRIORITIES = {1: "urgent", 2: "high", 3: "normal", 4: "low"}


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


def task_shown(space: Workspace, task: Task) -> dict[str, Any]:
    """All of a task."""
    held = space.list_of(task.home)
    return {
        "id": task.id, "custom_id": None, "custom_item_id": 0, "name": task.name, "text_content": task.description,
        "description": task.description, "status": _status(held, task.status), "orderindex": "1",
        "date_created": str(task.created), "date_updated": str(task.updated), "date_closed": _text(task.closed),
        "date_done": _text(task.closed), "archived": task.archived, "creator": _person(space, task.creator),
        "assignees": [_person(space, id) for id in task.assignees], "group_assignees": [], "watchers": [],
        "checklists": [checklist_shown(task, one) for one in task.checklists], "tags": [], "parent": task.parent,
        "priority": _priority(task.priority), "due_date": _text(task.due_date), "start_date": _text(task.start_date),
        "points": None, "time_estimate": None, "custom_fields": _fields(space, held, task), "dependencies": [],
        "linked_tasks": [], "locations": [], "team_id": TEAM, "url": f"https://app.clickup.com/t/{task.id}",
        "permission_level": "create", "list": {"id": held.id, "name": held.name, "access": True},
        "project": {"id": "90120", "name": "Sales", "hidden": False, "access": True},
        "folder": {"id": "90120", "name": "Sales", "hidden": False, "access": True}, "space": {"id": "90110"},
    }  # fmt: skip


def checklist_shown(task: Task, one: Checklist) -> dict[str, Any]:
    """A checklist and its items."""
    done = sum(resolved for _, _, resolved in one.items)
    return {
        "id": one.id, "task_id": task.id, "name": one.name, "date_created": str(task.created), "orderindex": 0,
        "resolved": done, "unresolved": len(one.items) - done,
        "items": [
            {"id": id, "name": name, "orderindex": place, "assignee": None, "resolved": resolved, "parent": None,
             "date_created": str(task.created), "children": []}
            for place, (id, name, resolved) in enumerate(one.items)
        ],
    }  # fmt: skip


def statuses_shown(held: TaskList) -> list[dict[str, Any]]:
    """The statuses of a list."""
    return [
        {"id": f"p{held.id}_{place}", "status": one.name, "color": "#87909e", "orderindex": place, "type": one.type}
        for place, one in enumerate(held.statuses)
    ]


def _status(held: TaskList, name: str) -> dict[str, Any]:
    return next(one for one in statuses_shown(held) if one["status"] == name)


def _person(space: Workspace, id: int) -> dict[str, Any]:
    user = space.users.get(id)
    return (
        user.shown() if user else {"id": id, "username": "ClickBot", "email": "", "color": "", "profilePicture": None}
    )


def _priority(number: int | None) -> dict[str, Any] | None:
    if number is None:
        return None
    return {"id": str(number), "priority": PRIORITIES[number], "color": "#f50000", "orderindex": str(number)}


def _fields(space: Workspace, held: TaskList, task: Task) -> list[dict[str, Any]]:
    people = {id: user.shown() for id, user in space.users.items()}
    found = []
    for one in held.fields:
        told = one.defined(task.created)
        if one.id in task.values:
            told["value"] = shown(one, task.values[one.id], people)
        found.append(told)
    return found
