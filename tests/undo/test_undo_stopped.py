"""An undo that ends between any two of its transactions, and is run again, comes to the same end."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from connector.model.ports import Transaction
from tests.line import Line
from tests.stopping import leases_are_over
from tests.undo.test_undo import FLOW, SETTINGS, STEP, take_back

#: More transactions than an undo of so little has.
MOST = 60


class EndedError(Exception):
    """The process is no more."""


def ends_after(line: Line, number: int) -> None:
    """After so many commits from now on, nothing more is done."""
    begin, made = line.app.store.write, 0

    @contextmanager
    def write(**options: Any) -> Iterator[Transaction]:
        nonlocal made
        if made >= number:
            raise EndedError
        with begin(**options) as tx:
            yield tx
        made += 1

    line.app.store.write = write  # type: ignore[method-assign]


FILES = 'file = "{name}.world"\n'


def opened(folder: Path) -> Line:
    settings = {name: FILES.format(name=name) for name in ("portal", "crm")}
    return Line(folder, crm_settings=SETTINGS + settings["crm"], portal_settings=settings["portal"], flow=FLOW)


def ran(folder: Path) -> tuple[int, datetime]:
    """A run that made two leads and changed one of an earlier run; returns its number, and what the clock shows."""
    line = opened(folder)
    for number in (1, 2):
        line.person(number)
        line.did(number, "demo_request")
    line.sync(STEP)
    line.now += STEP
    line.person(1, job_title="CTO", city="Bonn")
    line.person(3)
    line.did(3, "demo_request")
    run = line.sync(STEP).run_id
    for one in (line.portal, line.crm, line.app):
        one.close()
    return run, line.now


def end_of(line: Line, run: int, *, delete: bool, ending: int) -> tuple[Any, bool]:
    """What stands in the CRM and in the store after an undo that ended early and was run again; whether it ended."""
    begin, ended = line.app.store.write, False
    ends_after(line, ending)
    try:
        take_back(line, run, delete=delete)
    except EndedError:
        ended = True
    line.app.store.write = begin  # type: ignore[method-assign]
    leases_are_over(line.app.store)
    take_back(line, run, delete=delete)
    line.sync(STEP)
    things = [
        (one.object, {name: value for name, value in one.values.items() if "_at" not in name and name != "text"})
        for one in line.crm.things()
    ]
    written = [(one.what, one.object, one.crm_id) for one in line.crm.effects() if one.what != "updated"]
    handoffs = [(one.lead_id, one.state, one.reason) for state in ("open", "closed") for one in line.handoffs(state)]
    return (things, written, handoffs, [line.lead(number).stage for number in (1, 2, 3)]), ended


@pytest.mark.parametrize("delete", [False, True])
def test_it_comes_to_the_same_end(tmp_path: Path, delete: bool) -> None:
    (tmp_path / "before").mkdir()
    run, now = ran(tmp_path / "before")
    ends = []
    # Every third place here, others there: what both have in common is seen at two of three.
    for ending in (MOST, *range(int(delete), MOST, 3)):
        folder = tmp_path / str(ending)
        shutil.copytree(tmp_path / "before", folder)
        line = opened(folder)
        line.now = now
        found, ended = end_of(line, run, delete=delete, ending=ending)
        ends.append(found)
        for one in (line.portal, line.crm, line.app):
            one.close()
        assert found == ends[0], ending
        if not ended and ending < MOST:
            break
    assert len(ends) > 5
    assert [object for object, _ in ends[0][0]].count("lead") == (2 if delete else 3)
