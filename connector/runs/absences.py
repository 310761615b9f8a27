"""Who is away from when until when: written down, ended, listed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connector.model.follow_up import Absence
from connector.model.ports import Transaction
from connector.runs.reassign import open_of
from connector.runs.review import awaits
from connector.runs.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Written:
    """An absence as it is kept, and how many open handoffs its person has: they stay theirs until they are given on."""

    absence: Absence
    open: int


def add_absence(runtime: Runtime, absence: Absence) -> Written:
    """Write an absence down; from its start on nobody is given to this person."""
    with runtime.store.write() as tx:
        id = tx.rosters.add_absence(absence, runtime.clock())
        awaits(tx, [name for name, flow in runtime.config.flows.items() if flow.mode == "review"])
        [kept] = [one for one in _to_come(tx, absence.start) if one.id == id]
        runtime.done(tx)
        return Written(kept, len(open_of(tx, runtime.config, absence.email)))


def end_absence(runtime: Runtime, id: int) -> Absence | None:
    """Somebody is back, or does not go; None where there is no such absence, or where it is over."""
    now = runtime.clock()
    with runtime.store.write() as tx:
        known = next((one for one in _to_come(tx, now) if one.id == id), None)
        if known is None or not tx.rosters.end_absence(id, now):
            return None
        runtime.done(tx)
        return known


def absences_to_come(runtime: Runtime) -> list[Absence]:
    """Who is away now or will be, by start."""
    with runtime.store.read() as tx:
        return _to_come(tx, runtime.clock())


def _to_come(tx: Transaction, since: datetime) -> list[Absence]:
    return tx.rosters.absences(since)
