"""Matching depends on what records say, not on the order they come in; what it finds has the keys."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from connector.model.mirror import CrmRecord
from connector.steps.field_rules import alike, sendable
from connector.steps.matching import STANDINGS, Around, Keys, Match, agrees, match, normalised

EMAILS = ("ana@firm.example", "bo@firm.example")
PHONES = ("+4930123456", "+4930123457")
FAMILIES = ("weber", "berg")
KEYS = Keys("s1-1", ("x3",), EMAILS[0], (PHONES[0],), FAMILIES[0], "firm.example")


@st.composite
def records(draw: st.DrawFn, object: str, number: int) -> CrmRecord:
    record = CrmRecord(
        object,  # type: ignore[arg-type]
        f"x{number}",
        our_key=draw(st.sampled_from(("", "", "s1-1", "s1-2"))),
        email=draw(st.sampled_from(("", *EMAILS))),
        phone=draw(st.sampled_from(("", *PHONES))),
        family_name=draw(st.sampled_from(("", *FAMILIES))),
        gone=draw(st.integers(0, 5)) == 0,
    )
    if object == "contact":
        return replace(record, account=draw(st.sampled_from(("", "a1", "a2"))))
    other = f"x{draw(st.integers(0, 7))}"
    fate = draw(st.sampled_from(("open", "open", "converted", "merged")))
    if fate == "converted":
        return replace(record, is_open=False, converted_to={"contact": other})
    return replace(record, merged_into=other) if fate == "merged" else record


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[CrmRecord], Around]:
    kinds = draw(st.lists(st.sampled_from(("lead", "contact")), max_size=8))
    people = [draw(records(kind, number)) for number, kind in enumerate(kinds)]
    accounts = {name: CrmRecord("account", name, customer=draw(st.booleans())) for name in ("a1", "a2")}
    deals = [CrmRecord("opportunity", f"o{number}", is_open=draw(st.booleans())) for number in range(2)]
    around = Around({(one.object, one.id): one for one in people}, accounts, {("account", "a1"): deals})
    return people, around


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_records_never_matters(world: tuple[list[CrmRecord], Around], chance: object) -> None:
    people, around = world
    shuffled = list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    turned = Around(
        dict(reversed(around.people.items())),
        dict(reversed(around.accounts.items())),
        {place: list(reversed(deals)) for place, deals in around.deals.items()},
    )
    assert match(KEYS, people, around) == match(KEYS, shuffled, turned)


@given(worlds())
def test_whoever_is_found_is_there_and_has_the_strongest_key_of_all(world: tuple[list[CrmRecord], Around]) -> None:
    people, around = world
    found = match(KEYS, people, around)
    reachable = [one for one in people if agrees(KEYS, one) and around.followed(one) is not None]
    if found is None:
        assert reachable == []
        return
    assert not found.person.gone
    assert not found.person.merged_into
    assert found.by == agrees(KEYS, found.found)
    assert found.by == min(
        (agrees(KEYS, one) or "phone" for one in reachable), key=("our_key", "link", "email", "phone").index
    )
    assert _rank(found) <= min((_rank_of(one, around) for one in found.others), default=len(STANDINGS))
    assert found.person not in found.others


def _rank(found: Match) -> int:
    return STANDINGS.index(found.standing)


def _rank_of(person: CrmRecord, around: Around) -> int:
    if person.object == "lead":
        return STANDINGS.index("lead")
    account = around.account_of(person)
    if around.deal_of(person) is not None:
        return STANDINGS.index("open_opportunity")
    return STANDINGS.index("customer" if account and account.customer else "contact")


@given(st.text(max_size=40), st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_normalising_a_record_twice_is_once(email: str, phone: str, site: str, family: str) -> None:
    once = normalised(CrmRecord("contact", "1", email=email, phone=phone, domain=site, family_name=family), "DE")
    assert normalised(once, "DE") == once


VALUES = st.one_of(st.none(), st.sampled_from(("", "a", "b", "1", "1.0")), st.integers(0, 2), st.booleans())
FIELDS = st.dictionaries(st.sampled_from("fgh"), VALUES)


@given(FIELDS, FIELDS, FIELDS, st.frozensets(st.sampled_from("fgh")))
def test_what_a_person_filled_is_never_written_over(
    values: dict[str, object], last: dict[str, object], there: dict[str, object], own: frozenset[str]
) -> None:
    sent = sendable(values, own, last, there)
    for name, value in values.items():
        theirs = there.get(name)
        if name in own or theirs in (None, "") or theirs == last.get(name):
            assert sent[name] == value
    assert sent.items() <= values.items()
    kept = [name for name in values if name not in own and there.get(name) not in (None, "")]
    assert not any(name in sent and not alike(there[name], last.get(name)) for name in kept)
