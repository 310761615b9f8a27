"""Two older APIs of HubSpot as an OpenAPI document, written by hand: the published descriptions do not have them.

Sources, read in November 2026:
https://developers.hubspot.com/docs/api-reference/legacy/marketing/forms/v1/get-form-integrations-v1-submissions-forms-form_guid
https://developers.hubspot.com/docs/api-reference/legacy/reporting/email-analytics/events/get-email-public-v1-events
https://developers.hubspot.com/docs/api-reference/legacy/email-analytics-v1/guide (types of events and what each says)
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}

EMAIL_TYPES = [
    "SENT",
    "DROPPED",
    "MTA_DROPPED",
    "PROCESSED",
    "DELIVERED",
    "DEFERRED",
    "BOUNCE",
    "OPEN",
    "CLICK",
    "PRINT",
    "FORWARD",
    "STATUSCHANGE",
    "SPAMREPORT",
    "SUPPRESSED",
    "UNBOUNCE",
]


def _object(required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": required.split(), "properties": properties, "additionalProperties": False}


def _many(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _query(**parameters: Schema) -> list[Schema]:
    return [{"name": name, "in": "query", "schema": schema} for name, schema in parameters.items()]


def _path(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _get(parameters: list[Schema], answer: Schema) -> Schema:
    good = {"description": "successful operation", "content": {"application/json": {"schema": answer}}}
    bad = {"description": "an error", "content": {"application/json": {"schema": {"type": "object"}}}}
    return {"get": {"parameters": parameters, "responses": {"200": good, "default": bad}}}


_SUBMISSION = _object(
    "submittedAt values",
    conversionId=TEXT,
    submittedAt={"type": "integer", "format": "int64"},
    values=_many(_object("name value", name=TEXT, value=TEXT, objectTypeId=TEXT)),
    pageUrl=TEXT,
)
_EVENT_ID = _object("id created", id=TEXT, created={"type": "integer", "format": "int64"})
_EMAIL_EVENT = _object(
    "id created type",
    id=TEXT,
    created={"type": "integer", "format": "int64"},
    type={"type": "string", "enum": EMAIL_TYPES},
    recipient=TEXT,
    portalId=NUMBER,
    appId=NUMBER,
    appName=TEXT,
    emailCampaignId={"type": "integer", "format": "int64"},
    emailCampaignGroupId={"type": "integer", "format": "int64"},
    hmid=TEXT,
    sendId=TEXT,
    smtpId=TEXT,
    sentBy=_EVENT_ID,
    obsoletedBy=_EVENT_ID,
    causedBy=_EVENT_ID,
    subject=TEXT,
    url=TEXT,
    linkId=NUMBER,
    referer=TEXT,
    userAgent=TEXT,
    deviceType=TEXT,
    browser={"type": "object"},
    location={"type": "object"},
    duration=NUMBER,
    filteredEvent=YES_NO,
    response=TEXT,
    attempt=NUMBER,
    category=TEXT,
    status=TEXT,
    dropReason=TEXT,
    dropMessage=TEXT,
    bounced=YES_NO,
    requestedBy=TEXT,
    source=TEXT,
    portalSubscriptionStatus={"type": "string", "enum": ["SUBSCRIBED", "UNSUBSCRIBED"]},
    subscriptions=_many({"type": "object"}),
)
_EMAIL_QUERY = _query(
    appId=NUMBER,
    campaignId=NUMBER,
    recipient=TEXT,
    eventType={"type": "string", "enum": EMAIL_TYPES},
    startTimestamp={"type": "integer", "format": "int64"},
    endTimestamp={"type": "integer", "format": "int64"},
    offset=TEXT,
    limit={"type": "integer", "minimum": 1, "maximum": 1000},
    excludeFilteredEvents=YES_NO,
)
_PAGING = _object("", next=_object("after", after=TEXT, link=TEXT))
_CAMPAIGN = {"type": "object", "required": ["id"], "properties": {"id": NUMBER, "name": TEXT, "subject": TEXT}}

DOCUMENT: Schema = {
    "openapi": "3.0.3",
    "info": {"title": "Older APIs of HubSpot", "version": "1"},
    "servers": [{"url": "https://api.hubapi.com"}],
    "paths": {
        "/form-integrations/v1/submissions/forms/{form_guid}": _get(
            [
                _path("form_guid", TEXT),
                *_query(limit={"type": "integer", "minimum": 1, "maximum": 50}, after=TEXT),
            ],
            _object("results", results=_many(_SUBMISSION), paging=_PAGING),
        ),
        "/email/public/v1/events": _get(
            _EMAIL_QUERY,
            _object("events hasMore offset", events=_many(_EMAIL_EVENT), hasMore=YES_NO, offset=TEXT),
        ),
        "/email/public/v1/campaigns/{campaignId}": _get([_path("campaignId", NUMBER)], _CAMPAIGN),
    },
}
