"""Lists that contacts join and leave: found by name, made at first use, filled by hand ("MANUAL").

https://developers.hubspot.com/docs/api-reference/legacy/crm/lists/memberships/remove-from-list and its siblings: adding
whom a list has, and removing whom it has not, is no error, so both may be sent again. A list that fills itself
(DYNAMIC) takes nobody.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from adapters._hubspot.answers import NOT_FOUND, body_of, refusal
from adapters._hubspot.calls import read_many
from adapters._hubspot.objects import CONTACT, CONTACT_TYPE
from adapters._hubspot.records import object_with, results
from connector.model import sentences
from connector.model.adapter import FindItem, WriteItem
from connector.model.errors import RetryableError
from connector.model.http import Http, Request
from connector.model.outbox import LANES, Done, Found, NotExecuted, Outcome, Refused, Unknown

_LISTS = "/crm/v3/lists"
_DYNAMIC = "DYNAMIC"
#: (list, contact) of a membership.
Place = tuple[str, str]


class Lists:
    """The lists of a portal by name, as far as they were asked for."""

    def __init__(self, http: Http) -> None:
        self.http = http
        self._known: dict[str, Mapping[str, Any]] = {}
        #: Two batches on their way must not make the same list.
        self._making = threading.Lock()

    def through(self, http: Http) -> Lists:
        """The same, called in another way."""
        lists = Lists(http)
        lists._known = self._known
        return lists

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Let contacts join and leave: one call for each list and direction."""
        groups: dict[tuple[str, bool], list[int]] = defaultdict(list)
        found: dict[int, Outcome] = {}
        for place, item in enumerate(items):
            groups[place_of(item)[0], bool(item.values.get("member"))].append(place)
        for (name, member), places in groups.items():
            answers = self._change(name, member, [items[place] for place in places])
            found.update(zip(places, answers, strict=True))
        return [found[place] for place in range(len(items))]

    def _change(self, name: str, member: bool, items: Sequence[WriteItem]) -> list[Outcome]:
        lane = min(item.lane for item in items)
        try:
            with self._making:
                known = self._list(name, lane, make=member)
        except RetryableError as error:
            return [NotExecuted(str(error), error.retry_after)] * len(items)
        if isinstance(known, NotExecuted | Refused):
            return [known] * len(items)
        contacts = [place_of(item)[1] for item in items]
        if not known:
            # Nobody is on a list that is not there.
            return [Done(f"{name}:{contact}") for contact in contacts]
        if known.get("processingType") == _DYNAMIC:
            return [Refused(sentences.NOT_A_MANUAL_LIST % {"list": name}, _DYNAMIC, "list")] * len(items)
        path = f"{_LISTS}/{known['listId']}/memberships/{'add' if member else 'remove'}"
        answer = self.http.send(Request("PUT", path, json=contacts, lane=lane, about=tuple(contacts)))
        if isinstance(answer, NotExecuted | Unknown):
            return [answer] * len(items)
        if answer.status >= 300:
            self._known.pop(name, None)
            return [refusal(body_of(answer), "")] * len(items)
        body = body_of(answer)
        if "recordIdsMissing" not in body and "recordsIdsAdded" not in body and "recordIdsRemoved" not in body:
            return [Unknown(sentences.ANSWER_DOES_NOT_MATCH)] * len(items)
        missing = {str(id) for id in body.get("recordIdsMissing") or ()}
        return [
            Refused(sentences.GONE, NOT_FOUND) if contact in missing and member else Done(f"{name}:{contact}")
            for contact in contacts
        ]

    def _list(self, name: str, lane: int, *, make: bool) -> Mapping[str, Any] | NotExecuted | Refused:
        """The list of this name, {} where there is none and none is to be made."""
        if name in self._known:
            return self._known[name]
        found = self.named(name, lane)
        if not found and make:
            made = self.http.send(Request("POST", _LISTS, json=new_list(name), lane=lane, about=(name,)))
            if isinstance(made, NotExecuted | Unknown):
                # A list has no effect by itself: the next try looks for it by its name.
                return NotExecuted(made.reason)
            if made.status >= 300:
                return refusal(body_of(made), "")
            found = body_of(made).get("list") or {}
            if not isinstance(found, Mapping) or not found.get("listId"):
                return NotExecuted(sentences.ANSWER_DOES_NOT_MATCH)
        if found:
            self._known[name] = found
        return found

    def named(self, name: str, lane: int = LANES["status"]) -> Mapping[str, Any]:
        """The list of contacts of this name, {} where there is none."""
        path = f"{_LISTS}/object-type-id/{CONTACT_TYPE}/name/{quote(name, safe='')}"
        answer = self.http.read(Request("GET", path, reads=True, expected=(404,), lane=lane))
        if answer.status == 404:
            return {}
        return object_with(object_with(body_of(answer), "list", _LISTS)["list"], "listId", _LISTS)

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """Whether contacts are on lists, one call for each contact."""
        contacts = {place_of(item)[1] for item in items}
        on = {contact: self._lists_of(contact) for contact in sorted(contacts)}
        there = {str(one["id"]) for one in read_many(self.http, CONTACT.path, sorted(contacts), ["hs_object_id"])}
        return [self._found(item, on, there) for item in items]

    def _found(self, item: FindItem, on: Mapping[str, frozenset[str]], there: set[str]) -> Found:
        name, contact = place_of(item)
        if contact not in there:
            return Found()
        known = self._known.get(name) or self.named(name)
        member = bool(known) and str(known["listId"]) in on[contact]
        return Found((f"{name}:{contact}",), ({"list": name, "contact": contact, "member": member},))

    def _lists_of(self, contact: str) -> frozenset[str]:
        path = f"{_LISTS}/records/{CONTACT_TYPE}/{contact}/memberships"
        answer = self.http.read(Request("GET", path, reads=True, expected=(404,), lane=LANES["status"]))
        found = [] if answer.status == 404 else results(body_of(answer), _LISTS)
        return frozenset(str(one["listId"]) for one in found)


def new_list(name: str) -> dict[str, str]:
    """The request that makes a list of contacts that is filled by hand."""
    return {"name": name, "objectTypeId": CONTACT_TYPE, "processingType": "MANUAL"}


def place_of(item: WriteItem | FindItem) -> Place:
    """(list, contact): of its values, else of our key, which is `list:contact`."""
    values = item.values if isinstance(item, WriteItem) else {}
    name, _, contact = item.our_key.rpartition(":")
    return str(values.get("list") or name), str(values.get("contact") or contact)
