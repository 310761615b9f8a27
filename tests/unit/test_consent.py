"""What stands of all that was said: a ratchet, whatever the order in which it is heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.activity import Activity
from connector.model.consent import CHANNELS, EXPLICIT, Channel, ConsentEvent, How
from connector.model.fields import Value
from connector.model.lead import Lead, Statement
from connector.model.sentences import MAIL_CAME_BACK
from connector.steps.consent import (
    answers_of,
    consent_names,
    field_words,
    has_left,
    is_out,
    no_calls,
    no_mail,
    reachable,
    said_again,
    scopes,
    standing,
    told,
    ways_left,
    word_of,
)
from connector.steps.sides import Terms, settle

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
MAIL = "ana@firm.example"


def word(
    days: float, how: How = "unsubscribe", *, given: bool = False, channel: Channel = "email", scope: str = "",
    certain: bool = True, source: str = "portal",
) -> ConsentEvent:  # fmt: skip
    return ConsentEvent(1, channel, given, NOW - timedelta(days=days), source, how, scope, certain)


OUT = word(10)


@pytest.mark.parametrize(
    ("later", "state"),
    [
        ([], "out"),
        ([word(5, "subscribe", given=True)], "given"),
        ([word(5, "form", given=True)], "given"),
        ([word(5, "person", given=True)], "given"),
        ([word(5, "field", given=True, certain=False)], "out"),
        ([word(5, "merge", given=True)], "out"),
        # Said before, heard later.
        ([word(15, "subscribe", given=True)], "out"),
        # At the same moment the stricter stands.
        ([word(10, "subscribe", given=True)], "out"),
        # Nobody knows when.
        ([word(5, "form", given=True, certain=False)], "out"),
        # What is yet to come.
        ([word(-2, "subscribe", given=True)], "out"),
        ([word(5, "subscribe", given=True), word(3)], "out"),
        ([word(5, "subscribe", given=True, channel="all")], "given"),
        # One subscription is not all mail.
        ([word(5, "subscribe", given=True, scope="7")], "out"),
        ([word(5, "form", given=True, channel="phone")], "out"),
    ],
)
def test_only_a_later_word_of_the_person_reopens(later: list[ConsentEvent], state: str) -> None:
    assert standing([OUT, *later], "email", NOW).state == state


def test_what_was_never_closed_is_given_by_any_word_and_unknown_without() -> None:
    assert standing([word(3, "field", given=True, certain=False)], "email", NOW).state == "given"
    assert standing([], "email", NOW).state == "unknown"
    assert standing([word(3, channel="phone")], "email", NOW).state == "unknown"
    first, last = word(9, "field", given=True), word(3, "form", given=True)
    assert standing([last, first], "email", NOW).by == last
    assert standing([word(3), word(0, "form", given=True)], "email", NOW).state == "given", "at this moment"


def test_the_first_word_that_closed_it_since_it_was_last_open_is_told() -> None:
    events = [word(20), word(15, "form", given=True), word(9), word(4)]
    found = standing(events, "email", NOW)
    assert (found.state, found.since) == ("out", NOW - timedelta(days=9))


def test_all_closes_every_channel_and_one_may_come_back() -> None:
    left = word(10, "field", channel="all", certain=False)
    assert told([left], NOW) | {"consent.at": "", "consent.source": ""} == {
        "consent.email": False, "consent.phone": False, "consent.all": False, "consent.at": "", "consent.source": "",
    }  # fmt: skip
    assert told([left], NOW)["consent.source"] == "portal"
    back = told([left, word(5, "subscribe", given=True, source="forms")], NOW)
    assert (back["consent.at"], back["consent.source"]) == ((NOW - timedelta(days=10)).isoformat(), "portal")
    assert (back["consent.email"], back["consent.phone"], back.get("consent.all")) == (True, False, None)


def test_a_bounce_closes_one_address_and_is_no_word_of_the_person() -> None:
    bounced = word(3, "bounce", scope=MAIL)
    assert standing([bounced], "email", NOW, MAIL).state == "out"
    assert standing([bounced], "email", NOW, "ana@new.example").state == "unknown"
    assert standing([bounced, word(1, "subscribe", given=True)], "email", NOW, MAIL).state == "out"
    assert standing([bounced, word(1, "person", given=True)], "email", NOW, MAIL).state == "given"
    assert told([bounced], NOW) == {}
    everywhere = reachable([bounced], NOW, MAIL)
    assert {channel: one.state for channel, one in everywhere.items()} == {
        "email": "out", "phone": "unknown", "all": "unknown",
    }  # fmt: skip
    # Neither a subscription nor a field of theirs, wherever else they are in.
    given = word(9, "form", given=True)
    assert told([given, bounced], NOW)["consent.at"] == given.at.isoformat()
    assert scopes([bounced], NOW) == {}


def test_one_subscription_is_told_and_closes_nothing() -> None:
    events = [word(5, scope="Newsletter"), word(3, "subscribe", given=True, scope="Events")]
    assert {scope: one.state for scope, one in scopes(events, NOW).items()} == {"Events": "given", "Newsletter": "out"}
    by = scopes([replace(one, evidence="e1") for one in events], NOW)["Newsletter"].by
    assert by == replace(events[0], scope="", evidence="e1"), "with all that is known of it"
    assert list(scopes([*events, word(1)], NOW)) == ["Events", "Newsletter"]
    assert standing(events, "email", NOW).state == "unknown"
    assert told(events, NOW) == {}


@pytest.mark.parametrize(
    ("channels", "touches", "left"),
    [
        (["email"], ["call", "email", "meeting"], ["phone"]),
        (["phone"], ["call"], []),
        (["email"], ["email"], []),
        (["all"], ["call", "email", "meeting"], []),
        (["email", "phone"], ["meeting"], []),
        ([], ["meeting"], ["email", "phone"]),
        ([], ["call"], ["phone"]),
        ([], ["email"], ["email"]),
        ([], [], ["email", "phone"]),
        (["phone"], [], ["email"]),
    ],
)
def test_the_ways_that_are_left(channels: list[Channel], touches: list[str], left: list[str]) -> None:
    assert ways_left(reachable([word(3, channel=one) for one in channels], NOW), touches) == left


def test_activities_that_say_something() -> None:
    did = Activity("portal", "e1", "1", NOW, "unsubscribe", topic="7", lead_id=4)
    assert word_of(did, MAIL) == ConsentEvent(4, "email", False, NOW, "portal", "unsubscribe", "7", True, "e1")
    came_back = word_of(replace(did, kind="bounce", topic="", person="Ana@Old.example"), MAIL)
    assert came_back is not None
    assert (came_back.scope, came_back.how, came_back.given) == ("ana@old.example", "bounce", False)
    assert word_of(replace(did, kind="page_view"), MAIL) is None
    nameless = word_of(replace(did, kind="bounce", topic="", person="4711"), "Ana@Firm.example")
    assert nameless is not None
    assert nameless.scope == MAIL
    joined = word_of(replace(did, kind="subscribe"), MAIL)
    assert joined is not None
    assert (joined.given, joined.how, joined.scope) == (True, "subscribe", "7")


def test_a_record_that_is_read_anew_says_nothing_new() -> None:
    first = replace(word(9, "field"), evidence="consent.email 1", id=1)
    again = replace(first, at=NOW, id=0)
    assert said_again(again, [first])
    assert not said_again(replace(again, given=True), [first])
    assert not said_again(replace(again, evidence="consent.email 2"), [first])
    back = replace(first, at=NOW - timedelta(days=2), given=True, id=2)
    assert not said_again(again, [first, back])


def test_whom_not_to_write_to() -> None:
    assert no_mail(Lead({"consent.all": False}))
    assert no_mail(Lead({"consent.email": False}))
    assert not no_mail(Lead({"consent.email": True, "consent.phone": False}))
    bounced = Lead(flags={"email": MAIL_CAME_BACK})
    assert no_mail(bounced)
    assert not has_left(bounced), "that is no word of theirs"
    assert not no_mail(Lead(flags={"phone": MAIL_CAME_BACK}))


def test_whom_not_to_call() -> None:
    for name in ("consent.phone", "consent.all"):
        assert no_calls(Lead({name: False}))
    assert not no_calls(Lead({"consent.phone": True, "consent.email": False}))
    assert not no_calls(Lead())


def test_who_is_out_of_anything() -> None:
    for name in ("consent.phone", "consent.email", "consent.all"):
        assert is_out(Lead({"consent.at": "", name: False}))
    assert not is_out(Lead({"consent.phone": True, "consent.email": True}))
    assert not is_out(Lead({"handoff.hot": False}))


EVENTS = st.lists(
    st.builds(
        word,
        st.integers(-3, 30), st.sampled_from(get_args(How)),
        given=st.booleans(), channel=st.sampled_from(CHANNELS), scope=st.sampled_from(["", "", "7", MAIL]),
        certain=st.booleans(), source=st.sampled_from(["portal", "crm"]),
    ),
    max_size=8,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(EVENTS, st.randoms(use_true_random=False))
def test_the_order_in_which_it_is_heard_and_how_often_does_not_matter(events: list[ConsentEvent], dice: object) -> None:
    mixed = [*events, *events[:3]]
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    for channel in CHANNELS:
        assert standing(mixed, channel, NOW, MAIL) == standing(events, channel, NOW, MAIL)
    assert told(mixed, NOW) == told(events, NOW)


@settings(max_examples=40, deadline=None)
@given(EVENTS, EVENTS)
def test_an_opt_out_never_goes_by_what_is_not_the_persons_own_word(
    events: list[ConsentEvent], more: list[ConsentEvent]
) -> None:
    others = [one for one in more if not (one.given and one.how in EXPLICIT and one.certain)]
    for channel in CHANNELS:
        if standing(events, channel, NOW, MAIL).state == "out":
            assert standing([*events, *others], channel, NOW, MAIL).state == "out"


@settings(max_examples=30, deadline=None)
@given(EVENTS, EVENTS)
def test_of_two_who_are_made_one_the_stricter_stands_until_they_say_otherwise(
    ours: list[ConsentEvent], theirs: list[ConsentEvent]
) -> None:
    explicit = [one.at for one in (*ours, *theirs) if one.given and one.how in EXPLICIT]
    out = [one for one in ours if not one.given and not one.scope and one.how != "bounce"]
    late = [one for one in out if all(one.at >= at for at in explicit)]
    if late:
        assert standing([*ours, *theirs], late[0].channel, NOW).state == "out"


def test_no_rule_of_who_wins_a_field_opens_what_the_ledger_closed() -> None:
    at = NOW.isoformat()
    lead = Lead({"consent.email": False, "city": "Bonn"}, {"consent.email": ("forms", at), "city": ("forms", at)})
    later = (NOW + timedelta(days=1)).isoformat()
    lead.sides = {"portal": {"consent.email": Statement(True, later), "city": Statement("Köln", later)}}
    terms = Terms(("portal", "forms"), "crm")
    assert settle(lead, ["consent.email", "city"], terms).changed == ["city"]
    assert lead.fields["consent.email"] is False


def test_names_that_hold_consent_and_nothing_else() -> None:
    origins = {
        "OptOut": ("consent.email",), "Both": ("consent.phone", "consent.at"), "Note": (),
        "Mixed": ("consent.email", "city"),
    }  # fmt: skip
    assert consent_names(origins) == {"OptOut", "Both"}


def test_what_the_answers_of_a_form_say() -> None:
    answers = {"May we CALL you?": "yes", "newsletter": "no", "By SMS?": "perhaps", "Company": "yes"}
    did = Activity("portal", "e1", "1", NOW, "form", answers=answers, lead_id=4)
    questions: dict[str, Channel] = {"may we call you?": "phone", "newsletter": "email", "by sms?": "all"}
    assert list(answers_of(did, questions)) == [
        ConsentEvent(4, "phone", True, NOW, "portal", "form", "", True, "e1"),
        ConsentEvent(4, "email", False, NOW, "portal", "form", "", True, "e1"),
    ]
    assert list(answers_of(did, {})) == []


def test_what_the_fields_of_a_record_say_of_each_channel() -> None:
    values: dict[str, Value] = {"consent.email": False, "consent.phone": True, "consent.all": "yes", "city": True}
    assert list(field_words(values, 4, "crm", NOW, "00Q1")) == [
        ConsentEvent(4, "email", False, NOW, "crm", "field", "", False, "consent.email 00Q1"),
        ConsentEvent(4, "phone", True, NOW, "crm", "field", "", False, "consent.phone 00Q1"),
    ]
    (word_alone,) = field_words({"consent.email": True}, 4, "crm", NOW, "")
    assert word_alone.evidence == "consent.email"
