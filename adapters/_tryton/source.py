"""Tryton as a marketing source: parties, the mail of its marketing automation, and who opened, clicked and left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from adapters._tryton import preparing
from adapters._tryton.api import Rest, Row, TrytonSettings
from adapters._tryton.values import first
from adapters._tryton.walk import MODIFIED, Walk, decode, encode
from connector.model.adapter import Context, FieldInfo, SetupStep, SourceCapabilities
from connector.model.answers import understood
from connector.model.errors import ConfigError
from connector.model.outbox import LANES
from connector.model.records import Page, Record, Window

CONTACTS = "contacts"
PARTY, SENT = "party.party", "marketing.automation.record.activity"
#: The types of contact mechanisms, and what an address has: columns of a contact.
MECHANISMS = ("email", "phone", "mobile", "fax", "website", "skype", "sip", "irc", "jabber", "other")
ADDRESS = ("street", "postal_code", "city", "attn")
#: What the link of a mail does that is followed: the picture in it, and what people click on.
EVENTS = {f"{SENT}|on_email_opened": "email_open", f"{SENT}|on_email_clicked": "email_click"}


@dataclass(frozen=True, slots=True)
class Stream:
    """What is read of one model: `made` makes the records of a page of it."""

    model: str
    names: tuple[str, ...]
    made: Callable[[TrytonSource, Sequence[Row]], Iterator[Record]]
    domain: tuple[Any, ...] = ()
    around: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Its models, and what else of theirs is read."""
        return (self.model, *self.beside)


class TrytonSource:
    """The parties of a database, or those of one category."""

    def __init__(self, settings: TrytonSettings, context: Context) -> None:
        self.settings, self.context = settings, context
        self.capabilities = SourceCapabilities(
            streams=tuple(one for one in STREAMS if one in settings.streams), page_size=settings.page_size,
            windows=True, reports_merges=True,
            fill_rates=False, sweeps=True,
        )  # fmt: skip

    @cached_property
    def rest(self) -> Rest:
        """The database."""
        if self.context.http is None:
            raise ConfigError(f"{self.context.connection}: tryton needs the network")
        return Rest(self.context.http, self.settings)

    @understood
    def check(self) -> None:
        """Sign in, and have the right to read all that is read. Raises AuthError, ConfigError."""
        preparing.prove(self.rest, self.context.connection, self._needs)

    @property
    def _needs(self) -> preparing.Needs:
        return {model: ("read",) for name in self.capabilities.streams for model in STREAMS[name].models}

    @understood
    def pull(self, stream: str, cursor: str, window: Window | None = None) -> Iterator[Page]:
        """Pages of what changed after `cursor`, or within `window`."""
        kind, state = STREAMS[stream], decode(cursor)
        if window is not None and not state:
            state = {"since": window.since.isoformat(), "until": window.until.isoformat()}
        elif window is not None and "until" not in state:
            return
        domain = [*kind.domain, *self._category(stream)]
        lane = LANES["normal" if "since" in state and "until" not in state else "backfill"]
        walk, told = Walk(self.rest, kind.model, kind.names, self.context.now, domain, kind.around, lane), False
        for found, state in walk.steps(state):  # noqa: B020 - the state goes on from page to page
            told = told or bool(found)
            state = {**state, "had": 1} if told else state
            changed = [{**row, MODIFIED: walk.changed(row)} for row in found]
            yield Page(stream, list(kind.made(self, changed)), encode(state))
        quiet = stream == CONTACTS and state.get("had") and not told and window is None
        if quiet and not self.rest.search(PARTY, domain, ["id"], size=1):
            yield Page(stream, [], encode({**state, "had": 0}), emptied=True)

    def _category(self, stream: str) -> list[Any]:
        wanted = self.settings.category
        return [["categories.name", "=", wanted]] if wanted and stream == CONTACTS else []

    @understood
    def fields(self) -> list[FieldInfo]:
        """What a contact has."""
        names = (
            "name",
            "person",
            "company",
            "code",
            *MECHANISMS,
            *ADDRESS,
            "country",
            "language",
            "categories",
            "active",
        )
        return [FieldInfo(CONTACTS, name) for name in names]

    @understood
    def setup(self) -> list[SetupStep]:
        """The rights of the user whose key it is, by hand; categories to write back to."""
        written = (name for names in self.context.written.values() for name in names)
        return [preparing.step(self.rest, self._needs), *preparing.categories(self.rest, written)]

    def contacts(self, found: Sequence[Row]) -> Iterator[Record]:
        """Parties, with the first contact mechanism of each type and the first address.

        Where the address names who reads it, that is the `person`, and the party the `company`.
        """
        for row in found:
            mechanisms, address = row["contact_mechanisms"], (row["addresses"] or [{}])[0]
            person = first(mechanisms, "email").get("name") or ""
            values = {
                "person": person or row["name"] or "", "company": row["name"] if person else "",
                "id": str(row["id"]), "name": row["name"] or "", "code": row["code"], "active": bool(row["active"]),
                "language": (row["lang"] or {}).get("code", ""),
                "categories": [one["name"] for one in row["categories"]],
                "country": (address.get("country") or {}).get("code", ""),
                **{kind: first(mechanisms, kind).get("value", "") for kind in MECHANISMS},
                **{name: address.get(name) or "" for name in ADDRESS},
            }  # fmt: skip
            made = _record(values, row[MODIFIED])
            made.merged_into = str(row["replaced_by"] or "")
            yield made

    def sent(self, found: Sequence[Row]) -> Iterator[Record]:
        """Mail that a scenario has sent."""
        for row in found:
            yield from _event(f"sent:{row['id']}", "email_sent", row["at"], row)

    def followed(self, found: Sequence[Row]) -> Iterator[Record]:
        """Links in such mail that somebody followed, each time."""
        wanted = {int(str(row["url"]["record"]).partition(",")[2]) for row in found}
        names = STREAMS["mail"].names
        mails = {one["id"]: one for one in self.rest.search(SENT, [["id", "in", sorted(wanted)]], names)}
        for row in found:
            url = row["url"]
            mail = mails.get(int(str(url["record"]).partition(",")[2]))
            event = EVENTS[url["method"]]
            page = {"page": url["redirect_url"]} if event == "email_click" else {}
            if mail is not None:
                yield from _event(f"followed:{row['id']}", event, row[MODIFIED], mail, page)

    def left(self, found: Sequence[Row]) -> Iterator[Record]:
        """Who unsubscribed from a scenario."""
        for row in found:
            yield from _event(f"left:{row['id']}", "unsubscribe", row[MODIFIED], {"record": row, "activity": {}})

    def listed(self, found: Sequence[Row]) -> Iterator[Record]:
        """Who is on a mailing list, and who is no longer; an address that was never confirmed is neither."""
        for row in found:
            if not row["active"] and not row["write_date"]:
                continue
            event, at = "subscribe" if row["active"] else "unsubscribe", row[MODIFIED]
            id = f"list:{row['id']}:{at}"
            values = {"id": id, "email": row["email"], "event": event, "at": at, "topic": row["list_"]["name"]}
            yield _record(values, at)


