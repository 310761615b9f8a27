"""Canonical values in a platform's own names and words."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from connector.model.errors import Problems
from connector.model.fields import Value
from connector.steps.mapping.compiler import CompiledMapping, compile_mapping, overlay

SKETCH = Path(__file__).parents[1] / "data" / "mappings"


def compiled(text: str) -> tuple[CompiledMapping, list[str]]:
    problems = Problems()
    document = overlay({}, tomllib.loads(text))
    mapping = compile_mapping(document, connection="crm", zone="Europe/Berlin", region="DE", problems=problems)
    return mapping, [str(problem) for problem in problems.found]


def write(text: str, view: Mapping[str, Value], object: str = "lead", **options: Any) -> Any:
    mapping, problems = compiled(text)
    assert problems == []
    return mapping.to_platform(object, view, **{"creating": True, **options})


@pytest.mark.parametrize(
    ("line", "view", "value"),
    [
        ('x = "email"', {"email": "a@b.de"}, "a@b.de"),
        ('x = "score.total"', {"score.total": 55}, 55),
        ('x = "score.total"', {"score.total": 0}, 0),
        ('x = "consent.email"', {"consent.email": False}, False),
        ('x = ["phone", "mobile"]', {"phone": "", "mobile": "+49"}, "+49"),
        ('x = "email"', {"email": ""}, None),
        ('x = "company.technologies"', {"company.technologies": []}, None),
        ('x = { from = "name.family", default = "[unknown]" }', {"name.family": ""}, "[unknown]"),
        ('x = { from = "name.family", default = "[unknown]" }', {}, "[unknown]"),
        ('x = { default = "Web" }', {}, "Web"),
        ('x = { from = "stage", table = { mql = "Open", "*" = "Other" } }', {"stage": "mql"}, "Open"),
        ('x = { from = "stage", table = { mql = "Open", "*" = "Other" } }', {"stage": "won"}, "Other"),
        ('x = { from = "consent.email", table = { true = "in", false = "out" } }', {"consent.email": False}, "out"),
        (
            'x = { from = "company.technologies", table = { A = "a", B = "b" } }',
            {"company.technologies": ["A", "B"]},
            ["a", "b"],
        ),
        ('x = { from = "need", longest = 6 }', {"need": "speed of all"}, "speed…"),
        ('x = { from = "handoff.response_time", unit = "minutes" }', {"handoff.response_time": 150}, 2),
        ('x = { from = "handoff.response_time", unit = "hours" }', {"handoff.response_time": 7200}, 2),
        ('x = { from = "consent.email", true = "yes", false = "no" }', {"consent.email": True}, "yes"),
        ('x = { from = "consent.email", as = "boolean", true = ["Ja", "yes"] }', {"consent.email": True}, "Ja"),
        ('x = { from = "consent.email", true = "yes", false = "no" }', {"consent.email": False}, "no"),
        (
            'x = { from = "consent.email", as = "boolean", true = "J", false = ["N", "O"] }',
            {"consent.email": False},
            "N",
        ),
        ('x = { from = "consent.email", as = "boolean" }', {"consent.email": False}, False),
        ('x = { from = "need", table = { a = false, b = true } }', {"need": "b"}, True),
        ('x = { from = "score.total", as = "text" }', {"score.total": 55}, "55"),
        ('x = { from = "custom.size", as = "integer" }', {"custom.size": "12"}, 12),
        ('x = { from = "custom.size", as = "decimal" }', {"custom.size": "1.5"}, 1.5),
        ('x = { from = "company.technologies", split = ", " }', {"company.technologies": ["A", "B"]}, "A, B"),
        ('x = { from = "company.technologies", as = "text" }', {"company.technologies": ["A", "B"]}, "A; B"),
        ('x = { from = "company.technologies", as = "list" }', {"company.technologies": ["A"]}, ["A"]),
        ('x = { from = "first_touch_at", as = "date" }', {"first_touch_at": "2026-12-06T23:30:00+00:00"}, "2026-12-07"),
        (
            'x = { from = "first_touch_at", as = "date", zone = "UTC", format = "%d.%m.%Y" }',
            {"first_touch_at": "2026-12-06T23:30:00+00:00"},
            "06.12.2026",
        ),
        (
            'x = { from = "first_touch_at", format = "%d.%m.%Y %H:%M", zone = "Asia/Tokyo" }',
            {"first_touch_at": "2026-12-06T23:30:00+00:00"},
            "07.12.2026 08:30",
        ),
        (
            'x = { from = "first_touch_at", as = "datetime" }',
            {"first_touch_at": "2026-12-07T08:30:00+09:00"},
            "2026-12-06T23:30:00+00:00",
        ),
        (
            'x = { from = "first_touch_at", format = "epoch_ms" }',
            {"first_touch_at": "2023-11-14T22:13:20.123000+00:00"},
            1700000000123,
        ),
        ('x = "links.hubspot"', {"links.hubspot": "17"}, "17"),
    ],
)
def test_values_are_told_in_their_words(line: str, view: Mapping[str, Value], value: object) -> None:
    assert write(f"[write]\n{line}", view) == ({"x": value}, [])


def test_what_is_not_known_is_not_sent() -> None:
    assert write('[write]\nx = "email"\ny = ["phone", "mobile"]', {"city": "Bonn"}) == ({}, [])


@pytest.mark.parametrize(
    ("line", "view", "reason"),
    [
        ('x = { from = "source", table = { paid = "Ads" } }', {"source": "fair"}, "'fair' is not in the table x"),
        ('x = { from = "custom.a", as = "integer" }', {"custom.a": "many"}, "'many' is not a number"),
        ('x = { from = "custom.a", unit = "hours" }', {"custom.a": "long"}, "'long' is not a number"),
        ('x = { from = "custom.a", as = "date" }', {"custom.a": "soon"}, "'soon' is not a time"),
        ('x = { from = "custom.a", as = "boolean" }', {"custom.a": "soon"}, "neither yes nor no"),
    ],
)
def test_a_value_that_has_no_word_there_leaves_its_field_unsent(line: str, view: dict[str, Value], reason: str) -> None:
    text = f'[write]\n{line}\ny = "city"'
    assert write(text, {**view, "city": "Bonn"}) == ({"y": "Bonn"}, [("x", reason)])


def test_a_field_of_the_create_is_not_sent_again() -> None:
    text = '[write]\nx = { from = "city", only = "create" }'
    assert write(text, {"city": "Bonn"}, creating=True) == ({"x": "Bonn"}, [])
    assert write(text, {"city": "Bonn"}, creating=False) == ({}, [])


def test_templates_are_made_by_whom_is_handed_in() -> None:
    text = '[write]\nwhy = { template = "{{ top_reasons(3) }}", longest = 10 }'
    view: dict[str, Value] = {"city": "Bonn"}
    seen: list[tuple[str, Mapping[str, Value]]] = []

    def render(template: str, given: Mapping[str, Value]) -> str:
        seen.append((template, given))
        return "Asked for a demo"

    assert write(text, view, render=render) == ({"why": "Asked for…"}, [])
    assert seen == [("{{ top_reasons(3) }}", view)]
    assert write(text, view) == ({}, [])


def test_objects_have_lines_of_their_own() -> None:
    mapping, problems = compiled(
        '[write]\nplain = "email"\n[write.Lead]\nEmail = "email"\n[write.Task]\nOwner = "owner"'
    )
    assert problems == []
    assert mapping.write_objects == ("", "Lead", "Task")
    view: dict[str, Value] = {"email": "a@b.de", "owner": "x@y.de"}
    names = {
        object: list(mapping.to_platform(object, view, creating=True)[0]) for object in ("Lead", "lead", "Task", "note")
    }
    assert names == {"Lead": ["Email"], "lead": ["Email"], "Task": ["Owner"], "note": ["plain"]}
    assert mapping.written("lead") == ("Email",)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[write]\nx = "emial"', "write.x.from: unknown field emial; did you mean email?"),
        (
            '[write.Lead]\nx = { from = "email", lognest = 3 }',
            "write.Lead.x.lognest: unknown key lognest; did you mean longest?",
        ),
        (
            '[write.Lead]\nx = { from = "source", table = "tt" }\n[tables.t]\na = "b"',
            "write.Lead.x.table: unknown table tt; did you mean t?",
        ),
        (
            '[write]\nx = { from = "email", as = "phone" }',
            "write.x.as: unknown conversion phone; allowed: boolean, date, datetime, decimal, integer, list, text",
        ),
        (
            '[write]\nx = { from = "score.total", unit = "minute" }',
            "write.x.unit: unknown unit minute; did you mean minutes?",
        ),
        ('[write]\nx = { from = "email", only = "update" }', "write.x.only: unknown word update; allowed: create"),
        ('[write]\nx = { from = "email", template = "y" }', "write.x.template: from and template exclude each other"),
        ("[write]\nx = { template = 3 }", "write.x.template: expected a text"),
        ('[write]\nx = { from = "email", longest = -1 }', "write.x.longest: expected a number of characters"),
        (
            '[write]\nx = { from = "stage_since", format = "dd" }',
            "write.x.format: dd is not a format of times; allowed: iso, epoch, epoch_ms, or made of %Y %m %d %H %M %S",
        ),
        (
            '[write]\nx = { from = "stage_since", as = "date", zone = "Nowhere" }',
            "write.x.zone: unknown time zone Nowhere; allowed: names like Europe/Berlin or Asia/Tokyo",
        ),
        ("[write]\nx = 3", "write.x: expected a field's name, a table, or false"),
        ("[write.Lead]\nx = { longest = 3 }", "write.Lead.x: says neither from nor template nor default"),
        ('write = "x"', "write: expected a table"),
    ],
)
def test_problems_name_their_place(text: str, problem: str) -> None:
    assert compiled(text)[1] == [problem]


def test_what_goes_back_to_a_marketing_platform_as_an_admin_writes_it() -> None:
    view: dict[str, Value] = {
        "stage": "sal",
        "score.total": 55,
        "handoff.reason": "",
        "handoff.rating": 4,
        "handoff.response_time": 600,
    }
    text = (SKETCH / "hubspot.toml").read_text("utf-8")
    assert write(text, view, "contact", render=lambda template, _: template) == (
        {
            "lifecyclestage": "marketingqualifiedlead",
            "baton_score": 55,
            "baton_why": "{{ top_reasons(3) }}",
            "baton_rejected_for": None,
            "baton_rating": 4,
            "baton_contacted_in": 10,
        },
        [],
    )
    # A stage for which they have no word leaves theirs as it is: nobody need hear of it.
    assert write(text, {"stage": "known"}) == ({}, [])


def test_what_goes_to_a_crm_as_an_admin_writes_it() -> None:
    text = (SKETCH / "salesforce.toml").read_text("utf-8")
    view: dict[str, Value] = {"name.given": "Ana", "company.name": "", "source": "organic"}
    created = {
        "FirstName": "Ana",
        "LastName": "[unknown]",
        "Company": "[private]",
        "LeadSource": "Web",
        "Description": "briefs/b2b.txt",
    }
    assert write(text, view, "Lead", render=lambda template, _: template) == (created, [])
    later, _ = write(text, view, "Lead", creating=False, render=lambda template, _: template)
    assert set(created) - set(later) == {"Description"}
