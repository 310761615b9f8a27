"""HubSpot and Salesforce from the command line: what setup, check, status, errors and auth say of the two."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from connector.cli.root import baton
from connector.cli.status import gather
from connector.jobs import rescore_job
from connector.model.http import Usage
from connector.model.outbox import OutboxRow
from connector.sandbox.salesforce.rules import DuplicateRule, ValidationRule
from tests.pair import SECRETS, Pair, pair

MINUTES = timedelta(minutes=5)


class Desk:
    """The pair, and `baton` over its configuration, at the time that it is."""

    def __init__(self, line: Pair) -> None:
        self.line = line

    def run(self, *arguments: str, typed: str | None = None) -> Result:
        """A command."""
        config = str(self.line.folder / "config.toml")
        return CliRunner().invoke(baton, ["--config", config, *arguments], input=typed, prog_name="baton")

    def told(self, *arguments: str) -> Any:
        """What a command answers as JSON."""
        return json.loads(self.run(*arguments, "--output", "json").stdout)

    def doubts(self) -> list[str]:
        """What check finds, but for the criteria."""
        return [one["text"] for one in self.told("check")["findings"] if "flows.b2b" not in one["text"]]

    def handed(self, email: str, **values: str) -> str:
        """Somebody asks for a demo; the line is run once."""
        contact = self.line.person(email, **values)
        self.line.asks_for_a_demo(contact)
        self.line.sync(MINUTES)
        return contact


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    for name, value in {**SECRETS, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, at=datetime.now(UTC).replace(microsecond=0)) as line:
        line.org.set_picklist("Lead", "Status", ["Open", "Working", "Unqualified", "Qualified"])
        yield Desk(line)


# setup


def test_setup_asks_before_it_makes_anything(desk: Desk) -> None:
    desk.line.acts("drop_property", property="baton_score")
    refused = desk.run("setup", "hubspot", typed="n\n")
    assert refused.exit_code == 1
    assert "missing: the property baton_score (contacts)" in refused.stdout
    assert "baton_score" not in desk.line.portal.properties["contacts"]
    made = desk.run("setup", "hubspot", typed="y\n")
    assert made.exit_code == 0
    assert "made: the property baton_score (contacts)" in made.stdout
    assert "baton_score" in desk.line.portal.properties["contacts"]


def test_setup_makes_nothing_for_a_program_that_did_not_say_yes(desk: Desk) -> None:
    desk.line.acts("drop_property", property="baton_score")
    step = next(one for one in desk.told("setup", "hubspot")["steps"] if not one["there"])
    assert (step["what"], step["made"]) == ("the property baton_score (contacts)", False)
    step = next(one for one in desk.told("setup", "hubspot", "--yes")["steps"] if one["made"])
    assert step["what"] == "the property baton_score (contacts)"
    assert all(one["there"] for one in desk.told("setup", "hubspot")["steps"])


def test_what_only_an_admin_can_make_is_told_step_by_step(desk: Desk) -> None:
    assert desk.run("setup", "salesforce").exit_code == 0
    desk.line.org.hide_field("Lead", "Baton_Id__c")
    answer = desk.run("setup", "salesforce", "--yes")
    assert answer.exit_code == 1
    lines = answer.stdout.splitlines()
    start = lines.index("missing: the lead's field Baton_Id__c, which holds Baton's key")
    assert [line.strip()[:2] for line in lines[start + 1 : start + 5]] == ["1.", "2.", "3.", "4."]
    assert "Field Name Baton_Id, Length 64" in answer.stdout


def test_a_connection_that_is_none_is_said(desk: Desk) -> None:
    answer = desk.run("setup", "hupspot")
    assert (answer.exit_code, answer.stderr) == (2, "error: no connection hupspot; there are: hubspot, salesforce\n")


# check


def test_a_pair_that_is_ready_raises_no_doubt(desk: Desk) -> None:
    assert desk.doubts() == []
    answer = desk.run("check")
    assert f"hubspot: account {desk.line.portal.portal_id}" in answer.stdout
    assert answer.stdout.splitlines()[-1].startswith("READY: errors 0")


def test_check_tells_what_setup_would_make(desk: Desk) -> None:
    desk.line.acts("drop_property", property="baton_score")
    (doubt,) = desk.doubts()
    assert doubt.endswith("missing: the property baton_score (contacts); see: baton setup hubspot")


def test_check_tells_a_scope_that_is_missing(desk: Desk) -> None:
    desk.line.acts("close", path="/email/public/v1/events")
    (doubt,) = desk.doubts()
    assert "the right to read the stream email_events: scope content" in doubt
    assert "tick content" in desk.run("setup", "hubspot").stdout


def test_check_tells_a_key_field_that_is_not_there_as_an_error(desk: Desk) -> None:
    desk.line.org.hide_field("Lead", "Baton_Id__c")
    answer = desk.run("check")
    assert answer.exit_code == 2
    assert "Baton_Id__c" in answer.stdout
    assert "baton setup salesforce" in answer.stdout


def test_check_tells_values_that_the_crm_does_not_take(desk: Desk) -> None:
    desk.line.org.set_picklist("Lead", "LeadSource", ["Web", "Partner"])
    desk.line.org.set_picklist("Lead", "Status", ["Open", "Qualified", "On hold"])
    values, stages = desk.doubts()
    assert "does not take these values of LeadSource: Partner Referral, Other; allowed: Web, Partner" in values
    assert stages.endswith("does not say what these values of Status mean: On hold")


def test_check_tells_fields_at_the_line_where_the_admin_wrote_them(desk: Desk) -> None:
    text = '[write.lead]\nScore__c = "score.total"\nTitel = "job_title"\n'
    (desk.line.folder / "salesforce.toml").write_text(text, "utf-8")
    desk.line.reopen(salesforce='mapping = "salesforce.toml"\n')
    desk.line.org.add_field("Lead", "Score__c", kind="double")
    desk.line.org.lock_field("Lead", "Score__c")
    told = desk.doubts()
    assert any(one.startswith("salesforce.toml:2: ") and "Score__c" in one for one in told), told
    assert any("Lead.Titel" in one and "baton setup salesforce" in one for one in told), told


def test_check_tells_a_field_that_the_crm_requires(desk: Desk) -> None:
    desk.line.org.add_field("Lead", "Region__c", required=True)
    (doubt,) = desk.doubts()
    assert "salesforce requires Region__c of each lead, which the mapping does not write" in doubt


def test_check_tells_a_rep_who_is_no_active_user_of_the_crm(desk: Desk) -> None:
    desk.line.org.deactivate("tom@northwind.example")
    (doubt,) = desk.doubts()
    assert "teams.sales.members.2: tom@northwind.example is no active user of salesforce" in doubt


def test_check_tells_of_another_connector_and_what_to_write(desk: Desk) -> None:
    desk.line.person(salesforceleadid="00Q5g00000ABCDE")
    desk.line.clock.move(60)
    links, shared = desk.doubts()
    assert '"links.salesforce" = ["salesforcecontactid", "salesforceleadid"]' in links
    assert "HubSpot's own connector to Salesforce may write these fields too: lifecyclestage;" in shared
    own = '[read]\n"links.salesforce" = ["salesforcecontactid", "salesforceleadid"]\n[write]\nlifecyclestage = false\n'
    (desk.line.folder / "hubspot.toml").write_text(own, "utf-8")
    desk.line.reopen(hubspot='mapping = "hubspot.toml"\n')
    assert desk.doubts() == []


def test_check_tells_a_share_of_calls_that_is_more_than_there_is(desk: Desk) -> None:
    desk.line.reopen(salesforce="daily_calls = 250_000\n")
    (doubt,) = desk.doubts()
    assert doubt.startswith("config.toml:")
    assert "connections.salesforce.daily_calls: 250,000 calls a day are more than the account has: 100,000" in doubt


def test_check_tells_what_is_wrong_with_one_side_and_looks_at_the_other(desk: Desk) -> None:
    desk.line.acts("withdraw")
    desk.line.org.deactivate("tom@northwind.example")
    answer = desk.run("check")
    assert answer.exit_code == 3
    assert "set BATON_SECRET_HUBSPOT" in answer.stdout
    assert "tom@northwind.example is no active user" in answer.stdout


# status


def test_status_tells_what_fails_and_what_mends_it_until_it_is_mended(desk: Desk) -> None:
    desk.handed("ana@firm.example")
    assert desk.told("status")["failing"] == []
    desk.line.acts("withdraw")
    desk.line.sync(MINUTES)
    found = desk.told("status")["failing"]
    assert {one["job"] for one in found} >= {"pull:hubspot"}
    assert {(one["connection"], one["kind"], one["mend"]) for one in found} == {
        ("hubspot", "AuthError", "set BATON_SECRET_HUBSPOT")
    }
    assert "Fails" in desk.run("status").stdout
    since = found[0]["since"]
    desk.line.sync(MINUTES)
    assert desk.told("status")["failing"][0]["since"] == since
    desk.line.portal.tokens.static = SECRETS["BATON_SECRET_HUBSPOT"]
    desk.line.sync(MINUTES)
    assert desk.told("status")["failing"] == []


def test_status_tells_the_read_in(desk: Desk) -> None:
    desk.line.org.create("Lead", {"LastName": "Weber", "Company": "Firm"})
    before = desk.told("status")["connections"]["salesforce"]
    assert (before["read_in"], before["records"]) == (None, {})
    assert "not yet whole: nothing is handed over to it before" in desk.run("status").stdout
    desk.line.sync(MINUTES)
    after = desk.told("status")["connections"]["salesforce"]
    assert after["read_in"] == desk.line.now.isoformat()
    assert after["records"]["lead"] == 1
    assert "leads 1" in desk.run("status").stdout


def test_status_tells_limits_and_when_what_waits_will_be_out(desk: Desk) -> None:
    desk.handed("ana@firm.example")
    stands = gather(desk.line.app, False)["connections"]["salesforce"]
    (daily,) = stands["limits"]
    assert (daily["rate"], daily["limit"], stands["waiting"]) == ("daily", 100_000, [])
    assert 0 < daily["used"] < 100
    rows = [OutboxRow("salesforce", "once", "lead", f"k{number}", f"k{number}", {}) for number in range(201)]
    (rate,) = desk.line.app.rates("salesforce")
    with desk.line.app.store.write() as tx:
        tx.budgets.observed("salesforce:salesforce", Usage("daily", 99_999, 100_000), rate, desk.line.now)
        tx.outbox.put(rows, desk.line.now)
    found = gather(desk.line.app, False)
    (waiting,) = found["connections"]["salesforce"]["waiting"]
    assert (waiting["lane"], waiting["rows"], waiting["calls"]) == ("normal", 201, 2)
    assert waiting["out_at"] == daily["until"] > found["at"]
    text = " ".join(desk.run("status").stdout.split())
    assert "99,999 of 100,000 in 1 day" in text
    assert "201 to write, about 2 calls" in text


def test_status_and_the_log_tell_what_ends_soon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in {**SECRETS, "BATON_SECRET_HUBSPOT-CLIENT": "x"}.items():
        monkeypatch.setenv(name, value)
    with pair(tmp_path, at=datetime(2027, 2, 1, tzinfo=UTC)) as line:
        assert gather(line.app, False)["endings"] == []
        line.reopen(hubspot='sign_in = "refresh_token"\nclient_id = "local-client"\noauth = "v1"\n')
        (ending,) = gather(line.app, False)["endings"]
        assert ending.startswith("hubspot: ")
        assert "2027-02-16" in ending
        rescore_job("03:30").act(line.app.runtime(), line.app)
        assert ending in caplog.text


def test_status_says_that_a_daemon_goes_on_after_a_broken_edit(desk: Desk) -> None:
    config = desk.line.folder / "config.toml"
    config.write_text(config.read_text("utf-8").replace('mode = "live"', 'mode = "liv"'), "utf-8")
    answer = desk.run("status")
    assert answer.exit_code == 2
    assert "a daemon that runs goes on with the last version that was right" in answer.stderr
    assert "did you mean live?" in answer.stderr


# errors


def test_what_a_rule_of_the_crm_refused_is_told_in_its_words_and_tried_again(desk: Desk) -> None:
    rule = ValidationRule("Lead", "Leads need a phone", lambda after, _: after["LastName"] == "Cem", "Phone")
    desk.line.org.validation_rules.append(rule)
    desk.handed("cem@firm.example", lastname="Cem")
    answer = desk.run("errors")
    assert "salesforce: lead record (lead 1)" in answer.stdout
    assert "Lead.Phone: a rule of the CRM says no: Leads need a phone" in answer.stdout
    assert "[FIELD_CUSTOM_VALIDATION_EXCEPTION]" in answer.stdout
    assert "writes that a platform refused  1  baton errors" in desk.run("status").stdout
    (fault,) = desk.told("errors")["errors"]
    assert (fault["kind"], fault["field"], fault["code"]) == ("dead", "Phone", "FIELD_CUSTOM_VALIDATION_EXCEPTION")
    assert gather(desk.line.app, False)["connections"]["salesforce"]["waiting"] == []  # its task waits for it
    desk.line.org.validation_rules.clear()
    assert desk.told("errors", "retry", fault["id"])["counts"] == {"to be sent again": 1}
    desk.line.sync(MINUTES)
    assert desk.told("errors")["total"] == 0
    assert [one["LastName"] for one in desk.line.records("Lead")] == ["Cem"]
    assert len(desk.line.records("Task")) == 1


def test_what_a_duplicate_rule_stopped_is_told_and_can_be_dropped(desk: Desk) -> None:
    desk.line.org.create("Lead", {"LastName": "Dora", "Company": "Firm"})
    desk.line.org.duplicate_rules.append(DuplicateRule("Lead", fields=("LastName",)))
    desk.handed("dora@firm.example", lastname="Dora")
    (fault,) = desk.told("errors")["errors"]
    assert fault["code"] == "DUPLICATES_DETECTED"
    assert desk.told("errors", "drop", fault["id"]) == {"dropped": 1}
    assert desk.told("errors")["total"] == 0


def test_a_value_that_was_left_out_is_told_by_field_and_object(desk: Desk) -> None:
    desk.line.org.set_picklist("Lead", "LeadSource", ["Website", "Partner"])
    desk.handed("ana@firm.example")
    text = desk.run("errors").stdout
    assert "notice  salesforce: lead record" in text
    assert "Lead Source (LeadSource): not sent: Web is not" in text
    assert "LeadSource: not sent: Web is not one of its choices" in desk.run("status").stdout
    desk.line.org.set_picklist("Lead", "LeadSource", ["Website", "Web"])
    desk.line.clock.move(3600)
    desk.handed("bo@firm.example")
    assert desk.told("errors")["total"] == 0


# auth


def test_auth_list_says_what_each_connection_needs(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BATON_SECRET_SALESFORCE")
    desk.line.reopen(hubspot='sign_in = "refresh_token"\nclient_id = "local-client"\n')
    needed = {(one["connection"], one["secret"]): one for one in desk.told("auth", "list")["needed"]}
    assert [(*key, one["there"]) for key, one in needed.items()] == [
        ("hubspot", "hubspot", True), ("hubspot", "hubspot-client", False), ("hubspot", "store-key", True),
        ("salesforce", "salesforce", False), ("salesforce", "store-key", True),
    ]  # fmt: skip
    assert needed["salesforce", "salesforce"]["set"] == "set BATON_SECRET_SALESFORCE"
    text = " ".join(desk.run("auth", "list").stdout.split())
    assert "client secret missing: set BATON_SECRET_SALESFORCE" in text


def test_login_tells_who_is_let_in(desk: Desk) -> None:
    desk.line.acts("withdraw")
    answer = desk.run("auth", "login")
    assert answer.exit_code == 3
    states = {one["connection"]: one["state"] for one in desk.told("auth", "login")["connections"]}
    assert states == {"hubspot": "refused", "salesforce": "works"}
