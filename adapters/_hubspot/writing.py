"""Writing objects in batches: upserts by our key, creates with what they hang on, updates by id.

A batch that is refused as a whole has done nothing (a validation error or a conflict of one item; multi-status
answers are promised for creates alone: https://developers.hubspot.com/docs/api-reference/error-handling), so it is
halved until the item that is to blame stands alone; what was refused once is not sent again in another half.

A lifecycle stage moves forward only: a backward write is taken and has no effect. So where the answer tells
another stage than was sent, it is cleared in one call and set in the next
(https://developers.hubspot.com/docs/api/crm/contacts, "Update a contact's lifecycle stage").
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from adapters._hubspot.answers import NOT_FOUND, Input, body_of, of_an_update, outcomes, refusal
from adapters._hubspot.api import SEARCH
from adapters._hubspot.calls import batches
from adapters._hubspot.objects import BATCH, COMPANY, Kind
from adapters._hubspot.records import results
from adapters._hubspot.values import properties, to_text
from adapters._hubspot.vocabulary import LIFECYCLE
from connector.model import sentences
from connector.model.adapter import WriteItem
from connector.model.errors import RetryableError
from connector.model.http import Http, Request
from connector.model.outbox import Done, NotExecuted, Outcome, Refused, Unknown

#: Refusals of one field's value, by (field, value); "" for any value.
Refusals = dict[tuple[str, str], Refused]


class Writer:
    """Writes items of one kind, all of them creates or all of them updates; no key or id stands in it twice."""

    def __init__(self, http: Http, kind: Kind, now: Callable[[], datetime]) -> None:
        self.http = http
        self.kind = kind
        self.now = now
        self.refusals: Refusals = {}

    def create(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Make objects that carry our key; what carries it already is updated, or said to be there."""
        if self.kind is COMPANY:
            return self._companies(items)
        if self.kind.joins:
            return self._create(items)
        return self._staged(items, self._upsert(items))

    def update(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Change objects by id. What was merged is followed to the winner; what is gone is refused."""
        inputs = [self._input(item, id=item.crm_id) for item in items]
        found = [of_an_update(one) for one in self._sent("update", inputs, items)]
        missing = [place for place, one in enumerate(found) if isinstance(one, Refused) and one.code == NOT_FOUND]
        for place in missing:
            found[place] = self._followed(items[place], found[place])
        return self._staged(items, found)

    # creates

    def _upsert(self, items: Sequence[WriteItem]) -> list[Outcome]:
        inputs = [self._input(item, id=item.our_key, by=self.kind.key) for item in items]
        return self._sent("upsert", inputs, items)

    def _create(self, items: Sequence[WriteItem]) -> list[Outcome]:
        return self._sent("create", [self._new(item) for item in items], items)

    def _new(self, item: WriteItem) -> Input:
        told = properties(item.values, self.kind.html)
        if self.kind.timed:
            told.setdefault("hs_timestamp", self.now().isoformat())
        type_id = self.kind.join(item.parent_object) if item.parent_id else 0
        types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type_id}]
        joins = [{"to": {"id": item.parent_id}, "types": types}] if type_id else []
        body = {
            "properties": told | {self.kind.key: item.our_key}, "associations": joins,
            "objectWriteTraceId": item.our_key,
        }  # fmt: skip
        return Input(body, item.our_key, key=(self.kind.key, item.our_key))

    def _companies(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """A company that is there, by its domain, is taken as it is; the others are made."""
        domains = {str(domain) for item in items if (domain := item.values.get("domain"))}
        try:
            there = self._by_domain(sorted(domains)) if domains else {}
        except RetryableError as error:
            return [NotExecuted(str(error), error.retry_after)] * len(items)
        known: list[Outcome | None] = [
            Done(there[domain]) if (domain := str(item.values.get("domain") or "")) in there else None for item in items
        ]
        new = [item for item, one in zip(items, known, strict=True) if one is None]
        made = iter(self._upsert(new) if new else [])
        return [one or next(made) for one in known]

    def _by_domain(self, domains: Sequence[str]) -> dict[str, str]:
        body = {
            "filterGroups": [{"filters": [{"propertyName": "domain", "operator": "IN", "values": list(domains)}]}],
            "sorts": ["hs_object_id"], "properties": ["domain"], "limit": 200, "after": "0",
        }  # fmt: skip
        request = Request("POST", f"{COMPANY.path}/search", json=body, reads=True, rate=SEARCH)
        found: dict[str, str] = {}
        for one in results(self.http.read(request).json(), COMPANY.path):
            found.setdefault(str(one["properties"].get("domain") or ""), str(one["id"]))
        return found

    # calls

    def _input(self, item: WriteItem, *, id: str, by: str = "") -> Input:
        body: dict[str, Any] = {
            "id": id, "properties": properties(item.values, self.kind.html), "objectWriteTraceId": item.our_key,
        }  # fmt: skip
        if by:
            body["idProperty"] = by
        return Input(body, item.our_key, "" if by else id, (by, id) if by else ("", ""))

    def _sent(self, verb: str, inputs: Sequence[Input], items: Sequence[WriteItem]) -> list[Outcome]:
        """One call, and more only where the platform says that it has done nothing."""
        known = [self._refused_before(one) for one in inputs]
        if any(known):
            rest = [place for place, one in enumerate(known) if one is None]
            answers = iter(self._sent(verb, [inputs[n] for n in rest], [items[n] for n in rest]) if rest else [])
            return [one or next(answers) for one in known]
        answer = self.http.send(
            Request(
                "POST", f"{self.kind.path}/batch/{verb}", json={"inputs": [one.body for one in inputs]},
                lane=min(item.lane for item in items), about=tuple({one.trace for one in inputs} | _ids(items)),
            )
        )  # fmt: skip
        if isinstance(answer, NotExecuted | Unknown):
            return [answer] * len(inputs)
        if answer.status < 300:
            return outcomes(answer, inputs, self.kind.key)
        refused = refusal(body_of(answer), self.kind.key)
        if len(inputs) == 1:
            self._remember(refused, inputs[0])
            return [refused]
        half = len(inputs) // 2
        return self._sent(verb, inputs[:half], items[:half]) + self._sent(verb, inputs[half:], items[half:])

    def _remember(self, refused: Refused, one: Input) -> None:
        if refused.field and refused.field in one.body["properties"] and not refused.duplicate:
            anything = refused.code in ("PROPERTY_DOESNT_EXIST", "READ_ONLY_VALUE")
            self.refusals[refused.field, "" if anything else one.body["properties"][refused.field]] = refused

    def _refused_before(self, one: Input) -> Refused | None:
        for (name, value), refused in self.refusals.items():
            told = one.body["properties"].get(name)
            if told is not None and value in ("", told) and name not in ("email", self.kind.key):
                return refused
        return None

    def _followed(self, item: WriteItem, refused: Outcome) -> Outcome:
        """Write to what the object was merged into; as it was refused, where it is gone."""
        request = Request(
            "GET", f"{self.kind.path}/{item.crm_id}", query={"properties": "hs_object_id"}, reads=True,
            expected=(404,), lane=item.lane, about=(item.crm_id,),
        )  # fmt: skip
        try:
            answer = self.http.read(request)
        except RetryableError as error:
            return NotExecuted(str(error), error.retry_after)
        winner = str(body_of(answer).get("id") or "")
        if not winner and answer.status == 200:
            return NotExecuted(sentences.ANSWER_INCOMPLETE)
        if winner in ("", item.crm_id):
            return refused
        return self._sent("update", [self._input(item, id=winner)], [item])[0]

    # the lifecycle stage

    def _staged(self, items: Sequence[WriteItem], found: list[Outcome]) -> list[Outcome]:
        """Set the lifecycle stage back of those who stand further, where it was we who had set it so far.

        Where somebody else did, it stays: a customer does not become a lead because of a form.
        """
        back = [
            place
            for place, (item, outcome) in enumerate(zip(items, found, strict=True))
            if isinstance(outcome, Done) and item.values.get(LIFECYCLE) and _stands_by_us(outcome, item)
        ]
        for some in batches(back, BATCH):
            ids = [_id_of(found[place]) for place in some]
            cleared = self._stage(ids, [""] * len(some), [items[place] for place in some])
            stages = [to_text(items[place].values[LIFECYCLE]) for place in some]
            again = [n for n, one in enumerate(cleared) if isinstance(one, Done)]
            set_to = self._stage([ids[n] for n in again], [stages[n] for n in again], [items[some[n]] for n in again])
            late = dict(zip(again, set_to, strict=True))
            for n, place in enumerate(some):
                outcome = late.get(n, cleared[n])
                found[place] = found[place] if isinstance(outcome, Done) else outcome
        return found

    def _stage(self, ids: Sequence[str], stages: Sequence[str], items: Sequence[WriteItem]) -> list[Outcome]:
        inputs = [
            Input({"id": id, "properties": {LIFECYCLE: stage}, "objectWriteTraceId": item.our_key}, item.our_key, id)
            for id, stage, item in zip(ids, stages, items, strict=True)
        ]
        return self._sent("update", inputs, items) if inputs else []


def _stands_by_us(outcome: Done, item: WriteItem) -> bool:
    """Whether the answer tells another stage than was sent, and the one that we had set before."""
    wanted, before = to_text(item.values[LIFECYCLE]), to_text(item.known.get(LIFECYCLE))
    stands = outcome.echo.get(LIFECYCLE, wanted)
    return bool(stands != wanted and stands == before)


def _id_of(outcome: Outcome) -> str:
    return outcome.crm_id if isinstance(outcome, Done) else ""


def _ids(items: Sequence[WriteItem]) -> set[str]:
    return {item.crm_id for item in items if item.crm_id}
