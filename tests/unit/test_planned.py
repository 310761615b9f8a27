"""A plan as people read it, and how many calls it takes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.insight.plan_html import MOST, page_of
from connector.insight.planned import counts_of, groups_said, lines_of
from connector.locale import translator
from connector.model.plans import Cost, Plan, PlannedField, PlannedRow
from connector.steps.call_count import Sent, calls
from connector.steps.planned import Wish, held_against
from connector.steps.telling.words import Words

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
EN = Words("en", ZoneInfo("Europe/Berlin"), str, NOW)
JA = Words("ja", ZoneInfo("Asia/Tokyo"), translator("ja"), NOW)
EVIL = "<script>alert('x')</script> & \"co\""


def row(number: int, action: Any, *fields: PlannedField, **more: Any) -> PlannedRow:
    said = {"who": f"Person {number}", "grade": "B2", "total": 50, "owner": "lena@x.example", **more}
    return PlannedRow(number, action, "sf", "lead", f"k-{number}", number, "b2b", fields=fields, **said)


ROWS = (
    row(1, "create", PlannedField("Email", None, "ana@x.example"), also=("task", "note"), hot=True, reason="rule 1"),
    row(
        2,
        "update",
        PlannedField("Title", "IT", "CTO"),
        PlannedField("Phone", None, "+49 30", known=False),
        crm_id="00Q2",
    ),
    row(3, "update", PlannedField("Title", "IT", "CTO"), crm_id="00Q3", left_out=(("Rating", "no such choice"),)),
    row(4, "conflict", PlannedField("Title", "Boss", "CTO"), kind="somebody has changed it since it was last read"),
    row(5, "unknown", PlannedField("Title", None, "CTO", known=False), kind="sf could not be asked"),
    row(6, "skip", kind="nothing to change"),
)
PLAN = Plan("line", "abc", NOW, ROWS, cost={"sf": Cost({"lead create": 1, "lead update": 2}, 0.0, 0.012)})


def test_groups_come_first_then_record_by_record() -> None:
    assert lines_of(PLAN, EN) == [
        "In all",
        "  1  create    sf · lead record · task 1 · note 1",
        "  2  update    sf · lead record · Title 2, Phone 1",
        "  1  skip      sf · lead record · nothing to change",
        "  1  conflict  sf · lead record · somebody has changed it since it was last read · Title 1",
        "  1  unknown   sf · lead record · sf could not be asked · Title 1",
        "",
        "What it would cost",
        "  sf  3 calls (lead create 1, lead update 2) · waiting for its limits: 0 s · of what is left of the",
        "      day's calls: 1.2%",
        "",
        "create (1)",
        "  Person 1 · HOT · B2 · 50 · lena@x.example · sf lead record",
        "      rule 1",
        "      Email  ana@x.example",
        "      with: task, note",
        "",
        "update (2)",
        "  Person 2 · B2 · 50 · lena@x.example · sf lead record 00Q2",
        "      Title  IT → CTO",
        "      Phone  (unknown) → +49 30",
        "  Person 3 · B2 · 50 · lena@x.example · sf lead record 00Q3",
        "      Title  IT → CTO",
        "      Rating is left out: no such choice",
        "",
        "conflict (1)",
        "  Person 4 · B2 · 50 · lena@x.example · sf lead record",
        "      Title  Boss → CTO",
        "",
        "unknown (1)",
        "  Person 5 · B2 · 50 · lena@x.example · sf lead record",
        "      Title  (unknown) → CTO",
    ]


def test_of_many_only_some_are_listed_and_all_when_asked_for() -> None:
    many = replace(PLAN, rows=tuple(replace(ROWS[1], number=number, lead_id=number) for number in range(1, 40)))
    lines = lines_of(many, EN, longest=3)
    assert "  and 36 more; baton plan --all lists them" in lines
    assert sum("Person" in line for line in lines) == 3
    assert sum("Person" in line for line in lines_of(replace(many, rows=ROWS), EN, longest=None)) == len(ROWS)


def test_what_cannot_be_told_says_so() -> None:
    lines = lines_of(replace(PLAN, cost={"sf": Cost()}), EN)
    assert "  sf  waiting for its limits: cannot be told · of what is left of the day's calls: cannot be told" in lines


def test_calls_are_told_in_the_readers_language() -> None:
    cost = {"sf": Cost({"ask records": 1, "lead create": 2, "member b2b join": 1}, 0.0, 0.012)}
    (line,) = (line for line in lines_of(replace(PLAN, cost=cost), JA, columns=200) if line.startswith("  sf  "))
    assert line.startswith("  sf  呼び出し4回（レコードの照会 1、リードの作成 2、member b2b join 1）")


def test_an_empty_plan_says_so() -> None:
    assert lines_of(Plan("line", "abc", NOW, ()), EN) == ["Nothing to do."]


def test_counts_and_groups_as_json() -> None:
    assert counts_of(ROWS) == {"create": 1, "update": 2, "skip": 1, "conflict": 1, "unknown": 1}
    (first, *_) = groups_said(ROWS)
    assert first == {
        "action": "create", "target": "sf", "object": "lead", "kind": "", "count": 1, "fields": {"Email": 1},
        "also": {"task": 1, "note": 1},
    }  # fmt: skip


class Seen(HTMLParser):
    """The tags of a page and its text; complains of a tag that is not closed in its turn."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: Counter[str] = Counter()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        assert not [name for name, _ in attrs if name.startswith("on") or name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(page: str) -> Seen:
    found = Seen()
    found.feed(page)
    found.close()
    assert found.open == []
    return found


