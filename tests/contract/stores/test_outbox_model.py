"""Whatever happens in whatever order, the outbox is what a simple model says it is."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.model.outbox import OutboxRow, Settlement, most_together
from connector.model.ports import Store
from state import open_store
from state.outbox import LOOKS_AHEAD

START = datetime(2026, 12, 7, tzinfo=UTC)
HELD = ("in_flight", "unknown", "parked")
ENDS = ("done", "dead", "waiting", "unknown", "parked")

PUT = st.tuples(st.just("put"), st.sampled_from(["state a", "state b", "other", "once 1", "once 2", "verify 1"]))
SEND = st.tuples(st.sampled_from(["claim", "look"]), st.integers(1, 3))
END = st.tuples(st.just("end"), st.tuples(st.integers(0, 5), st.sampled_from(ENDS)))
TIME = st.tuples(st.just("sweep"), st.just(None))
FREE = st.tuples(st.sampled_from(["free", "drop"]), st.just(None))
STEPS = st.lists(st.one_of(PUT, SEND, END, END, TIME, FREE), max_size=25)


def row_of(name: str) -> OutboxRow:
    """Two field groups of one object, another object, and rows for single events."""
    if name == "other":
        return OutboxRow("crm", "state", "lead", "l2", "other", {})
    kind, _, rest = name.partition(" ")
    if kind == "state":
        return OutboxRow("crm", "state", "lead", "l1", name, {}, group=rest)
    return OutboxRow("crm", kind, "task", "t1", name, {}, after="other" if name == "once 2" else "")  # type: ignore[arg-type]


@dataclass
class Model:
    """The outbox as a list of rows, searched from the front."""

    rows: list[OutboxRow] = field(default_factory=list)

    def put(self, row: OutboxRow) -> None:
        same = [one for one in self.rows if one.key == row.key]
        if row.kind != "state":
            self.rows += [] if same else [row]
            return
        old = [one for one in same if one.state in ("waiting", "dead")]
        for one in old:
            one.state = "superseded"
        carried = max((one.resends for one in old), default=0)
        self.rows.append(replace(row, revision=len(same) + 1, resends=carried))

    def claim(self, limit: int) -> None:
        held = {(one.object, one.our_key) for one in self.rows if one.state in HELD}
        last = {one.key: one for one in self.rows}
        done = {one.key for one in self.rows if one.state == "done"}
        done |= {key for key, one in last.items() if one.state == "dropped"}
        free = [
            one
            for one in self.rows
            if one.state == "waiting" and (one.object, one.our_key) not in held and (not one.after or one.after in done)
        ]
        seen = free[: limit * LOOKS_AHEAD]
        # Of each object the first row alone.
        heads = [one for place, one in enumerate(seen) if self._is_first(one, seen[:place])]
        fresh = [one for one in seen if not one.resends]
        again = [one for one in heads if one.resends]
        taken: list[OutboxRow] = []
        for one in [one for one in heads if not one.resends and one.object == fresh[0].object][:limit] or again:
            most = most_together(limit, max(other.resends for other in [one, *taken]))
            if len(taken) < most and one.object == (taken or [one])[0].object:
                taken.append(one)
        for one in taken:
            one.state, one.attempts, one.epoch = "in_flight", one.attempts + 1, one.epoch + 1

    @staticmethod
    def _is_first(one: OutboxRow, before: list[OutboxRow]) -> bool:
        return (one.object, one.our_key) not in {(other.object, other.our_key) for other in before}

    def look(self, limit: int) -> None:
        for one in [one for one in self.rows if one.state == "unknown"][:limit]:
            one.epoch += 1

    def end(self, place: int, epoch: int, state: Any) -> bool:
        one = self.rows[place]
        if one.epoch != epoch or one.state not in ("in_flight", "unknown"):
            return False
        self.stop(one, state, resend=state == "waiting")
        return True

    def stop(self, one: OutboxRow, state: Any, *, resend: bool) -> None:
        newer = [other for other in self.rows if other.key == one.key and other.state == "waiting"]
        one.state = "superseded" if newer and state in ("waiting", "dead") else state
        for target in [one, *newer] if resend else []:
            target.resends += 1

    def seen(self) -> list[tuple[Any, ...]]:
        return [(one.key, one.revision, one.state, one.attempts, one.epoch, one.resends) for one in self.rows]


class Play:
    """The same steps on the store and on the model."""

    def __init__(self, store: Store) -> None:
        self.store, self.model, self.now = store, Model(), START
        self.claims: list[OutboxRow] = []

    def step(self, name: str, what: Any) -> None:
        with self.store.write() as tx:
            getattr(self, name)(tx.outbox, what)
            stored = tx.outbox.rows()
        assert [(one.key, one.revision, one.state, one.attempts, one.epoch, one.resends) for one in stored] == (
            self.model.seen()
        )
        objects = Counter((one.object, one.our_key) for one in stored if one.state in HELD)
        assert max(objects.values(), default=0) <= 1

    def put(self, outbox: Any, name: str) -> None:
        outbox.put([row_of(name)], self.now)
        self.model.put(row_of(name))

    def claim(self, outbox: Any, limit: int) -> None:
        self.claims += outbox.claim("crm", self.now, self.now + timedelta(minutes=1), limit)
        self.model.claim(limit)

    def look(self, outbox: Any, limit: int) -> None:
        self.claims += outbox.claim_unknown("crm", self.now, limit)
        self.model.look(limit)

    def end(self, outbox: Any, choice: tuple[int, Any]) -> None:
        place, state = choice
        if not self.claims:
            return
        row = self.claims[place % len(self.claims)]
        refused = outbox.settle([Settlement(row, row.epoch, state, resend=state == "waiting")], self.now)
        places = [one.id for one in outbox.rows()]
        assert bool(refused) != self.model.end(places.index(row.id), row.epoch, state)

    def sweep(self, outbox: Any, _: None) -> None:
        self.now += timedelta(minutes=2)
        outbox.sweep(self.now, {"crm": 0.0})
        for one in self.model.rows:
            one.state = "unknown" if one.state == "in_flight" else one.state

    def free(self, outbox: Any, _: None) -> None:
        outbox.release([one.id for one in outbox.rows()], "waiting", self.now)
        for one in [one for one in self.model.rows if one.state in ("dead", "parked")]:
            self.model.stop(one, "waiting", resend=one.state == "parked")

    def drop(self, outbox: Any, _: None) -> None:
        outbox.release([one.id for one in outbox.rows()], "dropped", self.now)
        for one in [one for one in self.model.rows if one.state in ("dead", "parked")]:
            one.state = "dropped"


@settings(max_examples=60, deadline=None)
@given(steps=STEPS)
def test_the_outbox_is_what_the_model_says(sqlite_template: Path, steps: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(shutil.copy(sqlite_template, folder))
        play = Play(store)
        for name, what in steps:
            play.step(name, what)
        store.close()
