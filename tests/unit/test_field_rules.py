"""What may be written over what stands in a CRM."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model.mirror import CrmRecord
from connector.steps.field_rules import alike, overwritten, own_names, owner_names, score_names, sendable, stale

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ORIGINS = {
    "Title": ("job_title",), "Score__c": ("score.total",), "Description": (), "OwnerId": ("owner",),
    "Status": ("stage",), "Company": ("company.name", "name.full"),
}  # fmt: skip


def test_names_by_what_they_are_filled_from() -> None:
    assert own_names(ORIGINS) == {"Score__c", "Description"}
    assert owner_names(ORIGINS) == {"OwnerId"}
    # What a template makes may follow from the score; whatever else goes into a field, it does not alone.
    assert score_names({**ORIGINS, "Brief": ("handoff.brief", "grade"), "Note": ("grade", "city")}) == {
        "Score__c", "Description", "Brief",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("there", "last", "sent"),
    [
        ("", "", True),
        (None, "CTO", True),
        ("  ", "", True),
        ([], ["a"], True),
        (["a"], [], False),
        (0, "", False),
        ("CTO", "CTO", True),
        ("CTO", "", False),
        ("CTO", "CIO", False),
        (600, "600", True),
        ("600.0", 600, True),
        (True, "true", True),
        ("a;b", ["b", "a"], True),
        (["a", "b"], ["b", "a"], True),
        ("007", "7", False),
    ],
)
def test_a_persons_value_stays_and_ours_is_replaced(there: Any, last: Any, sent: bool) -> None:
    assert ("f" in sendable({"f": "new"}, (), {"f": last}, {"f": there})) is sent
    assert sendable({"f": "new"}, ("f",), {"f": last}, {"f": there}) == {"f": "new"}


def test_alike_is_not_equal_text_of_other_things() -> None:
    assert not alike("01", "1a")
    assert not alike("true", "1")
    assert not alike("x", 1)
    assert alike("TRUE", True)


@pytest.mark.parametrize(
    ("changed", "written", "old"),
    [
        (NOW, NOW + timedelta(hours=1), True),
        (NOW, NOW + timedelta(seconds=30), False),
        (NOW, NOW - timedelta(hours=1), False),
        (NOW, NOW + timedelta(minutes=1), False),
        (NOW, NOW + timedelta(seconds=61), True),
        (None, NOW, False),
        (NOW, None, False),
    ],
)
def test_a_record_older_than_our_last_write_says_nothing_about_it(
    changed: datetime | None, written: datetime | None, old: bool
) -> None:
    assert stale(CrmRecord("lead", "1", modified_at=changed), written) is old


WRITTEN = {"Score": 50, "City": "Köln"}


class TestOverwritten:
    def names(self, there: dict[str, Any], *earlier: dict[str, Any]) -> frozenset[str]:
        return overwritten(there, WRITTEN, {"Score"}, lambda: earlier)

    def test_what_we_wrote_last_is_an_echo(self) -> None:
        assert self.names({"Score": "50.0", "City": "Köln"}) == frozenset()

    def test_a_field_of_our_own_is_written_again_whatever_it_says(self) -> None:
        assert self.names({"Score": None, "City": "Bonn"}) == {"Score"}

    def test_an_older_value_of_ours_came_late(self) -> None:
        assert self.names({"Score": 50, "City": "Bonn"}, {"City": "Köln"}, {"City": "Bonn"}) == {"City"}

    def test_somebodys_edit_is_not_ours_though_we_wrote_the_field_before(self) -> None:
        assert self.names({"Score": 50, "City": "Ulm"}, {"City": "Bonn"}, {"Score": 1}) == frozenset()

    def test_earlier_values_are_asked_for_only_where_a_persons_field_differs(self) -> None:
        def never() -> list[dict[str, Any]]:
            raise AssertionError("nothing of a person's differs")

        assert overwritten({"Score": 1, "City": "Köln"}, WRITTEN, {"Score"}, never) == {"Score"}

    def test_what_is_not_shown_to_us_says_nothing(self) -> None:
        assert self.names({}) == frozenset()

    def test_moments_of_one_second_are_alike(self) -> None:
        assert alike("2026-12-07T08:00:00.25+00:00", "2026-12-07T08:00:00Z")
        assert not alike("2026-12-07T08:00:02+00:00", "2026-12-07T08:00:00Z")
        assert alike("2026-12-07T08:00:00.999Z", "2026-12-07T09:00:00+01:00")
        assert not alike("2026-12-07T08:00:01Z", "2026-12-07T08:00:00Z")
        assert alike("2026-12-07T08:00Z", "2026-12-07T08:00:00+00:00")

    @pytest.mark.parametrize(
        "other", ["2026-12-07T08:00:00", "2026-12-07 08:00:00Z", "2026-12-07", "2026-13-07T08:00Z"]
    )
    def test_what_is_no_moment_is_compared_as_text(self, other: str) -> None:
        assert not alike(other, "2026-12-07T08:00:00Z")
        assert alike(other, f" {other} ")

    @pytest.mark.parametrize(
        ("one", "other", "same"),
        [
            (0, "", False), (0, None, False), (None, "", True), (2, True, False), (True, 1.5, False), ("12 ", 12, True),
            (12.0, "12.5", False), ("a\r\nb", "a\nb", True), (" a ", "a", True), ("A", "a", False),
            ("FALSE", "false", True),
            (["b", None], ("", "b"), True),
            ("", [], True), ("x", "y", False), ("x", 1.5, False), (False, "False", True),
            ("x", None, False),
        ],
    )  # fmt: skip
    def test_values_are_alike_whatever_their_type(self, one: Any, other: Any, same: bool) -> None:
        assert alike(one, other) is same
        assert alike(other, one) is same
