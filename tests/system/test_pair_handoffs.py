"""Who gets a lead, who is there already, and what frees a rep for the next one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.model.follow_up import Absence
from connector.runs.absences import add_absence
from connector.runs.reassign import Moved, reassign_all
from connector.sandbox.salesforce.rules import DuplicateRule
from tests.pair import CONFIG, MINUTES, SECRETS, Pair, pair, reasons

LENA, TOM, KARL = (f"{name}@northwind.example" for name in ("lena", "tom", "karl"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def line(folder: Path) -> Iterator[Pair]:
    with pair(folder, **reasons()) as running:
        yield running


def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody of the team may have one lead in hand."""
    text = CONFIG.replace('example" }}', 'example", open_at_most = 1 }}')
    assert text != CONFIG
    monkeypatch.setattr("tests.pair.CONFIG", text)


@pytest.mark.parametrize("word", ["Unqualified", "Qualified"])
def test_a_lead_that_went_on_frees_its_rep(folder: Path, monkeypatch: pytest.MonkeyPatch, word: str) -> None:
    limited(monkeypatch)
    with pair(folder, **reasons()) as line:
        first = [line.given(f"p{number}@firm.example") for number in range(2)]
        third = line.person("third@firm.example")
        line.asks_for_a_demo(third)
        line.sync(MINUTES)
        assert line.handoff(third).state == "nobody"
        contact, lead = first[0]
        line.says(lead, Status="Working")
        assert line.handoff(third).state == "nobody"
        line.says(lead, Status=word)
        line.sync(MINUTES)
        assert (line.handoff(third).state, line.handoff(third).owner) == ("open", line.lead(contact).owner)


class TestWhoIsThere:
    def asks(self, line: Pair, **values: str) -> str:
        contact = line.person(**values)
        line.asks_for_a_demo(contact)
        line.sync(MINUTES)
        line.sync(MINUTES)
        return contact

    def test_an_open_lead_is_adopted_and_keeps_its_owner_and_its_values(self, line: Pair) -> None:
        values: dict[str, Any] = {"LastName": "Weber", "Company": "Firm", "Email": "ANA@firm.example",
                                  "Title": "CEO", "OwnerId": "petra@northwind.example"}  # fmt: skip
        lead = line.org.create("Lead", values)
        contact = self.asks(line)
        (there,) = line.records("Lead")
        assert (there["Id"], there["Title"], there["Country"]) == (lead, "CEO", "DE")
        assert there["Baton_Score__c"] > 0
        assert line.lead(contact).owner == "petra@northwind.example"
        (task,) = line.records("Task")
        assert (task["WhoId"], task["OwnerId"]) == (lead, line.org.user("petra@northwind.example"))
        line.says(lead, Status="Working")
        assert line.lead(contact).stage == "sal"

    def test_a_contact_gets_a_task_and_no_second_record(self, line: Pair) -> None:
        account = line.org.create("Account", {"Name": "Firm", "Type": "Prospect"})
        person = line.org.create("Contact", {"LastName": "Weber", "Email": "ana@firm.example", "AccountId": account})
        contact = self.asks(line)
        assert line.records("Lead") == []
        (task,) = line.records("Task")
        assert task["WhoId"] == person
        assert line.handoff(contact).record == f"contact:{person}"
        line.org.log_call(person, by=LENA)
        line.sync(MINUTES)
        assert line.handoff(contact).contacted_at is not None

    def test_a_customer_is_its_account_owners(self, line: Pair) -> None:
        values = {"Name": "Firm", "Type": "Customer", "OwnerId": "karl@northwind.example"}
        account = line.org.create("Account", values)
        line.org.create("Contact", {"LastName": "Weber", "Email": "ana@firm.example", "AccountId": account})
        contact = self.asks(line)
        assert line.records("Lead") == []
        assert line.lead(contact).owner == "karl@northwind.example"

    def test_a_converted_lead_is_the_contact_that_it_became(self, line: Pair) -> None:
        lead = line.org.create("Lead", {"LastName": "Weber", "Company": "Firm", "Email": "ana@firm.example"})
        made = line.org.convert(lead, opportunity=False)
        self.asks(line)
        assert [one["Id"] for one in line.records("Lead")] == [lead]
        (task,) = line.records("Task")
        assert task["WhoId"] == made["contact"]

    def test_someone_who_comes_in_between_is_found_before_the_handoff(self, line: Pair) -> None:
        line.sync(MINUTES)
        lead = line.org.create("Lead", {"LastName": "Weber", "Company": "Firm", "Email": "ana@firm.example"})
        self.asks(line)
        assert [one["Id"] for one in line.records("Lead")] == [lead]


