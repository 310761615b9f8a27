"""A record of a CRM in our words, by the lines of `write` read the other way round."""

from __future__ import annotations

from typing import Any

import pytest

from connector.model.errors import Problems
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping

DOCUMENT = {
    "write": {
        "lead": {
            "City": "city",
            "Title": {"from": "job_title", "longest": 10},
            "LastName": {"from": ["name.family", "name.full"], "default": "[unknown]"},
            "Company": {"from": "company.name", "default": "[private]"},
            "Employees": {"from": "company.employees", "as": "integer"},
            "Customer": {"from": "company.is_customer", "true": "Y", "false": "N"},
            "Touched": {"from": "first_touch_at", "as": "date", "format": "%d.%m.%Y"},
            "Source": {"from": "source", "table": "source"},
            "Level": {"from": "job_level", "table": {"staff": "Low", "manager": "Low", "director": "High"}},
            "Tools": {"from": "company.technologies", "split": ";"},
            "Phone": "phone",
            "Rest": {"from": "campaign", "table": {"spring": "S", "*": "Other"}},
            "Score": "score.total",
            "Why": {"template": "{{ city }}"},
            "Fixed": {"default": "NEW"},
            "Wait": {"from": "custom.wait", "unit": "minutes"},
        }
    },
    "tables": {"source": {"organic": "Web", "paid": "Web", "referral": "Partner"}},
}


@pytest.fixture(scope="module")
def mapping() -> CompiledMapping:
    problems = Problems()
    return compile_mapping(DOCUMENT, connection="crm", zone="Europe/Berlin", region="DE", problems=problems)


def heard(mapping: CompiledMapping, known: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    return {one.field: one.value for one in mapping.heard("lead", values, known or {})}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"City": "Ulm"}, {"city": "Ulm"}),
        ({"CITY": " Ulm "}, {"city": "Ulm"}),
        ({"City": None, "Phone": "  "}, {"city": None, "phone": None}),
        ({"Company": "[private]"}, {"company.name": None}),
        ({"Employees": "600.0"}, {"company.employees": 600}),
        ({"Employees": 600}, {"company.employees": 600}),
        ({"Employees": "many"}, {}),
        ({"Customer": "Y"}, {"company.is_customer": True}),
        ({"Customer": "N"}, {"company.is_customer": False}),
        ({"Source": "Partner"}, {"source": "referral"}),
        ({"Source": "Web"}, {}),
        ({"Source": "Fair"}, {}),
        ({"Level": "High"}, {"job_level": "director"}),
        ({"Level": "Low"}, {}),
        ({"Rest": "S"}, {"campaign": "spring"}),
        ({"Rest": "Other"}, {}),
        ({"Tools": "a;b"}, {"company.technologies": ["a", "b"]}),
        ({"Phone": "030 1234567"}, {"phone": "+49301234567"}),
        ({"LastName": "Weber", "Score": 5, "Why": "x", "Fixed": "OLD", "Wait": 5, "Unheard": "of"}, {}),
    ],
)
def test_what_stands_there_in_our_words(mapping: CompiledMapping, values: dict[str, Any], said: dict[str, Any]) -> None:
    assert heard(mapping, **values) == said


def test_what_looks_as_we_would_write_it_says_what_we_have(mapping: CompiledMapping) -> None:
    title, paid = "Director of Information Technology", {"source": "paid"}
    (sent, _) = mapping.to_platform("lead", {"job_title": title}, creating=False)
    assert sent["Title"] != title
    assert heard(mapping, {"job_title": title}, Title=sent["Title"]) == {"job_title": title}
    assert heard(mapping, {"job_title": "Clerk"}, Title=sent["Title"]) == {"job_title": sent["Title"]}
    assert heard(mapping, paid, Source="Web") == paid
    assert heard(mapping, {"job_level": "manager"}, Level="Low") == {"job_level": "manager"}


def test_what_is_written_is_read_back(mapping: CompiledMapping) -> None:
    known: dict[str, Any] = {
        "city": "Ulm", "company.name": "Firm", "company.employees": 600, "company.is_customer": True,
        "source": "referral", "job_level": "director", "company.technologies": ["a", "b"], "phone": "+49301234567",
        "campaign": "spring",
    }  # fmt: skip
    sent, unsent = mapping.to_platform("lead", known, creating=False)
    assert unsent == []
    assert heard(mapping, {}, **sent) == known
    assert heard(mapping, known, **sent) == known


def test_two_fields_of_theirs_may_say_one_of_ours() -> None:
    document = {"write": {"lead": {"Site": "company.domain", "Domain": "company.domain"}}}
    mapping = compile_mapping(document, connection="crm", zone="UTC", region="", problems=Problems())
    found = mapping.heard("lead", {"Site": "a.example", "Domain": "b.example"})
    assert [(one.name, one.value) for one in found] == [("Site", "a.example"), ("Domain", "b.example")]
    assert mapping.heard("task", {"Site": "a.example"}) == []


def test_a_platforms_own_spelling_says_the_same(mapping: CompiledMapping) -> None:
    assert mapping.same("lead", "Phone", "030 1234567", "+49301234567")
    assert mapping.same("lead", "Employees", 600, "600.0")
    assert not mapping.same("lead", "Phone", "030 1234568", "+49301234567")
    assert not mapping.same("lead", "Source", "Web", "Web")
    assert not mapping.same("lead", "Nowhere", "a", "a")


def test_a_number_without_a_code_is_one_of_the_persons_country(mapping: CompiledMapping) -> None:
    assert heard(mapping, {"country": "US"}, Phone="(415) 555-2671") == {"phone": "+14155552671"}
    assert heard(mapping, {"country": "JP"}, Phone="03-3224-5000") == {"phone": "+81332245000"}
    assert heard(mapping, {}, Phone="030 901820") == {"phone": "+4930901820"}
