"""A configuration once it has been read and proved: what every other part of the program sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from connector.model.durations import Duration
from connector.model.goals import Goal
from connector.model.roster import Member

if TYPE_CHECKING:
    from connector.steps.alike.likeness import Weights
    from connector.steps.conditions.compiler import Condition
    from connector.steps.content import Library
    from connector.steps.mapping.compiler import CompiledMapping
    from connector.steps.routing.rules import Routing
    from connector.steps.scoring.compiler import Criteria

Mode = Literal["observe", "review", "live"]

#: Working hours by weekday, 0 is Monday: the spans of a day, each from and until, by the wall clock. One that does
#: not end later than it begins goes on into the next day.
Hours = Mapping[int, tuple[tuple[time, time], ...]]


@dataclass(frozen=True, slots=True)
class Currency:
    """Amounts keep their own currency; sums are made in `report_in`, times its `rates` by code."""

    report_in: str
    rates: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keep:
    """How long what is stored stays, by what it is; None is always."""

    activities: Duration | None
    decisions: Duration | None
    outbox: Duration | None
    images: Duration | None
    reviews: Duration | None
    runs: Duration | None
    plans: Duration | None
    trail: Duration | None
    traces: Duration | None


@dataclass(frozen=True, slots=True)
class Identity:
    """By which points two people, and two organisations, count as one, and whether leads are compared at all."""

    person: Weights
    organisation: Weights
    compare: bool = True


@dataclass(frozen=True, slots=True)
class Connection:
    """One account of one platform. `settings` is of the adapter's own type."""

    name: str
    type: str
    account: str
    settings: Any
    mapping: CompiledMapping
    daily_calls: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """What runs when. `rescore` and `sweep` are `HH:MM` on the clock of the config's zone."""

    pull: Duration
    bring_back: Duration
    rescore: str
    sweep: str
    reports: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Publish:
    """What is put into CRMs that can show it, beside the leads: `goals`, `review`, `playbook`.

    Each day at `at` (`HH:MM` on the clock of the config's zone), "" for only when somebody asks.
    """

    what: tuple[str, ...] = ("goals",)
    at: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """People who share leads. `holidays` are codes of calendars (`DE-BE`) and days; `deputy` is the manager's."""

    name: str
    manager: str
    members: tuple[Member, ...]
    hours: Hours
    zone: ZoneInfo
    language: str
    holidays: tuple[str | date, ...] = ()
    notify: str = ""
    deputy: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who differs from their team.

    `deputy` (an email) takes what would be theirs while they are away; `notify` is the name of the secret that holds
    their address for notices; `addresses` says by connection under which address a system knows them.
    """

    email: str
    language: str = ""
    zone: ZoneInfo | None = None
    hours: Hours | None = None
    deputy: str = ""
    notify: str = ""
    addresses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mail:
    """The name of the secret that holds the mail server's address, and whom notices come from; "" for none."""

    server: str = ""
    sender: str = ""


@dataclass(frozen=True, slots=True)
class Quiet:
    """The span of a day (wall clock of whoever is told, over midnight too) in which nobody is told, None for none.

    Notices of the kinds in `digest` are told together, once a day, at `digest_at`.
    """

    hours: tuple[time, time] | None = None
    digest: frozenset[str] = frozenset()
    digest_at: time = time(8, 30)


