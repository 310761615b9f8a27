"""The objects of a fresh org with their fields: what a connector of leads meets, not all there is.

Names, types and lengths as in the Object Reference (developer.salesforce.com:
object_reference, sforce_api_objects_lead and so on). Custom fields are those that an admin of
this sandbox has made: `Baton_Id__c` on leads and contacts, scores on the lead, and the two that
reps fill in.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from connector.sandbox.salesforce.fields import Choice, Field

MASTER_RECORD_TYPE = "012000000000000AAA"


@dataclass(slots=True)
class RecordType:
    """A kind of record of one object, made by an admin."""

    id: str
    name: str
    active: bool = True
    default: bool = False


@dataclass(slots=True)
class SObject:
    """One object: its fields by lower-case name, in order, and its record types."""

    name: str
    prefix: str
    label: str
    fields: dict[str, Field]
    ours: bool = True  #: records can be created and changed through the API
    record_types: list[RecordType] = field(default_factory=list)

    def field(self, name: str) -> Field | None:
        """The field of that name, in any case, unless it is hidden from us."""
        found = self.fields.get(name.lower())
        return None if found is None or found.hidden else found

    def add(self, *fields: Field) -> None:
        """Fields that an admin makes."""
        for new in fields:
            self.fields[new.name.lower()] = new

    def visible(self) -> list[Field]:
        """The fields that we see."""
        return [one for one in self.fields.values() if not one.hidden]


def pick(name: str, *values: str, default: str = "", restricted: bool = False, label: str = "") -> Field:
    """A picklist; one with a default always has a value."""
    choices = [Choice(value, default=value == default) for value in values]
    return Field(name, "picklist", choices=choices, restricted=restricted, label=label, required=bool(default))


def ref(name: str, *to: str, relation: str = "", required: bool = False, read_only: bool = False) -> Field:
    """A lookup; the relation is the name without Id unless it is told."""
    return Field(name, "reference", to=to, relation=relation or name.removesuffix("Id"), required=required,
                 read_only=read_only)  # fmt: skip


def text(name: str, length: int, *, required: bool = False, label: str = "") -> Field:
    """A text of one line."""
    return Field(name, "string", length, label=label, required=required)


def _system() -> list[Field]:
    """What every record has."""
    return [
        Field("Id", "id", read_only=True, label="Record ID"),
        Field("IsDeleted", "boolean", read_only=True),
        Field("CreatedDate", "datetime", read_only=True),
        ref("CreatedById", "User", relation="CreatedBy", read_only=True),
        Field("LastModifiedDate", "datetime", read_only=True),
        ref("LastModifiedById", "User", relation="LastModifiedBy", read_only=True),
        Field("SystemModstamp", "datetime", read_only=True),
    ]


def _make(name: str, prefix: str, *fields: Field, ours: bool = True) -> SObject:
    every = [*_system(), *fields]
    return SObject(name, prefix, name, {one.name.lower(): one for one in every}, ours)


def _owner(*to: str) -> Field:
    owner = ref("OwnerId", *(to or ("User",)), relation="Owner", required=True)
    owner.label = "Owner ID"
    return owner


def _person() -> list[Field]:
    return [
        text("Salutation", 40), text("FirstName", 40), text("LastName", 80, required=True, label="Last Name"),
        Field("Name", "string", 121, read_only=True), text("Title", 128), Field("Email", "email"),
        Field("Phone", "phone"), Field("MobilePhone", "phone"), Field("Fax", "phone"),
        Field("Description", "textarea_long", 32_000),
        pick("LeadSource", "Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other", label="Lead Source"),
        Field("HasOptedOutOfEmail", "boolean"), Field("DoNotCall", "boolean"),
        Field("EmailBouncedDate", "datetime"), text("EmailBouncedReason", 255),
        Field("LastActivityDate", "date", read_only=True),
    ]  # fmt: skip


def _baton_id() -> Field:
    return Field("Baton_Id__c", "string", 64, label="Baton Id", external_id=True, unique=True)


def _lead() -> SObject:
    return _make(
        "Lead", "00Q", *_person(), ref("MasterRecordId", "Lead", relation="MasterRecord", read_only=True),
        text("Company", 255, required=True), Field("Website", "url"), text("City", 40), text("State", 80),
        text("PostalCode", 20), text("Country", 80), Field("Street", "textarea"),
        pick("Status", "Open", "Working", "Nurturing", "Qualified", "Unqualified", default="Open"),
        pick("Industry", "Manufacturing", "Technology", "Food & Beverage", "Other"),
        pick("Rating", "Hot", "Warm", "Cold"), Field("AnnualRevenue", "currency"), Field("NumberOfEmployees", "int"),
        _owner("Group", "User"), Field("IsConverted", "boolean", read_only=True),
        Field("ConvertedDate", "date", read_only=True),
        ref("ConvertedAccountId", "Account", relation="ConvertedAccount", read_only=True),
        ref("ConvertedContactId", "Contact", relation="ConvertedContact", read_only=True),
        ref("ConvertedOpportunityId", "Opportunity", relation="ConvertedOpportunity", read_only=True),
        Field("IsUnreadByOwner", "boolean"), _baton_id(),
        Field("Baton_Score__c", "double"), text("Baton_Grade__c", 10), Field("Baton_Why__c", "textarea"),
        pick("Rejection_Reason__c", "Not now", "No answer", "Not a fit", "Wrong data", "Duplicate", restricted=True),
        Field("Lead_Quality__c", "int"),
    )  # fmt: skip


def _contact() -> SObject:
    return _make(
        "Contact", "003", *_person(), ref("MasterRecordId", "Contact", relation="MasterRecord", read_only=True),
        ref("AccountId", "Account", relation="Account"), text("Department", 80), text("MailingCity", 40),
        text("MailingCountry", 80), text("MailingPostalCode", 20), _owner(), _baton_id(),
        Field("Baton_Score__c", "double"), text("Baton_Grade__c", 10),
    )  # fmt: skip


def _account() -> SObject:
    return _make(
        "Account", "001", text("Name", 255, required=True),
        ref("MasterRecordId", "Account", relation="MasterRecord", read_only=True),
        pick("Type", "Prospect", "Customer", "Partner", "Other"), Field("Website", "url"), Field("Phone", "phone"),
        pick("Industry", "Manufacturing", "Technology", "Food & Beverage", "Other"), text("BillingCity", 40),
        text("BillingPostalCode", 20), text("BillingCountry", 80), Field("NumberOfEmployees", "int"),
        Field("AnnualRevenue", "currency"), Field("Description", "textarea_long", 32_000),
        ref("ParentId", "Account", relation="Parent"), _owner(),
    )  # fmt: skip


def _opportunity() -> SObject:
    return _make(
        "Opportunity", "006", text("Name", 120, required=True), ref("AccountId", "Account", relation="Account"),
        Field("StageName", "picklist", required=True, label="Stage",
              choices=[Choice(stage) for stage in ("Prospecting", "Proposal", "Closed Won", "Closed Lost")]),
        Field("Amount", "currency"), Field("CloseDate", "date", required=True, label="Close Date"),
        Field("Probability", "percent"), Field("IsClosed", "boolean", read_only=True),
        Field("IsWon", "boolean", read_only=True), pick("LeadSource", "Web", "Phone Inquiry", "Partner Referral"),
        ref("ContactId", "Contact", relation="Contact"), ref("CampaignId", "Campaign", relation="Campaign"),
        Field("Description", "textarea_long", 32_000), _owner(),
    )  # fmt: skip


def _activity(name: str, prefix: str, *more: Field) -> SObject:
    return _make(
        name, prefix, ref("WhoId", "Contact", "Lead", relation="Who"),
        ref("WhatId", "Account", "Opportunity", relation="What"), text("Subject", 255),
        Field("Description", "textarea_long", 32_000), Field("ActivityDate", "date", label="Due Date Only"),
        ref("AccountId", "Account", relation="Account", read_only=True), _owner("Group", "User"), *more,
    )  # fmt: skip


def _task() -> SObject:
    return _activity(
        "Task", "00T",
        pick("Status", "Not Started", "In Progress", "Completed", "Waiting on someone else", default="Not Started"),
        pick("Priority", "High", "Normal", "Low", default="Normal"),
        pick("Type", "Call", "Email", "Meeting", "Other"),
        pick("TaskSubtype", "Task", "Email", "Call", "ListEmail", default="Task", restricted=True),
        Field("IsClosed", "boolean", read_only=True), Field("IsHighPriority", "boolean", read_only=True),
        Field("IsArchived", "boolean", read_only=True), Field("CompletedDateTime", "datetime", read_only=True),
        Field("CallDurationInSeconds", "int"), text("CallDisposition", 255),
        pick("CallType", "Inbound", "Internal", "Outbound", restricted=True), Field("ReminderDateTime", "datetime"),
        Field("IsReminderSet", "boolean"),
    )  # fmt: skip


def _event() -> SObject:
    return _activity(
        "Event", "00U", Field("StartDateTime", "datetime"), Field("EndDateTime", "datetime"),
        Field("DurationInMinutes", "int"), pick("Type", "Call", "Email", "Meeting", "Other"),
    )  # fmt: skip


def _member() -> SObject:
    lead, contact = ref("LeadId", "Lead", relation="Lead"), ref("ContactId", "Contact", relation="Contact")
    campaign = ref("CampaignId", "Campaign", relation="Campaign", required=True)
    for one in (lead, contact, campaign):
        one.on_create = True
    return _make(
        "CampaignMember", "00v", campaign, lead, contact, Field("HasResponded", "boolean", read_only=True),
        Field("Status", "picklist", choices=[Choice("Sent", default=True), Choice("Responded")]),
        Field("FirstRespondedDate", "date", read_only=True),
    )  # fmt: skip


def _user() -> SObject:
    return _make(
        "User", "005", text("Username", 80), text("FirstName", 40), text("LastName", 80),
        Field("Name", "string", 121, read_only=True), Field("Email", "email"), Field("IsActive", "boolean"),
        text("Alias", 8), text("TimeZoneSidKey", 40), pick("UserType", "Standard", "AutomatedProcess"), ours=False,
    )  # fmt: skip


def standard() -> dict[str, SObject]:
    """The objects of a fresh org, by lower-case name."""
    small = [
        _make("OpportunityContactRole", "00K", ref("OpportunityId", "Opportunity", required=True),
              ref("ContactId", "Contact", required=True), text("Role", 40), Field("IsPrimary", "boolean")),
        _make("Campaign", "701", text("Name", 80, required=True), Field("IsActive", "boolean"), text("Status", 40),
              text("Type", 40), _owner()),
        _make("Group", "00G", text("Name", 40), text("DeveloperName", 80), text("Type", 40), Field("Email", "email"),
              ours=False),
        _make("RecordType", "012", text("Name", 80), text("DeveloperName", 80), text("SobjectType", 40),
              Field("IsActive", "boolean"), ours=False),
        _make("Organization", "00D", text("Name", 80), Field("IsSandbox", "boolean"), text("OrganizationType", 40),
              text("DefaultLocaleSidKey", 40), text("TimeZoneSidKey", 40), ours=False),
        _make("LeadStatus", "01J", text("MasterLabel", 255), text("ApiName", 255), Field("SortOrder", "int"),
              Field("IsDefault", "boolean"), Field("IsConverted", "boolean"), ours=False),
        _make("OpportunityStage", "01K", text("MasterLabel", 255), text("ApiName", 255), Field("SortOrder", "int"),
              Field("IsActive", "boolean"), Field("IsClosed", "boolean"), Field("IsWon", "boolean"), ours=False),
    ]  # fmt: skip
    large = [_lead(), _contact(), _account(), _opportunity(), _task(), _event(), _member(), _user()]
    return {one.name.lower(): one for one in large + small}
