"""Routes of consent: the kinds of email there are, and who wants which (communication preferences v4)."""

from __future__ import annotations

from connector.sandbox.hubspot.batches import envelope, inputs
from connector.sandbox.hubspot.errors import invalid
from connector.sandbox.hubspot.moments import iso
from connector.sandbox.hubspot.portal import Portal
from connector.sandbox.hubspot.records import Body
from connector.sandbox.ledger import Deed
from connector.sandbox.wire import Call, Reply

ALL = "all"


def definitions(portal: Portal, _call: Call) -> Reply:
    """GET the kinds of email that one can want."""
    moment = iso(1_640_995_200_000)
    return envelope(
        portal,
        [
            {"id": id, "name": name, "description": name, "isActive": True, "isDefault": False, "isInternal": False,
             "communicationMethod": "Email", "purpose": "Marketing", "createdAt": moment, "updatedAt": moment}
            for id, name in portal.subscriptions.items()
        ],
    )  # fmt: skip


def read(portal: Portal, call: Call, email: str) -> Reply:
    """GET what one person wants."""
    _email_only(call)
    return envelope(portal, _statuses(portal, email))


def write(portal: Portal, call: Call, email: str) -> Reply:
    """POST what one person wants from now on."""
    wish = call.json()
    return envelope(portal, [_set(portal, email, str(wish["subscriptionId"]), wish["statusState"])])


def batch_read(portal: Portal, call: Call) -> Reply:
    """POST a read of what up to a hundred people want."""
    _email_only(call)
    people = [str(one) for one in call.json()["inputs"]]
    call.items = len(people)
    if not 1 <= len(people) <= 100:
        raise invalid("The batch must hold between 1 and 100 inputs")
    return envelope(portal, [{"subscriberIdString": one, "statuses": _statuses(portal, one)} for one in people])


def batch_write(portal: Portal, call: Call) -> Reply:
    """POST what several people want from now on."""
    wishes = inputs(call, "no key")
    return envelope(
        portal,
        [_set(portal, one["subscriberIdString"], str(one["subscriptionId"]), one["statusState"]) for one in wishes],
    )


def all_read(portal: Portal, call: Call, email: str) -> Reply:
    """GET whether one person wants nothing at all."""
    _email_only(call)
    return envelope(portal, [_wide(portal, email)])


def all_batch_read(portal: Portal, call: Call) -> Reply:
    """POST a read of who, among up to a hundred people, wants nothing at all."""
    _email_only(call)
    people = [str(one) for one in call.json()["inputs"]]
    call.items = len(people)
    return envelope(portal, [{"subscriberIdString": one, "wideStatuses": [_wide(portal, one)]} for one in people])


def all_leave(portal: Portal, call: Call, email: str) -> Reply:
    """POST that one person wants nothing at all any more."""
    _email_only(call)
    leave(portal, email)
    return envelope(portal, _statuses(portal, email))


def all_batch_leave(portal: Portal, call: Call) -> Reply:
    """POST that up to a hundred people want nothing at all any more; one that is no address refuses them all."""
    _email_only(call)
    people = [str(one) for one in call.json()["inputs"]]
    call.items = len(people)
    if not 1 <= len(people) <= 100:
        raise invalid("The batch must hold between 1 and 100 inputs")
    if any("@" not in one for one in people):
        raise invalid("A subscriber must be named by an email address")
    for one in people:
        leave(portal, one)
        portal.ledger.did([Deed(portal.clock.seconds(), "consent", "contacts", ALL, one.lower(), ("UNSUBSCRIBED",))])
    return envelope(portal, [{"subscriberIdString": one, "statuses": _statuses(portal, one)} for one in people])


def leave(portal: Portal, email: str) -> None:
    """Somebody wants nothing at all any more: the contact says so too."""
    portal.consents[email.lower(), ALL] = ("UNSUBSCRIBED", portal.now())
    row = portal.tables["contacts"].find("email", email)
    if row is not None:
        portal.tables["contacts"].change(row, {"hs_email_optout": "true"}, portal.now())


def _email_only(call: Call) -> None:
    if call.first("channel") != "EMAIL":
        raise invalid("channel must be EMAIL")


def _set(portal: Portal, email: str, subscription: str, state: str) -> Body:
    if subscription not in portal.subscriptions:
        raise invalid(f"subscription {subscription} does not exist")
    portal.consents[email.lower(), subscription] = (state, portal.now())
    portal.ledger.did([Deed(portal.clock.seconds(), "consent", "contacts", subscription, email.lower(), (state,))])
    return _status(portal, email, subscription)


def _statuses(portal: Portal, email: str) -> list[Body]:
    return [_status(portal, email, subscription) for subscription in portal.subscriptions]


def _status(portal: Portal, email: str, subscription: str) -> Body:
    wide = portal.consents.get((email.lower(), ALL))
    state, at = wide or portal.consents.get((email.lower(), subscription), ("NOT_SPECIFIED", 0))
    return {
        "subscriberIdString": email,
        "subscriptionId": int(subscription),
        "subscriptionName": portal.subscriptions[subscription],
        "channel": "EMAIL",
        "status": state,
        "source": "API",
        "timestamp": iso(at),
    }


def _wide(portal: Portal, email: str) -> Body:
    state, at = portal.consents.get((email.lower(), ALL), ("NOT_SPECIFIED", 0))
    return {"subscriberIdString": email, "channel": "EMAIL", "status": state, "wideStatusType": "PORTAL_WIDE",
            "timestamp": iso(at)}  # fmt: skip
