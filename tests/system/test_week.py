"""A week of the daemon between HubSpot and Salesforce, with all that happens to it: what its log and its status say.

Hours pass in milliseconds. The week is the one in which summer time begins (28 March 2027, Europe/Berlin).
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox.hubspot import CLIENT
from tests.week import BERLIN, DEADLINE, Week, week

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
FLOW = """
[flows.b2b.gates]
mql = { any = [{ activity = "demo_request" }, { activity = "form_submit" }] }
hot = { activity = "demo_request" }
"""
REFUSED = "salesforce: signing in was refused (400 invalid_client invalid client credentials)"
MEND = "baton auth set salesforce"
LENA, TOM = "lena@northwind.example", "tom@northwind.example"


class Story:
    """The people of the week, and what reps make of them."""

    def __init__(self, running: Week) -> None:
        self.week = running
        self.people: list[str] = []
        self.stages: dict[str, str] = {}
        self.deals: dict[str, bool] = {}

    def arrive(self, *forms: str) -> list[str]:
        """Somebody new for each form, who sends it in; the daemon sees it."""
        for form in forms:
            number = len(self.people)
            contact = self.week.person(f"p{number}@firm{number}.example", lastname=f"Weber{number}",
                                       company=f"Firm {number} GmbH")  # fmt: skip
            self.people.append(contact)
            self.week.goes_on(4 * MINUTE, 2 * MINUTE)
            self.week.acts("submit", id=contact, form=form, values={})
        self.week.goes_on(6 * MINUTE, 2 * MINUTE)
        return self.people[len(self.people) - len(forms) :]

    def lead_of(self, contact: str) -> Any:
        """A contact's lead in Salesforce, None where there is none."""
        key = self.week.key(contact)
        return next((one for one in self.week.org.table("Lead") if one.get("Baton_Id__c") == key), None)

    def reps_work(self) -> None:
        """A morning: deals of yesterday end, and each new lead is called, converted or sent back."""
        for deal, won in self.deals.items():
            self.week.org.close_opportunity(deal, won=won, amount=9_000.0)
        self.deals.clear()
        self.stages |= {one: end for one, stage in self.stages.items() if (end := _ended(stage))}
        for number, contact in enumerate(self.people):
            lead = self.lead_of(contact)
            if lead is not None and contact not in self.stages:
                self.stages[contact] = self._one(lead["Id"], ("sal", "will win", "rejected", "will lose")[number % 4])

    def _one(self, lead: str, what: str) -> str:
        org = self.week.org
        if what == "sal":
            org.log_call(lead)
            org.edit(lead, {"Status": "Working"})
        elif what == "rejected":
            org.edit(lead, {"Status": "Unqualified"})
        else:
            self.deals[org.convert(lead)["opportunity"]] = what == "will win"
        return what


def _ended(stage: str) -> str:
    return {"will win": "won", "will lose": "lost"}.get(stage, "")


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    begin = datetime(2027, 3, 25, 6, 0, tzinfo=UTC)
    with week(tmp_path, monkeypatch, at=begin, flow=FLOW, salesforce='[schedule]\nrescore = "02:30"\n') as running:
        yield Story(running)


def test_a_week(story: Story) -> None:
    running = story.week
    calls = [Counter[str]()]
    for day in (thursday, friday, saturday, sunday, monday, tuesday, wednesday):
        day(story)
        calls.append(by_server(running) - sum(calls, Counter[str]()))
    the_end(story)
    assert all(2 * 24 < day[name] < 2500 for day in calls[1:] for name in ("hubspot", "salesforce")), calls


def by_server(running: Week) -> Counter[str]:
    counts: Counter[str] = Counter()
    for route, number in running.calls().items():
        counts[route.partition(" ")[0]] += number
    return counts


def failing(running: Week) -> dict[str, tuple[str, str]]:
    """What `baton status` says to fail: (what, the command that mends it) by job."""
    return {one["job"]: (one["what"], one["mend"]) for one in running.status()["failing"]}


def forbidden(running: Week) -> int:
    return sum(one.status == 403 for one in running.salesforce.ledger.calls())


def leads(running: Week) -> int:
    return len(list(running.org.table("Lead")))


