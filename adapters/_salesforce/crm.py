"""Salesforce in the sales role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from adapters._salesforce import gone, records
from adapters._salesforce.api import CALL_SECONDS
from adapters._salesforce.changes import Stream, Walk, streams
from adapters._salesforce.cursors import Cursor
from adapters._salesforce.deleting import DELETES, delete
from adapters._salesforce.describing import Describer
from adapters._salesforce.finding import Finder, Searcher, tasks_of
from adapters._salesforce.objects import SOBJECTS, stamp
from adapters._salesforce.query import Org
from adapters._salesforce.refusals import FIELD_CODES, REFUSAL_KINDS
from adapters._salesforce.settings import SalesforceSettings
from adapters._salesforce.writing import LAST_START, MOST, Writer
from connector.model import sentences
from connector.model.adapter import Context, CrmCapabilities, FieldInfo, FindItem, SetupStep, WriteItem
from connector.model.answers import understood
from connector.model.errors import ConfigError
from connector.model.http import Http
from connector.model.mirror import CrmPage, CrmRecord, Wanted
from connector.model.outbox import LANES, Found, Outcome

#: How long a request may still take effect that we gave up on: an Apex transaction ends after ten
#: minutes (developer.salesforce.com: apexcode, apex_gov_limits).
SETTLE = 600.0
#: For what cannot be there twice a shorter wait will do: what comes later still is found by the second look.
SETTLE_KNOWN = 120.0
SWEPT = ("user", "account", "contact", "lead", "opportunity", "task")
STREAMS = (*SWEPT, "event", *gone.DELETED)


class SalesforceCrm:
    """One org."""

    def __init__(self, settings: SalesforceSettings, context: Context) -> None:
        self.settings, self.context = settings, context
        self.capabilities = self._capabilities()

    def _capabilities(self) -> CrmCapabilities:
        by_parent = {"unique_key": "none", "find": "parent"}
        differing: dict[str, dict[str, Any]] = {
            "lead": {"settle": SETTLE_KNOWN},
            "contact": {"unique_key": "none", "settle": SETTLE_KNOWN},
            "member": by_parent,
            "task": {"settle": SETTLE_KNOWN} if self.settings.task_key else by_parent,
        }
        key_fields = {"lead": self.settings.external_id}
        return CrmCapabilities(
            objects=("lead", "task", *(("member",) if self._has_members() else ()), "contact"),
            settle=SETTLE,
            max_batch=MOST,
            correlate="position",
            reports_deletes=True,
            merge_redirect=True,
            trims_text=True,
            deadline=LAST_START.total_seconds() + CALL_SECONDS,
            read_ahead=1,
            writers=4,
            streams=STREAMS,
            sweeps=SWEPT,
            look_up_batch=100,
            vocabulary=True,
            field_codes=FIELD_CODES,
            refusal_kinds=REFUSAL_KINDS,
            key_fields=key_fields | ({"task": self.settings.task_key} if self.settings.task_key else {}),
            exceptions=differing,
            tells_blank=True,
            apart=True,
            ended={"task": {"Status": "Completed"}},
            deletes=DELETES,
        )

    def _has_members(self) -> bool:
        """Whether leads become members of a campaign: one is set, or the mapping says which."""
        mapped = [name for key, names in self.context.written.items() if key.casefold() == "member" for name in names]
        return bool(self.settings.campaign) or "campaignid" in {name.casefold() for name in mapped}

    @cached_property
    def http(self) -> Http:
        """The way to the org."""
        if self.context.http is None:
            raise ConfigError(f"{self.context.connection}: salesforce needs the network")
        return self.context.http

    @cached_property
    def org(self) -> Org:
        """Reads of the org."""
        return Org(self.http, self.settings.api_version)

    @cached_property
    def describer(self) -> Describer:
        """What the org has."""
        return Describer(self.org, self.settings, self.context.written)

    @cached_property
    def _streams(self) -> dict[str, Stream]:
        settings, context = self.settings, self.context
        return streams(
            self.org, context.written, context.columns, settings.external_id, settings.task_key,
            settings.customer_types, context.store_id,
        )  # fmt: skip

    @understood
    def check(self) -> None:
        """Sign in, see leads, and find the field for our key. Raises AuthError or ConfigError."""
        if not self.describer.org.describe("Lead").get("fields"):
            raise ConfigError(f"{self.context.connection}: {sentences.NO_RIGHT_THERE % {'object': 'Lead'}}")
        if not self.describer.key_is_there():
            values = {"field": self.settings.external_id, "connection": self.context.connection}
            raise ConfigError(f"{self.context.connection}: {sentences.NO_KEY_FIELD % values}")

    def write(self, items: Sequence[WriteItem]) -> list[Outcome]:
        """Write up to 200 items; one outcome for each."""
        writer = Writer(
            self.http, self.org, self.settings, self.describer.explain, self.describer.campaign, self.context.now
        )
        return writer.write(items)

    def delete(self, items: Sequence[FindItem]) -> list[Outcome]:
        """Into the recycle bin; a person can restore them."""
        return delete(self.http, self.org, items, self.describer.explain)

    @understood
    def find(self, items: Sequence[FindItem]) -> list[Found]:
        """Look records up by id, by our key, or by what they hang on."""
        campaign = self.describer.campaign() if any(item.object == "member" for item in items) else ""
        settings = self.settings
        finder = Finder(self.org, self.context.written, settings.external_id, settings.task_key, campaign)
        return finder.find(items)

    @understood
    def fields(self) -> list[FieldInfo]:
        """The fields of what can be written, as the org has them now."""
        self.describer.ask_anew()
        return self.describer.fields(object for object in self.capabilities.objects if object in SOBJECTS)

    @understood
    def changes(self, stream: str, cursor: str) -> Iterator[CrmPage]:
        """Pages of what changed in `stream` after `cursor`."""
        now = self.context.now()
        if stream in gone.DELETED:
            object, _ = gone.DELETED[stream]
            yield from gone.deleted(self.org, stream, cursor, now, self.capabilities.key_fields.get(object, ""))
        elif stream == "event":
            yield from gone.events(self.org, cursor, now)
        else:
            yield from Walk(self.org, self._streams[stream], cursor, now).pages()

    @understood
    def sweep(self, stream: str, cursor: str, since: datetime) -> Iterator[CrmPage]:
        """The same walk from a moment on, however long ago. Deletions and meetings have windows of their own."""
        begin = cursor or Cursor(at=stamp(since)).kept()
        walk = Walk(self.org, self._streams[stream], begin, self.context.now(), LANES["backfill"])
        yield from walk.pages()

    @understood
    def look_up(self, people: Sequence[Wanted]) -> list[CrmRecord]:
        """Leads and contacts with any of these addresses and numbers."""
        settings = self.settings
        return Searcher(self.org, self._names(), settings.external_id, settings.customer_types).look_up(people)

    def tasks_of(self, records: Sequence[tuple[str, str]]) -> dict[tuple[str, str], list[CrmRecord]]:
        """Our tasks by the person, account or deal that they hang on."""
        return tasks_of(self.org, records, self.settings.task_key, self.context.store_id)

    def _names(self) -> Mapping[str, Sequence[str]]:
        # Status, reason and rating are a lead's; whom a contact is matched with does not depend on them.
        written, columns = self.context.written, self.context.columns
        return {
            "lead": records.names_of(written, columns, "lead"),
            "contact": records.names_of(written, (), "contact"),
        }

    @understood
    def setup(self) -> list[SetupStep]:
        """What the org must be given first, by hand."""
        return self.describer.setup()
