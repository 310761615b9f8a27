"""The picture that a run ends with."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.insight.summary import Outcome, bar, summary
from connector.locale import translator
from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.ports import ReviewItem
from connector.steps.telling.words import Words

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
COUNTS = {
    "contacts read": 312, "activities read": 1204, "new leads": 298, "same person": 5, "set aside": 9,
    "activities": 1190, "activities of no kind": 14, "scored": 298, "mql": 23, "warm": 40, "handed over": 20,
    "missing fields": 2, "for another day": 3,
}  # fmt: skip


def words(language: str = "en") -> Words:
    return Words(language, ZoneInfo("Europe/Berlin"), translator(language), NOW)


def handed(number: int, owner: str, hours: int, *, hot: bool = False) -> tuple[Lead, Handoff]:
    lead = Lead({"name.full": f"Person {number}", "company.name": "Beispiel AG"}, id=number)
    due = NOW + timedelta(hours=hours)
    return lead, Handoff(
        number, "b2b", "mql", "open", NOW, "v", hot, 60 + number, "A2", owner, opened_at=NOW, due_at=due
    )


def aside(where: str, reason: str, field: str = "") -> ReviewItem:
    return ReviewItem("set_aside", where, where, reason, field)


OUTCOME = Outcome(
    COUNTS,
    {("b2b", "known"): 200, ("b2c", "known"): 35, ("b2b", "mql"): 23, ("b2b", "warm"): 40},
    [aside("leads.csv:12", "no id"), aside("leads.csv:40", "no id"), aside("leads.csv:7", "not a date", "consent.at")],
    [handed(1, "lena@x.example", 4), handed(2, "tom@x.example", 1, hot=True), handed(3, "lena@x.example", 4)],
    {("b2b", "open"): 20, ("b2b", "waiting"): 3},
)


def test_the_picture() -> None:
    assert summary(OUTCOME, words(), columns=100) == [
        "This run",
        "  pulled         312  ████████████████  298 new leads · 5 of a person known already",
        "  activities   1,204                    1,190 new · 14 that no mapping entry matched",
        "  set aside        9  ▌",
        "  scored         298  ███████████████▌  40 became warm",
        "  qualified       23  █                 2 more lack required fields",
        "  handed over     20  █                 3 wait for another day",
        "",
        "Set aside, and why",
        "  2  leads.csv:12  no id",
        "  1  leads.csv:7   consent given on: not a date",
        "",
        "Where the leads stand",
        "  known  235  ████████████████",
        "  warm    40  ██▌",
        "  MQL     23  █▌                waits for its turn, best first (3)",
        "",
        "With whom",
        "  lena  2  ████████████████  first due Mon 7 Dec 13:00",
        "  tom   1  ████████          1 hot · first due Mon 7 Dec 10:00",
        "",
        "Next to be called",
        "  Mon 7 Dec 10:00  tom   A2  62  HOT  Person 2 · Beispiel AG",
        "  Mon 7 Dec 13:00  lena  A2  63       Person 3 · Beispiel AG",
        "  Mon 7 Dec 13:00  lena  A2  61       Person 1 · Beispiel AG",
    ]


def test_a_run_without_news_says_so() -> None:
    assert summary(Outcome({"contacts read": 0}, {}), words()) == ["This run", "  nothing new"]


def test_long_lists_are_cut_and_the_rest_is_counted() -> None:
    outcome = Outcome(
        COUNTS, {}, [aside(f"a.csv:{n}", f"reason {n}") for n in range(5)], [handed(n, "a@x", n) for n in range(5)]
    )
    lines = summary(outcome, words(), longest=2)
    assert "  and 3 other reasons: baton errors" in lines
    assert "  and 3 more" in lines


def test_the_picture_is_drawn_in_japanese() -> None:
    lines = summary(OUTCOME, words("ja"), columns=100)
    assert lines[1] == "  取り込み        312  ████████████████  新規リード298件 · 登録済みの人5件"
    assert "  12月7日(月) 10:00  tom   A2  62  ホット  Person 2 · Beispiel AG" in lines


@pytest.mark.parametrize(
    ("part", "whole", "drawn"),
    [(0, 10, ""), (1, 1000, "▌"), (10, 10, "████"), (20, 10, "████"), (5, 8, "██▌"), (3, 0, "")],
)
def test_a_bar_is_in_proportion_and_never_empty_for_something(part: int, whole: int, drawn: str) -> None:
    assert bar(part, whole, 4) == drawn
