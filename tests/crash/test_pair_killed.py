"""HubSpot to Salesforce and back, killed again and again at any moment: nothing lost, nothing twice.

The servers live on while the line between them is killed, ten times in each story: while it reads in, pulls in several
parts at once, looks people up, hands over, writes by several threads, brings back, tells marketing, signs in; between
the items of a batch too. Whatever the moment, after some more runs both servers' books say what the store says.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.selftest.books import books_of
from connector.selftest.served import Served
from tests import going_live
from tests.going_live import World
from tests.killing import ENVIRONMENT, Line, Moment, platforms, set_up

PEOPLE, KILLS, PORTAL = 40, 10, 24_050_311
LENA = "lena@northwind.example"
MINUTE = 60.0
DAY = 24 * 60 * MINUTE
#: Longer than any request may still take effect, and what was found out about it be told.
CALM = 20 * MINUTE
#: What a run comes by, as `Moment.step` names it, and how many times at most in one run of this size.
STEPS = {
    "read-in and bring back": (r"GET /services/data/v[\d.]+/(query|sobjects)", 8),
    "pull": (r"(GET|POST) /(crm/v3/objects/contacts|email|events|form)", 12),
    "look-up": (r"GET /services/data/.*query.*(Email|Phone)", 2),
    "commit": (r"commit", 60),
    "a writer's commit": (r"commit of Sender.settle", 4),
    "between items": (r"after item", 12),
    "deliver": (r"(POST|PATCH) /services/data", 3),
    "write back": (r"POST /crm/v3/objects/contacts/batch/update|PUT /crm/v3/lists", 2),
    "sign in": (r"POST /(services/oauth2|oauth)", 1),
}
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("lost", {}), ("cut", {}), ("cut_headers", {}), ("drop", {}), ("html", {}), ("status", {"code": 503}),
    ("status", {"code": 429, "headers": {"Retry-After": "2"}}), ("status", {"code": 500}), ("half", {}),
)  # fmt: skip
WRITES = {"salesforce": ("POST /services/data", "PATCH /services/data"), "hubspot": ("batch", "memberships")}


@dataclass
class Killed:
    """One world, its line, and how often that was killed."""

    line: Line
    world: World
    chance: random.Random
    faulty: bool = False
    kills: Counter[str] = field(default_factory=Counter)

    @property
    def remote(self) -> Served:
        return self.line.remote

    def moment(self) -> tuple[str, Moment]:
        """Some moment: a step before or after, or so many milliseconds from the start."""
        if self.chance.random() < 0.2:
            return "any time", Moment(milliseconds=self.chance.randrange(40, 500))
        kind, (step, most) = self.chance.choice(list(STEPS.items()))
        when = self.chance.choice(("before", "after"))
        return kind, Moment(step if "item" in step else f"^{when} .*({step})", self.chance.randint(1, most))

    def disturb(self) -> None:
        """Order a fault for some writes to come."""
        server = self.chance.choice(list(WRITES))
        kind, wish = self.chance.choice(FAULTS)
        self.remote.fault(server, kind, match=self.chance.choice(WRITES[server]), **wish)

    def phase(self, kills: int) -> None:
        """Run the line, killed up to so many times, until it has come to its end once."""
        for _ in range(kills):
            if self.faulty:
                self.disturb()
            kind, moment = self.moment()
            self.kills[kind] += self.line.child(moment)
            self.remote.move(self.chance.choice((0.0, 5.0, MINUTE)))
        self.line.child()

    def quiet(self) -> None:
        """Give what is on its way the time it needs; nobody disturbs."""
        self.remote.clear_faults()
        for _ in range(4):
            self.remote.move(CALM)
            self.line.child()

    def agree(self) -> list[str]:
        """Where platforms and store do not agree."""
        app = self.line.opened()
        found = going_live.differences(app.store, books_of(self.remote), self.remote.now())
        app.close()
        return found + self.remote.errors()


def newcomers(one: Killed, number: int) -> None:
    """People who come to HubSpot and ask for a demo; one of them is in Salesforce since a moment ago."""
    for place in range(3):
        email = f"new{number}-{place}@late.example"
        values = {"email": email, "firstname": "Nora", "lastname": f"Late{number}{place}", "company": "Late AG",
                  "country": "Germany", "jobtitle": "Director IT"}  # fmt: skip
        made = one.remote.hubspot("create", properties=values)
        one.remote.hubspot("submit", id=made["id"], form="Request a demo")
        if place == 0:
            person = {"LastName": values["lastname"], "Company": "Late", "Email": email.upper()}
            one.remote.salesforce("create", object="Lead", values=person)


def edits(one: Killed) -> None:
    """A marketer edits contacts."""
    ids = list(one.world.people)
    one.remote.hubspot("change", ids=ids[::7], properties={"city": f"Ulm {one.chance.randrange(99)}"})
    one.remote.hubspot("change", ids=ids[1::9], properties={"jobtitle": "Chief Information Officer"})


def work(one: Killed) -> None:
    """Reps work on what they were given: statuses, calls, conversions, deals won and lost, rejections."""
    leads = [lead for lead in one.remote.records("Lead") if lead.get("Baton_Id__c") and not lead["IsConverted"]]
    for place, lead in enumerate(leads):
        act: dict[int, Callable[[str], Any]] = {
            0: lambda id: one.remote.salesforce("edit", id=id, changes={"Status": "Working"}, by=LENA),
            1: lambda id: one.remote.salesforce("log_call", who_id=id, by=LENA),
            2: lambda id: deal(one, id, won=True),
            3: lambda id: deal(one, id, won=False),
            4: lambda id: one.remote.salesforce(
                "edit", id=id, by=LENA, changes={"Status": "Unqualified", "Rejection_Reason__c": "Not now"}
            ),
        }
        if place % 6 in act:
            act[place % 6](lead["Id"])


def deal(one: Killed, lead: str, *, won: bool) -> None:
    """A lead is converted, and its deal closed."""
    made = one.remote.salesforce("convert", lead_id=lead, by=LENA)
    one.remote.salesforce("close_opportunity", id=made["opportunity"], won=won, amount=9000.0, by=LENA)


@pytest.fixture
def killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Killed]:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    seed, faulty = request.param
    with platforms(PEOPLE, seed) as (remote, world):
        yield Killed(Line(tmp_path, remote, PORTAL), world, random.Random(seed), faulty)


@pytest.mark.parametrize(
    "killed", [pytest.param((1, False), marks=pytest.mark.servers), (4, True)], indirect=True, ids=str
)
def test_nothing_is_lost_and_nothing_comes_twice_whenever_it_is_killed(killed: Killed) -> None:
    story(killed)
    assert killed.agree() == []
    assert sum(killed.kills.values()) >= KILLS


def story(one: Killed) -> None:
    """Read in, go live by day, then without a limit; work, edits and newcomers, until it was killed often enough."""
    one.line.configure("observe")
    one.line.child(act=set_up)
    one.phase(3)
    today = one.remote.now().date().isoformat()
    one.line.configure("live", f"start = {today}\nhandoffs_per_day = 6\n")
    one.remote.move(DAY)
    one.phase(3)
    one.line.configure("live", f"start = {today}\n")
    number = 0
    while sum(one.kills.values()) < KILLS:
        number += 1
        newcomers(one, number)
        edits(one)
        work(one)
        one.remote.move(timedelta(hours=5).total_seconds())
        one.phase(3)
        assert number < 20, f"killed {one.kills} only"
    one.quiet()
