"""Whose record it is, and what a lead takes over from it."""

from __future__ import annotations

from datetime import UTC, datetime

from connector.model.errors import Problems
from connector.model.lead import Link
from connector.model.mapped import Contact
from connector.model.records import Record
from connector.steps.identity import absorb, assign, new_lead
from connector.steps.mapping.compiler import compile_mapping

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
AT = "2026-11-20T08:00:00+00:00"
LATER = "2026-11-21T08:00:00+00:00"


def contact(external_id: str, **fields: str) -> Contact:
    return Contact(external_id, f"leads.csv:{external_id}", fields=dict(fields))


def test_the_id_map_comes_before_the_email() -> None:
    link = Link("exports", "contact", "7", lead_id=3)
    (one,) = assign([contact("7", email="ana@x.example")], {"7": link}, {"ana@x.example": [9]})
    assert one.lead_id == 3


def test_an_email_known_from_elsewhere_links_to_the_oldest_lead() -> None:
    (one,) = assign([contact("7", email="ana@x.example")], {}, {"ana@x.example": [4, 9]})
    assert one.lead_id == 4


def test_two_new_records_with_one_email_are_one_new_lead() -> None:
    found = assign([contact("1", email="a@x.example"), contact("2", email="a@x.example"), contact("3")], {}, {})
    assert [one.index for one in found] == [0, 0, 1]


def test_one_id_twice_on_a_page_is_one_new_lead() -> None:
    found = assign([contact("1", email="a@x.example"), contact("1", email="b@x.example")], {}, {})
    assert [one.index for one in found] == [0, 0]


def test_an_address_of_a_role_links_nobody() -> None:
    people = [contact(number, email="info@x.example") for number in ("1", "2")]
    for person in people:
        person.derived["email_class"] = "role"
    found = assign(people, {}, {"info@x.example": [4]})
    assert [(one.lead_id, one.index) for one in found] == [(0, 0), (0, 1)]


def test_a_text_that_is_no_address_links_nobody() -> None:
    document = {"contact": {"id": "id"}, "read": {"email": "mail"}}
    mapping = compile_mapping(document, connection="exports", zone="UTC", region="", problems=Problems())
    rows = [Record(number, {"id": number, "mail": "to follow"}) for number in ("1", "2")]
    found = assign([mapping.contact(row, NOW) for row in rows], {}, {"to follow": [4]})
    assert [(one.lead_id, one.index) for one in found] == [(0, 0), (0, 1)]


def test_a_new_lead_keeps_where_it_came_from_first_apart() -> None:
    lead = new_lead(contact("1", source="organic"), "exports", AT)
    assert lead.fields["first.source"] == "organic"
    absorb(lead, contact("1", source="paid"), "exports", LATER)
    assert (lead.fields["source"], lead.fields["first.source"]) == ("paid", "organic")


def test_provenance_tells_since_when_the_present_value_holds() -> None:
    lead = new_lead(contact("1", city="Bonn", job_title="Clerk"), "exports", AT)
    changed = absorb(lead, contact("1", city="Bonn", job_title="Director"), "portal", LATER)
    assert changed == ["job_title", "job_level"]
    assert lead.said["city"] == ("exports", AT)
    assert lead.said["job_title"] == ("portal", LATER)


def test_a_blank_clears_only_what_the_same_connection_said() -> None:
    lead = new_lead(contact("1", city="Bonn"), "exports", AT)
    empty = Contact("1", "leads.csv:1", blank=("city",))
    assert absorb(lead, empty, "portal", LATER) == ["links.portal"]
    assert lead.fields["city"] == "Bonn"
    assert absorb(lead, empty, "exports", LATER) == ["city"]
    assert "city" not in lead.fields
    assert lead.said["city"] == ("exports", LATER)


def test_a_connection_that_adds_nothing_is_known_by_its_id() -> None:
    lead = new_lead(contact("1", city="Bonn"), "exports", AT)
    assert absorb(lead, contact("77", city="Bonn"), "portal", LATER) == ["links.portal"]
    assert lead.fields["links.portal"] == "77"
    assert absorb(lead, contact("77", city="Bonn"), "portal", LATER) == []


def test_a_mended_value_loses_its_flag() -> None:
    first = contact("1", phone="call me")
    first.flags["phone"] = "not a phone number"
    lead = new_lead(first, "exports", AT)
    absorb(lead, contact("1", phone="+49301234567"), "exports", LATER)
    assert lead.flags == {}


def test_what_follows_from_a_field_changes_with_it_and_goes_with_it() -> None:
    lead = new_lead(contact("1", job_title="Director"), "exports", AT)
    absorb(lead, contact("1", job_title="Director IT"), "exports", AT)
    assert lead.fields["job_level"] == "director"
    absorb(lead, contact("1", job_title="Zebra"), "exports", LATER)
    assert "job_level" not in lead.fields


def test_what_a_system_said_is_not_derived_over() -> None:
    lead = new_lead(contact("1", job_title="Director", job_level="vp"), "exports", AT)
    absorb(lead, contact("1", job_title="Manager"), "exports", LATER)
    assert lead.fields["job_level"] == "vp"