class TestRulesOfTheOrg:
    def test_the_assignment_rule_does_not_take_the_owner_away(self, line: Pair) -> None:
        line.org.assignment_rule = line.org.user("yuki@northwind.example")
        contact, lead = line.given()
        assert line.org.record(lead)["OwnerId"] == line.org.user(line.lead(contact).owner)
        assert line.lead(contact).owner in (LENA, "tom@northwind.example")

    def test_a_duplicate_rule_that_only_alerts_is_passed_where_the_admin_says_so(self, folder: Path) -> None:
        with pair(folder, salesforce='duplicate_rules = "save_anyway"') as line:
            self._alerted(line)
            contact = line.person()
            line.asks_for_a_demo(contact)
            line.sync(MINUTES)
            assert line.outbox("dead") == []
            assert len(line.records("Lead")) == 2

    def test_a_duplicate_rule_that_alerts_is_a_dead_letter_that_names_it(self, line: Pair) -> None:
        self._alerted(line)
        line.asks_for_a_demo(line.person())
        line.sync(MINUTES)
        (dead,) = line.outbox("dead")
        assert dead.code == "DUPLICATES_DETECTED"

    def _alerted(self, line: Pair) -> None:
        """Somebody of the same name, whom no key of ours finds."""
        line.org.create("Lead", {"LastName": "Weber", "FirstName": "Ana", "Company": "Firm GmbH"})
        line.org.duplicate_rules.append(DuplicateRule("Lead", ("LastName", "FirstName"), blocks=False))

    def test_who_is_handed_over_becomes_a_member_of_the_campaign(self, folder: Path) -> None:
        with pair(folder, salesforce='campaign = "Autumn"') as line:
            campaign = line.org.create("Campaign", {"Name": "Autumn", "IsActive": True})
            _, lead = line.given()
            (member,) = line.records("CampaignMember")
            assert (member["CampaignId"], member["LeadId"]) == (campaign, lead)
            line.sync(MINUTES)
            assert len(line.records("CampaignMember")) == 1


def in_hand(line: Pair, contact: str) -> tuple[str, str, str]:
    """(owner in the store, owner of the lead there, owner of the task there), by address."""
    users = {str(one["Id"]): str(one["Email"]) for one in line.records("User")}
    lead = next(one for one in line.records("Lead") if line.key(contact) in one.values())
    task = next(one for one in line.records("Task") if one["WhoId"] == lead["Id"])
    return line.handoff(contact).owner, users[str(lead["OwnerId"])], users[str(task["OwnerId"])]


class TestGivenOn:
    def gives(self, line: Pair, owner: str, to: str) -> list[Moved]:
        return reassign_all(line.app.runtime(), line.app.rows, owner, to, "petra")

    def test_lead_and_task_get_their_new_owner_and_what_is_read_back_is_no_news(self, line: Pair) -> None:
        contact, _ = line.given()
        [moved] = self.gives(line, LENA, TOM)
        assert moved.to == TOM
        line.sync(MINUTES)
        assert in_hand(line, contact) == (TOM, TOM, TOM)
        task = line.records("Task")[0]
        line.sync(MINUTES)
        assert in_hand(line, contact) == (TOM, TOM, TOM)
        assert line.records("Task")[0] == task
        assert line.handoff(contact).due_at > line.handoff(contact).opened_at  # type: ignore[operator]
        assert line.outbox("waiting", "dead", "parked") == []

    def test_whom_a_person_gives_it_to_there_afterwards_keeps_it(self, line: Pair) -> None:
        contact, lead = line.given()
        self.gives(line, LENA, TOM)
        line.sync(MINUTES)
        petra = next(str(one["Id"]) for one in line.records("User") if str(one["Email"]).startswith("petra"))
        line.says(lead, OwnerId=petra)
        line.sync(MINUTES)
        assert in_hand(line, contact)[:2] == ("petra@northwind.example",) * 2

    def test_a_record_that_was_there_before_keeps_its_owner_and_the_task_goes_on(self, line: Pair) -> None:
        contact, person = self.of_karl(line)
        (task,) = line.records("Task")
        assert task["OwnerId"] == line.org.user(KARL)
        [moved] = self.gives(line, KARL, TOM)
        line.sync(MINUTES)
        line.sync(MINUTES)
        (task,) = line.records("Task")
        assert (moved.to, task["OwnerId"]) == (TOM, line.org.user(TOM))
        assert line.org.record(person)["OwnerId"] == line.org.user(KARL)
        assert line.handoff(contact).owner == line.lead(contact).owner == TOM

    @pytest.mark.parametrize(("deputy", "to"), [(TOM, TOM), ("", LENA), ("", TOM)])
    def test_whose_owner_there_is_away_goes_to_the_deputy_else_by_the_rules(
        self, line: Pair, deputy: str, to: str
    ) -> None:
        away = [KARL] if deputy or to == LENA else [KARL, LENA]
        for email in away:
            add_absence(line.app.runtime(), Absence(email, line.now, deputy=deputy if email == KARL else ""))
        contact, person = self.of_karl(line)
        (task,) = line.records("Task")
        assert (task["WhoId"], task["OwnerId"]) == (person, line.org.user(to))
        assert (f"{KARL} is away: {TOM} stands in" in line.handoff(contact).routed_by) == bool(deputy)

    def of_karl(self, line: Pair) -> tuple[str, str]:
        """Somebody asks who is a contact of Karl's there."""
        values = {"LastName": "Weber", "Email": "ana@firm.example", "OwnerId": KARL}
        person = line.org.create("Contact", values)
        contact = line.person()
        line.asks_for_a_demo(contact)
        line.sync(MINUTES)
        line.sync(MINUTES)
        return contact, person
