"""The story of one lead, and why it is not with a rep."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.insight.text import render, to_json
from connector.insight.timeline import Past
from connector.insight.why import Story, story
from connector.locale import translator
from connector.model import sentences
from connector.model.activity import Activity
from connector.model.errors import Problems
from connector.model.handoff import BY_PLAN, Handoff, HandoffEvent, HandoffState, Turn
from connector.model.lead import Lead, Link
from connector.model.outbox import OutboxRow
from connector.model.ports import ReviewItem
from connector.model.stages import Transition
from connector.steps.facts import build
from connector.steps.scoring.compiler import compile_criteria
from connector.steps.scoring.criteria import Criteria
from connector.steps.scoring.defaults import shipped
from connector.steps.telling.words import Words

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
LENA = "lena@northwind.example"


def words(language: str = "en") -> Words:
    return Words(language, ZoneInfo("Asia/Tokyo" if language == "ja" else "Europe/Berlin"), translator(language), NOW)


def criteria(**gates: Any) -> Criteria:
    problems = Problems()
    table = shipped()
    table["gates"].update(gates)
    compiled = compile_criteria(table, path=(), problems=problems, lists=lambda _name: frozenset())
    assert not problems.found
    return compiled


def did(kind: str, days: float, **more: Any) -> Activity:
    return Activity("hubspot", f"{kind}-{days}", "p", NOW - timedelta(days=days), kind, **more)


DID = [
    did("visit", 20),
    did("visit", 18),
    did("download", 15, asset="Acme", topic="case-study"),
    did("pricing_view", 3),
]


def lead(**changes: Any) -> Lead:
    found = Lead(
        {"name.full": "Ana Müller", "company.name": "Beispiel AG", "email": "ana@beispiel.example",
         "company.employees": 50, "job_level": "director", "country": "DE"},
        {"country": ("hubspot", "2026-12-04T08:00:00.123456+00:00"), "city": ("hubspot", "2026-12-05T08:00:00+00:00")},
        {"country": "kept as given"}, id=17, flow="b2b", created_at=NOW - timedelta(days=21),
    )  # fmt: skip
    for name, value in changes.items():
        setattr(found, name, value)
    return found


def tell(
    of: Lead, activities: list[Activity] = DID, language: str = "en", rules: Criteria | None = None, **more: Any
) -> Story:
    rules = rules or criteria()
    facts = build(of, activities, NOW)
    of.score = facts.score = rules.score(facts)
    stored = {one.name for one in dataclasses.fields(Past)}
    past = Past(activities, **{name: more.pop(name) for name in list(more) if name in stored})
    return story(of, past, words=words(language), criteria=rules, facts=facts, **more)


def block(lines: list[str], title: str) -> list[str]:
    start = lines.index(title) + 1
    end = next((place for place in range(start, len(lines)) if not lines[place]), len(lines))
    return lines[start:end]


def test_the_points_are_told_rule_by_rule_and_add_up() -> None:
    told = tell(lead())
    assert block(render(told), "Score") == [
        "  +15  Director or above  fit · job level: Director",
        "   +4  Case study read    engagement · Downloaded, Sun 22 Nov 09:00 · +5 at full strength",
        "   +9  Pricing page seen  intent · Viewed the pricing page, Fri 4 Dec 09:00 · +10 at full strength",
        "   28  in all",
    ]
    assert told.lead.score is not None
    assert sum(one.points for one in told.points) == told.lead.score.total


def test_who_is_below_the_line_learns_what_is_lacking() -> None:
    assert tell(lead()).why_not == (
        "not an MQL, for it lacks: Asked for a demo within 30 days (here: 0)",
        "… or: employees is at least 100 (here: 50); either Downloaded at least 2 times within 90 days "
        "(here: 1, Sun 22 Nov) or Visited the website at least 3 times within 30 days (here: 2, Thu 19 Nov); "
        "22 points short (28 of 50)",
    )


def test_a_veto_is_named() -> None:
    barred = {"any": ["asked"], "not": {"field": "country", "is": "DE"}}
    told = tell(lead(), [did("demo_request", 1)], rules=criteria(mql=barred))
    assert told.why_not == ("not an MQL, for it lacks: barred by: country is DE",)


def test_missing_fields_and_no_flow_are_reasons_too() -> None:
    item = ReviewItem("missing_fields", "lead-17", "lead 17", "lacks", "city, company.name", 17)
    others = ReviewItem("missing_fields", "lead-18", "lead 18", "lacks", "city", 18)
    told = tell(lead(), [did("demo_request", 1)], reviews=[item, others])
    assert told.why_not == ("over the line, but lacks: city, company",)
    assert "no flow takes this lead" in tell(lead(flow="")).why_not


def handoff(state: HandoffState, **more: Any) -> Handoff:
    return Handoff(17, "b2b", "mql", state, NOW, "v1", id=5, **more)


def test_what_became_of_a_handoff_stands_in_the_story_in_order() -> None:
    tom, hour = "tom@northwind.example", timedelta(hours=1)
    given = handoff("open", owner=tom, opened_at=NOW - 9 * hour, routed_by="given on from lena (…); turn of tom")
    happened = [
        HandoffEvent(5, "opened", "opened", NOW - 9 * hour, LENA),
        HandoffEvent(5, "contact:remind:50", "reminded", NOW - 8 * hour, LENA, {"share": 0.5}),
        HandoffEvent(5, "contact:remind:80", "reminded", NOW - 8 * hour, LENA, {"share": 0.8, "told": False}),
        HandoffEvent(5, "contact:breach", "breached", NOW - 7 * hour, LENA),
        HandoffEvent(5, "reassigned:1", "reassigned", NOW - 6 * hour, "", {"from": LENA, "to": tom, "why": "away"}),
        HandoffEvent(5, "contact", "contacted", NOW - 5 * hour, tom),
    ]
    told = tell(lead(stage="mql"), [], handoffs=[given], happened={5: happened})
    assert [(one.what, one.more) for one in told.timeline.entries[1:]] == [
        (f"handed over to {LENA}", ()),
        (f"{LENA} was reminded: 50 % of the time is over", ()),
        (f"overdue with {LENA}", ()),
        (f"given to {tom} instead of {LENA}", ("given on from lena (…); turn of tom",)),
        (f"first contact by {tom}", ()),
    ]


def test_a_handoff_that_waits_says_for_what() -> None:
    nobody = handoff("nobody", routed_by="rule 1: everyone → sdr: 1 away, 0 at their limit")
    told = tell(lead(stage="mql"), handoffs=[nobody])
    assert told.why_not == ("nobody there to take it (rule 1: everyone → sdr: 1 away, 0 at their limit)",)
    assert tell(lead(stage="mql"), handoffs=[handoff("review")]).why_not == ("waits for a person to release it",)
    assert tell(lead(stage="mql")).why_not == ("over the line, but there is no handoff yet",)


def test_writes_that_are_stuck_stand_in_the_way_and_written_ones_do_not() -> None:
    rows = [
        OutboxRow("desk", "state", "lead", "k", "a", {}, 17, state="done", sent_at=NOW, crm_id="12"),
        OutboxRow("desk", "once", "task", "t", "b", {}, 17, state="dead", reason="owner not known", sent_at=NOW),
        OutboxRow("desk", "state", "lead", "k", "a", {}, 17, state="superseded", sent_at=NOW),
    ]
    told = tell(lead(stage="mql"), handoffs=[handoff("open", owner=LENA, opened_at=NOW)], rows=rows)
    assert told.why_not == ("desk: task: refused (owner not known)",)
    assert block(render(told), "Written outside") == [
        "  Mon 7 Dec 09:00  desk  lead record  written  12",
        "  Mon 7 Dec 09:00  desk  task         refused  owner not known",
    ]


def test_what_happened_goes_from_first_sight_to_the_handoff() -> None:
    turn = Turn(5, "sdr-dach", LENA, NOW, "rule 2", 11, f"{LENA}=2:1/3 tom@x.example=1 ines@x.example=0:-1/3")
    opened = handoff("open", owner=LENA, opened_at=NOW, due_at=NOW + timedelta(hours=4), routed_by="rule 2: …")
    moved = Transition(17, "b2b", "known", "mql", NOW, "baton", "gate mql passed", "v1", 54, "B1")
    told = tell(lead(stage="mql"), transitions=[moved], handoffs=[opened], turns=[turn])
    assert block(render(told), "What happened") == [
        "  Mon 16 Nov 09:00  first seen by Baton",
        "                    from hubspot",
        "  Tue 17 Nov 09:00  Visited the website",
        "  Thu 19 Nov 09:00  Visited the website",
        "  Sun 22 Nov 09:00  Downloaded: Acme (case-study)",
        "  Fri 4 Dec 09:00   Viewed the pricing page",
        "  Mon 7 Dec 09:00   known → MQL",
        "                    the MQL gate is passed · 54 points, grade B1 · criteria v1",
        f"  Mon 7 Dec 09:00   handed over to {LENA}",
        "                    rule 2: …",
        "                    turn 12 of sdr-dach; before it: lena@northwind.example weight 2 owed 1/3,",
        "                    tom@x.example weight 1, ines@x.example not available",
        "                    first contact due Mon 7 Dec 13:00",
        "  still to come:",
        f"  Mon 7 Dec 13:00  first contact due from {LENA}",
    ]


def test_a_move_by_a_person_names_them() -> None:
    moved = Transition(17, "b2b", "mql", "rejected", NOW, "petra", "wrong_fit")
    lines = render(tell(lead(stage="rejected"), transitions=[moved]))
    assert "                    wrong_fit · by petra" in lines
    assert "rejected by a person" in tell(lead(stage="rejected")).why_not


@pytest.mark.parametrize(
    ("language", "by_plan", "back"),
    [("en", "released by a plan", "taken back (run 4)"), ("ja", "計画の適用により引き継ぎ", "取り消し済み（処理 4）")],
)
def test_a_plan_that_let_it_go_and_a_run_taken_back_are_told(language: str, by_plan: str, back: str) -> None:
    given = handoff("open", opened_at=NOW, released_by=BY_PLAN)
    moved = [Transition(17, "b2b", "mql", "rejected", NOW, "baton", "taken back (run 4)")]
    happened = render(tell(lead(), language=language, handoffs=[given], transitions=moved))
    assert any(line.strip() == by_plan for line in happened)
    assert any(line.strip() == back for line in happened)


def test_whoever_is_out_of_reach_is_said_to_be_so_once() -> None:
    waits = handoff("suppressed", routed_by="opted out of every way to reach them (email: crm, 2026-12-01)")
    assert "opted out of every way to reach them (email: crm, 2026-12-01)" in tell(lead(), handoffs=[waits]).why_not


def test_old_activities_are_counted_and_not_listed_unless_all_is_asked_for() -> None:
    many = [did("page_view", days, url=f"/{days}") for days in range(300)]
    told = tell(lead(), many)
    assert len(told.timeline.entries) == 301
    short = block(render(told, whole=False), "What happened")
    assert short[0] == "  … 287 more: --all shows them"
    assert len(short) < 22
    assert len([line for line in render(told) if "Viewed a page" in line]) == 300


def test_each_field_says_who_said_so() -> None:
    assert block(render(tell(lead())), "Who said so") == [
        "  name       Ana Müller",
        "  email      ana@beispiel.example",
        "  job level  Director",
        "  country    Germany               hubspot · Fri 4 Dec 09:00 · kept as given",
        "  city       (cleared)             hubspot · Sat 5 Dec 09:00",
        "  company    Beispiel AG",
        "  employees  50",
    ]


def test_the_gates_show_what_passed_and_what_did_not() -> None:
    lines = block(render(tell(lead())), "Gates")
    assert lines[:4] == [
        "  ✗ qualified (MQL)",
        "    ✗  at least one of these",
        "      ✗  asked",
        "        ✗  Asked for a demo within 30 days (here: 0)",
    ]
    assert "            ✓  job level is at least Manager (here: Director)" in lines


def test_the_story_is_told_in_japanese() -> None:
    lines = render(tell(lead(), language="ja"))
    assert "  ステージ  登録済み" in lines
    assert "  -  MQLになるには次が不足: 30日以内に「デモを依頼」（実際: 0）" in lines
    assert not any("Downloaded" in line or "points" in line for line in lines)


def test_nobody_reads_codes_or_fractions_of_seconds() -> None:
    text = "\n".join(render(tell(lead(), links=[Link("hubspot", "contact", "4711", 17)])))
    assert "hubspot contact 4711" in text
    assert "+00:00" not in text
    assert "{" not in text


def test_a_lead_of_which_little_is_known_is_told_without_gaps() -> None:
    told = story(Lead({"email": "x@y.example"}, id=3), Past(), words=words())
    assert render(told)[:3] == ["x@y.example", "  lead   3 · x@y.example", "  stage  known"]
    assert "  score  not scored" in render(told)


def test_an_address_that_is_none_is_marked_where_the_lead_is_named() -> None:
    told = story(Lead({"email": "ana at home"}, flags={"email": sentences.NO_ADDRESS}, id=3), Past(), words=words("ja"))
    assert render(told)[1] == "  リード    3 · ana at home (メールアドレスではない)"


def test_json_holds_the_same_story_in_plain_values() -> None:
    document = json.loads(json.dumps(to_json(tell(lead(stage="mql"), handoffs=[handoff("review")]))))
    assert document["lead"] == 17
    assert document["score"]["total"] == sum(one["points"] for one in document["points"])
    assert document["gates"]["mql"]["passed"] is False
    assert document["fields"]["country"] == {
        "value": "DE", "by": "hubspot", "at": "2026-12-04T08:00:00.123456+00:00", "flag": "kept as given",
    }  # fmt: skip
    assert document["timeline"]["entries"][-1]["at"] == "2026-12-07T08:00:00+00:00"
