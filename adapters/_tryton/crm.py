"""Tryton as a CRM: a lead is an opportunity of a party, and stays that record until it is won or lost."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from adapters._tryton import preparing, records
from adapters._tryton.api import CALL_SECONDS, Rest, Row, TrytonSettings
from adapters._tryton.records import CATEGORY, ENDED, KEY, LEAD, PARTY, STAGE
from adapters._tryton.touches import Touches
from adapters._tryton.values import same
from adapters._tryton.walk import Walk, decode, encode
from adapters._tryton.writing import FIELD_CODES, LAST_START, MEMBERSHIP, REFUSAL_KINDS, Writer, place_of
from connector.model.adapter import Context, CrmCapabilities, FieldInfo, FindItem, SetupStep, WriteItem
from connector.model.answers import understood
from connector.model.errors import ConfigError
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import LANES, Found, Outcome

#: Seconds. A write has no limit of time in Tryton: twice as long as most gateways hold one (unconfirmed).
SETTLE = 120.0
STREAMS = ("user", "lead", "opportunity", "task")
#: What hangs on an opportunity, whose changes are its own.
_AROUND_LEAD = ("party", "party.contact_mechanisms", "party.addresses")


class TrytonCrm:
    """The opportunities of one company."""

    capabilities = CrmCapabilities(
        objects=("lead", "note", "contact", MEMBERSHIP), unique_key="none", settle=SETTLE, max_batch=20,
        correlate="position",
        deadline=LAST_START.total_seconds() + CALL_SECONDS, trims_text=True, streams=STREAMS, sweeps=("lead",),
        look_up_batch=50, vocabulary=True, field_codes=FIELD_CODES, refusal_kinds=REFUSAL_KINDS,
        key_fields={"lead": KEY}, exceptions={"note": {"find": "parent"}}, one_by_one=True,
    )  # fmt: skip

    def __init__(self, settings: TrytonSettings, context: Context) -> None:
        self.settings, self.context = settings, context
        self._sees_company = False

    @cached_property
    def rest(self) -> Rest:
        """The database."""
        if self.context.http is None:
            raise ConfigError(f"{self.context.connection}: tryton needs the network")
        return Rest(self.context.http, self.settings)

    @cached_property
    def _told(self) -> dict[str, Any]:
        """The fields of an opportunity. Raises KeyError for an answer that is none."""
        told: dict[str, Any] = self.rest.asked(f"{LEAD}/fields_get", {"fields_names": []}).json()
        return told if told[KEY] else {}

    @property
    def _wanted(self) -> list[str]:
        written = {*self.context.written.get("lead", ()), *self.context.written.get("", ())}
        return sorted({*self.context.columns, *written} & {*self._told, *records.OF_PARTY, STAGE})

    @property
    def _names(self) -> list[str]:
        plain = {one for one in self._wanted if one in self._told and self._told[one]["type"] != "many2one"}
        return sorted({*records.OF_LEAD, *plain})

    @understood
    def check(self) -> None:
        """Sign in, and have the rights to read and write what is read and written. Raises AuthError, ConfigError."""
        preparing.prove(self.rest, self.context.connection, self._needs)

    def _prove_company(self) -> None:
        """Raises ConfigError where our user may not see the company: all of it then looks as if it were not there."""
        self._sees_company = preparing.sees_company(self.rest)
        if not self._sees_company:
            raise preparing.lacking_rights(self.context.connection, preparing.company(self.rest))

    @property
    def _needs(self) -> preparing.Needs:
        return preparing.WRITE | (preparing.WRITE_BACK if self._categories else {})

    @property
    def _categories(self) -> list[str]:
        return [one for told in self.context.written.values() for one in told if one.startswith(CATEGORY)]

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Write items, one after the other; one outcome for each."""
        return Writer(self.rest, lambda: self._told, self.context.now).write(items)

    @understood
    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """Look opportunities up by id or by our key, notes by what they hang on."""
        leads = [one for one in items if one.object == "lead"]
        ids, keys = [int(one.crm_id) for one in leads if one.crm_id], [one.our_key for one in leads if not one.crm_id]
        domain = [self._company, ["OR", ["id", "in", ids], [KEY, "in", keys]]]
        found = self.rest.search(LEAD, domain, self._names) if leads else []
        if leads and not found:
            self._prove_company()
        parties = {int(one.crm_id) for one in items if one.object == "contact" and one.crm_id}
        parties |= {int(place_of(one)[1]) for one in items if one.object == MEMBERSHIP}
        asked = [["id", "in", sorted(parties)], ["active", "=", True]]
        held = self.rest.search(PARTY, asked, records.OF_CONTACT) if parties else []
        return [self._found(one, found, held) for one in items]

    def _found(self, item: FindItem, leads: Sequence[Any], parties: Sequence[Any]) -> Found:
        if item.object == "note":
            return self._note(item)
        if item.object == "contact":
            held = [one for one in parties if item.crm_id == str(one["id"])]
            told = ({name: records.category(one, name) for name in self._categories} for one in held)
            return Found(tuple(str(one["id"]) for one in held), tuple(told))
        if item.object == MEMBERSHIP:
            name, party = place_of(item)
            held = [one for one in parties if party == str(one["id"])]
            there = ({"list": name, "contact": party, "member": records.is_in(one, name)} for one in held)
            return Found(tuple(f"{name}:{party}" for _ in held), tuple(there))
        return self._lead(item, leads)

    def _lead(self, item: FindItem, found: Sequence[Any]) -> Found:
        mine = [one for one in found if item.object == "lead" and item.crm_id in ("", str(one["id"]))]
        mine = [one for one in mine if item.crm_id or one[KEY] == item.our_key]
        return Found(tuple(str(one["id"]) for one in mine), tuple(records.values(one, self._wanted) for one in mine))

    def _note(self, item: FindItem) -> Found:
        if not item.parent_id and not item.crm_id:
            return Found(reliable=False)
        found = self.rest.search("ir.note", Writer.notes_of(item), [records.NOTE])
        mine = [one for one in found if item.crm_id or one[records.NOTE].rstrip().endswith(f"\n{item.our_key}")]
        return Found(tuple(str(one["id"]) for one in mine), tuple({} for _ in mine))

    @property
    def _company(self) -> list[Any]:
        return ["company", "=", self.settings.company]

    @understood
    def fields(self) -> list[FieldInfo]:
        """What an opportunity can hold, and who can own one."""
        self.__dict__.pop("_told", None)
        currencies = [one["code"] for one in self.rest.search("currency.currency", [], ["code"])]
        owners = {email: id for id, (email, _, active) in self._people().items() if email and active}
        return list(records.fields(self._told, currencies, owners, self._categories))

    def _people(self) -> dict[str, tuple[str, str, bool]]:
        """(address, name, whether at work) of employees, by id."""
        found = self.rest.search(records.EMPLOYEE, [self._company], records.OF_USER)
        return {
            str(one["id"]): (one["party"]["email"] or "", one["party"]["name"] or "", bool(one["active"]))
            for one in found
        }

    @understood
    def changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """Pages of what changed in `stream`."""
        state = decode(cursor)
        # Once a reading, which begins with its people.
        if stream == "user" or not self._sees_company:
            self._prove_company()
        if stream == "user":
            yield from self._users(state)
            return
        if stream == "task":
            touches = Touches(self.rest, self.context.now, self.context.store_id)
            for told, following in touches.steps(state):
                yield CrmPage(stream, told, encode(following))
            return
        yield from self._walked(stream, state, LANES["status"])

    def _users(self, state: dict[str, Any]) -> Iterator[CrmPage]:
        """Whoever leaves on a day is no change: they are few, and all come again where one has."""
        people = self._people()
        if {id: [*one] for id, one in people.items()} != state.get("people", {}):
            yield CrmPage("user", [records.user(id, *one) for id, one in people.items()], encode({"people": people}))

    @understood
    def sweep(self, stream: str, cursor: str, since: datetime) -> Iterator[CrmPage]:
        """All that changed since a moment, or on which something did."""
        state = decode(cursor) or {"since": since.isoformat(), "until": self.context.now().isoformat()}
        if "until" in state:
            yield from self._walked(stream, state, LANES["backfill"])

    def _walked(self, stream: str, state: dict[str, Any], lane: int) -> Iterator[CrmPage]:
        walk = self._walk(stream, lane)
        for found, following in walk.steps(state):
            yield CrmPage(stream, [self._record(stream, one, walk.changed(one)) for one in found], encode(following))

    def _walk(self, stream: str, lane: int) -> Walk:
        now = self.context.now
        begun = [] if stream == "lead" else [["state", "!=", "lead"]]
        return Walk(self.rest, LEAD, self._names, now, [self._company, *begun], _AROUND_LEAD, lane)

    def _record(self, stream: str, row: Any, changed: str) -> CrmRecord:
        if stream == "opportunity":
            return records.opportunity(row, changed)
        return records.lead(row, self._wanted, changed, self.context.store_id)

    @understood
    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        """Open opportunities of parties that are reached so: somebody without any gets one.

        By an address that is out of use, too, as that of a party is which another one has replaced.
        """
        asked: list[Any] = [[["type", "=", "email"], same(one.email)] for one in people if one.email]
        if phones := [one.phone for one in people if one.phone]:
            asked.append([["active", "=", True], ["type", "in", ["phone", "mobile"]], ["value_compact", "in", phones]])
        if not asked:
            return []
        reached = ["party.contact_mechanisms", "where", ["OR", *asked]]
        domain = [self._company, ["state", "not in", [*ENDED]], reached]
        walk = self._walk("lead", min(one.lane for one in people))
        found = self.rest.search(LEAD, domain, [*walk.names, *walk.paths], lane=walk.lane)
        if not found:
            self._prove_company()
        return list(self._looked_up(found, walk))

    def _looked_up(self, found: Sequence[Row], walk: Walk) -> Iterator[CrmRecord]:
        used = self._in_use({address for row in found for address in records.emails(row, active=False)}, walk.lane)
        for row in found:
            record = self._record("lead", row, walk.changed(row))
            out_of_use = [one for one in records.emails(row, active=False) if one.casefold() not in used]
            record.other_emails = records.emails(row)[1:] + out_of_use
            yield record

    def _in_use(self, addresses: Collection[str], lane: int) -> set[str]:
        """Which of these addresses, whatever their case, some party uses."""
        if not addresses:
            return set()
        reached = [["type", "=", "email"], ["OR", *map(same, sorted(addresses))]]
        domain = [["active", "=", True], ["party.active", "=", True], *reached]
        found = self.rest.search("party.contact_mechanism", domain, ["value"], lane=lane)
        return {str(one["value"]).casefold() for one in found}

    @understood
    def setup(self) -> list[SetupStep]:
        """The rights of the user whose key it is, by hand."""
        return [preparing.step(self.rest, self._needs)]