def _event(id: str, event: str, at: str, mail: Row, more: Mapping[str, Any] | None = None) -> Iterator[Record]:
    """What a party did with a mail; nothing where the scenario is about other records."""
    about, record = mail["record"] or {}, mail["activity"] or {}
    model, _, party = str(about.get("record") or "").partition(",")
    if model == PARTY:
        scenario = (about.get("scenario") or {}).get("name", "")
        values = {"id": id, "party": party, "event": event, "at": at, "campaign": scenario}
        yield _record({**values, "asset": record.get("name", ""), **(more or {})}, at)


def _record(values: Mapping[str, Any], at: str) -> Record:
    id = str(values["id"])
    return Record(id, values, where=id, modified_at=datetime.fromisoformat(at))


#: In the order to read them.
STREAMS = {
    CONTACTS: Stream(
        PARTY,
        (
            "name", "code", "active", "replaced_by", "lang.code", "categories.name", "addresses.country.code",
            *(f"contact_mechanisms.{name}" for name in ("type", "value", "name", "active")),
            *(f"addresses.{name}" for name in ADDRESS),
        ),
        TrytonSource.contacts, around=("contact_mechanisms", "addresses"),
        beside=("party.contact_mechanism", "party.address"),
    ),
    "mail": Stream(
        SENT, ("at", "record.record", "record.scenario.name", "activity.name"), TrytonSource.sent,
        (["state", "=", "done"], ["activity.action", "=", "send_email"]),
    ),
    "clicks": Stream(
        "web.shortened_url.access", ("url.method", "url.redirect_url", "url.record"), TrytonSource.followed,
        (["url.method", "in", [*EVENTS]],), beside=("web.shortened_url", SENT),
    ),
    "unsubscribed": Stream(
        "marketing.automation.record", ("record", "scenario.name"), TrytonSource.left, (["blocked", "=", True],)
    ),
    "lists": Stream("marketing.email", ("email", "active", "write_date", "list_.name"), TrytonSource.listed),
}  # fmt: skip
