"""One HubSpot account in memory: its records, settings and what people did, and the rules that hold for records."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from connector.sandbox.clock import Clock
from connector.sandbox.hubspot.activities import Journal
from connector.sandbox.hubspot.errors import Refused, Wrong, invalid, invalid_values
from connector.sandbox.hubspot.limits import Limits
from connector.sandbox.hubspot.links import TYPES, Links
from connector.sandbox.hubspot.properties import LIFECYCLE, Definition, checked, own_properties
from connector.sandbox.hubspot.search import Search
from connector.sandbox.hubspot.table import Row, Table
from connector.sandbox.hubspot.tokens import Tokens
from connector.sandbox.ledger import Deed, Ledger

TOKEN = "local-hubspot-token"  # noqa: S105 - the sandbox's own, good for nothing else
CLIENT = ("local-client", "local-client-secret", "local-refresh-token")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of object: its number, the properties of its times, what a read brings unasked, what it must have."""

    name: str
    number: str
    created: str = "hs_createdate"
    modified: str = "hs_lastmodifieddate"
    unasked: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    merges: bool = False

    @property
    def always(self) -> tuple[str, ...]:
        """The properties of every answer."""
        return (*self.unasked, self.created, self.modified, "hs_object_id")


KINDS = {
    kind.name: kind
    for kind in (
        Kind("contacts", "0-1", "createdate", "lastmodifieddate", ("email", "firstname", "lastname"), (), True),
        Kind("companies", "0-2", "createdate", unasked=("domain", "name"), merges=True),
        Kind("deals", "0-3", "createdate", "hs_lastmodifieddate",
             ("amount", "closedate", "dealname", "dealstage", "pipeline"), ("dealname", "dealstage"), True),
        Kind("leads", "0-136", required=("hs_lead_name",)),
        Kind("tasks", "0-27", required=("hs_timestamp",)),
        Kind("notes", "0-46", required=("hs_timestamp",)),
        Kind("calls", "0-48", required=("hs_timestamp",)),
        Kind("meetings", "0-47", required=("hs_timestamp",)),
        Kind("emails", "0-49", required=("hs_timestamp",)),
    )
}  # fmt: skip
_NAMES = {alias: name for name, kind in KINDS.items() for alias in (name, name[:-1], kind.number)} | {
    "company": "companies"
}


@dataclass(slots=True)
class Owner:
    """A user who can own records. `active` is False once the user was deactivated."""

    id: str
    email: str
    first_name: str
    last_name: str
    active: bool = True


