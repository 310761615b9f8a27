from __future__ import annotations

from typing import Any

import orjson
import pytest

from connector.sandbox.wire import Call
from tests.servers.salesforce_description import problems_of
from tests.servers.salesforce_org import API

SIGNED = {"authorization": "Bearer x", "content-type": "application/json", "sforce-auto-assign": "FALSE"}
ASSIGNING = SIGNED | {"sforce-auto-assign": "TRUE"}
UPSERT = "/composite/sobjects/Lead/Baton_Id__c"
ID = "00Q5g00000000drEAA"


def call(method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **query: str) -> Call:
    data = b"" if body is None else orjson.dumps(body)
    asked = {name: [value] for name, value in query.items()}
    return Call(method, API + path, asked, SIGNED if headers is None else headers, data)


def leads(*records: dict[str, Any], kind: str = "Lead", **more: Any) -> dict[str, Any]:
    return {"records": [{"attributes": {"type": kind}, **one} for one in records], **more}


@pytest.mark.parametrize(
    "lawful",
    [
        call("PATCH", UPSERT, leads({"Baton_Id__c": "a", "Title": None}, {"Baton_Id__c": "b", "Rank__c": 1})),
        call("PATCH", UPSERT, leads({"Baton_Id__c": "a", "Title": "x"}, allOrNone=False)),
        call("PATCH", "/composite/sobjects", leads({"Id": ID, "Title": "x"})),
        call("POST", "/composite/sobjects", leads({"Subject": "x", "WhoId": ID}, kind="Task")),
        call("GET", "/query", q="SELECT Id FROM Lead"),
        call("GET", "/query/01g5g0000000001AAA-2000"),
        call("GET", "/sobjects/Lead/deleted/", start="2026-11-20T08:00:00+00:00", end="2026-11-20T09:00:00Z"),
        call("GET", "/sobjects/Lead/describe"),
        call("GET", "/limits"),
        call("POST", "/composite/sobjects/Lead", {"ids": [ID], "fields": ["Id"]}),
    ],
    ids=lambda one: f"{one.method} {one.path}",
)  # fmt: skip
def test_lawful_requests_are_left_alone(lawful: Call) -> None:
    assert problems_of(lawful) == []


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (call("PATCH", UPSERT, leads(*({"Baton_Id__c": str(n), "Title": "x"} for n in range(201)))), "records: "),
        (call("PATCH", UPSERT, {"records": [{"Baton_Id__c": "a"}]}), "'attributes' is a required property"),
        (call("PATCH", UPSERT, leads({"Baton_Id__c": "a", "Owner": {"Email": "x"}})), "is not of type"),
        (call("PATCH", UPSERT, leads({"Title": "x"})), "a record without Baton_Id__c"),
        (call("PATCH", UPSERT, leads({"Baton_Id__c": "a", "Id": ID})), "a record with an id"),
        (call("PATCH", UPSERT, leads({"Baton_Id__c": "a"}, {"Baton_Id__c": "A"})), "the same Baton_Id__c twice"),
        (call("PATCH", UPSERT, leads({"Baton_Id__c": "a"}, kind="Contact")), "records of ['Contact'] in an upsert"),
        (call("PATCH", UPSERT, leads({"Baton_Id__c": "a"}, all_or_none=False)), "Additional properties"),
        (call("PATCH", UPSERT, leads({"Baton_Id__c": "a"}), headers=ASSIGNING), "is TRUE"),
        (call("PATCH", "/composite/sobjects/Lead/Email", leads({"Email": "a@b.example"})), "is no external id"),
        (call("PATCH", "/composite/sobjects", leads({"Title": "x"})), "an update without an id"),
        (call("POST", "/composite/sobjects", leads({"LastName": "x"}), headers={}), "no Authorization"),
        (call("POST", "/composite/sobjects", leads({"LastName": "x"}), headers={}), "not declared as JSON"),
        (call("GET", "/query", q="FIND {x}"), "q is no SELECT"),
        (call("GET", "/query"), "parameter q is missing"),
        (call("GET", "/query", q="SELECT Id FROM Lead", limit="5"), "no parameter limit"),
        (call("GET", "/query", q="SELECT " + "x" * 17_000), "an address of"),
        (call("GET", "/sobjects/Lead/deleted", start="2026-11-20", end="2026-11-21"), "start has no zone"),
        (call("GET", "/limits", {"a": 1}), "a body where none is expected"),
        (call("GET", "/limits", headers=SIGNED | {"sforce-nonsense": "x"}), "no header sforce-nonsense"),
        (call("POST", "/query", {"q": "SELECT Id FROM Lead"}), "no such operation"),
    ],
)  # fmt: skip
def test_what_is_not_lawful_is_named(broken: Call, words: str) -> None:
    assert any(words in problem for problem in problems_of(broken)), problems_of(broken)


def test_paths_outside_the_api_are_named() -> None:
    assert problems_of(Call("GET", "/services/apexrest/x", {}, SIGNED, b"")) == ["no such path"]


def test_a_token_is_asked_for_by_a_form_that_has_all_it_needs() -> None:
    path = "/services/oauth2/token"
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert problems_of(Call("POST", path, {}, form, b"grant_type=client_credentials&client_id=a&client_secret=b")) == []
    assert problems_of(Call("POST", path, {}, form, b"grant_type=client_credentials&client_id=a")) == [
        "parameter client_secret is missing"
    ]
    assert problems_of(Call("POST", path, {"client_secret": ["b"]}, SIGNED, b"grant_type=refresh_token")) == [
        "a token is asked for by a form",
        "secrets do not belong in an address",
        "parameter client_id is missing",
        "parameter refresh_token is missing",
    ]
