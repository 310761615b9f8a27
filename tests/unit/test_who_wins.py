"""The table of rules as data: every cell, every rule, every grade of evidence."""

from __future__ import annotations

import itertools

import pytest

from connector.steps.who_wins import RULES, Decision, Side, decide, later

AT = [f"2026-12-07T{hour:02}:00:00+00:00" for hour in range(6)]
#: Nothing known, a time at the latest, and between two times.
NONE, POSSIBLE, CERTAIN = ("", ""), (AT[2], ""), (AT[2], AT[1])
GRADES = {"none": NONE, "possible": POSSIBLE, "certain": CERTAIN}


def said(value: str, grade: tuple[str, str]) -> Side:
    """A value, or for "" a clearing."""
    return Side(value or None, cleared=not value, at=grade[0], since=grade[1])


#: Rule -> (both have a value, only marketing, only the CRM, cleared in marketing, cleared in the CRM), each as
#: (what marketing has then, what the CRM has then, what is in force); marketing says m and the CRM c.
TABLE = {
    "prefer_crm_unless_blank": ("c c c", "m m m", "c c c", "c c c", "- - -"),
    "always_crm": ("c c c", "m - m", "c c c", "c c c", "- - -"),
    "always_marketing": ("m m m", "m m m", "- c c", "- - -", "m m m"),
    "fill_blank": ("m c m", "m m m", "c c c", "- c c", "m - m"),
    "never": ("m c m", "m - m", "- c c", "- c c", "m - m"),
}
BLANK = Side()


def ends(decision: Decision, marketing: Side, crm: Side) -> str:
    """What both have once it is done, and what is in force."""
    there = {"leave": marketing.value, "copy": crm.value, "clear": None}[decision.marketing]
    here = {"leave": crm.value, "copy": marketing.value, "clear": None}[decision.crm]
    return " ".join(value or "-" for value in (there, here, decision.value))  # type: ignore[misc]


@pytest.mark.parametrize(("one", "other"), list(itertools.product(GRADES, GRADES)))
@pytest.mark.parametrize("rule", TABLE)
def test_every_cell_but_those_of_newest(rule: str, one: str, other: str) -> None:
    m, c = said("m", GRADES[one]), said("c", GRADES[other])
    gone_m, gone_c = said("", GRADES[one]), said("", GRADES[other])
    if rule in ("prefer_crm_unless_blank", "always_crm") and not gone_c.at and m.at:
        # A clearing has a time always; without one, any word of marketing would be newer.
        gone_c = said("", POSSIBLE)
    # In the CRM stands no copy of ours here: what marketing cleared there was the reps' own.
    cells = [(m, c), (m, BLANK), (BLANK, c), (gone_m, c), (m, gone_c)]
    assert tuple(ends(decide(rule, *cell), *cell) for cell in cells) == TABLE[rule]
    assert not any(decide(rule, *cell).undecidable for cell in cells)


#: Whose the value in force is, or whose word it is that there is none, in the same cells.
SPEAKERS = {
    "prefer_crm_unless_blank": "c m c c c",
    "always_crm": "c m c c c",
    "always_marketing": "m m c m m",
    "fill_blank": "m m c c m",
    "never": "m m c c m",
    "newest": "c m c c c",
}


@pytest.mark.parametrize("rule", RULES)
def test_whose_word_is_in_force(rule: str) -> None:
    m, c, gone_m, gone_c = said("m", EARLY), said("c", LATE), said("", EARLY), said("", LATE)
    cells = [(m, c), (m, BLANK), (BLANK, c), (gone_m, c), (m, gone_c)]
    expected = [{"m": "marketing", "c": "crm"}[one] for one in SPEAKERS[rule].split()]
    assert [decide(rule, *cell).of for cell in cells] == expected


@pytest.mark.parametrize("rule", RULES)
def test_what_both_say_travels_nowhere(rule: str) -> None:
    decision = decide(rule, said("m", EARLY), said("m", LATE))
    assert (decision.marketing, decision.crm, decision.value) == ("leave", "leave", "m")
    assert decision.of == ("crm" if rule in ("prefer_crm_unless_blank", "always_crm") else "marketing")


def test_where_both_have_cleared_there_is_nothing_to_decide() -> None:
    for one, two in itertools.product(GRADES.values(), (EARLY, LATE)):
        assert decide("newest", said("", one), said("", two)) == Decision()
    assert decide("newest", said("", EARLY), BLANK) == Decision(of="marketing")
    assert decide("newest", BLANK, said("", EARLY)) == Decision(of="crm")


def test_a_copy_that_nobody_says_anything_about_stays_in_force() -> None:
    assert decide("newest", BLANK, Side("o", ours=True)) == Decision(value="o", of="crm")


