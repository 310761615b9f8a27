"""Rows to be written outside, and their claims.

One transaction writes at a time (engine.py), so what a method reads first is still true when
it writes. The schema's partial unique indexes say the same once more: one waiting row per key
of kind `state`, one row in flight, unknown or parked per object.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

import orjson

from connector.model.notices import TARGET as NOTICES
from connector.model.outbox import LANES, OutboxRow, Settlement, most_together
from connector.model.times import micros, micros_or_none
from state.engine import chunks
from state.outbox_rows import ADD, COLUMNS, new_row, read_row
from state.receipts import ReceiptsOfStore

#: How many batches of waiting rows are looked through for one that holds a single kind.
LOOKS_AHEAD = 4
SELECT = "SELECT " + COLUMNS + " FROM outbox o WHERE "  # noqa: S608 - every text here is a constant
FINISHED = frozenset({"done", "superseded", "dropped"})
#: Said in so many words, so that the index of unfinished rows serves.
UNFINISHED = " AND o.state NOT IN ('done', 'superseded', 'dropped')"
HELD = "state IN ('in_flight', 'unknown', 'parked')"
# What was dropped ends the wait too, unless a newer row of it is to come.
AFTER_ENDED = (
    "(o.after_key = '' OR EXISTS (SELECT 1 FROM outbox a WHERE a.key = o.after_key AND (a.state = 'done' "
    "OR (a.state = 'dropped' AND NOT EXISTS "
    "(SELECT 1 FROM outbox n WHERE n.key = a.key AND n.revision > a.revision)))))"
)
# A parked row holds its object too: nobody knows yet what became of it.
HOLDER = "h.target = o.target AND h.object = o.object AND h.our_key = o.our_key AND h." + HELD
OBJECT_FREE = "NOT EXISTS (SELECT 1 FROM outbox h WHERE " + HOLDER + ")"  # noqa: S608
# A parked flow changes nothing that is there, until a person has looked; opt-outs go out all the same.
NOT_PARKED = (
    "(o.kind <> 'state' OR o.lane <= " + str(LANES["consent"]) + " OR NOT EXISTS (SELECT 1 FROM reviews p "  # noqa: S608
    "WHERE p.kind = 'parked_flow' AND p.key = o.flow AND p.closed_at IS NULL) OR NOT EXISTS (SELECT 1 FROM receipts k "
    "WHERE k.target = o.target AND k.object = o.object AND k.our_key = o.our_key))"
)
CLAIMABLE = (
    SELECT + "o.target = ? AND o.state = 'waiting' AND (o.lane, o.id) > (?, ?) "
    "AND (o.not_before IS NULL OR o.not_before <= ?) AND " + AFTER_ENDED + " AND " + OBJECT_FREE + " AND " + NOT_PARKED
    + " ORDER BY o.lane, o.id LIMIT ?"
)  # fmt: skip
# What a person has applied goes out though its flow is parked: it was looked at.
CLAIMABLE_OF_RUNS = CLAIMABLE.replace(NOT_PARKED, "o.run_id = ANY(?)")
COUNTS_OF_RUNS = "SELECT target, object, state, count(*) FROM outbox WHERE run_id = ANY(?) GROUP BY 1, 2, 3"
CLAIM = (
    "UPDATE outbox SET state = 'in_flight', attempts = attempts + 1, epoch = epoch + 1, not_before = NULL, "
    "sent_at = ?, deadline = ?, changed_at = ? WHERE id = ?"
)
LATE = (
    "SELECT id, target, deadline FROM outbox WHERE " + HELD + " AND state = 'in_flight' AND deadline <= ?"  # noqa: S608
)
UNKNOWN = (
    SELECT + "o." + HELD + " AND o.state = 'unknown' AND o.target = ? "
    "AND (o.resolve_at IS NULL OR o.resolve_at <= ?) AND " + AFTER_ENDED + " ORDER BY o.lane, o.id LIMIT ?"
)
BECOME_UNKNOWN = "UPDATE outbox SET state = 'unknown', resolve_at = ?, changed_at = ? WHERE id = ?"
NEWEST = "SELECT key, max(revision) FROM outbox WHERE key = ANY(?) AND kind = 'state' GROUP BY key"
UNSENT = (
    "SELECT id, key, lane, resends FROM outbox WHERE key = ANY(?) AND kind = 'state' AND state IN ('waiting', 'dead')"
)
SUPERSEDE = "UPDATE outbox SET state = 'superseded', changed_at = ? WHERE id = ?"
NEWER_WAITS = "SELECT key, id FROM outbox WHERE key = ANY(?) AND kind = 'state' AND state = 'waiting'"
CLAIMED = "SELECT id, epoch, key, kind FROM outbox WHERE id = ANY(?) AND state IN ('in_flight', 'unknown')"
SETTLE = (
    "UPDATE outbox SET state = ?, resends = resends + ?, reason = ?, code = ?, field = ?, not_before = ?, "
    "resolve_at = ?, crm_id = CASE WHEN ? = '' THEN crm_id ELSE ? END, changed_at = ? WHERE id = ? AND epoch = ?"
)
SENT_BEFORE = "UPDATE outbox SET resends = resends + 1 WHERE id = ?"
STOPPED = "SELECT id, key, kind, state FROM outbox WHERE id = ANY(?) AND state IN ('dead', 'parked')"
RELEASE = "UPDATE outbox SET state = ?, not_before = NULL, changed_at = ? WHERE id = ?"
ABANDON = (
    "UPDATE outbox SET state = 'dropped', epoch = epoch + 1, changed_at = ? "
    "WHERE target = ? AND state NOT IN ('done', 'superseded', 'dropped')"
)
UNSENT_OF_RUN = (
    SELECT + "o.run_id = ? AND o.state = 'waiting' AND o.kind IN ('state', 'once') AND (? = 0 OR o.lead_id = ?) "
    "AND o.lane > " + str(LANES["consent"]) + " ORDER BY o.id"
)  # fmt: skip
WITHDRAW = "UPDATE outbox SET state = 'dropped', changed_at = ? WHERE id = ?"
LOOK_AGAIN = (
    "UPDATE outbox SET state = 'waiting', epoch = epoch + 1, changed_at = ? "
    "WHERE state IN ('in_flight', 'unknown') AND kind = 'verify'"
)
OF_NOTHING_THERE = (
    "AND o.kind IN ('state', 'once') AND o.crm_id = '' "
    "AND NOT EXISTS (SELECT 1 FROM receipts r WHERE r.target = o.target AND r.object = o.object "
    "AND r.our_key = o.our_key AND r.crm_id <> '') "
    "AND NOT EXISTS (SELECT 1 FROM outbox h WHERE h.target = o.target AND h.object = o.object "
    "AND h.our_key = o.our_key AND h.state IN (%s)) "
    "ORDER BY CASE WHEN o.state = 'in_flight' THEN 0 ELSE 1 END, o.id"
)
UNDELIVERED_CREATES = (
    "SELECT id, target, object, our_key FROM outbox o WHERE o.state IN ('waiting', 'in_flight') "  # noqa: S608
    + OF_NOTHING_THERE % "'unknown', 'parked'"
)
WAITING_CREATES = (
    "SELECT id, target, object, our_key FROM outbox o WHERE o.lead_id = ANY(?) AND o.state = 'waiting' "  # noqa: S608
    + OF_NOTHING_THERE % "'in_flight', 'unknown', 'parked'"
)
RESTORED = (
    "UPDATE outbox SET state = 'unknown', epoch = epoch + 1, resolve_at = ?, not_before = NULL, changed_at = ? "
    "WHERE id = ?"
)
FOUND_THERE = "UPDATE outbox SET crm_id = ? WHERE key = ? AND state = 'unknown'"
COUNT_RESTORE = (
    "INSERT INTO meta (name, value) VALUES ('epoch', '1') "
    "ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(meta.value AS INTEGER) + 1 AS TEXT)"
)
# What was delivered goes once a newer revision was; what was superseded, once there is any newer one.
PRUNE = (
    "DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o WHERE o.kind = 'state' "
    "AND o.state IN ('done', 'superseded') AND o.changed_at < ? AND EXISTS (SELECT 1 FROM outbox n "
    "WHERE n.key = o.key AND n.revision > o.revision AND (n.state = 'done' OR o.state = 'superseded')) "
    "ORDER BY o.id LIMIT ?)"
)
# Of what somebody was told the key stays, for they are told once; not the words.
PRUNE_NOTICES = (
    "UPDATE outbox SET body = '{}' WHERE id IN (SELECT o.id FROM outbox o WHERE o.target = ? "
    "AND o.state IN ('done', 'dropped') AND o.changed_at < ? AND o.body <> '{}' ORDER BY o.id LIMIT ?)"
)


class OutboxOfStore(ReceiptsOfStore):
    """The port `Outbox`."""

    def put(self, rows: Sequence[OutboxRow], now: datetime) -> int:
        if not rows:
            return 0
        states = [row for row in rows if row.kind == "state"]
        others = [row for row in rows if row.kind != "state"]
        first = self._session.new_ids("outbox", len(rows))
        at = micros(now)
        added = self._session.many(ADD, [new_row(row_id, row, at) for row_id, row in enumerate(others, first)])
        return added + self._put_states(states, first + len(others), at)

    def _put_states(self, rows: Sequence[OutboxRow], first: int, at: int) -> int:
        if not rows:
            return 0
        last = {row.key: place for place, row in enumerate(rows)}
        revisions, unsent = self._clear_older(sorted(last), at)
        new = []
        for place, row in enumerate(rows):
            revisions[row.key] = revision = revisions.get(row.key, 0) + 1
            # What was urgent, or sent once with no answer, is so too in the row that takes its place.
            lane, resends = unsent.get(row.key, (row.lane, 0))
            unsent[row.key] = (min(lane, row.lane), resends)
            state = "waiting" if last[row.key] == place else "superseded"
            new.append(new_row(first + place, row, at, state, revision, lane, resends))
        self._session.many(ADD, new)
        return len(last)

    def _clear_older(self, keys: Sequence[str], at: int) -> tuple[dict[str, int], dict[str, tuple[int, int]]]:
        """Supersede what waits or is dead; returns newest revisions, and (lane, resends) of what was superseded."""
        revisions: dict[str, int] = {}
        unsent: dict[str, tuple[int, int]] = {}
        for chunk in chunks(keys):
            revisions.update(self._session.rows(NEWEST, chunk))
            found = self._session.rows(UNSENT, chunk)
            self._session.many(SUPERSEDE, [(at, row_id) for row_id, *_ in found])
            unsent.update({key: (lane, resends) for _, key, lane, resends in found})
        return revisions, unsent

    def claim(
        self, target: str, now: datetime, deadline: datetime, limit: int, least: int = 1, runs: Sequence[int] = ()
    ) -> list[OutboxRow]:
        rows = self._claimable(target, micros(now), limit, least, runs)
        sent, until = micros(now), micros(deadline)
        self._session.many(CLAIM, [(sent, until, sent, row.id) for row in rows])
        for row in rows:
            row.state, row.not_before, row.sent_at, row.deadline = "in_flight", None, now, deadline
            row.attempts += 1
            row.epoch += 1
        return rows

    def _claimable(self, target: str, now: int, limit: int, least: int, runs: Sequence[int]) -> list[OutboxRow]:
        """The first row of each of up to `limit` free objects of one kind, that of whoever has waited longest.

        A call holds one kind: batches of two kinds take twice the calls, half filled.
        """
        picked = _Picked(limit, least)
        lane, row_id = -1, 0
        for _ in range(LOOKS_AHEAD):
            place = (target, lane, row_id, now)
            if runs:
                found = self._session.rows(CLAIMABLE_OF_RUNS, *place, list(runs), limit)
            else:
                found = self._session.rows(CLAIMABLE, *place, limit)
            for row in map(read_row, found):
                picked.take(row)
                lane, row_id = row.lane, row.id
            if len(found) < limit or len(picked.fresh) == limit:
                break
        return picked.rows()

    def settle(self, settlements: Sequence[Settlement], now: datetime) -> list[Settlement]:
        """A `state` row that would wait again or be dead while a newer one waits becomes `superseded`."""
        claimed = {
            row_id: (epoch, key, kind)
            for chunk in chunks(settlement.row.id for settlement in settlements)
            for row_id, epoch, key, kind in self._session.rows(CLAIMED, chunk)
        }
        applied: list[Settlement] = []
        lost: list[Settlement] = []
        for settlement in settlements:
            row = claimed.get(settlement.row.id)
            if row is None or row[0] != settlement.epoch:
                lost.append(settlement)
            else:
                applied.append(settlement)
                # Settled: the same claim does not end twice.
                del claimed[settlement.row.id]
        self._write_down(applied, now)
        return lost

    def _write_down(self, settlements: Sequence[Settlement], now: datetime) -> None:
        follow_up = [row for one in settlements for row in one.follow_up]
        states = [*(one.row for one in settlements), *follow_up]
        newer = self._newer_waits(row.key for row in states if row.kind == "state")
        at = micros(now)
        self._session.many(SETTLE, [_settled(one, one.row.key in newer, at) for one in settlements])
        resent = [one.row.key for one in settlements if one.resend]
        self._session.many(SENT_BEFORE, [(newer[key],) for key in resent if key in newer])
        self._store_receipts([one.receipt for one in settlements if one.receipt], now)
        # What waits by now is newer than what was acknowledged, and mends an old value as well.
        self.put([row for row in follow_up if row.key not in newer], now)

    def _newer_waits(self, keys: Iterable[str]) -> dict[str, int]:
        return {key: row_id for chunk in chunks(keys) for key, row_id in self._session.rows(NEWER_WAITS, chunk)}

    def sweep(self, now: datetime, resolve_after: Mapping[str, float]) -> int:
        at = micros(now)
        late = [
            (deadline + round(resolve_after[target] * 1_000_000), at, row_id)
            for row_id, target, deadline in self._session.rows(LATE, at)
            if target in resolve_after
        ]
        # The epoch stays: an answer that comes late, but before anyone else looks, still counts.
        return self._session.many(BECOME_UNKNOWN, late)

    def claim_unknown(self, target: str, now: datetime, limit: int) -> list[OutboxRow]:
        """After a restore, a row whose `after` has not ended waits until that one is resolved."""
        rows = [read_row(row) for row in self._session.rows(UNKNOWN, target, micros(now), limit)]
        self._session.many("UPDATE outbox SET epoch = epoch + 1 WHERE id = ?", [(row.id,) for row in rows])
        for row in rows:
            row.epoch += 1
        return rows

    def rows(
        self, *, lead_id: int = 0, states: Sequence[str] = (), target: str = "", limit: int = 200
    ) -> list[OutboxRow]:
        text, values = listing(lead_id, states, target)
        return [read_row(row) for row in self._session.rows(text, *values, limit)]

    def unfinished(self, keys: Sequence[str]) -> dict[str, OutboxRow]:
        text = SELECT + "o.key = ANY(?) AND o.kind = 'state'" + UNFINISHED + " ORDER BY o.revision"
        found = [read_row(row) for chunk in chunks(keys) for row in self._session.rows(text, chunk)]
        return {row.key: row for row in found}

    def counts_of_runs(self, runs: Sequence[int]) -> dict[tuple[str, str, str], int]:
        found = self._session.rows(COUNTS_OF_RUNS, list(runs))
        return {(target, object, state): count for target, object, state, count in found}

    def release(self, ids: Sequence[int], to: Literal["waiting", "dropped"], now: datetime) -> int:
        """A `state` row whose newer one waits already becomes `superseded` instead of waiting.

        Sending a parked row is sending again what may have arrived.
        """
        stopped = self._session.rows(STOPPED, list(ids))
        newer = self._newer_waits(row[1] for row in stopped if row[2] == "state") if to == "waiting" else {}
        again = [(row_id, key) for row_id, key, _, state in stopped if state == "parked" and to == "waiting"]
        resent = {row_id for row_id, _ in again} | {newer[key] for _, key in again if key in newer}
        self._session.many(SENT_BEFORE, [(row_id,) for row_id in sorted(resent)])
        at = micros(now)
        return self._session.many(
            RELEASE, [("superseded" if key in newer else to, at, row_id) for row_id, key, *_ in stopped]
        )

    def abandon(self, target: str, now: datetime) -> int:
        return self._session.run(ABANDON, micros(now), target)

    def counts(self) -> dict[tuple[str, str], int]:
        found = self._session.rows("SELECT target, state, count(*) FROM outbox GROUP BY target, state")
        return {(target, state): count for target, state, count in found}

    def withdraw(self, run_id: int, lead_id: int, now: datetime) -> list[OutboxRow]:
        found = [read_row(row) for row in self._session.rows(UNSENT_OF_RUN, run_id, lead_id, lead_id)]
        at = micros(now)
        self._session.many(WITHDRAW, [(at, row.id) for row in found])
        return found

    def all_unknown(self, now: datetime) -> int:
        """Counts the restore in the store's word `epoch`. Of an object's rows the first stands for all."""
        at = micros(now)
        # Look-ups write nothing outside: they are simply made again, and free their objects.
        self._session.run(LOOK_AGAIN, at)
        first: dict[tuple[str, str, str], int] = {}
        for row_id, *place in self._session.rows(UNDELIVERED_CREATES):
            first.setdefault((place[0], place[1], place[2]), row_id)
        self._session.run(COUNT_RESTORE)
        return self._session.many(RESTORED, [(at, at, row_id) for row_id in first.values()])

    def look_first(self, lead_ids: Sequence[int], now: datetime, there: Mapping[str, str]) -> int:
        at, first = micros(now), dict[tuple[str, str, str], int]()
        for chunk in chunks(lead_ids):
            for row_id, *place in self._session.rows(WAITING_CREATES, chunk):
                first.setdefault((place[0], place[1], place[2]), row_id)
        unknown = self._session.many(RESTORED, [(at, at, row_id) for row_id in first.values()])
        self._session.many(FOUND_THERE, [(crm_id, key) for key, crm_id in there.items()])
        return unknown

    def narrow(self, rows: Sequence[OutboxRow]) -> None:
        values = [(orjson.dumps(row.values).decode(), row.id, row.epoch) for row in rows]
        self._session.many("UPDATE outbox SET body = ? WHERE id = ? AND epoch = ? AND state = 'in_flight'", values)

    def prune(self, before: datetime, limit: int) -> int:
        deleted = self._session.run(PRUNE, micros(before), limit)
        return deleted + self._session.run(PRUNE_NOTICES, NOTICES, micros(before), limit)


def listing(lead_id: int, states: Sequence[str], target: str) -> tuple[str, list[Any]]:
    """The query of rows by what is given, oldest first, and its values but for the last, which limits it."""
    wanted: list[tuple[str, Any]] = []
    order = "o.id"
    if lead_id:
        wanted.append(("o.lead_id = ?", lead_id))
    if states and FINISHED & set(states):
        wanted.append(("o.state = ANY(?)", list(states)))
    elif states:
        wanted.append(("o.state = ANY(?)" + UNFINISHED, list(states)))
        # Sorted here: what is read in the order of its ids is the whole table, and not the few in the index.
        order = "o.id" if lead_id else "+o.id"
    if target:
        wanted.append(("o.target = ?", target))
    conditions = " AND ".join([condition for condition, _ in wanted] or ["1 = 1"])
    return f"{SELECT}{conditions} ORDER BY {order} LIMIT ?", [value for _, value in wanted]


class _Picked:
    """Rows for one call: those that go out for the first time, or else some of those that were sent before."""

    def __init__(self, limit: int, least: int) -> None:
        self.limit, self.least = limit, least
        self.fresh: dict[str, OutboxRow] = {}
        self.again: dict[str, OutboxRow] = {}
        self._kind = self._kind_again = ""
        self._most = limit
        self._before: set[tuple[str, str]] = set()

    def take(self, row: OutboxRow) -> None:
        """Look at one more row, in the order in which they wait."""
        if row.resends:
            self._take_again(row)
            return
        self._kind = self._kind or row.object
        # Of one object the rows go in their order, also past one that was sent before.
        follows = bool(self._before) and (row.object, row.our_key) in self._before
        if row.object == self._kind and len(self.fresh) < self.limit and not follows:
            self.fresh.setdefault(row.our_key, row)

    def _take_again(self, row: OutboxRow) -> None:
        self._before.add((row.object, row.our_key))
        self._kind_again = self._kind_again or row.object
        most = min(self._most, most_together(self.limit, row.resends, self.least))
        if row.object == self._kind_again and len(self.again) < most and row.our_key not in self.fresh:
            self.again.setdefault(row.our_key, row)
            self._most = most

    def rows(self) -> list[OutboxRow]:
        """Those of the more urgent lane; of one lane, those that go out for the first time."""
        fresh, again = list(self.fresh.values()), list(self.again.values())
        if again and (not fresh or again[0].lane < fresh[0].lane):
            return again
        return fresh


def _settled(one: Settlement, newer_waits: bool, at: int) -> tuple[Any, ...]:
    state = "superseded" if newer_waits and one.state in ("waiting", "dead") else one.state
    crm_id = one.receipt.crm_id if one.receipt else ""
    not_before, resolve_at = micros_or_none(one.not_before), micros_or_none(one.resolve_at)
    return (
        state, int(one.resend), one.reason, one.code, one.field, not_before, resolve_at, crm_id, crm_id, at,
        one.row.id, one.epoch,
    )  # fmt: skip