def test_the_page_is_one_file_that_runs_nothing_and_escapes_everything() -> None:
    evil = replace(
        ROWS[0], who=EVIL, reason=EVIL, kind=EVIL, owner=EVIL, target=EVIL, crm_id=EVIL, also=(EVIL,),
        left_out=((EVIL, EVIL),), fields=(PlannedField(EVIL, EVIL, EVIL),),
    )  # fmt: skip
    page = page_of(replace(PLAN, rows=(evil,), flow=EVIL, cost={EVIL: Cost({EVIL: 1})}), EN)
    assert "<script" not in page
    found = seen(page)
    assert found.tags["script"] == found.tags["link"] == found.tags["img"] == 0
    assert found.text.count("alert('x')") >= 10
    assert "default-src 'none'" in page


def test_the_page_has_groups_and_records_in_both_languages() -> None:
    found = seen(page_of(PLAN, EN))
    assert found.tags["details"] == 5
    assert "Phone(unknown) → +49 30" in found.text
    ja = page_of(PLAN, Words("ja", ZoneInfo("Asia/Tokyo"), translator("ja"), NOW))
    assert '<html lang="ja">' in ja
    assert "作成" in seen(ja).text


def test_a_page_of_very_many_counts_the_rest() -> None:
    many = tuple(replace(ROWS[5], number=number) for number in range(MOST + 5))
    assert "and 5 more" in seen(page_of(replace(PLAN, rows=many), EN)).text


CALLS: dict[str, tuple[list[Sent], int, bool, dict[str, int]]] = {
    "nothing": ([], 10, False, {}),
    "full calls": ([Sent("lead", "update", 3)] * 25, 10, False, {"lead update": 3}),
    "kinds apart": (
        [Sent("lead", "create", 3), Sent("task", "create", 3)] * 2, 10, False, {"lead create": 1, "task create": 1},
    ),
    "what hangs on others waits": (
        [Sent("task", "create", 3, 1), Sent("lead", "create", 3), Sent("task", "create", 3)], 10, False,
        {"lead create": 1, "task create": 1},
    ),
    "ways together": ([Sent("lead", "create", 3), Sent("lead", "update", 3)], 10, False, {"lead create": 1}),
    "ways apart": (
        [Sent("lead", "create", 3), Sent("lead", "update", 3)], 10, True, {"lead create": 1, "lead update": 1},
    ),
    "a mixed batch at the border": (
        [Sent("lead", "create", 3)] * 15 + [Sent("lead", "update", 3)] * 15, 20, True,
        {"lead create": 1, "lead update": 2},
    ),
    "settled without a call": ([Sent("lead", "", 3), Sent("task", "create", 3, 0)], 10, False, {"task create": 1}),
    "what hangs on itself": ([Sent("task", "create", 3, 0)], 10, False, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_calls(name: str) -> None:
    rows, most, apart, expected = CALLS[name]
    assert calls(rows, most, apart=apart) == expected


@pytest.mark.parametrize(
    ("last", "read", "there", "own", "expected"),
    [
        ({"f": "a"}, {"f": "a"}, {"f": "a"}, False, "fields"),
        ({"f": "a"}, {"f": "a"}, {"f": "new"}, False, "same"),
        ({"f": "a"}, {"f": "a"}, {"f": "b"}, False, "conflicts"),
        ({"f": "a"}, {"f": "a"}, {}, False, "conflicts"),
        ({"f": "a"}, {"f": "a"}, {"f": "b"}, True, "fields"),
        ({}, {}, {}, False, "fields"),
        ({}, {}, {"f": "b"}, False, "conflicts"),
        ({}, {"f": ""}, {"f": "b"}, False, "conflicts"),
        ({"f": "a"}, {"F": "b"}, {"F": "b"}, False, "fields"),
        ({"f": "new"}, {"f": "b"}, {"f": "b"}, False, "fields"),
    ],
)
def test_a_field_against_what_stands_there(
    last: dict[str, str], read: dict[str, str], there: dict[str, str], own: bool, expected: str
) -> None:
    wish = Wish({"f": "new"}, {"f": "new"}, last, read, {"f"} if own else frozenset())
    held = held_against(wish, there, tells_blank=False)
    assert [name for name in ("fields", "conflicts", "same") if getattr(held, name)] == [expected]
