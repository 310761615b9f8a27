"""Writing records, up to 200 of one kind in a call.

A lead is made by our key (PATCH composite/sobjects/Lead/FIELD: made or found, never twice) and
changed by its id; a task and a campaign member are made once; a contact is only ever changed. Results
come in the order of the records (api-rest guide: resources-composite-sobjects-collections-create,
-update, -upsert), so that an answer with other than one result for each record says nothing of any.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from adapters._salesforce.api import read_error, same_id
from adapters._salesforce.gone import became
from adapters._salesforce.objects import PEOPLE, SOBJECTS, is_id
from adapters._salesforce.query import Org
from adapters._salesforce.refusals import GONE, MISSING, Explain, Refusals, field_of
from adapters._salesforce.settings import SalesforceSettings
from connector.model import sentences
from connector.model.adapter import WriteItem
from connector.model.errors import AuthError, BatonError
from connector.model.http import Answer, Http, Request
from connector.model.outbox import ENDED, Done, NotExecuted, Outcome, Refused, Unknown

#: Records in one call.
MOST = 200
#: A long text area.
LONGEST_TEXT = 32_000
#: No call begins later than this after the first, so that the last one ends within the declared deadline.
LAST_START = timedelta(seconds=20)

#: An item's place in the batch, and the item.
Placed = tuple[int, WriteItem]


@dataclass(frozen=True, slots=True)
class Call:
    """Records of one sObject that go the same way: `how` is `key`, `id` or `new`."""

    object: str
    how: str
    items: tuple[Placed, ...]

    @property
    def sobject(self) -> str:
        """Salesforce's name of the object."""
        return SOBJECTS[self.object]