def thursday(story: Story) -> None:
    """HubSpot asks to wait, in every way; in the evening the portal's calls of the day are used up."""
    running, faults = story.week, story.week.hubspot.faults
    running.tick()
    story.arrive("Request a demo", "Guide to planning", "Newsletter", "Newsletter")
    soon = format_datetime(running.now + 150 * timedelta(seconds=1), usegmt=True)
    for headers in ({"Retry-After": "3"}, {"Retry-After": soon}, {}):
        faults.add("status", match="contacts/search", code=429, headers=headers)
        running.goes_on(2 * MINUTE, 2 * MINUTE)
    assert running.troubles() == []
    faults.add("status", match="contacts/search", code=429, headers={"Retry-After": "1200"})
    running.goes_on(2 * MINUTE)
    until = running.now + timedelta(seconds=1200)
    assert failing(running) == {"pull:hubspot": ("the platform asks to wait (429)", "")}
    assert running.status()["connections"]["hubspot"]["parked_until"] == until.isoformat()
    before = running.hubspot.ledger.calls()
    running.goes_on(18 * MINUTE, 2 * MINUTE)
    assert running.hubspot.ledger.calls() == before
    running.goes_on(8 * MINUTE, 2 * MINUTE)
    waits = "daemon: pull:hubspot: RetryableError: the platform asks to wait (429)"
    said = running.troubles()
    assert [line for line in said if "pull:hubspot" in line] == [waits, "daemon: pull:hubspot: works again"]
    # What waits to be sent there may have met the same.
    assert all(":hubspot: " in line for line in said)
    running.until(25, 20)
    used_up(story)


def used_up(story: Story) -> None:
    """The portal's day is over where HubSpot counts: at midnight, there in UTC."""
    running, limits = story.week, story.week.portal.limits
    limits.daily, limits.used_today = 5000, 4995
    running.goes_on(HOUR)
    story.arrive("Request a demo")
    running.goes_on(HOUR, 10 * MINUTE)
    (day,) = (one for one in running.status()["connections"]["hubspot"]["limits"] if one["rate"] == "daily")
    assert day["limit"] == 5000
    assert day["used"] >= 4990
    assert "pull:hubspot" in failing(running)
    running.until(26, 0, 55)
    asked = len(running.hubspot.ledger.calls("contacts"))
    assert leads(running) == 4
    running.goes_on(30 * MINUTE, 5 * MINUTE)
    assert leads(running) == 5
    assert len(running.hubspot.ledger.calls("contacts")) - asked < 60
    (no_calls, again) = running.troubles()
    assert no_calls.startswith("daemon: pull:hubspot: RetryableError: no calls left just now")
    assert again == "daemon: pull:hubspot: works again"
    limits.daily = 650_000


def friday(story: Story) -> None:
    """Other programs use the org's calls up: hot leads still go out, then nothing does until they are back."""
    running, org = story.week, story.week.org
    running.until(26, 9)
    story.reps_work()
    running.until(26, 11)
    org.daily_limit = 5000
    org.spend(4600 - org.spent())
    running.goes_on(HOUR)
    had = leads(running)
    story.arrive("Guide to planning")
    assert leads(running) == had
    story.arrive("Request a demo")
    running.goes_on(70 * MINUTE, 10 * MINUTE)
    story.arrive("Request a demo")
    assert [bool(story.lead_of(one)) for one in story.people[-2:]] == [True, True]
    assert "bring_back:salesforce" in failing(running)
    org.spend(5000 - org.spent())
    had = leads(running)
    story.arrive("Request a demo")
    assert leads(running) == had
    refused = forbidden(running)
    running.goes_on(6 * HOUR)
    assert failing(running).keys() == {"bring_back:salesforce", "hand over:salesforce"}
    assert forbidden(running) - refused <= 6 * 5
    assert len(running.troubles()) == 2


