"""Writing to an org: by our key first, then by id; each item for itself; refusals in an admin's words."""

from __future__ import annotations

from typing import Any

import pytest

from connector.model.adapter import FindItem, WriteItem
from connector.model.errors import AuthError
from connector.model.outbox import LANES, Done, NotExecuted, Outcome, Refused, Unknown
from connector.sandbox.salesforce.rules import DuplicateRule, ValidationRule
from tests.salesforce import World


def lead(key: str, crm_id: str = "", **values: Any) -> WriteItem:
    create = {} if crm_id else {"LastName": "Alba", "Company": "Acme"}
    return WriteItem("lead", key, create | values, crm_id)


def done(outcome: Outcome) -> str:
    assert isinstance(outcome, Done), outcome
    return outcome.crm_id


def refused(outcome: Outcome) -> Refused:
    assert isinstance(outcome, Refused), outcome
    return outcome


def test_leads_are_made_by_our_key_in_one_call_and_changed_by_id() -> None:
    world = World()
    made = world.crm.write([lead(f"k-{number}", Email=f"p{number}@example.com") for number in range(200)])
    assert world.routes() == {"PATCH composite/sobjects/Lead/Baton_Id__c": 1}
    assert world.org.record(done(made[7]))["Baton_Id__c"] == "k-7"
    world.crm.write([lead("k-7", done(made[7]), City="Bonn")])
    assert world.org.record(done(made[7]))["City"] == "Bonn"
    body = world.http.calls[-1].json["records"][0]
    assert body == {"attributes": {"type": "Lead"}, "id": done(made[7]), "City": "Bonn"}


def test_the_assignment_rules_of_the_org_are_never_run() -> None:
    world = World()
    world.org.assignment_rule = "lena@northwind.example"
    owner = world.org.user("tom@northwind.example")
    made = done(world.crm.write([lead("k-1", OwnerId=owner)])[0])
    done(world.crm.write([lead("k-1", made, City="Bonn")])[0])
    assert world.org.record(made)["OwnerId"] == owner
    assert all(call.headers["Sforce-Auto-Assign"] == "FALSE" for call in world.http.calls)


def test_one_refused_item_leaves_the_others_done_and_is_told_in_words() -> None:
    world = World()
    world.org.set_picklist("Lead", "LeadSource", ["Web", "Other"])
    outcomes = world.crm.write([lead("k-1"), lead("k-2", LeadSource="Fax"), lead("k-3")])
    assert [type(one) for one in outcomes] == [Done, Refused, Done]
    told = refused(outcomes[1])
    assert (told.code, told.field) == ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "LeadSource")
    assert told.reason == "Lead.LeadSource (Lead Source): the CRM takes only these values: Web, Other"
    assert told.code in world.crm.capabilities.field_codes


@pytest.mark.parametrize(
    ("values", "code", "words"),
    [
        ({"Title": "x" * 129}, "STRING_TOO_LONG", "Lead.Title: the CRM takes at most 128 characters"),
        ({"LastName": ""}, "REQUIRED_FIELD_MISSING", "Lead.LastName (Last Name): the CRM requires it, and it is blank"),
        (
            {"IsConverted": True},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Lead.IsConverted: the CRM does not let Baton write it",
        ),
        ({"Email": "no address"}, "INVALID_EMAIL_ADDRESS", "Lead.Email: the CRM does not take this value"),
    ],
)
def test_a_value_that_is_refused_is_not_repeated(values: dict[str, Any], code: str, words: str) -> None:
    told = refused(World().crm.write([lead("k-1", **values)])[0])
    assert told.code == code
    assert told.reason.startswith(words)
    assert "no address" not in told.reason


def test_a_validation_rule_speaks_in_its_own_words_without_addresses() -> None:
    world = World()
    words = "Ask ops@northwind.example for a budget"
    world.org.validation_rules.append(ValidationRule("Lead", words, lambda _after, _before: True, "Title"))
    told = refused(world.crm.write([lead("k-1")])[0])
    assert told.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert told.reason.endswith("a rule of the CRM says no: Ask … for a budget")


