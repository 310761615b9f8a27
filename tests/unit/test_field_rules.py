"""What may be written over what stands in a CRM."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.model.mirror import CrmRecord
from connector.steps.field_rules import alike, overwritten, own_names, owner_names, sendable, stale

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ORIGINS = {
    "Title": ("job_title",), "Score__c": ("score.total",), "Description": (), "OwnerId": ("owner",),
    "Status": ("stage",), "Company": ("company.name", "name.full"),
}  # fmt: skip


def test_names_by_what_they_are_filled_from() -> None:
    assert own_names(ORIGINS) == {"Score__c", "Description"}
    assert owner_names(ORIGINS) == {"OwnerId"}


@pytest.mark.parametrize(
    ("there", "last", "sent"),
    [
        ("", "", True),
        (None, "CTO", True),
        ("  ", "", True),
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

    def test_what_is_not_shown_to_us_says_nothing(self) -> None:
        assert self.names({}) == frozenset()

    def test_moments_of_one_second_are_alike(self) -> None:
        assert alike("2026-12-07T08:00:00.25+00:00", "2026-12-07T08:00:00Z")
        assert not alike("2026-12-07T08:00:02+00:00", "2026-12-07T08:00:00Z")
