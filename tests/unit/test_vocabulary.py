"""What a CRM accepts, held against what is to be written."""

from __future__ import annotations

from typing import Any

import pytest

from connector.model.adapter import FieldInfo
from connector.steps.vocabulary import Vocabulary

OWNERS = {"lena@northwind.example": "005A", "tom@northwind.example": "005B"}
VOCABULARY = Vocabulary(
    [
        FieldInfo("lead", "LastName"),
        FieldInfo("lead", "LeadSource", choices=("Web", "Advertisement"), restricted=True),
        FieldInfo("lead", "Industry", choices=("Banking",)),
        FieldInfo("lead", "Interests", "list", choices=("Golf", "Chess"), restricted=True),
        FieldInfo("lead", "OwnerId", "owner", choices=tuple(OWNERS), ids=OWNERS),
        FieldInfo("lead", "CreatedDate", writable=False),
    ]
)


def fit(**values: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    fitted, left = VOCABULARY.fit("lead", values)
    return fitted, [(one.field, one.reason) for one in left]


def test_what_is_accepted_passes_as_it_is() -> None:
    assert fit(LastName="Weber", LeadSource="Web") == ({"LastName": "Weber", "LeadSource": "Web"}, [])


def test_a_value_that_is_no_choice_leaves_out_its_field_alone_and_names_the_nearest_first() -> None:
    fitted, left = fit(LastName="Weber", LeadSource="Advertisment")
    assert fitted == {"LastName": "Weber"}
    assert left == [("LeadSource", "Advertisment is not one of its choices (Advertisement, Web)")]


def test_the_platforms_own_spelling_is_sent() -> None:
    assert fit(LeadSource="ＷＥＢ") == ({"LeadSource": "Web"}, [])


def test_choices_that_do_not_restrict_let_others_pass() -> None:
    assert fit(Industry="Fishing") == ({"Industry": "Fishing"}, [])


def test_an_owners_address_becomes_the_users_id_and_an_id_passes() -> None:
    assert fit(OwnerId="lena@northwind.example") == ({"OwnerId": "005A"}, [])
    assert fit(OwnerId="005B") == ({"OwnerId": "005B"}, [])


def test_an_owner_who_is_no_active_user_is_told_by_address() -> None:
    assert fit(OwnerId="gone@northwind.example") == (
        {},
        [("OwnerId", "no active user of the CRM has the address gone@northwind.example")],
    )


@pytest.mark.parametrize("value", [None, ""])
def test_a_clearing_is_always_accepted(value: Any) -> None:
    assert fit(LeadSource=value) == ({"LeadSource": value}, [])


def test_each_of_several_choices_is_held_against_the_list() -> None:
    assert fit(Interests=["golf", "Chess"]) == ({"Interests": ["Golf", "Chess"]}, [])
    assert fit(Interests=["Golf", "Darts"])[0] == {}


def test_fields_that_are_not_there_or_not_ours_to_write_are_left_out() -> None:
    fitted, left = fit(Baton_Score__c=3, CreatedDate="2026-12-07")
    assert fitted == {}
    assert [name for name, _ in left] == ["Baton_Score__c", "CreatedDate"]


def test_of_an_object_that_was_not_told_everything_passes() -> None:
    assert VOCABULARY.fit("task", {"Subject": "Call"}) == ({"Subject": "Call"}, [])