def test_a_duplicate_rule_is_a_refusal_and_no_look_up() -> None:
    world = World()
    world.lead(Email="ana@example.com")
    world.org.duplicate_rules.append(DuplicateRule("Lead"))
    told = refused(world.crm.write([lead("k-1", Email="ana@example.com")])[0])
    assert (told.code, told.duplicate) == ("DUPLICATES_DETECTED", False)
    assert told.reason == "a duplicate rule of the CRM says that it is there already: Use one of these records?"


def test_a_duplicate_rule_that_names_records_is_told_with_their_ids() -> None:
    world = World()
    records = [{"record": {"attributes": {"type": "Contact"}, "Id": "0034M00001uw7M4QAI"}}]
    found = {"duplicateRule": "Standard_Leads", "matchResults": [{"matchRecords": records}]}
    error = {"statusCode": "DUPLICATES_DETECTED", "message": "x", "duplicateResult": found}
    world.http.fails = [(200, [{"success": False, "errors": [error]}])]
    told = refused(world.crm.write([lead("k-1")])[0])
    assert "Standard_Leads" in told.reason
    assert told.reason.endswith(": 0034M00001uw7M4QAI")


def test_an_admin_may_have_alerts_passed() -> None:
    world = World(duplicate_rules="save_anyway")
    world.lead(Email="ana@example.com")
    world.org.duplicate_rules.append(DuplicateRule("Lead", blocks=False))
    done(world.crm.write([lead("k-1", Email="ana@example.com")])[0])
    assert world.http.calls[0].headers["Sforce-Duplicate-Rule-Header"] == "allowSave=true"


def test_our_key_on_another_record_is_a_duplicate_to_be_looked_up() -> None:
    world = World()
    world.lead(Baton_Id__c="k-1")
    second = world.lead()
    told = refused(world.crm.write([lead("k-2", second, Baton_Id__c="k-1")])[0])
    assert (told.code, told.duplicate) == ("DUPLICATE_VALUE", True)


def test_one_key_twice_in_a_batch_goes_out_in_two_calls() -> None:
    world = World()
    first, second = world.crm.write([lead("k-1", City="Bonn"), lead("k-1", City="Ulm")])
    assert done(first) == done(second)
    assert world.org.record(done(first))["City"] == "Ulm"
    assert len(world.http.calls) == 2


def test_a_locked_record_was_not_written() -> None:
    world = World()
    world.http.fails = [(200, [{"success": False, "errors": [{"statusCode": "UNABLE_TO_LOCK_ROW", "message": "x"}]}])]
    assert isinstance(world.crm.write([lead("k-1")])[0], NotExecuted)


def test_a_converted_lead_is_told_as_such() -> None:
    world = World()
    id = world.lead(Baton_Id__c="k-1")
    world.org.convert(id)
    assert refused(world.crm.write([lead("k-1", id, City="Bonn")])[0]).code == "CONVERTED"
    assert refused(world.crm.write([lead("k-1", City="Bonn")])[0]).code == "CONVERTED"


def test_a_deleted_lead_is_gone_and_is_not_made_again() -> None:
    world = World()
    id = world.lead(Baton_Id__c="k-1")
    world.org.delete(id)
    told = refused(world.crm.write([lead("k-1", id, City="Bonn")])[0])
    assert (told.code, told.duplicate) == ("GONE", False)
    assert not world.org.live("Lead")


def test_a_merged_lead_is_written_to_as_the_winner() -> None:
    world = World()
    loser, winner = world.lead(Baton_Id__c="k-1"), world.lead()
    world.org.merge(winner, [loser])
    outcomes = world.crm.write([lead("k-0", world.lead(), City="Ulm"), lead("k-1", loser, City="Bonn")])
    assert done(outcomes[1]) == winner
    assert world.org.record(winner)["City"] == "Bonn"


