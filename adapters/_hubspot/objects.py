"""What things are called here and at HubSpot: objects, their paths, our keys in them, how they are joined.

Association type ids are HubSpot's own (`HUBSPOT_DEFINED`), the same in every portal:
https://developers.hubspot.com/docs/api-reference/latest/crm/associations/associate-records/guide, "Association type id
values"; the one from lead to contact is in https://developers.hubspot.com/docs/api-reference/crm-leads-v3/guide.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Inputs of one batch call. The published description names no limit; HubSpot's guides say 100.
BATCH = 100
#: The name of the unique property that `baton setup` makes: our key in people and companies, in all else.
BATON_ID, BATON_KEY = "baton_id", "baton_key"
#: The type id of contacts, where a path wants that: https://developers.hubspot.com/docs/guides/crm/using-object-apis
CONTACT_TYPE = "0-1"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object. `type` is its name in paths, `key` the property with our key.

    `joins`: the association type id to what a new one hangs on, by our name of that. Those that have any are
    created together with it, since an upsert cannot associate; the others are upserted by `key`. `html` are
    properties that hold HTML, `timed` says that each one has its own time (`hs_timestamp`).
    """

    object: str
    type: str
    key: str
    joins: tuple[tuple[str, int], ...] = ()
    html: tuple[str, ...] = ()
    timed: bool = False
    changed: str = "hs_lastmodifieddate"

    @property
    def path(self) -> str:
        """Where these objects are."""
        return f"/crm/v3/objects/{self.type}"

    def join(self, parent_object: str) -> int:
        """The association type id to a parent, 0 where it cannot be joined to such a one."""
        return dict(self.joins).get(parent_object, 0)


CONTACT = Kind("contact", "contacts", BATON_ID, changed="lastmodifieddate")
COMPANY = Kind("company", "companies", BATON_ID)
DEAL = Kind("opportunity", "deals", BATON_KEY)
SALES_LEAD = Kind("sales_lead", "leads", BATON_KEY, (("lead", 578), ("contact", 578)))
TASK = Kind(
    "task", "tasks", BATON_KEY, (("lead", 204), ("contact", 204), ("account", 192), ("opportunity", 216)),
    ("hs_task_body",), timed=True,
)  # fmt: skip
NOTE = Kind(
    "note", "notes", BATON_KEY, (("lead", 202), ("contact", 202), ("account", 190), ("opportunity", 214)),
    ("hs_note_body",), timed=True,
)  # fmt: skip
#: What a person did, https://developers.hubspot.com/docs/api-reference/latest/crm/activities/calls/guide and others.
TOUCHES = (
    Kind("call", "calls", BATON_KEY), Kind("meeting", "meetings", BATON_KEY), Kind("email", "emails", BATON_KEY),
)  # fmt: skip
#: By our names. A lead is its contact, whether we made it or it was there.
KINDS: dict[str, Kind] = {
    "lead": CONTACT, "contact": CONTACT, "company": COMPANY, "sales_lead": SALES_LEAD, "task": TASK, "note": NOTE,
}  # fmt: skip
#: From contact to company, without a label.
CONTACT_TO_COMPANY = 279
