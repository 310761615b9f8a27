"""The page about values says what Baton does with them: each row of its tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.model.errors import Problems
from connector.model.records import Record
from connector.steps.mapping.compiler import compile_mapping
from connector.steps.normalise.companies import company_key
from connector.steps.normalise.mail import mailbox
from connector.steps.normalise.names import name_words, romanised
from connector.steps.normalise.person import full_name_apart, split_name
from connector.steps.normalise.places import language_and_zone
from connector.steps.normalise.titles import job_function, job_level

PAGE = (Path(__file__).parents[2] / "docs" / "admin" / "values.md").read_text("utf-8")
NOW = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)


def rows(heading: str) -> list[list[str]]:
    """The cells of the lines of the table with this heading, a cell's code without its marks."""
    ((body,),) = (re.findall(rf"^\| {heading} \|\n\|[-|]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE),)
    return [[cell.strip() for cell in line.strip("|\n").split("|")] for line in body.splitlines()]


def codes(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def code(cell: str) -> str:
    found = codes(cell)
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("heading", "form"),
    [
        (r"addresses \| compared as", mailbox),
        (r"names \| compared as", lambda text: " ".join(name_words(text))),
        (r"readings \| compared as", romanised),
        (r"companies \| compared as", company_key),
    ],
)
def test_what_is_compared_as_one(heading: str, form: Callable[[str], str]) -> None:
    for given, found in rows(heading):
        assert {text: form(text) for text in codes(given)} == dict.fromkeys(codes(given), code(found))


@pytest.mark.parametrize(
    ("heading", "form"),
    [
        (r"in the column \| name \| honorific", full_name_apart),
        (r"full name \| country \| given \| family", split_name),
        (r"country \| region \| language \| time zone", language_and_zone),
        (r"title \| level \| function", lambda title: (job_level(title), job_function(title))),
    ],
)
def test_what_follows(heading: str, form: Callable[..., tuple[str, str]]) -> None:
    for row in rows(heading):
        cells: Sequence[str] = [code(cell) for cell in row]
        assert form(*cells[:-2]) == tuple(cells[-2:]), row


def test_what_is_kept_of_places() -> None:
    mapping = compile_mapping(
        {"read": {"phone": "phone", "region": "region", "country": "country"}},
        connection="web", zone="UTC", region="DE", problems=Problems(),
    )  # fmt: skip
    for field, country, given, kept in rows(r"field \| country \| in the column \| Baton keeps"):
        contact = mapping.contact(Record("1", {code(field): code(given), "country": code(country)}), NOW)
        _, _, flag = kept.partition(", flagged: ")
        name = code(field)
        assert (contact.fields[name], contact.flags.get(name, "")) == (code(kept), flag), (country, given)
