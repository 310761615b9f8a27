"""Whose record it is, and what a lead takes over from it."""

from __future__ import annotations

from datetime import UTC, datetime

from connector.model.errors import Problems
from connector.model.lead import Lead, Link, Statement
from connector.model.mapped import Contact
from connector.model.records import Record
from connector.model.sentences import NO_ADDRESS
from connector.steps.identity import (
    SHARED_BY_MANY,
    Assignment,
    absorb,
    assign,
    derive_again,
    is_known_by,
    join,
    new_lead,
    who_is_left,
)
from connector.steps.mapping.compiler import compile_mapping
from connector.steps.sides import Settled, Terms

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


def test_each_contact_of_a_page_keeps_its_place_whoever_it_is() -> None:
    people = [
        contact("1", email="a@x.example"), contact("2", email="b@x.example"), contact("3"), contact("4"),
        contact("5", email="c@x.example"), contact("1", email="c@x.example"), contact("6", email="c@x.example"),
        contact("7"), contact("3"),
    ]  # fmt: skip
    links = {"1": Link("exports", "contact", "1", lead_id=11)}
    assert assign(people, links, {"b@x.example": [12, 13], "": [99]}) == [
        Assignment(one, lead_id, index)
        for one, (lead_id, index) in zip(
            people,
            [(11, -1), (12, -1), (0, 0), (0, 1), (0, 2), (11, -1), (0, 2), (0, 3), (0, 0)],
            strict=True,
        )
    ]


def test_the_first_of_two_new_leads_with_one_address_takes_who_follows() -> None:
    people = [contact("1", email="a@x.example"), contact("2"), contact("2", email="a@x.example")]
    assert [one.index for one in assign([*people, contact("3", email="a@x.example")], {}, {})] == [0, 1, 1, 0]


def test_who_is_new_on_a_page_stays_so_whoever_else_has_the_address() -> None:
    people = [contact("1"), contact("1", email="a@x.example")]
    assert [(one.lead_id, one.index) for one in assign(people, {}, {"a@x.example": [11]})] == [(0, 0), (0, 0)]


def test_a_role_that_a_system_said_counts_before_what_the_address_looks_like() -> None:
    office = contact("1", email="ana@x.example", email_class="role")
    office.derived["email_class"] = "work"
    assert assign([office], {}, {"ana@x.example": [4]}) == [Assignment(office, index=0)]


def test_a_new_lead_is_all_that_its_record_said() -> None:
    one = contact("1", email="ana@x.example", source="organic", campaign="spring", landing_page="/a")
    one.fields["first.campaign"] = "winter"
    one.derived, one.flags, one.counters = {"email_class": "work"}, {"phone": "no"}, {"opens": (3, "open")}
    lead = new_lead(one, "exports", AT)
    assert lead.fields == {
        "email": "ana@x.example", "source": "organic", "campaign": "spring", "landing_page": "/a",
        "first.source": "organic", "first.campaign": "winter", "first.landing_page": "/a", "email_class": "work",
    }  # fmt: skip
    assert lead.said == dict.fromkeys(lead.fields.keys() - {"email_class"}, ("exports", AT))
    assert (lead.flags, lead.counters) == ({"phone": "no"}, {"exports:opens": 3})
    one.at = LATER
    assert new_lead(one, "exports", AT).said["email"] == ("exports", LATER)


def test_the_platforms_own_moment_counts_before_that_of_reading() -> None:
    lead = new_lead(contact("1", city="Bonn"), "exports", AT)
    moved = contact("1", city="Ulm")
    moved.at = LATER
    assert absorb(lead, moved, "exports", AT) == ["city"]
    assert lead.said["city"] == ("exports", LATER)


def test_a_first_value_is_kept_once_and_with_who_said_it() -> None:
    lead = new_lead(contact("1", city="Bonn"), "exports", AT)
    assert absorb(lead, contact("1", source="paid", city="Ulm"), "portal", LATER) == ["source", "city"]
    assert (lead.fields["first.source"], lead.said["first.source"]) == ("paid", ("portal", LATER))
    assert "first.city" not in lead.fields
    cleared = Contact("1", "leads.csv:1", blank=("source",))
    assert absorb(lead, cleared, "portal", LATER) == ["source"]
    assert lead.fields["first.source"] == "paid"


