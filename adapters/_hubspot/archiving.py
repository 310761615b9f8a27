"""Putting records into the recycle bin, a hundred in a call; those that are not there are passed over.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3/batch/archive: 204 and no body. A record can be
restored by a person for 90 days.
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters._hubspot.answers import body_of, refusal
from adapters._hubspot.calls import batches
from adapters._hubspot.objects import KINDS, Kind
from connector.model import sentences
from connector.model.adapter import FindItem
from connector.model.http import Http, Request
from connector.model.outbox import Done, NotExecuted, Outcome, Refused, Unknown

#: What Baton makes for a handover and nobody else's record depends on. A company is not among them.
DELETES = ("lead", "sales_lead", "task", "note")


def archive(http: Http, items: Sequence[FindItem]) -> list[Outcome]:
    """One call for each kind and hundred."""
    found: dict[int, Outcome] = {}
    for object in dict.fromkeys(item.object for item in items):
        places = [place for place, item in enumerate(items) if item.object == object]
        if object not in DELETES:
            refused = Refused(sentences.NO_SUCH_KIND % {"object": object}, "UNKNOWN_OBJECT")
            found |= dict.fromkeys(places, refused)
            continue
        for some in batches(places):
            answers = _sent(http, KINDS[object], [items[place].crm_id for place in some])
            found.update(zip(some, answers, strict=True))
    return [found[place] for place in range(len(items))]


def _sent(http: Http, kind: Kind, ids: Sequence[str]) -> list[Outcome]:
    body = {"inputs": [{"id": id} for id in dict.fromkeys(ids)]}
    answer = http.send(Request("POST", f"{kind.path}/batch/archive", json=body, about=tuple(ids)))
    if isinstance(answer, NotExecuted | Unknown):
        return [answer] * len(ids)
    if answer.status == 204:
        return [Done(id) for id in ids]
    if answer.status < 300:
        return [Unknown(sentences.ANSWER_DOES_NOT_MATCH)] * len(ids)
    return [refusal(body_of(answer), kind.key)] * len(ids)
