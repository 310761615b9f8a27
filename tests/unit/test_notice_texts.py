"""What a notice says to one reader, and when it may reach them."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.model.notices import Notice
from connector.steps.notices import after_quiet, harmless, next_at, rendered
from connector.steps.telling.words import Words

AT = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
ENGLISH = Words("en", BERLIN, str, AT)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def told(says: str, who: str = "Ana Ruiz", **values: Any) -> tuple[str, str]:
    return rendered(Notice("new", says, "k", AT, "lena@x.example", values=values), who, ENGLISH)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("  Ana \n\t Ruiz ", "Ana Ruiz"),
        ("<!channel> *now* _x_ `y` ~z~ [a](b) |", "‹!channel› ∗now∗ ＿x＿ 'y' ∼z∼ (a)(b) ¦"),
        ("@here @Channel @everyone @ALL", "@ here @ Channel @ everyone @ ALL"),
        ("@anna @hereafter", "@anna @hereafter"),
        ("ana@all.example, +ana@here.co", "ana@all.example, +ana@here.co"),
        ("@all.example (@here) x@everyone, x@all. y", "@ all.example (@ here) x@ everyone, x@ all. y"),
        ("ana_maria_w@x.example, __x__ _ _a b_ 東_京", "ana_maria_w@x.example, ＿＿x＿＿ ＿ ＿a b＿ 東_京"),
        ("A\u202eB\x07C", "ABC"),
    ],
)
def test_a_leads_own_words_do_nothing_where_they_are_read(given: str, shown: str) -> None:
    assert harmless(given) == shown


def test_places_are_filled_as_a_person_reads_them() -> None:
    subject, text = told("accept due", due=AT, share=0.8)
    assert subject == "To be accepted: Ana Ruiz"
    assert text == "Ana Ruiz waits to be accepted or rejected, by Mon 23 Nov 09:05. 80 % of the time is over."


def test_who_is_concerned_is_the_owner_unless_the_notice_says_another_one() -> None:
    assert told("contact breached", due=AT)[1].endswith("Owner: lena@x.example.")
    assert told("contact breached", due=AT, owner="tom@x.example")[1].endswith("Owner: tom@x.example.")


def test_a_place_that_nothing_is_known_of_is_a_dash_and_a_blank_is_blank() -> None:
    assert told("nobody there") == ("Nobody there: Ana Ruiz", "Ana Ruiz has no owner yet: –.")
    assert told("nobody there", why="")[1] == "Ana Ruiz has no owner yet: ."


def test_names_of_ours_are_said_and_not_shown() -> None:
    assert told("stage", stage="won", more="")[0] == "Won: Ana Ruiz"
    assert told("stage", stage="won", more="")[1] == "Ana Ruiz is at won. Owner: lena@x.example."
    assert told("returned", reason="no_budget_yet")[1].startswith("Ana Ruiz, rejected before (no budget yet), is back")
    assert told("sync trouble", connection="crm", what="it is gone", since=AT, mend="") == (
        "crm fails", "crm: it is gone. Since Mon 23 Nov 09:05.",
    )  # fmt: skip
    slower = told("slower", flow="b2b", lately_span=7200, usual_span="3600")[1]
    assert "longer than 2 hours for the first contact; in the twelve weeks before it was 1 hour." in slower


def test_stages_between_which_fewer_go_on_are_said_in_words() -> None:
    subject, text = told(
        "conversion dropped", flow="b2b", usual="40 %", lately="20 %", days=30, **{"from": "won", "to": "x_y"}
    )
    assert subject == "b2b: fewer leads go from won to x_y"
    assert "Of the latest four weeks of won that have had the time, 20 % went on to x_y within 30 days" in text


def test_who_the_lead_is_called_cannot_break_a_subject_or_call_anybody() -> None:
    subject, text = told("rate", "@here\r\nBcc: x")
    assert subject == "How good was this lead? @ here Bcc: x"
    assert text.startswith("You have been in contact with @ here Bcc: x. ")


def test_texts_of_several_lines_keep_their_lines() -> None:
    assert told("report", title="Week", text="a *b*\n\n- c") == ("Week", "a *b*\n\n- c")
    brief = told("new", why="turn 3", due=AT, brief="*Ana*\n<b>")[1]
    assert brief.endswith("\n\n∗Ana∗\n‹b›")
    assert "given to you (turn 3). First contact is due Mon 23 Nov 09:05." in brief


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        # Quiet from eight in the evening to seven in the morning, on the clock of Berlin.
        ("2026-11-23T18:59", "2026-11-23T18:59"), ("2026-11-23T19:00", "2026-11-24T06:00"),
        ("2026-11-23T23:30", "2026-11-24T06:00"), ("2026-11-24T05:59", "2026-11-24T06:00"),
        ("2026-11-24T06:00", "2026-11-24T06:00"),
        # The clocks go on by an hour in the night.
        ("2026-03-28T20:00", "2026-03-29T05:00"),
    ],
)  # fmt: skip
def test_nobody_is_disturbed_at_night(at: str, expected: str) -> None:
    found = after_quiet(moment(at), (time(20), time(7)), BERLIN)
    assert found == moment(expected)
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T10:59", "2026-11-23T10:59"), ("2026-11-23T11:00", "2026-11-23T12:00"),
        ("2026-11-23T11:59", "2026-11-23T12:00"), ("2026-11-23T12:00", "2026-11-23T12:00"),
    ],
)  # fmt: skip
def test_quiet_hours_may_lie_within_a_day(at: str, expected: str) -> None:
    assert after_quiet(moment(at), (time(12), time(13)), BERLIN) == moment(expected)
    assert after_quiet(moment(at), None, BERLIN) == moment(at)


def test_the_next_time_of_the_clock_is_never_now() -> None:
    assert next_at(moment("2026-11-23T06:59"), time(8), BERLIN) == moment("2026-11-23T07:00")
    assert next_at(moment("2026-11-23T07:00"), time(8), BERLIN) == moment("2026-11-24T07:00")
    assert next_at(moment("2026-11-23T23:30"), time(8), BERLIN) == moment("2026-11-24T07:00")
