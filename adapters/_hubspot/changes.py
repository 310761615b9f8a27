"""What changed in HubSpot as a CRM, stream by stream, and people looked up by exact keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from hashlib import blake2b

import orjson

from adapters._hubspot import crm_records as records
from adapters._hubspot.api import SEARCH
from adapters._hubspot.calls import STATUS, batches, joined, listed, read_many
from adapters._hubspot.cursors import decode, encode, millis
from adapters._hubspot.objects import COMPANY, CONTACT, DEAL, TASK, TOUCHES, Kind
from adapters._hubspot.records import Found, results
from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.walk import Walk
from connector.model.adapter import Context
from connector.model.http import Http, Request
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import LANES

SWEPT = ("account", "contact", "opportunity", "task")
STREAMS = ("user", *SWEPT)
#: From a walk and a cursor to the pages behind it.
Read = Callable[[Walk, str], Iterator[tuple[list[Found], str]]]
OWNERS = "/crm/v3/owners"
#: Owners on a page, at most.
_OWNERS_PAGE = "100"


class Changes:
    """Reads the streams of one connection."""

    def __init__(self, http: Http, settings: HubSpotSettings, context: Context) -> None:
        self.http = http
        self.settings = settings
        self.context = context
        columns = {name for name in context.columns if "." not in name}
        self.kept = tuple(
            sorted(columns | set(context.written.get("lead", ())) | set(context.written.get("contact", ())))
        )
        self._users: dict[str, str] | None = None

    def pages(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """Pages of what changed in `stream`."""
        if stream == "user":
            yield from self._owners(cursor)
        else:
            yield from self._walked(stream, cursor, Walk.pages)

    def sweep(self, stream: str, cursor: str, since: datetime) -> Iterator[CrmPage]:
        """Pages of what changed in `stream` since a moment."""
        bounds = millis(since), self._now()
        yield from self._walked(stream, cursor, lambda walk, at: walk.within(at, *bounds), LANES["backfill"])

    def _walked(self, stream: str, cursor: str, read: Read, lane: int = STATUS) -> Iterator[CrmPage]:
        walked = self._activities if stream == "task" else partial(self._objects, stream)
        yield from walked(cursor, read, lane)

    # owners

    def owners(self) -> list[CrmRecord]:
        """All owners, those that were deactivated last."""
        return [
            records.user(one)
            for archived in ("false", "true")
            for one in listed(self.http, OWNERS, limit=_OWNERS_PAGE, archived=archived)
        ]

    def _owners(self, cursor: str) -> Iterator[CrmPage]:
        """They have no time of change, and are few: all come again where any of them changed."""
        found = self.owners()
        told = [[one.id, one.email, one.active, one.name] for one in found]
        digest = blake2b(orjson.dumps(told), digest_size=8).hexdigest()
        if digest != cursor:
            yield CrmPage("user", found, digest)

    def users(self) -> Mapping[str, str]:
        """Owner ids by user id; read once."""
        if self._users is None:
            self._users = {one.values["user_id"]: one.id for one in self.owners() if one.values["user_id"]}
        return self._users

    # people, companies, deals

    def _objects(self, stream: str, cursor: str, read: Read, lane: int) -> Iterator[CrmPage]:
        kind = {"contact": CONTACT, "account": COMPANY, "opportunity": DEAL}[stream]
        for found, following in read(self._walk(kind, self._wanted(kind), lane, archived=True), cursor):
            yield CrmPage(stream, self._records(kind, found), following)

    def _wanted(self, kind: Kind) -> list[str]:
        if kind is CONTACT:
            return records.wanted(records.CONTACT_WANTED, self.kept)
        return list(records.COMPANY_WANTED if kind is COMPANY else records.DEAL_WANTED)

    def _walk(self, kind: Kind, asked: Sequence[str], lane: int, *, archived: bool = False) -> Walk:
        return Walk(self.http, self.settings, kind, asked, self._now, not archived, archived, lane)

    def _now(self) -> int:
        return millis(self.context.now())

    def _records(self, kind: Kind, found: Sequence[Found]) -> list[CrmRecord]:
        gone = [one for one in found if one.get("archived")]
        live = [one for one in found if not one.get("archived")]
        made = self._live(kind, live)
        object = {"contact": "contact", "company": "account", "opportunity": "opportunity"}[kind.object]
        made += [replace(records.base(object, one, {}), gone=True) for one in gone]  # type: ignore[arg-type]
        return made + [loser for one in found for loser in records.merged(object, one)]  # type: ignore[arg-type]

    def _live(self, kind: Kind, found: Sequence[Found]) -> list[CrmRecord]:
        users = self.users() if any(one["properties"].get(records.BY) for one in found) else {}
        if kind is CONTACT:
            return [records.contact(one, users, self.kept) for one in found]
        if kind is COMPANY:
            return [records.account(one, users, ()) for one in found]
        stages = self._stages() if found else {}
        made = [records.opportunity(one, users, stages) for one in found]
        ids = [one.id for one in made]
        people = joined(self.http, DEAL.type, CONTACT.type, ids) if ids else {}
        companies = joined(self.http, DEAL.type, COMPANY.type, ids) if ids else {}
        return [replace(one, person=_first(people.get(one.id)), account=_first(companies.get(one.id))) for one in made]

    def _stages(self) -> dict[str, records.Stage]:
        pipelines = listed(self.http, "/crm/v3/pipelines/deals")
        return {
            str(stage["id"]): records.Stage(str(stage["label"]), stage.get("metadata"))
            for pipeline in pipelines
            for stage in pipeline["stages"]
        }

    # what people did

    def _activities(self, cursor: str, read: Read, lane: int) -> Iterator[CrmPage]:
        """Tasks, calls, meetings and emails, from the first walk on: what was before is of no lead of ours."""
        state = decode(cursor)
        asked = {TASK: records.TASK_WANTED} | {kind: records.TOUCH_WANTED[kind.object] for kind in TOUCHES}
        for kind, properties in asked.items():
            for found, following in read(self._walk(kind, properties, lane), str(state.get(kind.object, ""))):
                state = {**state, kind.object: following}
                yield CrmPage("task", self._done(kind, found), encode(state))

    def _done(self, kind: Kind, found: Sequence[Found]) -> list[CrmRecord]:
        people = joined(self.http, kind.type, CONTACT.type, [str(one["id"]) for one in found]) if found else {}
        made = []
        for one in found:
            record = records.task(one, {}) if kind is TASK else records.touch(kind.object, one, {})
            made.append(replace(record, person=_first(people.get(str(one["id"])))))
        return made

    def tasks_of(self, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[CrmRecord]]:
        """Tasks that carry a key of ours, by (object, id) of what they hang on; each as of when it was made."""
        kinds = {"contact": CONTACT, "account": COMPANY, "opportunity": DEAL}
        joins = {
            object: joined(self.http, kind.type, TASK.type, [id for one, id in places if one == object])
            for object, kind in kinds.items()
            if any(one == object for one, _ in places)
        }
        ids = sorted({task for by_id in joins.values() for tasks in by_id.values() for task in tasks})
        told = read_many(self.http, TASK.path, ids, records.TASK_WANTED) if ids else []
        tasks = {str(one["id"]): records.made_task(one) for one in told}
        return {
            (object, id): [tasks[task] for task in joins.get(object, {}).get(id, ()) if task in tasks]
            for object, id in places
        }

    # people looked up

    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        """Contacts with these addresses (read, so as they are now) or numbers (searched), and their companies.

        An address that a contact has beside its first one finds it too (unconfirmed: described for the older API
        alone; where it is not so, such a person is not found).
        """
        asked = self._wanted(CONTACT)
        emails = [one.email for one in people if one.email]
        lane = min((one.lane for one in people), default=LANES["hot"])
        found = read_many(self.http, CONTACT.path, emails, asked, by="email", lane=lane) if emails else []
        found += self._by_phone([one.phone for one in people if one.phone], asked, lane)
        contacts = list({str(one["id"]): one for one in found}.values())
        made = self._live(CONTACT, contacts)
        companies = sorted({one.account for one in made if one.account})
        if companies:
            live = read_many(self.http, COMPANY.path, companies, self._wanted(COMPANY), lane=lane)
            made += self._live(COMPANY, live)
        return made

    def _by_phone(self, phones: Iterable[str], asked: Sequence[str], lane: int) -> list[Found]:
        found: list[Found] = []
        for some in batches(sorted(set(phones))):
            groups = [
                {"filters": [{"propertyName": name, "operator": "IN", "values": some}]}
                for name in ("phone", "mobilephone")
            ]
            body = {
                "filterGroups": groups, "sorts": ["hs_object_id"], "limit": 200, "after": "0",
                "properties": list(asked),
            }  # fmt: skip
            request = Request("POST", f"{CONTACT.path}/search", json=body, reads=True, rate=SEARCH, lane=lane)
            found += results(self.http.read(request).json(), CONTACT.path)
        return found


def _first(ids: Sequence[str] | None) -> str:
    """Of several the one with the lowest id: the same one each time."""
    return min(ids, key=lambda id: (len(id), id)) if ids else ""
