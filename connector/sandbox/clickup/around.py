"""Calls about what is around tasks: people, lists, comments, checklists, time, webhooks."""

from __future__ import annotations

from typing import Any

from connector.sandbox.clickup.errors import Refused, invalid
from connector.sandbox.clickup.showing import checklist_shown, statuses_shown
from connector.sandbox.clickup.webhooks import Webhook
from connector.sandbox.clickup.workspace import TEAM, Checklist, Comment, Task, TimeEntry, Workspace
from connector.sandbox.wire import Call

#: "By default, the request returns the 25 most recent comments."
COMMENTS = 25
#: Time entries are those of the last 30 days unless a start is given.
_DAYS_30 = 30 * 86_400_000


def user(space: Workspace, _call: Call) -> Any:
    """Whose token it is."""
    return {"user": space.users[space.me].shown()}


def teams(space: Workspace, _call: Call) -> Any:
    """The workspace and its members."""
    members = [{"user": one.shown()} for one in space.users.values()]
    return {"teams": [{"id": TEAM, "name": "Northwind", "color": "#536cfe", "avatar": None, "members": members}]}


def members(space: Workspace, _call: Call, list_id: str) -> Any:
    """Who may see a list."""
    space.list_of(list_id)
    return {"members": [one.shown() for one in space.users.values()]}


def one_list(space: Workspace, _call: Call, list_id: str) -> Any:
    """A list with its statuses."""
    held = space.list_of(list_id)
    count = sum(task.home == held.id and not task.parent for task in space.tasks.values())
    return {
        "id": held.id, "name": held.name, "orderindex": 0, "content": "", "task_count": str(count), "archived": False,
        "override_statuses": True, "statuses": statuses_shown(held), "permission_level": held.rights,
        "folder": {"id": "90120", "name": "Sales", "hidden": False, "access": True},
        "space": {"id": "90110", "name": "Northwind", "access": True},
    }  # fmt: skip


def fields(space: Workspace, _call: Call, list_id: str) -> Any:
    """The custom fields of a list."""
    return {"fields": [one.defined(0) for one in space.list_of(list_id).fields]}


def comments(space: Workspace, call: Call, task_id: str) -> Any:
    """The comments of a task, newest first, 25 at a time; `start_id` names the last one of the page before."""
    found = sorted(space.task(task_id).comments, key=lambda one: (one.at, one.id), reverse=True)
    if start := call.first("start_id"):
        place = next((n for n, one in enumerate(found) if one.id == start), len(found))
        found = found[place + 1 :]
    return {"comments": [_comment(space, one) for one in found[:COMMENTS]]}


def comment(space: Workspace, call: Call, task_id: str) -> Any:
    """Post a comment."""
    body = call.json()
    if not body.get("comment_text"):
        raise invalid("Comment text is required")
    made = space.comment(space.task(task_id), body["comment_text"], space.me)
    return {"id": made.id, "hist_id": f"h{made.id}", "date": made.at}


def _comment(space: Workspace, one: Comment) -> dict[str, Any]:
    return {
        "id": one.id, "comment": [{"text": one.text}], "comment_text": one.text, "user": space.users[one.by].shown(),
        "resolved": False, "assignee": None, "assigned_by": None, "reactions": [], "date": str(one.at),
        "reply_count": "0",
    }  # fmt: skip


def checklist(space: Workspace, call: Call, task_id: str) -> Any:
    """Add a checklist to a task."""
    task = space.task(task_id)
    made = Checklist(space.next_id("checklist"), str(call.json()["name"]))
    task.checklists.append(made)
    space.touch(task)
    space.did("checklist", task)
    return {"checklist": checklist_shown(task, made)}


def checklist_item(space: Workspace, call: Call, checklist_id: str) -> Any:
    """Add an item to a checklist."""
    task, held = _checklist(space, checklist_id)
    held.items.append((space.next_id("item"), str(call.json().get("name") or ""), False))
    space.touch(task)
    return {"checklist": checklist_shown(task, held)}


def _checklist(space: Workspace, id: str) -> tuple[Task, Checklist]:
    for task in space.tasks.values():
        for held in task.checklists:
            if held.id == id:
                return task, held
    raise Refused(404, "CHECK_001", "Checklist not found")


def time_in_status(space: Workspace, call: Call) -> Any:
    """How long tasks have stood where, of up to 100 of them; those that are not there are left out."""
    ids = call.query.get("task_ids", [])
    if len(ids) > 100:
        raise invalid("Up to 100 tasks at once")
    return {id: _stood(space, space.tasks[id]) for id in ids if id in space.tasks}


def _stood(space: Workspace, task: Task) -> dict[str, Any]:
    ends = [at for _, at in task.history[1:]] + [space.now()]
    types = {one.name: one.type for one in space.list_of(task.home).statuses}
    told = [
        {"status": status, "color": "#87909e", "type": types.get(status, "custom"), "orderindex": place,
         "total_time": {"by_minute": (end - at) // 60_000, "since": str(at)}}
        for place, ((status, at), end) in enumerate(zip(task.history, ends, strict=True))
    ]  # fmt: skip
    last = told[-1]
    current = {"status": last["status"], "color": last["color"], "total_time": last["total_time"]}
    return {"current_status": current, "status_history": told}


def time_entries(space: Workspace, call: Call, team_id: str) -> Any:
    """Time spent, of the given people, or of us alone; of the last 30 days unless bounds are given."""
    if team_id != TEAM:
        raise Refused(401, "OAUTH_027", "Team not authorized")
    since = int(call.first("start_date", str(space.now() - _DAYS_30)))
    until = int(call.first("end_date", str(space.now())))
    people = {int(id) for id in call.first("assignee", str(space.me)).split(",")}
    list_id = call.first("list_id")
    found = [
        one for one in space.entries
        if since <= one.start <= until and one.by in people and one.task in space.tasks
        and list_id in ("", space.tasks[one.task].home)
    ]  # fmt: skip
    return {"data": [_entry(space, one) for one in found]}


def _entry(space: Workspace, one: TimeEntry) -> dict[str, Any]:
    task = space.tasks[one.task]
    return {
        "id": one.id, "wid": TEAM, "user": space.users[one.by].shown(), "billable": False, "start": str(one.start),
        "end": str(one.end), "duration": str(one.end - one.start), "description": one.description, "tags": [],
        "task": {"id": task.id, "name": task.name}, "at": str(one.end),
    }  # fmt: skip


def webhooks(space: Workspace, _call: Call, team_id: str) -> Any:
    """Who is told of changes."""
    del team_id
    return {"webhooks": [one.shown() for one in space.webhooks.values()]}


def webhook(space: Workspace, call: Call, team_id: str) -> Any:
    """Ask to be told of changes, of one list or of all."""
    del team_id
    body = call.json()
    list_id = space.list_of(str(body["list_id"])).id if "list_id" in body else None
    secret = f"secret{space.next_id('secret')}"
    made = Webhook(space.next_id("webhook"), body["endpoint"], tuple(body["events"]), secret, list_id)
    space.webhooks[made.id] = made
    return {"id": made.id, "webhook": made.shown()}


def remove_webhook(space: Workspace, _call: Call, webhook_id: str) -> Any:
    """Ask not to be told any more."""
    if space.webhooks.pop(webhook_id, None) is None:
        raise Refused(404, "WEBHOOK_001", "Webhook not found")
    return {}
