"""An older copy of the store is put back: a reminder that may have come since does not come again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from connector.app import has_ended, open_app
from connector.config import load
from connector.reporting.sending import send_due
from connector.runs.restore import after_restore
from state import backup, restore
from tests.line import Line
from tests.notices.servers import Postbox
from tests.notices.test_line import HOUR, MAIL, line_with, postbox

__all__ = ["postbox"]


def put_back(line: Line, copy: Path) -> None:
    """Stop, put the copy back, start again."""
    line.app.close()
    restore(
        str(line.folder / "baton.db"), copy, line.now,
        lambda tx, present: after_restore(tx, line.now, present.numbers, present.restores), has_ended,
    )  # fmt: skip
    line.app = open_app(load(line.folder / "config.toml"), lambda: line.now)


def test_a_reminder_comes_once_and_a_breach_all_the_same(tmp_path: Path, postbox: Postbox) -> None:
    line = line_with(tmp_path, MAIL)
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    copy = tmp_path / "copy.bak"
    backup(str(tmp_path / "baton.db"), copy)
    line.sync(4.5 * HOUR)
    assert [one.partition(":")[0] for one in postbox.subjects()] == ["Hot lead", "To be accepted"]
    line.now += HOUR
    put_back(line, copy)
    for _ in range(2):
        assert line.sync(HOUR / 6).failures == []
    assert len(postbox.letters) == 2
    (handoff,) = line.handoffs("open")
    with line.app.store.read() as tx:
        events = [one.kind for one in tx.handoff_events.of_handoffs([handoff.id])[handoff.id]]
    assert events == ["opened", "reminded"]
    # What is due from then on, is told.
    line.sync(timedelta(days=3))
    assert [one.partition(":")[0] for one in postbox.subjects()[2:]] == ["Overdue"]
    line.app.close()


def test_a_review_pack_that_was_due_before_is_made_and_not_sent(tmp_path: Path, postbox: Postbox) -> None:
    line = line_with(tmp_path, MAIL + '[notices]\nreport = ["manager"]\n')
    text = (tmp_path / "config.toml").read_text("utf-8")
    line.reopen(text.replace("[teams.sales]", '[teams.sales]\nmanager = "petra@northwind.example"'))
    line.sync()
    copy = tmp_path / "copy.bak"
    backup(str(tmp_path / "baton.db"), copy)
    line.now += timedelta(days=4)
    sent = send_due(line.app.runtime())
    assert len(sent) == 1
    assert len([row for row in line.outbox() if row.target == "notices"]) == 1
    put_back(line, copy)
    assert send_due(line.app.runtime()) == sent
    assert [row for row in line.outbox() if row.target == "notices"] == []
    line.now += timedelta(days=7)
    later = send_due(line.app.runtime())
    assert "2026-W48" in later
    assert len([row for row in line.outbox() if row.target == "notices"]) == len(later)
    line.app.close()
