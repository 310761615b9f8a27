"""Deeds tell every activity once, in order, whatever order they were read in."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.model.activity import Activity
from connector.steps.telling.deeds import deeds

NOW = datetime(2026, 12, 7, 8, tzinfo=UTC)

activities = st.lists(
    st.builds(
        lambda number, hours, kind, topic: Activity("m", str(number), "p", NOW - timedelta(hours=hours), kind, topic),
        st.integers(0, 10_000), st.integers(0, 50), st.sampled_from(["visit", "download"]), st.sampled_from(["", "a"]),
    ),
    max_size=20, unique_by=lambda one: one.source_id,
)  # fmt: skip


@given(activities, st.randoms(use_true_random=False))
def test_every_activity_is_told_once_in_any_order_of_reading(found: list[Activity], random: object) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    told = deeds(shuffled)
    assert told == deeds(found)
    assert sum(deed.count for deed in told) == len(found)


@given(activities)
def test_deeds_follow_each_other_and_neighbours_differ(found: list[Activity]) -> None:
    told = deeds(found)
    for earlier, later in itertools.pairwise(told):
        assert earlier.first <= earlier.last <= later.first
        assert (earlier.kind, earlier.about) != (later.kind, later.about)
