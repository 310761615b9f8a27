"""What hangs on a lead's task: comments and a checklist, known by the task that they hang on.

A comment of ours carries our key as its last line. A checklist is known by its name: it is made where there is none,
and what it lacks of the questions is added, so that to send it again does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters._clickup.sending import NOT_FOUND, Sending
from adapters._clickup.settings import ClickUpSettings
from connector.model import sentences
from connector.model.adapter import FindItem, WriteItem
from connector.model.http import Http, Request
from connector.model.outbox import Done, Found, Outcome, Refused, Unknown

#: Comments on a page.
COMMENTS = 25
TEXT, NAME = "comment_text", "name"


def with_key(text: str, key: str) -> str:
    """A comment whose last line is our key."""
    return f"{text.rstrip()}\n\n{key}" if text.strip() else key


def key_of(text: str) -> str:
    """The last line of a comment."""
    return text.rstrip().rpartition("\n")[2].strip()


def write_checklist(sending: Sending, settings: ClickUpSettings, item: WriteItem, *, new: bool) -> Outcome:
    """What came of a checklist; `new`: there is none yet. Raises StoppedError, AuthError, RetryableError."""
    name = str(item.values.get(NAME) or "")
    task = {} if new else task_of(sending.http, item.parent_id, item.lane)
    if task is None:
        return Refused(sentences.GONE, NOT_FOUND)
    held = checklist_of(task, name)
    if held is None:
        made = sending.send("POST", f"/v2/task/{item.parent_id}/checklist", item, {"name": name})
        held = made.get("checklist") or {}
    if not held.get("id"):
        return Unknown(sentences.ANSWER_DOES_NOT_MATCH)
    there = [str(one.get("name")) for one in held.get("items") or ()]
    for question in settings.questions:
        if question not in there:
            sending.send("POST", f"/v2/checklist/{held['id']}/checklist_item", item, {"name": question})
    return Done(str(held["id"]))


def task_of(http: Http, id: str, lane: int) -> Mapping[str, Any] | None:
    """A task by its id, None where it is gone."""
    answer = http.read(Request("GET", f"/v2/task/{id}", reads=True, expected=(404,), lane=lane, about=(id,)))
    if answer.status == 404:
        return None
    task: Mapping[str, Any] = answer.json()
    return task


def checklist_of(task: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """The checklist of a name; of any name where none is given."""
    held = [one for one in task.get("checklists") or () if name in ("", one.get("name"))]
    return held[0] if held else None


def comments_of(http: Http, task: str, lane: int, since: int = 0) -> list[Mapping[str, Any]]:
    """The comments of a task that were written since a moment (milliseconds), newest first."""
    found: list[Mapping[str, Any]] = []
    query: dict[str, str] = {}
    while True:
        asked = Request("GET", f"/v2/task/{task}/comment", query=query, reads=True, expected=(404,), lane=lane)
        answer = http.read(asked)
        page = [] if answer.status == 404 else answer.json()["comments"]
        found += [one for one in page if int(one["date"]) >= since]
        if len(page) < COMMENTS or int(page[-1]["date"]) < since:
            return found
        query = {"start": str(page[-1]["date"]), "start_id": str(page[-1]["id"])}


def find(http: Http, settings: ClickUpSettings, item: FindItem) -> Found:
    """What hangs on a task: a handover by a comment whose last line is our key, a checklist by all its questions."""
    if item.object != "checklist" and item.crm_id:
        return Found((item.crm_id,), ({},)) if task_of(http, item.crm_id, item.lane) else Found()
    if not item.parent_id:
        return Found(reliable=False)
    if item.object != "checklist":
        told = [key_of(str(one.get(TEXT) or "")) for one in comments_of(http, item.parent_id, item.lane)]
        return Found((item.parent_id,), ({},)) if item.our_key in told else Found()
    task = task_of(http, item.parent_id, item.lane)
    held = [one for one in (task or {}).get("checklists") or () if _is_whole(one, settings)]
    return Found(tuple(str(one["id"]) for one in held), tuple({NAME: one["name"]} for one in held))


def _is_whole(held: Mapping[str, Any], settings: ClickUpSettings) -> bool:
    there = {str(one.get("name")) for one in held.get("items") or ()}
    return there.issuperset(settings.questions)
