"""Comparing has no side, adds up, and more agreement never counts less."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from connector.steps.alike import (
    ORGANISATION,
    PERSON,
    Profile,
    compare,
    joined,
    keys,
    may_be_alike,
    organisation,
    person,
)

TEXT = st.text(alphabet="aeinrst .-'äØ山田太ヤダ1,", max_size=12)
VALUES: dict[str, st.SearchStrategy[str]] = {
    "name.given": st.sampled_from(("Ana", "Anna", "John", "J.", "Bob", "Robert", "太郎", "山田", "Jayden", "Hayden"))
    | TEXT,
    "name.family": st.sampled_from(("Weber", "Webber", "Smith", "山田", "太郎", "Ana", "Garcia Lopez", "Garcia"))
    | TEXT,
    "name.full": st.sampled_from(("Ana Weber", "Weber, Ana", "山田太郎", "John Smith III")) | TEXT,
    "name.reading": st.sampled_from(("ヤマダ タロウ", "Yamada Taro")) | TEXT,
    "email": st.sampled_from(
        ("ana.weber@firm.example", "aweber@firm.example", "ana.weber@gmail.com", "info@firm.example", "no address")
    ),
    "phone": st.sampled_from(("+493012345678", "+493012345679", "030 12345678")) | TEXT,
    "mobile": st.sampled_from(("+493012345678", "+4915112345678")),
    "linkedin": st.sampled_from(("https://linkedin.com/in/ana", "linkedin.com/in/bo/", "ana")),
    "custom.birthday": st.sampled_from(("1990-04-17", "1990-04-18", "1990-01-01", "1991-01-01", "never")),
    "street": st.sampled_from(("12 Mill Lane", "Mill Ln. 14", "Hauptstr. 3")) | TEXT,
    "postal_code": st.sampled_from(("10115", "10117", "BS2 0EL")) | TEXT,
    "city": st.sampled_from(("Berlin", "Berlim", "Oslo")) | TEXT,
    "country": st.sampled_from(("DE", "AT")),
    "company.name": st.sampled_from(("Acme GmbH", "Acme", "Acme Software", "Borealis")) | TEXT,
    "company.domain": st.sampled_from(("acme.example", "other.example", "gmail.com")),
    "job_title": st.sampled_from(("CEO", "ceo")) | TEXT,
}
RECORDS = st.fixed_dictionaries({}, optional=VALUES)
PEOPLE = RECORDS.map(person)
FIRMS = RECORDS.map(organisation)
#: Fields of which an agreeing value is added to both records; each is compared by itself.
ADDED = (
    "linkedin",
    "custom.birthday",
    "street",
    "postal_code",
    "city",
    "country",
    "company.name",
    "company.domain",
    "phone",
)


def twins(profiles: st.SearchStrategy[Profile]) -> st.SearchStrategy[tuple[Profile, Profile]]:
    return st.tuples(profiles, profiles) | profiles.map(lambda one: (one, one))


@given(twins(PEOPLE) | twins(st.lists(PEOPLE, min_size=1, max_size=3).map(joined)) | twins(FIRMS))
def test_it_has_no_side_and_adds_up(two: tuple[Profile, Profile]) -> None:
    one, other = two
    weights = PERSON if one.kind == "person" else ORGANISATION
    found, mirrored = compare(one, other, weights), compare(other, one, weights)
    assert found == compare(one, other, weights)
    assert (found.points, found.band, found.never_sure) == (mirrored.points, mirrored.band, mirrored.never_sure)
    assert [left[:3] for left in found.findings] == [right[:3] for right in mirrored.findings]
    assert found.points == sum(finding.points for finding in found.findings)
    compared = [finding.field for finding in found.findings if finding.level != "at_most"]
    assert len(set(compared)) == len(compared)


@given(twins(PEOPLE) | twins(FIRMS))
def test_a_band_has_its_points(two: tuple[Profile, Profile]) -> None:
    weights = PERSON if two[0].kind == "person" else ORGANISATION
    found = compare(*two, weights)
    named = {f"{finding.field}.{finding.level}" for finding in found.findings}
    if found.band == "sure":
        assert found.points >= weights.sure
        assert not named & weights.never_sure
        assert not weights.sure_needs or named & weights.sure_needs
    assert (found.band != "") == (found.points >= weights.perhaps)


@given(twins(PEOPLE) | twins(st.lists(PEOPLE, min_size=1, max_size=3).map(joined)), st.integers(-60, 75))
def test_a_quick_look_passes_nobody_over_who_is_alike(two: tuple[Profile, Profile], perhaps: int) -> None:
    weights = replace(PERSON, perhaps=perhaps)
    assert may_be_alike(*two, weights) or not compare(*two, weights).band


@given(RECORDS, RECORDS, st.sampled_from(ADDED), st.data())
def test_what_agrees_beside_the_rest_never_counts_less(
    one: dict[str, Any], other: dict[str, Any], field: str, data: st.DataObject
) -> None:
    bare = [{key: value for key, value in record.items() if key != field} for record in (one, other)]
    value = data.draw(VALUES[field])
    for kind, weights in ((person, PERSON), (organisation, ORGANISATION)):
        before = compare(kind(bare[0]), kind(bare[1]), weights)
        after = compare(kind(bare[0] | {field: value}), kind(bare[1] | {field: value}), weights)
        # A number that is somebody's mobile may be found beside others that differ.
        assert after.points >= before.points


@given(PEOPLE, PEOPLE, PEOPLE)
def test_a_joined_record_has_all_keys_and_is_no_less_alike_in_any_field(
    one: Profile, other: Profile, third: Profile
) -> None:
    both = joined((one, other))
    assert keys(one) <= keys(both)
    assert joined((both, one)) == both
    least = [found.points for found in compare(one, third, PERSON).findings if found.field == "birthday"]
    most = [found.points for found in compare(both, third, PERSON).findings if found.field == "birthday"]
    assert most >= least


@given(RECORDS)
def test_keys_are_numbers_that_the_store_can_keep(record: dict[str, Any]) -> None:
    for profile in (person(record), organisation(record)):
        assert all(0 <= key < 2**63 for key in keys(profile))
        assert len(keys(profile)) <= 16
        assert not keys(person({}))
