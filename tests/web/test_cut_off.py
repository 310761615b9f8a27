"""Whatever ends the desk while somebody does something, the trail has what was done, and says whether it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.handoff import Handoff
from connector.model.logins import Audited
from connector.steps.telling.trail import LONGEST, outcome
from connector.web import audit
from connector.web.rooms.team import HERE
from tests.line import Line
from tests.web.desk import ADMIN, LENA, Desk

#: More commits than any act of these has.
MOST = 12
ACTS: dict[str, tuple[str, dict[str, Any]]] = {
    "accept": ("/leads/{lead}/accept", {"handoff": "{handoff}"}),
    "touch": ("/leads/{lead}/touch", {"handoff": "{handoff}", "kind": "call", "once": "a1"}),
    "rate": ("/leads/{lead}/rate", {"handoff": "{handoff}", "rating": "4"}),
    "reject": ("/leads/{lead}/reject", {"handoff": "{handoff}", "reason": "competitor"}),
    "give on": ("/leads/{lead}/pass", {"handoff": "{handoff}", "to": "tom@northwind.example"}),
    "give on all": (f"{HERE}/give-on", {"owner": LENA.email, "to": "tom@northwind.example"}),
    "away": (f"{HERE}/absences", {"email": LENA.email}),
}


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed(line: Line, monkeypatch: pytest.MonkeyPatch, nth: int, *, committed: bool) -> Iterator[list[int]]:
    """End at the `nth` commit, before it or behind it: from then on nothing is written any more. Commits so far."""
    store, passed = type(line.app.store), [0]
    write = store.write

    @contextmanager
    def ending(self: Any, **how: Any) -> Iterator[Any]:
        if passed[0] >= nth:
            raise Killed
        with write(self, **how) as tx:
            yield tx
            passed[0] += 1
            if passed[0] == nth and not committed:
                raise Killed
        if passed[0] == nth:
            raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(store, "write", ending)
        yield passed


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("act", ACTS)
def test_an_act_that_was_cut_off_stands_in_the_trail(
    act: str, committed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(tmp_path, crm="desk")
    for number in range(1, 2 * MOST):
        line.person(number)
        line.did(number, "demo_request")
    line.sync()
    theirs = [one for one in line.handoffs("open") if one.owner == LENA.email]
    path, fields = ACTS[act]
    some = {False: 0, True: 0}
    for nth, handoff in enumerate(theirs[:MOST], 1):
        about = {"lead": str(handoff.lead_id), "handoff": str(handoff.id)}
        sent: dict[str, Any] = {name: value.format(**about) for name, value in fields.items()}
        desk, known = Desk(line.app, ADMIN), _entries(line)
        before = _state(line, theirs)
        with killed(line, monkeypatch, nth, committed=committed):
            try:
                desk.act(path.format(**about), "/team", **sent)
                break
            except Killed:
                pass
        changed, told = _state(line, theirs) != before, _entries(line) - known
        assert told >= changed, (nth, "it was done, and the trail does not say so")
        if told:
            assert _outcome(line) == ("done" if changed else "cut off before it was done"), nth
        some[changed] += 1
    else:
        pytest.fail("more commits than were looked at")
    line.app.close()
    assert some[True], "it was cut off before anything was done, and never behind"
    assert some[False]


def _entries(line: Line) -> int:
    with line.app.store.read() as tx:
        return len(tx.logins.trail(1000))


def _outcome(line: Line) -> str:
    """What a reader of the trail is told the next day of what was tried last."""
    with line.app.store.read() as tx:
        [entry] = tx.logins.trail(1)
    return outcome(entry, line.now + timedelta(days=1))


def _state(line: Line, some: list[Handoff]) -> list[object]:
    with line.app.store.read() as tx:
        return [*tx.handoffs.by_ids([one.id for one in some]).values(), *tx.rosters.absences(line.now)]


def test_what_has_begun_is_under_way_as_long_as_any_act_takes() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    entry = Audited(now, LENA.email, "rep", "lead: accept", body={"outcome": "begun"})
    assert outcome(entry, now + LONGEST - timedelta(seconds=1)) == "under way"
    assert outcome(entry, now + LONGEST) == "cut off before it was done"


def test_what_was_done_is_done_though_the_page_behind_it_fails(
    desk_of: Callable[..., Line], monkeypatch: pytest.MonkeyPatch
) -> None:
    line = desk_of(crm="desk")
    line.person(1)
    line.did(1, "demo_request")
    line.sync()
    [handoff] = line.handoffs("open")
    page, desk = f"/leads/{handoff.lead_id}", Desk(line.app, ADMIN)
    monkeypatch.setattr("connector.web.visit.Visit.back", lambda *_: 1 // 0)
    desk.act(f"{page}/accept", page, status=500, handoff=handoff.id)
    assert _outcome(line) == audit.DONE
    desk.act(f"{page}/touch", page, status=500, handoff=handoff.id, kind="smoke signal", once="a1")
    assert _outcome(line) == "nothing"
