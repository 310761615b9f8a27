"""What a portal lets our token do, stream by stream, and who else connects it with a CRM.

Scopes as HubSpot names them (developers.hubspot.com, "Scopes"; for event occurrences its description names none).
HubSpot's own connector to Salesforce keeps the ids of the people it has linked in the contact's properties
`salesforceleadid` and `salesforcecontactid` (knowledge.hubspot.com, "HubSpot's default contact properties").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from adapters._hubspot import email_events, events, form_submissions
from adapters._hubspot.api import SEARCH
from adapters._hubspot.cursors import iso
from adapters._hubspot.records import CONTACTS, object_with
from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.vocabulary import properties
from connector.model import sentences
from connector.model.adapter import Neighbour, SetupStep
from connector.model.errors import ConfigError
from connector.model.http import Http, Request

#: A contact who became a contact there counts as that, not as the lead it was.
LINKS = ("salesforcecontactid", "salesforceleadid")
_SECOND = 1000


def scope_steps(http: Http, settings: HubSpotSettings, streams: Iterable[str], now: int) -> Iterator[SetupStep]:
    """A step for each stream that asks for a scope of its own and may not be read. One call for each of them."""
    for stream in streams:
        probe = _probe(settings, stream, now)
        if probe and not _is_open(http, probe[1]):
            scope = probe[0]
            what = sentences.SETUP_SCOPE % {"scope": scope, "stream": stream}
            by_hand = (sentences.SETUP_SCOPE_APP % {"scope": scope}, sentences.SETUP_SCOPE_OR % {"stream": stream})
            yield SetupStep(what, False, by_hand=by_hand)


def _probe(settings: HubSpotSettings, stream: str, now: int) -> tuple[str, Request] | None:
    """The scope that a stream needs, and a call that is refused without it."""
    if stream == "form_submissions":
        return "forms", Request("GET", form_submissions.FORMS, query={"limit": "1"}, reads=True)
    if stream == "email_events":
        query = {"startTimestamp": str(now - _SECOND), "endTimestamp": str(now), "limit": "1"}
        return "content", Request("GET", email_events.EVENTS, query=query, reads=True)
    if stream == "events" and settings.events:
        query = {
            "objectType": "contact", "eventType": settings.events[0], "limit": "1",
            "occurredAfter": iso(now - _SECOND), "occurredBefore": iso(now),
        }  # fmt: skip
        return "events API (Enterprise)", Request("GET", events.EVENTS, query=query, reads=True)
    return None


def _is_open(http: Http, request: Request) -> bool:
    try:
        http.read(request)
    except ConfigError:
        return False
    return True


def neighbours(http: Http, written: Sequence[str]) -> list[Neighbour]:
    """HubSpot's connector to Salesforce, where it has linked anybody."""
    there = {str(one["name"]) for one in properties(http, "contacts")}
    links = tuple(name for name in LINKS if name in there)
    if not links or not _anybody(http, links):
        return []
    shared = tuple(name for name in dict.fromkeys(written) if not name.startswith("baton_"))
    return [Neighbour(sentences.HUBSPOT_TO_SALESFORCE, links, shared)]


def _anybody(http: Http, names: Sequence[str]) -> bool:
    groups = [{"filters": [{"propertyName": name, "operator": "HAS_PROPERTY"}]} for name in names]
    body = {"filterGroups": groups, "limit": 1, "properties": [names[0]], "sorts": [], "after": "0"}
    found = http.read(Request("POST", f"{CONTACTS}/search", json=body, reads=True, rate=SEARCH)).json()
    return bool(object_with(found, "total", CONTACTS)["total"])
