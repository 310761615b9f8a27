"""The local HubSpot's rules for records: what it takes, what it refuses, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from connector.sandbox.hubspot import TOKEN, Portal, add_contacts, edit, furnish, look
from connector.sandbox.hubspot.routes import Application
from connector.sandbox.wire import Call, Reply
from tests.sandbox import Caller


@pytest.fixture
def portal() -> Portal:
    portal = Portal()
    furnish(portal)
    portal.limits.generous()
    return portal


@pytest.fixture
def hubspot(portal: Portal) -> Caller:
    return Caller(Application(portal), TOKEN)


def made(hubspot: Caller, **properties: str) -> str:
    return str(hubspot.post("/crm/v3/objects/contacts", {"properties": properties, "associations": []})["id"])


def codes(reply: Reply) -> list[str]:
    return [one["code"] for one in reply.body["errors"]]


def read(hubspot: Caller, id: str, *names: str) -> dict[str, Any]:
    properties = hubspot.get(f"/crm/v3/objects/contacts/{id}", properties=",".join(names))["properties"]
    return {name: properties[name] for name in names}


def test_values_that_cannot_be_taken_are_all_named(hubspot: Caller) -> None:
    values = {"email": "nobody", "lifecyclestage": "hot", "annualrevenu": "1", "hubspot_owner_id": "1",
              "num_conversion_events": "3"}  # fmt: skip
    reply = hubspot("POST", "/crm/v3/objects/contacts", {"properties": values})
    assert reply.status == 400
    assert reply.body["category"] == "VALIDATION_ERROR"
    assert codes(reply) == [
        "INVALID_EMAIL", "INVALID_OPTION", "PROPERTY_DOESNT_EXIST", "INVALID_OPTION", "READ_ONLY_VALUE",
    ]  # fmt: skip
    company = hubspot("POST", "/crm/v3/objects/companies", {"properties": {"numberofemployees": "a few"}})
    assert codes(company) == ["INVALID_NUMBER"]
    task = hubspot("POST", "/crm/v3/objects/tasks", {"properties": {"hs_task_subject": "Call"}})
    assert codes(task) == ["REQUIRED_PROPERTY"]
    task = hubspot("POST", "/crm/v3/objects/tasks", {"properties": {"hs_timestamp": "tomorrow"}})
    assert codes(task) == ["INVALID_DATE"]


def test_an_email_belongs_to_one_contact(hubspot: Caller) -> None:
    first = made(hubspot, email="Ann@B.example")
    again = hubspot("POST", "/crm/v3/objects/contacts", {"properties": {"email": "ann@b.EXAMPLE"}})
    assert (again.status, again.body["category"]) == (409, "CONFLICT")
    assert first in again.body["message"]
    second = made(hubspot, email="other@b.example")
    taken = hubspot("PATCH", f"/crm/v3/objects/contacts/{second}", {"properties": {"email": "ann@b.example"}})
    assert (taken.status, taken.body["category"]) == (409, "CONFLICT")
    assert first in taken.body["message"]
    hubspot("DELETE", f"/crm/v3/objects/contacts/{first}")
    assert (
        hubspot("PATCH", f"/crm/v3/objects/contacts/{second}", {"properties": {"email": "ann@b.example"}}).status == 200
    )


def test_what_was_not_asked_for_does_not_come_and_what_is_not_there_is_null(hubspot: Caller) -> None:
    id = made(hubspot, email="a@b.example", jobtitle="COO")
    record = hubspot.get(f"/crm/v3/objects/contacts/{id}", properties="phone,nonsense")
    assert "jobtitle" not in record["properties"]
    assert "nonsense" not in record["properties"]
    assert record["properties"]["phone"] is None
    assert hubspot.get("/crm/v3/objects/contacts/a%40b.example", idProperty="email")["id"] == id
    assert hubspot("GET", "/crm/v3/objects/contacts/x", idProperty="jobtitle").status == 400


def test_the_stage_goes_forward_only_unless_it_was_cleared(hubspot: Caller) -> None:
    id = made(hubspot, email="a@b.example", lifecyclestage="opportunity")
    path = f"/crm/v3/objects/contacts/{id}"
    back = hubspot("PATCH", path, {"properties": {"lifecyclestage": "lead", "city": "Bremen"}})
    assert back.status == 200
    assert read(hubspot, id, "lifecyclestage", "city") == {"lifecyclestage": "opportunity", "city": "Bremen"}
    hubspot("PATCH", path, {"properties": {"lifecyclestage": ""}})
    hubspot("PATCH", path, {"properties": {"lifecyclestage": "lead"}})
    assert read(hubspot, id, "lifecyclestage") == {"lifecyclestage": "lead"}


def test_a_write_that_changes_nothing_leaves_the_time_of_change(hubspot: Caller, portal: Portal) -> None:
    id = made(hubspot, email="a@b.example", city="Graz")
    before = hubspot.get(f"/crm/v3/objects/contacts/{id}")["updatedAt"]
    portal.clock.move(60)
    hubspot("PATCH", f"/crm/v3/objects/contacts/{id}", {"properties": {"city": "Graz"}})
    assert hubspot.get(f"/crm/v3/objects/contacts/{id}")["updatedAt"] == before


def test_a_merge_makes_a_new_contact_that_answers_for_both(hubspot: Caller, portal: Portal) -> None:
    winner, loser = made(hubspot, email="a@b.example"), made(hubspot, email="b@b.example", city="Graz")
    edit(portal, {"do": "visit", "id": loser})
    held = hubspot.post("/crm/v3/lists", {"name": "Ours", "objectTypeId": "0-1", "processingType": "MANUAL"})["list"]
    hubspot("PUT", f"/crm/v3/lists/{held['listId']}/memberships/add", [loser])
    merged = hubspot.post("/crm/v3/objects/contacts/merge", {"primaryObjectId": winner, "objectIdToMerge": loser})["id"]
    assert merged not in (winner, loser)
    assert {hubspot.get(f"/crm/v3/objects/contacts/{id}")["id"] for id in (winner, loser)} == {merged}
    named = {"hs_merged_object_ids": f"{winner};{loser}", "city": "Graz", "email": "a@b.example"}
    assert read(hubspot, merged, *named) == named
    for archived in ("true", "false"):
        ids = [one["id"] for one in hubspot.get("/crm/v3/objects/contacts", archived=archived)["results"]]
        assert ids == ([] if archived == "true" else [merged])
    assert hubspot.get("/events/v3/events", objectType="CONTACT", objectId=merged)["results"]
    members = hubspot.get(f"/crm/v3/lists/{held['listId']}/memberships")["results"]
    assert [one["recordId"] for one in members] == [merged]


def test_the_archived_are_a_list_of_their_own_and_the_erased_are_nowhere(hubspot: Caller, portal: Portal) -> None:
    gone, back, erased = (made(hubspot, email=f"{name}@b.example") for name in "abc")
    hubspot("DELETE", f"/crm/v3/objects/contacts/{gone}")
    hubspot("DELETE", f"/crm/v3/objects/contacts/{back}")
    edit(portal, {"do": "restore", "id": back})
    hubspot("POST", "/crm/v3/objects/contacts/gdpr-delete", {"objectId": erased})
    living = [one["id"] for one in hubspot.get("/crm/v3/objects/contacts")["results"]]
    archived = [one["id"] for one in hubspot.get("/crm/v3/objects/contacts", archived="true")["results"]]
    assert (living, archived) == ([back], [gone])
    assert hubspot("GET", f"/crm/v3/objects/contacts/{gone}").status == 404


def test_pages_go_on_where_the_last_one_ended(hubspot: Caller, portal: Portal) -> None:
    ids = add_contacts(portal, 250)
    found, after = [], ""
    while True:
        page = hubspot.get("/crm/v3/objects/contacts", limit="100", after=after)
        found += [one["id"] for one in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after")
        if not after:
            break
    assert found == [str(id) for id in ids]
    assert hubspot("GET", "/crm/v3/objects/contacts", limit="101").status == 400


def test_a_lead_needs_a_contact_and_starts_at_the_pipelines_beginning(hubspot: Caller) -> None:
    contact = made(hubspot, email="a@b.example")
    wish: dict[str, Any] = {"properties": {"hs_lead_name": "Ann"}, "associations": []}
    assert hubspot("POST", "/crm/v3/objects/leads", wish).status == 400
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}]
    wish["associations"] = [{"to": {"id": contact}, "types": types}]
    id = hubspot.post("/crm/v3/objects/leads", wish)["id"]
    lead = hubspot.get(f"/crm/v3/objects/leads/{id}", properties="hs_pipeline_stage", associations="contacts")
    assert lead["properties"]["hs_pipeline_stage"] == "new-stage-id"
    assert lead["associations"]["contacts"]["results"][0]["id"] == contact
    wish["associations"][0]["to"]["id"] = "999999"
    assert hubspot("POST", "/crm/v3/objects/leads", wish).status == 404


def test_a_unique_property_of_the_admins_is_unique_from_then_on(hubspot: Caller, portal: Portal) -> None:
    first, second = made(hubspot, email="a@b.example"), made(hubspot, email="b@b.example")
    wish = {"name": "our_key", "label": "Key", "type": "string", "fieldType": "text", "groupName": "contactinformation",
            "hasUniqueValue": True}  # fmt: skip
    hubspot.post("/crm/v3/properties/contacts", wish)
    hubspot("PATCH", f"/crm/v3/objects/contacts/{first}", {"properties": {"our_key": "k"}})
    taken = hubspot("PATCH", f"/crm/v3/objects/contacts/{second}", {"properties": {"our_key": "k"}})
    assert codes(taken) == ["CONFLICTING_UNIQUE_VALUE"]
    edit(portal, {"do": "drop_property", "property": "our_key"})
    gone = hubspot("PATCH", f"/crm/v3/objects/contacts/{first}", {"properties": {"our_key": "k"}})
    assert codes(gone) == ["PROPERTY_DOESNT_EXIST"]


def test_people_in_the_platform_change_what_the_connector_meets(hubspot: Caller, portal: Portal) -> None:
    id = made(hubspot, email="a@b.example", lifecyclestage="customer", hubspot_owner_id="7001")
    edit(portal, {"do": "change", "id": id, "properties": {"lifecyclestage": "lead"}})
    assert read(hubspot, id, "lifecyclestage", "hubspot_owner_id") == {
        "lifecyclestage": "lead",
        "hubspot_owner_id": "7001",
    }
    edit(portal, {"do": "deactivate_owner", "owner": "7001"})
    assert [one["id"] for one in hubspot.get("/crm/v3/owners", archived="true")["results"]] == ["7001"]
    refused = hubspot("PATCH", f"/crm/v3/objects/contacts/{id}", {"properties": {"hubspot_owner_id": "7001"}})
    assert codes(refused) == ["INVALID_OPTION"]
    edit(portal, {"do": "set_options", "property": "hs_lead_status", "options": [["HOT", "Hot"]]})
    assert hubspot("PATCH", f"/crm/v3/objects/contacts/{id}", {"properties": {"hs_lead_status": "HOT"}}).status == 200
    edit(portal, {"do": "unsubscribe", "id": id})
    assert read(hubspot, id, "hs_email_optout") == {"hs_email_optout": "true"}
    assert look(portal, {"object": ["contacts"], "id": [id]})["properties"]["hs_lead_status"] == "HOT"
    with pytest.raises(ValueError, match="no edit 'teleport'"):
        edit(portal, {"do": "teleport"})


def test_the_ledger_says_what_became_of_which_record(hubspot: Caller, portal: Portal) -> None:
    id = made(hubspot, email="a@b.example")
    hubspot("PATCH", f"/crm/v3/objects/contacts/{id}", {"properties": {"city": "Graz", "email": "a@b.example"}})
    deeds = [(one.did, one.id, one.key, one.fields) for one in portal.ledger.deeds(object="contacts")]
    assert deeds == [("create", id, "a@b.example", ("email",)), ("update", id, "a@b.example", ("city",))]


def test_a_body_that_is_not_understood_is_refused(portal: Portal) -> None:
    call = Call("POST", "/crm/v3/objects/contacts", {}, {"authorization": f"Bearer {TOKEN}"}, b"{nonsense")
    assert Application(portal)(call).status == 400
