"""A source is empty all at once, and the process ends there: whenever that is, the flow is parked in the end."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.test_desk_acts_killed import Killed, killed
from tests.line import Line
from tests.stopping import leases_are_over

MINUTES = timedelta(minutes=10)
#: Commits of a run that finds the source empty, at most.
MOST = 12


def test_wherever_the_process_ends_the_flow_is_parked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for nth in range(1, MOST):
        (tmp_path / str(nth)).mkdir()
        line = Line(tmp_path / str(nth))
        line.person(1)
        line.sync()
        line.portal.empty("contacts")
        line.now += MINUTES
        ended = True
        with killed(line, monkeypatch, nth), suppress(Killed):
            line.sync()
            ended = False
        leases_are_over(line.app.store)
        assert line.sync(MINUTES).failures == []
        assert [item.flow for item in line.waiting_for_people("parked_flow")] == ["b2b"], nth
        line.app.close()
        if not ended:
            break
    assert nth > 3
