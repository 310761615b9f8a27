"""What each connection says of a field, what is in force, and what each is to be told."""

from __future__ import annotations

import pytest

from connector.model.lead import Lead, Statement
from connector.model.mapped import Contact
from connector.model.sentences import NO_ADDRESS
from connector.steps.sides import (
    Settled,
    Terms,
    Wish,
    cleared_by_marketing,
    crm_side,
    decided,
    holds_there,
    last_heard,
    marketing_side,
    say,
    settle,
    silence_crm,
    speak,
    statement,
    unite,
    unsay,
    wish_for,
    without_crm,
)
from connector.steps.who_wins import Decision, Side

EIGHT, NINE, TEN = (f"2026-12-07T{hour:02}:00:00+00:00" for hour in (8, 9, 10))
SOURCES = ("portal", "forms")


def terms(rule: str = "", sources: tuple[str, ...] = SOURCES, crm: str = "crm") -> Terms:
    return Terms(sources, crm, {"city": rule} if rule else {})


def lead(*said: tuple[str, str | None, str], rule: str = "") -> Lead:
    """Of its city each has said this, in this order; what the rule says is in force."""
    one = Lead()
    for by, value, at in said:
        say(one, by, "city", Statement(value, at))
    settle(one, ["city"], terms(rule))
    return one


def test_the_first_source_that_has_a_value_speaks_for_marketing() -> None:
    one = lead(("forms", "Ulm", NINE), ("portal", None, TEN), ("fairs", "Kiel", EIGHT))
    assert marketing_side(one, "city", terms()) == ("forms", Side("Ulm", at=NINE))
    assert marketing_side(one, "city", terms(sources=("portal",))) == ("forms", Side("Ulm", at=NINE)), "it is in force"
    own = Terms(SOURCES, "crm", orders={"city": ("fairs", "forms")})
    assert marketing_side(one, "city", own) == ("fairs", Side("Kiel", at=EIGHT))
    assert marketing_side(Lead(), "city", terms()) == ("", Side())
    # Somebody said so before anybody kept who did.
    assert marketing_side(Lead({"city": "Bonn"}), "city", terms()) == ("", Side("Bonn"))


def test_who_is_no_source_any_more_speaks_last_and_since_when_is_known() -> None:
    one = Lead(said={"city": ("fairs", TEN)}, sides={"forms": {"city": Statement("Ulm", NINE, EIGHT)}})
    assert marketing_side(one, "city", terms(sources=("portal",))) == ("forms", Side("Ulm", at=NINE, since=EIGHT))
    gone = Lead(sides={"portal": {"city": Statement(None, NINE, EIGHT)}})
    assert marketing_side(gone, "city", terms()) == ("portal", Side(cleared=True, at=NINE, since=EIGHT))


def test_of_clearings_the_first_sources_counts() -> None:
    one = lead(("forms", None, NINE), ("portal", None, TEN))
    assert marketing_side(one, "city", terms()) == ("portal", Side(cleared=True, at=TEN))


def test_the_crm_is_a_side_unless_it_is_a_source() -> None:
    one = lead(("crm", "Kiel", NINE))
    assert crm_side(one, "city", terms()) == Side("Kiel", at=NINE)
    assert crm_side(one, "city", terms(sources=("portal", "crm"))) == crm_side(one, "city", terms(crm="")) == Side()
    assert crm_side(lead(("crm", None, NINE)), "city", terms()) == Side(cleared=True, at=NINE)
    assert crm_side(lead(("crm", "Kiel", "")), "city", terms()) == Side("Kiel", ours=True)


def test_a_field_is_decided_by_what_both_sides_say_of_it() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", NINE))
    assert decided(one, "city", terms()) == Decision("copy", "leave", "Kiel", "crm")
    assert decided(one, "city", terms("always_marketing")) == Decision("leave", "copy", "Bonn", "marketing")


