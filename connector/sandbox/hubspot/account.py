"""Routes of the account: whose it is, tokens, owners, pipelines, properties."""

from __future__ import annotations

from urllib.parse import parse_qsl

from connector.sandbox.hubspot.errors import Refused, invalid, not_found
from connector.sandbox.hubspot.moments import iso
from connector.sandbox.hubspot.portal import Owner, Pipeline, Portal
from connector.sandbox.hubspot.properties import created
from connector.sandbox.hubspot.records import Body, page_size
from connector.sandbox.wire import Call, Reply

_SINCE = 1_640_995_200_000


def details(portal: Portal, _call: Call) -> Body:
    """GET whose account this is."""
    return {
        "portalId": portal.portal_id,
        "accountType": "STANDARD",
        "timeZone": "Europe/Berlin",
        "companyCurrency": "EUR",
        "additionalCurrencies": [],
        "utcOffset": "+01:00",
        "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "eu1",
    }


def usage(portal: Portal, _call: Call) -> Body:
    """GET how many calls private apps have made today."""
    now = portal.now()
    entry = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": portal.limits.daily or 1_000_000_000,
        "currentUsage": portal.limits.used_today,
        "collectedAt": iso(now),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso((now // 86_400_000 + 1) * 86_400_000),
    }
    return {"results": [entry]}


def token(portal: Portal, call: Call) -> Body:
    """POST a refresh token for an access token."""
    form = dict(parse_qsl(call.body.decode(), keep_blank_values=True))
    return {**portal.tokens.renew(form, portal.clock.seconds()), "hub_id": portal.portal_id}


def owners(portal: Portal, call: Call) -> Body:
    """GET the owners; the deactivated with `archived=true`."""
    limit = page_size(call, 500, 100)
    active = call.first("archived") != "true"
    email, start = call.first("email").lower(), int(call.first("after") or 0)
    found = [one for one in portal.owners.values() if one.active == active and email in ("", one.email)]
    body: Body = {"results": [_owner(one) for one in found[start : start + limit]]}
    if len(found) > start + limit:
        body["paging"] = {"next": {"after": str(start + limit), "link": call.path}}
    return body


def owner(portal: Portal, _call: Call, id: str) -> Body:
    """GET one owner."""
    if id not in portal.owners:
        raise not_found([id])
    return _owner(portal.owners[id])


def pipelines(portal: Portal, _call: Call, object: str) -> Body:
    """GET the pipelines of an object with their stages."""
    return {"results": [_pipeline(line, at) for at, line in enumerate(portal.pipelines.get(object, []))]}


def properties(portal: Portal, _call: Call, object: str) -> Body:
    """GET all property definitions of an object."""
    return {"results": [one.published() for one in portal.properties[object].values()]}


def one_property(portal: Portal, _call: Call, object: str, name: str) -> Body:
    """GET one property definition."""
    if name not in portal.properties[object]:
        raise Refused(404, "OBJECT_NOT_FOUND", f'Property "{name}" does not exist')
    return portal.properties[object][name].published()


def create_property(portal: Portal, call: Call, object: str) -> Reply:
    """POST a property of the admin's own. Its group must exist."""
    wish = call.json()
    if wish["name"] in portal.properties[object]:
        raise Refused(409, "OBJECT_ALREADY_EXISTS", f"A property named '{wish['name']}' already exists.")
    if wish["groupName"] not in portal.groups[object]:
        raise invalid(f"property group {wish['groupName']} does not exist")
    if wish["name"] != wish["name"].lower():
        raise invalid(f"invalid property name {wish['name']}")
    definition = created(wish)
    portal.properties[object][definition.name] = definition
    if definition.unique:
        portal.tables[object].keep_unique(definition.name)
    return Reply(201, definition.published())


def groups(portal: Portal, _call: Call, object: str) -> Body:
    """GET the property groups of an object."""
    return {"results": [_group(name, label) for name, label in portal.groups[object].items()]}


def create_group(portal: Portal, call: Call, object: str) -> Reply:
    """POST a property group."""
    wish = call.json()
    if wish["name"] in portal.groups[object]:
        raise Refused(409, "OBJECT_ALREADY_EXISTS", f"A group named '{wish['name']}' already exists.")
    portal.groups[object][wish["name"]] = wish["label"]
    return Reply(201, _group(wish["name"], wish["label"]))


def _group(name: str, label: str) -> Body:
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}


def _owner(owner: Owner) -> Body:
    number = int(owner.id) + 1_000_000
    return {
        "id": owner.id,
        "email": owner.email,
        "type": "PERSON",
        "firstName": owner.first_name,
        "lastName": owner.last_name,
        **({"userId": number} if owner.active else {}),
        "userIdIncludingInactive": number,
        "createdAt": iso(_SINCE),
        "updatedAt": iso(_SINCE),
        "archived": not owner.active,
    }


def _pipeline(line: Pipeline, at: int) -> Body:
    dates = {"createdAt": iso(_SINCE), "updatedAt": iso(_SINCE), "archived": False}
    stages = [
        {"id": id, "label": label, "displayOrder": place, "metadata": dict(said), **dates}
        for place, (id, label, said) in enumerate(line.stages)
    ]
    return {"id": line.id, "label": line.label, "displayOrder": at, "stages": stages, **dates}
