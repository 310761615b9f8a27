"""What people did in a portal: emails by address, forms with answers, page views and custom events."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters._hubspot.email_events import event_name
from connector.model.errors import ConfigError, RetryableError
from connector.model.records import Window
from connector.sandbox.hubspot import add_contacts
from tests.hubspot import START, World, ids


def names(world: World) -> list[str]:
    return [call.path for call in world.http.calls]


def test_emails_come_by_address_with_the_name_of_their_campaign() -> None:
    world = World()
    (one,) = world.create(1)
    for type, wish in (("SENT", {}), ("OPEN", {}), ("CLICK", {"url": "https://www.example.com/pricing"})):
        world.do("email", id=one, type=type, campaign=901, **wish)
    records, cursor = world.pull("email_events")
    told = [(record.values["event"], record.values["page"]) for record in records]
    assert sorted(told) == [("email_click", "https://www.example.com/pricing"), ("email_open", "")]
    assert {record.values["email"] for record in records} == {"p0@example.com"}
    assert {record.values["campaign"] for record in records} == {"Spring news"}
    assert names(world).count("/email/public/v1/campaigns/901") == 1
    world.do("email", id=one, type="OPEN", campaign=901)
    world.later(5)
    assert len(world.pull("email_events", cursor)[0]) == 1
    assert names(world).count("/email/public/v1/campaigns/901") == 1


def test_what_a_mail_scanner_opened_is_left_out() -> None:
    world = World()
    (one,) = world.create(1)
    world.do("email", id=one, type="CLICK", filtered=True)
    assert world.pull("email_events")[0] == []


def test_a_quiet_pull_of_emails_is_one_call() -> None:
    world = World()
    (one,) = world.create(1)
    world.do("email", id=one, type="OPEN")
    _, cursor = world.pull("email_events")
    for seconds in (1, 60, 600):
        world.later(seconds)
        assert world.count(lambda: list(world.pages("email_events", cursor))) == 1
        assert list(world.pages("email_events", cursor)) == []


def test_many_emails_are_read_whole_and_go_on_where_they_broke_off() -> None:
    world = World(email_events=["OPEN"])
    (one,) = world.create(1)
    for number in range(2300):
        at = int((START - timedelta(hours=number // 100)).timestamp() * 1000)
        world.do("email", id=one, type="OPEN", at=at)
    whole, _ = world.pull("email_events")
    assert len(ids(whole)) == len(set(ids(whole))) == 2300
    pages = world.pages("email_events")
    first = next(page for page in pages if page.records)
    rest, cursor = world.pull("email_events", first.cursor)
    assert set(ids([*first.records, *rest])) == set(ids(whole))
    assert world.pull("email_events", cursor)[0] == []


def test_where_the_place_in_emails_has_ended_the_slice_is_read_anew() -> None:
    world = World(email_events=["OPEN"])
    (one,) = world.create(1)
    for _ in range(1500):
        world.do("email", id=one, type="OPEN")
    first = next(page for page in world.pages("email_events") if page.records)
    world.http.fails = [(400, {"message": "the offset has ended"})]
    rest, _ = world.pull("email_events", first.cursor)
    assert len(set(ids([*first.records, *rest]))) == 1500


def test_an_unsubscription_is_one() -> None:
    world = World()
    (one,) = world.create(1)
    world.do("unsubscribe", id=one)
    (record,) = world.pull("email_events")[0]
    assert (record.values["event"], record.values["email"]) == ("unsubscribe", "p0@example.com")


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"type": "OPEN"}, "email_open"),
        ({"type": "STATUSCHANGE", "portalSubscriptionStatus": "SUBSCRIBED"}, "subscribe"),
        ({"type": "STATUSCHANGE", "subscriptions": [{"id": 7, "status": "UNSUBSCRIBED"}]}, "unsubscribe"),
        ({"type": "STATUSCHANGE", "bounced": True}, "status_change"),
        ({"type": "FORWARD"}, "FORWARD"),
    ],
)
def test_words_of_email_events(told: dict[str, object], name: str) -> None:
    assert event_name(told) == name


def test_a_submission_carries_its_form_and_its_answers() -> None:
    world = World()
    (one,) = world.create(1)
    world.do("submit", id=one, form="Request a demo", values={"budget": "10k"}, page="https://www.example.com/demo")
    (record,) = world.pull("form_submissions")[0]
    assert record.values["form"] == "Request a demo"
    assert record.values["email"] == "p0@example.com"
    assert {"name": "budget", "value": "10k"} in record.values["answers"]
    assert record.values["event"] == "form_submission"


def test_a_quiet_pull_of_forms_is_one_call() -> None:
    world = World()
    (one,) = world.create(1)
    world.do("submit", id=one, form="Newsletter")
    _, cursor = world.pull("form_submissions")
    world.later(60)
    _, cursor = world.pull("form_submissions", cursor)
    for seconds in (10, 100, 700, 3000):
        world.later(seconds)
        assert world.count(lambda: list(world.pages("form_submissions", cursor))) == 1
        assert list(world.pages("form_submissions", cursor)) == []
    world.later(6 * 3600)
    assert world.count(lambda: list(world.pages("form_submissions", cursor))) == 4


def test_a_new_submission_is_found_by_one_search_and_read_once() -> None:
    world = World()
    (one,) = world.create(1)
    _, cursor = world.pull("form_submissions")
    world.later()
    world.do("submit", id=one, form="Newsletter")
    world.later(60)
    records, cursor = world.pull("form_submissions", cursor)
    assert [record.values["form"] for record in records] == ["Newsletter"]
    assert world.pull("form_submissions", cursor)[0] == []
    world.later(3 * 3600)
    assert world.pull("form_submissions", cursor)[0] == []


def test_many_submissions_are_read_whole_and_go_on_where_they_broke_off() -> None:
    world = World(forms=["Newsletter"])
    (one,) = world.create(1)
    for number in range(130):
        at = int((START - timedelta(minutes=number)).timestamp() * 1000)
        world.do("submit", id=one, form="Newsletter", at=at)
    first = next(world.pages("form_submissions"))
    rest, cursor = world.pull("form_submissions", first.cursor)
    assert len(first.records) == 50
    assert len(set(ids([*first.records, *rest]))) == len([*first.records, *rest]) == 130
    assert world.pull("form_submissions", cursor)[0] == []


def test_a_form_that_is_not_there_is_told_with_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        list(World(forms=["Newsleter"]).pages("form_submissions"))
    assert caught.value.problems[0].nearest == "Newsletter"


def test_a_submission_without_an_email_is_passed_over() -> None:
    world = World()
    (one,) = world.create(1)
    world.do("submit", id=one, form="Newsletter", values={"email": ""})
    assert world.pull("form_submissions")[0] == []


def test_page_views_come_by_contact() -> None:
    world = World(streams=["contacts", "events"])
    (one,) = world.create(1)
    world.do("visit", id=one, url="https://www.example.com/pricing")
    records, cursor = world.pull("events")
    assert [(r.values["contact"], r.values["event"], r.values["page"]) for r in records] == [
        (one, "page_view", "https://www.example.com/pricing")
    ]
    for seconds in (1, 60, 600):
        world.later(seconds)
        assert world.count(lambda: list(world.pages("events", cursor))) == 1
        assert list(world.pages("events", cursor)) == []


def test_custom_events_keep_their_name_and_their_properties() -> None:
    world = World(events=["e_visited_page", "pe24050311_trial_started"])
    (one,) = world.create(1)
    world.do("visit", id=one)
    world.do("visit", id=one, type="pe24050311_trial_started", properties={"plan": "team"})
    records, cursor = world.pull("events")
    assert [record.values["event"] for record in records] == ["page_view", "pe24050311_trial_started"]
    assert records[1].values["plan"] == "team"
    world.later()
    world.do("visit", id=one, type="pe24050311_trial_started")
    world.later()
    assert len(world.pull("events", cursor)[0]) == 1


def test_many_events_go_on_where_they_broke_off() -> None:
    world = World(events=["e_visited_page"])
    (one,) = world.create(1)
    for _ in range(250):
        world.do("visit", id=one)
    pages = world.pages("events")
    first = next(pages)
    rest, cursor = world.pull("events", first.cursor)
    assert len(set(ids([*first.records, *rest]))) == len(first.records) + len(rest) == 250
    assert world.pull("events", cursor)[0] == []


@pytest.mark.parametrize("stream", ["email_events", "form_submissions", "events"])
def test_a_window_of_deeds_holds_what_lies_in_it_and_ends(stream: str) -> None:
    world = World()
    (one,) = world.create(1)
    for days in (40, 20, 5):
        at = int((START - timedelta(days=days)).timestamp() * 1000)
        world.do("email", id=one, type="OPEN", at=at)
        world.do("submit", id=one, form="Newsletter", at=at)
        world.do("visit", id=one, at=at)
    window = Window(START - timedelta(days=30), START - timedelta(days=10))
    records, cursor = world.pull(stream, "", window)
    assert len(records) == 1
    assert world.pull(stream, cursor, window)[0] == []


def test_invented_people_and_what_they_did_are_read_whole() -> None:
    world = World(streams=["contacts", "email_events", "form_submissions", "events"])
    add_contacts(world.portal, 60, activities_each=10, days=100)
    emails = [deed for deed in world.portal.emails.all() if deed.kind in ("OPEN", "CLICK") and deed.details[2] == "0"]
    assert len(world.pull("email_events")[0]) == len(emails)
    assert len(world.pull("events")[0]) == len(world.portal.events.all())
    forms = sum(len(journal.all()) for journal in world.portal.submissions.values())
    assert len(world.pull("form_submissions")[0]) == forms


def test_a_place_in_emails_that_ends_again_and_again_is_left_to_a_later_pull() -> None:
    world = World(email_events=["OPEN"])
    (one,) = world.create(1)
    for _ in range(1500):
        world.do("email", id=one, type="OPEN")
    first = next(page for page in world.pages("email_events") if page.records)
    page = {"events": [], "hasMore": False}
    ended = (400, {"message": "the offset has ended"})
    more = {"events": [{"id": "x", "created": 1, "type": "OPEN"}], "hasMore": True, "offset": "y"}
    world.http.fails = [ended, (200, more)] * 9 + [(200, page)]
    with pytest.raises(RetryableError):
        list(world.pages("email_events", first.cursor))
    world.http.fails = []
    rest, _ = world.pull("email_events", first.cursor)
    assert len(set(ids([*first.records, *rest]))) == 1500


def test_a_submission_under_any_address_of_a_contact_is_the_contacts() -> None:
    world = World()
    winner, loser, other = world.create(3)
    left = world.do("merge", id=winner, loser=loser)["id"]
    _, cursor = world.pull("form_submissions")
    world.later()
    for id, email in ((left, "P1@example.com"), (other, "p2@example.com"), (other, "stranger@example.com")):
        world.do("submit", id=id, form="Newsletter", values={"email": email})
    records, _ = world.pull("form_submissions", cursor)
    told = {record.values["email"]: record.values["contact"] for record in records}
    assert told == {"P1@example.com": left, "p2@example.com": other, "stranger@example.com": ""}


def test_only_the_forms_that_contacts_name_are_asked() -> None:
    world = World()
    (one,) = world.create(1)
    for number in range(60):
        world.portal.add_form(f"6b1e5d3c-0000-4000-8000-0000000009{number:02}", f"Form {number}")
    _, cursor = world.pull("form_submissions")
    world.later()
    world.do("submit", id=one, form="Newsletter")
    before = len(world.http.calls)
    records, cursor = world.pull("form_submissions", cursor)
    assert [record.values["form"] for record in records] == ["Newsletter"]
    # The search, the names of forms, the form, and whose the submission is.
    assert len(world.http.calls) - before == 4
    assert world.count(lambda: list(world.pages("form_submissions", cursor))) == 1


@pytest.mark.parametrize("told", ["", "something else", "6b1e5d3c-0000-4000-8000-000000000001::1400000000000"])
def test_every_form_is_asked_where_a_contact_does_not_name_its_submission(told: str) -> None:
    world = World()
    (one,) = world.create(1)
    _, cursor = world.pull("form_submissions")
    world.later()
    world.do("submit", id=one, form="Newsletter")
    world.do("change", id=one, properties={"hs_calculated_form_submissions": told})
    records, _ = world.pull("form_submissions", cursor)
    assert [record.values["form"] for record in records] == ["Newsletter"]


def test_a_submission_that_the_contact_knows_of_first_is_asked_for_again() -> None:
    world = World()
    (one,) = world.create(1)
    _, cursor = world.pull("form_submissions")
    world.later()
    world.do("submit", id=one, form="Newsletter")
    world.http.fails = []
    form = next(id for id, name in world.portal.forms.items() if name == "Newsletter")
    kept = world.portal.submissions[form]
    world.portal.submissions[form] = type(kept)()
    records, cursor = world.pull("form_submissions", cursor)
    assert records == []
    world.portal.submissions[form] = kept
    assert len(world.pull("form_submissions", cursor)[0]) == 1


def test_forms_of_every_type_are_asked() -> None:
    world = World()
    world.pull("form_submissions")
    assert [call.query["formTypes"] for call in world.http.calls if call.path == "/marketing/v3/forms"] == ["all"]


def test_the_place_in_many_forms_does_not_grow_with_each_pull() -> None:
    world = World()
    (one,) = world.create(1)
    sizes = []
    cursor = ""
    for _ in range(6):
        world.do("submit", id=one, form="Newsletter")
        _, cursor = world.pull("form_submissions", cursor)
        sizes.append(len(cursor))
        world.later(3600)
    assert sizes[-1] == sizes[1]