@pytest.mark.parametrize(
    ("rule", "cleared"),
    [("always_marketing", ["city"]), ("newest", ["city"]), ("prefer_crm_unless_blank", []), ("never", [])],
)
def test_a_clearing_in_marketing_travels_under_some_rules(rule: str, cleared: list[str]) -> None:
    one = lead(("crm", "Kiel", ""), rule=rule)
    say(one, "portal", "city", Statement(None, NINE))
    one.fields["phone"], one.said["phone"] = "+49 228 1", ("portal", NINE)
    assert cleared_by_marketing(one, terms(rule)) == cleared
    settle(one, ["city"], terms(rule))
    assert cleared_by_marketing(one, terms(rule)) == cleared, "and once it is in force"


def test_a_clearing_that_is_not_in_force_yet_travels_too() -> None:
    one = Lead({"city": "Kiel"}, {"city": ("crm", EIGHT)}, sides={"portal": {"city": Statement(None, NINE)}})
    assert cleared_by_marketing(one, terms("always_marketing")) == ["city"]


def test_a_clearing_of_one_source_is_none_where_another_one_speaks() -> None:
    one = lead(("portal", None, TEN), ("forms", "Ulm", NINE), rule="always_marketing")
    assert cleared_by_marketing(one, terms("always_marketing")) == []


def test_the_crms_word_is_for_all_sources_and_marketings_for_those_that_differ() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("forms", "Kiel", EIGHT), ("crm", "Kiel", NINE))
    assert wish_for(one, "city", "portal", terms()) == Wish("Kiel")
    assert wish_for(one, "city", "forms", terms()) is None, "it says so already"
    assert wish_for(one, "city", "fairs", terms()) == Wish("Kiel")
    marketing = terms("always_marketing")
    assert wish_for(one, "city", "portal", marketing) is None, "it is the one that speaks"
    assert wish_for(one, "city", "forms", marketing) == wish_for(one, "city", "fairs", marketing) == Wish("Bonn")


def test_a_clearing_in_the_crm_is_one_everywhere() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("crm", None, NINE))
    assert wish_for(one, "city", "portal", terms()) == Wish(None)
    assert wish_for(one, "city", "forms", terms()) is None


@pytest.mark.parametrize(("rule", "told"), [("fill_blank", False), ("never", False), ("always_marketing", True)])
def test_a_source_keeps_its_own_where_the_rule_says_so(rule: str, told: bool) -> None:
    one = lead(("portal", "Bonn", EIGHT), ("forms", "Ulm", EIGHT), rule=rule)
    assert wish_for(one, "city", "forms", terms(rule)) == (Wish("Bonn") if told else None)
    silent = Wish("Bonn") if rule != "never" else None
    assert wish_for(one, "city", "fairs", terms(rule)) == silent, "it has said nothing of its own"


def test_what_a_source_has_cleared_stays_so_beside_the_others() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("forms", None, EIGHT))
    assert wish_for(one, "city", "forms", terms("always_marketing")) is None


def test_who_says_the_same_by_themselves_is_told_nothing() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("forms", "Bonn", NINE))
    assert wish_for(one, "city", "forms", terms("always_marketing")) is None


def test_nobody_is_told_what_nobody_says_or_can_decide() -> None:
    assert wish_for(Lead(), "city", "portal", terms()) is None
    both = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", EIGHT), rule="newest")
    assert decided(both, "city", terms("newest")).undecidable
    assert wish_for(both, "city", "portal", terms("newest")) is None
    gone = lead(("portal", None, EIGHT), rule="always_marketing")
    assert wish_for(gone, "city", "forms", terms("always_marketing")) is None


def test_settling_tells_what_changed_and_what_cannot_be_decided() -> None:
    one = lead(("portal", "Bonn", EIGHT))
    say(one, "crm", "city", Statement("Kiel", NINE))
    found = settle(one, ["city"], terms())
    assert (found.changed, found.decided, found.undecidable, found.anything) == (["city"], {"city"}, set(), True)
    assert (one.fields, one.said) == ({"city": "Kiel"}, {"city": ("crm", NINE)})
    assert one.sides == {"portal": {"city": Statement("Bonn", EIGHT)}}
    assert settle(one, ["city"], terms()).changed == []
    say(one, "portal", "city", Statement("Ulm", NINE))
    undecided = settle(one, ["city"], terms("newest"))
    assert (undecided.undecidable, undecided.decided, undecided.anything) == ({"city"}, set(), True)
    assert one.fields == {"city": "Kiel"}
    assert not settle(one, ["stage"], terms()).anything


