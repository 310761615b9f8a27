"""Putting records into the recycle bin, up to 200 in a call.

DELETE composite/sobjects?ids=...&allOrNone=false (api-rest guide: resources-composite-sobjects-collections-delete):
a result for each id, in their order. What is in the bin already, or was never there, is no fault.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adapters._salesforce.objects import SOBJECTS, is_id
from adapters._salesforce.query import Org
from adapters._salesforce.refusals import MISSING, Explain, Refusals
from connector.model import sentences
from connector.model.adapter import FindItem
from connector.model.http import Http, Request
from connector.model.outbox import Done, NotExecuted, Outcome, Refused, Unknown

#: What Baton makes for a handover.
DELETES = ("lead", "task")
MOST = 200


def delete(http: Http, org: Org, items: Sequence[FindItem], explain: Explain) -> list[Outcome]:
    """One outcome for each item; one call for each 200."""
    found: list[Outcome] = []
    for start in range(0, len(items), MOST):
        found += _sent(http, org, items[start : start + MOST], explain)
    return found


def _sent(http: Http, org: Org, items: Sequence[FindItem], explain: Explain) -> list[Outcome]:
    asked = [item for item in items if item.object in DELETES and is_id(item.crm_id)]
    answers = iter(_results(http, org, asked, explain) if asked else [])
    other = Refused(sentences.NO_DELETION, "UNKNOWN_OBJECT")
    return [next(answers) if item in asked else other for item in items]


def _results(http: Http, org: Org, items: Sequence[FindItem], explain: Explain) -> list[Outcome]:
    ids = [item.crm_id for item in items]
    query = {"ids": ",".join(ids), "allOrNone": "false"}
    answer = http.send(Request("DELETE", f"{org.root}composite/sobjects", query=query, about=tuple(ids)))
    if isinstance(answer, NotExecuted | Unknown):
        return [answer] * len(items)
    try:
        told = answer.json()
    except ValueError:
        told = None
    if answer.status >= 300:
        return [Refused(sentences.NO_DELETION, str(answer.status))] * len(items)
    if not isinstance(told, list) or len(told) != len(items):
        return [Unknown(sentences.ANSWER_DOES_NOT_MATCH)] * len(items)
    return [_outcome(item, one, explain) for item, one in zip(items, told, strict=True)]


def _outcome(item: FindItem, told: Any, explain: Explain) -> Outcome:
    if not isinstance(told, Mapping) or not isinstance(told.get("success"), bool):
        return Unknown(sentences.ANSWER_DOES_NOT_MATCH)
    errors = told.get("errors") or []
    if told["success"] or any(isinstance(one, Mapping) and one.get("statusCode") in MISSING for one in errors):
        return Done(item.crm_id)
    return Refusals(SOBJECTS[item.object], "", explain).outcome(errors)
