"""The local HubSpot server answers as the published descriptions say; and the watch sees what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from connector.sandbox.hubspot import CLIENT, TOKEN, HubSpotServer, add_companies, add_contacts
from tests.servers.descriptions import Watcher

Ask = Callable[..., requests.Response]
NOTE = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 202}]


@pytest.fixture
def ask(described_hubspot: HubSpotServer) -> Ask:
    """Calls the server as a connector does."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {TOKEN}"

    def call(method: str, path: str, **more: Any) -> requests.Response:
        return session.request(method, described_hubspot.url + path, timeout=30, **more)

    return call


@pytest.fixture
def people(described_hubspot: HubSpotServer) -> range:
    """Thirty contacts and what they did."""
    return add_contacts(described_hubspot.portal, 30, activities_each=10)


def search(**more: Any) -> dict[str, Any]:
    return {"after": "", "filterGroups": [], "limit": 10, "properties": ["email"], "sorts": []} | more


def test_reading_people_and_what_they_did(ask: Ask, people: range) -> None:
    id = str(people[0])
    page = ask("GET", "/crm/v3/objects/contacts", params={"limit": 10, "properties": "email,phone,hs_lead_status"})
    assert len(page.json()["results"]) == 10
    ask("GET", "/crm/v3/objects/contacts", params={"after": page.json()["paging"]["next"]["after"], "archived": "true"})
    assert ask("GET", f"/crm/v3/objects/contacts/{id}", params={"properties": "email"}).json()["id"] == id
    assert ask("GET", "/crm/v3/objects/contacts/999999").status_code == 404
    found = ask("POST", "/crm/v3/objects/contacts/search", json=search(sorts=["lastmodifieddate"]))
    assert found.json()["total"] == 30
    body = {"inputs": [{"id": id}, {"id": "5"}], "properties": ["email"], "propertiesWithHistory": []}
    assert ask("POST", "/crm/v3/objects/contacts/batch/read", json=body).status_code == 207
    email = page.json()["results"][0]["properties"]["email"]
    assert ask("GET", "/email/public/v1/events", params={"recipient": email, "limit": 100}).json()["events"]
    assert ask("GET", "/email/public/v1/events", params={"eventType": "CLICK", "startTimestamp": 0}).json()["events"]
    assert ask("GET", "/email/public/v1/campaigns/901").status_code == 200
    forms = ask("GET", "/marketing/v3/forms").json()["results"]
    assert len(forms) == 3
    ask("GET", f"/marketing/v3/forms/{forms[0]['id']}")
    sent = ask("GET", f"/form-integrations/v1/submissions/forms/{forms[0]['id']}", params={"limit": 50})
    assert sent.json()["results"][0]["values"]
    assert ask("GET", "/events/v3/events", params={"objectType": "CONTACT", "objectId": id}).json()["results"]
    assert ask("GET", "/events/v3/events", params={"eventType": "e_visited_page", "limit": 5}).json()["paging"]
    assert ask("GET", "/events/v3/events/event-types").json() == {"eventTypes": ["e_visited_page"]}
    assert ask("GET", "/marketing/v3/campaigns", params={"limit": 10}).json()["total"] == 2


@pytest.mark.parametrize("object", ["contacts", "companies", "leads", "tasks", "notes", "deals", "0-3"])
def test_every_kind_of_record_is_written_in_batches_and_one_by_one(ask: Ask, people: range, object: str) -> None:
    path = f"/crm/v3/objects/{object}"
    values = {"contacts": {"email": "a@b.example"}, "companies": {"name": "Oxbow"}, "leads": {"hs_lead_name": "A"}}
    made = values.get(object) or ({"dealname": "One", "dealstage": "closedwon"} if object in ("deals", "0-3")
                                  else {"hs_timestamp": "2026-03-01T09:30:00Z"})  # fmt: skip
    link = {
        "to": {"id": str(people[0])},
        "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 578}],
    }
    links = [link] if object == "leads" else []
    one = ask("POST", path, json={"properties": made, "associations": links})
    assert one.status_code == 201
    id = one.json()["id"]
    assert ask("PATCH", f"{path}/{id}", json={"properties": {"hubspot_owner_id": ""}}).status_code == 200
    assert ask("PATCH", f"{path}/{id}", json={"properties": {"nonsense": "1"}}).status_code == 400
    fresh = {"contacts": {"email": "c@b.example"}}.get(object, made)
    inputs = [
        {"properties": fresh, "associations": links, "objectWriteTraceId": "one"},
        {"properties": {"nonsense": "1"}, "associations": links, "objectWriteTraceId": "two"},
    ]
    mixed = ask("POST", f"{path}/batch/create", json={"inputs": inputs})
    assert mixed.status_code == 207
    assert mixed.json()["errors"][0]["context"]["objectWriteTraceId"] == ["two"]
    changes = {"inputs": [{"id": id, "properties": made, "objectWriteTraceId": "one"}]}
    assert ask("POST", f"{path}/batch/update", json=changes).status_code == 200
    assert ask("GET", path, params={"limit": 100}).status_code == 200
    assert ask("POST", f"{path}/search", json=search()).status_code == 200
    assert ask("POST", f"{path}/batch/archive", json={"inputs": [{"id": id}]}).status_code == 204
    assert ask("GET", f"{path}/{id}", params={"archived": "true"}).json()["archivedAt"]


