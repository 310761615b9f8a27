"""What goes back where a run is taken back, field by field, and what stays as it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connector.model import sentences
from connector.model.before_image import BeforeImage
from connector.model.outbox import Found
from connector.steps.undoing import Verdict, Written, gathered, held, judge

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)


def image(
    number: int, written: dict[str, Any], before: dict[str, Any], *, our_key: str = "lead:5", crm_id: str = "00Q1",
    created: bool = False,
) -> BeforeImage:  # fmt: skip
    at = AT + timedelta(minutes=number)
    return BeforeImage(7, "crm", "lead", our_key, crm_id, written, before, created, at, 5, "b2b", id=number)


def written(one: dict[str, Any], before: dict[str, Any], *, crm_id: str = "00Q1", created: bool = False) -> Written:
    return Written(("crm", "lead", "lead:5"), crm_id, 5, "b2b", one, before, created)


def found(**values: Any) -> Found:
    return Found(("00Q1",), (values,))


def test_a_field_goes_back_to_what_the_run_found_first() -> None:
    images = [
        image(1, {"Title": "CTO", "City": "Kiel"}, {"Title": "Boss"}),
        image(2, {"Title": "CIO", "Phone": "+49 1"}, {"Title": "CTO", "City": "Kiel", "Phone": None}),
    ]
    (one,) = gathered(images).values()
    assert one.before == {"Title": "Boss", "Phone": None}
    assert one.written == {"Title": "CIO", "City": "Kiel", "Phone": "+49 1"}
    assert (one.lead_id, one.flow, one.created, one.ids, one.at) == (5, "b2b", False, [1, 2], AT + timedelta(minutes=2))
    assert (one.place, one.target, one.object, one.our_key) == (("crm", "lead", "lead:5"), "crm", "lead", "lead:5")


def test_images_of_a_record_are_gathered_over_pages_and_an_id_stays_known() -> None:
    first = gathered([image(1, {"Title": "CTO"}, {}, created=True), image(2, {}, {}, our_key="lead:6")])
    both = gathered([image(3, {"Title": "CIO"}, {"Title": "CTO"}, crm_id="")], first)
    assert both is first
    assert both["crm", "lead", "lead:5"].created
    assert both["crm", "lead", "lead:5"].crm_id == "00Q1"
    assert both["crm", "lead", "lead:5"].ids == [1, 3]
    later = gathered([image(4, {}, {}, crm_id="")])
    assert later["crm", "lead", "lead:5"].crm_id == ""
    gathered([image(5, {}, {}, crm_id="003X")], later)
    assert later["crm", "lead", "lead:5"].crm_id == "003X"


def test_what_still_stands_goes_back_and_what_somebody_changed_stays() -> None:
    one = written({"Title": "CTO", "City": "Kiel", "Phone": "+49 1"}, {"Title": "Boss", "City": "Bonn", "Phone": None})
    there = {"title": "CTO", "City": "Ulm", "Phone": "+49 1"}
    verdict = judge(one, found(**there))
    assert verdict.back == {"Title": "Boss", "Phone": None}
    assert verdict.left == {"City": sentences.EDITED_SINCE}
    assert verdict.there
    assert verdict.values == {"title": "CTO", "city": "Ulm", "phone": "+49 1"}


def test_what_is_back_already_is_neither_written_nor_told() -> None:
    one = written({"Title": "CTO", "City": "Kiel"}, {"Title": "Boss", "City": "Bonn"})
    assert judge(one, found(Title="Boss", City="Kiel")).back == {"City": "Bonn"}
    assert judge(one, found(Title="Boss", City="Kiel")).left == {}


def test_what_stood_there_must_be_known() -> None:
    one = written({"Title": "CTO", "City": "Kiel"}, {"City": "Bonn"})
    assert judge(one, found(Title="CTO", City="Kiel")) == Verdict(
        {"City": "Bonn"}, {"Title": sentences.BEFORE_UNKNOWN}, values={"title": "CTO", "city": "Kiel"}
    )


def test_of_a_record_that_the_run_created_only_edits_are_told() -> None:
    one = written({"Title": "CTO", "City": "Kiel", "Phone": "1"}, {"Phone": None}, created=True)
    verdict = judge(one, found(Title="CTO", City="Ulm", Phone="1"))
    assert (verdict.back, verdict.left) == ({}, {"City": sentences.EDITED_SINCE})


def test_a_record_that_cannot_be_asked_is_gone_or_was_merged_stays_as_it_is() -> None:
    one = written({"Title": "CTO"}, {"Title": "Boss"})
    for there, why in [
        (None, sentences.CANNOT_BE_ASKED),
        (Found(("00Q1",), ({"Title": "CTO"},), reliable=False), sentences.CANNOT_BE_ASKED),
        (Found(), sentences.NOT_THERE_ANY_MORE),
        (Found(("00Q2",), ({"Title": "CTO"},)), sentences.MERGED_THERE),
    ]:
        assert judge(one, there) == Verdict(left={"": why}, there=False)


def test_an_id_that_was_never_told_is_no_merge_and_a_record_without_values_holds_nothing() -> None:
    one = written({"Title": "CTO"}, {"Title": "Boss"}, crm_id="")
    assert judge(one, found(Title="CTO")).back == {"Title": "Boss"}
    assert judge(one, Found(("00Q1",))).left == {"Title": sentences.EDITED_SINCE}


def test_a_value_is_held_while_our_side_says_nothing_else() -> None:
    images = [image(1, {"Title": "CIO"}, {"Title": "Chief"}), image(2, {"Title": "CTO"}, {"Title": "Boss"})]
    assert held("Title", "CTO", "Boss", images)
    assert not held("Title", "CIO", "Boss", images), "what it was before the last write is something else"
    assert not held("Title", "CTO", "Chief", images), "somebody wrote there since"
    assert not held("City", "CTO", "Boss", images)
    assert held("Title", "CTO", None, [image(1, {"Title": "CTO"}, {})])
    assert not held("Title", "CTO", None, [image(1, {"Title": "CTO"}, {}, created=True)])
    assert held("Title", "CTO", "Boss", [*images, image(3, {"City": "Kiel"}, {})]), "another field says nothing of it"
