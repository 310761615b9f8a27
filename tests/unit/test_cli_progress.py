from __future__ import annotations

import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.app import App
from connector.cli.due import due_at
from connector.cli.output import plain
from connector.cli.progress import EVERY, Lines, sentence
from connector.cli.session import configured_language
from connector.cli.tables import table
from connector.jobs import Job
from connector.locale import translator
from connector.model.lead import Link
from connector.runs.runtime import Runtime


def act(_runtime: Runtime, _app: App) -> Counter[str]:
    """A job that does nothing."""
    return Counter()


NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
BERLIN: Any = SimpleNamespace(zone=ZoneInfo("Europe/Berlin"))


def test_a_line_says_what_it_is_at_and_how_far() -> None:
    counts = Counter({"contacts read": 12_000, "new leads": 11_800, "set aside": 3, "unchanged": 5})
    assert sentence("hubspot: contacts", counts, str) == "hubspot: contacts · read 12,000 · new 11,800 · set aside 3"
    assert sentence("handed over", Counter({"handed over": 2}), str) == "handed over · handed over 2"


def test_a_log_gets_a_line_every_few_seconds_at_most() -> None:
    stream, moments = io.StringIO(), iter([0.0, 1.0, EVERY, EVERY + 1, 2 * EVERY])
    lines = Lines(str, stream, lambda: next(moments))
    for number in range(1, 5):
        lines("hubspot: contacts", Counter({"contacts read": number}))
    assert stream.getvalue().splitlines() == ["hubspot: contacts · read 2", "hubspot: contacts · read 4"]


def test_a_note_is_written_at_once() -> None:
    stream = io.StringIO()
    Lines(translator("en"), stream).note("leads.csv: read as CP932")
    assert stream.getvalue() == "leads.csv: read as CP932\n"


def test_values_become_json_as_they_are_meant() -> None:
    assert plain({("b2b", "mql"): NOW, "day": date(2026, 12, 7), "path": Path("a/b")}) == {
        "b2b/mql": "2026-12-07T08:00:00+00:00", "day": "2026-12-07", "path": "a/b",
    }  # fmt: skip
    assert plain([Link("hubspot", "contact", "7", 1)])[0]["external_id"] == "7"


def test_a_table_puts_numbers_right_and_wraps_its_last_column() -> None:
    lines = table(("name", "n", "what"), [("a", 5, "one two three four five"), ("担当者", 1200, "x")], columns=35)
    assert lines == [
        "name        n  what",
        "a           5  one two three four",
        "               five",
        "担当者  1,200  x",
    ]


def test_a_table_without_rows_has_no_heading_either() -> None:
    assert table(("a", "b"), []) == []


@pytest.mark.parametrize(
    ("job", "last", "due"),
    [
        (Job("pull", act, every=120), None, NOW),
        (Job("pull", act, every=120), NOW - timedelta(seconds=20), NOW + timedelta(seconds=100)),
        (Job("rescore", act, daily="03:30"), NOW - timedelta(hours=1), datetime(2026, 12, 8, 2, 30, tzinfo=UTC)),
        (Job("rescore", act, daily="23:00"), NOW - timedelta(hours=9), datetime(2026, 12, 7, 22, 0, tzinfo=UTC)),
    ],
)
def test_a_job_is_due_when_its_clock_says_so(job: Job, last: datetime | None, due: datetime) -> None:
    assert due_at(job, last, NOW, BERLIN) == due


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ('version = 1\nlanguage = "ja"\n', "ja"),
        ('[teams.a]\nlanguage = "ja"\n', ""),
        ('language = "ja"\nbroken = = 1\n', "ja"),
        ("", ""),
    ],
)
def test_the_language_is_found_even_in_a_file_that_does_not_load(tmp_path: Path, text: str, language: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, "utf-8")
    assert configured_language(file) == language
