"""Whose word is in force, field by field: an admin's order of sources, whoever spoke first, whichever lead stayed."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.fields import Value
from connector.model.lead import Lead, Statement
from connector.model.mapped import Contact
from connector.steps.identity import absorb, join, new_lead
from connector.steps.sides import Terms, say, settle, silence_crm, statement, without_crm

START = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
SOURCES, CRM = ("portal", "forms", "fairs"), "crm"
#: (who, hour, value): what a source says, None for a blank.
Saying = tuple[str, int, str | None]


def moment(hour: int) -> str:
    return (START + timedelta(hours=hour)).isoformat()


def contact(who: str, hour: int, **fields: Value | None) -> Contact:
    said = {name: value for name, value in fields.items() if value is not None}
    one = Contact("1", who, fields=dict(said), blank=tuple(name for name in fields if name not in said))
    one.at = moment(hour)
    return one


def told(said: Sequence[Saying], terms: Terms, field: str = "city") -> Lead:
    """A lead of which all this was said, in the order given."""
    (who, hour, value), *rest = said
    lead = new_lead(contact(who, hour, **{field: value}), who, moment(hour))
    for who, hour, value in rest:
        absorb(lead, contact(who, hour, **{field: value}), who, moment(hour), terms)
    return lead


@pytest.mark.parametrize(
    ("order", "said", "wins"),
    [
        (("portal", "forms"), [("portal", 1, "Bonn"), ("forms", 2, "Ulm")], ("Bonn", "portal")),
        (("forms", "portal"), [("portal", 1, "Bonn"), ("forms", 2, "Ulm")], ("Ulm", "forms")),
        (("forms", "portal"), [("forms", 1, "Ulm"), ("portal", 2, "Bonn")], ("Ulm", "forms")),
        (SOURCES[::-1], [("portal", 3, "Bonn"), ("forms", 2, "Ulm"), ("fairs", 1, "Kiel")], ("Kiel", "fairs")),
        (("fairs", "forms", "portal"), [("portal", 3, "Bonn"), ("forms", 2, "Ulm")], ("Ulm", "forms")),
        # What the first clears, the next one says; a column that was always empty is no word.
        (("forms", "portal"), [("portal", 1, "Bonn"), ("forms", 2, "Ulm"), ("forms", 3, None)], ("Bonn", "portal")),
        (("forms", "portal"), [("portal", 1, "Bonn"), ("forms", 2, None)], ("Bonn", "portal")),
    ],
)  # fmt: skip
def test_an_admins_order_of_sources_wins(order: tuple[str, ...], said: list[Saying], wins: tuple[str, str]) -> None:
    lead = told(said, Terms(order, CRM))
    assert (lead.fields["city"], lead.said["city"][0]) == wins


def test_a_field_may_have_an_order_of_its_own() -> None:
    terms = Terms(SOURCES, CRM, orders={"city": ("fairs", "forms", "portal")})
    lead = new_lead(contact("portal", 1, city="Bonn", street="A"), "portal", moment(1))
    absorb(lead, contact("fairs", 2, city="Kiel", street="B"), "fairs", moment(2), terms)
    assert (lead.fields["city"], lead.fields["street"]) == ("Kiel", "A")


@pytest.mark.parametrize(
    ("rule", "wins"),
    [
        ("prefer_crm_unless_blank", "Rom"), ("always_crm", "Rom"), ("newest", "Rom"),
        ("always_marketing", "Ulm"), ("fill_blank", "Ulm"), ("never", "Ulm"),
    ],
)  # fmt: skip
def test_a_reps_word_counts_beside_all_sources_as_the_rule_says(rule: str, wins: str) -> None:
    terms = Terms(("forms", "portal"), CRM, {"city": rule})
    lead = told([("portal", 1, "Bonn"), ("forms", 2, "Ulm")], terms)
    say(lead, CRM, "city", Statement("Rom", moment(9), moment(8)))
    settle(lead, ["city"], terms)
    assert lead.fields["city"] == wins
    for who, value in (("portal", "Bonn"), ("forms", "Ulm"), (CRM, "Rom")):
        assert (kept := statement(lead, who, "city")) is not None
        assert kept.value == value


orders = st.permutations(SOURCES).map(tuple)
values = st.sampled_from(["Bonn", "Ulm", "Kiel", "Rom"])


@given(orders, st.dictionaries(st.sampled_from(SOURCES), values, min_size=1), st.data())
def test_the_order_of_arrival_does_not_matter(
    order: tuple[str, ...], said: Mapping[str, str], data: st.DataObject
) -> None:
    sayings = [(who, SOURCES.index(who), value) for who, value in said.items()]
    arrived = data.draw(st.permutations(sayings))
    lead = told(arrived, Terms(order, CRM))
    first = next(who for who in order if who in said)
    assert lead.fields["city"] == said[first]


@given(orders, st.dictionaries(st.sampled_from(SOURCES), st.booleans(), min_size=2))
def test_of_two_leads_it_does_not_matter_which_one_stays(order: tuple[str, ...], said: Mapping[str, bool]) -> None:
    terms = Terms(order, CRM)
    one, other = (
        [(who, hour, f"{who} {hour}") for hour, (who, mine) in enumerate(said.items()) if mine is first]
        for first in (True, False)
    )
    if not one or not other:
        return
    leads = told(one, terms), told(other, terms)
    here, there = copy.deepcopy(leads[0]), copy.deepcopy(leads[1])
    join(here, leads[1], terms)
    join(there, leads[0], terms)
    words = {who: value for who, _, value in (*one, *other)}
    speaks = next(who for who in order if who in words)
    assert here.fields["city"] == there.fields["city"] == words[speaks]
    for who, value in words.items():
        kept = statement(here, who, "city"), statement(there, who, "city")
        assert [one.value for one in kept if one] == [value, value]


def test_of_two_records_of_one_source_the_leads_own_speaks_and_the_other_adds() -> None:
    terms = Terms(("portal",), CRM)
    winner = new_lead(contact("portal", 1, city="Bonn", job_title="Clerk"), "portal", moment(1))
    absorb(winner, contact("portal", 2, job_title=None), "portal", moment(2), terms)
    loser = new_lead(contact("portal", 9, city="Ulm", job_title="Boss", mobile="+4917"), "portal", moment(9))
    join(winner, loser, terms)
    assert [winner.fields.get(name) for name in ("city", "job_title", "mobile")] == ["Bonn", None, "+4917"]


def test_what_only_the_other_knew_and_what_both_knew_survive_a_join() -> None:
    terms = Terms(("forms", "portal"), CRM)
    winner = new_lead(contact("portal", 5, city="Bonn", job_title="Clerk"), "portal", moment(5))
    loser = new_lead(contact("forms", 1, city="Ulm", phone="+49 30 1", source="fair"), "forms", moment(1))
    loser.flags = {"city": "odd", "phone": "short"}
    assert join(winner, loser, terms)[:4] == ["phone", "source", "first.source", "city"]
    assert winner.fields["city"] == "Ulm"
    assert (winner.said["city"], statement(winner, "portal", "city")) == (
        ("forms", moment(1)), Statement("Bonn", moment(5)),
    )  # fmt: skip
    assert winner.flags == {"phone": "short", "city": "odd"}
    # The first source's word again: nothing is lost, and the order still decides.
    absorb(winner, contact("forms", 9, city=None), "forms", moment(9), terms)
    assert winner.fields["city"] == "Bonn"


def test_parts_of_two_different_things_are_not_put_together() -> None:
    winner = new_lead(contact("portal", 1, phone="+4930111", city="Bonn", country="DE"), "portal", moment(1))
    loser = new_lead(
        contact("portal", 0, phone="+4930222", phone_extension="12", city="Ulm", street="Allee 1", mobile="+4917"),
        "portal", moment(0),
    )  # fmt: skip
    assert [name for name in join(winner, loser, Terms(("portal",), CRM)) if name in winner.said] == ["mobile"]
    assert {"phone_extension", "street"}.isdisjoint(winner.fields)
    same = new_lead(contact("portal", 0, phone="+4930111", phone_extension="12"), "portal", moment(0))
    assert join(winner, same, Terms(("portal",), CRM)) == ["phone_extension"]
    abroad = new_lead(contact("portal", 0, country="FR", city="Lyon", street="Rue 1"), "portal", moment(0))
    nowhere = new_lead(contact("portal", 1, country="DE"), "portal", moment(1))
    join(nowhere, abroad, Terms(("portal",), CRM))
    assert {"city", "street"}.isdisjoint(nowhere.fields)


@pytest.mark.parametrize(("there", "wins"), [(True, "Chief"), (False, "Clerk")])
def test_a_reps_word_about_the_other_lead_counts_as_long_as_its_record_is_there(there: bool, wins: str) -> None:
    terms = Terms(("portal",), CRM)
    winner = new_lead(contact("portal", 1, job_title="Clerk"), "portal", moment(1))
    loser = new_lead(contact("portal", 0, job_title="Boss"), "portal", moment(0))
    say(loser, CRM, "job_title", Statement("Chief", moment(3), moment(2)))
    settle(loser, ["job_title"], terms)
    before = copy.deepcopy(loser)
    join(winner, loser if there else without_crm(loser, terms), terms)
    assert winner.fields["job_title"] == wins
    assert loser == before


def test_what_only_the_crm_said_goes_with_its_record_and_what_became_of_it_stays() -> None:
    terms, said = Terms(("portal",), CRM), Statement("Ulm", moment(2))
    lead = new_lead(contact("portal", 1, job_title="Clerk"), "portal", moment(1))
    for name, value in (("opportunity.id", "O1"), ("consent.email", False), ("links.crm", "L1")):
        lead.fields[name], lead.said[name] = value, (CRM, moment(2))
    for name in ("city", "job_title"):
        say(lead, CRM, name, said)
    settle(lead, ["city", "job_title"], terms)
    assert [lead.fields[name] for name in ("city", "job_title")] == ["Ulm", "Ulm"]
    assert sorted(silence_crm(lead, terms)) == ["city", "job_title"]
    assert (lead.fields.get("city"), lead.fields["job_title"], lead.sides) == (None, "Clerk", {})
    assert [lead.fields[name] for name in ("opportunity.id", "consent.email", "links.crm")] == ["O1", False, "L1"]
    # A CRM that is a source too has no side of its own.
    both = Terms((CRM,), CRM)
    assert without_crm(lead, both) is lead


def test_a_reps_word_about_the_lead_itself_stays() -> None:
    terms = Terms(("portal",), CRM)
    winner = new_lead(contact("portal", 1, job_title="Clerk"), "portal", moment(1))
    loser = new_lead(contact("portal", 0, job_title="Boss"), "portal", moment(0))
    for lead, word, hour in ((winner, "Chief", 3), (loser, "Head", 4)):
        say(lead, CRM, "job_title", Statement(word, moment(hour), moment(2)))
        settle(lead, ["job_title"], terms)
    join(winner, loser, terms)
    assert winner.fields["job_title"] == "Chief"


def test_where_they_came_from_first_is_what_was_said_first() -> None:
    late = new_lead(contact("portal", 5, source="paid"), "portal", moment(5))
    early = new_lead(contact("portal", 1, source="fair"), "portal", moment(1))
    for winner, loser in ((late, early), (early, late)):
        lead = replace(winner, fields=dict(winner.fields), said=dict(winner.said), sides={})
        join(lead, loser, Terms(("portal",), CRM))
        assert (lead.fields["first.source"], lead.fields["source"]) == ("fair", winner.fields["source"])