@dataclass(slots=True)
class MemberList:
    """A list of contacts or companies, kept by hand: id -> when it joined (milliseconds)."""

    id: str
    name: str
    number: str
    made: int
    members: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline with its stages: (id, label, what is said of it)."""

    id: str
    label: str
    stages: tuple[tuple[str, str, dict[str, str]], ...]


_DEALS = Pipeline("default", "Sales Pipeline", (
    ("appointmentscheduled", "Appointment Scheduled", {"isClosed": "false", "probability": "0.2"}),
    ("qualifiedtobuy", "Qualified To Buy", {"isClosed": "false", "probability": "0.4"}),
    ("contractsent", "Contract Sent", {"isClosed": "false", "probability": "0.9"}),
    ("closedwon", "Closed Won", {"isClosed": "true", "probability": "1.0"}),
    ("closedlost", "Closed Lost", {"isClosed": "true", "probability": "0.0"}),
))  # fmt: skip
_LEADS = Pipeline("lead-pipeline-id", "Lead pipeline", (
    ("new-stage-id", "New", {"leadState": "NEW"}),
    ("attempting-stage-id", "Attempting", {"leadState": "IN_PROGRESS"}),
    ("connected-stage-id", "Connected", {"leadState": "IN_PROGRESS"}),
    ("qualified-stage-id", "Qualified", {"leadState": "QUALIFIED"}),
    ("unqualified-stage-id", "Disqualified", {"leadState": "UNQUALIFIED"}),
))  # fmt: skip


class Portal:
    """An account. Everything is guarded by `lock`; the application takes it for each call."""

    def __init__(self, clock: Clock | None = None, *, portal_id: int = 24_050_311, search_lag: float = 0.0) -> None:
        """`search_lag`: how many seconds a change stays unseen by searches."""
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.ledger = Ledger()
        self.portal_id = portal_id
        self.tokens = Tokens(TOKEN, *CLIENT)
        self.limits = Limits()
        self.closed: set[str] = set()  # paths (their beginnings) that the token has no scope for
        self.properties = {name: own_properties(name) for name in KINDS}
        self.groups = {name: {"contactinformation": "Contact information"} for name in KINDS}
        self.tables = {name: self._table(name) for name in KINDS}
        self.searches = {name: Search(self.tables[name], self.properties[name]) for name in KINDS}
        self.search_lag = search_lag
        self.links = Links()
        self.owners: dict[str, Owner] = {}
        self.pipelines = {"deals": [_DEALS], "leads": [_LEADS]}
        self.lists: dict[str, MemberList] = {}
        self.forms: dict[str, str] = {}
        self.campaigns: dict[int, tuple[str, str]] = {}
        self.submissions: dict[str, Journal] = {}
        self.emails = Journal()
        self.events = Journal()
        self.subscriptions = {"1": "Newsletter", "2": "Product news"}
        self.consents: dict[tuple[str, str], tuple[str, int]] = {}
        self._next = 100

    @property
    def search_lag(self) -> float:
        """How many seconds a change stays unseen by searches."""
        return self._search_lag

    @search_lag.setter
    def search_lag(self, seconds: float) -> None:
        self._search_lag = seconds
        for table in self.tables.values():
            table.lag = seconds

    def now(self) -> int:
        """The server's time in milliseconds."""
        return round(self.clock.seconds() * 1000)

    def next_id(self) -> int:
        """An id that nothing has had."""
        return self.reserve(1)

    def reserve(self, count: int) -> int:
        """The first of so many ids in a row."""
        first = self._next + 1
        self._next += count
        return first

    def add_form(self, id: str, name: str) -> None:
        """A form, with nothing sent in so far."""
        self.forms[id] = name
        self.submissions[id] = Journal()

    def allowed(self, external: str, object: str) -> Iterable[str]:
        """The values of an enumeration whose options are kept elsewhere."""
        if external == "owner":
            return [id for id, owner in self.owners.items() if owner.active]
        lines = self.pipelines.get(object, [])
        if external == "pipeline":
            return [line.id for line in lines]
        return [stage for line in lines for stage, _, _ in line.stages]

    def check(
        self, object: str, values: Mapping[str, Any], row: Row | None, taken: set[tuple[str, str]] | None = None
    ) -> dict[str, str]:
        """The values as they will be kept. Raises Refused with all that is wrong.

        `row` is the record to change, None for a new one; `taken` are the unique values that the
        same batch has used already.
        """
        clean, wrong = checked(self.properties[object], values, lambda external: self.allowed(external, object))
        wrong += self._conflicts(object, clean, row, set() if taken is None else taken)
        if wrong:
            raise invalid_values(wrong)
        if row is None:
            self._complete(object, clean)
        return clean

    def create(self, object: str, values: Mapping[str, str], at: int | None = None) -> Row:
        """A new record of checked values."""
        now = self.now() if at is None else at
        row = self.tables[object].add(self.next_id(), values, now, now)
        self.did("create", object, row, tuple(values))
        return row

    def change(self, object: str, row: Row, values: Mapping[str, str]) -> tuple[str, ...]:
        """Set checked values; returns what became another. A stage is not set back: that part is passed over."""
        kept = {name: value for name, value in values.items() if not self._goes_back(object, row, name, value)}
        changed = self.tables[object].change(row, kept, self.now())
        self.did("update", object, row, changed)
        return changed

    def archive(self, object: str, row: Row) -> None:
        """Into the recycle bin."""
        self.tables[object].archive(row, self.now())
        self.did("archive", object, row)

    def merge(self, object: str, winner: Row, loser: Row) -> Row:
        """A new record of both, with the winner's values where both say something; it answers for the ids of both.

        "A new record with a new ID will be created for the resulting merged record, with both records merged into the
        new one" (developers.hubspot.com/changelog/updated-merge-functionality-for-contacts-and-companies).
        `hs_merged_object_ids` names the members of earlier merges too: it is what captures "multi-step or chained
        contact merges" (github.com/fivetran/dbt_hubspot/issues/172).
        """
        table, id = self.tables[object], self.next_id()
        held, theirs = (dict(zip(row.names, row.values, strict=True)) for row in (winner, loser))
        named = [*_merged(held), str(winner.id), *_merged(theirs), str(loser.id)]
        values = {**theirs, **held, **_conversions(held, theirs), "hs_merged_object_ids": ";".join(named)}
        for one in (winner, loser):
            table.remove(one, into=id)
        made = table.add(id, values, winner.created, self.now())
        for one in (winner, loser):
            self._move(object, one.id, id)
        if object == "contacts":
            self._keep_addresses(made, held, theirs)
        self.did("merge", object, made, (str(winner.id), str(loser.id)))
        return made

    def _move(self, object: str, old: int, new: int) -> None:
        """What hung on a record that was merged hangs on the new one."""
        self.links.move(object, old, new)
        if object == "contacts":
            self.events.move(old, new)
        for one in self.lists.values():
            if one.number == KINDS[object].number and old in one.members:
                since = one.members.pop(old)
                one.members[new] = min(since, one.members.get(new, since))

    def _keep_addresses(self, winner: Row, held: Mapping[str, str], theirs: Mapping[str, str]) -> None:
        """A winner is found by the addresses of who was merged into it, too."""
        name = "hs_additional_emails"
        several = (held.get(name, ""), theirs.get("email", ""), theirs.get(name, ""))
        further = [one for one in ";".join(several).split(";") if one and one != held.get("email")]
        if held.get("email") and further:
            self.tables["contacts"].change(winner, {name: ";".join(further)}, self.now())

    def associate(self, origin: str, id: int, to: str, other: int, types: list[int]) -> None:
        """Associate two records. Raises Refused where one is missing or the type is not theirs."""
        if self.living(to, other) is None or self.living(origin, id) is None:
            raise Refused(404, "OBJECT_NOT_FOUND", "One of the objects to associate does not exist",
                          context={"ids": [str(id), str(other)]})  # fmt: skip
        if any(type not in TYPES.get((origin, to), {}) for type in types):
            raise invalid(f"invalid association type for {origin} to {to}: {types}")
        self.links.add(origin, id, to, other, types)
        self.ledger.did([Deed(self.clock.seconds(), "associate", f"{origin}-{to}", str(id), str(other))])
        if (origin, to) == ("contacts", "companies"):
            self.tables[origin].change(self.tables[origin].rows[id], {"associatedcompanyid": str(other)}, self.now())

    def living(self, object: str, id: str | int) -> Row | None:
        """A record that is neither archived nor gone."""
        row = self.tables[object].get(id)
        return row if row is not None and not row.archived else None

    def did(self, did: str, object: str, row: Row, fields: tuple[str, ...] = ()) -> None:
        """Note an effect in the ledger. `key` is the email of contacts, else a value that is unique by the admin's."""
        table = self.tables[object]
        key = next((table.value(row, property) for property in table.unique if property in row.names), "")
        self.ledger.did([Deed(self.clock.seconds(), did, object, str(row.id), key, fields)])

    def _table(self, name: str) -> Table:
        kind = KINDS[name]
        unique = [one.name for one in self.properties[name].values() if one.unique and one.name != "hs_object_id"]
        return Table(name, kind.created, kind.modified, unique)

    def _conflicts(
        self, object: str, values: Mapping[str, str], row: Row | None, taken: set[tuple[str, str]]
    ) -> Iterable[Wrong]:
        """Unique values that another record has; an email is a conflict of the whole record.

        "Contact already exists. Existing ID: 12345" answers updates too (github.com/stape-io/hubspot-tag/issues/7).
        """
        table = self.tables[object]
        for name in table.unique:
            value = values.get(name, "")
            other = table.find(name, value) if value else None
            if (value and (name, value) in taken) or (other is not None and (row is None or other.id != row.id)):
                if name == "email" and other is not None:
                    raise Refused(409, "CONFLICT", f"Contact already exists. Existing ID: {other.id}")
                yield Wrong(name, "CONFLICTING_UNIQUE_VALUE", f"another object has the value of {name} already")
            elif value:
                taken.add((name, value))

    def _complete(self, object: str, values: dict[str, str]) -> None:
        missing = [name for name in KINDS[object].required if not values.get(name)]
        if missing:
            raise invalid_values([Wrong(name, "REQUIRED_PROPERTY", f"{name} is required") for name in missing])
        line = {"deals": "pipeline", "leads": "hs_pipeline"}.get(object)
        if line and not values.get(line):
            values[line] = self.pipelines[object][0].id
        if object == "leads" and not values.get("hs_pipeline_stage"):
            values["hs_pipeline_stage"] = self.pipelines[object][0].stages[0][0]

    def _goes_back(self, object: str, row: Row, name: str, value: str) -> bool:
        if name != "lifecyclestage" or not value:
            return False
        order = [stage for stage, _ in self._stages(object)]
        held = self.tables[object].value(row, name)
        return held in order and value in order and order.index(value) < order.index(held)

    def _stages(self, object: str) -> list[tuple[str, str]]:
        definition: Definition | None = self.properties[object].get("lifecyclestage")
        return definition.options if definition else LIFECYCLE


def _merged(values: Mapping[str, str]) -> list[str]:
    """Ids that a record names as merged into it."""
    return [one for one in values.get("hs_merged_object_ids", "").split(";") if one]


def _conversions(held: Mapping[str, str], theirs: Mapping[str, str]) -> dict[str, str]:
    """What a merged contact's properties say of forms: the latest of both, and all of both.

    "The most recent value for each property is adopted" (knowledge.hubspot.com/records/merge-records).
    """
    date, forms = "recent_conversion_date", "hs_calculated_form_submissions"
    latest = max(held, theirs, key=lambda one: one.get(date, ""))
    told = {name: latest.get(name, "") for name in (date, "recent_conversion_event_name") if latest.get(name)}
    several = ";".join(filter(None, [held.get(forms, ""), theirs.get(forms, "")]))
    return told | ({forms: several} if several else {})


def object_named(name: str) -> str:
    """Our name of an object, from any of the ways HubSpot lets it be written. Raises Refused."""
    if name.lower() not in _NAMES:
        raise invalid(f"Unable to infer object type from: {name}")
    return _NAMES[name.lower()]
