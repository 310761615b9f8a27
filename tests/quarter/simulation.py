"""A quarter of handoffs in Tokyo, Berlin and New York, on a clock that stands still between what happens.

    python -m tests.quarter.checking --handoffs 5000 --seed 1

Leads come at any minute of day and night; reps accept and call, in time, late or never, some are away. Whatever time
does is done at the very minute at which the store says that something is due.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from adapters._world import Thing
from connector.app import App, open_app
from connector.config import load
from connector.model.follow_up import Absence
from connector.model.handoff import Handoff, HandoffEvent, Turn
from connector.model.notices import Message
from connector.model.outbox import Done, OutboxRow, Outcome
from connector.runs.bring_back import bring_back
from connector.runs.follow_up import follow_up
from connector.runs.sync import sync

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: Both changes of the clock, in Berlin (25 October) and in New York (1 November), and holidays of all three.
FIRST = datetime(2026, 10, 1, tzinfo=UTC)
#: Company days beside the calendars.
OWN_DAYS = (date(2026, 12, 24), date(2026, 12, 31))
TEAMS = {
    "tokyo": ("Asia/Tokyo", "JP", {0: "yuki", 1: "sora", 2: "kumi", 3: "jun"}),
    "berlin": ("Europe/Berlin", "DE-BE", {0: "lena", 1: "tom", 2: "ines", 3: "karl"}),
    "newyork": ("America/New_York", "US-NY", {0: "mary", 1: "bob", 2: "sue", 3: "al"}),
}
COUNTRIES = {"tokyo": "JP", "berlin": "DE", "newyork": "US"}
WEIGHTS = (2, 1, 1, 1)
HOURS = {
    "tokyo": 'Mon-Fri = "09:00-12:00, 13:00-18:00"',
    "berlin": 'Mon-Thu = "09:00-17:30", Fri = "09:00-15:00"',
    "newyork": 'Sat = "21:30-03:00", Mon-Thu = "08:30-17:00", Fri = "08:30-13:00"',
}
CONFIG = """\
version = 1
timezone = "UTC"
database = "quarter.db"
secrets = {{ backend = "environment" }}
[mail]
server = "mail-server"
sender = "baton@northwind.example"
[connections.portal]
type = "memory"
[connections.crm]
type = "memory"
mapping = "crm.toml"
crm_streams = ["user", "lead", "task"]
{teams}
[flows.b2b]
sources = ["portal"]
crm = "crm"
mode = "live"
required = ["email"]
[flows.b2b.gates]
mql = {{ activity = "demo_request", within = "30 days" }}
hot = {{ activity = "meeting", within = "30 days" }}
sal = {{ by = "owner", within = "1 working day" }}
[flows.b2b.routing]
order = [
  {{ when = {{ field = "country", is = "JP" }}, to = "tokyo" }},
  {{ when = {{ field = "country", is = "DE" }}, to = "berlin" }},
  {{ to = "newyork" }},
]
[flows.b2b.clock]
contact = {{ hot = "30 working min", other = "4 working hours" }}
remind  = ["50 %", "80 %"]
breach  = ["tell rep", "tell manager", {{ after = "1 working day", do = "reassign" }}]
"""


def email(name: str) -> str:
    """The address of a rep."""
    return f"{name}@northwind.example"


def config_text() -> str:
    """`config.toml` of the three teams."""
    teams = []
    for name, (zone, calendar, people) in TEAMS.items():
        members = ", ".join(
            f'{{ email = "{email(person)}", weight = {WEIGHTS[place]} }}' for place, person in people.items()
        )
        days = ", ".join(day.isoformat() for day in OWN_DAYS)
        teams.append(
            f'[teams.{name}]\nmanager = "{email("boss-" + name)}"\nmembers = [{members}]\nhours = {{ {HOURS[name]} }}\n'
            f'timezone = "{zone}"\nholidays = ["{calendar}", {days}]\n'
        )
    return CONFIG.format(teams="\n".join(teams))


@dataclass
class Quarter:
    """One simulated stretch of `days` days with about `handoffs` handoffs."""

    folder: Path
    handoffs: int
    seed: int
    first: datetime = FIRST
    days: int = 92
    now: datetime = FIRST
    chance: random.Random = field(init=False)
    app: App = field(init=False)
    counts: Counter[str] = field(default_factory=Counter)
    letters: Counter[str] = field(default_factory=Counter)
    absences: list[Absence] = field(default_factory=list)
    _plan: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    _number: int = 0
    _things: dict[int, Thing] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        (self.folder / "config.toml").write_text(config_text(), "utf-8")
        (self.folder / "crm.toml").write_text('[read.stage]\ntable = { sal = "sal" }\n', "utf-8")
        self.now = self.first
        self.app = open_app(load(self.folder / "config.toml"), lambda: self.now)
        crm = self.app.crm("crm").world  # type: ignore[attr-defined]
        for _, _, people in TEAMS.values():
            for person in people.values():
                crm.make("user", {"email": email(person)}, self.now, crm_id=f"U-{person}")

    # what happens

    def run(self) -> None:
        """Play the whole quarter, and a week more in which nothing new comes."""
        self._absences()
        for number in range(1, self.handoffs + 1):
            minute = self.chance.randrange((self.days - 1) * 24 * 60)
            self._at(self.first + minute * MINUTE, lambda number=number: self._arrives(number))  # type: ignore[misc]
        end = self.first + (self.days + 21) * DAY
        while (moment := self._next()) is not None and moment <= end:
            self.now = moment
            while self._plan and self._plan[0][0] <= moment:
                heapq.heappop(self._plan)[2]()
            runtime = self.app.runtime()
            follow_up(runtime, self.app.rows(), self.counts)

    def _next(self) -> datetime | None:
        with self.app.store.read() as tx:
            due = tx.handoff_events.due(self.first + 400 * DAY, 1)
        moments = [one.next_at for one in due if one.next_at] + [plan[0] for plan in self._plan[:1]]
        return max(min(moments), self.now) if moments else None

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._plan, (moment, self._number, act))

    def _absences(self) -> None:
        """Everybody is away once or twice, for hours or for two weeks; never all of a team at once."""
        for _, _, people in TEAMS.values():
            for place, person in people.items():
                begin = self.first + (7 + 18 * place) * DAY + self.chance.randrange(24 * 60) * MINUTE
                end = begin + self.chance.choice([5 * HOUR, 3 * DAY, 14 * DAY])
                absence = Absence(email(person), begin, end)
                self.absences.append(absence)
                with self.app.store.write() as tx:
                    tx.rosters.add_absence(absence, self.first)

    def _arrives(self, number: int) -> None:
        team = self.chance.choice(list(TEAMS))
        portal = self.app.source("portal").world  # type: ignore[attr-defined]
        person = {
            "id": str(number), "email": f"p{number}@firm{number}.example", "country": COUNTRIES[team],
            "name.given": f"Given{number}", "name.family": f"Family{number}",
        }  # fmt: skip
        portal.put("contacts", str(number), person, self.now)
        kinds = ["demo_request", "meeting"] if self.chance.random() < 0.2 else ["demo_request"]
        for kind in kinds:
            at = (self.now - MINUTE).isoformat()
            portal.put(
                "activities",
                f"{number}-{kind}",
                {"id": f"{number}-{kind}", "person": str(number), "event": kind, "at": at},
                self.now,
            )
        sync(self.app.runtime(notifier=lambda: self), self.app.rows)
        self._answers(number)

    def _answers(self, number: int) -> None:
        """A rep accepts and calls: soon, later than agreed, or never."""
        when = self.chance.choice([20 * MINUTE, 2 * HOUR, 9 * HOUR, DAY, 4 * DAY, 9 * DAY, None])
        if when is not None:
            wait = timedelta(minutes=self.chance.randrange(1, int(when.total_seconds() // 60)))
            self._at(self.now + wait, lambda: self._calls(number))
        if self.chance.random() < 0.8:
            wait = timedelta(minutes=self.chance.randrange(1, 5 * 24 * 60))
            self._at(self.now + wait, lambda: self._accepts(number))

    def _accepts(self, number: int) -> None:
        if thing := self._thing(number):
            crm = self.app.crm("crm").world  # type: ignore[attr-defined]
            crm.edit(thing.crm_id, {"stage": "sal"}, self.now)
            self._read_back()

    def _calls(self, number: int) -> None:
        if thing := self._thing(number):
            crm = self.app.crm("crm").world  # type: ignore[attr-defined]
            person = str(crm.thing(thing.crm_id).values.get("owner", "")).partition("@")[0]
            said = {
                "person": thing.crm_id,
                "stage": "call",
                "is_open": False,
                "owner": f"U-{person}",
                "subject": "Call",
            }
            crm.make("task", said, self.now)
            self._read_back()

    def _thing(self, number: int) -> Thing | None:
        if number not in self._things:
            crm = self.app.crm("crm").world  # type: ignore[attr-defined]
            with self.app.store.read() as tx:
                link = tx.intake.links("portal", "contact", [str(number)])[str(number)]
                found = crm.keyed("lead", f"{tx.admin.store_id()}-{link.lead_id}")
            if not found:
                return None
            self._things[number] = found[0]
        return self._things[number]

    def _read_back(self) -> None:
        bring_back(self.app.runtime(), self.app.rows(), "crm", self.counts)

    def send(self, message: Message) -> Outcome:
        """The mail server of this world takes everything."""
        self.letters[message.id] += 1
        return Done(message.id)

    # what the store has

    def given(self) -> list[Handoff]:
        """All handoffs that were opened."""
        with self.app.store.read() as tx:
            return tx.periods.handed_over(self.first, self.first + 400 * DAY)

    def events(self) -> dict[int, list[HandoffEvent]]:
        """Events by handoff."""
        with self.app.store.read() as tx:
            return tx.handoff_events.of_handoffs([one.id for one in self.given()])

    def turns(self, team: str) -> list[Turn]:
        """The turns of a team, oldest first."""
        with self.app.store.read() as tx:
            return tx.handoffs.turns(team, 10**9)[::-1]

    def notices(self) -> Iterator[OutboxRow]:
        """All messages to people."""
        with self.app.store.read() as tx:
            yield from (row for row in tx.outbox.rows(target="notices", limit=10**9))
