"""Values of ours that were overwritten in a CRM: written again, until it is plain that somebody else insists.

What a field says is told by what we last wrote to it, never by who changed it: a late request of our
own and another program look alike. A field that was overwritten and written again `FLIPS` times within a
day is left alone on that record, and a notice names both values, the times, and who changed it last; dropping
that notice takes the field up again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson

from connector.config import Config
from connector.model import sentences
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.outbox import LANES, OutboxRow, Receipt
from connector.model.ports import ReviewItem, Transaction
from connector.runs.outgoing import sent_before
from connector.runs.respect import by_name, fight_key, insisted, left_alone
from connector.steps.delivery import differing
from connector.steps.field_rules import overwritten, own_names, stale

FLIPS = 5
WITHIN = timedelta(days=1)
#: Rows that may still change what stands there.
ON_THEIR_WAY = ("in_flight", "unknown")
#: Letters of a value that a notice shows.
SHOWN = 40


def shown(value: object) -> str:
    """A value as a notice says it: a text by its beginning, nothing as \"\"."""
    text = "" if value is None else str(value)
    return f'"{text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"}"'


@dataclass(slots=True)
class OwnValues:
    """Looks after our values in the records of one CRM."""

    tx: Transaction
    config: Config
    target: str
    now: datetime
    run_id: int = 0

    def look(self, lead: Lead, receipt: Receipt, record: CrmRecord) -> int:
        """Write again what was overwritten; returns how many fields that is."""
        flow = self.config.flows.get(lead.flow)
        if flow is None or stale(record, receipt.at):
            return 0
        names = self._overwritten(lead, receipt, record)
        if not names:
            return 0
        if flow.mode == "observe":
            # Nothing is written; once the flow is live, what stands there is what ours is held against.
            self.tx.outbox.put_receipts([replace(receipt, values=by_name(names, record.values))])
            return 0
        rows = self.tx.outbox.rows(lead_id=lead.id, target=self.target, states=("waiting", *ON_THEIR_WAY))
        mine = [row for row in rows if (row.object, row.our_key) == (receipt.object, receipt.our_key)]
        if ahead := [row for row in mine if row.state in ON_THEIR_WAY]:
            names = self._beside(ahead, names, receipt, record)
        if not names:
            return 0
        again = self._counted(names, receipt, record)
        # What stands there is what the CRM has: what differs from it is sent, now or once it is taken up again.
        self.tx.outbox.put_receipts([replace(receipt, values=by_name(names, record.values))])
        key = f"{self.target}:{receipt.object}:{receipt.our_key}"
        waits = next((row.values for row in mine if row.key == key), {})
        if again - waits.keys():
            # A newer row takes the place of one that waits, so that it says what that one would have said.
            self._again(lead, receipt, key, waits, again)
        return len(again)

    def _beside(
        self, ahead: Sequence[OutboxRow], names: Collection[str], receipt: Receipt, record: CrmRecord
    ) -> frozenset[str]:  # fmt: skip
        """Of what is not on its way, what stands there is what ours is held against once that is over.

        Returns those of which the rows on their way say nothing: nobody else will write them again.
        """
        others = set(names) - {name for row in ahead for name in differing(row.values, receipt)}
        if others:
            self.tx.outbox.put_receipts([replace(receipt, values=by_name(others, record.values))])
        return frozenset(others).difference(*(row.values for row in ahead))

    def _overwritten(self, lead: Lead, receipt: Receipt, record: CrmRecord) -> frozenset[str]:
        mapping = self.config.connections[self.target].mapping
        later = mapping.written(receipt.object, later=True)
        written = {name: receipt.values[name] for name in later if name in receipt.values}
        own = own_names(mapping.origins(receipt.object))
        there = by_name(written, record.values)
        # A platform may write our value in its own way.
        own |= {
            name
            for name in insisted(self.config, lead, self.target, receipt.object)
            if not mapping.same(receipt.object, name, there.get(name), written.get(name))
        }
        return overwritten(there, written, own, lambda: self._earlier(receipt))

    def _earlier(self, receipt: Receipt) -> Iterable[dict[str, Any]]:
        return sent_before(self.tx, self.target, receipt.object, receipt.our_key, receipt.lead_id)

    def _counted(self, names: Collection[str], receipt: Receipt, after: CrmRecord) -> set[str]:
        """Those that are still written: counts each once more, and leaves those alone that were too often."""
        stopped = left_alone(self.tx, self.target, receipt.object, ((receipt.our_key, name) for name in names))
        names = set(names) - {name for _, name in stopped}
        place = f"flips:{self.target}:{receipt.object}:{receipt.our_key}"
        said: dict[str, list[str]] = orjson.loads(self.tx.admin.meta(place) or "{}")
        since = (self.now - WITHIN).isoformat()
        for name in names:
            said[name] = [*(at for at in said.get(name, ()) if at > since), self.now.isoformat()]
        fought = {name for name in names if len(said[name]) >= FLIPS}
        for name in fought:
            self._tell(name, said.pop(name), receipt, after)
        if names:
            self.tx.admin.set_meta(place, orjson.dumps(said).decode())
        return names - fought

    def _tell(self, name: str, times: Sequence[str], receipt: Receipt, after: CrmRecord) -> None:
        user = self.tx.mirror.get(self.target, "user", [after.by]).get(after.by) if after.by else None
        who = (user.email or user.name if user else "") or after.by or "?"
        said = {"ours": shown(receipt.values[name]), "theirs": shown(by_name([name], after.values).get(name))}
        reason = sentences.FOUGHT % {**said, "who": who, "count": len(times), "first": times[0], "time": times[-1]}
        key = fight_key(self.target, receipt.object, receipt.our_key, name)
        body = {"record": after.id, "times": list(times), **said}
        item = ReviewItem("notice", key, self.target, reason, name, receipt.lead_id, self.target, body=body)
        self.tx.reviews.put([item], self.now)

    def _again(self, lead: Lead, receipt: Receipt, key: str, waits: Mapping[str, Any], names: Collection[str]) -> None:
        again = OutboxRow(
            target=self.target, kind="state", object=receipt.object, our_key=receipt.our_key, key=key,
            values={**{name: receipt.values[name] for name in names}, **waits}, lead_id=lead.id, lane=LANES["normal"],
            flow=lead.flow, run_id=self.run_id,
        )  # fmt: skip
        self.tx.outbox.put([again], self.now)
