"""Who was forgotten and comes back is somebody new, though their record in the CRM still carries the old key."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from connector.runs.forget import forget
from connector.runs.restore import after_restore
from tests.line import Line

HOUR = timedelta(hours=1)
CRM = 'crm_streams = ["user", "lead", "contact", "task"]\nreports_deletes = true\nlook_up_batch = 100\n'


@pytest.mark.parametrize("restored", [False, True])
def test_the_key_of_somebody_forgotten_is_nobodys_any_more(tmp_path: Path, restored: bool) -> None:
    line = Line(tmp_path, crm_settings=CRM)
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    if restored:
        with line.app.store.write() as tx:
            after_restore(tx, line.now)
        line.sync(HOUR)
    before = line.lead(1).id
    forget(line.app.runtime(), before)
    line.sync(HOUR)
    line.did(1, "demo_request", line.now + HOUR / 2)
    line.person(1, job_title="CEO")
    line.sync(HOUR)
    line.person(1, job_title="CTO")
    for _ in range(2):
        assert line.sync(HOUR).failures == []
    assert line.lead(1).id > before
    assert [one.lead_id for one in line.handoffs("open")] == [line.lead(1).id]
    assert line.outbox("waiting", "unknown", "dead", "parked") == []
    assert line.crm_counts() == {"lead": 1, "task": 2, "note": 2}
    line.app.close()
