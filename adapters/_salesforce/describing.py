"""What an org has: its fields with what they take, and what it must be given before Baton can work with it.

Sources: developer.salesforce.com, api: sforce_api_calls_describesobjects_describesobjectresult (a
field is required in a create where it is neither nillable nor defaulted; what we may not see is
not described at all); api-rest guide: resources-sobject-describe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters._salesforce.objects import SOBJECTS, is_id
from adapters._salesforce.query import Org, QueryRefusedError
from adapters._salesforce.settings import SalesforceSettings
from connector.model import sentences
from connector.model.adapter import FieldInfo, SetupStep
from connector.model.errors import BatonError

Described = Mapping[str, Any]

_KINDS = {
    "boolean": "boolean", "int": "integer", "double": "decimal", "currency": "decimal", "percent": "decimal",
    "date": "date", "datetime": "datetime", "email": "email", "phone": "phone", "multipicklist": "list",
    "picklist": "choice", "reference": "reference",
}  # fmt: skip
#: Objects that are only ever changed: what may be written there is what may be updated.
_CHANGED_ONLY = ("contact",)


class Describer:
    """Asks the org what it has; each object once, until it is told to ask anew."""

    def __init__(self, org: Org, settings: SalesforceSettings, written: Mapping[str, Sequence[str]]) -> None:
        self.org, self.settings, self.written = org, settings, written
        self.known: dict[str, Described] = {}
        self._campaign: str | None = None

    def ask_anew(self) -> None:
        """Forget what the org had: an admin may have changed it."""
        self.known, self._campaign = {}, None
        self.org.hidden.clear()

    def describe(self, sobject: str) -> Described:
        """What the object has; {} where it is not for us."""
        if sobject not in self.known:
            try:
                self.known[sobject] = self.org.describe(sobject)
            except QueryRefusedError:
                self.known[sobject] = {}
        return self.known[sobject]

    def field(self, sobject: str, name: str) -> Described:
        """One field, whatever the case of its name; {} where there is none for us."""
        fields = self.describe(sobject).get("fields") or []
        return next((one for one in fields if str(one.get("name")).casefold() == name.casefold()), {})

    def explain(self, sobject: str, name: str) -> tuple[str, Sequence[str]]:
        """A field's label and the values it takes; nothing where the org cannot be asked just now.

        It is asked once a write has been done, whose outcome must not be lost by it.
        """
        try:
            found = self.field(sobject, name)
        except BatonError:
            return "", ()
        return str(found.get("label") or ""), _choices(found)

    def fields(self, objects: Iterable[str]) -> list[FieldInfo]:
        """The fields of objects, by our names for them."""
        owners = self._owners()
        found: list[FieldInfo] = []
        for object in objects:
            described = self.describe(SOBJECTS[object])
            types = _record_types(described)
            for one in described.get("fields") or []:
                ids = self._ids(str(one.get("name")), owners, types)
                found.append(_info(object, one, ids))
        return found

    def _ids(self, name: str, owners: Mapping[str, str], types: Mapping[str, str]) -> Mapping[str, str]:
        if name == "OwnerId":
            return owners
        if name == "RecordTypeId":
            return types
        return self._campaigns() if name == "CampaignId" else {}

    def _owners(self) -> dict[str, str]:
        """Ids of active users by address; of several with one address, the one who was there first."""
        soql = "SELECT Id, Email FROM User WHERE IsActive = true AND UserType = 'Standard' ORDER BY CreatedDate, Id"
        found: dict[str, str] = {}
        for row in self.org.rows(soql):
            found.setdefault(str(row.get("Email") or "").lower(), str(row["Id"]))
        return {email: id for email, id in found.items() if email}

    def _campaigns(self) -> dict[str, str]:
        """Ids of active campaigns by name; the newest first, where names are given twice."""
        soql = "SELECT Id, Name FROM Campaign WHERE IsActive = true ORDER BY CreatedDate DESC, Id DESC LIMIT 2000"
        try:
            rows = self.org.rows(soql)
        except QueryRefusedError:
            return {}
        return {str(row.get("Name")): str(row["Id"]) for row in reversed(rows)}

    def campaign(self) -> str:
        """The id of the campaign that the settings name, "" where there is none."""
        if self._campaign is None:
            named = self.settings.campaign
            given = not named or (named.startswith("701") and is_id(named))
            self._campaign = named if given else self._campaigns().get(named, "")
        return self._campaign

    def setup(self) -> list[SetupStep]:
        """What the org must have, and what of it is there."""
        steps = [self._key_step(), self._rights_step()]
        if self.settings.task_key:
            steps.append(self._task_key_step())
        if missing := self._missing_fields():
            steps.append(
                SetupStep(
                    sentences.SETUP_WRITTEN % {"fields": ", ".join(missing)}, False,
                    by_hand=(sentences.SETUP_WRITTEN_MAKE, sentences.SETUP_WRITTEN_OR),
                )
            )  # fmt: skip
        if self.settings.campaign:
            what = sentences.SETUP_CAMPAIGN % {"name": self.settings.campaign}
            steps.append(SetupStep(what, bool(self.campaign()), by_hand=(sentences.SETUP_CAMPAIGN_MAKE,)))
        return steps

    def key_is_there(self) -> bool:
        """Whether leads have the field for our key, as it must be."""
        found = self.field("Lead", self.settings.external_id)
        return bool(found.get("externalId") and found.get("unique") and not found.get("caseSensitive"))

    def _key_step(self) -> SetupStep:
        name = self.settings.external_id
        plain = name.removesuffix("__c")
        values = {"field": name, "name": plain, "label": plain.replace("_", " ")}
        by_hand = (
            sentences.SETUP_KEY_1, sentences.SETUP_KEY_2 % values, sentences.SETUP_KEY_3, sentences.SETUP_KEY_4,
        )  # fmt: skip
        return SetupStep(sentences.SETUP_KEY % values, self.key_is_there(), by_hand=by_hand)

    def _rights_step(self) -> SetupStep:
        lacking = self.lacking_rights()
        values = {"lacking": ", ".join(lacking), "field": self.settings.external_id}
        what = sentences.SETUP_RIGHTS_LACK % values if lacking else sentences.SETUP_RIGHTS
        by_hand = (
            sentences.SETUP_RIGHTS_1, sentences.SETUP_RIGHTS_2, sentences.SETUP_RIGHTS_3,
            sentences.SETUP_RIGHTS_4 % values,
        )  # fmt: skip
        return SetupStep(what, not lacking, by_hand=by_hand)

    def lacking_rights(self) -> list[str]:
        """What Baton's user may not do and must."""
        needed = [("Lead", "createable"), ("Lead", "updateable"), ("Task", "createable")]
        lacking = [f"{sobject}: {right}" for sobject, right in needed if not self.describe(sobject).get(right)]
        key = self.field("Lead", self.settings.external_id)
        if key and not key.get("createable"):
            lacking.append(f"Lead.{self.settings.external_id}: createable")
        return lacking

    def _task_key_step(self) -> SetupStep:
        values = {"field": self.settings.task_key}
        there = bool(self.field("Task", self.settings.task_key).get("externalId"))
        by_hand = (sentences.SETUP_TASK_KEY_1, sentences.SETUP_TASK_KEY_2)
        return SetupStep(sentences.SETUP_TASK_KEY % values, there, by_hand=by_hand)

    def _missing_fields(self) -> list[str]:
        """Fields that the mapping writes and the org does not have, or does not show us."""
        missing = []
        for key, names in self.written.items():
            sobject = SOBJECTS.get(key.casefold())
            if sobject and self.describe(sobject):
                missing += [f"{sobject}.{name}" for name in names if not self.field(sobject, name)]
        return missing


def _choices(one: Described) -> tuple[str, ...]:
    return tuple(str(value["value"]) for value in one.get("picklistValues") or [] if value.get("active"))


def _record_types(described: Described) -> dict[str, str]:
    """Ids of record types that we may use, by their names in the API."""
    return {
        str(one.get("developerName") or one.get("name")): str(one["recordTypeId"])
        for one in described.get("recordTypeInfos") or []
        if one.get("available") and not one.get("master")
    }


def _info(object: str, one: Described, ids: Mapping[str, str]) -> FieldInfo:
    kind = str(one.get("type"))
    name = str(one.get("name"))
    createable = bool(one.get("createable"))
    required = createable and not one.get("nillable") and not one.get("defaultedOnCreate") and kind != "boolean"
    return FieldInfo(
        object,
        name,
        kind="owner" if name == "OwnerId" else _KINDS.get(kind, "text"),
        choices=tuple(ids) or _choices(one),
        required=required,
        ids=ids,
        restricted=bool(one.get("restrictedPicklist") or ids),
        writable=bool(one.get("updateable")) if object in _CHANGED_ONLY else createable,
        unique=bool(one.get("unique")),
        label=str(one.get("label") or ""),
    )
