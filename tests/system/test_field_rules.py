"""The rules of `[flows.NAME.fields]` on the line: two sources and one CRM, in which people say what a field holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.sides import FIELDS, MINUTE, Sides

#: What stands in the CRM, at the source, and in force with Baton, by rule.
Ends = dict[str, tuple[str, str, str]]


def _everywhere(city: str) -> tuple[str, str, str]:
    return city, city, city


def both_and_the_crm_later(line: Sides) -> None:
    line.given("Bonn")
    line.now += 30 * MINUTE
    line.rep_says("Ulm")


def both_and_marketing_later(line: Sides) -> None:
    both_and_the_crm_later(line)
    line.quiet()
    line.now += 30 * MINUTE
    line.says("portal", "Mainz")


def both_at_once(line: Sides) -> None:
    line.given("Bonn")
    line.now += 30 * MINUTE
    line.says("portal", "Mainz")
    line.now += MINUTE
    line.rep_says("Ulm")


def only_marketing(line: Sides) -> None:
    line.given()
    line.now += 30 * MINUTE
    line.says("portal", "Bonn")


def only_the_crm(line: Sides) -> None:
    line.given()
    line.now += 30 * MINUTE
    line.rep_says("Ulm")


def a_rep_clears_what_baton_wrote(line: Sides) -> None:
    line.given("Bonn")
    line.now += 30 * MINUTE
    line.rep_says("")


def a_rep_clears_their_own(line: Sides) -> None:
    both_and_the_crm_later(line)
    line.quiet()
    line.now += 30 * MINUTE
    line.rep_says("")


def marketing_clears_what_was_copied(line: Sides) -> None:
    line.given("Bonn")
    line.now += 30 * MINUTE
    line.says("portal", "")


def marketing_clears_where_a_rep_says_something(line: Sides) -> None:
    both_and_the_crm_later(line)
    line.quiet()
    line.now += 30 * MINUTE
    line.says("portal", "")


CELLS: list[tuple[Callable[[Sides], None], Ends]] = [
    (both_and_the_crm_later, {
        "prefer_crm_unless_blank": _everywhere("Ulm"), "always_crm": _everywhere("Ulm"),
        "always_marketing": _everywhere("Bonn"), "newest": _everywhere("Ulm"),
        "fill_blank": ("Ulm", "Bonn", "Bonn"), "never": ("Ulm", "Bonn", "Bonn"),
    }),
    (both_and_marketing_later, {
        "prefer_crm_unless_blank": _everywhere("Ulm"), "always_crm": _everywhere("Ulm"),
        "always_marketing": _everywhere("Mainz"), "newest": _everywhere("Mainz"),
        "fill_blank": ("Ulm", "Mainz", "Mainz"), "never": ("Ulm", "Mainz", "Mainz"),
    }),
    (both_at_once, {
        "prefer_crm_unless_blank": _everywhere("Ulm"), "always_crm": _everywhere("Ulm"),
        "always_marketing": _everywhere("Mainz"), "newest": ("Ulm", "Mainz", "Ulm"),
        "fill_blank": ("Ulm", "Mainz", "Mainz"), "never": ("Ulm", "Mainz", "Mainz"),
    }),
    (only_marketing, {
        "prefer_crm_unless_blank": _everywhere("Bonn"), "always_crm": ("", "Bonn", "Bonn"),
        "always_marketing": _everywhere("Bonn"), "newest": _everywhere("Bonn"),
        "fill_blank": _everywhere("Bonn"), "never": ("", "Bonn", "Bonn"),
    }),
    (only_the_crm, {
        "prefer_crm_unless_blank": _everywhere("Ulm"), "always_crm": _everywhere("Ulm"),
        "always_marketing": ("Ulm", "", "Ulm"), "newest": _everywhere("Ulm"),
        "fill_blank": _everywhere("Ulm"), "never": ("Ulm", "", "Ulm"),
    }),
    (a_rep_clears_what_baton_wrote, {
        "prefer_crm_unless_blank": _everywhere(""), "always_crm": _everywhere(""),
        "always_marketing": _everywhere("Bonn"), "newest": _everywhere(""),
        "fill_blank": ("", "Bonn", "Bonn"), "never": ("", "Bonn", "Bonn"),
    }),
    (a_rep_clears_their_own, {
        "prefer_crm_unless_blank": _everywhere(""), "always_crm": _everywhere(""),
        "always_marketing": _everywhere("Bonn"), "newest": _everywhere(""),
        "fill_blank": ("", "Bonn", "Bonn"), "never": ("", "Bonn", "Bonn"),
    }),
    (marketing_clears_what_was_copied, {
        "prefer_crm_unless_blank": ("Bonn", "", "Bonn"), "always_crm": _everywhere("Bonn"),
        "always_marketing": _everywhere(""), "newest": _everywhere(""),
        "fill_blank": ("Bonn", "", "Bonn"), "never": _everywhere(""),
    }),
    (marketing_clears_where_a_rep_says_something, {
        "prefer_crm_unless_blank": _everywhere("Ulm"), "always_crm": _everywhere("Ulm"),
        "always_marketing": _everywhere(""), "newest": _everywhere(""),
        "fill_blank": ("Ulm", "", "Ulm"), "never": ("Ulm", "", "Ulm"),
    }),
]  # fmt: skip


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Sides]:
    made = Sides(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(("happens", "ends"), CELLS, ids=[happens.__name__ for happens, _ in CELLS])
def test_every_cell_of_the_table(line: Sides, happens: Callable[[Sides], None], ends: Ends) -> None:
    happens(line)
    line.quiet()
    assert line.all() == ends
    assert line.runs() == 0
    assert line.undecided() == ([FIELDS["newest"]] if happens is both_at_once else [])