def test_what_cannot_be_settled_holds_up_nothing_else() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", EIGHT), rule="newest")
    say(one, "portal", "phone", Statement("+49 228 1", NINE))
    say(one, "portal", "job_title", Statement("CTO", NINE))
    found = settle(one, ["stage", "city", "phone", "job_title"], terms("newest"))
    assert (found.changed, found.undecidable) == (["phone", "job_title"], {"city"})


def test_a_copy_of_ours_in_force_is_nobodys_word() -> None:
    one = lead(("crm", "Kiel", ""))
    assert (one.fields, one.said) == ({"city": "Kiel"}, {})


def test_a_value_that_is_another_one_loses_its_flag_and_what_was_no_address_is_not_remembered() -> None:
    one = Lead({"email": "none", "city": "Bnon"}, {"email": ("portal", EIGHT), "city": ("portal", EIGHT)})
    one.flags = {"email": NO_ADDRESS, "city": "not a city", "phone": "not a phone number"}
    speak(one, "portal", {"email": "ana@x.example", "city": "Bonn"}, NINE, terms())
    assert (one.former, one.flags) == ([], {"phone": "not a phone number"})
    speak(one, "portal", {"email": "ana@y.example"}, TEN, terms())
    assert one.former == ["ana@x.example"]


def test_a_copy_of_ours_is_no_word_once_another_value_is_to_go_there() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("crm", "Bonn", ""))
    assert statement(one, "crm", "city") == Statement("Bonn")
    say(one, "portal", "city", Statement("Ulm", NINE))
    settle(one, ["city"], terms())
    assert statement(one, "crm", "city") is None


def test_a_word_is_taken_back_by_itself() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", NINE))
    say(one, "portal", "phone", Statement("+49 228 1", EIGHT))
    unsay(one, "portal", "city")
    assert one.sides == {"portal": {"phone": Statement("+49 228 1", EIGHT)}}
    unsay(one, "portal", "phone")
    unsay(one, "fairs", "phone")
    assert one.sides == {}


def test_what_stands_in_the_crm_counts_where_its_rule_asks_for_it() -> None:
    one = Lead({"city": "Bonn", "phone": "+49 228 1", "country": "DE"})
    contact = Contact("1", "contact", fields={"city": "Ulm", "country": "DE"}, blank=("phone", "job_title"))
    rules = {"city": "always_crm", "country": "always_crm", "phone": "fill_blank"}
    assert holds_there(one, contact, Terms(SOURCES, "crm", rules)) == ["phone", "city"]
    assert holds_there(one, contact, Terms(SOURCES, "crm")) == ["phone"]
    assert holds_there(one, contact, Terms(SOURCES, "crm", {"phone": "always_marketing", "city": "never"})) == []
    assert holds_there(one, contact, Terms(SOURCES, "crm", {"phone": "newest", "country": "always_crm"})) == []
    assert holds_there(one, contact, Terms(SOURCES, "", rules)) == []
    assert holds_there(one, contact, Terms((*SOURCES, "crm"), "crm", rules)) == []


def test_without_the_crms_record_marketing_stands_again() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", NINE))
    one.fields["job_title"], one.said["job_title"] = "CTO", ("crm", NINE)
    one.fields["grade"] = "A"
    say(one, "crm", "phone", Statement(None, NINE))
    other = without_crm(one, terms())
    assert one.fields == {"city": "Kiel", "job_title": "CTO", "grade": "A"}
    assert (other.fields, other.said, other.sides) == (
        {"city": "Bonn", "grade": "A"}, {"city": ("portal", EIGHT)}, {},
    )  # fmt: skip
    one.said["country"] = ("crm", NINE)
    assert silence_crm(one, terms()) == ["city", "job_title", "country", "phone"]
    assert without_crm(one, terms()) is one


def test_a_crm_that_is_a_source_keeps_its_word() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", NINE))
    assert silence_crm(one, terms(sources=("portal", "crm"))) == silence_crm(one, terms(crm="")) == []
    assert one.fields == {"city": "Kiel"}


