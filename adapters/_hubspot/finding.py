"""Looking objects up: by id, else by our key, both read from the records themselves and so as they are now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from adapters._hubspot.answers import body_of
from adapters._hubspot.calls import read_many
from adapters._hubspot.crm_records import wanted
from adapters._hubspot.lists import Lists
from adapters._hubspot.objects import KINDS, Kind
from adapters._hubspot.preferences import Preferences
from adapters._hubspot.records import Found as Told
from adapters._hubspot.records import object_with
from adapters._hubspot.values import found_values
from connector.model.adapter import FindItem
from connector.model.http import Http, Request
from connector.model.outbox import Found

#: What HubSpot keeps in every record beside what was asked for.
_OWN = ("createdate", "lastmodifieddate", "hs_createdate", "hs_lastmodifieddate", "hs_object_id")


class Finder:
    """Looks up what was written. `written` are the properties of the mapping, by object."""

    def __init__(self, http: Http, lists: Lists, written: Mapping[str, Sequence[str]]) -> None:
        self.http = http
        self.lists = lists
        self.written = written

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """One answer per item. Of an association nothing is told: to send it again does no harm."""
        groups: dict[tuple[str, bool], list[int]] = defaultdict(list)
        for place, item in enumerate(items):
            groups[item.object, bool(item.crm_id)].append(place)
        found: dict[int, Found] = {}
        for (object, by_id), places in groups.items():
            some = [items[place] for place in places]
            found.update(zip(places, self._some(object, some, by_id=by_id), strict=True))
        return [found[place] for place in range(len(items))]

    def _some(self, object: str, items: Sequence[FindItem], *, by_id: bool) -> list[Found]:
        if object == "membership":
            return self.lists.find(items)
        if object == "consent":
            return Preferences(self.http).find(items)
        kind = KINDS.get(object)
        if kind is None:
            return [Found()] * len(items)
        asked = wanted(self.written.get(object, ()) or self.written.get("", ()), [kind.key])
        # A contact that is written back to is known by its own id.
        if by_id or object == "contact":
            return self._by_id(kind, items, asked)
        lane = min(item.lane for item in items)
        told = read_many(self.http, kind.path, [item.our_key for item in items], asked, by=kind.key, lane=lane)
        by_key = {str(one["properties"].get(kind.key) or ""): one for one in told}
        return [self._found(kind, by_key.get(item.our_key)) for item in items]

    def _by_id(self, kind: Kind, items: Sequence[FindItem], asked: Sequence[str]) -> list[Found]:
        ids, lane = [item.crm_id or item.our_key for item in items], min(item.lane for item in items)
        by_id = {str(one["id"]): one for one in read_many(self.http, kind.path, ids, asked, lane=lane)}
        # What is absent may have been merged: the batch does not say into what.
        return [self._found(kind, by_id.get(id) or self._one(kind, id, asked, lane)) for id in ids]

    def _one(self, kind: Kind, id: str, asked: Sequence[str], lane: int) -> Told | None:
        query = {"properties": ",".join(asked)}
        answer = self.http.read(
            Request("GET", f"{kind.path}/{id}", query=query, reads=True, expected=(404,), lane=lane)
        )
        return None if answer.status == 404 else object_with(body_of(answer), "id", kind.path)

    def _found(self, kind: Kind, one: Told | None) -> Found:
        if not one:
            return Found()
        return Found((str(one["id"]),), (found_values(one["properties"], (*_OWN, kind.key), kind.html),))
