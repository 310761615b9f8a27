"""A portal through the whole line, over real sockets: first load, quiet, changed, deleted, merged, broken off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.app import App, open_app
from connector.config import load
from connector.model.errors import ConfigError
from connector.model.lead import Lead
from connector.runs.sync import Result, sync
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import TOKEN, HubSpotServer, Portal, add_contacts, edit, furnish
from tests.hubspot import START, watcher

CONFIG = """\
version = 1
timezone = "Europe/Berlin"
region = "DE"
[secrets]
backend = "environment"
[connections.hubspot]
type = "hubspot"
account = "24050311"
base_url = "{url}"
streams = ["contacts", "archived", "email_events", "form_submissions", "events"]
[connections.desk]
type = "desk"
[teams.sales]
members = [{{ email = "lena@northwind.example" }}]
[flows.b2b]
sources = ["hubspot"]
crm = "desk"
mode = "observe"
[flows.b2b.routing]
order = [{{ to = "sales" }}]
"""


class Line:
    """A portal on this machine, and Baton beside it, both under the portal's clock."""

    def __init__(self, folder: Path) -> None:
        self.portal = Portal(Clock(START))
        furnish(self.portal)
        self.portal.limits.ten_secondly = self.portal.limits.searches_per_second = 0
        self.server = HubSpotServer(self.portal).start()
        self.watcher = watcher()
        if self.watcher:
            self.server.watchers.append(self.watcher)
        (folder / "config.toml").write_text(CONFIG.format(url=self.server.url), "utf-8")
        self.app: App = open_app(load(folder / "config.toml"), self.portal.clock.now)

    def close(self) -> None:
        self.app.close()
        self.server.stop()
        assert not self.server.errors, self.server.errors[0]
        assert not (self.watcher and self.watcher.problems), self.watcher and self.watcher.problems

    def do(self, what: str, **wish: Any) -> Any:
        """What a person does in the portal."""
        return edit(self.portal, {"do": what, **wish})

    def sync(self, minutes: float = 10) -> Result:
        self.portal.clock.move(minutes * 60)
        return sync(self.app.runtime(), self.app.rows)

    def calls(self) -> int:
        return len(self.server.ledger.calls())

    def lead(self, id: str) -> Lead:
        with self.app.store.read() as tx:
            link = tx.intake.links("hubspot", "contact", [id])[id]
            return tx.intake.leads([link.lead_id])[link.lead_id]

    def totals(self) -> dict[str, int]:
        with self.app.store.read() as tx:
            return tx.reports.totals()


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    monkeypatch.setenv("BATON_SECRET_HUBSPOT", TOKEN)
    made = Line(tmp_path)
    yield made
    made.close()


def test_a_portal_is_read_whole_then_quietly_then_only_what_changed(line: Line) -> None:
    made = add_contacts(line.portal, 150, activities_each=10, days=100)
    result = line.sync()
    assert result.counts["new leads"] == 150
    emails = [one for one in line.portal.emails.all() if one.kind in ("OPEN", "CLICK") and one.details[2] == "0"]
    forms = sum(len(journal.all()) for journal in line.portal.submissions.values())
    assert line.totals()["activities"] == len(emails) + forms + len(line.portal.events.all())
    assert line.totals()["waiting_activities"] == 0
    line.sync()
    before = line.calls()
    quiet = line.sync()
    assert line.calls() - before == 5
    assert quiet.counts["contacts read"] == 0
    line.do("change", id=str(made[7]), properties={"jobtitle": "Chief Executive Officer"})
    changed = line.sync()
    assert (changed.counts["contacts read"], changed.counts["changed leads"]) == (1, 1)
    assert line.lead(str(made[7])).fields["job_title"] == "Chief Executive Officer"


def test_a_first_load_that_is_cut_goes_on_and_leaves_nobody_out(line: Line) -> None:
    add_contacts(line.portal, 450)
    line.server.faults.add("status", match="/crm/v3/objects/contacts", times=1, after=2, code=403, body={})
    first = line.sync()
    assert 0 < first.counts["new leads"] < 450
    line.sync()
    assert line.totals()["leads"] == 450


def test_an_answer_that_is_cut_is_asked_for_again(line: Line) -> None:
    add_contacts(line.portal, 250)
    line.server.faults.add("cut", match="/crm/v3/objects/contacts", times=1, after=1)
    assert line.sync().counts["new leads"] == 250


def test_deleted_restored_and_merged_contacts(line: Line) -> None:
    one, two, three = (
        line.do("create", properties={"email": f"ana{n}@firm.example", "lastname": "Weber"})["id"] for n in range(3)
    )
    line.do("visit", id=two, url="https://www.example.com/pricing")
    line.sync()
    ana = line.lead(one).id
    line.do("archive", id=three)
    assert line.sync().counts["deleted at the source"] == 1
    line.do("merge", id=one, loser=two)
    assert line.sync().counts["merged at the source"] == 1
    assert line.lead(two).id == ana
    with line.app.store.read() as tx:
        assert [done.kind for done in tx.intake.activities([ana])[ana]] == ["pricing_view"]
    gone = line.lead(three).id
    line.do("restore", id=three)
    line.sync()
    assert line.lead(three).id == gone


def test_a_scope_that_is_missing_stops_its_stream_alone(line: Line) -> None:
    add_contacts(line.portal, 5)
    line.do("close", path="/events/v3")
    result = line.sync()
    assert line.totals()["leads"] == 5
    assert result.counts["email_events read"] == 0
    ((name, error),) = result.failures
    assert (name, isinstance(error, ConfigError)) == ("hubspot", True)


def test_an_own_change_that_comes_back_is_no_news(line: Line) -> None:
    (id,) = add_contacts(line.portal, 1)
    line.sync()
    line.do("change", id=str(id), properties={"hs_lead_status": "OPEN"})
    result = line.sync()
    assert (result.counts["contacts read"], result.counts["unchanged"]) == (1, 1)


def test_an_opt_out_arrives(line: Line) -> None:
    one = line.do("create", properties={"email": "ana@firm.example"})["id"]
    line.sync()
    assert "consent.email" not in line.lead(one).fields
    line.do("unsubscribe", id=one)
    line.sync()
    assert line.lead(one).fields["consent.email"] is False
    with line.app.store.read() as tx:
        (activities,) = tx.intake.activities([line.lead(one).id]).values()
    assert [done.kind for done in activities] == ["unsubscribe"]
