"""HubSpot as a CRM, against a portal in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters._hubspot.crm import HubSpotCrm
from adapters._hubspot.settings import HubSpotSettings
from adapters._hubspot.values import from_html, properties, to_html
from connector.model.adapter import Context, FindItem, WriteItem
from connector.model.errors import AuthError, ConfigError
from connector.model.http import Answer, Http, Request
from connector.model.mirror import CrmRecord, Wanted
from connector.model.outbox import Done, Found, NotExecuted, Outcome, Refused, Unknown
from connector.sandbox.clock import Clock
from connector.sandbox.hubspot import Portal, edit, furnish
from tests.hubspot import START, PortalHttp

WRITTEN: dict[str, tuple[str, ...]] = {
    "lead": ("email", "firstname", "lastname", "city", "lifecyclestage", "hs_lead_status"),
    "company": ("name", "domain"),
    "task": ("hs_task_subject", "hs_task_body"),
    "note": ("hs_note_body",),
    "": ("lifecyclestage", "city"),
}


class Line(PortalHttp):
    """The way to a portal; answers of writes are lost as `lost` says, one after the other."""

    def __init__(self, portal: Portal) -> None:
        super().__init__(portal)
        self.lost: list[bool] = []

    def send(self, request: Request) -> Answer | NotExecuted | Unknown:
        answer = super().send(request)
        return Unknown("time-out") if self.lost and self.lost.pop(0) else answer

    def paths(self) -> list[str]:
        """The calls so far, and none of them again."""
        told = [f"{one.method} {one.path}" for one in self.calls]
        self.calls.clear()
        return told


class Here:
    """A portal, prepared, and the adapter on it."""

    def __init__(self, **more: Any) -> None:
        self.portal = Portal(Clock(START))
        self.portal.clock.stop()
        furnish(self.portal)
        self.portal.limits.generous()
        self.http = Line(self.portal)
        context = Context("hubspot", Path(), lambda: self.portal.clock.now(), lambda _: "", self.http, written=WRITTEN)
        self.crm = HubSpotCrm(HubSpotSettings(lag_seconds=0, overlap_seconds=0, **more), context)
        for step in self.crm.setup():
            if step.act and not step.there:
                step.act()
        self.http.calls.clear()

    def write(self, *items: WriteItem) -> list[Outcome]:
        return self.crm.write(items)

    def one(self, object: str, key: str, parent: str = "", **values: Any) -> str:
        return done(self.crm.write([WriteItem(object, key, values, parent_id=parent)])[0]).crm_id

    def held(self, type: str, id: str) -> Mapping[str, str]:
        row = self.portal.tables[type].get(id)
        assert row is not None
        return self.portal.tables[type].properties(row)

    def read(self, stream: str, cursor: str = "") -> tuple[list[CrmRecord], str]:
        pages = list(self.crm.changes(stream, cursor))
        return [record for page in pages for record in page.records], pages[-1].cursor if pages else cursor

    def later(self, seconds: float = 60.0) -> None:
        self.portal.clock.move(seconds)


def done(outcome: Outcome) -> Done:
    assert isinstance(outcome, Done), outcome
    return outcome


@pytest.fixture
def here() -> Here:
    return Here()


def lead(key: str, crm_id: str = "", **values: Any) -> WriteItem:
    return WriteItem("lead", key, values, crm_id)


def contact(id: str, **values: Any) -> WriteItem:
    return WriteItem("contact", id, values, id)


def member(name: str, contact: str) -> WriteItem:
    return WriteItem("membership", f"{name}:{contact}", {"list": name, "contact": contact, "member": True})


def again(item: WriteItem, **known: Any) -> WriteItem:
    """The same, where these values were acknowledged before."""
    return replace(item, known=known)


class Door(Http):
    """A way to a portal that is shut after so many calls: our token is no good any more."""

    def __init__(self, http: Line, after: int) -> None:
        self.http, self.left = http, after

    def read(self, request: Request) -> Answer:
        self._enter()
        return self.http.read(request)

    def send(self, request: Request) -> Answer | NotExecuted | Unknown:
        self._enter()
        return self.http.send(request)

    def _enter(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise AuthError("hubspot", "refused", "baton auth set hubspot")


# setting up


def test_setup_makes_unique_keys_once(here: Here) -> None:
    assert all(step.there for step in here.crm.setup())
    assert here.portal.properties["contacts"]["baton_id"].unique
    assert here.portal.properties["tasks"]["baton_key"].unique
    assert "baton_key" not in here.portal.properties["leads"]


def test_a_key_that_is_not_unique_is_told_with_steps() -> None:
    here = Here()
    here.portal.properties["notes"]["baton_key"].unique = False
    (step,) = [one for one in here.crm.setup() if not one.there]
    assert step.act is None
    assert "baton_key" in step.by_hand[0]


# leads


def test_creates_are_one_upsert_and_updates_one_call_by_id(here: Here) -> None:
    outcomes = here.write(*(lead(f"k{n}", email=f"a{n}@example.com", city="Bonn") for n in range(100)))
    ids = [done(one).crm_id for one in outcomes]
    assert here.http.paths() == ["POST /crm/v3/objects/contacts/batch/upsert"]
    assert here.held("contacts", ids[7])["baton_id"] == "k7"
    here.write(*(lead(f"k{n}", id, city="Köln") for n, id in enumerate(ids)))
    assert here.http.paths() == ["POST /crm/v3/objects/contacts/batch/update"]
    assert here.held("contacts", ids[99])["city"] == "Köln"


def test_a_poisoned_item_leaves_the_others_done_and_names_its_field(here: Here) -> None:
    outcomes = here.write(lead("k1", city="Bonn"), lead("k2", lifecyclestage="wizard"), lead("k3", city="Ulm"))
    assert [type(one) for one in outcomes] == [Done, Refused, Done]
    refused = outcomes[1]
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field, refused.duplicate) == ("INVALID_OPTION", "lifecyclestage", False)
    assert refused.code in here.crm.capabilities.field_codes
    assert refused.reason.startswith("lifecyclestage: ")


def test_a_batch_refused_whole_is_halved_and_what_is_wrong_is_not_sent_again(here: Here) -> None:
    from connector.sandbox.hubspot import batches

    # As where the platform gives no answers in parts.
    whole = Line(here.portal)
    plain = batches._write
    try:
        batches._write = lambda *a, **k: plain(*a, **{**k, "partial": False})
        here.crm.context.http = whole
        items = [lead(f"k{n}", city="Bonn", nickname="x") for n in range(16)] + [lead("good", city="Ulm")]
        outcomes = here.crm.write(items)
    finally:
        batches._write = plain
    assert [type(one) for one in outcomes] == [Refused] * 16 + [Done]
    assert len(whole.calls) <= 8


def test_an_address_that_another_contact_has_is_told_and_not_a_duplicate(here: Here) -> None:
    here.one("lead", "k1", email="ana@example.com")
    (refused,) = here.write(lead("k2", email="ana@example.com"))
    assert isinstance(refused, Refused)
    assert not refused.duplicate
    assert "ana@" not in refused.reason


def test_one_key_twice_in_a_batch_is_one_contact(here: Here) -> None:
    first, second = here.write(lead("k1", city="Bonn"), lead("k1", city="Ulm"))
    assert done(first).crm_id == done(second).crm_id
    assert here.held("contacts", done(first).crm_id)["city"] == "Ulm"


def test_a_lost_answer_is_unknown_and_found_by_our_key(here: Here) -> None:
    here.http.lost = [True]
    assert here.write(lead("k1", city="Bonn")) == [Unknown("time-out")]
    (found,) = here.crm.find([FindItem("lead", "k1")])
    assert found.values == ({"city": "Bonn"},)


def test_what_was_deleted_is_refused_as_gone(here: Here) -> None:
    id = here.one("lead", "k1", city="Bonn")
    edit(here.portal, {"do": "archive", "object": "contacts", "id": id})
    (refused,) = here.write(lead("k1", id, city="Ulm"))
    assert isinstance(refused, Refused)
    assert refused.code == "NOT_FOUND"
    assert here.crm.find([FindItem("lead", "k1", id)]) == [Found()]


def test_what_was_merged_is_written_to_the_winner(here: Here) -> None:
    loser, winner = here.one("lead", "k1", city="Bonn"), here.one("lead", "k2", city="Ulm")
    left = edit(here.portal, {"do": "merge", "object": "contacts", "id": winner, "loser": loser})["id"]
    for one in (loser, winner):
        (outcome,) = here.write(lead("k1", one, firstname="Ana"))
        assert done(outcome).crm_id == left
    assert here.crm.find([FindItem("lead", "k1", loser)])[0].crm_ids == (left,)


# the lifecycle stage


def test_a_lifecycle_stage_goes_forward_in_one_call_and_back_in_three(here: Here) -> None:
    id = here.one("lead", "k1", lifecyclestage="lead")
    here.http.paths()
    here.write(contact(id, lifecyclestage="salesqualifiedlead"))
    assert len(here.http.paths()) == 1
    here.write(again(contact(id, lifecyclestage="lead"), lifecyclestage="salesqualifiedlead"))
    assert len(here.http.paths()) == 3
    assert here.held("contacts", id)["lifecyclestage"] == "lead"


def test_a_stage_that_others_have_set_is_not_set_back(here: Here) -> None:
    id = here.one("lead", "k1", lifecyclestage="customer")
    here.http.paths()
    here.write(again(contact(id, lifecyclestage="marketingqualifiedlead"), lifecyclestage="lead"))
    here.write(contact(id, lifecyclestage="lead"))
    assert len(here.http.paths()) == 2
    assert here.held("contacts", id)["lifecyclestage"] == "customer"


def test_a_stage_that_could_only_be_cleared_is_not_said_to_be_set(here: Here) -> None:
    id = here.one("lead", "k1", lifecyclestage="customer")
    here.http.lost = [False, False, True]
    back = again(contact(id, lifecyclestage="lead"), lifecyclestage="customer")
    assert here.write(back) == [Unknown("time-out")]


# companies and what hangs on a lead


def test_who_is_shut_out_at_once_has_done_nothing_and_later_says_what_was_done(here: Here) -> None:
    items = [lead("a", email="a@x.example"), WriteItem("company", "c", {"name": "C", "domain": "c.example"})]
    here.crm.context.http = Door(here.http, 0)
    with pytest.raises(AuthError):
        here.write(*items)
    here.crm.context.http = Door(here.http, 1)
    first, second = here.write(*items)
    assert isinstance(first, Done)
    assert isinstance(second, NotExecuted)
    here.crm.context.http = Door(here.http, 1)
    moved, listed = here.write(contact(first.crm_id, city="Bonn"), member("Cold", first.crm_id))
    assert isinstance(moved, Done)
    assert isinstance(listed, NotExecuted)


def test_who_is_shut_out_between_clearing_a_stage_and_setting_it_is_to_set_it_again(here: Here) -> None:
    id = here.one("lead", "a", email="a@x.example", lifecyclestage="salesqualifiedlead")
    back = again(contact(id, lifecyclestage="lead"), lifecyclestage="salesqualifiedlead")
    here.crm.context.http = Door(here.http, 2)
    (outcome,) = here.write(back)
    assert isinstance(outcome, NotExecuted)
    here.crm.context.http = here.http
    done(here.write(back)[0])
    assert here.held("contacts", id)["lifecyclestage"] == "lead"


def test_a_scope_that_is_missing_keeps_writes_waiting_in_one_call(here: Here) -> None:
    refused = {"status": "error", "category": "MISSING_SCOPES", "message": "This app hasn't been granted it"}
    for items in (
        [lead(f"k{n}", email=f"k{n}@x.example") for n in range(8)],
        [contact("11", city="Bonn"), contact("12", city="Bonn")],
        [WriteItem("association", "a", {"company": "7"}, parent_id="11")],
        [WriteItem("task", "t", {"hs_task_subject": "Call"}, parent_id="11")],
    ):
        here.http.fails = [(403, refused)]
        outcomes = here.write(*items)
        assert len(here.http.paths()) == 1
        assert {type(one) for one in outcomes} == {NotExecuted}
        assert all("MISSING_SCOPES" in one.reason for one in outcomes if isinstance(one, NotExecuted))


def test_a_search_that_is_refused_keeps_companies_waiting(here: Here) -> None:
    here.http.fails = [(403, {"category": "MISSING_SCOPES"})]
    (outcome,) = here.write(WriteItem("company", "c", {"name": "C", "domain": "c.example"}))
    assert isinstance(outcome, NotExecuted)


def test_a_company_is_taken_by_its_domain_or_made(here: Here) -> None:
    there = here.one("company", "c-other", name="Acme, as it was", domain="acme.example")
    first, second = here.write(
        WriteItem("company", "c1", {"name": "ACME", "domain": "acme.example"}),
        WriteItem("company", "c2", {"name": "Globex", "domain": "globex.example"}),
    )
    assert done(first).crm_id == there
    assert here.held("companies", there)["name"] == "Acme, as it was"
    assert here.held("companies", done(second).crm_id)["baton_id"] == "c2"


def test_a_contact_is_associated_with_its_company_any_number_of_times(here: Here) -> None:
    person, company = here.one("lead", "k1", city="Bonn"), here.one("company", "c1", domain="acme.example")
    item = WriteItem("association", "h1:association:1", {"company": company}, parent_id=person)
    assert here.write(item) == here.write(item) == [Done(f"{person}:{company}")]
    assert here.portal.links.of("contacts", int(person), "companies").keys() == {int(company)}


def test_an_association_waits_for_both_ends(here: Here) -> None:
    (outcome,) = here.write(WriteItem("association", "a", {"company": ""}, parent_id="1"))
    assert isinstance(outcome, NotExecuted)
    assert here.http.paths() == []


@pytest.mark.parametrize(("object", "name"), [("task", "hs_task_body"), ("note", "hs_note_body")])
def test_what_hangs_on_a_lead_is_made_with_it_and_text_stays_text(here: Here, object: str, name: str) -> None:
    person = here.one("lead", "k1", city="Bonn")
    here.http.paths()
    text = "<b>Ana</b> & co\nsecond line"
    id = here.one(object, "h1:x:1", person, **{name: text})
    assert here.http.paths() == [f"POST /crm/v3/objects/{object}s/batch/create"]
    assert here.portal.links.of(f"{object}s", int(id), "contacts").keys() == {int(person)}
    held = here.held(f"{object}s", id)
    assert "<b>" not in held[name]
    assert held["hs_timestamp"]
    assert here.crm.find([FindItem(object, "h1:x:1")])[0].values[0][name] == text


def test_a_second_task_with_one_key_is_a_duplicate_that_is_looked_for(here: Here) -> None:
    person = here.one("lead", "k1", city="Bonn")
    here.one("task", "h1:task:1", person, hs_task_subject="Call")
    (again,) = here.write(WriteItem("task", "h1:task:1", {"hs_task_subject": "Call"}, parent_id=person))
    assert isinstance(again, Refused)
    assert again.duplicate


def test_a_task_on_a_deal_hangs_on_the_deal(here: Here) -> None:
    deal = edit(here.portal, {"do": "create", "object": "deals",
                              "properties": {"dealname": "Big", "dealstage": "qualifiedtobuy"}})["id"]  # fmt: skip
    item = WriteItem("task", "t", {"hs_task_subject": "x"}, parent_id=deal, parent_object="opportunity")
    id = done(here.write(item)[0]).crm_id
    assert here.portal.links.of("tasks", int(id), "deals").keys() == {int(deal)}


def test_sales_leads_are_made_where_they_are_wanted() -> None:
    assert "sales_lead" not in Here().crm.capabilities.objects
    here = Here(sales_leads=True)
    person = here.one("lead", "k1", city="Bonn")
    id = here.one("sales_lead", "s1", person, hs_lead_name="Ana")
    assert here.portal.links.of("leads", int(id), "contacts").keys() == {int(person)}


# lists


def test_contacts_join_and_leave_a_list_that_is_made_at_first_use(here: Here) -> None:
    ids = [here.one("lead", f"k{n}", city="Bonn") for n in range(3)]
    here.http.paths()

    def membership(id: str, member: bool) -> WriteItem:
        values = {"list": "Baton: warm", "contact": id, "member": member}
        return WriteItem("membership", f"Baton: warm:{id}", values)

    joined = here.write(*(membership(id, True) for id in ids))
    assert [done(one).crm_id for one in joined] == [f"Baton: warm:{id}" for id in ids]
    assert len(here.http.paths()) == 3
    (held,) = here.portal.lists.values()
    assert set(held.members) == {int(id) for id in ids}
    left = WriteItem("membership", f"Baton: warm:{ids[0]}", {"member": False}, f"Baton: warm:{ids[0]}")
    assert isinstance(here.write(left)[0], Done)
    assert int(ids[0]) not in held.members
    found = here.crm.find([FindItem("membership", f"Baton: warm:{id}") for id in ids[:2]])
    assert [one.values[0]["member"] for one in found] == [False, True]


def test_nobody_leaves_a_list_that_is_not_there(here: Here) -> None:
    id = here.one("lead", "k1", city="Bonn")
    values = {"list": "Never made", "contact": id, "member": False}
    assert isinstance(here.write(WriteItem("membership", f"Never made:{id}", values))[0], Done)
    assert not here.portal.lists


# what comes back


def test_contacts_come_back_with_company_owner_and_stage(here: Here) -> None:
    owner = next(iter(here.portal.owners.values()))
    company = here.one("company", "c1", name="Acme", domain="acme.example")
    person = here.one("lead", "k1", email="ana@example.com", lastname="Díaz", hs_lead_status="NEW")
    here.write(WriteItem("association", "a", {"company": company}, parent_id=person))
    edit(
        here.portal, {"do": "change", "object": "contacts", "id": person, "properties": {"hubspot_owner_id": owner.id}}
    )
    (record,), cursor = here.read("contact")
    assert (record.id, record.our_key, record.email, record.owner) == (person, "k1", "ana@example.com", owner.id)
    assert (record.account, record.family_name, record.values["hs_lead_status"]) == (company, "Díaz", "NEW")
    here.later()
    assert here.read("contact", cursor)[0] == []
    here.write(lead("k1", person, hs_lead_status="CONNECTED"))
    here.later()
    (record,), cursor = here.read("contact", cursor)
    assert record.values["hs_lead_status"] == "CONNECTED"


def test_merged_and_archived_contacts_come_back_as_such(here: Here) -> None:
    ids = [here.one("lead", f"k{n}", city="Bonn") for n in range(3)]
    _, cursor = here.read("contact")
    here.later()
    left = edit(here.portal, {"do": "merge", "object": "contacts", "id": ids[0], "loser": ids[1]})["id"]
    edit(here.portal, {"do": "archive", "object": "contacts", "id": ids[2]})
    here.later(3700)
    found, _ = here.read("contact", cursor)
    told = {one.id: one for one in found}
    assert told[ids[0]].merged_into == told[ids[1]].merged_into == left
    assert told[ids[2]].gone
    assert not told[left].gone


def test_deals_come_back_with_who_they_are_about(here: Here) -> None:
    person = here.one("lead", "k1", city="Bonn")
    made = {"dealname": "Big", "dealstage": "closedwon", "amount": "1200", "pipeline": "default"}
    deal = edit(here.portal, {"do": "create", "object": "deals", "properties": made})["id"]
    here.portal.links.add("deals", int(deal), "contacts", int(person), [3])
    (record,), _ = here.read("opportunity")
    assert (record.person, record.is_open, record.won, record.amount) == (person, False, True, 1200.0)
    assert record.stage == "Closed Won"


def test_owners_come_again_only_where_one_changed(here: Here) -> None:
    found, cursor = here.read("user")
    assert {one.email for one in found} == {one.email for one in here.portal.owners.values()}
    assert here.read("user", cursor)[0] == []
    next(iter(here.portal.owners.values())).active = False
    assert len([one for one in here.read("user", cursor)[0] if not one.active]) == 1


def test_more_of_one_moment_than_a_search_gives_are_all_read(here: Here) -> None:
    _, cursor = here.read("contact")
    here.later()
    here.write(*(lead(f"k{n}", email=f"a{n}@example.com") for n in range(450)))
    here.later()
    pages = list(here.crm.changes("contact", cursor))
    assert sorted(len(page.records) for page in pages) == [50, 200, 200]
    again = [one.id for page in here.crm.changes("contact", pages[0].cursor) for one in page.records]
    assert len({*again, *(one.id for one in pages[0].records)}) == 450


def test_people_are_looked_up_with_their_companies(here: Here) -> None:
    company = here.one("company", "c1", name="Acme", domain="acme.example")
    person = here.one("lead", "k1", email="ana@example.com")
    here.write(WriteItem("association", "a", {"company": company}, parent_id=person))
    found = here.crm.look_up([Wanted("ana@example.com"), Wanted("nobody@example.com"), Wanted()])
    assert [(one.object, one.id) for one in found] == [("contact", person), ("account", company)]


def test_owners_and_choices_are_among_the_fields(here: Here) -> None:
    fields = {(one.object, one.name): one for one in here.crm.fields()}
    owner = fields["lead", "hubspot_owner_id"]
    assert owner.ids == {one.email: one.id for one in here.portal.owners.values() if one.active}
    assert fields["lead", "lifecyclestage"].restricted
    assert not fields["lead", "createdate"].writable
    assert fields["task", "baton_key"].unique


def test_check_says_what_scope_is_missing(here: Here) -> None:
    here.crm.check()
    here.portal.closed.add("/crm/v3/objects/contacts")
    with pytest.raises(ConfigError):
        here.crm.check()


# values


def test_values_are_texts() -> None:
    told = properties({"a": True, "b": 12.0, "c": None, "d": ["x", "y"], "e": 1.5, "f": 7})
    assert told == {"a": "true", "b": "12", "c": "", "d": "x;y", "e": "1.5", "f": "7"}


@pytest.mark.parametrize("text", ["", "<script>", "a & b\nc", "山田 &amp; <br>"])
def test_html_shows_the_text_as_it_was(text: str) -> None:
    assert "<script>" not in to_html(text)
    assert from_html(to_html(text)) == text


@pytest.mark.parametrize(
    ("kind", "type_id", "told", "stage", "is_open"),
    [
        ("calls", 194, {"hs_call_status": "COMPLETED", "hs_call_title": "Intro"}, "call", False),
        ("calls", 194, {"hs_call_status": "BUSY"}, "call", True),
        ("meetings", 200, {"hs_meeting_outcome": "SCHEDULED"}, "meeting", True),
        ("emails", 198, {"hs_email_direction": "EMAIL"}, "email", False),
        ("emails", 198, {"hs_email_direction": "INCOMING_EMAIL"}, "received", False),
        ("tasks", 204, {"hs_task_status": "COMPLETED", "hs_task_type": "CALL"}, "call", False),
    ],
)
def test_what_reps_did_comes_back_with_whom_and_when(
    here: Here, kind: str, type_id: int, told: dict[str, str], stage: str, is_open: bool
) -> None:
    person = here.one("lead", "k1", city="Bonn")
    _, cursor = here.read("task")
    here.later()
    when = "2026-11-02T08:30:00+00:00"
    id = edit(here.portal, {"do": "create", "object": kind, "properties": {"hs_timestamp": when, **told}})["id"]
    here.portal.links.add(kind, int(id), "contacts", int(person), [type_id])
    here.later()
    (record,), _ = here.read("task", cursor)
    assert (record.person, record.stage, record.is_open) == (person, stage, is_open)
    if kind != "tasks":
        assert record.modified_at is not None
        assert record.modified_at.isoformat() == when


# answers that do not fit what was asked


NO = {"message": "no"}


def answer_of(*results: Mapping[str, Any], errors: tuple[Mapping[str, Any], ...] = ()) -> tuple[int, Any]:
    return 207 if errors else 200, {"status": "COMPLETE", "results": list(results), "errors": list(errors)}


def result(id: str, key: str = "", **properties: str) -> dict[str, Any]:
    told = {"id": id, "properties": properties, "updatedAt": "2026-11-02T09:00:00Z"}
    return told | ({"objectWriteTraceId": key} if key else {})


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (answer_of(result("3", "c"), result("1", "a"), result("2", "b")), ["1", "2", "3"]),
        (answer_of(result("1", "a"), result("3", "c")), ["1", "", "3"]),
        (answer_of(result("1", "a"), result("9", "x"), result("2", "b"), result("3", "c")), ["1", "2", "3"]),
        (answer_of(result("2", baton_id="b"), result("1", baton_id="a")), ["1", "2", ""]),
        (answer_of(result("1"), result("2"), result("3")), ["", "", ""]),
        (answer_of(), ["", "", ""]),
        (answer_of(result("1", "a"), errors=(NO | {"context": {"objectWriteTraceId": ["b"]}},)), ["1", "no", ""]),
        (answer_of(result("1", "a"), errors=(NO,)), ["1", "", ""]),
        ((200, {"results": "none"}), ["", "", ""]),
        ((200, ["odd"]), ["", "", ""]),
    ],
)  # fmt: skip
def test_each_item_gets_its_own_answer_or_none(here: Here, answer: tuple[int, Any], told: list[str]) -> None:
    here.http.fails = [answer]
    outcomes = here.write(*(lead(key, email=f"{key}@x.example") for key in "abc"))
    said = [one.crm_id if isinstance(one, Done) else one.reason if isinstance(one, Refused) else "" for one in outcomes]
    assert said == told
    assert all(isinstance(one, Done | Refused | Unknown) for one in outcomes)
