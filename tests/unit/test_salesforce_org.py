"""What an org has and needs, who is in it already, how it is reached; and the shipped mapping."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

import mappings
from adapters._salesforce.api import api, read_error, same_id, usage
from adapters._salesforce.finding import spellings
from adapters._salesforce.query import chunks, quoted
from adapters._salesforce.settings import SalesforceSettings
from connector.model.adapter import FieldInfo, SetupStep
from connector.model.errors import ConfigError, Problems
from connector.model.http import ClientCredentials, JwtBearer, RefreshToken, Usage
from connector.model.mirror import Wanted
from connector.model.sentences import templates
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping, overlay
from tests.salesforce import World

OVERLAY = Path(__file__).parents[1] / "data" / "mappings" / "salesforce.toml"
MANY = {"lead": ("FirstName", "Baton_Nowhere__c"), "member": ("CampaignId", "Status")}


def field(world: World, object: str, name: str) -> FieldInfo:
    found = [one for one in world.again().fields() if (one.object, one.name) == (object, name)]
    assert len(found) == 1, (object, name)
    return found[0]


def step(world: World, words: str) -> SetupStep:
    return next(one for one in world.again().setup() if words in one.what)


# what it has


def test_fields_say_what_is_required_and_what_they_take() -> None:
    world = World()
    world.org.set_picklist("Lead", "LeadSource", ["Web", "Other"])
    last, source, city = (field(world, "lead", name) for name in ("LastName", "LeadSource", "City"))
    assert (last.required, last.label, city.required) == (True, "Last Name", False)
    assert (source.choices, source.restricted, source.kind) == (("Web", "Other"), True, "choice")
    assert not field(world, "lead", "Status").required
    assert not field(world, "lead", "IsConverted").writable
    assert field(world, "lead", "Baton_Id__c").unique
    assert {one.object for one in world.crm.fields()} == {"lead", "task", "contact"}


def test_a_field_that_security_locks_is_not_writable() -> None:
    world = World()
    world.org.lock_field("Lead", "Title")
    world.org.lock_field("Contact", "Title")
    assert not field(world, "lead", "Title").writable
    assert not field(world, "contact", "Title").writable
    assert field(world, "contact", "Email").writable


def test_owners_are_active_users_by_address() -> None:
    world = World()
    world.org.deactivate("tom@northwind.example")
    owner = field(world, "lead", "OwnerId")
    assert owner.kind == "owner"
    assert owner.ids["lena@northwind.example"] == world.org.user("lena@northwind.example")
    assert "tom@northwind.example" not in owner.choices
    assert field(world, "task", "OwnerId").ids == owner.ids


def test_record_types_and_campaigns_go_by_name() -> None:
    world = World(MANY)
    partner = world.org.add_record_type("Lead", "Partner Lead")
    campaign = world.org.create("Campaign", {"Name": "Spring", "IsActive": True})
    world.org.create("Campaign", {"Name": "Over", "IsActive": False})
    assert field(world, "lead", "RecordTypeId").ids == {"Partner_Lead": partner}
    assert field(world, "member", "CampaignId").ids == {"Spring": campaign}


# what it needs


def test_a_furnished_org_passes() -> None:
    world = World()
    world.crm.check()
    assert all(one.there for one in world.crm.setup())


def test_without_the_field_for_our_key_the_command_is_named() -> None:
    world = World(external_id="Other_Id__c")
    with pytest.raises(ConfigError, match=r"Other_Id__c.*baton setup salesforce"):
        world.crm.check()
    key = step(world, "holds Baton's key")
    assert not key.there
    assert len(key.by_hand) == 4
    assert "Field Label Other Id, Field Name Other_Id" in key.by_hand[1]
    world.org.add_field("Lead", "Other_Id__c", kind="string", length=64)
    assert not step(world, "holds Baton's key").there
    world.org.add_field("Lead", "Other_Id__c", kind="string", length=64, external_id=True, unique=True)
    assert step(world, "holds Baton's key").there
    world.again().check()


def test_lacking_rights_are_named() -> None:
    world = World()
    world.org.lock_field("Lead", "Baton_Id__c")
    assert "lacking: Lead.Baton_Id__c: createable" in step(world, "rights of Baton's user").what


def test_fields_that_are_written_and_not_there_are_listed() -> None:
    world = World(MANY)
    assert step(world, "your mapping writes").what.endswith("Lead.Baton_Nowhere__c")


def test_campaign_and_task_field_are_looked_for() -> None:
    world = World(campaign="Handed over", task_key="Baton_Key__c")
    assert not step(world, "the campaign Handed over").there
    assert not step(world, "the task's field").there
    world.org.create("Campaign", {"Name": "Handed over", "IsActive": True})
    world.org.add_field("Task", "Baton_Key__c", kind="string", length=80, external_id=True, unique=True)
    assert all(one.there for one in world.again().setup())


def test_every_sentence_of_setup_can_be_translated() -> None:
    import re

    world = World(MANY, campaign="x", task_key="Baton_Key__c", external_id="Other__c")
    known = [re.sub(r"%\\\(\w+\\\)s|%\(\w+\)s", ".*", re.escape(text)) for text in templates()]
    for one in world.crm.setup():
        for said in (one.what, *one.by_hand):
            assert any(re.fullmatch(pattern, said) for pattern in known), said


# who is there already


def test_people_are_looked_up_by_address_and_number_with_their_account() -> None:
    world = World()
    account = world.org.create("Account", {"Name": "Acme", "Type": "Customer"})
    contact = world.org.create("Contact", {"LastName": "A", "Email": "Ana@Example.com", "AccountId": account})
    lead = world.lead(Email="ben@example.com", Status="Working")
    phone = world.lead(Phone="(202) 555-0143")
    world.lead(Email="other@example.com")
    wanted = [Wanted("ana@example.com"), Wanted("ben@example.com", "+12025550143"), Wanted("o'hara@example.com")]
    found = {(one.object, one.id): one for one in world.crm.look_up(wanted)}
    assert found.keys() == {("account", account), ("contact", contact), ("lead", lead), ("lead", phone)}
    assert found["account", account].customer
    assert found["contact", contact].account == account
    assert found["lead", lead].values["Status"] == "Working"


def test_a_hundred_people_are_two_calls() -> None:
    world = World()
    people = [Wanted(f"somebody.with.a.name{number}@department.example.com") for number in range(100)]
    assert world.count(lambda: world.crm.look_up(people)) == 2
    assert world.crm.look_up([]) == []


def test_a_number_has_several_spellings() -> None:
    assert spellings("+12025550143") == ["+12025550143", "+1 202-555-0143", "(202) 555-0143"]
    assert spellings("") == []
    assert spellings("12") == ["12"]


def test_what_is_asked_for_cannot_become_a_query() -> None:
    assert quoted("o'hara\\") == "'o\\'hara\\\\'"
    values = [f"{number:03d}" + "ü" * 200 for number in range(100)]
    parts = list(chunks([*values, *values]))
    assert [value for part in parts for value in part] == values
    assert max(len(part) for part in parts) < 10


# how it is reached


def test_the_three_ways_to_sign_in() -> None:
    jwt = api(SalesforceSettings(client_id="id", username="baton@northwind.example")).sign_in
    assert isinstance(jwt, JwtBearer)
    assert (jwt.subject, jwt.audience) == ("baton@northwind.example", "https://login.salesforce.com")
    assert jwt.call.url == "https://login.salesforce.com/services/oauth2/token"
    own = "https://northwind.my.salesforce.com"
    client = api(SalesforceSettings(client_id="id", sign_in="client_credentials", login_url=own)).sign_in
    assert isinstance(client, ClientCredentials)
    assert isinstance(api(SalesforceSettings(client_id="id", sign_in="refresh_token")).sign_in, RefreshToken)


@pytest.mark.parametrize(
    ("address", "audience"),
    [
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://northwind.my.salesforce.com/", "https://login.salesforce.com"),
        ("https://northwind--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
    ],
)
def test_whom_a_signed_sign_in_is_for(address: str, audience: str) -> None:
    assert SalesforceSettings(login_url=address).audience == audience


@pytest.mark.parametrize(
    "wrong",
    [
        {"login_url": "http://login.salesforce.com"},
        {"login_url": "login.salesforce.com"},
        {"login_url": "https://northwind.my.salesforce.com/services"},
        {"sign_in": "client_credentials"},
        {"api_version": "62"},
        {"external_id": "Baton Id"},
        {"duplicate_rules": "ignore"},
        {"token": "x"},
    ],
)
def test_settings_that_cannot_work_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SalesforceSettings(**wrong)


def test_a_sign_in_without_its_keys_names_them() -> None:
    with pytest.raises(ConfigError, match="client_id"):
        api(SalesforceSettings())
    with pytest.raises(ConfigError, match="username"):
        api(SalesforceSettings(client_id="id"))


def test_the_account_is_the_org() -> None:
    world = World()
    account = api(SalesforceSettings(client_id="id", username="u")).account
    assert account is not None
    assert account(world.http) == world.org.id
    assert same_id(world.org.id, world.org.id[:15])
    assert not same_id(world.org.id, world.org.id[:14] + "x")
    assert not same_id("", "")


def test_what_the_answers_say_of_limits_and_errors() -> None:
    assert usage({"sforce-limit-info": "api-usage=10018/100000"}) == [Usage("daily", 10018, 100000)]
    assert usage({}) == []
    assert read_error([{"errorCode": "X", "message": "m", "fields": ["A"]}]) == ("X", "m", "A")
    assert read_error({"error": "invalid_grant", "error_description": "expired"}) == ("invalid_grant", "expired", "")
    said = "\nSELECT Id FROM Lead WHERE Email IN ('ana@example.com')\n  ^\nERROR at Row:1: unexpected ana@example.com"
    assert read_error([{"errorCode": "MALFORMED_QUERY", "message": said}])[1] == "ERROR at Row:1: unexpected …"
    assert read_error("x") == read_error([]) == ("", "", "")


# the shipped mapping


def compiled(*more: str) -> CompiledMapping:
    document = tomllib.loads(mappings.shipped("salesforce") or "")
    for text in more:
        document = overlay(document, tomllib.loads(text))
    problems = Problems()
    found = compile_mapping(document, connection="salesforce", zone="Europe/Berlin", region="DE", problems=problems)
    assert problems.found == []
    return found


def test_every_shipped_line_names_a_field_of_a_new_org() -> None:
    mapping = compiled()
    world = World({object: mapping.written(object) for object in mapping.write_objects})
    there = {(one.object, one.name) for one in world.crm.fields()}
    for object in ("lead", "task"):
        assert {(object, name) for name in mapping.written(object)} <= there


def test_a_lead_and_its_task_as_the_org_takes_them() -> None:
    world = World()
    mapping = compiled()
    view = {"name.family": "", "name.full": "Ana Alba", "company.name": "", "source": "webinar", "country": "DE"}
    values, unsent = mapping.to_platform("lead", view, creating=True)
    assert unsent == []
    assert values == {"LastName": "Ana Alba", "Company": "[private]", "Country": "DE", "LeadSource": "Other"}
    view = {"task.subject": "Call Ana", "task.due_at": "2026-12-07T23:30:00+00:00", "task.priority": "high"}
    values, unsent = mapping.to_platform("task", view | {"task.text": "Why", "task.owner": ""}, creating=True)
    assert unsent == []
    assert (values["ActivityDate"], values["Priority"], values["Description"]) == ("2026-12-08", "High", "Why")
    from connector.model.adapter import WriteItem
    from connector.model.outbox import Done

    task = {name: value for name, value in values.items() if value not in (None, "")}
    outcome = world.crm.write([WriteItem("task", "st:h1:task:1", task, parent_id=world.lead())])[0]
    assert isinstance(outcome, Done), outcome


def test_an_admins_mapping_lies_over_it_whatever_the_case_of_the_object() -> None:
    mapping = compiled(OVERLAY.read_text("utf-8"))
    assert mapping.stage is not None
    assert (mapping.stage.stages["Nurturing"], mapping.stage.stages["Closed - Converted"]) == ("rejected", "sql")
    assert mapping.stage.reason_field == "Rejection_Reason__c"
    values, _ = mapping.to_platform("lead", {"email": "a@example.com", "source": "referral"}, creating=True)
    assert values["LeadSource"] == "Employee Referral"
    assert values["Email"] == "a@example.com"