EARLY, LATE = (AT[1], AT[0]), (AT[4], AT[3])
OVERLAPS = [(CERTAIN, (AT[3], AT[0])), (CERTAIN, CERTAIN), (POSSIBLE, POSSIBLE), ((AT[5], ""), EARLY), (NONE, LATE)]


@pytest.mark.parametrize(("value", "other"), [("m", "c"), ("", "c"), ("m", "")])
def test_the_later_of_two_words_wins_and_a_clearing_is_one(value: str, other: str) -> None:
    for early in (EARLY, (AT[1], ""), (AT[1], AT[1])):
        m, c = said(value, early), said(other, LATE)
        assert ends(decide("newest", m, c), m, c) == " ".join([other or "-"] * 3)
        m, c = said(value, LATE), said(other, early)
        assert ends(decide("newest", m, c), m, c) == " ".join([value or "-"] * 3)


@pytest.mark.parametrize(("one", "two"), OVERLAPS)
@pytest.mark.parametrize(("value", "other"), [("m", "c"), ("", "c"), ("m", "")])
def test_what_may_have_been_said_in_either_order_changes_nothing(
    value: str, other: str, one: tuple[str, str], two: tuple[str, str]
) -> None:
    for m, c in ((said(value, one), said(other, two)), (said(value, two), said(other, one))):
        decision = decide("newest", m, c)
        assert decision == Decision(undecidable=True)
        assert (decision.marketing, decision.crm) == ("leave", "leave")


@pytest.mark.parametrize("grade", GRADES.values(), ids=GRADES)
def test_newest_copies_into_a_blank_and_needs_no_time_where_one_side_speaks(grade: tuple[str, str]) -> None:
    m, c = said("m", grade), said("c", grade)
    assert ends(decide("newest", m, BLANK), m, BLANK) == "m m m"
    assert ends(decide("newest", BLANK, c), BLANK, c) == "c c c"
    same = said("m", grade)
    assert decide("newest", m, same) == Decision(value="m", of="marketing")


@pytest.mark.parametrize("rule", RULES)
def test_a_blank_never_seen_filled_is_no_word(rule: str) -> None:
    assert decide(rule, BLANK, BLANK) == Decision()
    for grade in GRADES.values():
        m, c = said("m", grade), said("c", grade)
        assert decide(rule, m, BLANK).marketing == decide(rule, BLANK, c).crm == "leave"
        assert decide(rule, said("", grade), BLANK).crm == decide(rule, BLANK, said("", grade)).marketing == "leave"


#: A copy of ours in the CRM ("o"): what follows where marketing says something new, and where it has cleared the field.
COPIES = {
    "prefer_crm_unless_blank": ("m m m", "- o o"),
    "always_crm": ("o o o", "o o o"),
    "always_marketing": ("m m m", "- - -"),
    "newest": ("m m m", "- - -"),
    "fill_blank": ("m o m", "- o o"),
    "never": ("m o m", "- o o"),
}


@pytest.mark.parametrize("rule", RULES)
def test_a_copy_of_ours_follows_marketing_where_the_crm_has_no_word_of_its_own(rule: str) -> None:
    copy = Side("o", ours=True)
    found = [(said(value, POSSIBLE), copy) for value in ("m", "")]
    shown = tuple(ends(decide(rule, *cell), *cell) for cell in found)
    expected = COPIES[rule]
    if rule == "prefer_crm_unless_blank":
        # What marketing cleared stays cleared there: the copy is its own old value.
        assert decide(rule, *found[1]) == Decision(value="o", of="crm")
    assert shown == expected


def test_what_marketing_says_after_a_clearing_in_the_crm_is_new() -> None:
    gone, new = said("", (AT[2], "")), said("m", (AT[3], ""))
    assert ends(decide("prefer_crm_unless_blank", new, gone), new, gone) == "m m m"
    assert ends(decide("always_crm", new, gone), new, gone) == "m - m"
    assert ends(decide("fill_blank", new, gone), new, gone) == "m - m"


def test_grades_and_what_is_later() -> None:
    assert [said("m", grade).grade for grade in GRADES.values()] == list(GRADES)
    assert later(said("m", LATE), said("c", EARLY))
    assert not later(said("m", EARLY), said("c", LATE))
    assert later(said("m", (AT[3], AT[2])), said("c", CERTAIN))
    assert not later(said("m", (AT[3], "")), said("c", CERTAIN))


def test_a_rule_nobody_knows_is_the_default() -> None:
    m, c = said("m", CERTAIN), said("c", CERTAIN)
    assert decide("", m, c) == decide("prefer_crm_unless_blank", m, c)
