"""Which events, columns and counters are which activities."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.model.activity import Activity
from connector.model.errors import Problems, RecordError
from connector.model.mapped import Unmatched
from connector.model.records import Record
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping
from connector.steps.patterns import matcher, url_matcher

NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)


def compiled(text: str) -> tuple[CompiledMapping, list[str]]:
    problems = Problems()
    document = tomllib.loads(text)
    mapping = compile_mapping(document, connection="web", zone="Europe/Berlin", region="DE", problems=problems)
    return mapping, [str(problem) for problem in problems.found]


def event(text: str, **values: Any) -> Activity | Unmatched:
    mapping, problems = compiled(text)
    assert problems == []
    return mapping.activity(Record("", {"person": "17", "at": "2026-12-01T08:00:00Z", **values}, "events.csv:2"), NOW)


RULES = """
[[activities]]
event = "form_submission"
form  = ["Request a demo", "[JP] Demo"]
kind  = "demo_request"
keep_answers = ["budget", "time*"]
[[activities]]
event = "form_submission"
page  = "*/resources/case-studies/*"
kind  = "download"
topic = "case-study"
[[activities]]
event = "page_view"
page  = ["*/pricing*", "*/ja/料金"]
kind  = "pricing_view"
[[activities]]
event = "page_view"
campaign = "spring*"
kind  = "comparison_view"
[[activities]]
event = "click"
asset = "*.pdf"
kind  = "download"
set_asset = "the guide"
[[activities]]
event = "sign_up"
where = { "Plan Type" = "trial*", region = ["EU", "JP"] }
kind  = "trial"
[[activities]]
event = "sign_up"
kind  = "subscribe"
"""


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"event": "form_submission", "form": "request a DEMO"}, "demo_request"),
        ({"event": "form_submission", "form": "[JP] Demo"}, "demo_request"),
        ({"event": "form_submission", "page": "https://x.de/resources/case-studies/acme?a=1"}, "download"),
        ({"event": "page_view", "page": "https://x.de/pricing"}, "pricing_view"),
        ({"event": "page_view", "page": "https://x.de/ja/%E6%96%99%E9%87%91"}, "pricing_view"),
        ({"event": "page_view", "page": "https://x.de/ja/料金/?a=b#c"}, "pricing_view"),
        ({"event": "page_view", "campaign": "Spring 2026"}, "comparison_view"),
        ({"event": "click", "asset": "guide.pdf"}, "download"),
        ({"event": "sign_up", "plan_type": "Trial 14", "region": "JP"}, "trial"),
        ({"event": "sign_up", "plan_type": "Trial 14", "region": "US"}, "subscribe"),
        ({"event": "sign_up"}, "subscribe"),
    ],
)
def test_the_first_entry_that_matches_decides(values: dict[str, str], kind: str) -> None:
    found = event(f'kinds = ["trial"]\n{RULES}', **values)
    assert isinstance(found, Activity)
    assert found.kind == kind


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"event": "poll"}, "poll"),
        ({"event": "form_submission", "form": "Newsletter"}, "form_submission"),
        ({"form": "Newsletter"}, "Newsletter"),
        ({"event": "poll", "at": "soon", "person": ""}, "poll"),
        ({}, "(without a name)"),
    ],
)
def test_what_matches_nothing_is_told_by_its_name(values: dict[str, str], name: str) -> None:
    assert event(f'kinds = ["trial"]\n{RULES}', **values) == Unmatched(name)


def test_an_activity_carries_what_the_event_tells() -> None:
    text = """
    [event]
    person = ["Contact", "Mail"]
    id = "No"
    at = "When"
    zone = "Asia/Tokyo"
    format = "%Y/%m/%d %H:%M"
    event = "What"
    url = "Link"
    form = "Form"
    seconds = { from = "Minutes", unit = "minutes" }
    campaign = "Utm"
    topic = "About"
    answers = "q_"
    [[activities]]
    event = "form"
    kind = "demo_request"
    keep_answers = "*"
    """
    values = {
        "Contact": "",
        "Mail": "Ana@X.de",
        "No": "e1",
        "When": "2026/12/01 09:00",
        "What": "Form",
        "Link": "https://x.de/a",
        "Form": "Demo",
        "Minutes": "2",
        "Utm": "spring",
        "About": "planning",
        "q_budget": " 10k ",
        "q_none": "",
    }
    mapping, problems = compiled(text)
    assert problems == []
    assert mapping.activity(Record("", values, "x:1"), NOW) == Activity(
        "web",
        "e1",
        "ana@x.de",
        datetime(2026, 12, 1, 0, 0, tzinfo=UTC),
        "demo_request",
        "planning",
        "Demo",
        "https://x.de/a",
        120,
        "spring",
        {"budget": "10k"},
    )


def test_only_the_answers_named_are_kept() -> None:
    text = f'kinds = ["trial"]\n[event]\nanswers = ["budget", "Timeline", "age"]\n{RULES}'
    found = event(text, event="form_submission", form="Request a demo", budget="10k", timeline="soon", age="40")
    assert isinstance(found, Activity)
    assert found.answers == {"budget": "10k", "timeline": "soon"}
    other = event(text, event="form_submission", page="/resources/case-studies/x", budget="10k")
    assert isinstance(other, Activity)
    assert other.answers == {}


@pytest.mark.parametrize(
    "answers", [{"budget": "10k", "x": "y"}, [{"name": "budget", "value": "10k"}, {"name": "x", "value": "y"}, 3]]
)
def test_answers_may_come_as_a_table_or_as_pairs(answers: object) -> None:
    found = event(f'kinds = ["trial"]\n{RULES}', event="form_submission", form="Request a demo", answers=answers)
    assert isinstance(found, Activity)
    assert found.answers == {"budget": "10k"}


def test_an_event_without_an_id_has_the_same_one_each_time_and_however_its_time_is_written() -> None:
    rules = '[[activities]]\nevent = "*"\nkind = "page_view"'
    dotted = f'[event]\nformat = "%d.%m.%Y %H:%M"\n{rules}'
    one, again = event(rules, event="v", page="/a"), event(dotted, event="v", page="/a", at="01.12.2026 09:00")
    others = [
        event(rules, event="v", page="/b"),
        event(rules, event="w", page="/a"),
        event(rules, event="v", page="/a", person="18"),
        event(rules, event="v", page="/a", at="2026-12-01T08:00:01Z"),
    ]
    ids = {activity.source_id for activity in others if isinstance(activity, Activity)}
    assert isinstance(one, Activity)
    assert isinstance(again, Activity)
    assert one.source_id == again.source_id
    assert len(ids | {one.source_id}) == 5


def test_the_records_own_id_is_used_and_a_very_long_one_shortened() -> None:
    mapping, _ = compiled('[[activities]]\nevent = "*"\nkind = "page_view"')
    values = {"person": "17", "at": "2026-12-01"}
    found = [mapping.activity(Record(id, {**values, "event": "v"}), NOW) for id in ("e9", "x" * 500, "x" * 501)]
    ids = [activity.source_id for activity in found if isinstance(activity, Activity)]
    assert ids[0] == "e9"
    assert len(set(ids)) == 3
    assert max(map(len, ids)) < 100


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"person": " "}, "person: no person"),
        ({"at": ""}, "at: no time"),
        ({"at": "yesterday"}, "at: 'yesterday': not a time, expected YYYY-MM-DD"),
        ({"at": "2026-12-09"}, "at: 2026-12-08T23:00:00+00:00 lies in the future"),
    ],
)
def test_an_event_without_a_person_or_a_time_is_refused(values: dict[str, str], reason: str) -> None:
    with pytest.raises(RecordError) as error:
        event('[[activities]]\nevent = "*"\nkind = "page_view"', event="v", **values)
    assert str(error.value) == f"events.csv:2: {reason}"


def test_a_length_that_is_none_does_not_cost_the_event() -> None:
    found = event('[[activities]]\nevent = "*"\nkind = "page_view"', event="v", seconds="long")
    assert isinstance(found, Activity)
    assert found.seconds == 0


def test_one_pattern_is_used_for_texts_and_numbers_alike() -> None:
    text = """
    [[activities]]
    where = { paid = "true" }
    kind = "page_view"
    [[activities]]
    where = { paid = "1" }
    kind = "visit"
    """
    mapping, _ = compiled(text)
    kinds = []
    for paid in (True, 1, "1", "true", True):
        found = mapping.activity(Record("x", {"person": "1", "at": "2026-12-01", "paid": paid}), NOW)
        assert isinstance(found, Activity)
        kinds.append(found.kind)
    assert kinds == ["page_view", "visit", "visit", "page_view", "page_view"]


COLUMNS = """
[[activities]]
column = "demo_requested_at"
kind   = "demo_request"
topic  = "planning"
asset  = "booth"
value_of = "demo_status"
when   = ["requested", "done*"]
format = ["%d.%m.%Y %H:%M", "iso"]
[[activities]]
counter = "num_visits"
kind    = "visit"
"""


def test_a_column_that_holds_a_time_is_one_activity() -> None:
    mapping, problems = compiled(COLUMNS)
    assert problems == []
    values = {"demo_requested_at": "01.12.2026 09:00", "Demo status": "Done (Tom)", "num_visits": "7"}
    contact = mapping.contact(Record("17", values), NOW)
    assert contact.activities == [
        Activity(
            "web",
            "17:demo_requested_at:2026-12-01T08:00:00+00:00",
            "17",
            datetime(2026, 12, 1, 8, 0, tzinfo=UTC),
            "demo_request",
            "planning",
            "booth",
        )
    ]
    assert contact.counters == {"num_visits": (7, "visit")}
    assert contact.aside == []


@pytest.mark.parametrize(
    ("values", "aside"),
    [
        ({"demo_requested_at": "", "demo_status": "done"}, []),
        ({"demo_requested_at": "2026-12-01", "demo_status": "declined"}, []),
        ({"demo_requested_at": "2026-12-01"}, []),
        ({"demo_status": "done"}, []),
        ({"demo_requested_at": "soon", "demo_status": "done"}, ["demo_requested_at"]),
        ({"demo_requested_at": "2027-12-01", "demo_status": "done"}, ["demo_requested_at"]),
        ({"num_visits": "many"}, ["num_visits"]),
        ({"num_visits": ""}, []),
        ({"num_visits": "-1"}, []),
    ],
)
def test_a_column_that_tells_of_nothing_makes_nothing(values: dict[str, str], aside: list[str]) -> None:
    contact = compiled(COLUMNS)[0].contact(Record("17", values), NOW)
    assert (contact.activities, contact.counters) == ([], {})
    assert [name for name, _ in contact.aside] == aside


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[[activities]]\nevent = "a"\nkind = "demo_requst"',
            "activities.1.kind: unknown kind demo_requst; did you mean demo_request?",
        ),
        ('[[activities]]\nevent = "a"', "activities.1: has no kind"),
        ('[[activities]]\nevnt = "a"\nkind = "visit"', "activities.1.evnt: unknown key evnt; did you mean event?"),
        ('[[activities]]\nkind = "visit"\nevent = 3', "activities.1.event: expected a text or a list of texts"),
        (
            '[[activities]]\ncounter = "n"\nevent = "a"\nkind = "visit"',
            "activities.1.event: unknown key event; allowed: counter, kind, topic",
        ),
        (
            '[[activities]]\ncolumn = "n"\nkind = "visit"\nwhen = "a"',
            "activities.1: when and value_of belong together: the pattern, and the column it looks at",
        ),
        ('[[activities]]\ncolumn = ["n"]\nkind = "visit"', "activities.1.column: expected a column's name"),
        (
            '[[activities]]\ncolumn = "n"\nkind = "visit"\nzone = "Nowhere"',
            "activities.1.zone: unknown time zone Nowhere; allowed: names like Europe/Berlin or Asia/Tokyo",
        ),
        (
            '[[activities]]\nevent = "a"\nwhere = "b"\nkind = "visit"',
            "activities.1.where: expected a table: column = pattern",
        ),
        ('[event]\npersn = "a"', "event.persn: unknown key persn; did you mean person?"),
        ('[event]\npage = "a"\nurl = "b"', "event.url: page and url mean the same column; say one"),
        ('[event]\nat = { from = "a", formt = "b" }', "event.at.formt: unknown key formt; did you mean format?"),
        ('activities = "x"', "activities: expected [[activities]], a list of tables"),
    ],
)
def test_problems_name_their_place(text: str, problem: str) -> None:
    problems = compiled(text)[1]
    assert problem in problems


def test_an_entry_that_matches_everything_must_say_so() -> None:
    assert "matches every event" in compiled('[[activities]]\nkind = "visit"')[1][0]
    assert compiled('[[activities]]\nevent = "*"\nkind = "visit"')[1] == []


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("a*c", "ABBC", True),
        ("a?c", "abc", True),
        ("a?c", "abbc", False),
        ("[ab]x", "bx", True),
        ("[ab]x", "[AB]X", True),
        ("", "", True),
        ("*", "", True),
        ("a", "ab", False),
        ("デモ*", "ﾃﾞﾓのお申込", True),
    ],
)
def test_patterns(pattern: str, text: str, fits: bool) -> None:
    assert matcher([pattern])(text) is fits


def test_a_pattern_cannot_be_made_to_take_long() -> None:
    assert not matcher(["*a*a*a*a*a*a*b"])("a" * 5000)


def test_patterns_of_pages_look_behind_the_query() -> None:
    fits = url_matcher(["*/pricing"])
    assert fits("https://x.de/pricing/?utm=1#top")
    assert not fits("https://x.de/pricing/old")


def test_only_a_pattern_with_a_mark_is_more_than_itself() -> None:
    fits = matcher(["a.c", "X*"])
    assert [text for text in ("a.c", "A.C", "abc", "x1", "X", "?", "x") if fits(text)] == ["a.c", "A.C", "x1", "X", "x"]
    assert not matcher(["abc"])("abcd")


@pytest.mark.parametrize(
    ("pattern", "url", "fits"),
    [
        ("https://x.example/a", "https://x.example/a?b=1?c=2", True),
        ("https://x.example/a", "https://x.example/a?b=1#top", True),
        ("https://x.example/a", "https://x.example/a#top", True),
        ("https://x.example/a", "https://x.example/a///", True),
        ("https://x.example/aX", "https://x.example/aX", True),
        ("https://x.example/aX", "https://x.example/aX/?b", True),
        ("https://x.example/a b", "https://x.example/a%20b", True),
        ("https://x.example/a b", "https://x.example/a%20b?c=1", True),
        ("https://x.example/a b?c=1", "https://x.example/a%20b?c=1", True),
        ("https://x.example/a b", "https://x.example/a%20c", False),
        ("https://x.example/a", "https://x.example/b", False),
    ],
)
def test_an_address_is_known_with_and_without_what_follows_it(pattern: str, url: str, fits: bool) -> None:
    assert url_matcher([pattern])(url) is fits


def test_clocks_may_differ_by_a_day() -> None:
    assert event('[[activities]]\nevent = "*"\nkind = "page_view"', event="v", at="2026-12-08") is not None
