from __future__ import annotations

from datetime import timedelta

import pytest

from connector.model.durations import Duration, checked, parse
from connector.model.errors import Problems


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1 second", 1),
        ("45 seconds", 45),
        ("30 min", 1800),
        ("1 minute", 60),
        ("2 minutes", 120),
        ("1 hour", 3600),
        ("1.5 hours", 5400),
        ("7 days", 604_800),
        ("2 weeks", 1_209_600),
        ("25 months", 25 * 30 * 86_400),
        ("1 year", 365 * 86_400),
        ("  2  MIN ", 120),
        ("90days", 90 * 86_400),
    ],
)
def test_a_plain_duration_runs_always(text: str, seconds: int) -> None:
    assert parse(text) == Duration(seconds)
    assert parse(text).delta == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("4 working hours", Duration(14_400, working=True)),
        ("30 working min", Duration(1800, working=True)),
        ("1 working day", Duration(working=True, working_days=1)),
        ("10 working days", Duration(working=True, working_days=10)),
    ],
)
def test_a_working_duration_says_so_and_keeps_days_as_days(text: str, duration: Duration) -> None:
    assert parse(text) == duration


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "5", "days", "-3 days", "0 days", "3 fortnights", "1.0001 seconds"),
        *("2 working weeks", "1.5 working days", "3 days ago", "101 years", "1e3 days"),
    ],
)
def test_anything_else_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match=r"duration|working") as error:
        parse(text)
    assert repr(text) in str(error.value)


@pytest.mark.parametrize("text", ["30 min", "2 hours", "7 days", "45 seconds", "4 working hours", "1 working day"])
def test_a_duration_is_written_as_it_is_read(text: str) -> None:
    assert str(parse(text)) == text


def test_checked_adds_a_problem_with_examples() -> None:
    problems = Problems()
    assert checked("7 dayz", ("keep",), problems) is None
    assert checked(7, ("keep",), problems) is None
    assert [str(problem) for problem in problems.found] == [
        """keep: '7 dayz' is not a duration; allowed: "30 min", "7 days", "3 months", """
        """"30 working min", "4 working hours", "1 working day\"""",
        """keep: 7 is not a duration; allowed: "30 min", "7 days", "3 months", """
        """"30 working min", "4 working hours", "1 working day\"""",
    ]


def test_checked_refuses_working_time_where_it_has_no_meaning() -> None:
    problems = Problems()
    assert checked("4 working hours", ("within",), problems, working=False) is None
    assert checked("4 hours", ("within",), problems, working=False) == Duration(14_400)
    assert len(problems.found) == 1
    assert "working hours" in str(problems.found[0])
