"""Where each field comes from: who said it, when, how sure, by which rule, and what the others say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connector.insight.provenance import SURE, FieldStory, render, stories, to_json
from connector.model.activity import Activity
from connector.model.lead import Lead, Statement
from connector.steps.sides import Terms
from connector.steps.telling.words import Words
from tests.system.conftest import Shop, shop

__all__ = ["shop"]

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
TERMS = Terms(("portal", "forms"), "crm", {"city": "always_marketing", "job_title": "newest"})


def at(hour: int) -> str:
    return (NOW - timedelta(hours=24 - hour)).isoformat()


def words() -> Words:
    return Words("en", ZoneInfo("Europe/Berlin"), str, NOW)


def lead() -> Lead:
    """A lead of whom two sources, a fair and the CRM say things."""
    return Lead(
        {"email": "ana@firm.example", "email_class": "work", "phone": "ask reception", "city": "Bonn",
         "job_title": "Head of IT", "mobile": "+4917", "language": "de", "consent.email": False, "street": "Allee 1",
         "first.source": "fair"},
        {"email": ("portal", at(1)), "phone": ("portal", at(1)), "city": ("portal", at(2)),
         "job_title": ("crm", at(9)), "mobile": ("forms", at(4)), "consent.email": ("portal", at(3)),
         "street": ("portal", at(1)), "first.source": ("portal", at(1))},
        {"phone": "not a phone number"}, id=7, flow="b2b", former=["ana@old.example"],
        sides={
            "portal": {"job_title": Statement("Clerk", at(2)), "mobile": Statement(None, at(6))},
            "forms": {"city": Statement("Ulm", at(5)), "street": Statement("Weg 2", at(5))},
            "crm": {"city": Statement("Rom", at(8), at(7)), "street": Statement("Allee 1")},
        },
    )  # fmt: skip


def told(of: Lead | None = None, terms: Terms = TERMS) -> dict[str, FieldStory]:
    form = Activity("forms", "a1", "1", NOW - timedelta(hours=20, seconds=50), "form_submit")
    visit = Activity("portal", "a2", "1", NOW - timedelta(hours=23), "visit")
    return {one.field: one for one in stories(of or lead(), terms, [form, visit], words())}


@pytest.mark.parametrize(
    ("field", "sure", "by"),
    [
        ("job_title", "person", "crm"), ("mobile", "form", "forms"), ("email", "record", "portal"),
        ("phone", "as given", "portal"), ("email_class", "derived", ""), ("language", "inferred", ""),
    ],
)  # fmt: skip
def test_how_sure_a_value_is(field: str, sure: str, by: str) -> None:
    assert (told()[field].sure, told()[field].by) == (sure, by)


def test_each_grade_has_words() -> None:
    assert list(SURE) == ["person", "form", "record", "copied", "as given", "derived", "inferred"]


@pytest.mark.parametrize(
    ("field", "why"),
    [
        ("email", "nobody else says anything"),
        ("email_class", "follows from: email"),
        ("job_title", "the CRM's word counts (newest)"),
        (
            "city",
            "marketing's word counts (always_marketing) · portal comes first of those who have a value: portal, forms",
        ),
        ("mobile", "forms comes first of those who have a value: portal, forms"),
        ("street", "portal comes first of those who have a value: portal, forms"),
        ("consent.email", "consent has rules of its own: an opt-out wins"),
        ("first.source", "the first that was ever said stays"),
    ],
)
def test_why_a_value_counts(field: str, why: str) -> None:
    of = lead()
    of.sides["crm"]["job_title"] = of.sides["crm"].pop("job_title", Statement("Head of IT", at(9), at(8)))
    assert told(of)[field].why == why


def test_what_was_settled_by_other_rules_is_said() -> None:
    found = told(terms=Terms(("forms", "portal"), "crm", TERMS.rules))
    assert found["city"].value == "Bonn"
    assert found["city"].why == "set before the present rules: the next word about it makes it Ulm"


def test_what_nobody_can_decide_is_said() -> None:
    of = lead()
    of.sides["portal"]["job_title"] = Statement("Boss", at(9))
    assert told(of)["job_title"].why == "nobody can tell which is newer, so it stays (newest)"


def test_what_the_others_say_stands_beside_it() -> None:
    found = told()
    assert [(one.by, one.value, one.sure) for one in found["city"].others] == [
        ("forms", "Ulm", "record"), ("crm", "Rom", "person"),
    ]  # fmt: skip
    assert [(one.by, one.value) for one in found["mobile"].others] == [("portal", None)]
    assert [(one.by, one.sure) for one in found["street"].others] == [("forms", "record"), ("crm", "copied")]
    assert found["email_class"].out_of == ("email",)


def test_it_is_told_in_lines_and_as_json() -> None:
    found = list(told().values())
    lines = render(found, words(), 140)
    place = next(place for place, line in enumerate(lines) if line.startswith("  city"))
    assert [line.strip() for line in lines[place : place + 5]] == [
        "city              Bonn",
        "portal · Sun 6 Dec 11:00 · a system's record says so",
        "in force: marketing's word counts (always_marketing) · portal comes first of those who have a value: "
        "portal, forms",
        "forms, Sun 6 Dec 14:00 says: Ulm · a system's record says so",
        "crm, Sun 6 Dec 17:00 says: Rom · a person wrote it in the CRM",
    ]
    text = "\n".join(lines)
    assert "before: ana@old.example" in text
    assert "kept as given: it could not be read (not a phone number)" in text
    assert "portal, Sun 6 Dec 15:00 says: (cleared)" in text
    document = to_json(lead(), found)
    city = document["fields"]["city"]
    assert (document["lead"], city["rule"], city["order"]) == (7, "always_marketing", ("portal", "forms"))
    assert (city["sure"], city["others"][1]["since"]) == ("record", at(7))


def test_the_command_tells_the_fields_of_one_lead(shop: Shop) -> None:
    shop.baton("sync")
    document = shop.told("why", "ana@alba.example", "--fields")
    name = document["fields"]["company.name"]
    assert (name["value"], name["by"], name["sure"]) == ("Alba GmbH", "export", "record")
    assert document["fields"]["company.domain"]["out_of"] == ["email"]
    text = shop.baton("why", "ana@alba.example", "--fields").stdout
    assert text.startswith("Ana Alba · Alba GmbH")
    assert "in force: nobody else says anything" in " ".join(text.split())


def test_two_sources_and_an_order_are_told_by_the_command(shop: Shop, tmp_path: Path) -> None:
    shop.write("fair.csv", "id,name,email,company,size,changed\nF1,Ana A. Alba,ana@alba.example,Alba,,2026-11-09\n")
    fair = '[connections.fair]\ntype = "files"\ncontacts = { files = "fair.csv", id = "id", time_column = "changed" }\n'
    shop.edit("config.toml", "[connections.desk]", fair + 'mapping = "mapping.toml"\n\n[connections.desk]')
    shop.edit("config.toml", '["export"]', '["export", "fair"]')
    shop.edit("config.toml", "[flows.b2b.routing]",
              '[flows.b2b.fields]\n"company.name" = { sources = ["fair"] }\n\n[flows.b2b.routing]')  # fmt: skip
    assert shop.baton("sync").exit_code == 0
    fields = shop.told("why", "ana@alba.example", "--fields")["fields"]
    assert {name: (fields[name]["value"], fields[name]["by"]) for name in ("company.name", "name.full")} == {
        "company.name": ("Alba", "fair"), "name.full": ("Ana Alba", "export"),
    }  # fmt: skip
    assert [(one["by"], one["value"]) for one in fields["company.name"]["others"]] == [("export", "Alba GmbH")]
    assert json.dumps(fields["name.full"]["order"]) == '["export", "fair"]'
    assert fields["company.name"]["order"] == ["fair", "export"]
