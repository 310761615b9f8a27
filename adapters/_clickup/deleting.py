"""Deleting tasks, a call for each; where ClickUp keeps a trash, a person can restore them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from adapters._clickup.sending import NOT_FOUND, Sending, StoppedError
from connector.model import sentences
from connector.model.adapter import FindItem
from connector.model.http import Http
from connector.model.outbox import Done, Outcome, Refused

#: What Baton makes for a handover, and can take back.
DELETES = ("lead", "task")


def delete(http: Http, items: Sequence[FindItem], now: Callable[[], datetime]) -> list[Outcome]:
    """One outcome for each item. Raises AuthError where nothing was executed."""
    sending = Sending(http, now)
    return [_one(sending, item) for item in items]


def _one(sending: Sending, item: FindItem) -> Outcome:
    if item.object not in DELETES or not item.crm_id:
        return Refused(sentences.NO_DELETION, "UNKNOWN_OBJECT")
    try:
        sending.send("DELETE", f"/v2/task/{item.crm_id}", item)
    except StoppedError as stopped:
        gone = isinstance(stopped.outcome, Refused) and stopped.outcome.code == NOT_FOUND
        return Done(item.crm_id) if gone else stopped.outcome
    return Done(item.crm_id)
