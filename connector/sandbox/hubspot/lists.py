"""Routes of lists (v3) that are kept by hand: create, find by name, join and leave."""

from __future__ import annotations

from collections.abc import Iterable

from connector.sandbox.hubspot.errors import Refused, invalid
from connector.sandbox.hubspot.moments import iso
from connector.sandbox.hubspot.portal import MemberList, Portal, object_named
from connector.sandbox.hubspot.records import Body, page_size
from connector.sandbox.ledger import Deed
from connector.sandbox.wire import Call


def create(portal: Portal, call: Call) -> Body:
    """POST a list. Names are taken once per object."""
    wish = call.json()
    if wish["processingType"] != "MANUAL":
        raise invalid("This portal keeps lists by hand only (processingType MANUAL)")
    if _find(portal, wish["objectTypeId"], wish["name"]) is not None:
        raise invalid(f"List with name '{wish['name']}' already exists")
    id = str(portal.next_id())
    portal.lists[id] = MemberList(id, wish["name"], wish["objectTypeId"], portal.now())
    return {"list": _shown(portal.lists[id])}


def by_name(portal: Portal, _call: Call, number: str, name: str) -> Body:
    """GET a list by its exact name."""
    found = _find(portal, number, name)
    if found is None:
        raise Refused(404, "OBJECT_NOT_FOUND", "List does not exist.")
    return {"list": _shown(found)}


def by_id(portal: Portal, _call: Call, id: str) -> Body:
    """GET a list."""
    return {"list": _shown(_list(portal, id))}


def by_ids(portal: Portal, call: Call) -> Body:
    """GET several lists."""
    return {"lists": [_shown(portal.lists[id]) for id in call.query.get("listIds", []) if id in portal.lists]}


def search(portal: Portal, call: Call) -> Body:
    """POST a search among the lists, by a part of their name."""
    wish = call.json()
    words, kinds, types = (wish.get("query") or "").lower(), wish.get("objectTypeId"), wish.get("processingTypes")
    found = [one for one in portal.lists.values() if words in one.name.lower() and kinds in (None, one.number)]
    found = found if not types or "MANUAL" in types else []
    start = wish["offset"]
    page = found[start : start + wish.get("count", 20)]
    shown = [{**_shown(one), "additionalProperties": {"hs_list_size": str(len(one.members))}} for one in page]
    end = start + len(page)
    for one in shown:
        del one["size"]
    return {"lists": shown, "hasMore": end < len(found), "offset": end, "total": len(found)}


def members(portal: Portal, call: Call, id: str) -> Body:
    """GET who is in a list, by id."""
    limit = page_size(call, 250, 100)
    held = _list(portal, id).members
    after = int(call.first("after") or 0)
    found = sorted(member for member in held if member > after)
    page = found[:limit]
    call.items = len(page)
    results = [{"recordId": str(member), "membershipTimestamp": iso(held[member])} for member in page]
    body: Body = {"results": results, "total": len(held)}
    if len(found) > limit:
        body["paging"] = {"next": {"after": str(page[-1]), "link": call.path}}
    return body


def of_record(portal: Portal, _call: Call, number: str, id: str) -> Body:
    """GET the lists that a record is in."""
    if portal.living(object_named(number), id) is None:
        raise Refused(404, "OBJECT_NOT_FOUND", "Record does not exist.")
    joined = [
        (one, one.members[int(id)]) for one in portal.lists.values() if one.number == number and int(id) in one.members
    ]
    return {"results": [_membership(one, iso(at)) for one, at in joined], "total": len(joined)}


def _membership(held: MemberList, at: str) -> Body:
    return {
        "listId": held.id,
        "listVersion": 1,
        "isPublicList": True,
        "firstAddedTimestamp": at,
        "lastAddedTimestamp": at,
    }


def add(portal: Portal, call: Call, id: str) -> Body:
    """PUT records into a list."""
    return _moved(portal, call, _list(portal, id), joining=call.json(), leaving=[])


def remove(portal: Portal, call: Call, id: str) -> Body:
    """PUT records out of a list."""
    return _moved(portal, call, _list(portal, id), joining=[], leaving=call.json())


def add_and_remove(portal: Portal, call: Call, id: str) -> Body:
    """PUT records into a list and others out of it."""
    wish = call.json()
    return _moved(portal, call, _list(portal, id), wish["recordIdsToAdd"], wish["recordIdsToRemove"])


def _moved(portal: Portal, call: Call, held: MemberList, joining: Iterable[str], leaving: Iterable[str]) -> Body:
    object = object_named(held.number)
    wanted, unwanted = list(joining), list(leaving)
    call.items = len(wanted) + len(unwanted)
    missing = [id for id in wanted if portal.living(object, id) is None]
    joined = [id for id in wanted if id not in missing and int(id) not in held.members]
    left = [id for id in unwanted if id.isdigit() and held.members.pop(int(id), 0)]
    for id in left:
        portal.ledger.did([Deed(portal.clock.seconds(), "leave", "lists", held.id, id)])
    for id in call.each(joined):
        held.members[int(id)] = portal.now()
        portal.ledger.did([Deed(portal.clock.seconds(), "join", "lists", held.id, id)])
    return {"recordsIdsAdded": joined, "recordIdsRemoved": left, "recordIdsMissing": missing}


def _find(portal: Portal, number: str, name: str) -> MemberList | None:
    return next((one for one in portal.lists.values() if (one.number, one.name) == (number, name)), None)


def _list(portal: Portal, id: str) -> MemberList:
    if id not in portal.lists:
        raise Refused(404, "OBJECT_NOT_FOUND", "List does not exist.")
    return portal.lists[id]


def _shown(held: MemberList) -> Body:
    return {
        "listId": held.id,
        "listVersion": 1,
        "name": held.name,
        "objectTypeId": held.number,
        "processingType": "MANUAL",
        "processingStatus": "COMPLETE",
        "createdAt": iso(held.made),
        "updatedAt": iso(held.made),
        "size": len(held.members),
    }
