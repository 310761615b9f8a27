"""What people do in the workspace itself: reps, admins, and those who fill a form in. For tests and for trials.

Each is a JSON object whose `do` names it; the rest is described at the function. A ValueError or KeyError tells the
caller what was wrong with it. Fields are named as people see them, options too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connector.sandbox.clickup.errors import Refused
from connector.sandbox.clickup.fields import Field
from connector.sandbox.clickup.showing import task_shown
from connector.sandbox.clickup.workspace import Task, TaskList, TimeEntry, User, Workspace

Wish = dict[str, Any]
#: Who makes the tasks of a form: nobody of the workspace.
FORM_BOT = -1
_OWN = ("name", "description", "status", "priority", "due_date", "archived")


def edit(space: Workspace, wish: Wish) -> Any:
    """Do what is wished; returns the task where there is one."""
    if wish.get("do") not in EDITS:
        raise ValueError(f"no edit {wish.get('do')!r}: one of {', '.join(sorted(EDITS))}")
    with space.lock:
        try:
            return EDITS[wish["do"]](space, wish) or {}
        except Refused as refused:
            raise ValueError(str(refused)) from refused


def look(space: Workspace, query: dict[str, list[str]]) -> Any:
    """What the workspace holds: its lists, or with `list` the tasks of one."""
    with space.lock:
        if "list" in query:
            held = _list(space, query["list"][0])
            return [task_shown(space, task) for task in space.tasks.values() if task.home == held.id]
        return {one.name: {"id": one.id, "tasks": sum(task.home == one.id for task in space.tasks.values())}
                for one in space.lists.values()}  # fmt: skip


def _list(space: Workspace, word: str) -> TaskList:
    found = next((one for one in space.lists.values() if word in (one.id, one.name, one.form)), None)
    if found is None:
        raise ValueError(f"no list {word}")
    return found


def _person(space: Workspace, word: Any) -> int:
    found = next((one.id for one in space.users.values() if word in (one.id, str(one.id), one.email)), None)
    if found is None:
        raise ValueError(f"nobody is called {word}")
    return found


def create(space: Workspace, wish: Wish) -> Any:
    """A person makes a task in `list`: `name`, `fields` by name, `by`, `assignee`, and what else a task has."""
    held = _list(space, wish["list"])
    made = space.create(held, {"name": wish.get("name") or "Untitled"}, _by(space, wish))
    _change(space, made, wish)
    return task_shown(space, made)


def submit(space: Workspace, wish: Wish) -> Any:
    """Somebody outside sends the form of a list (`list`: its id or name, or the form's), `answers` by field."""
    held = _list(space, wish["list"])
    answers = wish.get("answers", {})
    fields = [{"id": one.id, "value": _given(one, answers[one.name])} for one in held.fields if one.name in answers]
    name = wish.get("name") or answers.get("Name") or held.form or held.name
    made = space.create(held, {"name": name, "custom_fields": fields}, FORM_BOT)
    return task_shown(space, made)


def change(space: Workspace, wish: Wish) -> Any:
    """A person changes the task `id`; "" clears a field."""
    task = space.task(str(wish["id"]))
    _change(space, task, wish)
    return task_shown(space, task)


def _change(space: Workspace, task: Task, wish: Wish) -> None:
    held = space.list_of(task.home)
    own = {name: wish[name] for name in _OWN if name in wish and wish[name] != ""}
    if "assignee" in wish:
        add = [_person(space, wish["assignee"])] if wish["assignee"] else []
        own["assignees"] = {"add": add, "rem": [id for id in task.assignees if id not in add]}
    if own:
        space.update(task, own)
    for name, value in dict(wish.get("fields", {})).items():
        one = held.field(name)
        if one is None:
            raise ValueError(f"no field {name}")
        space.put(task, one.id, _given(one, value))


def _given(one: Field, value: Any) -> Any:
    """A value as people enter it, as the API takes it."""
    if value in ("", None):
        return None
    if one.type == "drop_down":
        option = one.option(str(value))
        if option is None:
            raise ValueError(f"no option {value} of {one.name}")
        return option.id
    if one.type == "labels":
        return [option.id for word in value if (option := one.option(word))]
    if one.type in ("number", "currency", "emoji", "date"):
        return int(value) if float(value).is_integer() else float(value)
    if one.type == "tasks":
        return {"add": [value] if isinstance(value, str) else value}
    return value


def remove(space: Workspace, wish: Wish) -> Any:
    """A person deletes the task `id`."""
    space.delete(space.task(str(wish["id"])))


def comment(space: Workspace, wish: Wish) -> Any:
    """A person writes `text` under the task `id`."""
    made = space.comment(space.task(str(wish["id"])), wish["text"], _by(space, wish))
    return {"id": made.id}


def spend(space: Workspace, wish: Wish) -> Any:
    """A person notes `minutes` spent on the task `id`, up to now, with a `text`."""
    task, now = space.task(str(wish["id"])), space.now()
    start = now - int(wish.get("minutes", 15)) * 60_000
    made = TimeEntry(space.next_id("entry"), task.id, _by(space, wish), start, now, wish.get("text", ""))
    space.entries.append(made)
    space.tell("taskTimeTrackedUpdated", space.tasks[made.task])
    return {"id": made.id}


def add_user(space: Workspace, wish: Wish) -> Any:
    """Somebody joins: `email`, `name`."""
    id = 81001 + len(space.users)
    while id in space.users:
        id += 1
    space.users[id] = User(id, wish.get("name") or wish["email"].partition("@")[0], wish["email"])
    return {"id": id}


def remove_user(space: Workspace, wish: Wish) -> Any:
    """Somebody (`user`: id or email) leaves."""
    del space.users[_person(space, wish["user"])]


def set_options(space: Workspace, wish: Wish) -> Any:
    """An admin gives a field of a list, or its statuses (`field`: "status"), these `options`."""
    held = _list(space, wish["list"])
    if wish["field"] == "status":
        types = {one.name: one.type for one in held.statuses}
        kept = [(name, types.get(name, "custom")) for name in wish["options"]]
        held.statuses = [type(held.statuses[0])(name, kind) for name, kind in kept]
        return
    found = held.field(wish["field"])
    if found is None:
        raise ValueError(f"no field {wish['field']}")
    space.set_options(found, wish["options"])


def _by(space: Workspace, wish: Mapping[str, Any]) -> int:
    return _person(space, wish["by"]) if "by" in wish else space.me


EDITS: dict[str, Callable[[Workspace, Wish], Any]] = {
    one.__name__: one
    for one in (create, submit, change, remove, comment, spend, add_user, remove_user, set_options)
}  # fmt: skip