def saturday(story: Story) -> None:
    """The calls are back; HubSpot's search lags by four minutes; the daemon ends between pages and begins again."""
    running = story.week
    running.until(27, 13)
    # Calls come free as the hours in which they were made leave the last 24, and the hot lead takes the first.
    assert running.troubles() == [
        "daemon: hand over:salesforce: works again", "daemon: bring_back:salesforce: works again"
    ]  # fmt: skip
    assert failing(running) == {}
    assert [one for one in story.people if not story.lead_of(one)] == []
    running.org.daily_limit = 100_000
    running.portal.search_lag = 240.0
    late = story.arrive("Request a demo")
    running.goes_on(10 * MINUTE, 2 * MINUTE)
    assert [bool(story.lead_of(one)) for one in late] == [True]
    running.portal.search_lag = 0.0
    stopped(story)


def stopped(story: Story) -> None:
    """SIGTERM comes while a page is on its way."""
    running = story.week
    contact = running.person("late@firm.example", lastname="Weber", company="Late GmbH")
    running.acts("submit", id=contact, form="Request a demo", values={})
    story.people.append(contact)
    asked: list[str] = []

    def terminate(call: Any, _reply: Any) -> None:
        if "contacts/search" in call.path and not asked:
            asked.append(call.path)
            os.kill(os.getpid(), signal.SIGTERM)

    before = signal.signal(signal.SIGTERM, running.daemon._asked_to_stop)
    running.hubspot.watchers.append(terminate)
    try:
        running.goes_on(2 * MINUTE)
    finally:
        signal.signal(signal.SIGTERM, before)
        running.hubspot.watchers.remove(terminate)
    assert running.daemon.stop.is_set()
    assert running.tick() == [] or leads(running) == len(story.people) - 1
    running.current.close()
    running.restart()
    running.goes_on(6 * MINUTE, 2 * MINUTE)
    assert story.lead_of(contact)
    assert running.troubles() == []


def sunday(story: Story) -> None:
    """At one at night an edit is saved that cannot be used; at two it is three; in the morning the edit is mended."""
    running = story.week
    running.until(28, 1)
    running.edit(mode="livee")
    running.until(28, 8, step=HOUR)
    story.arrive("Request a demo")
    (refused,) = running.troubles()
    assert refused.startswith("config: this edit is not used, the last good version stays in force: ")
    assert refused.endswith("did you mean live?")
    assert story.lead_of(story.people[-1])
    running.edit(mode="live")
    running.goes_on(HOUR)
    assert running.troubles() == ["config: the configuration can be used again"]
    nights = [at.astimezone(BERLIN) for at, job in running.ran if job == "rescore"]
    assert Counter(at.day for at in nights) == {25: 1, 26: 1, 27: 1, 28: 1}
    assert (nights[-1].hour, nights[-1].utcoffset()) == (4, timedelta(hours=2))


def monday(story: Story) -> None:
    """A token ends early, an admin edits a picklist, Salesforce is slow, and the app's secret is changed there."""
    running, org = story.week, story.week.org
    running.until(29, 9)
    story.reps_work()
    org.end_sessions()
    story.arrive("Request a demo")
    assert running.troubles() == []
    org.set_picklist("Lead", "LeadSource", ["Website", "Partner Referral", "Other"])
    story.arrive("Request a demo", "Guide to planning")
    assert [story.lead_of(one).get("LeadSource") for one in story.people[-3:]] == ["Web", None, None]
    (notice,) = running.status()["notices"]
    assert (notice["field"], notice["reason"]) == (
        "LeadSource", "not sent: Web is not one of its choices (Website, Partner Referral, Other)"
    )  # fmt: skip
    org.set_picklist("Lead", "LeadSource", ["Web", "Partner Referral", "Other"])
    running.goes_on(2 * HOUR, 10 * MINUTE)
    slow(story)
    assert running.status()["notices"] == []
    revoked(story)


def slow(story: Story) -> None:
    """An answer that comes too late leaves the write unknown; it is looked up, not made again."""
    running = story.week
    running.salesforce.faults.add("slow", match="PATCH /services/data", seconds=DEADLINE + 0.5)
    story.arrive("Request a demo")
    running.goes_on(20 * MINUTE, 5 * MINUTE)
    assert story.lead_of(story.people[-1])
    assert running.status()["outbox"]["salesforce"].keys() == {"done"}
    assert running.troubles() == []


