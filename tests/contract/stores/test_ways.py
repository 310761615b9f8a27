"""The rows of ways say what the moves say, whatever was done to these."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import state
from connector.model.lead import Lead
from connector.model.ports import Store, Transaction
from connector.model.ports.funnel import WAY, Came, Timed
from connector.model.stages import STAGES
from connector.model.times import micros
from state import renumbering
from tests.contract.stores.test_funnel import came_to

HOUR = timedelta(hours=1)
FLOWS = ("b2b", "b2c")
MOVES = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from(FLOWS), st.sampled_from(STAGES), st.integers(0, 9)), max_size=25
)


def of_moves(tx: Transaction, leads: Sequence[Lead]) -> tuple[dict[tuple[int, str], list[int | None]], dict[Any, str]]:
    """First times and versions, move by move."""
    times: dict[tuple[int, str], list[int | None]] = {}
    versions: dict[tuple[int, str], tuple[int, int, str]] = {}
    merged = {lead.id for lead in tx.intake.leads([one.id for one in leads]).values() if lead.merged_into}
    for lead in leads:
        for move in tx.scores.transitions(lead.id):
            if move.to not in WAY:
                continue
            key, place, at = (move.lead_id, move.flow), WAY.index(move.to), micros(move.at)
            row = times.setdefault(key, [None] * len(WAY))
            held = row[place]
            row[place] = at if held is None else min(held, at)
            if not place:
                versions[key] = min(versions.get(key, (at, move.id, move.version)), (at, move.id, move.version))
    said = {key: version for key, (*_, version) in versions.items()}
    return {key: row for key, row in times.items() if key[0] not in merged}, said


def agree(tx: Transaction, leads: Sequence[Lead]) -> None:
    times, versions = of_moves(tx, leads)
    assert {way[:2]: list(way.times) for way in tx.funnel.ways()} == times
    assert tx.funnel.versions() == versions


class _UndoneError(Exception):
    """Takes an example's rows back."""


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(MOVES, max_size=4), before=st.integers(0, 9), merged=st.booleans(), renumbered=st.booleans(),
)  # fmt: skip
def test_ways_are_those_of_the_moves(
    store: Store, now: datetime, batches: list[Any], before: int, merged: bool, renumbered: bool
) -> None:
    leads = [Lead(), Lead(), Lead(), Lead()]
    with suppress(_UndoneError), store.write() as tx:
        tx.intake.add_leads(leads, now)
        for number, batch in enumerate(batches):
            tx.scores.add_transitions(
                [
                    came_to(leads[who], flow, stage, now + at * HOUR, f"v{number}.{place}")
                    for place, (who, flow, stage, at) in enumerate(batch)
                ]
            )
            agree(tx, leads)
        while tx.retention.transitions(now + before * HOUR, 3):
            agree(tx, leads)
        if renumbered:
            moved = max(lead.id for lead in leads) + 100
            renumbering.lead(tx._session, leads[1].id, moved)  # type: ignore[attr-defined]
            leads[1].id = moved
            agree(tx, leads)
        if merged:
            tx.intake.merge(leads[0].id, leads[2].id, now)
            agree(tx, leads)
        raise _UndoneError


def test_stages_beside_the_way_and_clocks_are_told_too(store: Store, now: datetime) -> None:
    from connector.model.handoff import Handoff

    ana, lost = Lead(flow="b2b", owner="o@x.example", fields={"source": "paid"}), Lead()
    with store.write() as tx:
        tx.intake.add_leads([ana, lost], now)
        tx.scores.add_transitions([came_to(ana, "b2b", "rejected", now + n * HOUR) for n in (2, 1)])
        tx.scores.add_transitions([came_to(lost, "b2b", "rejected", now)])
        tx.intake.merge(lost.id, ana.id, now)
        early = Handoff(ana.id, "b2b", "mql", "closed", now, "v", opened_at=now - HOUR)
        late = Handoff(
            ana.id, "b2b", "mql", "open", now, "v", owner="o@x.example", team="t", opened_at=now, due_at=now + HOUR,
            accept_due_at=now + 2 * HOUR, accepted_at=now + 3 * HOUR, contacted_at=now + 4 * HOUR, worked=99,
        )  # fmt: skip
        tx.handoffs.add([early, late])
    at, hour = micros(now), 3_600_000_000
    with store.read() as tx:
        assert tx.funnel.came("rejected") == [Came(ana.id, "b2b", at + hour, "o@x.example")]
        assert tx.funnel.timed(at) == [
            Timed(ana.id, "b2b", "o@x.example", "t", at, at + 2 * hour, at + 3 * hour, at + hour, at + 4 * hour, 99)
        ]
        assert tx.funnel.values_of([ana.id, 10**9], ["source", "city"]) == {ana.id: ("paid", None)}


def test_a_store_that_had_no_rows_of_ways_gets_them_from_its_moves(place: str, now: datetime) -> None:
    store = state.open_store(place)
    leads = [Lead(), Lead(), Lead()]
    with store.write() as tx:
        tx.intake.add_leads(leads, now)
        moves = [(0, "b2b", "mql", 4), (0, "b2b", "mql", 2), (0, "b2c", "won", 1), (1, "b2b", "warm", 0)]
        tx.scores.add_transitions(
            [came_to(leads[who], flow, stage, now + at * HOUR, f"v{at}") for who, flow, stage, at in moves]  # type: ignore[arg-type]
        )
    store.close()
    state.migrate(place, "0005")
    state.migrate(place)
    store = state.open_store(place)
    with store.read() as tx:
        assert len(tx.funnel.ways()) == 2
        agree(tx, leads)
    store.close()
