"""The connector's own adapter and client against the local org: they must understand each other, lawfully."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters._salesforce.crm import SalesforceCrm
from adapters._salesforce.settings import SalesforceSettings
from adapters.salesforce import ADAPTER
from connector.edge.http import HttpClient
from connector.model.adapter import Context, FindItem, WriteItem
from connector.model.mirror import CrmRecord, Wanted
from connector.model.outbox import Done, Refused
from connector.sandbox.clock import Clock
from connector.sandbox.salesforce import Org
from tests.servers.clients import World
from tests.servers.salesforce_org import Served, private_key, serving

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
LENA = "lena@northwind.example"


class Line:
    """An org and the adapter that is connected to it, under one clock."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.org = served.org
        clock = served.org.clock.now
        settings = SalesforceSettings(
            login_url=served.url, client_id=served.app.client_id, username="baton@northwind.example"
        )
        assert ADAPTER.api is not None
        outside = World(folder, token=private_key()).outside(clock=clock)
        self.client = HttpClient("crm", ADAPTER.api(settings), outside, account=served.org.id)
        written = {"Lead": ("FirstName", "LastName", "Company", "Rating"), "Task": ("Subject",)}
        context = Context("crm", folder, clock, lambda _: "", self.client, written=written, store_id="s1")
        self.crm = SalesforceCrm(settings, context)

    def walk(self, stream: str, cursor: str = "") -> tuple[list[CrmRecord], str]:
        found: list[CrmRecord] = []
        for page in self.crm.changes(stream, cursor):
            found += page.records
            cursor = page.cursor
        return found, cursor


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with serving(Org(Clock(NOW))) as served:
        line = Line(served, tmp_path)
        yield line
        line.client.close()


def lead(key: str, **values: object) -> WriteItem:
    return WriteItem("lead", key, {"LastName": "Weber", "Company": "Firm", **values})


def test_a_connection_proves_itself_and_learns_what_the_org_has(line: Line) -> None:
    line.crm.check()
    fields = {(one.object, one.name): one for one in line.crm.fields()}
    assert fields["lead", "LastName"].required
    assert LENA in fields["lead", "OwnerId"].choices
    assert fields["lead", "OwnerId"].ids[LENA] == line.org.user(LENA)
    assert all(step.there for step in line.crm.setup() if "Baton_Id__c" in step.what)


def test_leads_are_made_found_and_changed(line: Line) -> None:
    line.org.assignment_rule = line.org.user("tom@northwind.example")
    made, refused = line.crm.write([lead("s1:1", OwnerId=line.org.user(LENA)), lead("s1:2", Email="no address")])
    assert isinstance(made, Done)
    assert isinstance(refused, Refused)
    assert refused.code == "INVALID_EMAIL_ADDRESS"
    assert line.org.record(made.crm_id)["OwnerId"] == line.org.user(LENA)
    (found,) = line.crm.find([FindItem("lead", "s1:1")])
    assert found.crm_ids == (made.crm_id,)
    (changed,) = line.crm.write([WriteItem("lead", "s1:1", {"Rating": "Hot"}, crm_id=made.crm_id)])
    assert isinstance(changed, Done)
    assert line.org.record(made.crm_id)["Rating"] == "Hot"


def test_a_task_hangs_on_its_lead(line: Line) -> None:
    (made,) = line.crm.write([lead("s1:1")])
    assert isinstance(made, Done)
    item = WriteItem("task", "s1:task:1", {"Subject": "Call Weber"}, parent_id=made.crm_id)
    (task,) = line.crm.write([item])
    assert isinstance(task, Done)
    assert line.org.record(task.crm_id)["WhoId"] == made.crm_id
    (found,) = line.crm.find([FindItem("task", "s1:task:1", parent_id=made.crm_id)])
    assert found.crm_ids == (task.crm_id,)


def test_a_seeded_org_is_read_in_whole_across_ties_and_pages(line: Line) -> None:
    people = ({"id": str(n), "lastname": f"Weber{n}", "email": f"a{n}@f.example"} for n in range(300))
    truths = line.org.seed(people, share=1.0)
    line.org.page_size = 200
    for stream, object in (("user", "User"), ("account", "Account"), ("contact", "Contact"), ("lead", "Lead")):
        found, cursor = line.walk(stream)
        assert {one.id for one in found} == {record["Id"] for record in line.org.live(object)}
        assert line.walk(stream, cursor)[0] == []
    converted = {truth.ids["lead"]: truth.ids["contact"] for truth in truths if truth.kind == "converted"}
    leads = {one.id: one for one in line.walk("lead")[0]}
    assert {id: leads[id].converted_to["contact"] for id in converted} == converted


def test_what_people_do_comes_back(line: Line) -> None:
    (first, second) = line.crm.write([lead("s1:1"), lead("s1:2")])
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    cursors = {stream: line.walk(stream)[1] for stream in line.crm.capabilities.streams}
    line.org.clock.move(3600)
    line.org.edit(first.crm_id, {"Status": "Working"}, by=LENA)
    line.org.log_call(first.crm_id, by=LENA)
    line.org.delete(second.crm_id, by=LENA)
    line.org.clock.move(3600)
    came = {stream: line.walk(stream, cursors[stream])[0] for stream in cursors}
    (told,) = [one for one in came["lead"] if not one.gone]
    assert (told.id, told.stage, told.by, told.our_key) == (first.crm_id, "Working", line.org.user(LENA), "s1:1")
    assert [(one.stage, one.person) for one in came["task"]] == [("call", first.crm_id)]
    assert second.crm_id in {one.id for records in came.values() for one in records if one.gone}


def test_people_are_looked_up_live(line: Line) -> None:
    account = line.org.create("Account", {"Name": "Firm", "Type": "Customer"})
    contact = line.org.create("Contact", {"LastName": "Weber", "Email": "Ana@Firm.example", "AccountId": account})
    found = {one.object: one for one in line.crm.look_up([Wanted(email="ana@firm.example")])}
    assert found["contact"].id == contact
    assert found["account"].customer


def test_an_ended_session_is_opened_anew(line: Line) -> None:
    line.crm.check()
    line.org.end_sessions()
    line.crm.check()
    line.org.clock.move(3 * 3600)
    line.crm.check()