def test_upserting_by_a_property_of_the_admins_own(ask: Ask, people: range) -> None:
    group = ask(
        "POST", "/crm/v3/properties/contacts/groups", json={"name": "baton", "label": "Baton", "displayOrder": -1}
    )
    assert group.status_code == 201
    wish = {"name": "baton_key", "label": "Key", "type": "string", "fieldType": "text", "groupName": "baton",
            "hasUniqueValue": True}  # fmt: skip
    assert ask("POST", "/crm/v3/properties/contacts", json=wish).status_code == 201
    assert ask("POST", "/crm/v3/properties/contacts", json=wish).status_code == 409
    inputs = [
        {"idProperty": "baton_key", "id": key, "properties": {"lastname": "Adler"}, "objectWriteTraceId": key}
        for key in ("k1", "k2")
    ]
    first = ask("POST", "/crm/v3/objects/contacts/batch/upsert", json={"inputs": inputs})
    assert [one["new"] for one in first.json()["results"]] == [True, True]
    inputs[0]["properties"] = {"hs_lead_status": "nowhere"}
    assert ask("POST", "/crm/v3/objects/contacts/batch/upsert", json={"inputs": inputs}).status_code == 207
    assert ask("GET", "/crm/v3/objects/contacts/k1", params={"idProperty": "baton_key"}).json()["archived"] is False


def test_the_account_lists_associations_and_consent(ask: Ask, people: range, described_hubspot: HubSpotServer) -> None:
    company = str(add_companies(described_hubspot.portal, 1)[0])
    first, second = str(people[0]), str(people[1])
    for path in ("/account-info/v3/details", "/account-info/v3/api-usage/daily/private-apps", "/crm/v3/owners",
                 "/crm/v3/owners/7001", "/crm/v3/pipelines/deals", "/crm/v3/pipelines/leads",
                 "/crm/v3/properties/contacts", "/crm/v3/properties/contacts/email",
                 "/crm/v3/properties/contacts/groups", "/communication-preferences/v4/definitions"):  # fmt: skip
        assert ask("GET", path).status_code == 200
    pair = {"from": {"id": first}, "to": {"id": company}}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    linking = "/crm/v4/associations/contacts/companies/batch"
    assert ask("POST", f"{linking}/create", json={"inputs": [{**pair, "types": types}]}).status_code == 201
    assert ask("POST", f"{linking}/associate/default", json={"inputs": [pair]}).status_code == 200
    assert ask("POST", f"{linking}/read", json={"inputs": [{"id": first}, {"id": second}]}).status_code == 207
    one_link = f"/crm/v4/objects/contacts/{first}/associations/companies"
    assert ask("GET", one_link).json()["results"][0]["toObjectId"] == company
    assert ask("PUT", f"{one_link}/{company}", json=types).status_code == 201
    assert ask("DELETE", f"{one_link}/{company}").status_code == 204
    made = ask("POST", "/crm/v3/lists", json={"name": "Ours", "objectTypeId": "0-1", "processingType": "MANUAL"})
    id = made.json()["list"]["listId"]
    assert ask("GET", "/crm/v3/lists/object-type-id/0-1/name/Ours").json()["list"]["listId"] == id
    assert ask("PUT", f"/crm/v3/lists/{id}/memberships/add", json=[first, "5"]).json()["recordIdsMissing"] == ["5"]
    both = {"recordIdsToAdd": [second], "recordIdsToRemove": [first]}
    assert ask("PUT", f"/crm/v3/lists/{id}/memberships/add-and-remove", json=both).status_code == 200
    assert ask("GET", f"/crm/v3/lists/{id}/memberships").json()["total"] == 1
    assert ask("POST", "/crm/v3/lists/search", json={"offset": 0, "additionalProperties": []}).json()["total"] == 1
    status = "/communication-preferences/v4/statuses"
    wish = {"subscriptionId": 1, "statusState": "UNSUBSCRIBED", "channel": "EMAIL"}
    assert ask("POST", f"{status}/a%40b.example", json=wish).status_code == 200
    assert (
        ask("GET", f"{status}/a%40b.example", params={"channel": "EMAIL"}).json()["results"][0]["status"]
        == "UNSUBSCRIBED"
    )
    wide = f"{status}/a%40b.example/unsubscribe-all"
    assert ask("POST", wide, params={"channel": "EMAIL"}).status_code == 200
    assert ask("GET", wide, params={"channel": "EMAIL"}).json()["results"][0]["status"] == "UNSUBSCRIBED"
    people_asked = {"inputs": ["a@b.example"]}
    for path in ("batch/read", "batch/unsubscribe-all/read"):
        assert ask("POST", f"{status}/{path}", params={"channel": "EMAIL"}, json=people_asked).status_code == 200


