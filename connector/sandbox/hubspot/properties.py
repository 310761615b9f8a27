"""The properties of a portal: their definitions, and which values they take."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.hubspot.errors import Wrong
from connector.sandbox.hubspot.moments import iso, milliseconds

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_FIELDS = {"string": "text", "number": "number", "datetime": "date", "date": "date", "enumeration": "select"}


@dataclass(slots=True)
class Definition:
    """One property. `options` are (value, label) in order; `external` options are owners or stages, not listed here."""

    name: str
    label: str
    type: str = "string"
    options: list[tuple[str, str]] = field(default_factory=list)
    read_only: bool = False
    unique: bool = False
    external: str = ""
    group: str = "contactinformation"
    field_type: str = ""
    own: bool = True
    hidden: bool = False
    description: str = ""

    def published(self) -> dict[str, Any]:
        """As the properties API shows it."""
        return {
            "name": self.name,
            "label": self.label,
            "type": self.type,
            "fieldType": self.field_type or ("booleancheckbox" if self.type == "bool" else _FIELDS[self.type]),
            "description": self.description,
            "groupName": self.group,
            "options": [
                {"value": value, "label": label, "displayOrder": at, "hidden": False}
                for at, (value, label) in enumerate(self.options)
            ],
            "displayOrder": -1,
            "calculated": False,
            "externalOptions": bool(self.external),
            "hasUniqueValue": self.unique,
            "hidden": self.hidden,
            "hubspotDefined": self.own,
            "formField": not self.read_only,
            "archived": False,
            "modificationMetadata": {
                "archivable": not self.own,
                "readOnlyDefinition": self.own,
                "readOnlyOptions": self.own and not self.options,
                "readOnlyValue": self.read_only,
            },
            **({"referencedObjectType": "OWNER"} if self.external == "owner" else {}),
        }


#: The stages in their order, which a contact or company only ever goes forward in.
LIFECYCLE = [
    ("subscriber", "Subscriber"),
    ("lead", "Lead"),
    ("marketingqualifiedlead", "Marketing Qualified Lead"),
    ("salesqualifiedlead", "Sales Qualified Lead"),
    ("opportunity", "Opportunity"),
    ("customer", "Customer"),
    ("evangelist", "Evangelist"),
    ("other", "Other"),
]
_LEAD_STATUS = [
    ("NEW", "New"),
    ("OPEN", "Open"),
    ("IN_PROGRESS", "In Progress"),
    ("OPEN_DEAL", "Open Deal"),
    ("UNQUALIFIED", "Unqualified"),
    ("ATTEMPTED_TO_CONTACT", "Attempted to Contact"),
    ("CONNECTED", "Connected"),
    ("BAD_TIMING", "Bad Timing"),
]
_SOURCES = [
    ("ORGANIC_SEARCH", "Organic Search"),
    ("PAID_SEARCH", "Paid Search"),
    ("EMAIL_MARKETING", "Email Marketing"),
    ("SOCIAL_MEDIA", "Organic Social"),
    ("REFERRALS", "Referrals"),
    ("OTHER_CAMPAIGNS", "Other Campaigns"),
    ("DIRECT_TRAFFIC", "Direct Traffic"),
    ("OFFLINE", "Offline Sources"),
    ("PAID_SOCIAL", "Paid Social"),
]
_YES_NO = [("true", "True"), ("false", "False")]
_CHOICES = {
    "lifecyclestage": LIFECYCLE,
    "hs_lead_status": _LEAD_STATUS,
    "hs_analytics_source": _SOURCES,
    "hs_latest_source": _SOURCES,
    "hs_task_status": [(one, one.replace("_", " ").title()) for one in
                       ("NOT_STARTED", "IN_PROGRESS", "WAITING", "DEFERRED", "COMPLETED")],
    "hs_task_priority": [("NONE", "None"), ("LOW", "Low"), ("MEDIUM", "Medium"), ("HIGH", "High")],
    "hs_task_type": [("TODO", "To-do"), ("CALL", "Call"), ("EMAIL", "Email")],
    "hs_lead_type": [("NEW_BUSINESS", "New business"), ("RE_ATTEMPTING", "Re-attempting"), ("UPSELL", "Upsell")],
    "hs_lead_label": [("HOT", "Hot"), ("WARM", "Warm"), ("COLD", "Cold")],
    "hs_call_status": [(one, one.replace("_", " ").title()) for one in
                       ("BUSY", "CALLING_CRM_USER", "CANCELED", "COMPLETED", "CONNECTING", "FAILED", "IN_PROGRESS",
                        "NO_ANSWER", "QUEUED", "RINGING")],
    "hs_meeting_outcome": [(one, one.replace("_", " ").title()) for one in
                           ("SCHEDULED", "COMPLETED", "RESCHEDULED", "NO_SHOW", "CANCELED")],
    "hs_email_direction": [(one, one.replace("_", " ").title()) for one in
                           ("EMAIL", "INCOMING_EMAIL", "FORWARDED_EMAIL")],
    "hs_email_status": [(one, one.title()) for one in ("BOUNCED", "FAILED", "SCHEDULED", "SENDING", "SENT")],
    "dealtype": [("newbusiness", "New Business"), ("existingbusiness", "Existing Business")],
}  # fmt: skip
_EXTERNAL = {"hubspot_owner_id": "owner", "pipeline": "pipeline", "dealstage": "stage", "hs_pipeline": "pipeline",
             "hs_pipeline_stage": "stage"}  # fmt: skip
_LABELS = {"hubspot_owner_id": "Owner", "hs_email_optout": "Unsubscribed from all email", "jobtitle": "Job Title"}

#: name[:type][!read only][*unique]; the type is "string" where it is not said.
_OWN = {
    "contacts": """
        email* firstname lastname phone mobilephone fax jobtitle salutation company website address city state zip
        country ip_country industry numemployees annualrevenue message hs_language lifecyclestage:enumeration
        hs_lead_status:enumeration hubspot_owner_id:enumeration hubspot_owner_assigneddate:datetime!
        hs_email_optout:bool! hs_email_hard_bounce_reason! hs_email_bounce:number! hs_additional_emails
        hs_analytics_source:enumeration! hs_analytics_source_data_1! hs_latest_source:enumeration!
        hs_analytics_num_visits:number! hs_analytics_num_page_views:number! hs_analytics_last_visit_timestamp:datetime!
        hs_email_open:number! hs_email_click:number! num_conversion_events:number! recent_conversion_event_name!
        recent_conversion_date:datetime! hs_calculated_form_submissions! hubspotscore:number! hs_merged_object_ids!
        engagements_last_meeting_booked:datetime! hs_sales_email_last_replied:datetime!
        hs_calculated_merged_vids! associatedcompanyid:number! salesforcecontactid salesforceleadid salesforceaccountid
        createdate:datetime! lastmodifieddate:datetime! hs_object_id:number!
    """,
    "companies": """
        name domain website phone address city state zip country industry description numberofemployees:number
        annualrevenue:number lifecyclestage:enumeration hs_lead_status:enumeration hubspot_owner_id:enumeration
        salesforceaccountid hs_merged_object_ids! createdate:datetime! hs_lastmodifieddate:datetime!
        hs_object_id:number!
    """,
    "deals": """
        dealname amount:number closedate:datetime pipeline:enumeration dealstage:enumeration dealtype:enumeration
        hubspot_owner_id:enumeration closed_lost_reason closed_won_reason description hs_is_closed:bool!
        hs_is_closed_won:bool! deal_currency_code hs_merged_object_ids! createdate:datetime
        hs_lastmodifieddate:datetime! hs_object_id:number!
    """,
    "leads": """
        hs_lead_name hs_lead_type:enumeration hs_lead_label:enumeration hs_pipeline:enumeration
        hs_pipeline_stage:enumeration hubspot_owner_id:enumeration hs_lead_disqualification_reason
        hs_lead_disqualification_note hs_createdate:datetime! hs_lastmodifieddate:datetime! hs_object_id:number!
    """,
    "tasks": """
        hs_timestamp:datetime hs_task_subject hs_task_body hs_task_status:enumeration hs_task_priority:enumeration
        hs_task_type:enumeration hubspot_owner_id:enumeration hs_task_completion_date:datetime! hs_createdate:datetime!
        hs_lastmodifieddate:datetime! hs_object_id:number!
    """,
    "calls": """
        hs_timestamp:datetime hs_call_title hs_call_body hs_call_status:enumeration hs_call_direction
        hs_call_duration:number hubspot_owner_id:enumeration hs_createdate:datetime! hs_lastmodifieddate:datetime!
        hs_object_id:number!
    """,
    "meetings": """
        hs_timestamp:datetime hs_meeting_title hs_meeting_body hs_meeting_outcome:enumeration
        hs_meeting_start_time:datetime hs_meeting_end_time:datetime hubspot_owner_id:enumeration
        hs_createdate:datetime! hs_lastmodifieddate:datetime! hs_object_id:number!
    """,
    "emails": """
        hs_timestamp:datetime hs_email_subject hs_email_text hs_email_direction:enumeration
        hs_email_status:enumeration hubspot_owner_id:enumeration hs_createdate:datetime!
        hs_lastmodifieddate:datetime! hs_object_id:number!
    """,
    "notes": """
        hs_timestamp:datetime hs_note_body hubspot_owner_id:enumeration hs_attachment_ids hs_createdate:datetime!
        hs_lastmodifieddate:datetime! hs_object_id:number!
    """,
}


def own_properties(object: str) -> dict[str, Definition]:
    """The properties that HubSpot brings along, by name: the part of them that a connector meets."""
    return {definition.name: definition for definition in map(_read, _OWN[object].split())}


def _read(text: str) -> Definition:
    name, _, type = text.rstrip("*!").partition(":")
    label = _LABELS.get(name, name.removeprefix("hs_").replace("_", " ").capitalize())
    options = _CHOICES.get(name, _YES_NO if type == "bool" else [])
    return Definition(
        name,
        label,
        type or "string",
        list(options),
        read_only=text.endswith("!"),
        unique=text.endswith("*") or name == "hs_object_id",
        external=_EXTERNAL.get(name, ""),
    )


def created(wish: Mapping[str, Any]) -> Definition:
    """A property of the admin's own, as the properties API is asked for it."""
    return Definition(
        wish["name"],
        wish["label"],
        wish["type"],
        [(option["value"], option["label"]) for option in wish.get("options") or ()],
        unique=bool(wish.get("hasUniqueValue")),
        group=wish["groupName"],
        field_type=wish["fieldType"],
        own=False,
        hidden=bool(wish.get("hidden")),
        description=wish.get("description", ""),
    )