class Writer:
    """Writes batches of items of any kind."""

    def __init__(
        self, http: Http, org: Org, settings: SalesforceSettings, explain: Explain, campaign: Callable[[], str],
        now: Callable[[], datetime],
    ) -> None:  # fmt: skip
        self.http, self.org, self.settings = http, org, settings
        self.explain, self.campaign, self.now = explain, campaign, now
        self.executed = False
        self.until = now() + LAST_START

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """One outcome for each item. Raises what asking for a campaign raises, and AuthError
        where nothing was executed.

        Where we are refused between two calls, what was done stands, and the rest was not executed.
        """
        outcomes: list[Outcome | None] = [self._at_once(item) for item in items]
        open_items = [(place, item) for place, item in enumerate(items) if outcomes[place] is None]
        for call in self._calls(open_items):
            for (place, _), outcome in zip(call.items, self._send(call), strict=True):
                outcomes[place] = outcome
        return [outcome or Unknown(sentences.ANSWER_DOES_NOT_MATCH) for outcome in outcomes]

    def _at_once(self, item: WriteItem) -> Outcome | None:
        """What can be said without asking the org."""
        if item.object not in SOBJECTS:
            return Refused(sentences.NO_SUCH_KIND % {"object": item.object}, "UNKNOWN_OBJECT")
        if item.crm_id and not is_id(item.crm_id):
            return Refused(sentences.GONE, GONE)
        if item.object == "contact" and not item.crm_id:
            return Refused(sentences.ONLY_BY_ID, "NO_ID")
        if item.object == "member" and not item.crm_id and not (item.parent_id and self._campaign_of(item)):
            return Refused(sentences.NO_CAMPAIGN, "NO_CAMPAIGN", "CampaignId")
        return None

    def _campaign_of(self, item: WriteItem) -> str:
        return str(item.values.get("CampaignId") or self.campaign())

    def _how(self, item: WriteItem) -> str:
        if item.crm_id:
            return "id"
        return "key" if self._key_field(item.object) else "new"

    def _key_field(self, object: str) -> str:
        return {"lead": self.settings.external_id, "task": self.settings.task_key}.get(object, "")

    def _calls(self, items: Sequence[Placed]) -> list[Call]:
        """The calls that it takes, in the order of the items; no record stands twice in one call."""
        groups: list[tuple[str, str, dict[str, Placed]]] = []
        for place, item in items:
            how = self._how(item)
            known = item.crm_id or item.our_key
            for object, way, group in groups:
                if (object, way) == (item.object, how) and known not in group and len(group) < MOST:
                    group[known] = (place, item)
                    break
            else:
                groups.append((item.object, how, {known: (place, item)}))
        return [Call(object, how, tuple(group.values())) for object, how, group in groups]

    def _send(self, call: Call, *, follow: bool = True) -> list[Outcome]:
        answer = self._answer(call)
        if not isinstance(answer, Answer):
            return [answer] * len(call.items)
        if answer.status >= 300:
            return self._refused_whole(call, answer)
        results = _body(answer)
        if not isinstance(results, list) or len(results) != len(call.items):
            return [Unknown(sentences.ANSWER_DOES_NOT_MATCH)] * len(call.items)
        refusals = Refusals(call.sobject, self._key_field(call.object), self.explain)
        outcomes = [
            self._outcome(call, item, result, refusals) for (_, item), result in zip(call.items, results, strict=True)
        ]
        return self._followed(call, results, outcomes) if follow else outcomes

    def _answer(self, call: Call) -> Answer | NotExecuted | Unknown:
        if self.now() > self.until:
            return NotExecuted(sentences.NO_TIME_LEFT, 0.0)
        try:
            answer = self.http.send(self._request(call))
        except AuthError:
            if not self.executed:
                raise
            return NotExecuted(sentences.CONNECTION_REFUSED, 0.0)
        self.executed = self.executed or not isinstance(answer, NotExecuted)
        return answer

    def _request(self, call: Call) -> Request:
        path = f"{self.org.root}composite/sobjects"
        headers = {"Sforce-Auto-Assign": "FALSE"}
        if self.settings.duplicate_rules == "save_anyway":
            headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"
        if call.how == "key":
            path += f"/{call.sobject}/{self._key_field(call.object)}"
        about = [item.our_key for _, item in call.items] + [item.crm_id for _, item in call.items if item.crm_id]
        return Request(
            "POST" if call.how == "new" else "PATCH",
            path,
            json={"allOrNone": False, "records": [self._record(call, item) for _, item in call.items]},
            headers=headers,
            lane=min(item.lane for _, item in call.items),
            about=tuple(about),
        )

    def _record(self, call: Call, item: WriteItem) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": {"type": call.sobject}}
        record |= {name: _sent(value) for name, value in item.values.items()}
        key_field = self._key_field(call.object)
        if call.how == "id":
            record["id"] = item.crm_id
        else:
            record |= self._parent(call.object, item)
        if call.how == "key":
            record[key_field] = item.our_key
        if call.object == "task" and not key_field and (call.how == "new" or "Description" in item.values):
            record["Description"] = with_key(str(item.values.get("Description") or ""), item.our_key)
        return record

    def _parent(self, object: str, item: WriteItem) -> dict[str, Any]:
        if object == "task" and item.parent_id:
            return {"WhoId" if item.parent_object in PEOPLE else "WhatId": item.parent_id}
        if object == "member":
            person = "ContactId" if item.parent_object == "contact" else "LeadId"
            return {"CampaignId": self._campaign_of(item), person: item.parent_id}
        return {}

    def _outcome(self, call: Call, item: WriteItem, result: Any, refusals: Refusals) -> Outcome:
        if not isinstance(result, Mapping) or not isinstance(result.get("success"), bool):
            return Unknown(sentences.ANSWER_DOES_NOT_MATCH)
        if not result["success"]:
            return refusals.outcome(result.get("errors"))
        crm_id = str(result.get("id") or "")
        if not crm_id or (call.how == "id" and not same_id(crm_id, item.crm_id)):
            return Unknown(sentences.ANSWER_DOES_NOT_MATCH)
        return Done(crm_id)

    def _followed(self, call: Call, results: Sequence[Any], outcomes: list[Outcome]) -> list[Outcome]:
        """Where records are gone because they were merged, write to the winners; the same for what items hang on."""
        lost: list[Placed] = []
        for index, ((_, item), outcome) in enumerate(zip(call.items, outcomes, strict=True)):
            itself = call.how == "id" and call.object in PEOPLE and _is_itself(results[index])
            hangs = call.how != "id" and bool(item.parent_id)
            if (itself or hangs) and isinstance(outcome, Refused) and outcome.code in ENDED:
                lost.append((index, item))
        for again in self._calls(self._moved(call, lost)):
            for (index, _), outcome in zip(again.items, self._send(again, follow=False), strict=True):
                outcomes[index] = outcome
        return outcomes

    def _moved(self, call: Call, lost: Sequence[Placed]) -> list[Placed]:
        """The items that are to be written elsewhere; none where the org cannot be asked: they are as refused."""
        own = call.how == "id"
        asked: dict[str, list[str]] = {}
        for _, item in lost:
            place = (call.object, item.crm_id) if own else (item.parent_object, item.parent_id)
            asked.setdefault(place[0], []).append(place[1])
        try:
            places = {id: there for object, ids in asked.items()
                      for id, there in became(self.org, object, ids, converted=not own).items()}  # fmt: skip
        except BatonError:
            return []
        moved = []
        for index, item in lost:
            object, winner = _there(places, item.crm_id if own else item.parent_id)
            if winner and own:
                moved.append((index, dataclasses.replace(item, crm_id=winner)))
            elif winner:
                moved.append((index, dataclasses.replace(item, parent_object=object, parent_id=winner)))
        return moved

    def _refused_whole(self, call: Call, answer: Answer) -> list[Outcome]:
        """Nothing of the call was done: a fault of one record stops all, so that it is looked for by halves.

        Other answers than 400 are about us or the address (a right, a version, the field for our key), never
        about a record: all waits until that is mended, and reads and `check` tell it.
        """
        if answer.status != 400:
            values = {"status": answer.status, "words": read_error(_body(answer))[0]}
            return [NotExecuted(sentences.PLATFORM_REFUSED_US % values)] * len(call.items)
        refusals = Refusals(call.sobject, self._key_field(call.object), self.explain)
        errors = _body(answer)
        outcome = refusals.outcome(errors)
        if isinstance(outcome, Refused) and outcome.code == GONE:
            outcome = NotExecuted(sentences.ANSWER_DOES_NOT_MATCH)
        if not isinstance(outcome, Refused):
            return [outcome] * len(call.items)
        if len(call.items) == 1:
            return [outcome]
        return self._apart(call, outcome, field_of(errors[0]))

    def _apart(self, call: Call, outcome: Refused, field: str) -> list[Outcome]:
        """Send those again that have nothing to do with the refusal."""
        guilty = {place for place, item in call.items if field and field in item.values}
        rest = [placed for placed in call.items if placed[0] not in guilty]
        if guilty and rest:
            parts = [rest]
        elif guilty:
            return [outcome] * len(call.items)
        else:
            half = len(call.items) // 2
            parts = [list(call.items[:half]), list(call.items[half:])]
        found: dict[int, Outcome] = dict.fromkeys(guilty, outcome)
        for part in parts:
            again = self._send(Call(call.object, call.how, tuple(part)))
            found |= {place: one for (place, _), one in zip(part, again, strict=True)}
        return [found[place] for place, _ in call.items]


def with_key(text: str, key: str) -> str:
    """A description whose last line is our key; the text gives way where both are too long."""
    room = LONGEST_TEXT - len(key) - 2
    return f"{text.rstrip()[:room]}\n\n{key}" if text.strip() else key


def _sent(value: Any) -> Any:
    """A value as the API takes it: null for none, and several choices with semicolons between them."""
    if isinstance(value, list | tuple):
        return ";".join(map(str, value)) or None
    return None if value == "" else value


def _body(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _is_itself(result: Any) -> bool:
    """Whether a failed item speaks of the record, and not of something that a field points to."""
    errors = result.get("errors") if isinstance(result, Mapping) else None
    error = errors[0] if errors else {}
    return error.get("statusCode") in MISSING and field_of(error) in ("", "Id")


def _there(places: Mapping[str, tuple[str, str]], crm_id: str) -> tuple[str, str]:
    return next((there for id, there in places.items() if same_id(id, crm_id)), ("", ""))
