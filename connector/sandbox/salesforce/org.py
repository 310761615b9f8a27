"""An org: people, rules, limits. What an admin can change stands here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from connector.sandbox.clock import Clock
from connector.sandbox.ledger import Ledger
from connector.sandbox.salesforce.acts import People
from connector.sandbox.salesforce.fields import Choice, Field
from connector.sandbox.salesforce.objects import RecordType, ref
from connector.sandbox.salesforce.rules import DuplicateRule, ValidationRule
from connector.sandbox.salesforce.table import Record, fold

if TYPE_CHECKING:
    from connector.sandbox.salesforce.seeding import Truth

REPS = ("petra", "lena", "tom", "ines", "karl", "yuki")
#: What a person or an admin may be asked to do by another process.
ACTS = ("create", "edit", "convert", "merge", "delete", "undelete", "empty_bin", "deactivate", "set_picklist",
        "log_call", "close_opportunity", "add_user", "lock_field", "hide_field", "add_field", "add_record_type",
        "add_queue", "end_sessions", "spend", "seed")  # fmt: skip
_ORGANIZATION = {
    "Name": "Northwind GmbH", "IsSandbox": True, "OrganizationType": "Enterprise Edition",
    "DefaultLocaleSidKey": "de_DE", "TimeZoneSidKey": "Europe/Berlin",
}  # fmt: skip


class Org(People):
    """One org. `clock` is its time; `ledger` is told of every record that the API changed.

    `assignment_rule` is the user or queue that leads are given to, "" for no rule. `daily_limit`
    is the allocation of calls in 24 hours, `used` what of it others have used up. `session_seconds`
    is how long a session lasts. `page_size` is the most rows of one answer. `strict_columns`: one
    unknown column refuses a whole collection. `locked` are the ids of records that somebody else's
    transaction holds.
    """

    def __init__(self, clock: Clock | None = None, *, users: Iterable[str] = (), ledger: Ledger | None = None) -> None:
        super().__init__(clock or Clock())
        self.ledger = ledger
        self.validation_rules: list[ValidationRule] = []
        self.duplicate_rules: list[DuplicateRule] = []
        self.assignment_rule = ""
        self.daily_limit = 100_000
        self.session_seconds = 7200.0
        self.page_size = 2000
        self.strict_columns = True
        self.locked: set[str] = set()
        self.generation = 0
        self._calls: dict[int, int] = {}
        for email in users or (f"{name}@northwind.example" for name in REPS):
            self.add_user(email)
        self.api_user = self.add_user("baton@northwind.example", "Baton Integration")
        self._furnish()

    def seed(self, people: Iterable[Mapping[str, Any]], *, share: float = 0.15, seed: int = 11) -> list[Truth]:
        """Make some of these people exist already; returns who they are here: see `seeding.seed`."""
        from connector.sandbox.salesforce.seeding import seed as seed_org

        return seed_org(self, people, share=share, seed=seed)

    def set_picklist(self, object: str, field: str, values: Sequence[str], *, restricted: bool = True) -> None:
        """An admin gives a picklist these values; those it had before stay, inactive."""
        with self.lock:
            one = self.sobject(object).fields[field.lower()]
            old = [choice for choice in one.choices if choice.value not in values]
            defaults = {choice.value for choice in one.choices if choice.default}
            one.choices = [Choice(value, default=value in defaults) for value in values]
            one.choices += [Choice(choice.value, active=False) for choice in old]
            one.restricted = restricted

    def add_field(self, object: str, name: str, *, choices: Sequence[str] = (), **traits: Any) -> None:
        """An admin makes a field: `kind`, `length`, `external_id`, `unique`, `required`, `restricted` ..."""
        with self.lock:
            self.sobject(object).add(Field(name, choices=[Choice(value) for value in choices], **traits))

    def lock_field(self, object: str, name: str, *, locked: bool = True) -> None:
        """Field-level security: we see the field and may not write it."""
        self.sobject(object).fields[name.lower()].locked = locked

    def hide_field(self, object: str, name: str, *, hidden: bool = True) -> None:
        """Field-level security: for us the field does not exist."""
        self.sobject(object).fields[name.lower()].hidden = hidden

    def add_record_type(self, object: str, name: str, *, active: bool = True, default: bool = False) -> str:
        """An admin makes a record type; from the first on the object has a RecordTypeId. Returns the id."""
        with self.lock:
            sobject = self.sobject(object)
            values = {"Name": name, "DeveloperName": name.replace(" ", "_"), "SobjectType": sobject.name,
                      "IsActive": active}  # fmt: skip
            found = self.insert("RecordType", values, self.admin())
            sobject.record_types.append(RecordType(found, name, active, default))
            sobject.add(ref("RecordTypeId", "RecordType", relation="RecordType"))
            return found

    def add_queue(self, name: str) -> str:
        """An admin makes a queue that can own leads and tasks; returns the id."""
        values = {"Name": name, "DeveloperName": name.replace(" ", "_"), "Type": "Queue"}
        with self.lock:
            return self.insert("Group", values, self.admin())

    def end_sessions(self) -> None:
        """Every access token given out so far is void."""
        self.generation += 1

    def empty_bin(self) -> None:
        """An admin empties the recycle bin: what was deleted before can no longer be asked for."""
        with self.lock:
            self.deletions.clear()
            self.bin_emptied_at = self.clock.now()

    def duplicates(self, rule: DuplicateRule, record: Record) -> list[str]:
        """Ids of other records that the rule takes for the same."""
        wanted = [(name, record.get(name)) for name in rule.fields]
        if any(value is None for _, value in wanted):
            return []
        found: list[str] = []
        for object in rule.against:
            table = self.table(object)
            near = (table.records[one] for one in sorted(table.ids(*_first(wanted))))
            found += [
                other["Id"]
                for other in near
                if not other["IsDeleted"] and not other.get("IsConverted") and other["Id"] != record.get("Id")
                and all(fold(other.get(name)) == fold(value) for name, value in wanted)
            ]  # fmt: skip
        return found

    def spend(self, calls: int = 1) -> None:
        """Count calls against the allocation of the last 24 hours."""
        hour = int(self.clock.seconds() // 3600)
        with self.lock:
            self._calls[hour] = self._calls.get(hour, 0) + calls

    def spent(self) -> int:
        """The calls of the last 24 hours."""
        hour = int(self.clock.seconds() // 3600)
        return sum(count for at, count in self._calls.items() if at > hour - 24)

    def look(self, query: Mapping[str, list[str]]) -> Any:
        """For another process: how many records of each object, or (`object=Lead`, `id=`) records themselves."""
        with self.lock:
            self.settle()
            if "id" in query:
                return self.record(query["id"][0])
            if "object" in query:
                return list(self.table(query["object"][0]))
            return {one.name: len(self.live(one.name)) for one in self.objects.values()}

    def act(self, wish: Mapping[str, Any]) -> Any:
        """For another process: {"act": "convert", "lead_id": ..., "by": ...}.

        Raises ValueError, KeyError, TypeError.
        """
        given = dict(wish)
        name = given.pop("act", "")
        if name not in ACTS:
            raise ValueError(f"no act {name!r}: one of {', '.join(ACTS)}")
        return {"result": getattr(self, name)(**given)}

    def _furnish(self) -> None:
        """The rows of a fresh org's own tables."""
        admin = self.admin()
        self.insert("Organization", _ORGANIZATION, admin)
        for place, choice in enumerate(self.sobject("Lead").fields["status"].choices):
            row = {"MasterLabel": choice.value, "ApiName": choice.value, "SortOrder": place + 1}
            converted = choice.value == "Qualified"
            self.insert("LeadStatus", row | {"IsDefault": choice.default, "IsConverted": converted}, admin)
        for place, choice in enumerate(self.sobject("Opportunity").fields["stagename"].choices):
            row = {"MasterLabel": choice.value, "ApiName": choice.value, "SortOrder": place + 1, "IsActive": True}
            won, closed = choice.value == "Closed Won", choice.value.startswith("Closed")
            self.insert("OpportunityStage", row | {"IsWon": won, "IsClosed": closed}, admin)


def _first(wanted: list[tuple[str, Any]]) -> tuple[str, list[Any]]:
    return wanted[0][0], [wanted[0][1]]
