"""What Baton's adapter tells of a real Tryton and does there, beyond what the contract asks of every platform."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connector.model.adapter import FindItem, WriteItem
from connector.model.mirror import CrmRecord, Wanted
from connector.model.outbox import Refused, Unknown
from tests.servers.tryton.ends import ANA, Ends, id_of
from tests.servers.tryton.people import DEMO, LEAD, PRICING
from tests.servers.tryton.world import Tryton

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def tryton(common: Tryton) -> Tryton:
    return common


@pytest.fixture
def ends(tryton: Tryton, tmp_path: Path) -> Iterator[Ends]:
    made = Ends(tryton, tmp_path)
    yield made
    made.close()


def parties(tryton: Tryton, email: str) -> list[int]:
    found = tryton.ledger("party.party", "name", domain=[["contact_mechanisms.value", "=", email]])
    return [one["id"] for one in found]


def test_mail_that_was_sent_opened_followed_and_ended_is_told_of_its_party(tryton: Tryton, ends: Ends) -> None:
    party = tryton.marketer.contact("Eva Roth", "eva@roth.example", code="T1")
    tryton.marketer.scenario("Spring", [["code", "=", "T1"]], title="Prices")
    tryton.marketer.send_scenarios()
    (mail,) = tryton.mails.to("eva@roth.example")
    tryton.recipient.open(mail)
    tryton.recipient.click(mail, PRICING)
    tryton.recipient.click(mail, DEMO)
    tryton.recipient.unsubscribe(mail)
    told = [one.values for stream in ("mail", "clicks", "unsubscribed") for one in ends.events(stream)]
    mine = [one for one in told if one["party"] == str(party)]
    assert [(one["event"], one.get("page", "")) for one in mine] == [
        ("email_sent", ""), ("email_open", ""), ("email_click", "http://northwind.example/pricing"),
        ("email_click", "http://northwind.example/demo"), ("unsubscribe", ""),
    ]  # fmt: skip
    assert {one["campaign"] for one in mine} == {"Spring"}
    assert [one["asset"] for one in mine] == ["Prices"] * 4 + [""]
    assert all(datetime.fromisoformat(one["at"]).tzinfo for one in mine)


def test_a_mailing_list_tells_who_is_on_it_and_who_has_left_but_nobody_who_never_confirmed(
    tryton: Tryton, ends: Ends
) -> None:
    emails = ("in@list.example", "out@list.example", "never@list.example")
    monthly = tryton.marketer.list_of("Monthly", emails)
    tryton.marketer.rpc.create(
        "marketing.email",
        {"email": "new@list.example", "list_": monthly, "active": False},
    )
    left = tryton.marketer.rpc.one("marketing.email", [["email", "=", "out@list.example"]])
    tryton.marketer.rpc.write("marketing.email", [left], active=False)
    told = {
        one.values["email"]: one.values["event"] for one in ends.events("lists") if one.values["topic"] == "Monthly"
    }
    assert told == {
        "in@list.example": "subscribe", "out@list.example": "unsubscribe", "never@list.example": "subscribe",
    }  # fmt: skip


def test_a_lead_meets_the_party_of_its_address_and_leaves_it_as_it_is(tryton: Tryton, ends: Ends) -> None:
    party = tryton.marketer.contact("Ben Ode", "ben@ode.example", code="T2")
    lead = id_of(ends.write("lead", "s1-2", ANA | {"party.email": "Ben@Ode.example"}))
    (row,) = tryton.ledger(LEAD, "party.name", "contact.value", "reference", domain=[["id", "=", int(lead)]])
    assert (row["party"]["id"], row["party"]["name"], row["reference"]) == (party, "Ben Ode", "s1-2")
    assert row["contact"]["value"] == "ben@ode.example"


def test_a_party_that_was_made_while_its_lead_was_not_is_met_again(tryton: Tryton, ends: Ends) -> None:
    values = {"party.name": "Nameless", "party.phone": "+4930901820", "address.city": "Bonn", "address.country": "DE"}
    ends.proxy.faults.add("reply lost", match="/party.party?f=")
    assert isinstance(ends.write("lead", "s1-3", values), Unknown)
    ends.proxy.faults.add("503", match=f"/{LEAD}?f=")
    assert isinstance(ends.write("lead", "s1-3", values), Unknown)
    lead = id_of(ends.write("lead", "s1-3", values))
    found = tryton.ledger("party.party", "addresses.country.code", domain=[["identifiers.code", "=", "s1-3"]])
    assert [one["addresses"][0]["country"]["code"] for one in found] == ["DE"]
    assert (ends.told("lead", lead).phone, ends.told("lead", lead).city) == ("+4930901820", "Bonn")


def test_what_stands_in_the_party_is_changed_there(tryton: Tryton, ends: Ends) -> None:
    lead = id_of(ends.write("lead", "s1-4", {"description": "hot", "party.name": "Kole", "party.phone": "+4930901821"}))
    changed = {"party.name": "Köhle", "party.phone": "", "party.email": "kim@koehle.example", "address.city": "Ulm"}
    assert id_of(ends.write("lead", "s1-4", changed, crm_id=lead)) == lead
    told = ends.told("lead", lead)
    assert (told.company, told.phone, told.email, told.city) == ("Köhle", "", "kim@koehle.example", "Ulm")
    assert told.values["description"] == "hot"
    (found,) = ends.crm.find([FindItem("lead", "s1-4")])
    assert found.values[0]["party.email"] == "kim@koehle.example"


def test_a_sale_tells_what_became_of_the_lead(tryton: Tryton, ends: Ends) -> None:
    won, lost = (id_of(ends.write("lead", key, ANA)) for key in ("s1-5", "s1-6"))
    lena = tryton.reps["lena"]
    assert won not in {one.id for page in ends.crm.changes("opportunity", "") for one in page.records}
    for lead in (won, lost):
        lena.takes_up(int(lead))
    assert ends.told("lead", won).stage == "opportunity"
    assert ends.told("lead", won).owner == str(tryton.employees["lena"])
    lena.confirms(lena.converts(int(won)), Decimal("1200.50"))
    lena.cancels(lena.converts(int(lost)))
    deal = ends.told("opportunity", won)
    assert (deal.person, deal.won, deal.is_open, deal.amount, deal.currency) == (won, True, False, 1200.5, "EUR")
    deal = ends.told("opportunity", lost)
    assert (deal.stage, deal.won, deal.is_open) == ("lost", False, False)
    assert not ends.told("lead", lost).is_open
    # Over is over: whoever comes back gets another one.
    assert ends.crm.look_up([Wanted("ana@castings.example")]) == []


def test_a_note_hangs_on_its_lead_and_carries_the_key(tryton: Tryton, ends: Ends) -> None:
    lead = id_of(ends.write("lead", "s1-7", {"description": "x"}))
    note = id_of(ends.write("note", "s1-7:note", {"message": "Why now\nBecause"}, parent_id=lead))
    tryton.reps["tom"].notes(int(lead), "called, s1-7:note")
    found = ends.crm.find(
        [FindItem("note", "s1-7:note", parent_id=lead), FindItem("note", "s1-8:note", parent_id=lead)]
    )
    assert [one.crm_ids for one in found] == [(note,), ()]
    (row,) = tryton.ledger("ir.note", "message", domain=[["id", "=", int(note)]])
    assert row["message"] == "Why now\nBecause\n\ns1-7:note"


def test_what_is_written_back_puts_a_party_into_one_child_of_a_category(tryton: Tryton, ends: Ends) -> None:
    party = str(tryton.marketer.contact("Ira Lund", "ira@lund.example", code="T3"))
    (step,) = ends.source.setup()[1:]
    assert not step.there
    for stage in ("mql", "sal", "sal", ""):
        assert id_of(ends.write("contact", "", {"category.Baton stage": stage}, crm_id=party)) == party
        (row,) = tryton.ledger("party.party", "categories.rec_name", domain=[["id", "=", int(party)]])
        assert [one["rec_name"] for one in row["categories"]] == ([f"Baton stage / {stage}"] if stage else [])
        (found,) = ends.crm.find([FindItem("contact", "", party)])
        assert (found.crm_ids, found.values[0]["category.Baton stage"]) == ((party,), stage or None)
    (step,) = ends.source.setup()[1:]
    assert step.there


def test_who_was_replaced_by_another_party_is_told_as_merged(tryton: Tryton, ends: Ends) -> None:
    loser, winner = (tryton.marketer.contact(name, f"{name}@double.example", code=name) for name in ("t4", "t5"))
    tryton.marketer.rpc.write("party.party", [loser], active=False, replaced_by=winner)
    assert next(one for one in ends.events("contacts") if one.id == str(loser)).merged_into == str(winner)


def test_an_address_that_names_its_reader_is_a_person_of_a_company(tryton: Tryton, ends: Ends) -> None:
    reached = [["create", [{"type": "email", "value": "ida@wharf.example", "name": "Ida Holm"}]]]
    (firm,) = tryton.marketer.rpc.create("party.party", {"name": "Wharf", "code": "T7", "contact_mechanisms": reached})
    alone = tryton.marketer.contact("Ole Holm", "ole@wharf.example", code="T8")
    told = {one.id: (one.values["person"], one.values["company"]) for one in ends.events("contacts")}
    assert (told[str(firm)], told[str(alone)]) == (("Ida Holm", "Wharf"), ("Ole Holm", ""))


def test_a_number_that_changes_is_news_of_its_party(tryton: Tryton, ends: Ends) -> None:
    party = tryton.marketer.contact("Uma Falk", "uma@falk.example", code="T6", phone="+4930901822")
    source = ends.source
    (*_, page) = source.pull("contacts", "")
    phone = tryton.marketer.rpc.one("party.contact_mechanism", [["value", "=", "+4930901822"]])
    tryton.marketer.rpc.write("party.contact_mechanism", [phone], value="+4930901823")
    (again,) = source.pull("contacts", page.cursor)
    assert [(one.id, one.values["phone"]) for one in again.records] == [(str(party), "+4930901823")]
    (before,) = (one.modified_at for one in page.records if one.id == str(party))
    (after,) = (one.modified_at for one in again.records)
    assert before is not None
    assert after is not None
    assert after > before


def test_a_refusal_names_the_field_and_nobody(ends: Ends) -> None:
    refused = ends.write("lead", "s1-9", {"description": "Ana Diaz", "conversion_probability": 7})
    assert isinstance(refused, Refused)
    assert (refused.field, refused.code) == ("conversion_probability", "FIELD")
    assert "Diaz" not in refused.reason
    assert "s1-9" not in refused.reason


def test_what_fails_within_a_call_with_a_body_is_not_known(tryton: Tryton, ends: Ends) -> None:
    crm = ends.crm
    told = dict(crm._told)
    told["no_such_field"] = told["comment"]
    crm.__dict__["_told"] = told
    (outcome,) = crm.write([WriteItem("lead", "s1-10", {"no_such_field": "x"})])
    assert isinstance(outcome, Unknown)
    assert tryton.ledger(LEAD, "reference", domain=[["reference", "=", "s1-10"]]) == []


def test_nobody_elses_reference_is_a_key(tryton: Tryton, ends: Ends) -> None:
    made = tryton.rest.create(LEAD, reference="PO 4711", description="by hand")["id"]
    assert ends.told("lead", str(made)).our_key == ""


def touches(ends: Ends, cursor: str = "") -> tuple[list[CrmRecord], str]:
    """What is told as contact, and where that stands."""
    pages = list(ends.crm.changes("task", cursor))
    return [one for page in pages for one in page.records], pages[-1].cursor if pages else cursor


def test_a_mail_from_the_record_and_a_note_that_says_so_are_contact(tryton: Tryton, ends: Ends) -> None:
    lead = id_of(ends.write("lead", "s1-11", ANA))
    _, cursor = touches(ends)
    id_of(ends.write("note", "s1:handoff-1:note:1", {"message": "Call her"}, parent_id=lead))
    lena = tryton.reps["lena"]
    lena.notes(int(lead), "Looked her up")
    assert touches(ends, cursor)[0] == []
    lena.notes(int(lead), "Met: at the fair")
    lena.mails(int(lead), "ana@castings.example", "Hello")
    told, cursor = touches(ends, cursor)
    assert {(one.stage, one.person, one.owner, one.is_open) for one in told} == {
        ("email", lead, str(lena.employee), False), ("meeting", lead, str(lena.employee), False),
    }  # fmt: skip
    assert all(one.modified_at is not None and one.name == "" for one in told)
    assert touches(ends, cursor)[0] == []


def test_what_is_given_up_before_an_offer_is_no_opportunity_any_more(tryton: Tryton, ends: Ends) -> None:
    lost, cancelled, taken = (int(id_of(ends.write("lead", f"s1-{number}", ANA))) for number in (12, 13, 14))
    lena = tryton.reps["lena"]
    lena.rejects(lost, "Not now")
    lena.rpc.press(LEAD, "cancel", cancelled)
    lena.takes_up(taken)
    lena.cancels(lena.converts(taken))
    assert [ends.told("lead", str(one)).values["stage"] for one in (lost, cancelled, taken)] == [
        "given up", "given up", "lost",
    ]  # fmt: skip
    assert [ends.told("opportunity", str(one)).gone for one in (lost, cancelled, taken)] == [True, True, False]


def test_a_brief_on_what_was_given_up_makes_it_a_lead_again(tryton: Tryton, ends: Ends) -> None:
    lead = id_of(ends.write("lead", "s1-15", ANA))
    lena = tryton.reps["lena"]
    for word in ("lost", "cancel"):
        lena.rpc.press(LEAD, word, int(lead))
        id_of(ends.write("note", f"s1:{word}", {"message": "She is back"}, parent_id=lead))
        assert ends.told("lead", lead).values["stage"] == "lead"
    lena.takes_up(int(lead))
    id_of(ends.write("note", "s1:more", {"message": "She asked again"}, parent_id=lead))
    assert ends.told("lead", lead).values["stage"] == "opportunity"


def test_a_list_is_a_category_that_is_joined_and_left(tryton: Tryton, ends: Ends) -> None:
    party = str(tryton.marketer.contact("Lia Berg", "lia@berg.example", code="T9"))
    place = f"Baton: later:{party}"

    def member(joins: bool) -> bool:
        values = {"list": "Baton: later", "contact": party, "member": joins}
        assert id_of(ends.write("membership", place, values)) == place
        (found,) = ends.crm.find([FindItem("membership", place)])
        return bool(found.values[0]["member"])

    assert member(False) is False
    assert tryton.ledger("party.category", "name", domain=[["name", "=", "Baton: later"]]) == []
    assert [member(joins) for joins in (True, True, False)] == [True, True, False]
    (row,) = tryton.ledger("party.party", "categories", domain=[["id", "=", int(party)]])
    assert row["categories"] == []
    gone = ends.write(
        "membership", "Baton: later:999999", {"list": "Baton: later", "contact": "999999", "member": True}
    )
    assert isinstance(gone, Refused)
