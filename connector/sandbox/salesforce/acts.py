"""What people do in the org: reps who call, edit and convert, admins who tidy up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from connector.sandbox.salesforce.state import State
from connector.sandbox.salesforce.table import Record

#: Lead field -> contact field, account field: what the platform maps by itself on conversion.
_TO_CONTACT = ("Salutation", "FirstName", "LastName", "Title", "Email", "Phone", "MobilePhone", "LeadSource",
               "Description", "HasOptedOutOfEmail", "DoNotCall", "OwnerId")  # fmt: skip
_TO_ACCOUNT = {"Company": "Name", "Website": "Website", "Phone": "Phone", "Industry": "Industry", "OwnerId": "OwnerId",
               "City": "BillingCity", "PostalCode": "BillingPostalCode", "Country": "BillingCountry"}  # fmt: skip


class People(State):
    """The acts of persons. `by` is a user's id or email; without it, the record's owner acts.

    `commits_after` (seconds): the change stands in a transaction that takes so long: it carries the
    time when it began, and is seen when it ends.
    """

    api_user: str = ""
    #: Custom fields of the lead that an admin has mapped to the contact, for conversion.
    converted_fields: Mapping[str, str] = {}

    def add_user(self, email: str, name: str = "", *, active: bool = True) -> str:
        """A new user; returns the id. The name is made of the address where it is not told."""
        given, _, family = (name or email.partition("@")[0].replace(".", " ").title()).rpartition(" ")
        values = {"Username": email, "Email": email, "FirstName": given or None, "LastName": family,
                  "IsActive": active, "Alias": email[:8], "UserType": "Standard"}  # fmt: skip
        with self.lock:
            return self.insert("User", values, by="")

    def user(self, who: str) -> str:
        """The id of a user by id or email. Raises KeyError for nobody."""
        table = self.table("User")
        if who in table.records:
            return who
        found = sorted(table.ids("Email", [who]))
        if not found:
            raise KeyError(f"no user {who}")
        return found[0]

    def create(self, object: str, values: Mapping[str, Any], *, by: str = "", commits_after: float = 0.0) -> str:
        """A person makes a record; returns its id. An owner may be named by email."""
        with self.lock:
            values = self._with_owner(values)
            actor = self._actor(by, values.get("OwnerId", ""))
            return self.insert(object, values, actor, commits_after=commits_after)

    def edit(self, id: str, changes: Mapping[str, Any], *, by: str = "", commits_after: float = 0.0) -> None:
        """A person edits a record; an owner may be named by email."""
        with self.lock:
            actor = self._actor(by, self.record(id).get("OwnerId", ""))
            self.change(id, self._with_owner(changes), actor, commits_after=commits_after)

    def delete(self, id: str, *, by: str = "") -> None:
        """A person puts a record into the recycle bin."""
        with self.lock:
            self.remove(id, self._actor(by, self.record(id).get("OwnerId", "")))

    def undelete(self, id: str, *, by: str = "") -> None:
        """A person takes a record out of the recycle bin again; one that was merged names no winner any more."""
        with self.lock:
            record = self.record(id)
            merged = {"MasterRecordId": None} if record.get("MasterRecordId") else {}
            self.change(id, {"IsDeleted": False, **merged}, self._actor(by, record.get("OwnerId", "")))

    def merge(
        self, winner: str, losers: Sequence[str], *, by: str = "", values: Mapping[str, Any] | None = None
    ) -> None:
        """Losers go into the recycle bin and point to the winner, which takes what hung on them and `values`."""
        with self.lock:
            actor = self._actor(by, self.record(winner).get("OwnerId", ""))
            for loser in losers:
                self._hang_over(loser, winner)
                self.remove(loser, actor, {"MasterRecordId": winner})
            self.change(winner, values or {}, actor)

    def convert(
        self,
        lead_id: str,
        *,
        by: str = "",
        account: str = "",
        contact: str = "",
        opportunity: str | bool = True,
        status: str = "Qualified",
    ) -> dict[str, str]:
        """A rep converts a lead; returns {"contact": id, "account": id, "opportunity": id}.

        `account` and `contact` name records that are there already. `opportunity` is its name,
        True for one named after the company, False for none.
        """
        with self.lock:
            lead = self.record(lead_id)
            actor = self._actor(by, lead.get("OwnerId", ""))
            made = {"account": account or self._account_of_lead(lead, actor)}
            made["contact"] = contact or self._contact_of_lead(lead, made["account"], actor)
            if opportunity:
                title = lead["Company"] if opportunity is True else opportunity
                made["opportunity"] = self._opportunity_of_lead(title, made, actor)
            converted = {f"Converted{name.title()}Id": one for name, one in made.items()}
            today = self.clock.now().date().isoformat()
            self._hang_over(lead_id, made["contact"], made.get("opportunity"))
            self.change(lead_id, {**converted, "IsConverted": True, "ConvertedDate": today, "Status": status}, actor)
            return made

    def log_call(self, who_id: str, *, by: str = "", subject: str = "Call", note: str = "", what: str = "") -> str:
        """A rep logs a call that took place; returns the task's id."""
        with self.lock:
            actor = self._actor(by, self.record(who_id).get("OwnerId", ""))
            values = {
                "WhoId": who_id, "WhatId": what or None, "Subject": subject, "Status": "Completed", "Type": "Call",
                "TaskSubtype": "Call", "CallType": "Outbound", "Description": note or None, "OwnerId": actor,
                "ActivityDate": self.clock.now().date().isoformat(),
            }  # fmt: skip
            return self.insert("Task", values, actor)

    def close_opportunity(self, id: str, *, won: bool, amount: float | None = None, by: str = "") -> None:
        """A rep closes an opportunity."""
        changes: dict[str, Any] = {"StageName": "Closed Won" if won else "Closed Lost",
                                   "CloseDate": self.clock.now().date().isoformat()}  # fmt: skip
        self.edit(id, changes if amount is None else {**changes, "Amount": amount}, by=by)

    def deactivate(self, user_id: str) -> None:
        """Somebody leaves; what they own stays theirs."""
        with self.lock:
            self.change(self.user(user_id), {"IsActive": False}, self.admin())

    def admin(self) -> str:
        """The first user who is not us."""
        return next((record["Id"] for record in self.table("User") if record["Id"] != self.api_user), self.api_user)

    def _actor(self, by: str, owner: str) -> str:
        if by:
            return self.user(by)
        here = self.table("User").get(owner)
        return owner if here is not None and here["IsActive"] and owner != self.api_user else self.admin()

    def _with_owner(self, values: Mapping[str, Any]) -> dict[str, Any]:
        owner = str(values.get("OwnerId", ""))
        return {**values, "OwnerId": self.user(owner)} if "@" in owner else dict(values)

    def _hang_over(self, old: str, new: str, what: str | None = None) -> None:
        """What hung on one person hangs on another. It is the platform that moves it, not a person."""
        for name in ("Task", "Event"):
            for record in self.table(name).live("WhoId", old):
                self.change(record["Id"], {"WhoId": new, "WhatId": record.get("WhatId") or what}, "", silent=True)
            for record in self.table(name).live("WhatId", old):
                self.change(record["Id"], {"WhatId": new}, "", silent=True)
        for object, field in (("CampaignMember", "LeadId"), ("CampaignMember", "ContactId"), ("Contact", "AccountId"),
                              ("OpportunityContactRole", "ContactId"), ("Opportunity", "AccountId"),
                              ("Opportunity", "ContactId")):  # fmt: skip
            target = "ContactId" if field == "LeadId" and new.startswith("003") else field
            for record in self.table(object).live(field, old):
                self.change(record["Id"], {target: new}, "", silent=True)

    def _account_of_lead(self, lead: Record, actor: str) -> str:
        return self.insert("Account", {there: lead.get(here) for here, there in _TO_ACCOUNT.items()}, actor)

    def _contact_of_lead(self, lead: Record, account: str, actor: str) -> str:
        values = {name: lead.get(name) for name in _TO_CONTACT} | {"AccountId": account}
        return self.insert("Contact", values | {b: lead.get(a) for a, b in self.converted_fields.items()}, actor)

    def _opportunity_of_lead(self, title: str, made: Mapping[str, str], actor: str) -> str:
        close = (self.clock.now() + timedelta(days=60)).date().isoformat()
        values = {"Name": title, "AccountId": made["account"], "ContactId": made["contact"], "OwnerId": actor,
                  "StageName": "Prospecting", "CloseDate": close}  # fmt: skip
        found = self.insert("Opportunity", values, actor)
        role = {"OpportunityId": found, "ContactId": made["contact"], "IsPrimary": True}
        self.insert("OpportunityContactRole", role, actor)
        return found
