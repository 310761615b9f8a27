"""The handoff between people who use Tryton: reminded of, rejected and nurtured, back with a reason, and won."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from connector.app import App, open_app, utc_now
from connector.config import load
from connector.model.handoff import Handoff, HandoffEvent
from tests.notices.servers import Postbox, mail_server
from tests.servers.tryton.line import PROSPECTS, Line, line
from tests.servers.tryton.people import DEMO, LEAD, PRICING
from tests.servers.tryton.world import Tryton, shared

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
PEOPLE = {"ana": "Ana Weber", "ben": "Ben Krause"}
SETTINGS = """
[mail]
server = "mail-server"
sender = "baton@northwind.example"

[flows.b2b.clock]
contact = { hot = "30 min", other = "4 hours" }

[flows.b2b.gates]
mql     = { activity = "demo_request", within = "60 days" }
hot     = { activity = "demo_request", within = "60 days" }

[flows.b2b.reasons.not_now]
list       = "Baton: later"
back_after = "20 days"
back_when  = { activity = "pricing_view", within = "30 days" }
"""
TEAM = 'hours = { Mon-Sun = "00:00-24:00" }\nmembers ='
MAPPING = """
[write]
"category.Baton reason" = "handoff.reason"
"""
#: What people's deeds leave behind.
DATED = ("sale_opportunity", "ir_email", "ir_note", "web_shortened_url_access")
LENA, TOM = "lena@northwind.example", "tom@northwind.example"


class Handing:
    """A line with clocks, reasons and a mail server, and what both sides see of its leads."""

    def __init__(self, tryton: Tryton, line: Line, post: Postbox) -> None:
        self.tryton, self.line, self.post = tryton, line, post
        config = line.folder / "config.toml"
        config.write_text(config.read_text("utf-8").replace("members =", TEAM), "utf-8")

    @contextmanager
    def later(self) -> Iterator[None]:
        """What people do within was done by Baton's clock: Tryton's own is not moved."""
        begun = datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
        yield
        path = shared().process.folder / f"{self.tryton.database}.sqlite"
        moved = f"{self.line.ahead.total_seconds():+.3f} seconds"
        with closing(sqlite3.connect(path, timeout=20)) as books, books:
            for table, column in ((table, column) for table in DATED for column in ("create_date", "write_date")):
                at = f"strftime('%Y-%m-%d %H:%M:%f', {column}, ?) || '000'"
                books.execute(f"UPDATE {table} SET {column} = {at} WHERE {column} >= ?", (moved, begun))

    def enter(self) -> None:
        """The marketer enters everybody, and writes to them."""
        (category,) = self.tryton.marketer.rpc.create("party.category", {"name": PROSPECTS})
        for short, name in PEOPLE.items():
            known: dict[str, Any] = {"categories": [["add", [category]]]}
            self.tryton.marketer.contact(name, f"{short}@firm.example", code=short.upper(), **known)
        self.tryton.marketer.scenario("Autumn", [["categories.name", "=", PROSPECTS]], title="News")
        self.tryton.marketer.send_scenarios()

    def clicks(self, short: str, link: int) -> None:
        """Somebody follows a link of the mail."""
        (mail,) = self.tryton.mails.to(f"{short}@firm.example")
        self.tryton.recipient.click(mail, link)

    def leads(self) -> dict[str, dict[str, Any]]:
        """Tryton's opportunities, by the first name of whom they are about."""
        rows = self.tryton.ledger(LEAD, "state", "employee", "amount", "party.name")
        assert len(rows) <= len(PEOPLE)
        return {row["party"]["name"].split()[0].lower(): row for row in rows}

    def categories(self, short: str) -> set[str]:
        """The categories that marketing sees somebody in, but that of the grade."""
        asked = [["name", "=", PEOPLE[short]]]
        (row,) = self.tryton.ledger("party.party", "categories.rec_name", domain=asked)
        names = {one["rec_name"] for one in row["categories"]} - {PROSPECTS}
        return {name for name in names if not name.startswith("Baton grade")}

    def briefs(self, short: str) -> list[str]:
        """The notes on the opportunity of somebody, oldest first."""
        about = [["resource", "=", f"{LEAD},{self.leads()[short]['id']}"]]
        return [row["message"] for row in self.tryton.ledger("ir.note", "message", domain=about)]

    def app(self) -> App:
        """Baton, with the books open."""
        return open_app(load(self.line.folder / "config.toml"), utc_now)

    def given(self) -> dict[int, tuple[Handoff, list[HandoffEvent]]]:
        """All handoffs, with what happened to them."""
        with closing(self.app()) as app, app.store.read() as tx:
            found = tx.handoffs.by_ids(range(1, 10))
            events = tx.handoff_events.of_handoffs(list(found))
        return {id: (handoff, events.get(id, [])) for id, handoff in found.items()}

    def told(self, who: str) -> list[str]:
        """The subjects of the mail to one person."""
        return [str(one["Subject"]) for one in self.letters(who)]

    def letters(self, who: str) -> list[EmailMessage]:
        """The mail to one person."""
        return self.post.to(who)