def revoked(story: Story) -> None:
    """An admin ends the app's sessions and gives it another secret in Salesforce, and tells us later."""
    running = story.week
    running.goes_on(HOUR)
    running.consumer.client_secret = "given-anew"
    running.org.end_sessions()
    had = leads(running)
    asked = len(running.salesforce.ledger.calls("token"))
    story.arrive("Request a demo", "Guide to planning")
    running.goes_on(HOUR, 4 * MINUTE)
    said = f"{REFUSED}; mend it with: {MEND}"
    assert failing(running) == dict.fromkeys(("bring_back:salesforce", "hand over:salesforce"), (said, MEND))
    assert (leads(running), running.status()["flows"]["b2b"]["handoffs"]["waiting"]) == (had, 2)
    assert len(running.salesforce.ledger.calls("token")) - asked < 20
    running.secrets.set("salesforce", "given-anew")
    running.goes_on(10 * MINUTE, 2 * MINUTE)
    assert (leads(running), failing(running)) == (had + 2, {})
    jobs = ("bring_back:salesforce", "hand over:salesforce")
    told = running.troubles()
    assert told[:2] == [f"daemon: {job}: AuthError: {said}" for job in jobs]
    assert sorted(told[2:]) == [f"daemon: {job}: works again" for job in jobs]


def tuesday(story: Story) -> None:
    """A rep leaves; Salesforce is down for two hours."""
    running = story.week
    running.until(30, 9)
    story.reps_work()
    story.arrive("Request a demo", "Guide to planning")
    running.org.deactivate(TOM)
    running.goes_on(HOUR)
    status = running.status()
    assert (status["open_by_owner"][TOM], status["inactive_owners"]) == (1, [TOM])
    story.arrive("Request a demo", "Guide to planning", "Guide to planning")
    assert {running.handoff(one).owner for one in story.people[-3:]} == {LENA}
    assert {story.lead_of(one)["OwnerId"] for one in story.people[-3:]} == {running.org.user(LENA)}
    running.goes_down()
    had = leads(running)
    story.arrive("Request a demo", "Guide to planning")
    running.goes_on(2 * HOUR, 10 * MINUTE)
    said = "no connection to 127.0.0.1 (ConnectionRefusedError)"
    assert failing(running) == dict.fromkeys(("bring_back:salesforce", "hand over:salesforce"), (said, ""))
    assert leads(running) == had
    running.comes_back()
    running.goes_on(10 * MINUTE, 2 * MINUTE)
    assert (leads(running), failing(running)) == (had + 2, {})
    assert Counter(line.rpartition(": ")[2] for line in running.troubles()) == {said: 2, "works again": 2}


def wednesday(story: Story) -> None:
    """The last deals end; a quiet hour with the daemon's own rhythm."""
    running = story.week
    running.until(31, 9)
    story.reps_work()
    running.goes_on(2 * HOUR)
    story.reps_work()
    running.goes_on(3 * HOUR)
    before = by_server(running)
    running.goes_on(HOUR / 3, MINUTE)
    twenty_minutes = by_server(running) - before
    assert twenty_minutes["hubspot"] < 70
    assert twenty_minutes["salesforce"] < 70
    running.until(31, 23)


def the_end(story: Story) -> None:
    """Everybody was handed over once, every outcome is in HubSpot, nothing is stuck, and the log tells of nobody."""
    running, org = story.week, story.week.org
    made = Counter(
        deed.key for deed in running.salesforce.ledger.deeds() if (deed.did, deed.object) == ("create", "Lead")
    )
    assert made == dict.fromkeys(map(running.key, story.people), 1)
    tasks = [one for one in org.table("Task") if one["CreatedById"] == org.api_user]
    assert len(tasks) == len(story.people)
    assert {one: running.lead(one).stage for one in story.people} == story.stages
    assert {one: running.contact(one)["baton_stage"] for one in story.people} == story.stages
    status = running.status()
    assert all(states.keys() <= {"done", "superseded"} for states in status["outbox"].values())
    assert (status["failing"], status["reviews"], status["unmatched"]) == ([], {}, [])
    text = "\n".join(running.log.lines)
    assert not [word for word in ("@", "Weber", "Firm", *CLIENT[1:], "local-access", "given-anew") if word in text]
    days = [limit for one in status["connections"].values() for limit in one["limits"] if limit["rate"] == "daily"]
    assert [limit["used"] < 2500 for limit in days] == [True, True]