@pytest.mark.parametrize("version", ["v1", "v3", "2026-03"])
def test_a_token_is_renewed(ask: Ask, version: str) -> None:
    form = {
        "grant_type": "refresh_token",
        "client_id": CLIENT[0],
        "client_secret": CLIENT[1],
        "refresh_token": CLIENT[2],
    }
    renewed = ask("POST", f"/oauth/{version}/token", data=form).json()
    headers = {"Authorization": f"Bearer {renewed['access_token']}"}
    assert ask("GET", "/account-info/v3/details", headers=headers).status_code == 200
    assert ask("POST", f"/oauth/{version}/token", data={**form, "refresh_token": "other"}).status_code == 400


def test_a_merge_and_a_refused_token_look_as_described(ask: Ask, people: range) -> None:
    wish = {"primaryObjectId": str(people[0]), "objectIdToMerge": str(people[1])}
    assert ask("POST", "/crm/v3/objects/contacts/merge", json=wish).status_code == 200
    refused = ask("GET", "/crm/v3/owners", headers={"Authorization": "Bearer other"})
    assert refused.json()["category"] == "INVALID_AUTHENTICATION"


@pytest.mark.parametrize(
    ("method", "path", "more", "problem"),
    [
        (
            "GET",
            "/crm/v3/objects/contacts",
            {"params": {"limit": "10", "colour": "red"}},
            "undeclared query name colour",
        ),
        ("POST", "/crm/v3/objects/contacts/search", {"json": search(total=True)}, "unknown key body.total"),
        ("POST", "/crm/v3/objects/contacts/search", {"json": {"limit": 10}}, "a search without after"),
        ("POST", "/crm/v3/objects/contacts/search", {"json": search(limit=500)}, "a search for more than 200"),
        (
            "POST",
            "/crm/v3/objects/contacts/search",
            {"json": search(filterGroups=[{"filters": [{"propertyName": "email", "operator": "EQ", "val": "a"}]}])},
            "unknown key body.filterGroups[].filters[].val",
        ),
        (
            "POST",
            "/crm/v3/objects/contacts/batch/archive",
            {"json": {"inputs": [{"id": str(id)} for id in range(101)]}},
            "a batch of 101",
        ),
        ("POST", "/crm/v3/objects/contacts", {"json": {"properties": {"numemployees": 7}, "associations": []}}, "7"),
        ("GET", "/crm/v3/owners", {"headers": {"Authorization": ""}}, "no Authorization"),
        ("GET", "/email/public/v1/events", {"params": {"since": "1"}}, "undeclared query name since"),
        ("GET", "/crm/v3/objects/contacts", {"params": {"limit": "101"}}, "a page of more than 100"),
        ("GET", "/crm/v3/tickets", {}, "no such route"),
    ],
)
def test_the_watch_sees(
    hubspot_watcher: Watcher, ask: Ask, method: str, path: str, more: dict[str, Any], problem: str
) -> None:
    ask(method, path, **more)
    assert any(problem in one for one in hubspot_watcher.problems), hubspot_watcher.problems
    hubspot_watcher.problems.clear()