@pytest.mark.parametrize("body", [[], [{"success": True, "id": "00Q1"}], {"message": "?"}, b"<html>", b""])
def test_an_answer_of_another_shape_says_nothing_of_any_item(body: Any) -> None:
    world = World()
    world.http.fails = [(200, body)]
    outcomes = world.crm.write([lead("k-1"), lead("k-2")])
    assert [type(one) for one in outcomes] == [Unknown, Unknown]


@pytest.mark.parametrize("result", [{}, {"success": "yes"}, {"success": True}, {"success": True, "id": None}, None])
def test_a_result_without_its_parts_is_unknown(result: Any) -> None:
    world = World()
    world.http.fails = [(200, [result])]
    assert isinstance(world.crm.write([lead("k-1")])[0], Unknown)


def test_a_result_of_another_record_is_unknown() -> None:
    world = World()
    id = world.lead()
    world.http.fails = [(200, [{"success": True, "id": "00Q5g000000Zzzz"}])]
    assert isinstance(world.crm.write([lead("k-1", id, City="Bonn")])[0], Unknown)
    world.http.fails = [(200, [{"success": True, "id": id[:15]}])]
    assert isinstance(world.crm.write([lead("k-1", id, City="Bonn")])[0], Done)


def test_a_lost_answer_leaves_all_unknown_and_they_are_found() -> None:
    world = World()
    world.http.fails = ["lost"]
    assert all(isinstance(one, Unknown) for one in world.crm.write([lead("k-1"), lead("k-2")]))
    found = world.crm.find([FindItem("lead", "k-2"), FindItem("lead", "k-1"), FindItem("lead", "k-3")])
    assert [len(one.crm_ids) for one in found] == [1, 1, 0]
    assert found[0].values[0]["LastName"] == "Alba"


def test_an_unknown_field_stops_only_the_items_that_have_it() -> None:
    world = World()
    outcomes = world.crm.write([lead("k-1"), lead("k-2", Nowhere__c="x"), lead("k-3")])
    assert [type(one) for one in outcomes] == [Done, Refused, Done]
    assert "no such field" in refused(outcomes[1]).reason
    assert len([call for call in world.http.calls if call.method == "PATCH"]) == 2


def test_a_fault_that_names_no_field_is_looked_for_by_halves() -> None:
    world = World()
    fault = [{"errorCode": "JSON_PARSER_ERROR", "message": "Cannot deserialize instance of double"}]
    world.http.fails = [(400, fault), (400, fault), (400, fault)]
    outcomes = world.crm.write([lead(f"k-{number}") for number in range(4)])
    assert [type(one) for one in outcomes] == [Refused, Done, Done, Done]


def test_a_missing_right_puts_all_off_and_kills_nothing() -> None:
    world = World(external_id="Nothing__c")
    world.http.described = False
    assert isinstance(world.crm.write([lead("k-1")])[0], NotExecuted)
    world = World()
    world.http.fails = [(403, [{"errorCode": "API_DISABLED_FOR_ORG", "message": "x"}])]
    assert isinstance(world.crm.write([lead("k-1")])[0], NotExecuted)


def test_the_limit_of_the_day_puts_off_and_a_dead_session_is_an_auth_error() -> None:
    world = World()
    world.http.fails = [(403, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "x"}])]
    assert isinstance(world.crm.write([lead("k-1")])[0], NotExecuted)
    world.org.end_sessions()
    with pytest.raises(AuthError):
        world.crm.write([lead("k-1")])


def test_tasks_hang_on_people_and_deals_and_carry_our_key_last() -> None:
    world = World()
    person = world.lead()
    account = world.org.create("Account", {"Name": "Acme"})
    made = world.crm.write(
        [
            WriteItem("task", "st:h1:task:1", {"Subject": "Call", "Description": "Why now"}, parent_id=person),
            WriteItem("task", "st:h2:task:1", {"Subject": "Tell"}, parent_id=account, parent_object="account"),
        ]
    )
    first, second = (world.org.record(done(one)) for one in made)
    assert (first["WhoId"], first["Description"]) == (person, "Why now\n\nst:h1:task:1")
    assert (second["WhatId"], second["Description"]) == (account, "st:h2:task:1")
    assert world.routes() == {"POST composite/sobjects": 1}


