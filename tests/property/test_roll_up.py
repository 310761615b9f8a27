"""Whatever comes, changes and is deleted, counts over all time are those of all that was ever done."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.model.activity import Activity
from connector.model.lead import Lead
from state import intake, open_store

NOW = datetime(2026, 11, 20, tzinfo=UTC)
KINDS = ("visit", "download")
WHAT = st.sampled_from(("comes", "comes", "is deleted"))
#: (act, number of an activity, its day, its kind)
ACTS = st.lists(st.tuples(WHAT, st.integers(0, 8), st.integers(0, 9), st.sampled_from(KINDS)), max_size=25)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS, st.sampled_from((1, 3, 1000)))
def test_counts_over_all_time(acts: list[tuple[str, int, int, str]], backlog: int) -> None:
    before, intake.BACKLOG = intake.BACKLOG, backlog
    try:
        with TemporaryDirectory() as folder:
            _holds(Path(folder), acts)
    finally:
        intake.BACKLOG = before


def _holds(folder: Path, acts: list[tuple[str, int, int, str]]) -> None:
    store, lead = open_store(folder / "s.db"), Lead()
    known: dict[str, tuple[int, str]] = {}
    cut = 0
    with store.write() as tx:
        tx.intake.add_leads([lead], NOW)
        for act, number, day, kind in acts:
            if act == "comes":
                # An activity is of its day for ever; what it is called may change while it is kept.
                name = f"{number}-{day}"
                if day >= cut:
                    known[name] = (day, kind)
                one = Activity("p", name, "x", NOW + timedelta(days=day, hours=5), kind, lead_id=lead.id)
                tx.intake.add_activities([one])
            else:
                cut = max(cut, day)
                at = NOW + timedelta(days=day)
                old, _ = tx.retention.activities(at, 0, 1000)
                tx.retention.cut("activities", at)
                tx.retention.drop_activities(old)
            wanted = Counter(kind for _, kind in known.values())
            assert tx.intake.lifetime([lead.id]).get(lead.id, {}) == dict(wanted)
            assert len(tx.intake.activities([lead.id]).get(lead.id, ())) == sum(day >= cut for day, _ in known.values())
    store.close()
