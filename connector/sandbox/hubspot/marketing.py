"""Routes of what people did: forms and what was sent in, email events, events of the website, campaigns.

Form submissions and email events are older APIs without a published description; their shapes are those of
https://developers.hubspot.com/docs/api-reference/legacy/marketing/forms/v1/get-form-integrations-v1-submissions-forms-form_guid
and https://developers.hubspot.com/docs/api-reference/legacy/reporting/email-analytics/events/get-email-public-v1-events
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from connector.sandbox.hubspot.activities import Deed
from connector.sandbox.hubspot.errors import Refused, invalid
from connector.sandbox.hubspot.moments import iso, milliseconds
from connector.sandbox.hubspot.portal import Portal, object_named
from connector.sandbox.hubspot.records import Body, page_size
from connector.sandbox.wire import Call

EVER = 1 << 61
EMAIL_TYPES = ("SENT", "PROCESSED", "DELIVERED", "DEFERRED", "OPEN", "CLICK", "PRINT", "FORWARD", "BOUNCE",
               "DROPPED", "MTA_DROPPED", "SPAMREPORT", "STATUSCHANGE", "UNBOUNCE", "SUPPRESSED")  # fmt: skip
_STYLE = dict.fromkeys(
    ("backgroundWidth", "fontFamily", "helpTextColor", "helpTextSize", "labelTextColor", "labelTextSize",
     "legalConsentTextColor", "legalConsentTextSize", "submitColor", "submitFontColor", "submitSize"), "")  # fmt: skip


def forms(portal: Portal, call: Call) -> Body:
    """GET the definitions of forms."""
    limit, after = page_size(call, 500, 20), call.first("after")
    ids = [id for id in sorted(portal.forms) if id > after]
    body: Body = {"results": [_form(id, portal.forms[id]) for id in ids[:limit]]}
    if len(ids) > limit:
        body["paging"] = {"next": {"after": ids[limit - 1], "link": call.path}}
    return body


def form(portal: Portal, _call: Call, id: str) -> Body:
    """GET one form's definition."""
    if id not in portal.forms:
        raise Refused(404, "OBJECT_NOT_FOUND", "form does not exist")
    return _form(id, portal.forms[id])


def submissions(portal: Portal, call: Call, id: str) -> Body:
    """GET what was sent in with a form, newest first; at most 50, and no way to ask from when."""
    if id not in portal.submissions:
        raise Refused(404, "OBJECT_NOT_FOUND", "form does not exist")
    limit = page_size(call, 50, 20)
    found, after = portal.submissions[id].page(limit, low=-EVER, high=EVER, behind=call.first("after"))
    call.items = len(found)
    body: Body = {"results": [_submission(deed) for deed in found]}
    if after:
        body["paging"] = {"next": {"after": after, "link": f"{call.path}?after={after}"}}
    return body


def email_events(portal: Portal, call: Call) -> Body:
    """GET what became of emails, newest first."""
    limit, kind = page_size(call, 1000, 10), call.first("eventType")
    if kind and kind not in EMAIL_TYPES:
        raise invalid(f"Unknown eventType {kind}")
    campaign = call.first("campaignId")
    unfiltered = call.first("excludeFilteredEvents") == "true"

    def wanted(deed: Deed) -> bool:
        asked = kind in ("", deed.kind) and campaign in ("", deed.details[0])
        return asked and not (unfiltered and deed.details[2] == "1")

    found, offset = portal.emails.page(
        limit,
        low=int(call.first("startTimestamp") or -EVER),
        high=int(call.first("endTimestamp") or EVER),
        who=call.first("recipient").lower() or None,
        wanted=wanted,
        behind=call.first("offset"),
    )
    call.items = len(found)
    return {"hasMore": bool(offset), "offset": offset, "events": [_email_event(portal, deed) for deed in found]}


def email_campaign(portal: Portal, _call: Call, id: str) -> Body:
    """GET an email of the marketing (older API): its name and subject."""
    if not id.isdigit() or int(id) not in portal.campaigns:
        raise Refused(404, "OBJECT_NOT_FOUND", "campaign does not exist")
    name, subject = portal.campaigns[int(id)]
    return {"id": int(id), "appId": 113, "appName": "Batch", "name": name, "subject": subject, "type": "BATCH_EMAIL"}


def events(portal: Portal, call: Call) -> Body:
    """GET events, of one record or of one type, newest first unless `sort=occurredAt`."""
    limit, kind, id = page_size(call, 1000, 20), call.first("eventType"), call.first("objectId")
    if call.first("objectType") and object_named(call.first("objectType")) != "contacts":
        return {"results": []}
    found, after = portal.events.page(
        limit,
        low=_moment(call, "occurredAfter", -EVER),
        high=_moment(call, "occurredBefore", EVER),
        who=int(id) if id else None,
        wanted=_of_kind(kind),
        behind=call.first("after"),
        falling=call.first("sort") != "occurredAt",
    )
    call.items = len(found)
    body: Body = {"results": [_event(deed) for deed in found]}
    if after:
        body["paging"] = {"next": {"after": after, "link": f"{call.path}?after={after}"}}
    return body


