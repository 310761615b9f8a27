from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from connector.sandbox.clock import Clock
from connector.sandbox.salesforce import Org
from connector.sandbox.salesforce.rules import DuplicateRule, ValidationRule
from connector.sandbox.salesforce.state import moment
from tests.servers.salesforce_org import API, Served, serving

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
UPSERT = "/composite/sobjects/Lead/Baton_Id__c"


class Client:
    """A signed-in client of one org."""

    def __init__(self, served: Served) -> None:
        self.org, self.served = served.org, served
        self.session = served.session()

    def call(self, method: str, path: str, *, status: int = 200, **kwargs: Any) -> Any:
        whole = path if path.startswith("/services") else f"{API}{path}"
        answer = self.session.request(method, self.served.url + whole, timeout=30, **kwargs)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    def upsert(self, *records: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
        every = [{"attributes": {"type": "Lead"}, **record} for record in records]
        found: list[dict[str, Any]] = self.call("PATCH", UPSERT, json={"records": every, **options})
        return found

    def update(self, *records: dict[str, Any], object: str = "Lead") -> list[dict[str, Any]]:
        every = [{"attributes": {"type": object}, **record} for record in records]
        found: list[dict[str, Any]] = self.call("PATCH", "/composite/sobjects", json={"records": every})
        return found

    def rows(self, soql: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/query", params={"q": soql})["records"]
        return found


@pytest.fixture
def client() -> Iterator[Client]:
    with serving(Org(Clock(NOW))) as served:
        client = Client(served)
        with client.session:
            yield client


def lead(key: str, **values: Any) -> dict[str, Any]:
    return {"Baton_Id__c": key, "LastName": "Weber", "Company": "Firm", **values}


def codes(results: list[dict[str, Any]]) -> list[str]:
    return [one["errors"][0]["statusCode"] if one["errors"] else "ok" for one in results]


def test_an_upsert_creates_and_then_changes_the_same_record(client: Client) -> None:
    first = client.upsert(lead("a"), lead("b"))
    again = client.upsert({"Baton_Id__c": "A", "Title": "COO"})
    assert [one["created"] for one in first] == [True, True]
    assert (again[0]["created"], again[0]["id"]) == (False, first[0]["id"])
    record = client.org.record(first[0]["id"])
    assert (record["Title"], record["LastName"], record["LastModifiedById"]) == ("COO", "Weber", client.org.api_user)


def test_each_record_of_a_collection_has_a_result_of_its_own_in_order(client: Client) -> None:
    client.org.set_picklist("Lead", "LeadSource", ["Web"])
    results = client.upsert(
        lead("a"), {"Baton_Id__c": "b"}, lead("c", LeadSource="Fax"), lead("d", Title="x" * 129),
        lead("e", Email="no address"), lead("f", OwnerId="005000000000000AAA"), lead("g", Baton_Score__c="12.5"),
    )  # fmt: skip
    assert codes(results) == [
        "ok", "REQUIRED_FIELD_MISSING", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "STRING_TOO_LONG",
        "INVALID_EMAIL_ADDRESS", "INVALID_CROSS_REFERENCE_KEY", "ok",
    ]  # fmt: skip
    assert results[1]["errors"][0]["fields"] == ["LastName", "Company"]
    assert results[2]["errors"][0]["message"] == "Lead Source: bad value for restricted picklist field: Fax"
    assert results[3]["errors"][0]["message"].endswith("(max length=128)")
    assert [one["success"] for one in results] == [True, False, False, False, False, False, True]
    assert "id" not in results[1]
    assert len(client.org.live("Lead")) == 2


def test_all_or_none_takes_everything_back(client: Client) -> None:
    (first,) = client.upsert(lead("a"))
    results = client.upsert({"Baton_Id__c": "a", "Title": "COO"}, lead("b"), {"Baton_Id__c": "c"}, allOrNone=True)
    assert codes(results) == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK", "ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING",
    ]  # fmt: skip
    assert "Title" not in client.org.record(first["id"])
    assert client.rows("SELECT Id FROM Lead WHERE Baton_Id__c = 'b'") == []
    assert [deed.did for deed in client.served.server.ledger.deeds(object="Lead")] == ["create"]


def test_the_ledger_counts_effects_and_not_only_calls(client: Client) -> None:
    client.upsert(lead("a"), {"Baton_Id__c": "b"})
    client.upsert({"Baton_Id__c": "a", "Title": "COO"})
    ledger = client.served.server.ledger
    assert [(deed.did, deed.key, deed.fields) for deed in ledger.deeds()] == [
        ("create", "a", ("Baton_Id__c", "Company", "LastName")),
        ("update", "a", ("Baton_Id__c", "Title")),
    ]
    assert ledger.items()[f"PATCH {UPSERT}"] == 3


def test_unique_values_and_lost_records_are_refused_one_by_one(client: Client) -> None:
    first, second = (one["id"] for one in client.upsert(lead("a"), lead("b")))
    client.org.delete(second)
    third = client.org.create("Lead", {"LastName": "C", "Company": "C"})
    client.org.convert(third, opportunity=False)
    fourth = client.org.create("Lead", {"LastName": "D", "Company": "D"})
    results = client.update(
        {"Id": second, "Title": "x"}, {"Id": third, "Title": "x"}, {"Id": "00Q000000000000AAA", "Title": "x"},
        {"Id": fourth, "Baton_Id__c": "A"}, {"id": first[:15], "Title": "x"},
    )  # fmt: skip
    assert codes(results) == [
        "ENTITY_IS_DELETED", "CANNOT_UPDATE_CONVERTED_LEAD", "INVALID_CROSS_REFERENCE_KEY", "DUPLICATE_VALUE", "ok",
    ]  # fmt: skip
    assert results[3]["errors"][0]["message"].endswith(f"on record with id: {first}")


def test_an_upsert_of_a_deleted_record_makes_a_new_one(client: Client) -> None:
    (first,) = client.upsert(lead("a"))
    client.org.delete(first["id"])
    (again,) = client.upsert(lead("a"))
    assert again["created"]
    assert again["id"] != first["id"]


def test_a_record_that_somebody_else_holds_is_refused_for_now(client: Client) -> None:
    (made,) = client.upsert(lead("a"))
    client.org.locked.add(made["id"])
    assert codes(client.upsert({"Baton_Id__c": "a", "Title": "x"}, lead("b"))) == ["UNABLE_TO_LOCK_ROW", "ok"]
    client.org.locked.clear()
    assert codes(client.upsert({"Baton_Id__c": "a", "Title": "x"})) == ["ok"]


def test_an_admin_may_bar_a_field_or_hide_it(client: Client) -> None:
    client.org.lock_field("Lead", "Rating")
    (refused,) = client.upsert(lead("a", Rating="Hot"))
    assert codes([refused]) == ["INVALID_FIELD_FOR_INSERT_UPDATE"]
    assert refused["errors"][0]["fields"] == ["Rating"]
    client.org.hide_field("Lead", "Title")
    body = {
        "records": [
            {"attributes": {"type": "Lead"}, **lead("a")},
            {"attributes": {"type": "Lead"}, **lead("b", Title="x")},
        ]
    }
    (error,) = client.call("PATCH", UPSERT, json=body, status=400)
    assert (error["errorCode"], error["message"]) == ("INVALID_FIELD", "No such column 'Title' on sobject of type Lead")
    client.org.strict_columns = False
    assert codes(client.call("PATCH", UPSERT, json=body)) == ["ok", "INVALID_FIELD"]


def test_an_inactive_owner_is_refused(client: Client) -> None:
    lena = client.org.user("lena@northwind.example")
    client.org.deactivate("lena@northwind.example")
    results = client.upsert(lead("a", OwnerId=lena), lead("b", OwnerId="nonsense"), lead("c", OwnerId=client.org.id))
    assert codes(results) == ["INACTIVE_OWNER_OR_USER", "MALFORMED_ID", "FIELD_INTEGRITY_EXCEPTION"]


def test_validation_rules_speak_for_themselves(client: Client) -> None:
    said = "A hot lead needs a phone"
    rule = ValidationRule("Lead", said, lambda now, _: now.get("Rating") == "Hot" and not now.get("Phone"), "Phone")
    client.org.validation_rules.append(rule)
    refused, done = client.upsert(lead("a", Rating="Hot"), lead("b", Rating="Hot", Phone="1"))
    assert refused["errors"] == [
        {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": said, "fields": ["Phone"]}
    ]
    assert done["success"]


@pytest.mark.parametrize(("blocks", "allowed"), [(True, False), (False, True)])
def test_a_duplicate_rule_can_be_overruled_only_where_it_alerts(client: Client, blocks: bool, allowed: bool) -> None:
    client.org.duplicate_rules.append(DuplicateRule("Lead", blocks=blocks))
    client.org.create("Contact", {"LastName": "Weber", "Email": "ana@firm.example"})
    twin = lead("a", Email="ANA@firm.example")
    assert codes(client.upsert(twin)) == ["DUPLICATES_DETECTED"]
    client.session.headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"
    assert (codes(client.upsert(twin)) == ["ok"]) is allowed


def test_the_assignment_rule_takes_the_owner_unless_told_to_keep_out(client: Client) -> None:
    org = client.org
    lena, tom = org.user("lena@northwind.example"), org.user("tom@northwind.example")
    org.assignment_rule = tom
    (kept,) = client.upsert(lead("a", OwnerId=lena))
    assert org.record(kept["id"])["OwnerId"] == lena
    client.session.headers["Sforce-Auto-Assign"] = "true"
    client.upsert({"Baton_Id__c": "a", "Title": "x"})
    assert org.record(kept["id"])["OwnerId"] == tom
    assert any("Sforce-Auto-Assign" in problem for problem in client.served.description.problems)
    client.served.description.problems.clear()


def test_malformed_collections_are_refused_as_a_whole(client: Client) -> None:
    def refused(path: str, body: Any) -> str:
        return str(client.call("PATCH", path, json=body, status=400)[0]["errorCode"])

    typed = {"attributes": {"type": "Lead"}}
    assert refused(UPSERT, {"records": [{**typed, **lead(str(n))} for n in range(201)]}) == "EXCEEDED_ID_LIMIT"
    assert refused(UPSERT, {"records": [lead("a")]}) == "JSON_PARSER_ERROR"
    assert refused(UPSERT, [lead("a")]) == "JSON_PARSER_ERROR"
    assert refused(UPSERT, {"records": [{**typed, **lead("a", Baton_Score__c={"is": 1})}]}) == "JSON_PARSER_ERROR"
    assert refused(UPSERT, {"records": [{"attributes": {"type": "Contact"}, "Baton_Id__c": "a"}]}) == "INVALID_TYPE"
    mixed = [{"attributes": {"type": kind}, "Id": "x"} for kind in ("Lead", "Contact") * 6]
    assert refused("/composite/sobjects", {"records": mixed}) == "LIMIT_EXCEEDED"
    client.call(
        "PATCH", "/composite/sobjects/Lead/Email", json={"records": [{**typed, "Email": "a@b.example"}]}, status=404
    )
    client.call("PATCH", "/composite/sobjects/Leed/Baton_Id__c", json={"records": []}, status=404)
    assert client.org.live("Lead") == []
    assert len(client.served.description.problems) >= 8
    client.served.description.problems.clear()


def test_the_same_key_twice_in_one_upsert_is_refused(client: Client) -> None:
    assert codes(client.upsert(lead("a"), lead("A"), lead("b"))) == ["DUPLICATE_VALUE", "DUPLICATE_VALUE", "ok"]
    assert client.served.description.problems == [f"PATCH {API}{UPSERT}: the same Baton_Id__c twice"]
    client.served.description.problems.clear()


def test_a_query_pages_by_the_address_that_it_names(client: Client) -> None:
    client.org.page_size = 2
    for number in range(5):
        client.org.create("Lead", {"LastName": f"L{number}", "Company": "C"})
    page = client.call("GET", "/query", params={"q": "SELECT Id, LastName, Owner.Email FROM Lead ORDER BY Id"})
    names, pages = [], 1
    while True:
        names += [record["LastName"] for record in page["records"]]
        if page["done"]:
            break
        page = client.call("GET", page["nextRecordsUrl"])
        pages += 1
    assert (names, pages, page["totalSize"]) == ([f"L{number}" for number in range(5)], 3, 5)
    record = page["records"][0]
    assert record["attributes"] == {"type": "Lead", "url": f"{API}/sobjects/Lead/{record['Id']}"}
    assert record["Owner"]["attributes"]["type"] == "User"
    assert record["Owner"]["Email"].endswith("@northwind.example")


def test_a_cursor_does_not_live_for_ever(client: Client) -> None:
    client.org.page_size = 1
    for name in ("A", "B"):
        client.org.create("Lead", {"LastName": name, "Company": "C"})
    first = client.call("GET", "/query", params={"q": "SELECT Id FROM Lead"})["nextRecordsUrl"]
    for _ in range(10):
        client.rows("SELECT Id FROM Lead")
    (error,) = client.call("GET", first, status=400)
    assert error["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_counting_a_query_shows_no_records(client: Client) -> None:
    client.org.create("Lead", {"LastName": "A", "Company": "C"})
    assert client.call("GET", "/query", params={"q": "SELECT COUNT() FROM Lead"}) == {
        "totalSize": 1, "done": True, "records": [],
    }  # fmt: skip


def test_single_records_are_made_read_changed_and_deleted(client: Client) -> None:
    made = client.call(
        "POST", "/sobjects/Lead", json={"LastName": " Weber ", "Company": "Firm", "City": ""}, status=201
    )
    path = f"/sobjects/Lead/{made['id']}"
    client.call("PATCH", path, json={"Title": "COO"}, status=204)
    read = client.call("GET", path)
    assert (read["LastName"], read["City"], read["Title"], read["Status"]) == ("Weber", None, "COO", "Open")
    assert client.call("GET", path, params={"fields": "Title"}).keys() == {"attributes", "Id", "Title"}
    (error,) = client.call("PATCH", path, json={"LastName": None}, status=400)
    assert (error["errorCode"], error["fields"]) == ("REQUIRED_FIELD_MISSING", ["LastName"])
    client.call("DELETE", path, status=204)
    client.call("GET", path, status=404)
    client.call("GET", "/sobjects/Lead/00Q000000000000AAA", status=404)


def test_single_upserts_answer_by_what_they_did(client: Client) -> None:
    path = "/sobjects/Lead/Baton_Id__c/a%2Fb"
    made = client.call("PATCH", path, json={"LastName": "Weber", "Company": "Firm"}, status=201)
    assert made["created"] is True
    assert client.call("PATCH", path, json={"Title": "COO"})["created"] is False
    assert client.call("GET", path)["Baton_Id__c"] == "a/b"


def test_records_can_be_fetched_by_ids_with_null_for_the_lost(client: Client) -> None:
    (made,) = client.upsert(lead("a"))
    asked = {"ids": [made["id"], "00Q000000000000AAA"], "fields": ["Id", "LastName"]}
    posted = client.call("POST", "/composite/sobjects/Lead", json=asked)
    got = client.call("GET", "/composite/sobjects/Lead", params={name: ",".join(asked[name]) for name in asked})
    assert posted == got
    assert (posted[0]["LastName"], posted[1]) == ("Weber", None)


def test_describe_tells_what_may_be_written_and_with_which_values(client: Client) -> None:
    client.org.set_picklist("Lead", "LeadSource", ["Web", "Fair"])
    client.org.lock_field("Lead", "Rating")
    partner = client.org.add_record_type("Lead", "Partner")
    told = client.call("GET", "/sobjects/Lead/describe")
    fields = {one["name"]: one for one in told["fields"]}
    source = fields["LeadSource"]
    assert source["restrictedPicklist"]
    assert [one["value"] for one in source["picklistValues"] if one["active"]] == ["Web", "Fair"]
    assert any(not one["active"] for one in source["picklistValues"])
    key = fields["Baton_Id__c"]
    assert (key["externalId"], key["unique"], key["custom"], key["length"]) == (True, True, True, 64)
    assert not fields["LastName"]["nillable"]
    assert not fields["LastName"]["defaultedOnCreate"]
    assert fields["Status"]["defaultedOnCreate"]
    assert not fields["Rating"]["createable"]
    assert not fields["IsConverted"]["updateable"]
    assert (fields["Description"]["type"], fields["Description"]["filterable"]) == ("textarea", False)
    assert fields["OwnerId"]["referenceTo"] == ["Group", "User"]
    assert [one["recordTypeId"] for one in told["recordTypeInfos"]] == [partner, "012000000000000AAA"]
    assert "Baton_Id__c" not in {one["name"] for one in client.call("GET", "/sobjects/Task/describe")["fields"]}


def test_a_record_type_must_be_one_of_the_org(client: Client) -> None:
    partner = client.org.add_record_type("Lead", "Partner")
    results = client.upsert(lead("a", RecordTypeId=partner), lead("b", RecordTypeId="012000000000999AAA"))
    assert codes(results) == ["ok", "INVALID_CROSS_REFERENCE_KEY"]


def test_the_deleted_feed_reaches_fifteen_days_back(client: Client) -> None:
    (made,) = client.upsert(lead("a"))
    client.org.clock.move(600)
    client.org.delete(made["id"])
    client.org.clock.move(600)

    def asked(days: float, status: int = 200, end: datetime = NOW + timedelta(minutes=20)) -> Any:
        span = {"start": (NOW - timedelta(days=days)).isoformat(), "end": end.isoformat()}
        return client.call("GET", "/sobjects/Lead/deleted/", params=span, status=status)

    told = asked(1)
    assert [one["id"] for one in told["deletedRecords"]] == [made["id"]]
    assert moment(told["latestDateCovered"]) == NOW + timedelta(minutes=20)
    assert asked(16, 400)[0]["errorCode"] == "INVALID_REPLICATION_DATE"
    assert asked(0, 400, NOW)[0]["errorCode"] == "INVALID_REPLICATION_DATE"
    assert asked(1, end=NOW)["deletedRecords"] == []


def test_a_long_transaction_is_seen_late_with_an_early_time(client: Client) -> None:
    org = client.org
    (made,) = client.upsert(lead("a"))
    org.clock.move(60)
    org.edit(made["id"], {"Status": "Working"}, by="lena@northwind.example", commits_after=120)
    new = org.create("Lead", {"LastName": "Late", "Company": "C"}, commits_after=120)
    org.clock.move(60)
    walk = "SELECT Id, Status, SystemModstamp FROM Lead ORDER BY SystemModstamp, Id"
    span = {"start": (NOW - timedelta(hours=1)).isoformat(), "end": org.clock.now().isoformat()}
    assert [row["Status"] for row in client.rows(walk)] == ["Open"]
    covered = client.call("GET", "/sobjects/Lead/deleted/", params=span)["latestDateCovered"]
    assert moment(covered) == NOW + timedelta(seconds=60)
    org.clock.move(60)
    rows = client.rows(walk)
    assert [(row["Id"], row["Status"]) for row in rows] == [(made["id"], "Working"), (new, "Open")]
    assert moment(rows[0]["SystemModstamp"]) == NOW + timedelta(seconds=60)


def test_the_allocation_is_told_and_kept(client: Client) -> None:
    client.org.daily_limit = 3
    answer = client.session.get(f"{client.served.url}{API}/limits", timeout=30)
    assert answer.headers["Sforce-Limit-Info"] == "api-usage=1/3"
    assert answer.json()["DailyApiRequests"] == {"Max": 3, "Remaining": 2}
    client.org.spend(2)
    (error,) = client.call("GET", "/limits", status=403)
    assert error["errorCode"] == "REQUEST_LIMIT_EXCEEDED"
    client.org.clock.move(25 * 3600)
    client.session.headers["Authorization"] = f"Bearer {client.served.token()}"
    client.call("GET", "/limits")


def test_addresses_have_an_end(client: Client) -> None:
    long = "SELECT Id FROM Lead WHERE LastName IN (" + ",".join(f"'{'x' * 90}{n}'" for n in range(180)) + ")"
    client.call("GET", "/query", params={"q": long}, status=414)
    client.session.headers["X-Long"] = "x" * 9_000
    client.call("GET", "/query", params={"q": long[:8_000] + "')"}, status=431)
    client.served.description.problems.clear()


def test_what_is_not_there_is_said_in_the_usual_shape(client: Client) -> None:
    (error,) = client.call("GET", "/nonsense", status=404)
    assert error == {"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}
    client.call("GET", "/services/data/v99.0/limits", status=404)
    client.call("PUT", "/limits", status=405)
    assert len(client.served.description.problems) == 2
    client.served.description.problems.clear()


def test_versions_are_told_without_signing_in(client: Client) -> None:
    told = requests.get(f"{client.served.url}/services/data/", timeout=30).json()
    assert {"label": "Version 62", "url": "/services/data/v62.0", "version": "62.0"} in told


def test_other_processes_look_and_act_by_the_sandbox_routes(client: Client) -> None:
    (made,) = client.upsert(lead("a", Email="ana@firm.example"))
    control = f"{client.served.url}/_sandbox"
    wish = {"act": "convert", "lead_id": made["id"], "by": "lena@northwind.example"}
    became = requests.post(f"{control}/edit", json=wish, timeout=30).json()["result"]
    seen = requests.get(f"{control}/state", params={"id": became["contact"]}, timeout=30).json()
    assert seen["Email"] == "ana@firm.example"
    assert requests.get(f"{control}/state", timeout=30).json()["Opportunity"] == 1
    refused = requests.post(f"{control}/edit", json={"act": "insert"}, timeout=30)
    assert refused.status_code == 400
    assert "convert" in refused.json()["message"]


def test_nobody_is_a_member_of_one_campaign_twice(client: Client) -> None:
    campaign = client.org.create("Campaign", {"Name": "Demo requests"})
    (made,) = client.upsert(lead("k1"))
    member = {"attributes": {"type": "CampaignMember"}, "CampaignId": campaign, "LeadId": made["id"]}
    answers = [client.call("POST", "/composite/sobjects", json={"records": [member]}) for _ in range(2)]
    assert [one["success"] for (one,) in answers] == [True, False]
    assert codes(answers[1]) == ["DUPLICATE_VALUE"]
    assert len(client.rows("SELECT Id FROM CampaignMember")) == 1