@pytest.fixture
def one(tryton: Tryton, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handing]:
    with mail_server(Postbox()) as post, line(tryton, tmp_path, SETTINGS, MAPPING) as made:
        monkeypatch.setenv("BATON_SECRET_MAIL_SERVER", post.url)
        yield Handing(tryton, made, post)


def test_reminded_of_rejected_back_and_won(tryton: Tryton, one: Handing) -> None:
    lena, tom = tryton.reps["lena"], tryton.reps["tom"]
    # Nobody has made the categories: they are made with the first party that belongs there.
    one.enter()
    for short in PEOPLE:
        one.clicks(short, DEMO)
    one.line.sync()
    ana, ben = (one.leads()[short]["id"] for short in PEOPLE)
    assert [one.leads()[short]["employee"] for short in PEOPLE] == [lena.employee, tom.employee]
    assert (one.told(LENA), one.told(TOM)) == (["Hot lead: Ana Weber"], ["Hot lead: Ben Krause"])
    (brief,) = one.briefs("ana")
    assert ("Asked for a demo" in brief, "Spoken to before" in brief) == (True, False)

    # Lena rejects Ana; Tom does nothing, and is reminded once.
    lena.rejects(ana, "Not now: budget in spring")
    one.line.sync(20 * MINUTE)
    assert (one.told(LENA), one.told(TOM)) == (
        ["Hot lead: Ana Weber"], ["Hot lead: Ben Krause", "To be contacted: Ben Krause"],
    )  # fmt: skip
    given, _ = one.given()[1]
    assert (given.state, given.reason, given.words, given.contacted_at) == (
        "closed", "not_now", "Not now: budget in spring", None,
    )  # fmt: skip
    assert one.categories("ana") >= {"Baton: later", "Baton stage / rejected", "Baton reason / not_now"}

    # A mail from the opportunity is contact: no more is said of it, however long it takes.
    with one.later():
        tom.takes_up(ben)
        tom.mails(ben, "ben@firm.example", "Your demo")
    one.line.sync(2 * MINUTE)
    one.line.sync(2 * HOUR)
    given, events = one.given()[2]
    assert (given.contacted_at is not None, given.contacted_at < given.due_at) == (True, True)  # type: ignore[operator]
    assert {event.kind for event in events} >= {"reminded"}
    assert {event.kind for event in events}.isdisjoint({"breached", "reassigned"})
    assert one.told(TOM) == ["Hot lead: Ben Krause", "To be contacted: Ben Krause"]

    # Ana is away until her time has come, and she has looked at prices.
    one.line.sync(21 * DAY)
    assert one.line.told("why", "ana@firm.example")["stage"] == "rejected"
    with one.later():
        one.clicks("ana", PRICING)
    one.line.sync(HOUR)
    assert one.line.told("why", "ana@firm.example")["stage"] in ("known", "warm")
    assert "Baton: later" not in one.categories("ana")
    assert one.told(LENA)[1:] == ["Back again: Ana Weber"]
    with one.later():
        one.clicks("ana", DEMO)
    one.line.sync(HOUR)

    # The same opportunity, open again, with what was said.
    assert (one.leads()["ana"]["id"], one.leads()["ana"]["state"]) == (ana, "lead")
    _, brief = one.briefs("ana")
    assert '@northwind.example · rejected: not now · "Not now: budget in spring"' in brief
    assert one.told(LENA)[2:] == ["Hot lead: Ana Weber"]
    assert "Spoken to before" in one.letters(LENA)[2].get_content()
    assert one.categories("ana") == {"Baton stage / mql"}

    with one.later():
        lena.notes(ana, "Call: she wants an offer")
        lena.takes_up(ana)
        lena.confirms(lena.converts(ana), Decimal("900.00"))
    one.line.sync(MINUTE)
    given, events = one.given()[3]
    assert (given.state, given.contacted_at is not None, given.reason) == ("closed", True, "")
    assert one.categories("ana") == {"Baton stage / won"}
    assert {event.kind for event in events}.isdisjoint({"reminded", "breached"})
    # Nobody hears any more of what is over.
    one.line.sync(2 * DAY)
    assert (len(one.told(LENA)), len(one.told(TOM))) == (3, 2)
    status = one.line.told("status")
    assert status["flows"]["b2b"]["stages"] == {"won": 1, "opportunity": 1}
    assert (status["held_up"], status["outbox"]["tryton"].keys() <= {"done", "superseded"}) == ([], True)
