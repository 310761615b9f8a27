"""A first request that arrives after its retry: with a unique key, with an old value, and where one can only search."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from tests.hard.late import Held
from tests.line import Line
from tests.pair import MINUTES, SECRETS, Pair, pair, reasons

KEYED = {
    "unique key": "",
    "chosen id, duplicates refused": 'unique_key = "chosen_id"\non_duplicate = "refuse"',
}
SEARCHED = 'unique_key = "none"\nfind = "search"\nsettle = 60\nlag = 20'
ONE_EACH = {"lead": 1, "task": 1, "note": 1}
OBJECTS = ("lead", "task", "note")


def line_with(folder: Path, crm: str) -> Line:
    line = Line(folder, crm_settings=crm)
    line.person(1, city="Bonn")
    line.did(1, "demo_request")
    return line


def settle(line: Line, passes: int = 6) -> None:
    for _ in range(passes):
        line.sync(timedelta(minutes=5))


def duplicates(line: Line) -> list[str]:
    return [item.reason for item in line.waiting_for_people("notice") if item.key.startswith("duplicate:")]


class TestWhereOurKeyIsUnique:
    @pytest.mark.parametrize("crm", KEYED)
    @pytest.mark.parametrize("delay", [20, 100, 700])
    def test_a_create_that_arrives_whenever_it_likes_makes_no_second_object(
        self, tmp_path: Path, crm: str, delay: int
    ) -> None:
        for place, object in enumerate(OBJECTS):
            folder = tmp_path / object
            folder.mkdir()
            line = line_with(folder, KEYED[crm])
            line.crm.fault("write", "late", passes=place, delay=delay)
            line.sync()
            line.now += timedelta(seconds=15)
            line.person(1, city="Köln")
            settle(line)
            assert line.crm_counts() == ONE_EACH
            (lead,) = line.crm.things("lead")
            assert lead.values["city"] == "Köln"
            assert {row.state for row in line.outbox()} <= {"done", "superseded"}
            assert line.waiting_for_people("notice") == []
            line.app.close()

    @pytest.mark.parametrize("crm", KEYED)
    def test_two_creates_that_were_given_up_arrive_in_any_order(self, tmp_path: Path, crm: str) -> None:
        line = line_with(tmp_path, KEYED[crm])
        line.crm.fault("write", "late", delay=900)
        line.crm.fault("write", "late", delay=300)
        line.sync()
        for city in ("Köln", "Ulm"):
            line.now += timedelta(minutes=2)
            line.person(1, city=city)
            line.sync()
        settle(line, 8)
        assert line.crm_counts() == ONE_EACH
        (lead,) = line.crm.things("lead")
        assert lead.values["city"] == "Ulm"

    def test_a_late_update_that_brings_an_old_value_back_is_overwritten(self, tmp_path: Path) -> None:
        line = line_with(tmp_path, "")
        line.sync()
        line.now += timedelta(minutes=5)
        line.person(1, city="Mainz")
        line.crm.fault("write", "late", delay=100)
        line.sync()
        line.now += timedelta(seconds=10)
        line.person(1, city="Köln")
        settle(line)
        settle(line)
        (lead,) = line.crm.things("lead")
        assert lead.values["city"] == "Köln"
        assert "Mainz" in [effect.values.get("city") for effect in line.crm.effects("updated")], "it did arrive"


class TestWhereOneCanOnlySearch:
    @pytest.mark.parametrize("object", OBJECTS)
    def test_within_what_is_declared_it_is_waited_for(self, tmp_path: Path, object: str) -> None:
        line = line_with(tmp_path, SEARCHED)
        line.crm.fault("write", "late", passes=OBJECTS.index(object), delay=85)
        line.sync()
        settle(line)
        assert line.crm_counts() == ONE_EACH
        assert duplicates(line) == []

    @pytest.mark.parametrize("object", OBJECTS)
    def test_later_than_declared_the_second_one_is_found_and_told_once(self, tmp_path: Path, object: str) -> None:
        line = line_with(tmp_path, SEARCHED)
        line.crm.fault("write", "late", passes=OBJECTS.index(object), delay=320)
        line.sync()
        settle(line)
        settle(line)
        things = line.crm.things(object)
        assert len(things) == 2, "the first request arrived after its retry: later than the platform declares"
        (told,) = duplicates(line)
        assert all(thing.crm_id in told for thing in things)
        assert {row.state for row in line.outbox()} == {"done"}
        # Whatever comes next goes to the one that we know.
        line.person(1, city="Ulm")
        settle(line)
        assert len(line.crm.things(object)) == 2
        assert [thing.values.get("city") for thing in line.crm.things("lead")].count("Ulm") == 1
        line.app.close()

    def test_the_notice_is_in_errors_and_goes_once_a_person_drops_it(self, tmp_path: Path) -> None:
        line = line_with(tmp_path, SEARCHED)
        line.crm.fault("write", "late", delay=320)
        line.sync()
        settle(line)
        settle(line)
        line.app.close()
        config = ["--config", str(tmp_path / "config.toml")]
        told = json.loads(CliRunner().invoke(baton, [*config, "errors", "--output", "json"]).stdout)
        ((number, reason),) = [(one["id"], one["reason"]) for one in told["errors"]]
        assert all(thing.crm_id in reason for thing in line.crm.things("lead"))
        assert CliRunner().invoke(baton, [*config, "errors", "drop", str(number)]).exit_code == 0
        told = json.loads(CliRunner().invoke(baton, [*config, "errors", "--output", "json"]).stdout)
        assert told["errors"] == []


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pair]:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, **reasons()) as running:
        yield running


class TestBetweenHubSpotAndSalesforce:
    def go_on(self, both: Pair, passes: int = 6) -> None:
        for _ in range(passes):
            assert both.sync(MINUTES).failures == []

    def test_a_lead_that_is_made_late_by_our_key_is_the_one_that_is_there(self, both: Pair) -> None:
        held = Held(both.salesforce, "composite/sobjects/Lead/Baton_Id__c")
        contact = both.person(city="Bonn")
        both.asks_for_a_demo(contact)
        both.sync(MINUTES)
        both.acts("change", id=contact, properties={"city": "Ulm"})
        self.go_on(both)
        assert len(both.records("Lead")) == len(both.records("Task")) == 1
        held.arrives()
        self.go_on(both)
        ((lead,), (_task,)) = both.records("Lead"), both.records("Task")
        assert lead["City"] == "Ulm"
        assert both.outbox("waiting", "in_flight", "unknown", "dead", "parked") == []

    def test_a_task_that_comes_late_is_a_second_one_and_told(self, both: Pair) -> None:
        held = Held(both.salesforce, "POST /services/data/v62.0/composite/sobjects")
        both.asks_for_a_demo(both.person())
        both.sync(MINUTES)
        assert both.records("Task") == []
        while not both.records("Task"):
            self.go_on(both, 1)
        held.arrives()
        self.go_on(both, 5)
        tasks = both.records("Task")
        assert len(tasks) == 2, "a platform that takes no key of ours for tasks cannot refuse it"
        (notice,) = both.waiting_for_people("notice")
        assert all(task["Id"] in notice.reason for task in tasks)

    def test_what_marketing_is_told_late_is_told_anew(self, both: Pair) -> None:
        contact, lead = both.given()
        held = Held(both.hubspot, "contacts/batch/update")
        both.says(lead, Status="Working")
        assert held.kept
        both.says(lead, Status="Qualified")
        assert both.contact(contact)["baton_stage"] == "sql"
        held.arrives()
        assert both.contact(contact)["baton_stage"] == "sal"
        self.go_on(both, 1)
        assert both.contact(contact)["baton_stage"] == "sql"