#: Values that an external enumeration takes: owners' ids, pipelines, their stages.
Allowed = Callable[[str], Iterable[str]]


def checked(
    definitions: Mapping[str, Definition], values: Mapping[str, Any], allowed: Allowed
) -> tuple[dict[str, str], list[Wrong]]:
    """The values as they are kept, and all that is wrong with them. "" clears and is always right."""
    clean: dict[str, str] = {}
    wrong: list[Wrong] = []
    for name, given in values.items():
        definition = definitions.get(name)
        text = "" if given is None else str(given)
        value = text if definition is not None and definition.type == "string" else text.strip()
        if definition is None:
            wrong.append(Wrong(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist'))
        elif definition.read_only:
            wrong.append(Wrong(name, "READ_ONLY_VALUE", f'"{name}" is a read only property; its value cannot be set.'))
        elif value == "":
            clean[name] = ""
        else:
            try:
                clean[name] = _taken(definition, value, allowed)
            except ValueError as problem:
                code, _, message = str(problem).partition(" ")
                wrong.append(Wrong(name, code, message))
    return clean, wrong


def _taken(definition: Definition, value: str, allowed: Allowed) -> str:
    match definition.type:
        case "enumeration" | "bool":
            return _chosen(definition, value, allowed)
        case "number":
            return _number(value)
        case "datetime" | "date":
            return _moment(definition.type, value)
    if definition.name == "email":
        if not _EMAIL.fullmatch(value):
            raise ValueError(f"INVALID_EMAIL Email address {value} is invalid")
        return value.lower()
    if len(value) > 65_536:
        raise ValueError(f"PROPERTY_VALUE_TOO_LONG the value of {definition.name} is too long")
    return value


def _chosen(definition: Definition, value: str, allowed: Allowed) -> str:
    known = [option for option, _ in definition.options] or list(allowed(definition.external))
    for one in value.split(";") if definition.field_type == "checkbox" else [value]:
        if one not in known:
            raise ValueError(f"INVALID_OPTION {one} was not one of the allowed options: [{', '.join(known)}]")
    return value


def _number(value: str) -> str:
    try:
        float(value)
    except ValueError:
        raise ValueError(f"INVALID_NUMBER {value} was not a valid number.") from None
    return value


def _moment(type: str, value: str) -> str:
    try:
        moment = iso(milliseconds(value))
    except (ValueError, OverflowError):
        raise ValueError(f"INVALID_DATE {value} was not a valid {type}.") from None
    return moment if type == "datetime" else moment[:10]
