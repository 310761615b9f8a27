"""An admin's mapping laid over the shipped one."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from connector.steps.mapping.document import overlay, read_lines

SHIPPED = """
unknown = ["tbd"]
[contact]
id = "id"
[read]
fax = "fax"
city = "city"
"company.name" = { from = "company", default = "x" }
company.domain = "domain"
[read.stage]
field = "Status"
table = { Open = "sal", Closed = "won" }
[event]
at = "at"
[[activities]]
event = "a"
kind = "visit"
[write]
flat = "email"
[write.Lead]
Email = "email"
City = "city"
[tables.source]
paid = "Ads"
"*" = "Other"
[tables.other]
a = "b"
"""


def laid(own: str) -> dict[str, Any]:
    return overlay(tomllib.loads(SHIPPED), tomllib.loads(own))


def lines(document: dict[str, Any]) -> dict[str, Any]:
    return {name: said for name, _, said in read_lines(document["read"])}


def test_nothing_laid_over_changes_nothing() -> None:
    assert laid("") == tomllib.loads(SHIPPED)


def test_an_own_line_replaces_the_whole_shipped_line() -> None:
    assert lines(laid('[read]\n"company.name" = { from = "firm" }'))["company.name"] == {"from": "firm"}


@pytest.mark.parametrize(
    "own", ['[read]\ncompany.name = "firm"', '[read]\n"company.name" = "firm"', '[read.company]\nname = "firm"']
)
def test_a_dotted_name_is_the_same_line_however_it_is_written(own: str) -> None:
    found = lines(laid(own))
    assert found["company.name"] == "firm"
    assert (found["company.domain"], found["city"]) == ("domain", "city")
    assert [name for name, _, _ in read_lines(laid(own)["read"])].count("company.name") == 1


@pytest.mark.parametrize("name", ["fax", "company.domain", '"company.domain"', "stage"])
def test_false_removes_a_shipped_line(name: str) -> None:
    found = lines(laid(f"[read]\n{name} = false"))
    assert set(lines(tomllib.loads(SHIPPED))) - set(found) == {name.strip('"')}


def test_own_activities_come_first_and_false_drops_the_shipped() -> None:
    assert [entry["event"] for entry in laid('[[activities]]\nevent = "b"\nkind = "visit"')["activities"]] == ["b", "a"]
    assert laid("activities = false")["activities"] == []


def test_tables_are_laid_over_word_by_word() -> None:
    tables = laid('[tables.source]\nfair = "Event"\n"*" = false\n[tables]\nother = false')["tables"]
    assert tables == {"source": {"paid": "Ads", "fair": "Event"}}


def test_stages_are_laid_over_word_by_word() -> None:
    stage = laid('[read.stage]\ntable = { Closed = "lost" }\nrating = "Rating"')["read"]["stage"]
    assert stage == {"field": "Status", "table": {"Open": "sal", "Closed": "lost"}, "rating": "Rating"}


def test_objects_of_write_are_laid_over_line_by_line() -> None:
    write = laid('[write.Lead]\nCity = false\nPhone = "phone"\n[write]\nflat = "city"')["write"]
    assert write == {"Lead": {"Email": "email", "Phone": "phone"}, "flat": "city"}
    assert laid("[write]\nLead = false")["write"] == {"flat": "email"}


def test_the_columns_of_contact_and_event_are_laid_over_key_by_key() -> None:
    document = laid('[contact]\nmodified_at = "changed"\n[event]\nat = false')
    assert document["contact"] == {"id": "id", "modified_at": "changed"}
    assert document["event"] == {}


def test_words_add_up() -> None:
    assert laid('unknown = ["none given"]')["unknown"] == ["none given", "tbd"]


def test_neither_document_is_changed() -> None:
    shipped, own = tomllib.loads(SHIPPED), tomllib.loads('[read]\ncity = false\n[tables.source]\n"*" = false')
    overlay(shipped, own)
    assert shipped == tomllib.loads(SHIPPED)
    assert own == tomllib.loads('[read]\ncity = false\n[tables.source]\n"*" = false')


def test_a_part_of_the_wrong_kind_is_left_for_the_compiler_to_report() -> None:
    assert overlay({"read": {"city": "c"}}, {"read": "x"})["read"] == "x"