def test_what_was_said_of_the_same_person_elsewhere_is_kept_beside() -> None:
    one, other = lead(("portal", "Bonn", EIGHT)), lead(("forms", "Ulm", NINE), ("fairs", "Kiel", TEN))
    found = Settled(undecidable={"phone"}, decided={"email"})
    assert unite(one, other, terms(), found) == []
    assert {by: said["city"] for by, said in one.sides.items()} == {
        "forms": Statement("Ulm", NINE), "fairs": Statement("Kiel", TEN),
    }  # fmt: skip
    assert (found.undecidable, found.decided) == ({"phone"}, {"email", "city"})


def test_who_says_something_else_of_the_other_says_nothing_of_this() -> None:
    one, other = lead(("portal", "Bonn", EIGHT)), lead(("forms", "Ulm", NINE))
    say(other, "fairs", "phone", Statement("+49 1", NINE))
    unite(one, other, terms())
    assert one.sides == {"forms": {"city": Statement("Ulm", NINE)}}


def test_what_was_first_is_what_was_said_first() -> None:
    def first(ours: str, at: str, theirs: str, then: str) -> tuple[list[str], object, object]:
        one = Lead({"first.source": ours}, {"first.source": ("portal", at)} if at else {})
        other = Lead({"first.source": theirs}, {"first.source": ("forms", then)})
        return unite(one, other, terms()), one.fields["first.source"], one.said.get("first.source")

    assert first("fair", NINE, "ad", EIGHT) == (["first.source"], "ad", ("forms", EIGHT))
    assert first("ad", NINE, "ad", EIGHT) == ([], "ad", ("forms", EIGHT))
    assert first("fair", NINE, "ad", NINE) == ([], "fair", ("portal", NINE))
    assert first("fair", "", "ad", EIGHT) == ([], "fair", None)


def test_what_is_not_in_force_of_the_other_is_kept_beside_too() -> None:
    one, other = lead(("portal", "Bonn", EIGHT)), Lead()
    other.sides = {"forms": {"city": Statement(None, NINE), "phone": Statement(None, NINE)}}
    found = Settled()
    assert unite(one, other, terms(), found) == []
    assert one.sides == {"forms": {"city": Statement(None, NINE)}}
    assert (found.decided, found.undecidable) == ({"city"}, set())


def test_nothing_to_say_of_the_other_settles_nothing() -> None:
    one, other = lead(("portal", "Bonn", EIGHT)), lead(("portal", "Ulm", NINE))
    found = Settled()
    assert unite(one, other, terms(), found) == []
    assert not found.anything
    assert (one.fields, one.sides) == ({"city": "Bonn"}, {})


def test_of_the_crm_neither_a_copy_nor_a_clearing_is_taken_over() -> None:
    for value, at, taken in [("Kiel", NINE, True), ("Kiel", "", False), (None, NINE, False)]:
        one, other = lead(("portal", "Bonn", EIGHT)), lead(("portal", "Bonn", EIGHT))
        other.sides = {"crm": {"city": Statement(value, at)}}
        assert unite(one, other, terms()) == (["city"] if taken else [])
        assert one.fields["city"] == ("Kiel" if taken else "Bonn")
    # As a source it is one like the others.
    one = lead(("portal", "Bonn", EIGHT))
    unite(one, other, terms(sources=("portal", "crm")))
    assert one.sides == {"crm": {"city": Statement(None, NINE)}}


def test_a_word_is_no_older_than_what_was_heard_before_it() -> None:
    newest = terms("newest")
    one = lead(("portal", "Bonn", EIGHT), rule="newest")
    assert last_heard(one, "portal") == EIGHT
    assert last_heard(one, "crm") == ""
    assert speak(one, "portal", {"city": "Ulm", "phone": None}, TEN, newest).changed == ["city"]
    assert statement(one, "portal", "city") == Statement("Ulm", TEN, EIGHT)
    assert statement(one, "portal", "phone") is None
    speak(one, "portal", {"city": "Kiel"}, TEN, newest, read_until=NINE)
    assert statement(one, "portal", "city") == Statement("Kiel", TEN, TEN), "heard later than all was read"
    other = lead(("portal", "Bonn", EIGHT), rule="newest")
    speak(other, "portal", {"city": "Kiel"}, TEN, newest, read_until=NINE)
    assert statement(other, "portal", "city") == Statement("Kiel", TEN, NINE)
    again = lead(("portal", "Bonn", EIGHT), rule="newest")
    speak(again, "portal", {"city": "Kiel"}, TEN, newest, read_until=TEN)
    assert statement(again, "portal", "city") == Statement("Kiel", TEN, TEN)
    untimed = lead(("portal", "Bonn", EIGHT))
    speak(untimed, "portal", {"city": "Kiel"}, TEN, terms())
    assert statement(untimed, "portal", "city") == Statement("Kiel", TEN)


