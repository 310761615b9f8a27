"""What HubSpot has, as the mirror's records.

Property names are HubSpot's default ones, as `GET /crm/v3/properties/{type}` tells them; that
`hs_merged_object_ids` names all who were merged, in earlier merges too, is what others have found
(github.com/fivetran/dbt_hubspot/issues/172). A merge makes a new record with a new id
(developers.hubspot.com/changelog/updated-merge-functionality-for-contacts-and-companies).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters._hubspot.cursors import moment, parsed
from adapters._hubspot.objects import BATON_ID, BATON_KEY
from adapters._hubspot.records import ADDRESSES, COMPANY, MERGED, Found, losers
from connector.model.mirror import CrmRecord, Mirrored

OWNER, BY = "hubspot_owner_id", "hs_updated_by_user_id"
CONTACT_WANTED = (
    "email", "phone", "mobilephone", "firstname", "lastname", "company", "city", "zip", "country", "hs_lead_status",
    "lifecyclestage", OWNER, BY, COMPANY, MERGED, ADDRESSES,
    BATON_ID,
)  # fmt: skip
COMPANY_WANTED = ("name", "domain", "city", "zip", "country", "lifecyclestage", OWNER, BY, MERGED, BATON_ID)
DEAL_WANTED = ("dealname", "dealstage", "pipeline", "amount", "deal_currency_code", OWNER, BY, MERGED)
TASK_WANTED = ("hs_task_subject", "hs_task_status", "hs_task_type", "hs_timestamp", OWNER, BATON_KEY)
TOUCH_WANTED = {
    "call": ("hs_call_title", "hs_call_status", "hs_timestamp", OWNER),
    "meeting": ("hs_meeting_title", "hs_meeting_outcome", "hs_timestamp", OWNER),
    "email": ("hs_email_subject", "hs_email_direction", "hs_email_status", "hs_timestamp", OWNER),
}
#: Outcomes of calls and meetings that did not take place (yet).
_NOT_HELD = ("SCHEDULED", "RESCHEDULED", "NO_SHOW", "CANCELED", "QUEUED", "RINGING", "CONNECTING", "IN_PROGRESS")
_NOT_HELD_CALLS = (*_NOT_HELD, "BUSY", "FAILED", "MISSED", "CALLING_CRM_USER")


def base(object: Mirrored, one: Found, users: Mapping[str, str], keep: Iterable[str] = (), **more: Any) -> CrmRecord:
    """What all objects have. `users` are owners' ids by user id; `keep` the properties kept as they are, null
    where they have no value."""
    properties = one["properties"]
    at = parsed(one.get("updatedAt") or one.get("createdAt"))
    kept = {name: properties[name] for name in sorted(set(keep)) if name in properties}
    return CrmRecord(
        object, str(one["id"]), modified_at=moment(at) if at else None, owner=str(properties.get(OWNER) or ""),
        gone=bool(one.get("archived")), by=users.get(str(properties.get(BY) or ""), ""), values=kept, **more,
    )  # fmt: skip


def contact(one: Found, users: Mapping[str, str], keep: Iterable[str]) -> CrmRecord:
    """A contact; its account is its primary company."""
    told = _texts(one)
    return base(
        "contact", one, users, keep, our_key=told(BATON_ID), email=told("email"),
        phone=told("mobilephone") or told("phone"), family_name=told("lastname"), company=told("company"),
        name=" ".join(part for part in (told("firstname"), told("lastname")) if part), account=told(COMPANY),
        stage=told("hs_lead_status"), given_name=told("firstname"),
        other_phone=told("phone") if told("mobilephone") else "",
        other_emails=[one for one in told(ADDRESSES).split(";") if one], **_place(told),
    )  # fmt: skip


def account(one: Found, users: Mapping[str, str], keep: Iterable[str]) -> CrmRecord:
    """A company. It is a customer where its lifecycle stage says so."""
    told = _texts(one)
    return base(
        "account", one, users, keep, our_key=told(BATON_ID), name=told("name"), company=told("name"),
        domain=told("domain"), customer=told("lifecyclestage") == "customer", stage=told("lifecyclestage"),
        **_place(told),
    )  # fmt: skip


def _place(told: Callable[[str], str]) -> dict[str, str]:
    return {"city": told("city"), "postal_code": told("zip"), "country": told("country")}


def opportunity(one: Found, users: Mapping[str, str], stages: Mapping[str, Stage]) -> CrmRecord:
    """A deal, without those it belongs to. `stages` by id."""
    told = _texts(one)
    stage = stages.get(told("dealstage")) or Stage(told("dealstage"))
    return base(
        "opportunity", one, users, name=told("dealname"), stage=stage.label, is_open=not stage.closed, won=stage.won,
        amount=_number(told("amount")), currency=told("deal_currency_code"),
    )  # fmt: skip


class Stage:
    """A stage of a deal pipeline: closed, and won where its probability is 1."""

    def __init__(self, label: str, metadata: Mapping[str, Any] | None = None) -> None:
        told = metadata or {}
        self.label = label
        probability = _number(str(told.get("probability") or ""))
        self.closed = str(told.get("isClosed") or "").lower() == "true" or probability in (0.0, 1.0)
        self.won = self.closed and probability == 1.0


def task(one: Found, users: Mapping[str, str]) -> CrmRecord:
    """A task, without the person it is about. A finished call or mail of the list of tasks is one that was made."""
    told = _texts(one)
    return base(
        "task", one, users, our_key=told(BATON_KEY), name=told("hs_task_subject"),
        stage=(told("hs_task_type") or "todo").lower(), is_open=told("hs_task_status") != "COMPLETED",
    )  # fmt: skip


def made_task(one: Found) -> CrmRecord:
    """A task as of when it was made."""
    at = parsed(one.get("createdAt"))
    return replace(task(one, {}), modified_at=moment(at) if at else None)


def touch(kind: str, one: Found, users: Mapping[str, str]) -> CrmRecord:
    """A call, meeting or email, without the person; its time is when it took place, not when it was noted."""
    told = _texts(one)
    name = told({"call": "hs_call_title", "meeting": "hs_meeting_title", "email": "hs_email_subject"}[kind])
    state = told({"call": "hs_call_status", "meeting": "hs_meeting_outcome", "email": "hs_email_direction"}[kind])
    open_states = _NOT_HELD_CALLS if kind == "call" else _NOT_HELD
    made = base("task", one, users, name=name, stage=kind, is_open=state in open_states)
    made.id = f"{kind}:{made.id}"
    if kind == "email" and state not in ("", "EMAIL", "FORWARDED_EMAIL"):
        made.stage = "received"
    if at := parsed(told("hs_timestamp")):
        made.modified_at = moment(at)
    return made


def user(one: Found) -> CrmRecord:
    """An owner. Deactivated ones are archived."""
    return CrmRecord(
        "user", str(one["id"]), email=str(one.get("email") or ""), active=not one.get("archived"),
        name=" ".join(str(part) for part in (one.get("firstName"), one.get("lastName")) if part),
        family_name=str(one.get("lastName") or ""), values={"user_id": str(one.get("userId") or "")},
    )  # fmt: skip


def merged(object: Mirrored, one: Found) -> list[CrmRecord]:
    """Those that were merged into it, by the ids that it keeps of them."""
    return [CrmRecord(object, id, merged_into=str(one["id"]), gone=True) for id in losers(one)]


def wanted(*several: Sequence[str]) -> list[str]:
    """All these properties, each once."""
    return list(dict.fromkeys(name for names in several for name in names))


def _texts(one: Found) -> Any:
    properties = one["properties"]
    return lambda name: str(properties.get(name) or "")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
