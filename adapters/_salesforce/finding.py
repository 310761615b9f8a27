"""Looking records up: by id, by our key, by what they hang on, and people by their addresses and numbers.

A query reads what was committed before it (no index in between), so that a look-up by id or
by our key is consistent. A description cannot stand in a condition (soql_sosl: long text
areas), so the tasks of a parent are read, and their last lines compared.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from adapters._salesforce import records
from adapters._salesforce.api import same_id
from adapters._salesforce.gone import contacts_of, merged
from adapters._salesforce.objects import PEOPLE, SOBJECTS, is_id, moment, plain
from adapters._salesforce.query import Org, QueryRefusedError, chunks, listed, select
from connector.model.adapter import FindItem
from connector.model.mirror import CrmRecord, Wanted
from connector.model.outbox import LANES, Found

Row = Mapping[str, Any]
NOT_RELIABLE = Found(reliable=False)
#: What can be found by its id, by our names.
READABLE = SOBJECTS | {"account": "Account", "opportunity": "Opportunity"}
#: What is asked of these beside what the mapping writes: an undo writes it, and is taken back in turn.
BESIDE = {"lead": ("Status",), "task": ("Status",)}


class Finder:
    """Finds what was written."""

    def __init__(
        self, org: Org, written: Mapping[str, Sequence[str]], external_id: str, task_key: str, campaign: str
    ) -> None:
        self.org, self.written = org, written
        self.key_fields = {"lead": external_id, "task": task_key}
        self.campaign = campaign
        self.lane = LANES["status"]

    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """One answer for each item. Raises AuthError, RetryableError."""
        self.lane = min((item.lane for item in items), default=self.lane)
        found: dict[int, Found] = {}
        for object, places in _grouped(items).items():
            if object not in READABLE:
                found |= dict.fromkeys(places, NOT_RELIABLE)
                continue
            by_id = [place for place in places if items[place].crm_id]
            others = [place for place in places if not items[place].crm_id]
            found |= self._by_id(object, items, by_id)
            found |= self._otherwise(object, items, others)
        return [found[place] for place in range(len(items))]

    def _otherwise(self, object: str, items: Sequence[FindItem], places: Sequence[int]) -> dict[int, Found]:
        if not places:
            return {}
        if self.key_fields.get(object):
            return self._by_key(object, items, places)
        if object == "task":
            return self._tasks(items, places)
        return self._members(items, places) if object == "member" else dict.fromkeys(places, NOT_RELIABLE)

    def _rows(self, object: str, where: str, values: Iterable[str], also: Sequence[str] = ()) -> list[Row]:
        written = records.names_of(self.written, (), object)
        names = records.distinct(("Id", "CreatedDate", *also, *written, *BESIDE.get(object, ())))
        found: list[Row] = []
        for part in chunks(values):
            rows = visible_rows(self.org, READABLE[object], names, f"{where} IN {listed(part)}", self.lane)
            found += [{name: plain(value) for name, value in row.items()} for row in rows]
        return found

    def _by_id(self, object: str, items: Sequence[FindItem], places: Sequence[int]) -> dict[int, Found]:
        """By id; a record that was merged is its winner."""
        if not places:
            return {}
        asked = {place: items[place].crm_id for place in places}
        rows = self._rows(object, "Id", filter(is_id, asked.values()))
        lost = [id for id in asked.values() if not _with_id(rows, id)]
        if lost and object in (*PEOPLE, "account"):
            winners = merged(self.org, READABLE[object], lost)
            rows += self._rows(object, "Id", winners.values()) if winners else []
            asked = {place: _of(winners, id) or id for place, id in asked.items()}
        return {place: _found(object, _with_id(rows, id)) for place, id in asked.items()}

    def _by_key(self, object: str, items: Sequence[FindItem], places: Sequence[int]) -> dict[int, Found]:
        field = self.key_fields[object]
        rows = self._rows(object, field, [items[place].our_key for place in places], (field,))
        by_key = defaultdict(list)
        for row in rows:
            by_key[str(row.get(field) or "").casefold()].append(row)
        return {place: _found(object, by_key[items[place].our_key.casefold()]) for place in places}

    def _tasks(self, items: Sequence[FindItem], places: Sequence[int]) -> dict[int, Found]:
        """Tasks by the last line of their description, among those of their parent."""
        rows: list[Row] = []
        for field, people in (("WhoId", True), ("WhatId", False)):
            parents = [
                items[place].parent_id
                for place in places
                if items[place].parent_id and (items[place].parent_object in PEOPLE) is people
            ]
            rows += self._rows("task", field, parents, (field, "Description"))
            if people:
                leads = (parent for parent in parents if parent.startswith("00Q"))
                # Their tasks went there with them.
                rows += self._rows("task", field, contacts_of(self.org, leads).values(), (field, "Description"))
        by_key = defaultdict(list)
        for row in rows:
            by_key[records.last_line(row)].append(row)
        return {
            place: _found("task", by_key[items[place].our_key]) if items[place].parent_id else NOT_RELIABLE
            for place in places
        }

    def _members(self, items: Sequence[FindItem], places: Sequence[int]) -> dict[int, Found]:
        """The membership of a person in the campaign of the settings; a converted lead's is its contact's."""
        asked = {place: items[place].parent_id for place in places if self.campaign and items[place].parent_id}
        leads = [id for place, id in asked.items() if items[place].parent_object == "lead"]
        became = contacts_of(self.org, leads)
        people = (("LeadId", leads), ("ContactId", [*became.values(), *(set(asked.values()) - set(leads))]))
        rows = [
            (str(row.get(field)), row)
            for field, ids in people
            for row in self._rows("member", field, ids, (field, "CampaignId"))
            if same_id(str(row["CampaignId"]), self.campaign)
        ]
        found = dict.fromkeys(places, NOT_RELIABLE)
        for place, id in asked.items():
            theirs = (id, _of(became, id) or id)
            found[place] = _found("member", [row for whose, row in rows if any(same_id(whose, one) for one in theirs)])
        return found


def _grouped(items: Sequence[FindItem]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        found[item.object].append(place)
    return found


def _with_id(rows: Iterable[Row], id: str) -> list[Row]:
    return [row for row in rows if same_id(str(row.get("Id")), id)]


def _of(winners: Mapping[str, str], id: str) -> str:
    return next((winner for loser, winner in winners.items() if same_id(loser, id)), "")


def _found(object: str, rows: Iterable[Row]) -> Found:
    """Records oldest first, each once."""
    distinct = {str(row["Id"]): row for row in rows}
    oldest = sorted(distinct.values(), key=lambda row: (str(row.get("CreatedDate")), str(row["Id"])))
    values = tuple(_as_written(object, row) for row in oldest)
    return Found(tuple(str(row["Id"]) for row in oldest), values)


def _as_written(object: str, row: Row) -> dict[str, Any]:
    values = dict(row)
    if object == "task" and isinstance(values.get("Description"), str):
        text, _, last = values["Description"].rstrip().rpartition("\n")
        values["Description"] = text.rstrip() if records.is_key(last.strip()) else values["Description"]
    return values


def spellings(phone: str) -> list[str]:
    """How a number in E.164 may stand in a phone field: Salesforce compares it as text."""
    if not phone:
        return []
    import phonenumbers

    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return [phone]
    forms = phonenumbers.PhoneNumberFormat
    written = [phonenumbers.format_number(number, form) for form in (forms.E164, forms.INTERNATIONAL, forms.NATIONAL)]
    return list(dict.fromkeys([phone, *written]))


class Searcher:
    """Finds people by their addresses and numbers. `names` are the fields that the mapping names, by object."""

    def __init__(
        self, org: Org, names: Mapping[str, Sequence[str]], external_id: str, customer_types: Sequence[str]
    ) -> None:
        self.org, self.names = org, names
        self.external_id, self.customer_types = external_id, customer_types

    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        """Leads and contacts with any of these addresses and numbers, contacts with their accounts."""
        emails = [one.email for one in people if one.email]
        phones = [form for one in people for form in spellings(one.phone)]
        asked = [f"Email IN {listed(part)}" for part in chunks(emails)]
        asked += [f"(Phone IN {listed(part)} OR MobilePhone IN {listed(part)})" for part in chunks(phones, most=100)]
        lane = min((one.lane for one in people), default=LANES["hot"])
        found = [record for where in asked for record in (*self._leads(where, lane), *self._contacts(where, lane))]
        return list({(record.object, record.id): record for record in found}.values())

    def _leads(self, where: str, lane: int) -> list[CrmRecord]:
        own = self.names["lead"]
        rows = visible_rows(self.org, "Lead", (*records.FIELDS["lead"], self.external_id, *own), where, lane)
        return [records.lead(row, own, self.external_id) for row in rows]

    def _contacts(self, where: str, lane: int) -> list[CrmRecord]:
        own = self.names["contact"]
        of_account = [f"Account.{name}" for name in records.FIELDS["account"]]
        asked = (*records.FIELDS["contact"], *of_account, *own)
        found: list[CrmRecord] = []
        for row in visible_rows(self.org, "Contact", asked, where, lane):
            found.append(records.contact(row, own))
            if isinstance(company := row.get("Account"), Mapping) and company.get("Id"):
                found.append(records.account(company, self.customer_types))
        return found


def tasks_of(
    org: Org, places: Sequence[tuple[str, str]], task_key: str, store_id: str
) -> dict[tuple[str, str], list[CrmRecord]]:
    """Tasks that carry a key of the store, by (object, id) of what they hang on; each as of when it was made."""
    found: dict[tuple[str, str], list[CrmRecord]] = defaultdict(list)
    names = ("Id", "CreatedDate", *records.FIELDS["task"], *([task_key] if task_key else []))
    for field, people in (("WhoId", True), ("WhatId", False)):
        asked = [place for place in places if (place[0] in PEOPLE) is people]
        for part in chunks([id for _, id in asked]):
            for row in visible_rows(org, "Task", names, f"{field} IN {listed(part)}", LANES["status"]):
                task = records.task(row, task_key, store_id)
                task.modified_at = moment(row.get("CreatedDate"))
                for place in asked:
                    if task.our_key and same_id(str(row.get(field)), place[1]):
                        found[place].append(task)
    return found


def _there(org: Org, sobject: str) -> set[str]:
    return {str(one.get("name")).casefold() for one in org.describe(sobject).get("fields") or []}


def visible_rows(org: Org, sobject: str, fields: Iterable[str], where: str, lane: int) -> list[dict[str, Any]]:
    """Rows of a query; where a field is not for us, without the fields that are not."""
    hidden = org.hidden.get(sobject, frozenset())
    names = [name for name in records.distinct(fields) if name.casefold() not in hidden]
    try:
        return org.rows(select(names, sobject, where), lane=lane)
    except QueryRefusedError as refused:
        if refused.code != "INVALID_FIELD":
            raise
    missing = {name.casefold() for name in names if "." not in name} - _there(org, sobject)
    if parents := {name.casefold() for name in names if name.startswith("Account.")}:
        missing |= parents - {f"account.{name}" for name in _there(org, "Account")}
    org.hidden[sobject] = hidden | missing
    seen = [name for name in names if name.casefold() not in missing]
    return org.rows(select(seen, sobject, where), lane=lane)
