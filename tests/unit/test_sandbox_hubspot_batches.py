"""The local HubSpot's batches, searches and limits: caps, ties, lag, answers in parts."""

from __future__ import annotations

from typing import Any

import pytest

from connector.sandbox.hubspot import CLIENT, TOKEN, Portal, add_contacts, edit, furnish
from connector.sandbox.hubspot.routes import Application
from connector.sandbox.wire import Call
from tests.sandbox import Caller

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture
def portal() -> Portal:
    portal = Portal()
    portal.clock.stop()
    furnish(portal)
    portal.limits.generous()
    return portal


@pytest.fixture
def hubspot(portal: Portal) -> Caller:
    return Caller(Application(portal), TOKEN)


def search(*filters: dict[str, Any], **more: Any) -> dict[str, Any]:
    groups = [{"filters": list(filters)}] if filters else []
    return {"after": "", "filterGroups": groups, "limit": 200, "properties": [], "sorts": []} | more


def where(name: str, how: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": how} | ({} if value is None else {"value": str(value)}) | more


def walk(hubspot: Caller, body: dict[str, Any]) -> list[int]:
    found, after = [], ""
    while True:
        page = hubspot.post(f"{CONTACTS}/search", {**body, "after": after})
        found += [int(one["id"]) for one in page["results"]]
        after = page.get("paging", {}).get("next", {}).get("after", "")
        if not after:
            return found


def inputs(*wishes: dict[str, Any], traced: bool = True) -> dict[str, Any]:
    return {
        "inputs": [{**wish, **({"objectWriteTraceId": str(at)} if traced else {})} for at, wish in enumerate(wishes)]
    }


def test_a_search_ends_at_ten_thousand_and_goes_on_by_id(hubspot: Caller, portal: Portal) -> None:
    ids = add_contacts(portal, 10_300)
    last_page = search(after="9800", sorts=["hs_object_id"])
    page = hubspot.post(f"{CONTACTS}/search", last_page)
    assert page["total"] == 10_300
    assert page["paging"]["next"]["after"] == "10000"
    beyond = hubspot("POST", f"{CONTACTS}/search", {**last_page, "after": "10000"})
    assert beyond.status == 400
    rest = search(where("hs_object_id", "GT", page["results"][-1]["id"]), sorts=["hs_object_id"])
    assert walk(hubspot, rest) == list(ids[10_000:])
    assert hubspot("POST", f"{CONTACTS}/search", search(limit=201)).status == 400


def test_ties_are_many_and_not_in_the_order_of_ids(hubspot: Caller, portal: Portal) -> None:
    ids = add_contacts(portal, 700, tied=500)
    newest = hubspot.get(f"{CONTACTS}/{ids[0]}", properties="lastmodifieddate")["properties"]["lastmodifieddate"]
    tied = walk(hubspot, search(where("lastmodifieddate", "EQ", newest), sorts=["lastmodifieddate"]))
    assert sorted(tied) == list(ids[:500])
    assert tied != sorted(tied)
    everybody = walk(hubspot, search(sorts=["-lastmodifieddate"]))
    assert len(everybody) == len(set(everybody)) == 700


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (where("city", "EQ", "GRAZ"), ["a"]),
        (where("city", "NEQ", "Graz"), ["b", "c"]),
        (where("city", "IN", values=["Graz", "Linz"]), ["a", "b"]),
        (where("city", "HAS_PROPERTY"), ["a", "b"]),
        (where("city", "NOT_HAS_PROPERTY"), ["c"]),
        (where("city", "CONTAINS_TOKEN", "*in*"), ["b"]),
        (where("email", "EQ", "B@b.example"), ["b"]),
        (where("email", "IN", values=["a@b.example", "x@b.example"]), ["a"]),
        (where("createdate", "LT", "2020-01-01T00:00:00Z"), []),
        (where("hs_object_id", "BETWEEN", "102", highValue="103"), ["b", "c"]),
        (where("hs_object_id", "LTE", "101"), ["a"]),
    ],
)
def test_filters(hubspot: Caller, one: dict[str, Any], found: list[str]) -> None:
    for name, city in (("a", "Graz"), ("b", "Linz"), ("c", "")):
        hubspot.post(CONTACTS, {"properties": {"email": f"{name}@b.example", "city": city}, "associations": []})
    page = hubspot.post(f"{CONTACTS}/search", search(one, sorts=["email"]))
    assert [result["properties"]["email"][0] for result in page["results"]] == found


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 1, "after": "", "filterGroups": [], "properties": []},
        search(where("nonsense", "EQ", "1")),
        search(where("city", "HAS_PROPERTY", "1")),
        search(where("city", "SOUNDS_LIKE", "1")),
        search(sorts=["email", "city"]),
        search(*[where("city", "EQ", "1")] * 7),
    ],
)
def test_a_search_that_is_refused(hubspot: Caller, body: dict[str, Any]) -> None:
    reply = hubspot("POST", f"{CONTACTS}/search", body)
    assert (reply.status, reply.body["category"]) == (400, "VALIDATION_ERROR")


