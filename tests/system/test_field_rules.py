"""The rules of `[flows.NAME.fields]` on the line: two sources and one CRM, in which people say what a field holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.plans.ground import applied, kept, made
from tests.sides import FIELDS, MINUTE, RULED, Sides

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


DEFAULT = "prefer_crm_unless_blank"


def test_the_first_source_that_has_a_value_speaks_for_marketing_whoever_spoke_last(line: Sides) -> None:
    line.given("Bonn", forms="Kiel")
    line.now += MINUTE
    line.says("forms", "Jena")
    line.quiet()
    assert {rule: line.ours(rule) for rule in FIELDS} == dict.fromkeys(FIELDS, "Bonn")
    # The other source is told, but where each keeps its own.
    own = {rule: "Jena" if rule in ("fill_blank", "never") else "Bonn" for rule in FIELDS}
    assert {rule: line.has("forms", rule) for rule in FIELDS} == own


def test_a_clearing_by_the_source_that_speaks_lets_the_next_one_speak(line: Sides) -> None:
    line.given("Bonn", forms="Kiel")
    line.now += 30 * MINUTE
    line.says("portal", "")
    line.quiet()
    # What forms was told stands there by now, where it was told.
    assert (line.ours("never"), line.has("portal", "never")) == ("Kiel", "")
    assert (line.ours("fill_blank"), line.there("fill_blank")) == ("Kiel", "Bonn")
    assert (line.ours(DEFAULT), line.there(DEFAULT)) == ("Bonn", "Bonn")


def test_both_sources_are_told_what_a_rep_says(line: Sides) -> None:
    line.given("Bonn", forms="")
    line.now += MINUTE
    line.rep_says("Ulm")
    line.quiet()
    assert (line.has("portal", DEFAULT), line.has("forms", DEFAULT)) == ("Ulm", "Ulm")
    assert (line.has("portal", "never"), line.has("forms", "never")) == ("Bonn", "")


def test_a_clearing_by_a_rep_holds_until_marketing_says_something_new(line: Sides) -> None:
    a_rep_clears_what_baton_wrote(line)
    line.quiet()
    line.did(1, "webinar_attend", line.now)
    line.says("portal", phone="+49 30 1234567")
    line.quiet()
    assert line.all()[DEFAULT] == ("", "", "")
    line.now += MINUTE
    line.says("portal", "Jena")
    line.quiet()
    found = line.all()
    assert found[DEFAULT] == found["newest"] == ("Jena", "Jena", "Jena")
    assert found["always_crm"] == found["fill_blank"] == ("", "Jena", "Jena")


def test_a_field_that_nobody_could_decide_is_decided_by_the_next_word(line: Sides) -> None:
    both_at_once(line)
    line.quiet()
    line.says("portal", phone="+49 30 1234567")
    line.quiet()
    assert line.undecided() == [FIELDS["newest"]]
    line.now += 30 * MINUTE
    line.rep_says("Kiel")
    line.quiet()
    assert line.all()["newest"] == ("Kiel", "Kiel", "Kiel")
    assert line.undecided() == []


def test_what_another_rule_decides_is_no_notice_any_more(line: Sides) -> None:
    both_at_once(line)
    line.quiet()
    assert line.undecided() == [FIELDS["newest"]]
    line.reopen(line.text(RULED.replace('"custom.newest" = "newest"', '"custom.newest" = "always_crm"')))
    line.now += 30 * MINUTE
    line.rep_says("Kiel")
    line.runs()
    assert line.ours("newest") == "Kiel"
    assert line.undecided() == []


def test_a_plan_under_another_rule_closes_the_notice(line: Sides) -> None:
    both_at_once(line)
    line.quiet()
    line.reopen(line.text(RULED.replace('"custom.newest" = "newest"', '"custom.newest" = "always_marketing"')))
    line.now += 30 * MINUTE
    applied(line, kept(line, made(line)))
    assert line.there("newest") == line.ours("newest") == "Mainz"
    assert line.undecided() == []


def test_what_a_source_sets_back_is_written_again_though_it_was_told_before(line: Sides) -> None:
    both_and_the_crm_later(line)
    line.quiet()
    for word in ("Bonn", "Jena", "Bonn"):
        line.now += 30 * MINUTE
        line.says("portal", word)
        line.quiet()
        assert line.all()[DEFAULT] == ("Ulm", "Ulm", "Ulm")


def test_a_rep_who_takes_their_word_back_to_ours_says_nothing_any_more(line: Sides) -> None:
    both_and_the_crm_later(line)
    line.quiet()
    line.now += MINUTE
    line.rep_says("Bonn")
    line.quiet()
    line.now += MINUTE
    line.says("portal", "Jena")
    line.quiet()
    found = line.all()
    assert found[DEFAULT] == found["newest"] == ("Jena", "Jena", "Jena")
    assert found["always_crm"] == ("Bonn", "Bonn", "Bonn")
    assert found["fill_blank"] == ("Bonn", "Jena", "Jena")


def test_only_fields_that_differ_are_sent(line: Sides) -> None:
    line.given("Bonn")
    sent = len(line.world("portal").effects()), len(line.crm.effects())
    line.now += MINUTE
    line.rep_says("Ulm")
    line.quiet()
    portal = [effect.values for effect in line.world("portal").effects()[sent[0] :]]
    crm = [effect.values for effect in line.crm.effects()[sent[1] :]]
    told = {FIELDS[rule] for rule in (DEFAULT, "always_crm", "newest")}
    assert [set(values) for values in portal] == [told]
    assert [set(values) for values in crm] == [{FIELDS["always_marketing"]}]


def test_what_is_never_to_travel_is_not_in_the_create_and_what_is_the_crms_is(line: Sides) -> None:
    line.given("Bonn")
    (made,) = [effect for effect in line.crm.effects("created") if effect.object == "lead"]
    assert {rule for rule, name in FIELDS.items() if name in made.values} == FIELDS.keys() - {"never"}


def test_what_stands_in_a_record_that_is_adopted_is_a_persons_word(line: Sides) -> None:
    line.crm.make("lead", {"email": "ana1@firm.example", **dict.fromkeys(FIELDS.values(), "Ulm")}, line.now)
    line.given("Bonn")
    found = line.all()
    assert found[DEFAULT] == found["always_crm"] == ("Ulm", "Ulm", "Ulm")
    assert found["always_marketing"] == ("Bonn", "Bonn", "Bonn")
    assert found["fill_blank"] == found["never"] == ("Ulm", "Bonn", "Bonn")


def test_a_score_counts_with_the_value_in_force(tmp_path: Path) -> None:
    line = Sides(tmp_path, flow='write_score = "always"\n', rules="")
    line.given()
    before = line.lead(1).score
    line.now += MINUTE
    line.rep_says(job_title="Intern")
    line.quiet()
    after = line.lead(1).score
    assert before is not None
    assert after is not None
    assert line.lead(1).fields["job_title"] == "Intern"
    assert after.total < before.total
    line.close()


@pytest.mark.parametrize(("said", "sent"), [("new grade, or 50 points", False), ("always", True)])
def test_the_crm_is_told_a_score_as_write_score_says(tmp_path: Path, said: str, sent: bool) -> None:
    line = Sides(tmp_path, flow=f'write_score = "{said}"\n')
    line.given("Bonn")
    had = line.crm.things("lead")[0].values["score.total"]
    line.did(1, "webinar_attend", line.now)
    line.says("portal", "Jena")
    line.quiet()
    (lead,) = line.crm.things("lead")
    score = line.lead(1).score
    assert score is not None
    assert score.total != had
    assert lead.values["score.total"] == (score.total if sent else had)
    assert lead.values[FIELDS[DEFAULT]] == "Jena"
    line.close()


def test_newest_can_tell_by_when_each_side_was_last_read(tmp_path: Path) -> None:
    """Nothing of it is told to marketing, so that no echo says when what was said there."""
    line = Sides(tmp_path, back="")
    line.given("Bonn")
    line.now += 60 * MINUTE
    line.rep_says("Ulm")
    line.quiet()
    assert line.all()["newest"] == ("Ulm", "Bonn", "Ulm")
    line.now += 60 * MINUTE
    line.says("portal", "Jena")
    line.quiet()
    assert line.all()["newest"] == ("Jena", "Jena", "Jena")
    line.now += 60 * MINUTE
    line.rep_says("Kiel")
    line.quiet()
    assert line.all()["newest"] == ("Kiel", "Jena", "Kiel")
    assert line.undecided() == []
    line.close()


def test_a_crm_that_writes_our_value_in_its_own_way_says_nothing_of_its_own(tmp_path: Path) -> None:
    line = Sides(tmp_path, rules="")
    line.given()
    line.says("portal", phone="+49 30 1234567")
    line.quiet()
    line.rep_says(phone="030 1234567")
    line.quiet()
    line.did(1, "demo_request", line.now)
    line.quiet()
    assert line.crm.things("lead")[0].values["phone"] == "030 1234567"
    line.now += MINUTE
    line.says("portal", phone="+49 30 7654321")
    line.quiet()
    assert line.crm.things("lead")[0].values["phone"] == "+49307654321"
    assert line.lead(1).said["phone"][0] == "portal"
    line.close()
