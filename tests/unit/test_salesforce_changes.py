"""What changed in an org: every record once, whatever the ties, late commits, fields not seen, and pages that end."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from connector.model.adapter import FindItem
from connector.model.errors import ConfigError, RetryableError
from connector.model.mirror import CrmRecord
from tests.salesforce import START, World

DELETED = ("deleted_lead", "deleted_contact", "deleted_account", "deleted_opportunity")


def ids(records: list[CrmRecord]) -> list[str]:
    return sorted(record.id for record in records)


def test_the_first_walk_gives_every_lead_once_and_the_next_nothing_by_one_call() -> None:
    world = World()
    made = sorted(world.lead(Email=f"p{number}@example.com") for number in range(30))
    records, cursor = world.walk("lead")
    assert ids(records) == made
    for seconds in (1, 60, 3600, 86_400 * 3):
        world.later(seconds)
        assert world.count(lambda: world.walk("lead", cursor)) == 1
        assert world.walk("lead", cursor) == ([], cursor)


def test_a_quiet_run_is_one_call_for_each_stream() -> None:
    world = World()
    world.lead()
    world.org.convert(world.lead())
    cursors = {stream: world.walk(stream)[1] for stream in world.crm.capabilities.streams}
    world.later()
    again = {stream: world.walk(stream, cursors[stream])[1] for stream in cursors}
    assert again.keys() == cursors.keys()
    world.later()
    for stream in cursors:
        assert world.count(lambda one=stream: world.walk(one, again[one])) == 1
        assert world.walk(stream, again[stream])[0] == []


def test_what_changed_comes_and_nothing_else() -> None:
    world = World()
    first, _second = world.lead(), world.lead()
    _, cursor = world.walk("lead")
    world.later()
    world.org.edit(first, {"Status": "Working", "Rejection_Reason__c": "Not now"})
    records, cursor = world.walk("lead", cursor)
    assert [(one.id, one.stage) for one in records] == [(first, "Working")]
    assert records[0].values["Rejection_Reason__c"] == "Not now"
    assert world.walk("lead", cursor)[0] == []


def test_a_second_change_within_the_overlap_comes_again() -> None:
    world = World()
    id = world.lead()
    _, cursor = world.walk("lead")
    for word in ("Working", "Qualified"):
        world.later(1)
        world.org.edit(id, {"Status": word})
        records, cursor = world.walk("lead", cursor)
        assert [one.stage for one in records] == [word]


@pytest.mark.parametrize("spread", [0, 1])
def test_thousands_with_one_time_are_all_read_and_a_broken_walk_goes_on(spread: int) -> None:
    world = World()
    world.org.page_size = 100
    made = []
    for _ in range(730):
        made.append(world.lead())
        world.clock.move(spread * 0.01)
    whole = world.pages("lead")
    assert sorted(record.id for page in whole for record in page.records) == sorted(made)
    assert len({page.cursor for page in whole}) == len(whole) == 8
    for count in range(1, len(whole)):
        rest, _ = world.walk("lead", whole[count - 1].cursor)
        assert sorted({*(r.id for page in whole[:count] for r in page.records), *ids(rest)}) == sorted(made)
        assert len(rest) <= 730 - 100 * count


def test_a_transaction_that_commits_late_is_not_missed() -> None:
    world = World()
    early = world.lead()
    late = world.org.create("Lead", {"LastName": "Late", "Company": "Acme"}, commits_after=300)
    world.clock.move(30)
    latest = world.lead()
    records, cursor = world.walk("lead")
    assert ids(records) == sorted([early, latest])
    world.clock.move(400)
    assert ids(world.walk("lead", cursor)[0]) == [late]


def test_what_changes_during_a_walk_is_read_by_the_next_one() -> None:
    world = World()
    world.org.page_size = 10
    made = [world.lead() for _ in range(25)]
    pages = world.again().changes("lead", "")
    first = next(pages)
    world.later()
    world.org.edit(made[0], {"Status": "Working"})
    world.org.edit(made[24], {"Status": "Working"})
    rest = list(pages)
    assert len({record.id for page in (first, *rest) for record in page.records}) == 25
    records, _ = world.walk("lead", rest[-1].cursor)
    assert {record.id: record.stage for record in records}[made[0]] == "Working"


def test_a_page_that_is_no_longer_held_is_asked_for_anew() -> None:
    world = World()
    world.org.page_size = 10
    made = sorted(world.lead() for _ in range(25))
    pages = world.again().changes("lead", "")
    found = list(next(pages).records)
    world.http.fails = [(400, [{"errorCode": "INVALID_QUERY_LOCATOR", "message": "invalid query locator"}])]
    for page in pages:
        found += page.records
    assert ids(found) == made


def test_a_field_that_is_not_for_us_is_left_out_and_told_once() -> None:
    world = World()
    id = world.lead(Rejection_Reason__c="Not now", Phone="+49 30 1")
    world.org.hide_field("Lead", "Rejection_Reason__c")
    world.org.hide_field("Lead", "Title")
    pages = world.pages("lead")
    assert pages[0].notes == ("Lead: read without Title, Rejection_Reason__c: no such field, or no right to see it",)
    assert [record.id for record in pages[0].records] == [id]
    assert "Rejection_Reason__c" not in pages[0].records[0].values
    world.later()
    assert world.count(lambda: world.walk("lead", pages[-1].cursor)) == 1
    world.org.hide_field("Lead", "Rejection_Reason__c", hidden=False)
    world.later(90_000)
    world.org.edit(id, {"Status": "Working"})
    assert world.walk("lead", pages[-1].cursor)[0][0].values["Rejection_Reason__c"] == "Not now"


def test_an_org_without_currencies_is_told_nothing_of_it() -> None:
    world = World()
    pages = world.pages("opportunity")
    assert all(page.notes == () for page in pages)
    cursor = pages[-1].cursor
    for _ in range(3):
        world.later(90_000)
        assert world.count(lambda one=cursor: world.walk("opportunity", one)) == 3
        cursor = world.walk("opportunity", cursor)[1]
        world.later(3600)
        assert world.count(lambda one=cursor: world.walk("opportunity", one)) == 1


def test_an_object_that_is_not_for_us_is_the_admins_to_mend() -> None:
    world = World()
    world.http.fails = [(400, [{"errorCode": "INVALID_TYPE", "message": "sObject type 'Lead' is not supported."}])]
    with pytest.raises(ConfigError, match="INVALID_TYPE"):
        world.walk("lead")


@pytest.mark.parametrize("body", [{}, {"records": []}, {"records": [], "done": False}, [], b"", b"<html>"])
def test_an_incomplete_answer_is_no_empty_one(body: Any) -> None:
    world = World()
    world.http.fails = [(200, body)]
    with pytest.raises(RetryableError):
        world.walk("lead")


def test_people_and_companies_are_told_with_what_routing_must_know() -> None:
    world = World()
    rep = world.org.user("lena@northwind.example")
    world.org.deactivate("tom@northwind.example")
    account = world.org.create(
        "Account", {"Name": "Acme", "Website": "acme.example", "Type": "Customer", "OwnerId": rep}
    )
    contact = world.org.create(
        "Contact", {"FirstName": "Ana", "LastName": "Alba", "Email": "ana@acme.example", "AccountId": account}
    )
    users = {record.email: record for record in world.walk("user")[0]}
    assert (users["lena@northwind.example"].id, users["lena@northwind.example"].active) == (rep, True)
    assert not users["tom@northwind.example"].active
    found = next(record for record in world.walk("account")[0] if record.id == account)
    assert (found.name, found.domain, found.owner, found.customer) == ("Acme", "acme.example", rep, True)
    person = next(record for record in world.walk("contact")[0] if record.id == contact)
    assert (person.email, person.family_name, person.account, person.company) == (
        "ana@acme.example", "Alba", account, "Acme",
    )  # fmt: skip


def test_a_conversion_says_what_the_lead_became_and_the_deal_whose_it_is() -> None:
    world = World()
    id = world.lead(Baton_Id__c="st-1", Email="ana@example.com")
    _, cursor = world.walk("lead")
    world.later()
    became = world.org.convert(id)
    record = world.walk("lead", cursor)[0][0]
    assert (record.our_key, record.is_open, record.converted_to) == ("st-1", False, became)
    deals, cursor = world.walk("opportunity")
    deal = next(record for record in deals if record.id == became["opportunity"])
    assert (deal.account, deal.person, deal.is_open, deal.won) == (became["account"], became["contact"], True, False)
    world.later()
    world.org.close_opportunity(deal.id, won=True, amount=1200.5)
    deal = world.walk("opportunity", cursor)[0][0]
    assert (deal.is_open, deal.won, deal.amount, deal.stage) == (False, True, 1200.5, "Closed Won")


def test_the_role_says_whose_a_deal_is_where_the_deal_does_not() -> None:
    world = World()
    account = world.org.create("Account", {"Name": "Acme"})
    contact = world.org.create("Contact", {"LastName": "Alba", "AccountId": account})
    deal = world.org.create(
        "Opportunity", {"Name": "D", "AccountId": account, "StageName": "Proposal", "CloseDate": "2026-12-31"}
    )
    world.org.create("OpportunityContactRole", {"OpportunityId": deal, "ContactId": contact, "IsPrimary": True})
    assert next(record for record in world.walk("opportunity")[0] if record.id == deal).person == contact


def test_finished_calls_are_touches_and_open_tasks_are_not() -> None:
    world = World(store_id="st")
    person = world.lead()
    world.org.create("Task", {"WhoId": person, "Subject": "Later", "Status": "Not Started"})
    ours = world.org.create(
        "Task", {"WhoId": person, "Subject": "Call Ana", "Status": "Completed", "Description": "Why\n\nst:h1:task:1"}
    )
    call = world.org.log_call(person, by="lena@northwind.example", note="talked\n12:30")
    told = {record.id: record for record in world.walk("task")[0]}
    assert told.keys() == {ours, call}
    assert (told[call].stage, told[call].person, told[call].is_open, told[call].our_key) == ("call", person, False, "")
    assert told[call].owner == world.org.user("lena@northwind.example")
    assert (told[ours].our_key, told[ours].stage) == ("st:h1:task:1", "task")


def test_a_meeting_counts_once_it_is_over() -> None:
    world = World()
    person = world.lead()
    _, cursor = world.walk("event")
    start = START + timedelta(hours=2)
    stamps = {"StartDateTime": start.isoformat(), "EndDateTime": (start + timedelta(hours=1)).isoformat()}
    meeting = world.org.create("Event", {"WhoId": person, "Subject": "Demo", **stamps})
    world.later(3600)
    assert world.walk("event", cursor)[0] == []
    world.later(3600 * 3)
    records, cursor = world.walk("event", cursor)
    told = [(one.id, one.stage, one.person, one.modified_at) for one in records]
    assert told == [(meeting, "meeting", person, start)]
    world.later(60)
    assert world.walk("event", cursor)[0] == []
    old = START - timedelta(days=2)
    stamps = {"StartDateTime": old.isoformat(), "EndDateTime": (old + timedelta(hours=1)).isoformat()}
    logged = world.org.create("Event", {"WhoId": person, "Subject": "Logged", **stamps})
    assert [record.id for record in world.walk("event", cursor)[0]] == [logged]


def test_deletions_and_merges_are_told_once_with_the_winner() -> None:
    world = World()
    gone, loser, winner = (world.lead() for _ in range(3))
    _, cursor = world.walk("deleted_lead")
    world.later(120)
    world.org.delete(gone)
    world.org.merge(winner, [loser])
    world.later(120)
    records, cursor = world.walk("deleted_lead", cursor)
    assert {(one.object, one.id, one.gone, one.merged_into) for one in records} == {
        ("lead", gone, True, ""), ("lead", loser, True, winner),
    }  # fmt: skip
    for seconds in (1, 60, 120, 600):
        world.later(seconds)
        assert world.walk("deleted_lead", cursor)[0] == []


def test_a_deletion_in_the_minute_of_a_walk_is_not_missed() -> None:
    world = World()
    leads = [world.lead() for _ in range(6)]
    _, cursor = world.walk("deleted_lead")
    told = []
    for id in leads:
        world.org.delete(id)
        world.later(13)
        records, cursor = world.walk("deleted_lead", cursor)
        told += [record.id for record in records]
    world.later(180)
    told += [record.id for record in world.walk("deleted_lead", cursor)[0]]
    assert sorted(told) == sorted(leads)


def test_after_more_than_fifteen_days_it_is_said_what_can_no_longer_be_told() -> None:
    world = World()
    _, cursor = world.walk("deleted_lead")
    gone = world.lead()
    world.later(86_400 * 20)
    world.org.delete(world.lead())
    world.org.delete(gone)
    world.later(120)
    page = world.pages("deleted_lead", cursor)[0]
    assert "can no longer be told" in page.notes[0]
    assert (len(page.records), page.unheard) == (2, "lead")
    world.later(120)
    assert [one.unheard for one in world.pages("deleted_lead", page.cursor)] == []


def test_an_emptied_bin_is_told_once_and_what_is_deleted_later_is_heard() -> None:
    world = World()
    _, cursor = world.walk("deleted_account")
    world.later(3600)
    world.org.empty_bin()
    world.later(600)
    (page,) = world.pages("deleted_account", cursor)
    assert (page.records, page.unheard) == ([], "account")
    assert "can no longer be told" in page.notes[0]
    account = world.org.create("Account", {"Name": "Firm"})
    world.later(600)
    world.org.delete(account)
    world.later(120)
    (page,) = world.pages("deleted_account", page.cursor)
    assert ([one.id for one in page.records], page.unheard) == ([account], None)


@pytest.mark.parametrize("object", ["Lead", "Contact", "Account", "Opportunity"])
def test_whatever_is_mirrored_is_found_by_its_id_and_a_loser_as_its_winner(object: str) -> None:
    world = World()
    own = {"Lead": {"LastName": "Weber", "Company": "Firm"}, "Contact": {"LastName": "Weber"}}
    deal = {"Name": "Firm", "StageName": "Prospecting", "CloseDate": "2027-01-31"}
    made = [world.org.create(object, own.get(object, deal if object == "Opportunity" else {"Name": "Firm"}))
            for _ in range(3)]  # fmt: skip
    if object != "Opportunity":
        world.org.merge(made[0], [made[1]])
    world.org.delete(made[2])
    found = world.crm.find([FindItem(object.lower(), "", id) for id in made])
    winner = (made[1],) if object == "Opportunity" else (made[0],)
    assert [one.crm_ids for one in found] == [(made[0],), winner, ()]


@pytest.mark.parametrize("stream", DELETED)
def test_quiet_days_move_the_window_on(stream: str) -> None:
    world = World()
    _, cursor = world.walk(stream)
    for _ in range(40):
        world.later(86_400)
        pages = world.pages(stream, cursor)
        assert all(not page.notes and not page.records for page in pages)
        cursor = pages[-1].cursor if pages else cursor
    assert "2026-12" in json.loads(cursor)["at"]


def test_hundreds_that_changed_together_are_told_again_only_until_the_overlap_is_past_them() -> None:
    world = World()
    for number in range(450):
        world.org.create("Lead", {"LastName": f"N{number}", "Company": "Firm"})
    cursor, told = "", []
    for _ in range(12):
        pages = list(world.crm.changes("lead", cursor))
        assert all(page.cursor != cursor for page in pages)
        told.append(sum(len(page.records) for page in pages))
        cursor = pages[-1].cursor if pages else cursor
        world.clock.move(61)
    assert told[0] == told[1] == 450
    assert told[-1] == 0
    assert list(world.crm.changes("lead", cursor)) == []
    late = world.org.create("Lead", {"LastName": "Late", "Company": "Firm"})
    assert [record.id for page in world.crm.changes("lead", cursor) for record in page.records] == [late]
