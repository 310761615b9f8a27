"""A copy of the store is made by the command while the daemon works; put back, nothing is lost and nothing double."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from connector.cli.root import baton
from connector.daemon import Daemon
from tests.line import Line
from tests.system.test_state_restore import put_back

CRM = (
    'file = "crm.world"\ncrm_streams = ["user", "account", "contact", "lead", "task"]\nreports_deletes = true\n'
    'look_up_batch = 50\nkey_field = "baton_id"\nwriters = 2\nmax_batch = 3\n'
)
PEOPLE = 30


def command(line: Line, *arguments: str) -> str:
    done = CliRunner().invoke(baton, ["--config", str(line.folder / "config.toml"), *arguments], prog_name="baton")
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("moment", ["write:begin", "pull:end"])
def test_copied_in_the_midst_of_a_jobs_work_and_put_back(tmp_path: Path, moment: str) -> None:
    line = Line(tmp_path, crm_settings=CRM, portal_settings='file = "portal.world"', page_size=5)
    for number in range(PEOPLE):
        line.person(number)
        line.did(number, "demo_request")
    copied = threading.Lock()

    def watch(what: str) -> None:
        # The daemon's jobs are in the midst of it: this one waits, the others go on.
        if what == moment and copied.acquire(blocking=False):
            command(line, "state", "backup", str(tmp_path / "copy.bak"))

    line.crm.watch = line.portal.watch = watch
    daemon = Daemon(lambda: line.app)
    for _ in range(12):
        daemon.begin()
        daemon.wait()
        line.now += timedelta(minutes=1)
    assert copied.locked()
    assert line.crm_counts() == {"lead": PEOPLE, "task": PEOPLE, "note": PEOPLE}
    put_back(line, tmp_path / "copy.bak")
    for _ in range(6):
        assert line.sync(timedelta(minutes=10)).failures == []
    assert line.crm_counts() == {"lead": PEOPLE, "task": PEOPLE, "note": PEOPLE}
    keys = Counter((thing.object, thing.our_key) for thing in line.crm.things())
    assert max(keys.values()) == 1
    assert line.outbox("waiting", "in_flight", "unknown", "dead", "parked") == []
    line.app.close()
