"""A store that was set back, and was found to be, gives no number to anybody until what follows was done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from connector.jobs import rescore_job, work_job
from connector.runs import mend
from connector.runs.release import release_lead
from connector.runs.restore import SET_BACK, SetBackError
from tests.line import Line

ACTS: dict[str, Callable[[Line], object]] = {
    "sync": lambda line: line.sync(timedelta(minutes=5)),
    "release": lambda line: release_lead(line.app.runtime(), line.app.rows, line.lead(1).id, "ines"),
    "retry": lambda line: mend.retry(line.app.runtime(), line.app.rows, []),
    "work": lambda line: work_job(60.0).act(line.app.runtime(), line.app),
    "rescore": lambda line: rescore_job("02:30").act(line.app.runtime(), line.app),
}


@pytest.mark.parametrize("name", ACTS)
def test_nothing_is_scored_released_or_tried_again(tmp_path: Path, name: str) -> None:
    line = Line(tmp_path, mode="review")
    line.person(1)
    line.sync()
    line.did(1, "demo_request")
    line.sync(timedelta(minutes=5))
    assert len(line.handoffs("review")) == 1
    with line.app.store.write() as tx:
        tx.scores.mark_all_due(line.now)
        tx.admin.set_meta(SET_BACK, "crm")
        numbers = tx.admin.numbers()
    with pytest.raises(SetBackError):
        ACTS[name](line)
    with line.app.store.read() as tx:
        assert tx.admin.numbers() == numbers
        assert tx.scores.due(line.now, 10) != []
    assert len(line.handoffs("review")) == 1
