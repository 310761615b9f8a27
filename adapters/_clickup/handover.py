"""A handover told on a task that is there already: somebody comes back, or a rep had made the task by hand.

The task gets the new due date and priority, and is opened again where it was over; the brief is a comment, unless the
task says it already. A `comment` is the same, but that it is written anyway.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters._clickup import values as clickup
from adapters._clickup.around import TEXT, comments_of, key_of, task_of, with_key
from adapters._clickup.board import BUILT_IN, Board
from adapters._clickup.sending import NOT_FOUND, Sending
from connector.model import sentences
from connector.model.adapter import WriteItem
from connector.model.outbox import Done, Outcome, Refused, Unknown

#: Fields of the task that a handover sets anew.
TOLD = ("due_date", "priority")
#: What they are called.
HANDOVERS = ("handover", "comment")


def tell(sending: Sending, board: Board, item: WriteItem, *, new: bool) -> Outcome:
    """What came of a handover; `new`: the task was made by it. Raises StoppedError, ValueRefusedError, AuthError,
    RetryableError.
    """
    text = str(item.values.get(TEXT) or "")
    if new:
        return _comment(sending, item, text) if text and item.object == "comment" else Done(item.parent_id)
    task = task_of(sending.http, item.parent_id, item.lane)
    if task is None:
        return Refused(sentences.GONE, NOT_FOUND)
    if body := _differing(board, task, item.values):
        sending.send("PUT", f"/v2/task/{item.parent_id}", item, body)
    says_it = " ".join(str(task.get("description") or "").split()) == " ".join(text.split())
    if not text or (says_it and item.object == "handover") or _is_told(sending, item):
        return Done(item.parent_id)
    return _comment(sending, item, text)


def _differing(board: Board, task: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name in TOLD:
        value = values.get(name)
        if clickup.is_blank(value):
            continue
        sent = clickup.own_value(board, BUILT_IN[name], value)
        there = clickup.told(task, BUILT_IN[name])
        if clickup.is_blank(there) or clickup.own_value(board, BUILT_IN[name], there) != sent:
            body[name] = sent
    if "due_date" in body:
        body["due_date_time"] = True
    if board.ended(str(clickup.told(task, BUILT_IN["status"]))) and board.statuses:
        body["status"] = board.statuses[0].name
    return body


def _is_told(sending: Sending, item: WriteItem) -> bool:
    """Whether an earlier try has written the comment."""
    if item.attempt == 1:
        return False
    told = comments_of(sending.http, item.parent_id, item.lane)
    return any(key_of(str(one.get("comment_text") or "")) == item.our_key for one in told)


def _comment(sending: Sending, item: WriteItem, text: str) -> Outcome:
    body = {TEXT: with_key(text, item.our_key), "notify_all": False}
    made = sending.send("POST", f"/v2/task/{item.parent_id}/comment", item, body)
    return Done(item.parent_id) if made.get("id") else Unknown(sentences.ANSWER_DOES_NOT_MATCH)
