"""Routes of associations (v4): make, read and remove them, in batches and one by one."""

from __future__ import annotations

from typing import Any

from connector.sandbox.hubspot.batches import envelope, inputs
from connector.sandbox.hubspot.errors import Refused, invalid, not_found
from connector.sandbox.hubspot.links import LABELS, TYPES
from connector.sandbox.hubspot.portal import KINDS, Portal
from connector.sandbox.hubspot.records import Body, page_size
from connector.sandbox.wire import Call, Reply


def create(portal: Portal, call: Call, object: str, to: str) -> Reply:
    """POST a batch of associations with their types."""
    results, errors = [], []
    for wish in call.each(_pairs(call)):
        try:
            types = [one["associationTypeId"] for one in wish["types"]]
            if not types:
                raise invalid("types must not be empty")
            results.append(_associated(portal, object, wish["from"]["id"], to, wish["to"]["id"], types))
        except Refused as refused:
            errors.append(refused.entry())
    return envelope(portal, results, errors, status=201)


def create_default(portal: Portal, call: Call, object: str, to: str) -> Reply:
    """POST a batch of associations without a label."""
    plain = _plain(object, to)
    results, errors = [], []
    for wish in call.each(_pairs(call)):
        try:
            _associated(portal, object, wish["from"]["id"], to, wish["to"]["id"], [plain])
            results.append(_default(wish["from"]["id"], wish["to"]["id"], plain))
        except Refused as refused:
            errors.append(refused.entry())
    return envelope(portal, results, errors)


def read(portal: Portal, call: Call, object: str, to: str) -> Reply:
    """POST a read: who the records of the batch are associated with. One without any is among the errors."""
    results, errors = [], []
    for wish in inputs(call):
        others = _shown(portal, object, int(wish["id"]), to)
        if others:
            results.append({"from": {"id": wish["id"]}, "to": others})
        else:
            message = f"No {to} is associated with {object} {wish['id']}."
            errors.append(Refused(404, "OBJECT_NOT_FOUND", message, context={"fromObjectId": [wish["id"]]}).entry())
    return envelope(portal, results, errors)


def archive(portal: Portal, call: Call, object: str, to: str) -> Reply:
    """POST a batch of pairs that are associated no more."""
    for wish in call.each(call.json()["inputs"]):
        for other in wish["to"]:
            portal.links.remove(object, int(wish["from"]["id"]), to, int(other["id"]))
    return Reply(204)


def of_one(portal: Portal, call: Call, object: str, id: str, to: str) -> Body:
    """GET who one record is associated with."""
    limit = page_size(call, 500, 500)
    others = _shown(portal, object, int(id), to)
    start = int(call.first("after") or 0)
    body: Body = {"results": others[start : start + limit]}
    if len(others) > start + limit:
        body["paging"] = {"next": {"after": str(start + limit), "link": call.path}}
    return body


def put(portal: Portal, call: Call, object: str, id: str, to: str, other: str) -> Reply:
    """PUT one association with its types."""
    types = [one["associationTypeId"] for one in call.json()]
    return Reply(201, _associated(portal, object, id, to, other, types))


def put_default(portal: Portal, _call: Call, object: str, id: str, to: str, other: str) -> Reply:
    """PUT one association without a label."""
    plain = _plain(object, to)
    _associated(portal, object, id, to, other, [plain])
    return envelope(portal, [_default(id, other, plain)])


def delete(portal: Portal, _call: Call, object: str, id: str, to: str, other: str) -> Reply:
    """DELETE one association."""
    portal.links.remove(object, int(id), to, int(other))
    return Reply(204)


def _pairs(call: Call) -> list[dict[str, Any]]:
    return inputs(call, "no key")


def _plain(object: str, to: str) -> int:
    if (object, to) not in TYPES:
        raise invalid(f"{object} and {to} cannot be associated")
    return next(iter(TYPES[object, to]))


def _associated(portal: Portal, object: str, id: str, to: str, other: str, types: list[int]) -> Body:
    if not (id.isdigit() and other.isdigit()):
        raise not_found([id, other])
    portal.associate(object, int(id), to, int(other), types)
    return {
        "fromObjectTypeId": KINDS[object].number,
        "fromObjectId": id,
        "toObjectTypeId": KINDS[to].number,
        "toObjectId": other,
        "labels": [LABELS[type] for type in types if type in LABELS],
    }


def _default(id: str, other: str, type: int) -> Body:
    spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": type}
    return {"from": {"id": id}, "to": {"id": other}, "associationSpec": spec}


def _shown(portal: Portal, object: str, id: int, to: str) -> list[Body]:
    return [
        {
            "toObjectId": str(other),
            "associationTypes": [
                {"category": "HUBSPOT_DEFINED", "typeId": type, **({"label": LABELS[type]} if type in LABELS else {})}
                for type in sorted(types)
            ],
        }
        for other, types in portal.links.of(object, id, to).items()
    ]
