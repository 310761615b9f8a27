"""Associating contacts with companies. To associate what is associated already is no error, so it may be sent again.

https://developers.hubspot.com/docs/api-reference/crm-associations-v4/guide
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters._hubspot.answers import body_of, refusal
from adapters._hubspot.objects import COMPANY, CONTACT, CONTACT_TO_COMPANY
from connector.model import sentences
from connector.model.adapter import WriteItem
from connector.model.http import Http, Request
from connector.model.outbox import Done, NotExecuted, Outcome, Unknown

_PATH = f"/crm/v4/associations/{CONTACT.type}/{COMPANY.type}/batch/create"
_TYPES = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": CONTACT_TO_COMPANY}]


def join(http: Http, items: Sequence[WriteItem]) -> list[Outcome]:
    """Associate each item's parent, a contact, with the company that its values name."""
    ready = [item for item in items if item.parent_id and item.values.get("company")]
    answers = iter(_sent(http, ready) if ready else [])
    return [
        next(answers) if item.parent_id and item.values.get("company") else NotExecuted(sentences.WAITS_FOR_OTHERS)
        for item in items
    ]


def _sent(http: Http, items: Sequence[WriteItem]) -> list[Outcome]:
    inputs = [
        {"from": {"id": item.parent_id}, "to": {"id": str(item.values["company"])}, "types": _TYPES} for item in items
    ]
    lane = min(item.lane for item in items)
    about = tuple(item.our_key for item in items)
    answer = http.send(Request("POST", _PATH, json={"inputs": inputs}, lane=lane, about=about))
    if isinstance(answer, NotExecuted | Unknown):
        return [answer] * len(items)
    body = body_of(answer)
    if answer.status < 300 and isinstance(body.get("results"), list):
        done = {(str(one.get("fromObjectId")), str(one.get("toObjectId"))) for one in body["results"]}
        outcomes: list[Outcome | None] = [_done(item) if _pair(item) in done else None for item in items]
    elif answer.status < 300:
        return [Unknown(sentences.ANSWER_DOES_NOT_MATCH)] * len(items)
    else:
        outcomes = [None] * len(items)
    if len(items) == 1:
        return [outcomes[0] or _refused(body)]
    return [one or _sent(http, [item])[0] for one, item in zip(outcomes, items, strict=True)]


def _refused(body: Mapping[str, object]) -> Outcome:
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors and body.get("category") is None else body
    return refusal(first, "")


def _pair(item: WriteItem) -> tuple[str, str]:
    return item.parent_id, str(item.values["company"])


def _done(item: WriteItem) -> Done:
    return Done(":".join(_pair(item)))
