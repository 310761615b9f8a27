"""Whatever ends the program while it follows handoffs up, everything happens once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.runs import follow_up as following
from connector.runs.follow_up import anything_due, follow_up
from tests.clocks.test_following import made, touch
from tests.line import START
from tests.stages.ground import Desk

HOUR = timedelta(hours=1)
#: Looks after the handoff: reminders and the breach, and what follows it.
LOOKS = (4 * HOUR, 6 * HOUR)
PEOPLE = (1, 2, 3)


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed(desk: Desk, monkeypatch: pytest.MonkeyPatch, *, committed: bool) -> Iterator[None]:
    """End at the next commit: before it, or behind it."""
    write = type(desk.app.store).write

    @contextmanager
    def ending(self: Any, **how: Any) -> Iterator[Any]:
        with write(self, **how) as tx:
            yield tx
            if not committed:
                raise Killed
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.app.store), "write", ending)
        yield


def begun(folder: Path) -> Desk:
    folder.mkdir()
    desk = made(folder, ', { after = "2 working hours", do = "reassign" }', pause=2)
    for number in PEOPLE:
        desk.person(number)
        desk.did(number, "demo_request")
    desk.sync()
    return desk


def look(desk: Desk, at: datetime, monkeypatch: pytest.MonkeyPatch, *, crash: bool) -> int:
    """What is due at a moment; with `crash` the program ends before and behind each commit. How often it ended."""
    desk.now, ended = at, 0
    while crash and anything_due(desk.app.runtime()):
        for committed in (False, True):
            with killed(desk, monkeypatch, committed=committed), pytest.raises(Killed):
                follow_up(desk.app.runtime(), desk.app.rows(0), Counter())
            ended += 1
    desk.sync()
    return ended


def story(desk: Desk) -> tuple[Any, ...]:
    """All that happened, and all that was put into the outbox, each as often as it was."""
    given = [desk.given(number)[0] for number in PEOPLE]
    events = [(one.handoff_id, one.key, one.kind, one.at, one.who) for handoff in given for one in desk.events(handoff)]
    rows = [(row.key, row.values.get("subject")) for row in desk.outbox("waiting", "done", "dead", "unknown")
            if row.target == "notices"]  # fmt: skip
    with desk.app.store.read() as tx:
        away = [(one.email, one.by) for one in tx.rosters.absences(START)]
    keyed = [(id, key, kind, who) for id, key, kind, at, who in events if kind not in ("contacted", "touched")]
    return sorted(keyed), sorted(key for key, _ in rows), away, [one.owner for one in given]


def test_everything_happens_once_wherever_the_program_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A commit for each handoff.
    monkeypatch.setattr(following, "BATCH", 1)

    def run(name: str, *, crash: bool) -> tuple[tuple[Any, ...], int]:
        desk = begun(tmp_path / name)
        ended = 0
        for place, after in enumerate(LOOKS):
            ended += look(desk, START + after, monkeypatch, crash=crash)
            if place == 1:
                touch(desk, 1)
                desk.sync()
        found = story(desk)
        desk.app.close()
        return found, ended

    whole, _ = run("whole", crash=False)
    assert len(whole[0]) > 25
    broken, ended = run("broken", crash=True)
    assert broken == whole
    assert ended >= 2 * len(PEOPLE) * len(LOOKS)
