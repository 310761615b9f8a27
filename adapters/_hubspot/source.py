"""HubSpot as a marketing source: its streams, what it can do, what it must be given."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from adapters._hubspot.archived import ArchivedStream
from adapters._hubspot.contacts import PAGE, ContactStream
from adapters._hubspot.cursors import millis
from adapters._hubspot.email_events import EmailEventStream
from adapters._hubspot.events import EventStream
from adapters._hubspot.form_submissions import FormStream
from adapters._hubspot.records import CONTACTS, Contacts
from adapters._hubspot.settings import HubSpotSettings
from connector.model.adapter import Context, FieldInfo, SetupStep, SourceCapabilities
from connector.model.http import Http, Request
from connector.model.outbox import LANES
from connector.model.records import Page, Window

#: Read in this order, whatever the order in the settings: what people did is given to those that are known.
_ORDER = ("contacts", "archived", "form_submissions", "email_events", "events")


class HubSpotSource:
    """The marketing role."""

    def __init__(self, settings: HubSpotSettings, context: Context) -> None:
        self.settings = settings
        self.context = context
        self.capabilities = SourceCapabilities(
            streams=tuple(stream for stream in _ORDER if stream in settings.streams),
            contact_streams=("contacts", "archived"),
            page_size=PAGE,
            windows=True,
            reports_deletes="archived" in settings.streams,
            reports_merges=True,
            fill_rates=False,
        )

    @property
    def http(self) -> Http:
        """The portal."""
        if self.context.http is None:
            raise RuntimeError("HubSpot is reached by HTTP")
        return self.context.http

    def check(self) -> None:
        """Ask whose the token is, and for one contact."""
        self.http.read(Request("GET", "/account-info/v3/details", reads=True))
        self.http.read(Request("GET", CONTACTS, query={"limit": "1"}, reads=True))

    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        """Pages of `stream`. The first load, and a backfill, leave the account to what is urgent."""
        http, settings, now = self.http, self.settings, self._now()
        lane = LANES["backfill" if window is not None or '"since"' not in cursor else "normal"]
        if stream == "contacts":
            # What reps say there changes without telling marketing anything.
            contacts = Contacts(http, self.context.columns - self.context.stage_only, lane)
            return ContactStream(http, settings, contacts, now).pull(cursor, window)
        if stream == "archived":
            return iter(()) if window else ArchivedStream(http, settings, now, lane).pull(cursor)
        if stream == "email_events":
            return EmailEventStream(http, settings, now, lane).pull(cursor, window)
        if stream == "form_submissions":
            return FormStream(http, settings, now, lane).pull(cursor, window)
        return EventStream(http, settings, now, lane).pull(cursor, window)

    def _now(self) -> Callable[[], int]:
        return lambda: millis(self.context.now())

    def fields(self) -> list[FieldInfo]:
        """The properties of contacts, and of companies under `company.<name>` where the mapping reads any.

        The API does not tell how many contacts have a value.
        """
        from adapters._hubspot.vocabulary import fields

        found = fields(self.http, "contacts", "contacts")
        if any(name.startswith("company.") for name in self.context.columns):
            found += fields(self.http, "companies", "contacts", "company.")
        return found

    def setup(self) -> list[SetupStep]:
        """The properties that are written back, and the lists that leads join."""
        from adapters._hubspot.preparing import list_steps, property_steps

        written = [name for object in ("", "contact") for name in self.context.written.get(object, ())]
        steps = property_steps(self.http, dict.fromkeys(written)) if written else []
        return steps + list_steps(self.http, self.context.extra.get("lists", ()))