def test_a_lost_task_is_found_among_those_of_its_parent() -> None:
    world = World()
    person = world.lead()
    world.http.fails = ["lost"]
    item = WriteItem("task", "st:h1:task:1", {"Subject": "Call", "Description": "Why"}, parent_id=person)
    assert isinstance(world.crm.write([item])[0], Unknown)
    world.org.log_call(person)
    look = FindItem("task", "st:h1:task:1", parent_id=person)
    found = world.crm.find([look, FindItem("task", "st:h9:task:1", parent_id=person), FindItem("task", "st:h1:task:1")])
    assert [len(one.crm_ids) for one in found] == [1, 0, 0]
    assert [one.reliable for one in found] == [True, True, False]
    assert (found[0].values[0]["Subject"], found[0].values[0]["Description"]) == ("Call", "Why")
    world.org.convert(person)
    assert world.crm.find([look])[0].crm_ids == found[0].crm_ids


def test_a_task_with_a_key_field_is_made_once() -> None:
    world = World(task_key="Baton_Id__c")
    world.org.add_field("Task", "Baton_Id__c", kind="string", length=80, external_id=True, unique=True)
    person = world.lead()
    item = WriteItem("task", "st:h1:task:1", {"Subject": "Call"}, parent_id=person)
    assert done(world.crm.write([item])[0]) == done(world.crm.write([item])[0])
    assert len(world.crm.find([FindItem("task", "st:h1:task:1")])[0].crm_ids) == 1
    assert world.crm.capabilities.of("task").unique_key == "field"


def test_someone_is_a_member_of_a_campaign_once() -> None:
    world = World()
    campaign = world.org.create("Campaign", {"Name": "Handed over", "IsActive": True})
    world.settings = {"campaign": "Handed over"}
    crm, person = world.again(), world.lead()
    item = WriteItem("member", "st:h1:member:1", {"Status": "Sent"}, parent_id=person)
    member = done(crm.write([item])[0])
    assert world.org.record(member)["CampaignId"] == campaign
    taken = {"statusCode": "DUPLICATE_VALUE", "message": "Already a campaign member.", "fields": []}
    world.http.fails = [(200, [{"success": False, "errors": [taken]}])]
    again = refused(crm.write([item])[0])
    assert again.duplicate
    assert crm.find([FindItem("member", "st:h1:member:1", parent_id=person)])[0].crm_ids == (member,)
    world.org.convert(person)
    assert crm.find([FindItem("member", "st:h1:member:1", parent_id=person)])[0].crm_ids == (member,)
    assert crm.find([FindItem("member", "st:h2:member:1", parent_id=world.lead())])[0].crm_ids == ()
    assert "member" in crm.capabilities.objects
    assert "member" not in world.crm.capabilities.objects


def test_a_contact_is_changed_and_never_made() -> None:
    world = World()
    contact = world.org.create("Contact", {"LastName": "Alba"})
    done(world.crm.write([WriteItem("contact", "k-1", {"Title": "CTO"}, contact)])[0])
    assert world.org.record(contact)["Title"] == "CTO"
    assert refused(world.crm.write([WriteItem("contact", "k-1", {"LastName": "New"})])[0]).code == "NO_ID"
    assert refused(world.crm.write([WriteItem("spaceship", "k-1", {})])[0]).code == "UNKNOWN_OBJECT"


def test_a_call_is_as_urgent_as_its_most_urgent_item() -> None:
    world = World()
    hot = WriteItem("lead", "k-2", {"LastName": "B", "Company": "C"}, lane=LANES["hot"])
    world.crm.write([lead("k-1"), hot])
    assert world.http.calls[0].lane == LANES["hot"]
    assert set(world.http.calls[0].about) == {"k-1", "k-2"}


