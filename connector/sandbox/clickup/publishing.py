"""Calls about Docs and their pages (v3), goals and their key results (v2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.clickup.errors import Refused, invalid
from connector.sandbox.clickup.workspace import TEAM, Workspace
from connector.sandbox.ledger import Deed
from connector.sandbox.wire import Call

#: Docs on a page unless the call says; at least 10, at most 100.
DOCS = 50


@dataclass(slots=True)
class Doc:
    """A Doc and its pages; a page is as the API shows it."""

    id: str
    name: str
    created: int
    deleted: bool = False
    pages: list[dict[str, Any]] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "id": self.id, "date_created": self.created, "name": self.name, "type": 1, "public": False,
            "parent": {"id": TEAM, "type": 12}, "workspace_id": int(TEAM), "creator": 81001, "deleted": self.deleted,
            "archived": False,
        }  # fmt: skip


def docs(space: Workspace, call: Call, workspace_id: str) -> Any:
    """The Docs of the workspace, `limit` on a page."""
    _own(workspace_id)
    start, limit = int(call.first("cursor", "0")), int(call.first("limit", str(DOCS)))
    if not 10 <= limit <= 100:
        raise invalid("limit must be between 10 and 100")
    found = [one.shown() for one in space.docs.values() if not one.deleted]
    more = {"next_cursor": str(start + limit)} if start + limit < len(found) else {}
    return {"docs": found[start : start + limit], **more}


def add_doc(space: Workspace, call: Call, workspace_id: str) -> Any:
    """A new Doc; with a page of its own unless that is not wanted."""
    _own(workspace_id)
    body = call.json()
    made = Doc(space.next_id("doc"), str(body.get("name") or ""), space.now())
    space.docs[made.id] = made
    if body.get("create_page", True):
        _add(space, made, {})
    _did(space, "create", "doc", made.id)
    return made.shown()


def pages(space: Workspace, _call: Call, workspace_id: str, doc_id: str) -> Any:
    """The pages of a Doc."""
    return _doc(space, workspace_id, doc_id).pages


def add_page(space: Workspace, call: Call, workspace_id: str, doc_id: str) -> Any:
    """A new page."""
    return _add(space, _doc(space, workspace_id, doc_id), call.json())


def _add(space: Workspace, held: Doc, body: dict[str, Any]) -> dict[str, Any]:
    made = {
        "id": space.next_id("page"), "doc_id": held.id, "workspace_id": int(TEAM), "name": body.get("name", ""),
        "date_created": space.now(), "content": body.get("content", ""), "creator_id": 81001, "authors": [81001],
        **({"sub_title": body["sub_title"]} if body.get("sub_title") else {}),
    }  # fmt: skip
    held.pages.append(made)
    _did(space, "create", "page", made["id"], made.get("sub_title", ""))
    return made


def edit_page(space: Workspace, call: Call, workspace_id: str, doc_id: str, page_id: str) -> Any:
    """Change a page. The answer has no body."""
    held = next((one for one in _doc(space, workspace_id, doc_id).pages if one["id"] == page_id), None)
    if held is None:
        raise Refused(404, "PAGE_001", "Page not found")
    body = call.json()
    told = body.get("content", "")
    mode = body.get("content_edit_mode", "replace")
    content = {"replace": told, "append": held["content"] + told, "prepend": told + held["content"]}[mode]
    held |= {"name": body.get("name", ""), "content": content}
    if "sub_title" in body:
        held["sub_title"] = body["sub_title"]
    _did(space, "update", "page", page_id, held.get("sub_title", ""))


def goals(space: Workspace, call: Call, team_id: str) -> Any:
    """The goals of the workspace; completed ones only where they are asked for. Key results are counted only."""
    _own(team_id)
    wanted = [one for one in space.goals.values() if call.first("include_completed") == "true" or not _is_done(one)]
    hidden = ("key_results", "history", "pretty_url")
    told = [{name: value for name, value in one.items() if name not in hidden} for one in wanted]
    return {"goals": told, "folders": []}


def _is_done(goal: dict[str, Any]) -> bool:
    return bool(goal["key_results"]) and all(one["completed"] for one in goal["key_results"])


def goal(space: Workspace, _call: Call, goal_id: str) -> Any:
    """One goal with its key results."""
    return {"goal": _goal(space, goal_id)}


def add_goal(space: Workspace, call: Call, team_id: str) -> Any:
    """A new goal."""
    _own(team_id)
    body = call.json()
    id = space.next_id("goal")
    space.goals[id] = {
        "id": id, "pretty_id": str(len(space.goals) + 1), "name": body["name"], "team_id": TEAM, "creator": space.me,
        "owner": None, "color": body["color"], "date_created": str(space.now()), "start_date": None,
        "due_date": str(body["due_date"]), "description": body["description"], "private": False, "archived": False,
        "multiple_owners": body["multiple_owners"], "folder_id": None, "members": [],
        "owners": [space.users[int(one)].shown() for one in body["owners"]], "key_results": [],
        "percent_completed": 0, "history": [], "pretty_url": f"https://app.clickup.com/{TEAM}/goals/{id}",
    }  # fmt: skip
    _did(space, "create", "goal", id)
    return {"goal": space.goals[id]}


def edit_goal(space: Workspace, call: Call, goal_id: str) -> Any:
    """Change a goal."""
    held, body = _goal(space, goal_id), call.json()
    held |= {name: body[name] for name in ("name", "description", "color")} | {"due_date": str(body["due_date"])}
    kept = [one for one in held["owners"] if one["id"] not in body["rem_owners"]]
    held["owners"] = kept + [space.users[int(one)].shown() for one in body["add_owners"]]
    _did(space, "update", "goal", goal_id)
    return {"goal": held}


def add_key_result(space: Workspace, call: Call, goal_id: str) -> Any:
    """A new key result of a goal."""
    held, body = _goal(space, goal_id), call.json()
    if body["type"] not in ("number", "currency", "boolean", "percentage", "automatic"):
        raise invalid(f"type {body['type']} is not known")
    id = space.next_id("key_result")
    made = {
        "id": id, "goal_id": goal_id, "name": body["name"], "type": body["type"], "unit": body["unit"],
        "creator": space.me, "date_created": str(space.now()), "goal_pretty_id": held["pretty_id"],
        "percent_completed": None, "completed": False, "task_ids": [], "subcategory_ids": [], "owners": [],
        "steps_start": body["steps_start"], "steps_end": body["steps_end"],
        "last_action": _action(space, id, None, "Created Key Result"),
    }  # fmt: skip
    held["key_results"].append(made)
    _did(space, "create", "key_result", id)
    return {"key_result": made}


def edit_key_result(space: Workspace, call: Call, key_result_id: str) -> Any:
    """Say how far a key result is."""
    body = call.json()
    for held in space.goals.values():
        for one in held["key_results"]:
            if one["id"] == key_result_id:
                one["last_action"] = _action(space, key_result_id, body["steps_current"], body["note"])
                one["completed"] = body["steps_current"] >= one["steps_end"]
                _did(space, "update", "key_result", key_result_id)
                return {"key_result": one}
    raise Refused(404, "GOAL_002", "Key result not found")


def _action(space: Workspace, id: str, now: int | None, note: str) -> dict[str, Any]:
    return {
        "id": space.next_id("action"), "key_result_id": id, "userid": space.me, "date_modified": str(space.now()),
        "steps_taken": None, "note": note, "steps_before": None, "steps_current": now,
    }  # fmt: skip


def _goal(space: Workspace, id: str) -> dict[str, Any]:
    if id not in space.goals:
        raise Refused(404, "GOAL_001", "Goal not found")
    found: dict[str, Any] = space.goals[id]
    return found


def _doc(space: Workspace, workspace_id: str, id: str) -> Doc:
    _own(workspace_id)
    found: Doc | None = space.docs.get(id)
    if found is None or found.deleted:
        raise Refused(404, "DOC_001", "Doc not found")
    return found


def _own(workspace_id: str) -> None:
    if workspace_id != TEAM:
        raise Refused(401, "OAUTH_027", "Team not authorized")


def _did(space: Workspace, did: str, object: str, id: str, key: str = "") -> None:
    space.ledger.did([Deed(space.clock.seconds(), did, object, id, key)])
