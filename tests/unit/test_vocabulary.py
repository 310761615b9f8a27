"""What a CRM accepts, held against what is to be written."""

from __future__ import annotations

from typing import Any

import pytest

from connector.model import sentences
from connector.model.adapter import FieldInfo
from connector.steps.vocabulary import LeftOut, Vocabulary

OWNERS = {"lena@northwind.example": "005A", "tom@northwind.example": "005B"}
FIELDS = [
    FieldInfo("lead", "LastName"),
    FieldInfo("lead", "LeadSource", choices=("Web", "Advertisement"), restricted=True),
    FieldInfo("lead", "Industry", choices=("Banking",)),
    FieldInfo("lead", "Interests", "list", choices=("Golf", "Chess"), restricted=True),
    FieldInfo("lead", "OwnerId", "owner", choices=tuple(OWNERS), ids=OWNERS),
    FieldInfo("lead", "CreatedDate", writable=False),
    FieldInfo("contact", "Title"),
]


def fit(**values: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    fitted, left = Vocabulary(FIELDS).fit("lead", values)
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
    assert Vocabulary(FIELDS).fit("task", {"Subject": "Call"}) == ({"Subject": "Call"}, [])


def test_what_is_left_out_is_told_with_its_value_only_where_another_value_would_do() -> None:
    left = Vocabulary(FIELDS).fit("lead", {"Score": 3, "CreatedDate": "today", "Interests": ["Golf", "Darts"]})[1]
    no_choice = sentences.NOT_A_CHOICE % {"value": "Darts", "choices": "Golf, Chess"}
    assert left == [
        LeftOut("Score", "", sentences.NO_SUCH_FIELD),
        LeftOut("CreatedDate", "", sentences.NOT_WRITABLE),
        LeftOut("Interests", "['Golf', 'Darts']", no_choice),
    ]


def test_of_another_object_a_field_is_another_field() -> None:
    assert Vocabulary(FIELDS).fit("contact", {"LastName": "Weber", "Title": "CTO"})[0] == {"Title": "CTO"}


def test_whether_a_value_would_be_sent() -> None:
    vocabulary = Vocabulary(FIELDS)
    assert vocabulary.allows("lead", "LeadSource", "web")
    assert not vocabulary.allows("lead", "LeadSource", "Fair")
    assert not vocabulary.allows("lead", "CreatedDate", "2026-12-07")
    assert not vocabulary.allows("lead", "Title", "CTO")


def test_a_word_stands_for_its_id_whatever_its_case_and_in_lists_too() -> None:
    fields = [FieldInfo("lead", "Teams", "list", choices=("South",), ids={"North": "1", "West": "2"})]
    fitted, left = Vocabulary(fields).fit("lead", {"Teams": ["NORTH", "west", "2", "south"]})
    assert (fitted, left) == ({"Teams": ["1", "2", "2", "South"]}, [])
    assert Vocabulary(fields).fit("lead", {"Teams": "north"}) == ({"Teams": "1"}, [])


def test_words_without_a_list_of_choices_are_ids_and_nothing_else_passes() -> None:
    fields = [FieldInfo("lead", "RecordTypeId", ids={"Partner": "012A", "Retail": "012B"})]
    (left,) = Vocabulary(fields).fit("lead", {"RecordTypeId": "Partners"})[1]
    assert left.reason == sentences.NOT_A_CHOICE % {"value": "Partners", "choices": "Partner, Retail"}


@pytest.mark.parametrize(("many", "end"), [(8, "c7"), (9, "c7 …")])
def test_of_many_choices_the_first_are_named(many: int, end: str) -> None:
    fields = [FieldInfo("lead", "Kind", choices=tuple(f"c{one}" for one in range(many)), restricted=True)]
    (left,) = Vocabulary(fields).fit("lead", {"Kind": "zzz"})[1]
    named = "c0, c1, c2, c3, c4, c5, c6, " + end
    assert left.reason == sentences.NOT_A_CHOICE % {"value": "zzz", "choices": named}


STATUS = FieldInfo("lead", "Status", choices=("New", "Working", "Won"), forward=True)


def test_an_owner_is_read_as_the_address_that_an_admin_writes() -> None:
    vocabulary = Vocabulary(FIELDS)
    assert vocabulary.read("lead", "OwnerId", "005B") == "tom@northwind.example"
    for object, name, value in [("lead", "OwnerId", "005C"), ("lead", "OwnerId", None), ("lead", "LastName", "005B")]:
        assert vocabulary.read(object, name, value) == value
    assert vocabulary.read("contact", "OwnerId", "005B") == "005B"


@pytest.mark.parametrize(
    ("there", "ours", "further"),
    [("Working", "New", True), ("Won", "New", True), ("New", "Working", False), ("New", "New", False),
     ("Lost", "New", False), (None, "New", False), ("New", "Odd", False), ("Working", "Odd", False)],
)  # fmt: skip
def test_a_status_that_others_moved_on_stays(there: object, ours: str, further: bool) -> None:
    assert Vocabulary([STATUS]).is_further("lead", "Status", there, ours) is further


def test_only_what_goes_forward_is_further() -> None:
    vocabulary = Vocabulary(FIELDS)
    assert not vocabulary.is_further("lead", "LeadSource", "Advertisement", "Web")
    assert not vocabulary.is_further("lead", "Nothing", "Advertisement", "Web")
    assert not Vocabulary([STATUS]).is_further("contact", "Status", "Won", "New")


def test_what_would_be_sent_is_not_always_one_of_the_choices() -> None:
    vocabulary = Vocabulary(FIELDS)
    assert vocabulary.offers("lead", "Industry", "Banking")
    assert vocabulary.allows("lead", "Industry", "Fishing")
    assert not vocabulary.offers("lead", "Industry", "Fishing")
    assert vocabulary.offers("lead", "LastName", "Weber")
    assert not vocabulary.offers("lead", "LeadSource", "Fair")
    assert not vocabulary.offers("lead", "Nothing", "Web")
    assert vocabulary.offers("task", "Subject", "Call")
