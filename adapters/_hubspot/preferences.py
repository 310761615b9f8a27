"""Who wants no mail at all: kept by address, beside contacts (communication preferences v4).

A contact's `hs_email_optout` shows it and cannot be written. Nobody is subscribed again this way: HubSpot leaves that
to the person (https://developers.hubspot.com/docs/api-reference/communication-preferences-subscriptions-v4/guide).
"""

from __future__ import annotations

from collections.abc import Sequence

from adapters._hubspot.answers import body_of, refusal
from adapters._hubspot.calls import read_many
from adapters._hubspot.objects import CONTACT
from connector.model import sentences
from connector.model.adapter import FindItem, WriteItem
from connector.model.http import Http, Request
from connector.model.outbox import Done, Found, NotExecuted, Outcome, Unknown

LEAVE = "/communication-preferences/v4/statuses/batch/unsubscribe-all"
OPTED_OUT = "hs_email_optout"


class Preferences:
    """Writes and reads who left, a batch in a call."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Those who leave do; of all others there is nothing to say."""
        found: list[Outcome] = [Done(item.crm_id) for item in items]
        leaving = [place for place, item in enumerate(items) if _wish(item).get("subscribed") is False]
        for place, outcome in zip(leaving, self._leave([items[place] for place in leaving]), strict=True):
            found[place] = outcome
        return found

    def _leave(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """A batch that is refused has done nothing, and is halved until the one to blame stands alone."""
        if not items:
            return []
        addresses = [_address(item) for item in items]
        answer = self.http.send(
            Request(
                "POST", LEAVE, query={"channel": "EMAIL"}, json={"inputs": list(dict.fromkeys(addresses))},
                lane=min(item.lane for item in items), about=tuple(item.crm_id for item in items),
            )
        )  # fmt: skip
        if isinstance(answer, NotExecuted | Unknown):
            return [answer] * len(items)
        if answer.status >= 300 and len(items) > 1:
            half = len(items) // 2
            return self._leave(items[:half]) + self._leave(items[half:])
        body = body_of(answer)
        if answer.status >= 300:
            return [refusal(body, "")]
        told = body.get("results")
        heard = (
            {str(one.get("subscriberIdString") or "").casefold() for one in told} if isinstance(told, list) else set()
        )
        return [
            Done(item.crm_id) if address.casefold() in heard else Unknown(sentences.ANSWER_DOES_NOT_MATCH)
            for item, address in zip(items, addresses, strict=True)
        ]

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """What the contacts show."""
        ids = [item.crm_id or item.our_key for item in items]
        by_id = {str(one["id"]): one["properties"] for one in read_many(
            self.http, CONTACT.path, sorted(set(ids)), ["email", OPTED_OUT]
        )}  # fmt: skip
        return [
            Found((id,), ({"email": by_id[id].get("email"), "subscribed": by_id[id].get(OPTED_OUT) != "true"},))
            if id in by_id else Found()
            for id in ids
        ]  # fmt: skip


def _wish(item: WriteItem) -> dict[str, object]:
    """All that is wanted: what was acknowledged before is not said again."""
    return {**item.known, **item.values}


def _address(item: WriteItem) -> str:
    return str(_wish(item).get("email") or "")
