"""Creating and changing records through the API: every rule that may say no, in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.ledger import Deed
from connector.sandbox.salesforce.errors import ApiError
from connector.sandbox.salesforce.fields import Field
from connector.sandbox.salesforce.ids import normal
from connector.sandbox.salesforce.objects import SObject
from connector.sandbox.salesforce.org import Org
from connector.sandbox.salesforce.table import Record, Table
from connector.sandbox.salesforce.values import checked

_ROLLED_BACK = ApiError(
    "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "Record rolled back because not all records were valid and the request was using AllOrNone header",
)


@dataclass(frozen=True, slots=True)
class Options:
    """What a request's headers ask for. `by` is the user we are signed in as."""

    by: str
    auto_assign: bool = True
    allow_duplicates: bool = False


@dataclass(slots=True)
class Saved:
    """What became of one record of a request."""

    id: str = ""
    created: bool = False
    errors: list[ApiError] = field(default_factory=list)

    def item(self, *, upsert: bool = False) -> dict[str, Any]:
        """As an item of a collection's result."""
        said: dict[str, Any] = {"id": self.id} if self.id and not self.errors else {}
        said |= {"success": not self.errors, "errors": [error.item() for error in self.errors]}
        return said | {"created": self.created and not self.errors} if upsert else said


class Saver:
    """The writes of one request."""

    def __init__(self, org: Org, options: Options) -> None:
        self.org = org
        self.options = options
        self._undo: list[Callable[[], None]] = []
        self._deeds: list[Deed] = []

    def batch(self, tasks: Iterable[Callable[[], Saved]], *, all_or_none: bool) -> list[Saved]:
        """Do each; one that is refused costs itself only, or everything where `all_or_none`."""
        results: list[Saved] = []
        keep = False
        try:
            results.extend(map(self._try, tasks))
            keep = not any(one.errors for one in results)
        finally:
            self._close(keep=keep or not all_or_none)
        if all_or_none and not keep:
            results = [one if one.errors else Saved(errors=[_ROLLED_BACK]) for one in results]
        return results

    def _close(self, *, keep: bool) -> None:
        """Keep what was done and note it, or take it back."""
        if not keep:
            for back in reversed(self._undo):
                back()
        elif self.org.ledger is not None:
            self.org.ledger.did(self._deeds)
        self._undo, self._deeds = [], []

    def create(self, sobject: SObject, values: Mapping[str, Any]) -> Saved:
        """A new record. Raises ApiError."""
        if not sobject.ours:
            raise ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        after = self._values(sobject, values, creating=True)
        missing = [one.name for one in sobject.visible() if _missing(one, after)]
        if missing:
            raise ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
        self._rules(sobject, after, {})
        self._member_once(sobject, after)
        self._assign(sobject, after)
        record_id = self.org.insert(sobject.name, after, self.options.by)
        table = self.org.table(sobject.name)
        self._undo.append(lambda: table.drop(record_id))
        self._note("create", sobject, record_id, after)
        return Saved(record_id, created=True)

    def update(self, sobject: SObject, record_id: str, values: Mapping[str, Any]) -> Saved:
        """A change of a record. Raises ApiError."""
        table = self.org.table(sobject.name)
        record = table.get(normal(record_id))
        if record is None:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if record["IsDeleted"]:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted")
        if record.get("IsConverted"):
            raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        if record["Id"] in self.org.locked:
            raise ApiError("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        if not sobject.ours:
            raise ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        changes = self._values(sobject, values, creating=False)
        emptied = [one.name for one in sobject.visible() if one.required and changes.get(one.name, "") is None]
        if emptied:
            raise ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(emptied)}]", emptied)
        self._rules(sobject, changes, record)
        self._assign(sobject, changes)
        self._change(table, record, changes)
        return Saved(record["Id"])

    def upsert(self, sobject: SObject, key: Field, values: Mapping[str, Any]) -> Saved:
        """A new record, or a change of the one that has this external id. Raises ApiError."""
        if any(name.lower() == "id" for name in values):
            raise ApiError("INVALID_FIELD", "cannot specify Id in an Upsert request", ["Id"])
        named = named_value(values, key.name)
        if named in (None, ""):
            raise ApiError("MISSING_ARGUMENT", f"{key.name} not specified", [key.name])
        there = self.org.table(sobject.name).live(key.name, str(named))
        if len(there) > 1:
            ids = ", ".join(record["Id"] for record in there)
            said = f"{key.name}: more than one record found for external id field: [{ids}]"
            raise ApiError("DUPLICATE_EXTERNAL_ID", said, [key.name])
        return self.update(sobject, there[0]["Id"], values) if there else self.create(sobject, values)

    def delete(self, record_id: str) -> Saved:
        """Into the recycle bin. Raises ApiError."""
        try:
            record = self.org.record(record_id)
        except KeyError:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id") from None
        if record["IsDeleted"]:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted")
        self.org.remove(record["Id"], self.options.by)
        self._note("delete", self.org.object_of(record["Id"]), record["Id"], {})
        return Saved(record["Id"])

    def _try(self, task: Callable[[], Saved]) -> Saved:
        try:
            return task()
        except ApiError as error:
            return Saved(errors=[error])

    def _values(self, sobject: SObject, values: Mapping[str, Any], *, creating: bool) -> Record:
        """The values as they will be stored. Raises ApiError for the first that cannot be."""
        known = [(_known(sobject, name), value) for name, value in values.items() if name != "attributes"]
        barred = [one.name for one, _ in known if _barred(one, creating=creating)]
        if barred:
            said = (
                f"Unable to create/update fields: {', '.join(barred)}. Please check the security settings of this "
                "field and verify that it is read/write for your profile or permission set."
            )
            raise ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", said, barred)
        return {one.name: checked(self.org, sobject, one, value) for one, value in known if one.name != "Id"}

    def _rules(self, sobject: SObject, changes: Record, before: Record) -> None:
        after = {**before, **changes}
        for rule in self.org.validation_rules:
            if rule.object == sobject.name and rule.wrong(after, before):
                fields = [rule.field] if rule.field else []
                raise ApiError("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, fields)
        self._unique(sobject, changes, str(before.get("Id", "")))
        for other in self.org.duplicate_rules:
            asked = other.object == sobject.name and other.applies(before)
            if asked and (other.blocks or not self.options.allow_duplicates) and self.org.duplicates(other, after):
                raise ApiError("DUPLICATES_DETECTED", other.message)

    def _unique(self, sobject: SObject, changes: Record, own_id: str) -> None:
        table = self.org.table(sobject.name)
        for name, value in changes.items():
            if not sobject.fields[name.lower()].unique or value is None:
                continue
            others = [record["Id"] for record in table.live(name, value) if record["Id"] != own_id]
            if others:
                said = f"duplicate value found: {name} duplicates value on record with id: {others[0]}"
                raise ApiError("DUPLICATE_VALUE", said)

    def _member_once(self, sobject: SObject, changes: Record) -> None:
        """Nobody is a member of one campaign twice."""
        if sobject.name != "CampaignMember":
            return
        for person in ("LeadId", "ContactId"):
            same = self.org.table(sobject.name).live(person, str(changes[person])) if changes.get(person) else []
            if any(one["CampaignId"] == changes.get("CampaignId") for one in same):
                raise ApiError("DUPLICATE_VALUE", "Already a campaign member.")

    def _assign(self, sobject: SObject, changes: Record) -> None:
        """The org's assignment rule has the last word about a lead's owner, unless it is told to keep out."""
        if sobject.name == "Lead" and self.org.assignment_rule and self.options.auto_assign:
            changes["OwnerId"] = self.org.assignment_rule

    def _change(self, table: Table, record: Record, changes: Record) -> None:
        before = dict(record)
        self.org.change(record["Id"], changes, self.options.by)
        self._undo.append(lambda: table.put(before))
        self._note("update", table.sobject, record["Id"], changes)

    def _note(self, did: str, sobject: SObject, record_id: str, values: Record) -> None:
        key = str(self.org.record(record_id).get("Baton_Id__c") or "")
        fields = tuple(sorted(values))
        self._deeds.append(Deed(self.org.clock.seconds(), did, sobject.name, record_id, key, fields))


def named_value(values: Mapping[str, Any], name: str) -> Any:
    """The value of a field whose name may be written in any case."""
    return next((value for one, value in values.items() if one.lower() == name.lower()), None)


def _known(sobject: SObject, name: str) -> Field:
    found = sobject.field(name)
    if found is None:
        raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    return found


def _missing(one: Field, values: Record) -> bool:
    return one.required and not one.has_default and one.name != "OwnerId" and values.get(one.name) is None


def _barred(one: Field, *, creating: bool) -> bool:
    if one.name == "Id":
        return creating
    return one.read_only or one.locked or (one.on_create and not creating)
