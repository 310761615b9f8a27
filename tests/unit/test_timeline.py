"""One time line of everything stored about a lead: points with what is left of them, folding, what is missing."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.insight import timeline_text
from connector.insight.entries import KINDS, Entry
from connector.insight.nearest import margin_told, to_json, told
from connector.insight.replayed import verdict
from connector.insight.timeline import Past, Timeline, timeline
from connector.locale import translator
from connector.model.activity import Activity
from connector.model.before_image import BeforeImage
from connector.model.consent import ConsentEvent
from connector.model.errors import Problems
from connector.model.handoff import Handoff, HandoffEvent
from connector.model.joining import Joining
from connector.model.lead import Lead, Link
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem
from connector.model.stages import Transition
from connector.steps.changes import Become, More, Moved, Touched, Without, key
from connector.steps.conditions.condition import Explained
from connector.steps.facts import build
from connector.steps.margin import Margin
from connector.steps.nearest import Nearest, Suggestion
from connector.steps.replaying import Decision, Replayed
from connector.steps.scoring.compiler import compile_criteria
from connector.steps.scoring.criteria import Criteria
from connector.steps.shares import Share, shares
from connector.steps.telling.words import Words

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LENA = "lena@northwind.example"
WORDS = Words("en", ZoneInfo("Europe/Berlin"), translator("en"), NOW)
LEAD = Lead(
    {"email": "ana@firm.example", "company.employees": 50, "opportunity.amount": 12000.0, "opportunity.stage": "Demo"},
    {"email": ("portal", (NOW - 20 * DAY).isoformat()), "opportunity.amount": ("crm", (NOW - DAY).isoformat()),
     "opportunity.stage": ("crm", (NOW - DAY).isoformat())},
    id=17, flow="b2b", created_at=NOW - 20 * DAY,
)  # fmt: skip


def did(kind: str, days: float, **more: Any) -> Activity:
    return Activity("portal", f"{kind}-{days}", "p", NOW - timedelta(days=days), kind, **more)


def criteria(**rules: Any) -> Criteria:
    problems = Problems()
    table = {"intent": rules, "gates": {"mql": {"score": "total", "at_least": 50}}}
    made = compile_criteria(table, path=(), problems=problems, lists=lambda _name: frozenset())
    assert not problems.found
    return made


PRICING = {"points": 10, "activity": "pricing_view", "each": True, "up_to": 20, "half_life": "14 days"}
DEMO = {"points": 25, "activity": "demo_request", "half_life": "30 days"}
SEVERAL = {"points": 8, "activity": ["visit", "chat"], "count": 2, "within": "30 days"}


def test_what_an_activity_gave_and_what_is_left_of_it() -> None:
    done = [did("pricing_view", 3), did("pricing_view", 2), did("pricing_view", 1), did("demo_request", 40),
            did("demo_request", 10), did("visit", 9), did("visit", 8)]  # fmt: skip
    found = shares(LEAD, done, criteria(Pricing=PRICING, Demo=DEMO, Several=SEVERAL), NOW)
    told = {at[1]: [(one.gave, one.left) for one in some] for at, some in found.items()}
    assert told == {
        "pricing_view-1": [(10, 10)],
        "pricing_view-2": [(10, 9)],
        "pricing_view-3": [(10, 1)],  # no more than twenty together
        "demo_request-10": [(25, 20)],
        "demo_request-40": [(25, 0)],  # only the latest counts
        "visit-9": [(0, 8)],
        "visit-8": [(8, 0)],
    }


_DONE = st.lists(
    st.builds(did, st.sampled_from(("pricing_view", "demo_request", "visit", "chat")), st.integers(0, 60)),
    max_size=9, unique_by=lambda one: one.source_id,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(_DONE)
def test_what_is_left_adds_up_to_what_each_rule_gives_now(done: list[Activity]) -> None:
    rules = criteria(Pricing=PRICING, Demo=DEMO, Several=SEVERAL)
    found = shares(LEAD, done, rules, NOW)
    for rule in ("Pricing", "Demo", "Several"):
        gives = sum(one.points for one in rules.score(build(LEAD, done, NOW)).contributions if one.rule == rule)
        assert sum(one.left for some in found.values() for one in some if one.rule == rule) == gives


def everything() -> Past:
    visits = [did("visit", 19), did("page_view", 18.9, url="/a"), did("page_view", 18.8, url="/b")]
    demo = did("demo_request", 5, campaign="fair")
    moved = Transition(17, "b2b", "known", "mql", NOW - 4 * DAY, "baton", "gate mql passed", "v1", 54, "B1", 3)
    decision = Decision(moved.at, "mql", moved.why, "b2b", "v1", 54, "B1")
    gates = {"mql": Explained("%(name)s", True, (), {"name": "asked"}), "mql_ends": Explained("never", False),
             "hot": Explained("never", False)}  # fmt: skip
    handoff = Handoff(
        17, "b2b", "mql", "closed", NOW - 4 * DAY, "v1", owner=LENA, opened_at=NOW - 4 * DAY, id=5, routed_by="rule 1",
        reason="unreachable", words="no answer", back_at=NOW + 9 * DAY,
    )  # fmt: skip
    happened = {
        5: [
            HandoffEvent(5, "contact:remind:50", "reminded", NOW - 3.9 * DAY, LENA, {"share": 0.5}),
            HandoffEvent(5, "contact:do:0", "told", NOW - 3.8 * DAY, LENA, {"do": "tell manager"}),
            HandoffEvent(5, "accepted", "accepted", NOW - 3.7 * DAY, LENA, {"seconds": 7200, "late": True}),
            HandoffEvent(5, "rated:2", "rated", NOW - 3.6 * DAY, LENA, {"rating": 2}),
            HandoffEvent(5, "rejected", "rejected", NOW - 3.5 * DAY, LENA, {"reason": "unreachable"}),
        ]
    }
    image = BeforeImage(
        3, "crm", "lead", "s-17", "00Q1", {"Status": "Open", "Rating": "Hot"}, {"Status": None}, False,
        NOW - 3 * DAY, 17, "b2b", id=8,
    )  # fmt: skip
    rows = [
        OutboxRow("crm", "once", "task", "t", "b", {}, 17, state="dead", reason="owner not known", sent_at=NOW, id=4),
        OutboxRow("portal", "state", "contact", "1", "c", {"a": 1}, 17, state="done", sent_at=NOW - 2 * DAY, id=6),
    ]
    return Past(
        [*visits, demo], {key(demo): (Share("Demo", 25, 20),)}, [moved],
        [Replayed(decision, "same", "mql", 54, "B1", gates=gates)], [handoff], [], happened, [image], rows,
        [Link("portal", "contact", "1", 17)],
        [Joining(17, 18, "person", "petra", NOW - 10 * DAY, id=2)],
        [ConsentEvent(17, "email", False, NOW - 2 * DAY, "portal", "unsubscribe")],
        [ReviewItem("notice", "k", "lead 17", "lacks", "city", 17, first_at=NOW - DAY, id=9)],
    )  # fmt: skip


def test_everything_stands_in_one_line_in_order() -> None:
    told = timeline(LEAD, everything(), WORDS)
    assert [(one.kind, one.what) for one in told.entries] == [
        ("first_seen", "first seen by Baton"),
        ("activity", "Visited the website"),
        ("activity", "Viewed a page: /a, /b ×2"),
        ("joining", "lead 18 has become this one (a person; joining 2)"),
        ("activity", "Asked for a demo"),
        ("stage", "known → MQL"),
        ("handoff", f"handed over to {LENA}"),
        ("follow_up", f"{LENA} was reminded: 50 % of the time is over"),
        ("follow_up", "overdue, and told: the manager"),
        ("follow_up", f"accepted by {LENA}"),
        ("follow_up", f"rated 2 of 5 by {LENA}"),
        ("follow_up", f"rejected by {LENA}"),
        ("write", "crm: lead record changed"),
        ("write", "portal: contact written"),
        ("consent", "portal: email: NO · they unsubscribed"),
        ("answer", "crm says: opportunity stage: Demo, opportunity amount: 12,000"),
        ("trouble", "waits in the fix queue: lacks"),
        ("trouble", "crm: task: refused"),
    ]
    assert [(one.at, one.what) for one in told.due] == [(NOW + 9 * DAY, "may come back")]
    assert {one.kind for one in (*told.entries, *told.due)} == KINDS.keys()


def more(told: Timeline, what: str) -> tuple[str, ...]:
    (found,) = [one.more for one in told.entries if one.what == what]
    return found


def test_below_each_entry_stands_why_and_what_it_was_before() -> None:
    told = timeline(LEAD, everything(), WORDS)
    assert more(told, "Asked for a demo") == ("+25 points: Demo; 20 left now", "campaign fair")
    assert more(told, "known → MQL") == (
        "the MQL gate is passed · 54 points, grade B1 · criteria v1",
        "for: asked",
        "passed: qualified (MQL) · not passed: hot",
    )
    assert more(told, "crm: lead record changed") == ("Status: (empty) → Open", "Rating: (not known) → Hot")
    assert more(told, f"accepted by {LENA}") == ("2 hours after the handoff · late",)
    assert more(told, f"rejected by {LENA}") == ("not reached · “no answer”",)


def test_a_decision_that_comes_out_otherwise_tells_no_gates() -> None:
    past = everything()
    told = timeline(LEAD, replace(past, replayed=[replace(past.replayed[0], result="differs")]), WORDS)
    assert more(told, "known → MQL") == ("the MQL gate is passed · 54 points, grade B1 · criteria v1",)


def test_whole_it_tells_one_by_one_and_no_row_is_lost() -> None:
    past = everything()
    short, whole = timeline(LEAD, past, WORDS), timeline(LEAD, past, WORDS, whole=True)
    assert [one.what for one in whole.entries if "page" in one.what] == ["Viewed a page: /a", "Viewed a page: /b"]
    for one in (short, whole):
        assert sorted(source for entry in one.entries for source in entry.sources if "activity" in source) == sorted(
            f"activity:portal:{activity.source_id}" for activity in past.activities
        )
    assert json.dumps(timeline_text.to_json(whole))


def test_days_are_those_of_the_reader() -> None:
    late = [
        Activity("portal", str(hour), "p", datetime(2026, 12, 1, hour, tzinfo=UTC), "visit") for hour in (10, 22, 23)
    ]
    counts = [one.count for one in timeline(LEAD, Past(late), WORDS).entries if one.kind == "activity"]
    tokyo = replace(WORDS, zone=ZoneInfo("Asia/Tokyo"))
    assert counts == [2, 1]  # in Berlin 23:00 UTC is the next day
    assert [one.count for one in timeline(LEAD, Past(late), tokyo).entries if one.kind == "activity"] == [1, 2]


def test_it_says_from_when_on_it_is_complete() -> None:
    cut = {"activities": NOW - 9 * DAY, "decisions": NOW - 5 * DAY}
    told = timeline(LEAD, Past(complete=cut, deleted=4), WORDS)
    assert told.complete == NOW - 5 * DAY
    assert told.gaps == (
        "activities before Sat 28 Nov 2026 were deleted: 4 of this lead, which still count",
        "moves and briefs before Wed 2 Dec 2026 were deleted",
    )
    assert timeline(LEAD, Past(complete={"activities": NOW}), WORDS).complete is None


def test_a_short_text_keeps_what_moved_the_lead_and_what_gave_points() -> None:
    many = [did("page_view", days, url="/x") for days in range(30, 60)]
    demo = did("demo_request", 70)
    moved = [Transition(17, "b2b", "known", "warm", NOW - 65 * DAY, "baton", "in the nurture band", "v1", 25, "", 1)]
    told = timeline(LEAD, Past([*many, demo], {key(demo): (Share("Demo", 25, 0),)}, moved), WORDS)
    lines = timeline_text.render(told, WORDS)
    assert lines[0] == "  … 20 more: --all shows them"
    assert any("Asked for a demo" in line for line in lines)
    assert any("known → warm" in line for line in lines)
    assert len(timeline_text.render(told, WORDS, whole=True)) > len(lines)


SUGGESTIONS: list[tuple[Any, str]] = [
    (More("visit", count=2), "2 more: Visited the website"),
    (More("download", topic="pricing", seconds=120), "1 more: Downloaded (topic pricing, lasting 2 min)"),
    (Become("job_level", "manager", "at_least", "manager"), "job level is at least Manager"),
    (Become("company.employees", 100, "at_least", 100), "employees is at least 100 (now: 50)"),
    (Become("country", "DE", "in", ("DE", "AT")), "country is one of DE, AT"),
    (Become("email", None, "blank", True), "email is blank (now: ana@firm.example)"),
    (Become("city", "-", "blank", False), "city has a value"),
    (Become("company.technologies", None, "has_none", ("sap", "erp")), "technologies used does not have sap, erp"),
    (Become("job_title", None, "unlike", "*student*"), "job title does not look like *student*"),
    (Touched("job_title"), "job title said anew"),
    (Without(("unsubscribe",), frozenset({("p", "1")})), "without this: Unsubscribed"),
    (Without(("bounce",), frozenset({("p", "1"), ("p", "2")})), "2 fewer: An email bounced"),
]


@pytest.mark.parametrize(("change", "text"), SUGGESTIONS, ids=[text for _, text in SUGGESTIONS])
def test_each_change_is_told_in_words(change: Any, text: str) -> None:
    found = Nearest((Suggestion((change,), NOW, 28),), 28)
    assert told(found, LEAD, WORDS) == [text]
    assert json.dumps(to_json(found, [text]))


def test_suggestions_say_until_when_and_with_how_many_points() -> None:
    both = Suggestion((More("visit", count=2), More("chat")), NOW, 55, NOW + 4 * DAY)
    moved = Moved(("p", "1"), "visit", NOW - DAY, NOW - 9 * DAY)
    lines = told(
        Nearest((both, Suggestion((moved,), NOW, 28, NOW - 8 * DAY), Suggestion((), NOW + DAY, 28)), 28), LEAD, WORDS
    )
    assert lines == [
        "2 more: Visited the website and 1 more: Chatted, before Fri 11 Dec 09:00 (55 points instead of 28)",
        "had this come before Sun 29 Nov 09:00 and not Sun 6 Dec 09:00: Visited the website",
        "nothing but time: by itself on Tue 8 Dec 09:00",
    ]
    assert told(Nearest((), 28), LEAD, WORDS) == ["no single change would have done, nor any two together"]
    assert told(Nearest((), 28, all_tried=False), LEAD, WORDS) == [
        "no single change would have done, nor any of the pairs that were tried"
    ]


def test_the_margin_is_told_in_words() -> None:
    found = Margin(54, {"total": 12, "intent": 0}, ("visit", "chat"), ("company.employees",), ("demo_request",))
    assert list(margin_told(found, LEAD, WORDS)) == [
        "would have passed with 12 points fewer (total)",
        "to the point: with one point fewer it would not have passed (intent)",
        "enough without anything else they did: Asked for a demo",
        "would not have passed without: Visited the website, Chatted, employees: 50",
    ]


def test_what_came_of_a_decision_is_told_in_words() -> None:
    decision = Decision(NOW, "mql", "gate mql passed", "b2b", "v1", 54, "B1", hot=True)
    same = Replayed(decision, "same", "mql", 54, "B1", late=2, older=("job_title",))
    assert verdict(same, WORDS) == (
        "same · without the 2 activities that were read only after it · with the words of then: job title"
    )
    differs = Replayed(decision, "differs", "warm", 40, "C1", differing=("stage", "total", "grade", "hot", "ended"))
    assert verdict(differs, WORDS) == (
        "differs: warm instead of MQL, 40 points instead of 54, grade C1 instead of B1, hot then and not now, "
        "the gate that takes an MQL back is not passed"
    )
    doubts = (("deleted", NOW.isoformat()), ("overwritten", "job_title, country"), ("joined", "18"), ("account", ""))
    unknown = replace(differs, result="unknown", doubts=doubts)  # type: ignore[arg-type]
    assert verdict(unknown, WORDS) == (
        "cannot be replayed, because: activities before Mon 7 Dec 09:00 were deleted; said anew since: job title, "
        "country; made one with lead 18 since, or taken apart from it; what was known of the account then is not kept"
    )


def test_an_entry_is_data() -> None:
    entry = Entry(NOW, "stage", "known → MQL", ("why",), {"to": "mql"}, ("transition:1",))
    assert timeline_text.to_json(Timeline((entry,)))["entries"] == [
        {"at": "2026-12-07T08:00:00+00:00", "kind": "stage", "what": "known → MQL", "more": ["why"], "count": 1,
         "values": {"to": "mql"}, "sources": ["transition:1"]}
    ]  # fmt: skip