@dataclass(frozen=True, slots=True)
class Proxy:
    """The web server before the desk.

    It calls from `trusted` (addresses or networks), names the user in `header`, and sends along the secret whose name
    is `proof`.
    """

    trusted: tuple[str, ...] = ()
    header: str = "X-Forwarded-Email"
    proof: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the desk is, and who signs its users in.

    `socket` is the path of a Unix socket, "" for none. `base_url` is without a slash at its end, "" where links in
    notices have none to begin with. Sessions end after `session`, or after `idle` without a request. `hooks` are
    connections whose platforms may tell by themselves that something has moved.
    """

    host: str = "127.0.0.1"
    port: int = 8377
    socket: str = ""
    base_url: str = ""
    sign_in: Literal["link", "logins", "proxy"] = "link"
    session: Duration = field(default_factory=lambda: Duration(12 * 3600))
    idle: Duration = field(default_factory=lambda: Duration(3600))
    links: Duration = field(default_factory=lambda: Duration(7 * 86_400))
    proxy: Proxy = field(default_factory=Proxy)
    unencrypted: bool = False
    hooks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Contact:
    """By when first contact is due after the handoff: for hot leads, and for the others."""

    hot: Duration
    other: Duration


@dataclass(frozen=True, slots=True)
class Breach:
    """What happens at a breach of the clock: `tell rep`, `tell manager` or `reassign`, `after` some time."""

    do: str
    after: Duration | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """The agreed times of a flow. `remind` are shares of the time, 0 to 1.

    Who lets `pause_after` handoffs in a row go overdue gets no more until somebody says otherwise; 0 is never.
    """

    contact: Contact
    touch: tuple[str, ...]
    not_by: tuple[str, ...]
    remind: tuple[float, ...]
    breach: tuple[Breach, ...]
    pause_after: int = 0


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of rejection and its effect: a list to join, when to come back, who mends."""

    name: str
    list: str = ""
    back_after: Duration | None = None
    back_when: Condition | None = None
    mend_by: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """Sources, who is taken, criteria, routing, clock, CRM.

    `fields` says who wins by canonical field; a field not named is `prefer_crm_unless_blank`. `orders` holds the order
    of the sources of fields that have one of their own.
    `changes_per_run` is a share from 0 to 1. `mend_by` is who mends the data of its leads, "" for the team's manager.
    `table` is the flow as it was read, with the shipped defaults in place. `briefs` are texts of templates by
    language; none: the shipped brief.
    A change of its criteria that moves more than `accept_over` leads waits (0: none does): then `edited` is the flow as
    it stands in the files, and what decides here is the version before.
    """

    name: str
    sources: tuple[str, ...]
    crm: str
    takes: Condition | None
    mode: Mode
    start: date | None
    handoffs_per_day: int | None
    changes_per_run: float
    required: tuple[str, ...]
    mend_by: str
    existing: Mapping[str, str]
    criteria: Criteria
    routing: Routing
    clock: Clock
    reasons: Mapping[str, Reason]
    fields: Mapping[str, str]
    orders: Mapping[str, tuple[str, ...]]
    language: str
    zone: ZoneInfo
    table: Mapping[str, Any]
    briefs: Mapping[str, str] = field(default_factory=dict)
    accept_over: int = 0
    edited: Flow | None = None

    @property
    def as_written(self) -> Flow:
        """The flow as it stands in the files."""
        return self.edited or self


@dataclass(frozen=True, slots=True)
class Config:
    """Everything an admin has said. `flows` stand in the order in which they are asked.

    `root` is the folder of `config.toml` (absolute), which relative paths start from. `database`
    is the absolute path of an SQLite file, or a URL whose password is a reference to a secret
    (`${name}`). `files` are all files that were read, `digest` is a hash of their contents.
    """

    root: Path
    path: Path
    language: str
    timezone: str
    zone: ZoneInfo
    region: str
    currency: Currency
    fiscal_year_starts: int
    keep: Keep
    database: str
    secrets_backend: str
    connections: Mapping[str, Connection]
    schedule: Schedule
    teams: Mapping[str, Team]
    people: Mapping[str, Person]
    notices: Mapping[str, tuple[str, ...]]
    mail: Mail
    quiet: Quiet
    flows: Mapping[str, Flow]
    goals: Mapping[str, Goal]
    identity: Identity
    library: Library
    files: tuple[Path, ...]
    digest: str
    desk: Desk = field(default_factory=Desk)
    publish: Publish = field(default_factory=Publish)

    @property
    def everybody(self) -> frozenset[str]:
        """The emails of all who are named: members of teams, managers, people, deputies."""
        named = {one.email for team in self.teams.values() for one in team.members} | self.people.keys()
        named |= {one.deputy for team in self.teams.values() for one in team.members}
        named |= {who for team in self.teams.values() for who in (team.manager, team.deputy)}
        return frozenset(named | {person.deputy for person in self.people.values()}) - {""}

    def language_of(self, email: str) -> str:
        """The language to write to someone in: their own, else their team's, else the one on top."""
        person = self.people.get(email)
        if person and person.language:
            return person.language
        return next((team.language for team in self._teams_of(email)), self.language)

    def zone_of(self, email: str) -> ZoneInfo:
        """The time zone someone works in: their own, else their team's, else the one on top."""
        person = self.people.get(email)
        if person and person.zone:
            return person.zone
        return next((team.zone for team in self._teams_of(email)), self.zone)

    def address_at(self, connection: str, email: str) -> str:
        """The address under which a connection knows someone: their own there, else their email."""
        person = self.people.get(email)
        return person.addresses.get(connection, email) if person else email

    def email_of(self, connection: str, address: str) -> str:
        """The email of whom a connection knows under this address; the address itself where nobody is named by it."""
        folded = address.casefold()
        known = (
            person.email for person in self.people.values() if person.addresses.get(connection, "").casefold() == folded
        )
        return next(known, address) if folded else address

    def deputy_of(self, email: str) -> str:
        """Who takes what would be theirs while they are away, "" for nobody: as a person, in a team, as its manager."""
        person = self.people.get(email)
        named = [person.deputy] if person else []
        for team in self._teams_of(email):
            named += [member.deputy for member in team.members if member.email == email]
            named += [team.deputy] if team.manager == email else []
        return next((one for one in named if one), "")

    def _teams_of(self, email: str) -> list[Team]:
        return [
            team
            for team in self.teams.values()
            if email == team.manager or any(email == member.email for member in team.members)
        ]