def test_what_comes_back_to_a_source_is_as_old_as_the_word_it_comes_from() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", NINE))
    assert speak(one, "portal", {"city": "Kiel"}, TEN, terms()).changed == []
    assert statement(one, "portal", "city") == Statement("Kiel", NINE)
    assert one.said["city"] == ("crm", NINE)


def test_the_latest_word_may_be_one_that_is_not_in_force() -> None:
    one = lead(("portal", "Bonn", EIGHT), ("forms", "Ulm", NINE))
    say(one, "forms", "phone", Statement(None, TEN))
    assert [last_heard(one, by) for by in ("portal", "forms", "crm")] == [EIGHT, TEN, ""]


def test_what_stayed_holds_up_nothing_that_is_new() -> None:
    one = lead(("portal", "Bonn", EIGHT))
    found = speak(one, "portal", {"city": "Bonn", "job_title": None, "phone": "+49 228 1"}, NINE, terms())
    assert (found.changed, found.decided) == (["phone"], {"phone"})
    assert one.said == {"city": ("portal", EIGHT), "phone": ("portal", NINE)}


def test_another_value_than_the_one_in_force_is_as_old_as_it_was_said() -> None:
    one = Lead({"city": "Kiel"}, {"city": ("crm", NINE)}, sides={"crm": {"city": Statement("Kiel", NINE, EIGHT)}})
    speak(one, "portal", {"city": "Kiel"}, TEN, terms())
    speak(one, "forms", {"city": "Ulm"}, TEN, terms())
    assert statement(one, "portal", "city") == Statement("Kiel", NINE, EIGHT)
    assert statement(one, "forms", "city") == Statement("Ulm", TEN)


def test_a_word_without_a_time_leaves_the_time_that_is_known() -> None:
    one = lead(("portal", "Bonn", EIGHT))
    say(one, "portal", "city", Statement("Ulm"))
    settle(one, ["city"], terms())
    assert (one.fields, one.said) == ({"city": "Ulm"}, {"city": ("portal", EIGHT)})
    copied = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", ""), rule="always_crm")
    assert copied.said == {"city": ("crm", EIGHT)}
    speak(copied, "forms", {"city": "Kiel"}, NINE, terms("always_crm"))
    assert statement(copied, "forms", "city") == Statement("Kiel", EIGHT)


def test_after_an_older_copy_was_put_back_what_the_crm_says_too_may_be_ours() -> None:
    put_back = Terms(SOURCES, "crm", {"city": "newest"}, put_back=True)
    one = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", NINE), rule="newest")
    speak(one, "portal", {"city": "Kiel"}, TEN, put_back)
    assert statement(one, "crm", "city") == Statement("Kiel"), "a copy of ours"
    assert statement(one, "portal", "city") == Statement("Kiel", TEN, EIGHT)
    # Whatever differs there is the rep's own word still, and so is a clearing.
    other = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", NINE), rule="newest")
    speak(other, "portal", {"city": "Ulm"}, TEN, put_back)
    assert statement(other, "crm", "city") == Statement("Kiel", NINE)
    gone = lead(("portal", "Bonn", EIGHT), ("crm", None, NINE), rule="newest")
    speak(gone, "portal", {"city": None}, TEN, put_back)
    assert statement(gone, "crm", "city") == Statement(None, NINE)
    untimed = Terms(SOURCES, "crm", put_back=True)
    plain = lead(("portal", "Bonn", EIGHT), ("crm", "Kiel", NINE))
    speak(plain, "portal", {"city": "Kiel"}, TEN, untimed)
    assert statement(plain, "portal", "city") == Statement("Kiel", TEN)