def event_types(portal: Portal, _call: Call) -> Body:
    """GET the types of events that there are."""
    return {"eventTypes": sorted({"e_visited_page", *(deed.kind for deed in portal.events.all())})}


def campaigns(portal: Portal, call: Call) -> Body:
    """GET marketing campaigns."""
    limit, start = page_size(call, 100, 50), int(call.first("after") or 0)
    rows = [_campaign(portal, id, name) for id, (name, _) in sorted(portal.campaigns.items())]
    body: Body = {"total": len(rows), "results": rows[start : start + limit]}
    if len(rows) > start + limit:
        body["paging"] = {"next": {"after": str(start + limit), "link": call.path}}
    return body


def _of_kind(kind: str) -> Callable[[Deed], bool]:
    return lambda deed: kind in ("", deed.kind)


def _moment(call: Call, name: str, otherwise: int) -> int:
    return milliseconds(call.first(name)) if call.first(name) else otherwise


def _id(kind: int, number: int) -> str:
    """An id in the form of a UUID."""
    return f"{kind:08d}-0000-4000-8000-{number:012d}"


def _submission(deed: Deed) -> Body:
    page, *values = deed.details
    pairs = zip(values[::2], values[1::2], strict=True)
    return {
        "conversionId": _id(1, deed.number),
        "submittedAt": deed.at,
        "values": [{"name": name, "value": value, "objectTypeId": "0-1"} for name, value in pairs],
        "pageUrl": page,
    }


def _email_event(portal: Portal, deed: Deed) -> Body:
    campaign, url, filtered = deed.details
    body: Body = {
        "id": _id(2, deed.number),
        "created": deed.at,
        "type": deed.kind,
        "recipient": deed.who,
        "portalId": portal.portal_id,
        "appId": 113,
        "appName": "Batch",
        "emailCampaignId": int(campaign),
    }
    if deed.kind == "SENT":
        body["subject"] = portal.campaigns[int(campaign)][1]
    if deed.kind in ("OPEN", "CLICK"):
        body |= {"filteredEvent": filtered == "1", "userAgent": "Mozilla/5.0", "deviceType": "COMPUTER"}
    if deed.kind == "CLICK":
        body |= {"url": url, "linkId": 0}
    if deed.kind == "BOUNCE":
        body |= {"category": "UNKNOWN_USER", "response": "550 no such user", "status": "5.1.1"}
    if deed.kind == "STATUSCHANGE":
        body |= {"portalSubscriptionStatus": "UNSUBSCRIBED", "source": "SOURCE_RECIPIENT", "subscriptions": []}
    return body


def _event(deed: Deed) -> Body:
    pairs = zip(deed.details[::2], deed.details[1::2], strict=True)
    return {
        "objectType": "CONTACT",
        "objectId": str(deed.who),
        "eventType": deed.kind,
        "occurredAt": iso(deed.at),
        "id": _id(3, deed.number),
        "properties": dict(pairs),
    }


def _campaign(portal: Portal, id: int, name: str) -> Body:
    moment = iso(portal.now())
    return {"id": _id(4, id), "properties": {"hs_name": name}, "createdAt": moment,
            "updatedAt": moment, "businessUnits": []}  # fmt: skip


def _form(id: str, name: str) -> Body:
    moment = iso(1_700_000_000_000)
    email: dict[str, Any] = {
        "objectTypeId": "0-1", "name": "email", "label": "Email", "required": True, "hidden": False,
        "dependentFields": [], "fieldType": "email",
        "validation": {"blockedEmailDomains": [], "useDefaultBlockList": False},
    }  # fmt: skip
    return {
        "id": id,
        "name": name,
        "formType": "hubspot",
        "createdAt": moment,
        "updatedAt": moment,
        "archived": False,
        "fieldGroups": [{"groupType": "default_group", "richTextType": "text", "fields": [email]}],
        "configuration": {
            "language": "en", "cloneable": True, "editable": True, "archivable": True, "recaptchaEnabled": False,
            "postSubmitAction": {"type": "thank_you", "value": ""}, "notifyContactOwner": False,
            "notifyRecipients": [], "createNewContactForNewEmail": True, "prePopulateKnownValues": True,
            "allowLinkToResetKnownValues": False, "lifecycleStages": [],
        },
        "displayOptions": {
            "renderRawHtml": False, "theme": "default_style", "submitButtonText": "Submit",
            "style": {**_STYLE, "submitAlignment": "left"},
        },
        "legalConsentOptions": {"type": "none"},
    }  # fmt: skip
