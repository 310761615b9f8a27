"""Routes of single CRM records: list, get, create, change, archive, merge, search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from connector.sandbox.hubspot.errors import Refused, invalid, not_found
from connector.sandbox.hubspot.moments import iso
from connector.sandbox.hubspot.portal import KINDS, Portal
from connector.sandbox.hubspot.table import Row
from connector.sandbox.wire import Call, Reply

Body = dict[str, Any]


def shown(portal: Portal, object: str, row: Row, names: Iterable[str] = ()) -> Body:
    """A record as the API shows it. A property that was asked for and has no value is null."""
    held = portal.tables[object].properties(row)
    body: Body = {
        "id": str(row.id),
        "properties": {name: held.get(name) for name in (*KINDS[object].always, *names)},
        "createdAt": held[KINDS[object].created],
        "updatedAt": held[KINDS[object].modified],
        "archived": bool(row.archived),
        "url": f"https://app.hubspot.com/contacts/{portal.portal_id}/record/{KINDS[object].number}/{row.id}",
    }
    if row.archived:
        body["archivedAt"] = iso(row.archived)
    return body


def asked(call: Call, portal: Portal, object: str, parameter: str = "properties") -> list[str]:
    """The names in a query parameter that this object has; others are passed over."""
    names = [name for value in call.query.get(parameter, []) for name in value.split(",")]
    return [name for name in dict.fromkeys(names) if name in portal.properties[object]]


def page_size(call: Call, most: int, default: int) -> int:
    """The `limit` of a call. Raises Refused above `most`."""
    limit = int(call.first("limit", str(default)))
    if not 1 <= limit <= most:
        raise invalid(f"limit must be between 1 and {most}, not {limit}")
    return limit


def listing(portal: Portal, call: Call, object: str) -> Body:
    """GET a page of records in the order of their ids."""
    limit = page_size(call, 100, 10)
    names, archived = asked(call, portal, object), call.first("archived") == "true"
    found: list[Row] = []
    more = False
    for row in portal.tables[object].after(int(call.first("after") or 0)):
        if bool(row.archived) == archived:
            if len(found) == limit:
                more = True
                break
            found.append(row)
    call.items = len(found)
    body: Body = {"results": [_with_links(portal, call, object, row, shown(portal, object, row, names))
                              for row in found]}  # fmt: skip
    if more:
        body["paging"] = {"next": {"after": str(found[-1].id), "link": f"{call.path}?after={found[-1].id}"}}
    return body


def one(portal: Portal, call: Call, object: str, id: str) -> Body:
    """GET one record, by id or by a unique property; the loser of a merge is answered with the winner."""
    row = _named(portal, object, id, call.first("idProperty"))
    if row is None or bool(row.archived) != (call.first("archived") == "true"):
        raise not_found([id])
    return _with_links(portal, call, object, row, shown(portal, object, row, asked(call, portal, object)))


def create(portal: Portal, call: Call, object: str) -> Reply:
    """POST one record."""
    row = prepared(portal, object, call.json(), set())()
    return Reply(201, shown(portal, object, row, row.names))


def change(portal: Portal, call: Call, object: str, id: str) -> Body:
    """PATCH one record."""
    row = _named(portal, object, id, call.first("idProperty"))
    if row is None or row.archived:
        raise not_found([id])
    values = portal.check(object, call.json()["properties"], row)
    portal.change(object, row, values)
    return shown(portal, object, row, values)


def archive(portal: Portal, _call: Call, object: str, id: str) -> Reply:
    """DELETE puts into the recycle bin; a record that is not there is fine too."""
    row = portal.living(object, id)
    if row is not None:
        portal.archive(object, row)
    return Reply(204)


def merge(portal: Portal, call: Call, object: str) -> Body:
    """POST a merge: `objectIdToMerge` goes into `primaryObjectId`."""
    if not KINDS[object].merges:
        raise Refused(404, "NOT_FOUND", f"{object} cannot be merged")
    ids = [call.json()[key] for key in ("primaryObjectId", "objectIdToMerge")]
    winner, loser = (portal.living(object, id) for id in ids)
    if winner is None or loser is None:
        raise not_found(ids)
    if winner is loser:
        raise invalid("A record cannot be merged with itself")
    return shown(portal, object, portal.merge(object, winner, loser))


def erase(portal: Portal, call: Call, object: str) -> Reply:
    """POST a permanent delete (contacts only): no trace remains, also not among the archived."""
    wish = call.json()
    row = _named(portal, object, wish["objectId"], wish.get("idProperty", ""))
    if row is not None:
        portal.did("erase", object, row)
        portal.tables[object].remove(row)
    return Reply(204)


def search(portal: Portal, call: Call, object: str) -> Body:
    """POST a search."""
    body = call.json()
    rows, total, after = portal.searches[object].find(body, portal.now())
    call.items = len(rows)
    names = [name for name in body["properties"] if name in portal.properties[object]]
    answer: Body = {"total": total, "results": [shown(portal, object, row, names) for row in rows]}
    if after:
        answer["paging"] = {"next": {"after": str(after), "link": "?after=" + str(after)}}
    return answer


def prepared(portal: Portal, object: str, wish: Mapping[str, Any], taken: set[tuple[str, str]]) -> Callable[[], Row]:
    """What makes the record that an input describes, with its associations; nothing is made before it is called.

    Raises Refused where the input cannot be taken. `taken` are the unique values of the same batch.
    """
    values = portal.check(object, wish["properties"], None, taken)
    links = _checked_links(portal, object, wish.get("associations") or ())

    def make() -> Row:
        row = portal.create(object, values)
        for to, other, types in links:
            portal.associate(object, row.id, to, other, types)
        return row

    return make


def _checked_links(
    portal: Portal, object: str, wishes: Iterable[Mapping[str, Any]]
) -> list[tuple[str, int, list[int]]]:
    """The associations of a new record: (object, id, types). Which object it is, the type says."""
    found = []
    for wish in wishes:
        types = [one["associationTypeId"] for one in wish["types"]]
        to = portal.links.end(object, types)
        if to is None:
            raise invalid(f"invalid association types {types} for {object}")
        if portal.living(to, wish["to"]["id"]) is None:
            raise Refused(404, "OBJECT_NOT_FOUND", f"No {to} with this id", context={"id": [str(wish["to"]["id"])]})
        found.append((to, int(wish["to"]["id"]), types))
    if object == "leads" and not any(to in ("contacts", "companies") for to, _, _ in found):
        raise invalid("A lead must be associated with a contact or a company")
    return found


def _named(portal: Portal, object: str, id: str, property: str) -> Row | None:
    if property and property not in portal.tables[object].unique and property != "hs_object_id":
        raise invalid(f"Property {property} is not a unique identifier of {object}")
    return portal.tables[object].find(property, id) if property else portal.tables[object].get(id)


def _with_links(portal: Portal, call: Call, object: str, row: Row, body: Body) -> Body:
    wanted = [name for value in call.query.get("associations", []) for name in value.split(",")]
    linked = {}
    for name in wanted:
        if name in KINDS:
            others = portal.links.of(object, row.id, name)
            if others:
                linked[name] = {"results": [{"id": str(other), "type": f"{object}_to_{name}"} for other in others]}
    return {**body, "associations": linked} if linked else body
