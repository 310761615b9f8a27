"""HubSpot as a CRM, and as a marketing platform that is told what became of its contacts.

A lead is a contact. It is made by an upsert on the unique property `baton_id`, with a company found by its domain or
made, and a task and a note that carry `baton_key` and are created together with their association. Written back are
properties of contacts by id, and memberships of lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from adapters._hubspot.answers import FIELD_CODES, NOT_FOUND, REFUSAL_KINDS
from adapters._hubspot.archiving import DELETES, archive
from adapters._hubspot.calls import OneWrite, batches
from adapters._hubspot.changes import STREAMS, SWEPT, Changes
from adapters._hubspot.crm_fields import crm_fields, crm_steps
from adapters._hubspot.finding import Finder
from adapters._hubspot.joining import join
from adapters._hubspot.lists import Lists
from adapters._hubspot.objects import BATCH, CONTACT, KINDS
from adapters._hubspot.preferences import Preferences
from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.writing import Writer
from connector.model import sentences
from connector.model.adapter import Context, CrmCapabilities, FieldInfo, FindItem, SetupStep, WriteItem
from connector.model.answers import understood
from connector.model.http import Http, Request
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import Found, NotExecuted, Outcome, Refused

OBJECTS = ("lead", "company", "association", "sales_lead", "task", "note", "contact", "membership", "consent")
#: Seconds. HubSpot names no bound for how long a request may still take effect after it was given up; its gateway
#: ends requests after 10 seconds (https://developers.hubspot.com/docs/api-reference/error-handling, 502 and 504).
SETTLE = 15.0


class HubSpotCrm:
    """The sales role, and the half of the marketing role that writes."""

    def __init__(self, settings: HubSpotSettings, context: Context) -> None:
        self.settings = settings
        self.context = context
        objects = tuple(name for name in OBJECTS if settings.sales_leads or name != "sales_lead")
        self.capabilities = CrmCapabilities(
            objects=objects,
            unique_key="field",
            find="consistent",
            settle=SETTLE,
            max_batch=BATCH,
            batch="per_item",
            correlate="trace",
            reports_deletes=True,
            merge_redirect=True,
            streams=STREAMS,
            sweeps=SWEPT,
            look_up_batch=BATCH,
            read_ahead=2,
            writers=4,
            read_back_lag=float(settings.lag_seconds),
            vocabulary=True,
            field_codes=FIELD_CODES,
            refusal_kinds=REFUSAL_KINDS,
            key_fields={name: KINDS[name].key for name in objects if name in KINDS},
            lead_is="contact",
            apart=True,
            ended={"task": {"hs_task_status": "COMPLETED"}},
            deletes=tuple(name for name in DELETES if name in objects),
        )
        self._lists: Lists | None = None
        self._changes: Changes | None = None

    @property
    def http(self) -> Http:
        """The portal."""
        if self.context.http is None:
            raise RuntimeError("HubSpot is reached by HTTP")
        return self.context.http

    @property
    def lists(self) -> Lists:
        """The lists of the portal."""
        self._lists = self._lists or Lists(self.http)
        return self._lists

    @property
    def _reading(self) -> Changes:
        self._changes = self._changes or Changes(self.http, self.settings, self.context)
        return self._changes

    @understood
    def check(self) -> None:
        """Ask whose the token is, and for one contact. Raises AuthError, ConfigError."""
        self.http.read(Request("GET", "/account-info/v3/details", reads=True))
        self.http.read(Request("GET", CONTACT.path, query={"limit": "1"}, reads=True))

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Create or update; one call for each object and kind of write, more only where a batch is refused whole."""
        found: dict[int, Outcome] = {}
        http = OneWrite(self.http)
        for (object, creates), places in _groups(items).items():
            for some in _rounds(items, places):
                answers = self._send(http, object, [items[place] for place in some], creates=creates)
                found.update(zip(some, answers, strict=True))
        return [found[place] for place in range(len(items))]

    def _send(self, http: Http, object: str, items: Sequence[WriteItem], *, creates: bool) -> list[Outcome]:
        if object == "association":
            return join(http, items)
        if object == "membership":
            return self.lists.through(http).write(items)
        if object == "consent":
            return Preferences(http).write(items)
        if object not in KINDS:
            return [Refused(sentences.NO_SUCH_KIND % {"object": object}, "UNKNOWN_OBJECT")] * len(items)
        writer = Writer(http, KINDS[object], self.context.now)
        if not creates:
            return _valid_ids(items, writer.update)
        if object == "sales_lead" and not all(item.parent_id for item in items):
            return [NotExecuted(sentences.WAITS_FOR_OTHERS)] * len(items)
        return writer.create(items)

    def delete(self, items: Sequence[FindItem]) -> list[Outcome]:
        """Into the recycle bin; a person can restore them."""
        return archive(self.http, items)

    @understood
    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """Read by id, else by our key."""
        return Finder(self.http, self.lists, self.context.written).find(items)

    @understood
    def fields(self) -> list[FieldInfo]:
        """The properties of all objects that are written."""
        return crm_fields(self.http, self.capabilities.objects, self._reading.owners())

    @understood
    def changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """Pages of what changed in `stream`."""
        return self._reading.pages(stream, cursor)

    @understood
    def sweep(self, stream: str, cursor: str, since: datetime) -> Iterator[CrmPage]:
        """The same since a moment, by searches. Deletions have a list that is walked whole."""
        return self._reading.sweep(stream, cursor, since)

    @understood
    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        """Contacts by address and number, with their companies."""
        return self._reading.look_up(people)

    @understood
    def tasks_of(self, records: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[CrmRecord]]:
        """Our tasks by the contact, company or deal that they hang on."""
        return self._reading.tasks_of(records)

    def setup(self) -> list[SetupStep]:
        """Our keys, and the properties that the mapping writes."""
        return crm_steps(self.http, self.capabilities.objects, self.context.written, self.context.columns)


def _groups(items: Sequence[WriteItem]) -> dict[tuple[str, bool], list[int]]:
    """The places of items by object and by whether they create. A contact that is written back to is there."""
    groups: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        groups[item.object, not item.crm_id and item.object != "contact"].append(place)
    return groups


def _rounds(items: Sequence[WriteItem], places: Sequence[int]) -> Iterator[list[int]]:
    """The places in calls of at most a batch, none of which has one object twice: HubSpot refuses that."""
    rest = list(places)
    while rest:
        now: dict[str, int] = {}
        for place in rest:
            now.setdefault(items[place].crm_id or items[place].our_key, place)
        yield from batches(now.values())
        rest = [place for place in rest if place not in set(now.values())]


def _valid_ids(items: Sequence[WriteItem], update: Callable[[Sequence[WriteItem]], list[Outcome]]) -> list[Outcome]:
    """Update those whose id can be one; any other is of nothing."""
    asked = [replace(item, crm_id=item.crm_id or item.our_key) for item in items]
    fit = [item for item in asked if item.crm_id.isdigit()]
    answers = iter(update(fit) if fit else [])
    return [next(answers) if item.crm_id.isdigit() else Refused(sentences.GONE, NOT_FOUND) for item in asked]