def test_blanks_clear_values_with_their_flags_and_go_on_past_what_others_said() -> None:
    first = contact("1", phone="call me", mobile="1", city="Bonn")
    first.flags["phone"] = "not a phone number"
    lead = new_lead(first, "exports", AT)
    lead.said["mobile"] = ("portal", AT)
    empty = Contact("1", "leads.csv:1", blank=("nothing", "mobile", "phone", "city"), flags={"fax": "no"})
    assert absorb(lead, empty, "exports", LATER) == ["phone", "city"]
    assert (lead.fields, lead.flags) == ({"mobile": "1"}, {"fax": "no"})
    assert lead.said["phone"] == ("exports", LATER)
    lead.fields["derived"] = "x"
    assert absorb(lead, Contact("1", "", blank=("derived",)), "exports", LATER) == []


def test_the_winner_of_a_merge_takes_over_only_what_it_lacks() -> None:
    winner = Lead(fields={"city": "Bonn", "email_class": "work"}, said={"city": ("a", AT)}, counters={"a:opens": 3})
    loser = Lead(
        fields={"city": "Ulm", "job_title": "Director", "phone": "call me", "job_level": "vp"},
        said={"city": ("b", LATER), "job_title": ("b", LATER), "phone": ("b", AT)},
        flags={"city": "odd", "phone": "not a phone number"},
        counters={"a:opens": 9, "b:opens": 1},
    )
    assert join(winner, loser) == ["job_title", "phone", "job_level", "email_class"]
    assert winner.fields == {"city": "Bonn", "job_title": "Director", "phone": "call me", "job_level": "director"}
    assert winner.said == {"city": ("a", AT), "job_title": ("b", LATER), "phone": ("b", AT)}
    assert winner.flags == {"phone": "not a phone number"}
    assert winner.counters == {"a:opens": 3, "b:opens": 1}
    assert join(winner, Lead(fields={"city": "Ulm"}, said={"city": ("b", AT)}, counters={"c:opens": 2})) == []
    assert winner.counters["c:opens"] == 2
    unmoved = Lead(fields={"job_level": "vp"})
    assert (join(unmoved, Lead()), unmoved.fields) == ([], {"job_level": "vp"})


def test_a_merge_takes_over_all_that_was_said_of_what_only_the_other_has() -> None:
    terms = Terms(("a", "b"), "crm")

    def joined(given: Terms | None, **sides: Statement) -> Lead:
        winner = Lead({"phone": "1"}, {"phone": ("a", AT)})
        loser = Lead({"city": "Ulm"}, {"city": ("b", AT)}, sides={by: {"city": one} for by, one in sides.items()})
        loser.sides["fairs"] = {"region": Statement("BW", AT)}
        assert join(winner, loser, given) == ["city"]
        return winner

    said = joined(terms, a=Statement("Bonn", AT), crm=Statement("Ulm", LATER)).sides
    assert said == {"a": {"city": Statement("Bonn", AT)}, "crm": {"city": Statement("Ulm", LATER)}}
    # What we copied to the record of the other is nobody's word; a source's may have no time.
    assert joined(terms, a=Statement("Bonn"), crm=Statement("Ulm")).sides == {"a": {"city": Statement("Bonn")}}
    assert joined(None, crm=Statement("Ulm")).sides == {"crm": {"city": Statement("Ulm")}}


def test_what_could_be_decided_is_gathered_over_records() -> None:
    terms, found = Terms(("a", "b"), "crm"), Settled(undecidable={"fax"}, decided={"email"})
    lead = new_lead(contact("1", city="Bonn"), "a", AT)
    absorb(lead, contact("1", city="Ulm"), "a", LATER, terms, found)
    assert (found.decided, found.undecidable) == ({"email", "city"}, {"fax"})
    join(lead, Lead({"city": "Kiel"}, {"city": ("b", AT)}), terms, gathered := Settled())
    assert gathered.decided == {"city"}


def test_a_flag_is_of_the_value_in_force() -> None:
    terms = Terms(("a", "b"), "crm")
    lead = new_lead(contact("1", phone="+49 1"), "a", AT)
    odd = contact("2", phone="call me")
    odd.flags["phone"] = "not a phone number"
    absorb(lead, odd, "b", LATER, terms)
    assert (lead.fields["phone"], lead.flags) == ("+49 1", {})
    worse = contact("1", phone="none")
    worse.flags["phone"] = "not a phone number"
    absorb(lead, worse, "a", LATER, terms)
    assert lead.flags == {"phone": "not a phone number"}


def test_what_was_no_address_is_not_remembered_where_one_speaks_alone() -> None:
    lead = new_lead(contact("1", email="none"), "a", AT)
    lead.flags["email"] = NO_ADDRESS
    absorb(lead, contact("1", email="ana@x.example"), "a", LATER)
    assert lead.former == []