def test_what_is_new_is_found_once_the_index_has_caught_up(hubspot: Caller, portal: Portal) -> None:
    portal.search_lag = 10
    id = hubspot.post(CONTACTS, {"properties": {"email": "a@b.example", "city": "Graz"}, "associations": []})["id"]
    graz, linz = search(where("city", "EQ", "Graz")), search(where("city", "EQ", "Linz"))
    assert walk(hubspot, graz) == []
    portal.clock.move(11)
    assert walk(hubspot, graz) == [int(id)]
    hubspot("PATCH", f"{CONTACTS}/{id}", {"properties": {"city": "Linz"}})
    assert (walk(hubspot, graz), walk(hubspot, linz)) == ([int(id)], [])
    assert hubspot.get(f"{CONTACTS}/{id}", properties="city")["properties"]["city"] == "Linz"
    portal.clock.move(11)
    assert (walk(hubspot, graz), walk(hubspot, linz)) == ([], [int(id)])


def test_without_trace_ids_one_bad_input_refuses_the_batch(hubspot: Caller, portal: Portal) -> None:
    good, bad = {"properties": {"email": "a@b.example"}}, {"properties": {"nonsense": "1"}}
    refused = hubspot("POST", f"{CONTACTS}/batch/create", inputs(good, bad, traced=False))
    assert refused.status == 400
    assert portal.tables["contacts"].rows == {}
    parts = hubspot("POST", f"{CONTACTS}/batch/create", inputs(good, bad))
    assert parts.status == 207
    assert parts.body["results"][0]["objectWriteTraceId"] == "0"
    assert parts.body["errors"][0]["context"] == {"objectWriteTraceId": ["1"]}
    assert parts.body["errors"][0]["errors"][0]["code"] == "PROPERTY_DOESNT_EXIST"


def test_results_are_told_apart_by_their_trace_not_by_their_place(hubspot: Caller, portal: Portal) -> None:
    ids = [str(id) for id in add_contacts(portal, 3)]
    changes = inputs(*({"id": id, "properties": {"city": f"Town {id}"}} for id in ids))
    results = hubspot.post(f"{CONTACTS}/batch/update", changes)["results"]
    assert [one["id"] for one in results] != ids
    assert {one["objectWriteTraceId"]: one["id"] for one in results} == {str(at): id for at, id in enumerate(ids)}


def test_ids_that_are_not_there_are_named(hubspot: Caller, portal: Portal) -> None:
    (id,) = map(str, add_contacts(portal, 1))
    body = {"inputs": [{"id": id}, {"id": "7"}], "properties": ["city"], "propertiesWithHistory": []}
    found = hubspot("POST", f"{CONTACTS}/batch/read", body)
    assert (found.status, [one["id"] for one in found.body["results"]]) == (207, [id])
    assert found.body["errors"][0]["context"] == {"ids": ["7"]}
    wishes = [{"id": one, "properties": {"city": "Graz"}} for one in (id, "7")]
    changed = hubspot("POST", f"{CONTACTS}/batch/update", inputs(*wishes, traced=False))
    assert (changed.status, changed.body["numErrors"]) == (207, 1)


def test_an_upsert_by_email_has_no_answer_in_parts(hubspot: Caller, portal: Portal) -> None:
    wishes: list[dict[str, Any]] = [
        {"idProperty": "email", "id": email, "properties": {}} for email in ("a@b.example", "b@b.example")
    ]
    first = hubspot.post(f"{CONTACTS}/batch/upsert", inputs(*wishes))
    assert [one["new"] for one in first["results"]] == [True, True]
    again = hubspot.post(f"{CONTACTS}/batch/upsert", inputs(*wishes))
    assert [one["new"] for one in again["results"]] == [False, False]
    wishes[1]["properties"] = {"hs_lead_status": "nowhere"}
    assert hubspot("POST", f"{CONTACTS}/batch/upsert", inputs(*wishes)).status == 400
    assert hubspot("POST", f"{CONTACTS}/batch/upsert", inputs({"id": "1", "properties": {}})).status == 207


@pytest.mark.parametrize("count", [0, 101])
def test_a_batch_has_a_hundred_at_most(hubspot: Caller, count: int) -> None:
    body = {"inputs": [{"id": str(id)} for id in range(count)]}
    assert hubspot("POST", f"{CONTACTS}/batch/archive", body).status == 400


def test_the_same_record_stands_in_a_batch_once(hubspot: Caller, portal: Portal) -> None:
    (id,) = map(str, add_contacts(portal, 1))
    assert hubspot("POST", f"{CONTACTS}/batch/update", inputs(*[{"id": id, "properties": {}}] * 2)).status == 400