def test_a_look_up_by_id_follows_a_merge() -> None:
    world = World()
    loser, winner, gone = world.lead(), world.lead(City="Ulm"), world.lead()
    world.org.merge(winner, [loser])
    world.org.delete(gone)
    found = world.crm.find([FindItem("lead", "k-1", crm_id=loser), FindItem("lead", "k-2", crm_id=gone)])
    assert found[0].crm_ids == (winner,)
    assert found[0].values[0]["City"] == "Ulm"
    assert found[1].crm_ids == ()


def test_several_choices_go_with_semicolons_and_nothing_as_null() -> None:
    world = World()
    world.org.add_field("Lead", "Topics__c", kind="multipicklist")
    id = done(world.crm.write([lead("k-1", Topics__c=["Excel", "SAP"], City="")])[0])
    record = world.http.calls[0].json["records"][0]
    assert (record["Topics__c"], record["City"]) == ("Excel;SAP", None)
    assert world.org.record(id)["Topics__c"] == "Excel;SAP"


def test_refused_between_two_calls_what_was_done_stands_and_nothing_is_sent_twice() -> None:
    world = World()
    parent = done(world.crm.write([lead("k-1")])[0])
    task = WriteItem("task", "k:handoff-1:task:1", {"Subject": "Call"}, parent_id=parent)
    world.http.fails = ["", (401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}])]
    outcomes = world.crm.write([task, lead("k-1", parent, City="Bonn")])
    assert [type(one) for one in outcomes] == [Done, NotExecuted]
    assert len(world.org.live("Task")) == 1
    world.http.fails = [(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}])]
    with pytest.raises(AuthError):
        world.crm.write([lead("k-1", parent, City="Bonn")])


@pytest.mark.parametrize("refused_with", [401, 403, 503])
def test_what_was_done_is_not_lost_where_the_org_cannot_be_asked_why_it_refused_others(refused_with: int) -> None:
    world = World()
    world.org.set_picklist("Lead", "LeadSource", ["Web", "Other"])
    world.http.fails = ["", (refused_with, [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "no more"}])]
    outcomes = world.crm.write([lead("k-1"), lead("k-2", LeadSource="Fax")])
    assert [type(one) for one in outcomes] == [Done, Refused]


def test_an_org_that_cannot_be_asked_who_won_leaves_others_done() -> None:
    world = World()
    one, other = (done(outcome) for outcome in world.crm.write([lead("k-1"), lead("k-2")]))
    world.org.delete(one)
    world.http.fails = ["", (401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}])]
    outcomes = world.crm.write([lead("k-1", one, City="Bonn"), lead("k-2", other, City="Bonn")])
    assert [type(outcome) for outcome in outcomes] == [Refused, Done]


def test_a_task_goes_where_the_record_that_it_hangs_on_went() -> None:
    world = World()
    lost, converted, winner = (done(one) for one in world.crm.write([lead(f"k-{number}") for number in range(3)]))
    accounts = [world.org.create("Account", {"Name": name}) for name in ("Firm", "Firm Inc")]
    world.org.merge(winner, [lost])
    world.org.merge(accounts[0], [accounts[1]])
    became = world.org.convert(converted)["contact"]
    places = [("lead", lost), ("lead", converted), ("account", accounts[1])]
    tasks = [
        WriteItem("task", f"k:handoff-{number}:task:1", {"Subject": "Call"}, parent_id=id, parent_object=object)
        for number, (object, id) in enumerate(places)
    ]
    made = [world.org.record(done(one)) for one in world.crm.write(tasks)]
    assert [task.get("WhoId") or task["WhatId"] for task in made] == [winner, became, accounts[0]]
    assert len(world.org.live("Task")) == 3


def test_what_the_org_has_is_asked_anew_whenever_its_fields_are() -> None:
    world = World()
    world.crm.fields()
    world.org.set_picklist("Lead", "LeadSource", ["Internet"])
    (source,) = [one for one in world.crm.fields() if (one.object, one.name) == ("lead", "LeadSource")]
    assert source.choices == ("Internet",)
