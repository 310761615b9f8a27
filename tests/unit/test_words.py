"""What has a name in TOML, said to people."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connector.cli.state import TABLES
from connector.locale import translator
from connector.model import sentences
from connector.model.activity import KINDS
from connector.model.errors import Problems
from connector.model.facts import Facts
from connector.model.fields import FIELDS, JOB_FUNCTIONS, JOB_LEVELS, OWN_FIELDS
from connector.model.handoff import HANDOFF_STATES
from connector.model.notices import ABOUT
from connector.model.outbox import ROW_STATES
from connector.model.stages import STAGES
from connector.runs import assess, joining, take_apart
from connector.runs.notices import ROLES
from connector.steps import qualification
from connector.steps.conditions.compiler import compile_condition
from connector.steps.conditions.condition import Explained
from connector.steps.notices import TEXTS
from connector.steps.scoring import defaults
from connector.steps.scoring.gates import COMPUTED
from connector.steps.telling import vocabulary
from connector.steps.telling.words import (
    Translate,
    Words,
    country_name,
    duration,
    explained,
    field_name,
    kind,
    rule_name,
    sentence,
    whole,
)
from state.schema import metadata

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)
EN = Words("en", ZoneInfo("Europe/Berlin"), str, NOW)
JA = Words("ja", ZoneInfo("Asia/Tokyo"), translator("ja"), NOW)


def test_everything_that_has_a_name_has_words() -> None:
    assert set(KINDS) == set(vocabulary.KINDS)
    assert set(STAGES) == set(vocabulary.STAGES)
    assert set(HANDOFF_STATES) == set(vocabulary.HANDOFF_STATES)
    assert set(ROW_STATES) == set(vocabulary.ROW_STATES)
    assert {*COMPUTED, "nurture"} == set(vocabulary.GATES)
    assert set(JOB_LEVELS) == set(vocabulary.CHOICES["job_level"])
    assert set(JOB_FUNCTIONS) == set(vocabulary.CHOICES["job_function"])
    assert {name for name in {**FIELDS, **OWN_FIELDS} if not name.startswith("first.")} <= set(vocabulary.FIELDS)
    shipped = defaults.shipped()
    assert {rule for group in ("fit", "engagement", "intent") for rule in shipped[group]} == set(vocabulary.RULES)


def test_every_notice_and_whoever_hears_of_it_has_words() -> None:
    assert set(ABOUT) == set(vocabulary.NOTICES)
    assert set(ROLES) == set(vocabulary.LISTENERS)
    told = [
        *vocabulary.NOTICES.values(),
        *vocabulary.LISTENERS.values(),
        *(text for pair in TEXTS.values() for text in pair),
    ]
    assert [text for text in told if JA.translate(text) == text and text not in ("%(title)s", "%(text)s")] == []


def test_every_reason_kept_with_a_transition_has_words() -> None:
    reasons = {value for name, value in vars(qualification).items() if name.isupper() and isinstance(value, str)}
    of_joinings = {joining.JOINED, joining.WITH_WAITING, take_apart.APART}
    of_returning = {sentences.RECYCLED, sentences.RECYCLED_MENDED}
    assert reasons | {assess.FLOW_GONE} | of_joinings | of_returning == set(vocabulary.WHYS)


def test_own_names_stay_readable() -> None:
    assert kind("plan_upgraded", str) == "plan upgraded"
    assert field_name("custom.plan_size", str) == "plan size"
    assert field_name("first.source", str) == "first source"
    assert rule_name("cap: fit", str) == "limit of fit"
    assert rule_name("My rule", str) == "My rule"


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ("job_level=director", "job level: Director"),
        ("company.employees=1650, job_level=c_level", "employees: 1,650, job level: C-level"),
        ("country=DE", "country: Germany"),
        ("company.is_customer=True", "customer already: yes"),
        ("company.industry=Tools, dies", "industry: Tools, dies"),
        ("download x 2, latest 2026-12-05T08:00:00+00:00", "Downloaded ×2, Sat 5 Dec 09:00"),
        ("download x 1, latest 2025-12-05T08:00:00+00:00", "Downloaded, Fri 5 Dec 2025 09:00"),
        ("call / meeting x 3, latest 2026-12-05T08:00:00+00:00", "Phone call / Meeting ×3, Sat 5 Dec 09:00"),
        ("at_most=40", "at most 40"),
        ("", ""),
        ("whatever else", "whatever else"),
    ],
)
def test_evidence_is_told_without_codes(evidence: str, words: str) -> None:
    assert EN.evidence(evidence) == words


def test_values_are_shown_as_people_write_them() -> None:
    assert EN.value("company.technologies", ["Python", "Go"]) == "Python, Go"
    assert EN.value("consent.email", False) == "no"
    assert EN.value("consent.at", "2026-12-01T23:30:00+00:00") == "Wed 2 Dec 00:30"
    assert EN.value("company.revenue", 1_500_000.5) == "1,500,000.5"
    assert JA.value("country", "DE") == "ドイツ"
    assert country_name("XX", "en") == "XX"


def test_durations_are_translated_and_unknown_ones_left_alone() -> None:
    assert duration("90 days", str) == "90 days"
    assert duration("90 days", translator("ja")) == "90日"
    assert duration("a while", translator("ja")) == "a while"


def test_a_condition_is_one_sentence() -> None:
    def told(table: object, **fields: str | int) -> str:
        problems = Problems()
        condition = compile_condition(table, path=(), problems=problems, named={}, lists=lambda _name: frozenset())
        assert not problems.found
        return sentence(condition.explain(Facts(NOW, fields)), str)

    level = {"field": "job_level", "at_least": "manager"}
    country = {"field": "country", "in": ["DE", "AT"]}
    assert told(level) == "job level is at least Manager"
    assert told({"all": [level, country]}) == "all of: job level is at least Manager, country is one of DE, AT"
    assert told({"any": [level, country]}, country="DE") == "country is one of DE, AT"
    assert told({"not": country}) == "none of: country is one of DE, AT"
    assert told({"activity": "demo_request", "within": "30 days"}) == "Asked for a demo within 30 days"
    assert told({"field": "consent.email", "is": False}) == "consent to email is no"
    assert told({"activity": "visit", "count": 3}) == "Visited the website at least 3 times"


def test_a_line_of_an_explanation_speaks_japanese() -> None:
    problems = Problems()
    table = {"activity": "demo_request", "within": "30 days"}
    condition = compile_condition(table, path=(), problems=problems, named={}, lists=lambda _name: frozenset())
    assert explained(condition.explain(Facts(NOW, {})), JA.translate) == "30日以内に「デモを依頼」"


@pytest.mark.parametrize(
    ("translate", "words"),
    [
        (
            EN.translate,
            "one of: Downloaded (topic a / b, lasting 2 min), (all of: consent to email is yes, city has a value)",
        ),
        (
            JA.translate,
            "いずれか（資料をダウンロード（トピック「a / b」、2分以上）、"
            "すべて（メールへの同意がはい、市区町村に値がある））",
        ),
    ],
)
def test_what_an_activity_is_about_and_groups_within_groups_are_told_in_a_sentence(
    translate: Translate, words: str
) -> None:
    problems = Problems()
    about = {"activity": "download", "topic": ["a", "b"], "lasting": "2 min"}
    table = {"any": [about, {"all": [{"field": "consent.email", "is": True}, {"has": "city"}]}]}
    condition = compile_condition(table, path=(), problems=problems, named={}, lists=lambda _name: frozenset())
    assert whole(condition.explain(Facts(NOW, {})), translate) == words


@pytest.mark.parametrize(("words", "seen"), [(EN, "1, Sun 6 Dec"), (JA, "1, 12月7日(月)")])
def test_the_day_of_what_was_seen_is_that_of_the_readers_clock(words: Words, seen: str) -> None:
    assert words.seen(Explained("%(what)s", True, (), {"what": "visit"}, "1, 2026-12-06T16:00Z")) == seen


def test_what_runs_and_jobs_are_called_is_said_in_japanese() -> None:
    assert [JA.translate(text) for text in vocabulary.RUNS.values()].count("取り込み") == 1
    assert not {JA.translate(text) for text in vocabulary.RUNS.values()} & set(vocabulary.RUNS)


def test_every_table_of_the_store_has_words() -> None:
    assert {*TABLES, "alembic_version"} == set(metadata.tables)
    assert [name for name in TABLES if JA.translate(name) == name] == []
