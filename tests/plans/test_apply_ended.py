"""Applying a plan that ends between any two transactions, and is applied again, comes to the same end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from connector.model.ports import Transaction
from connector.runs.planning import applying
from tests.line import Line
from tests.plans.ground import SETTINGS, STEP, applied, kept, line_at, made, read
from tests.stopping import leases_are_over

#: More transactions than applying so little has.
MOST = 80
#: Every which ending is tried; no multiple of what one row after the other takes.
EACH = 3


class EndedError(Exception):
    """The process is no more."""


def ends_after(line: Line, number: int) -> None:
    """After so many commits from now on, nothing more is done."""
    begin, made_so_far = line.app.store.write, 0

    @contextmanager
    def write(**options: Any) -> Iterator[Transaction]:
        nonlocal made_so_far
        if made_so_far >= number:
            raise EndedError
        with begin(**options) as tx:
            yield tx
        made_so_far += 1

    line.app.store.write = write  # type: ignore[method-assign]


def end_of(folder: Path, ending: int) -> tuple[Any, bool]:
    """What stands in the CRM and in the store in the end; whether it ended on the way."""
    folder.mkdir()
    line = line_at(folder, 3, settings=SETTINGS + "max_batch = 2\n")
    read(line)
    document = kept(line, made(line))
    line.crm.make("lead", {"email": "ana3@firm.example"}, line.now)
    begin, ended = line.app.store.write, False
    ends_after(line, ending)
    try:
        applied(line, document)
    except EndedError:
        ended = True
    line.app.store.write = begin  # type: ignore[method-assign]
    leases_are_over(line.app.store)
    line.now += STEP
    done = applied(line, document)
    if not ended:
        assert done.states == {("crm", what, "done"): 2 for what in ("lead", "task", "note")}
    line.sync(STEP)
    things = sorted((one.object, one.values.get("email"), one.values.get("owner")) for one in line.crm.things())
    created = sorted((one.object, one.our_key.partition("-")[2]) for one in line.crm.effects("created"))
    refused = [(one.row.lead_id, one.why) for one in done.refused]
    owners = sorted((one.lead_id, one.owner) for one in line.handoffs("open"))
    with line.app.store.read() as tx:
        turns = [(one.rule, one.email) for one in tx.handoffs.turns("sales")]
    line.app.close()
    return (things, created, refused, done.written, owners, turns), ended


def test_it_comes_to_the_same_end(tmp_path: Path, monkeypatch: Any) -> None:
    # So that there is more than one transaction of the plan's own.
    monkeypatch.setattr(applying, "LEADS", 2)
    expected, ended = end_of(tmp_path / "whole", MOST)
    assert not ended
    assert expected[2]
    assert len(expected[2]) == 1
    endings = 0
    for ending in range(1, MOST, EACH):
        found, ended = end_of(tmp_path / str(ending), ending)
        if not ended:
            break
        endings += 1
        assert found == expected, ending
    assert endings > 4