def test_since_when_a_source_says_something_is_not_before_all_was_read() -> None:
    terms = Terms(("a",), "crm", {"city": "newest"})
    lead = new_lead(contact("1", city="Bonn"), "a", AT)
    absorb(lead, contact("1", city="Ulm"), "a", LATER, terms, read_until=LATER)
    assert lead.sides == {"a": {"city": Statement("Ulm", LATER, LATER)}}


def test_after_several_merges_one_record_is_left() -> None:
    into = {"1": "2", "2": "3", "7": "8", "8": "7"}
    assert [who_is_left(one, into) for one in ("1", "2", "3", "9")] == ["3", "3", "3", "9"]
    assert [who_is_left(one, into | {"6": "7"}) for one in ("7", "6")] == ["8", "8"]


def test_what_follows_is_told_where_it_changed_only() -> None:
    lead = Lead(fields={"job_title": "Director", "job_level": "director"}, said={"job_title": ("a", AT)})
    assert derive_again(lead) == []
    lead.fields["job_level"] = "vp"
    assert derive_again(lead) == ["job_level"]


def called(lead_id: int, given: str, family: str = "Koch") -> Lead:
    return Lead({"name.given": given, "name.family": family, "email": "we@x.example"}, id=lead_id)


def test_of_several_with_one_address_the_one_whose_name_agrees_is_meant() -> None:
    leads = {4: called(4, "Paul"), 9: called(9, "Ines")}
    given = ("Ines", "P.", "Ida", "", "Ida")
    people = [contact(str(n), email="we@x.example", **{"name.given": name}) for n, name in enumerate(given)]
    found = assign(people, {}, {"we@x.example": [4, 9]}, leads)
    assert [(one.lead_id, one.index) for one in found] == [(9, -1), (4, -1), (0, 0), (4, -1), (0, 0)]


def test_what_a_lead_is_called_counts_with_all_of_its_records() -> None:
    """John and James are two, whoever J. is."""
    given = ("J.", "John", "James")
    people = [contact(str(n), email="we@x.example", **{"name.given": name}) for n, name in enumerate(given)]
    assert [one.index for one in assign(people, {}, {})] == [0, 0, 1]


def test_an_address_of_very_many_is_nobodys() -> None:
    leads = {number: called(number, "Paul") for number in range(1, SHARED_BY_MANY + 2)}
    paul = contact("1", email="we@x.example", **{"name.given": "Paul"})
    assert assign([paul], {}, {"we@x.example": list(leads)}, leads) == [Assignment(paul, index=0)]
    assert assign([paul], {}, {"we@x.example": list(leads)[1:]}, leads) == [Assignment(paul, 2)]


def test_a_lead_is_found_by_its_former_addresses() -> None:
    lead = new_lead(contact("1", email="a@x.example"), "exports", AT)
    for address in ("b@x.example", "info@x.example", "c@x.example"):
        absorb(lead, contact("1", email=address), "exports", LATER)
    assert lead.former == ["a@x.example", "b@x.example"]
    absorb(lead, contact("1", email="a@x.example"), "exports", LATER)
    assert lead.former == ["b@x.example", "c@x.example"]
    absorb(lead, Contact("1", "leads.csv:1", blank=("email",)), "exports", LATER)
    assert lead.former == ["b@x.example", "c@x.example", "a@x.example"]


def test_former_addresses_are_five_at_most_and_what_was_none_is_none() -> None:
    lead = new_lead(contact("1", email="to follow"), "exports", AT)
    lead.flags["email"] = NO_ADDRESS
    for number in range(8):
        absorb(lead, contact("1", email=f"a{number}@x.example"), "exports", LATER)
    assert lead.former == [f"a{number}@x.example" for number in range(2, 7)]


def test_former_addresses_are_kept_where_several_speak() -> None:
    lead = new_lead(contact("1", email="a@x.example"), "exports", AT)
    absorb(lead, contact("1", email="b@x.example"), "exports", LATER, Terms(("exports", "portal"), "crm"))
    assert (lead.fields["email"], lead.former) == ("b@x.example", ["a@x.example"])


def test_a_lead_is_compared_anew_by_what_it_is_known_by() -> None:
    assert all(is_known_by([name]) for name in ("email", "name.family", "company.domain", "custom.birthday"))
    assert not is_known_by(["job_title", "source", "company.employees", "consent.email", "links.portal"])