def test_the_limits_of_an_account(hubspot: Caller, portal: Portal) -> None:
    edit(portal, {"do": "limits", "ten_secondly": 20, "daily": 30, "searches_per_second": 2, "retry_after": "3"})
    searches = [hubspot("POST", f"{CONTACTS}/search", search()) for _ in range(3)]
    assert [one.status for one in searches] == [200, 200, 429]
    assert searches[2].body["policyName"] == "SECONDLY"
    assert "X-HubSpot-RateLimit-Remaining" not in searches[0].headers
    lists = [hubspot("GET", CONTACTS) for _ in range(19)]
    assert lists[0].headers["X-HubSpot-RateLimit-Remaining"] == "17"
    assert (lists[-1].status, lists[-1].body["policyName"]) == (429, "TEN_SECONDLY_ROLLING")
    assert lists[-1].headers["Retry-After"] == "3"
    portal.clock.move(10)
    assert [hubspot("GET", CONTACTS).status for _ in range(11)] == [200] * 10 + [429]
    portal.clock.move(86_400)
    assert hubspot("GET", CONTACTS).status == 200


def test_tokens_end_are_renewed_and_are_withdrawn(hubspot: Caller, portal: Portal) -> None:
    portal.tokens.rotates = True
    id, secret, token = CLIENT

    def renew(token: str) -> Any:
        form = f"grant_type=refresh_token&client_id={id}&client_secret={secret}&refresh_token={token}"
        return hubspot.application(Call("POST", "/oauth/v1/token", {}, {}, form.encode()))

    first = renew(token).body
    assert renew(token).status == 400
    oauth = Caller(hubspot.application, first["access_token"])
    assert oauth("GET", CONTACTS).status == 200
    portal.clock.move(1801)
    expired = oauth("GET", CONTACTS)
    assert (expired.status, expired.body["category"]) == (401, "EXPIRED_AUTHENTICATION")
    oauth.token = renew(first["refresh_token"]).body["access_token"]
    assert oauth("GET", CONTACTS).status == 200
    edit(portal, {"do": "close", "path": "/events/"})
    assert oauth("GET", "/events/v3/events").body["category"] == "MISSING_SCOPES"
    edit(portal, {"do": "withdraw"})
    assert hubspot("GET", CONTACTS).body["category"] == "INVALID_AUTHENTICATION"


def test_what_people_did_comes_newest_first_and_holds_still_while_more_comes(hubspot: Caller, portal: Portal) -> None:
    ids = add_contacts(portal, 40, activities_each=10)
    first = hubspot.get("/email/public/v1/events", limit="100")
    edit(portal, {"do": "email", "id": str(ids[0]), "type": "OPEN"})
    second = hubspot.get("/email/public/v1/events", limit="1000", offset=first["offset"])
    times = [one["created"] for one in first["events"] + second["events"]]
    assert times == sorted(times, reverse=True)
    assert len({one["id"] for one in first["events"] + second["events"]}) == len(times) == portal.emails.count - 1
    assert second["hasMore"] is False
    newest = hubspot.get("/email/public/v1/events", limit="1")["events"][0]
    assert (newest["type"], newest["created"]) == ("OPEN", portal.now())
    mine = hubspot.get("/email/public/v1/events", limit="1000", recipient=newest["recipient"].upper())["events"]
    assert {one["recipient"] for one in mine} == {newest["recipient"]}
    since = str(portal.now())
    assert len(hubspot.get("/email/public/v1/events", startTimestamp=since, endTimestamp=since)["events"]) == 1
    assert hubspot("GET", "/email/public/v1/events", eventType="open").status == 400


def test_what_was_sent_in_and_what_was_visited(hubspot: Caller, portal: Portal) -> None:
    (id,) = map(str, add_contacts(portal, 1))
    for turn in range(60):
        portal.clock.move(1)
        edit(portal, {"do": "submit", "id": id, "form": "Request a demo", "values": {"message": str(turn)}})
        edit(portal, {"do": "visit", "id": id, "url": f"https://www.example.com/{turn}"})
    (form,) = (one["id"] for one in hubspot.get("/marketing/v3/forms")["results"] if one["name"] == "Request a demo")
    path = f"/form-integrations/v1/submissions/forms/{form}"
    first = hubspot.get(path, limit="50")
    second = hubspot.get(path, limit="50", after=first["paging"]["next"]["after"])
    said = [one["values"][-1]["value"] for one in first["results"] + second["results"]]
    assert said == [str(turn) for turn in reversed(range(60))]
    assert hubspot("GET", path, limit="51").status == 400
    visits = hubspot.get("/events/v3/events", objectType="CONTACT", objectId=id, sort="occurredAt", limit="5")
    assert [one["properties"]["hs_url"][-2:] for one in visits["results"]] == ["/0", "/1", "/2", "/3", "/4"]
    more = hubspot.get("/events/v3/events", eventType="e_visited_page", sort="occurredAt", limit="5",
                       after=visits["paging"]["next"]["after"])  # fmt: skip
    assert more["results"][0]["properties"]["hs_url"].endswith("/5")
    assert hubspot.get("/events/v3/events", eventType="e_opened")["results"] == []
