"""What a rep does on the desk, cut off at each commit and done again: as if it had been done once and in peace."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.model.logins import Audited
from connector.runs import desk_acts
from connector.runs.desk_acts import Deal
from connector.runs.pull import pull
from connector.runs.sync import work
from tests.line import Line
from tests.stopping import leases_are_over

LENA, TOM, PETRA = (f"{name}@northwind.example" for name in ("lena", "tom", "petra"))
HOUR = timedelta(hours=1)
SETTINGS = """
[flows.b2b.clock]
contact = { hot = "4 hours", other = "1 day" }
breach = ["tell rep", "tell manager"]
[flows.b2b.reasons]
competitor = { list = "later" }
"""
MAIL = '[mail]\nserver = "smtp"\nsender = "baton@northwind.example"\n'
PORTAL = '[write.contact]\nbaton_stage = "stage"\nbaton_owner = "owner"\nbaton_reason = "handoff.reason"\n'
#: Commits of an act, at most.
MOST = 12
Act = Callable[[Line, int], object]


def here(line: Line) -> tuple[Any, Any]:
    """What an act is handed; the trail is told of it as of an act on a page."""

    def done(tx: Any) -> None:
        tx.logins.record(Audited(line.now, LENA, "rep", "done"))

    return line.app.runtime(done=done), line.app.rows


ACTS: dict[str, Act] = {
    "accept": lambda line, id: desk_acts.accept(*here(line), id, LENA),
    "reject": lambda line, id: desk_acts.reject(*here(line), id, LENA, "competitor", "a rival"),
    "touch": lambda line, id: desk_acts.touch(*here(line), id, LENA, "call", "a1"),
    "won": lambda line, id: desk_acts.put_deal(*here(line), id, LENA, "won", Deal(900.0, "EUR")),
    "give on": lambda line, id: desk_acts.give_on(*here(line), id, LENA, TOM, PETRA),
}


class Killed(BaseException):
    """The process ends here."""


@contextmanager
def killed(line: Line, monkeypatch: pytest.MonkeyPatch, nth: int) -> Iterator[None]:
    """End before the `nth` commit, which is behind the one before it; from then on nothing is written any more."""
    store, passed = type(line.app.store), 0
    write = store.write

    @contextmanager
    def ending(self: Any, **how: Any) -> Iterator[Any]:
        nonlocal passed
        if passed >= nth:
            raise Killed
        with write(self, **how) as tx:
            yield tx
            passed += 1
            if passed == nth:
                raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(store, "write", ending)
        yield


def opened(folder: Path) -> Line:
    (folder / "portal.toml").write_text(PORTAL, "utf-8")
    settings = 'file = "portal.world"\nobjects = ["contact", "membership"]\nmapping = "portal.toml"\n'
    line = Line(folder, crm="desk", flow=SETTINGS, portal_settings=settings)
    text = (folder / "config.toml").read_text("utf-8")
    line.reopen(text.replace("[teams.sales]\n", f'{MAIL}[teams.sales]\nmanager = "{PETRA}"\n'))
    line.now += HOUR
    return line


@pytest.fixture(scope="module", params=[True, False], ids=["on the desk", "not yet"])
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lena got a lead, and Tom one; they were written to the desk, or wait to be."""
    folder = tmp_path_factory.mktemp("desk")
    line = opened(folder)
    line.now -= HOUR
    for number in (1, 2):
        line.person(number)
        line.did(number, "demo_request")
    if request.param:
        line.sync()
    else:
        runtime, rows = line.app.runtime(), line.app.rows
        pull(runtime, "portal", rows(0), Counter())
        assert work(runtime, rows(0), Counter()) == []
        assert line.outbox("done") == []
    close(line)
    return folder


def close(line: Line) -> None:
    line.app.close()
    line.portal.close()


def mine(line: Line) -> int:
    return next(one.id for one in line.handoffs("open") if one.owner == LENA)


def story(line: Line) -> list[Any]:
    """All that came of it, each as often as it was."""
    with line.app.store.read() as tx:
        handoffs = [*tx.handoffs.in_state("b2b", "open"), *tx.handoffs.in_state("b2b", "closed")]
        events = tx.handoff_events.of_handoffs([one.id for one in handoffs])
        happened = [
            (one.handoff_id, one.key, one.kind, one.who, one.at, one.body) for some in events.values() for one in some
        ]
        moves = [
            (one.lead_id, one.to, one.by, one.at) for each in handoffs for one in tx.scores.transitions(each.lead_id)
        ]
        desk = [tx.desk.listing(kind) for kind in ("lead", "task", "note", "opportunity")]
        turns = [(one.handoff_id, one.email) for one in tx.handoffs.turns("sales", 100)]
        rows = [(row.key, row.state, row.values) for row in tx.outbox.rows(limit=1000)]
        trail = [one.action for one in tx.logins.trail()]
    return [handoffs, happened, moves, desk, turns, sorted(rows, key=str), trail]


def done_once(line: Line, act: str, handoff: int) -> list[Any]:
    """What comes of an act that is done, and of the line's next runs."""
    ACTS[act](line, handoff)
    for _ in range(2):
        assert line.sync(HOUR).failures == []
    told = story(line)
    close(line)
    return told


def cut_off(folder: Path, act: str, handoff: int, nth: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Do it, and end before the `nth` commit; whether there was one."""
    line = opened(folder)
    with killed(line, monkeypatch, nth), suppress(Killed):
        ACTS[act](line, handoff)
        nth = 0
    # Another process knows that this one has ended; here it is the same one.
    leases_are_over(line.app.store)
    close(line)
    return bool(nth)


@pytest.mark.parametrize("template", [True], indirect=True, ids=["on the desk"])
@pytest.mark.parametrize("act", ACTS)
def test_cut_off_and_done_again_it_is_done_once(
    act: str, template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = opened(shutil.copytree(template, tmp_path / "in peace"))
    handoff, before = mine(line), story(line)
    wanted = done_once(line, act, handoff)
    assert wanted != before
    assert wanted[-1] == ["done"]
    for nth in range(1, MOST):
        folder = shutil.copytree(template, tmp_path / str(nth))
        if not cut_off(folder, act, handoff, nth, monkeypatch):
            break
        assert done_once(opened(folder), act, handoff) == wanted, nth
    assert nth > 3, "it has more commits than that"


@pytest.mark.parametrize("template", [False], indirect=True, ids=["not yet"])
def test_what_was_not_on_the_desk_yet_is_there_once_and_can_be_accepted(
    template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for nth in range(1, MOST):
        folder = shutil.copytree(template, tmp_path / str(nth))
        line = opened(folder)
        handoff = mine(line)
        close(line)
        if not cut_off(folder, "accept", handoff, nth, monkeypatch):
            break
        line = opened(folder)
        # What a process had claimed when it ended is looked at a little later: until then it is not there yet.
        ACTS["accept"](line, handoff)
        assert line.sync(HOUR).failures == []
        ACTS["accept"](line, handoff)
        (given, events, moves, desk, *_) = story(line)
        close(line)
        assert [one.accepted_at is not None for one in given if one.id == handoff] == [True], nth
        assert [kind for id, _, kind, *_ in events if id == handoff].count("accepted") == 1
        assert [to for id, to, *_ in moves if id == given[0].lead_id] == ["mql", "sal"]
        assert [len(kind) for kind in desk] == [2, 2, 2, 0]
    assert nth > 8
