"""HubSpot as a marketing source: its streams, what it can do, what it must be given."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from adapters._hubspot import splitting
from adapters._hubspot.archived import ArchivedStream
from adapters._hubspot.companies import CompanyStream
from adapters._hubspot.contacts import OF_COMPANY, PAGE, Contacts, ContactStream
from adapters._hubspot.cursors import millis, told_at
from adapters._hubspot.email_events import EmailEventStream
from adapters._hubspot.events import EventStream
from adapters._hubspot.form_submissions import FormStream
from adapters._hubspot.records import CONTACTS
from adapters._hubspot.settings import HubSpotSettings
from connector.model.adapter import Context, FieldInfo, Neighbour, SetupStep, SourceCapabilities
from connector.model.answers import understood
from connector.model.http import Http, Request
from connector.model.outbox import LANES
from connector.model.records import Page, Split, Window

#: Read in this order, whatever the order in the settings: what people did is given to those that are known.
_ORDER = ("contacts", "companies", "archived", "form_submissions", "email_events", "events")


class HubSpotSource:
    """The marketing role."""

    def __init__(self, settings: HubSpotSettings, context: Context) -> None:
        self.settings = settings
        self.context = context
        self._names: dict[str, str] = {}
        self.capabilities = SourceCapabilities(
            streams=tuple(stream for stream in _ORDER if stream in settings.streams and self._tells(stream)),
            contact_streams=("contacts", "companies", "archived"),
            page_size=PAGE,
            windows=True,
            reports_deletes="archived" in settings.streams,
            reports_merges=True,
            read_ahead=2,
            parts=settings.windows,
            fill_rates=False,
            sweeps=True,
        )

    def _tells(self, stream: str) -> bool:
        """Whether a stream has anything for the mapping."""
        return stream != "companies" or any(name.startswith(OF_COMPANY) for name in self.context.columns)

    @property
    def http(self) -> Http:
        """The portal."""
        if self.context.http is None:
            raise RuntimeError("HubSpot is reached by HTTP")
        return self.context.http

    @understood
    def check(self) -> None:
        """Ask whose the token is, and for one contact."""
        self.http.read(Request("GET", "/account-info/v3/details", reads=True))
        self.http.read(Request("GET", CONTACTS, query={"limit": "1"}, reads=True))

    @understood
    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        """Pages of `stream`. The first load, and a backfill, leave the account to what is urgent."""
        http, settings, now = self.http, self.settings, self._now()
        lane = LANES["normal" if window is None and '"since"' in cursor and '"stop"' not in cursor else "backfill"]
        if stream == "contacts":
            # What reps say there changes without telling marketing anything.
            contacts = Contacts(http, self.context.columns - self.context.stage_only, lane)
            return ContactStream(http, settings, contacts, now).pull(cursor, window)
        if stream == "companies":
            contacts = Contacts(http, self.context.columns - self.context.stage_only, LANES["normal"])
            return iter(()) if window else CompanyStream(http, settings, contacts, now).pull(cursor)
        if stream == "archived":
            return iter(()) if window else ArchivedStream(http, settings, now, lane).pull(cursor)
        if stream == "email_events":
            return EmailEventStream(http, settings, now, lane, self._names).pull(cursor, window)
        if stream == "form_submissions":
            return FormStream(http, settings, now, lane).pull(cursor, window)
        return EventStream(http, settings, now, lane).pull(cursor, window)

    @understood
    def split(self, stream: str, parts: int) -> Split | None:
        """Emails and events in windows of time; contacts in ranges of ids, where they are to be searched for."""
        divided = {"email_events", "events"} | ({"contacts"} if self.settings.contacts_by_search else set())
        if stream not in divided:
            return None
        # By the portal's clock: what came before ours, where it is ahead, would belong to no part.
        now = told_at(self.http.read(Request("GET", "/account-info/v3/details", reads=True)), self._now()())
        if stream == "contacts":
            return splitting.ContactRanges(self.http).split(now, parts)
        made = splitting.split_emails if stream == "email_events" else splitting.split_events
        return made(self.settings, now, parts)

    def _now(self) -> Callable[[], int]:
        return lambda: millis(self.context.now())

    @understood
    def fields(self) -> list[FieldInfo]:
        """The properties of contacts, and of companies under `company.<name>` where the mapping reads any.

        The API does not tell how many contacts have a value.
        """
        from adapters._hubspot.vocabulary import fields

        found = fields(self.http, "contacts", "contacts")
        if any(name.startswith("company.") for name in self.context.columns):
            found += fields(self.http, "companies", "contacts", "company.")
        return found

    @understood
    def setup(self) -> list[SetupStep]:
        """Scopes that are missing, the properties that are written back, and the lists that leads join."""
        from adapters._hubspot.around import scope_steps
        from adapters._hubspot.preparing import list_steps, property_steps

        written = [name for object in ("", "contact") for name in self.context.written.get(object, ())]
        steps = list(scope_steps(self.http, self.settings, self.capabilities.streams, millis(self.context.now())))
        steps += property_steps(self.http, dict.fromkeys(written)) if written else []
        return steps + list_steps(self.http, self.context.extra.get("lists", ()))

    @understood
    def beside(self) -> list[Neighbour]:
        """HubSpot's own connector to Salesforce, where it is in use."""
        from adapters._hubspot.around import neighbours

        written = [name for object in ("", "contact") for name in self.context.written.get(object, ())]
        return neighbours(self.http, written)
