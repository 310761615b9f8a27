"""What a rep reads before the phone is answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connector.locale import translator
from connector.model.activity import Activity
from connector.model.content import Content
from connector.model.fields import Value
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.score import Contribution, Score
from connector.steps.content import Library
from connector.steps.telling.brief import brief, top_reasons

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
SCORE = Score(
    NOW, "v1", 15, 4, 25, 41, "C1",
    (
        Contribution("Director or above", "fit", 15, "job_level=director", 15),
        Contribution("Case study read", "engagement", 4, "download x 1, latest 2026-11-22T08:00:00+00:00", 5),
        Contribution("Asked for a demo", "intent", 25, "demo_request x 1, latest 2026-12-07T08:00:00+00:00", 25),
        Contribution("cap: intent", "intent", -3, "at_most=22", -3),
    ),
)  # fmt: skip
ROUTED = "rule 2: country is one of DE, AT, CH → sdr-dach; turn of lena@northwind.example, 7 of the team's 12"
HANDOFF = Handoff(
    17, "b2b", "mql", "open", NOW, "v1", True, 41, "C1", "lena@northwind.example", "sdr-dach", ROUTED, NOW,
    NOW + timedelta(hours=4),
)  # fmt: skip
ANA: dict[str, Value] = {
    "name.full": "Ana Müller", "email": "ana@beispiel.de", "phone": "+49301234567", "phone_extension": "12",
    "job_title": "Head of IT", "job_level": "director", "company.name": "Beispiel AG", "company.domain": "beispiel.de",
    "company.employees": 1650, "country": "DE", "consent.email": True, "consent.phone": False,
    "consent.source": "web form", "source": "organic", "medium": "google", "first.source": "referral",
    "budget": "50k",
}  # fmt: skip


def did(kind: str, days: float, **more: Any) -> Activity:
    return Activity("m", f"{kind}-{days}", "p", NOW - timedelta(days=days), kind, **more)


DID = [
    did("visit", 20),
    did("visit", 18),
    did("download", 15, asset="How Acme cut costs", topic="case-study"),
    did("pricing_view", 3, seconds=60),
    did("pricing_view", 2, seconds=130),
    did("demo_request", 0, answers={"Timeline": "this\n quarter", "Tool": " "}, campaign="winter"),
]


def told(
    fields: Mapping[str, Value], activities: list[Activity] = DID, language: str = "en", score: Score | None = SCORE
) -> str:
    zone = ZoneInfo("Asia/Tokyo" if language == "ja" else "Europe/Berlin")
    return brief(
        Lead(dict(fields), id=17), score, activities,
        handoff=HANDOFF, language=language, translate=translator(language), now=NOW, zone=zone,
    )  # fmt: skip


def test_the_brief_as_a_rep_reads_it() -> None:
    assert told(ANA).splitlines() == [
        "CALLS: NO. By mail only.",
        "Ana Müller · Beispiel AG",
        "Head of IT · Director",
        "Company: 1,650 employees · Germany · beispiel.de",
        "HOT · MQL · C1 · 41 points (fit 15, engagement 4, intent 25) · first contact due Mon 7 Dec 13:00",
        "",
        "Why now",
        "  +25  Asked for a demo  (Mon 7 Dec 09:00)",
        "  +15  Director or above  (job level: Director)",
        "  +4   Case study read  (Downloaded, Sun 22 Nov 09:00)",
        "",
        "What they did, oldest first",
        "  Tue 17 Nov – Thu 19 Nov  Visited the website ×2",
        "  Sun 22 Nov  Downloaded: How Acme cut costs (case-study)",
        "  Fri 4 Dec – Sat 5 Dec  Viewed the pricing page ×2 (3 min)",
        "  Mon 7 Dec  Asked for a demo",
        "",
        "Already answered: do not ask again",
        "  budget: 50k",
        "  Timeline: this quarter",
        "",
        "Reach: ana@beispiel.de",
        "Consent: email yes · calls NO · web form",
        "Came from: organic / google · campaign winter · at first referral",
        f"Owner: lena@northwind.example · {ROUTED}",
    ]


def test_a_japanese_name_has_its_reading_and_sama() -> None:
    person = {"name.family": "佐藤", "name.given": "花子", "name.reading": "サトウ ハナコ", "country": "JP"}
    lines = told(person, language="ja").splitlines()
    assert lines[0] == "佐藤 花子（サトウ ハナコ）様"
    assert "12月7日(月)" in "\n".join(lines)
    assert "日本" in "\n".join(lines)


def test_a_form_of_address_goes_where_it_belongs() -> None:
    assert told({"name.full": "Ana Müller", "honorific": "Dr."}).startswith("Dr. Ana Müller")
    assert told({"name.full": "佐藤 花子", "honorific": "先生"}, language="ja").startswith("佐藤 花子 先生")
    assert told({"name.full": "佐藤 花子", "honorific": "様"}).startswith("佐藤 花子\n")


def test_what_is_not_known_is_left_out() -> None:
    lines = told({"email": "x@y.example"}, [], score=None).splitlines()
    assert lines == [
        "x@y.example",
        "HOT · MQL · first contact due Mon 7 Dec 13:00",
        "",
        "Reach: x@y.example",
        f"Owner: lena@northwind.example · {ROUTED}",
    ]


def test_where_a_private_person_lives_is_no_company() -> None:
    assert "Place: Germany · Bonn" in told({"name.full": "Ana Müller", "country": "DE", "city": "Bonn"})
    assert "Company: Germany · Bonn" in told({"company.domain": "beispiel.de", "country": "DE", "city": "Bonn"})


def test_an_objection_to_any_contact_stands_out() -> None:
    assert "Consent: NONE: no contact of any kind" in told({"consent.all": False})


def test_only_the_latest_ten_deeds_are_told_however_many_there_are() -> None:
    many = [did("page_view", days, url=f"https://x.example/{days}?utm=1") for days in range(300)]
    lines = told(ANA, many).splitlines()
    assert "What they did, oldest first (the latest 10)" in lines
    assert sum("Viewed a page" in line for line in lines) == 10
    assert "  Mon 7 Dec  Viewed a page: /0" in lines
    assert len(lines) < 35


def test_the_order_of_activities_does_not_matter() -> None:
    assert told(ANA, DID[::-1]) == told(ANA)


def test_a_later_answer_takes_the_place_of_an_earlier_one() -> None:
    answers = [did("form_submit", 9, answers={"Timeline": "next year"}), *DID]
    assert "next year" not in told(ANA, answers)


def test_top_reasons_are_the_rules_with_most_points() -> None:
    assert top_reasons(SCORE, 2) == "Asked for a demo +25, Director or above +15"
    assert top_reasons(None) == ""


def test_what_became_of_earlier_handoffs_is_told_the_latest_last_and_at_most_three() -> None:
    past = [
        Handoff(
            17, "b2b", "mql", "closed", NOW, "v1", owner=f"rep{n}@northwind.example", opened_at=NOW - timedelta(days=n),
            closed_at=NOW - timedelta(days=n), reason="not_now", words="Budget  in\nJuly", rating=4, id=n,
        )
        for n in (400, 90, 60, 30)
    ]  # fmt: skip
    withdrawn = Handoff(17, "b2b", "mql", "closed", NOW, "v1", id=5)
    text = brief(
        Lead(dict(ANA), id=17), SCORE, [], handoff=HANDOFF, language="en", translate=str, now=NOW,
        zone=ZoneInfo("Europe/Berlin"), earlier=[*past, withdrawn, HANDOFF],
    )  # fmt: skip
    assert text.split("\n\n")[2].splitlines() == [
        "Spoken to before",
        '  Tue 8 Sep · rep90@northwind.example · rejected: not now · "Budget in July" · rated 4 of 5',
        '  Thu 8 Oct · rep60@northwind.example · rejected: not now · "Budget in July" · rated 4 of 5',
        '  Sat 7 Nov · rep30@northwind.example · rejected: not now · "Budget in July" · rated 4 of 5',
    ]


def test_what_to_send_next_stands_before_how_to_reach_them() -> None:
    there = Library((Content("Acme, two years on", "https://northwind.example/acme-2", "case-study", kind="paper"),))
    text = brief(
        Lead(dict(ANA), id=17), SCORE, DID, handoff=HANDOFF, language="en", translate=str, now=NOW,
        zone=ZoneInfo("Europe/Berlin"), library=there,
    )  # fmt: skip
    assert text.split("\n\n")[-2].splitlines() == [
        "To send next, not seen yet",
        "  Acme, two years on · paper · https://northwind.example/acme-2",
    ]
