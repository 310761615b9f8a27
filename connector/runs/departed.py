"""People whose record a source has no more: deleted there, or merged into another record.

A deleted record leaves its lead: nothing more hangs on that record, until the source brings it back. A merged
record's id becomes the winner's; where both were leads they become one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

import orjson

from connector.config import Config
from connector.model.lead import CONTACT, GONE, MERGED, Link
from connector.model.mapped import Contact
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.model.records import Record
from connector.runs.joining import further, is_different, make_one
from connector.runs.take_apart import came_back
from connector.runs.untold import keep_untold
from connector.steps.identity import who_is_left

#: Of more merged records than so many, the oldest are forgotten: their winners may be left out for good.
MOST_WAIT = 1000


class Departed:
    """What becomes of the links and leads of one connection's records that are gone or merged."""

    def __init__(self, config: Config, connection: str, now: datetime, counts: Counter[str]) -> None:
        self.config = config
        self.connection = connection
        self.now = now
        self.counts = counts

    def before(self, tx: Transaction, records: Sequence[Record]) -> None:
        """Merge those that are known, before the winners' own records are stored: they may be new."""
        told = [record.id for record in records if record.merged_into]
        if not told:
            return
        merged = self._merged(tx, records)
        links = tx.intake.links(self.connection, CONTACT, [*told, *merged.values()])
        pairs = [(one, merged[one]) for one in told if one in links]
        self.counts["merged at the source"] += len({to for one, to in pairs if self._merge(tx, links, one, to)})

    def after(self, tx: Transaction, records: Sequence[Record]) -> None:
        """Link ids of merged records that were not known to the winner's lead, and mark what is gone or merged.

        Whose winner is not known either waits for it.
        """
        merged = self._merged(tx, records)
        gone = [record.id for record in records if record.gone and not record.merged_into]
        links = tx.intake.links(self.connection, CONTACT, [*merged, *merged.values(), *gone])
        found = {
            loser: links[winner].lead_id for loser, winner in merged.items() if loser not in links and winner in links
        }
        self._wait(tx, {one: winner for one, winner in merged.items() if one not in links and winner not in links})
        put = [Link(self.connection, CONTACT, loser, lead_id, MERGED) for loser, lead_id in found.items()]
        known = [replace(links[id], digest=MERGED) for id in merged if id in links and not links[id].merged]
        winners = [(one, links[merged[one.external_id]]) for one in known if merged[one.external_id] in links]
        self._told_anew(tx, winners)
        left = [replace(links[id], digest=GONE) for id in gone if id in links and not links[id].gone]
        self.counts["deleted at the source"] += len(left)
        tx.intake.put_links(put + known + left)
        if found and (touched := tx.intake.adopt_activities(self.connection, found)):
            tx.scores.mark_due(touched, self.now)

    def _merged(self, tx: Transaction, records: Sequence[Record]) -> dict[str, str]:
        """Ids of merged records, of this page and of those that wait, and who is left after the last merge."""
        into = self.waits(tx) | {record.id: record.merged_into for record in records if record.merged_into}
        return {loser: who_is_left(winner, into) for loser, winner in into.items()}

    def _told_anew(self, tx: Transaction, pairs: Sequence[tuple[Link, Link]]) -> None:
        """What waits for a merged record is nobody's; what it was told may stand in the winner, which is told anew."""
        if not pairs:
            return
        gone = [
            Receipt(self.connection, CONTACT, loser.external_id, loser.external_id, {}, lead_id=loser.lead_id,
                    at=self.now, gone=True)
            for loser, _ in pairs
        ]  # fmt: skip
        told = tx.outbox.receipts(self.connection, CONTACT, [loser.external_id for loser, _ in pairs])
        self._owe(tx, {winner.lead_id for loser, winner in pairs if loser.external_id in told})
        tx.outbox.put_receipts(gone)
        tx.outbox.forget_receipts(self.connection, CONTACT, [winner.external_id for _, winner in pairs])
        tx.scores.mark_due([winner.lead_id for _, winner in pairs], self.now)

    def _owe(self, tx: Transaction, lead_ids: Collection[int]) -> None:
        """Tell these of their stage though they are known, and were nothing else: that is not what stands there."""
        known = [lead for lead in tx.intake.leads(sorted(lead_ids)).values() if lead.stage == "known"]
        for flow in self.config.flows.values():
            keep_untold(tx, flow, [lead.id for lead in known if lead.flow == flow.name])

    def waits(self, tx: Transaction) -> dict[str, str]:
        """Ids of merged records by which nobody was known, and the winners, who were not known either."""
        found: dict[str, str] = orjson.loads(tx.admin.meta(self._name) or "{}")
        return found

    def _wait(self, tx: Transaction, merged: dict[str, str]) -> None:
        if merged != self.waits(tx):
            newest = dict(list(merged.items())[-MOST_WAIT:])
            tx.admin.set_meta(self._name, orjson.dumps(newest).decode() if newest else "")

    @property
    def _name(self) -> str:
        return f"merged:{self.connection}"

    def returned(self, tx: Transaction, links: Sequence[Link]) -> None:
        """Whose record is back is written about again, beginning with what was not told meanwhile."""
        keys = [link.external_id for link in links]
        receipts = tx.outbox.receipts(self.connection, CONTACT, keys).values() if keys else ()
        tx.outbox.put_receipts([replace(receipt, gone=False) for receipt in receipts if receipt.gone])
        tx.scores.mark_due([link.lead_id for link in links], self.now)
        self.counts["back at the source"] += len(links)

    def split(self, tx: Transaction, links: dict[str, Link], back: Sequence[Contact]) -> None:
        """Whose record was merged and is there as its own again becomes a lead of their own; `links` follow.

        What was read before the merge, and comes late, says nothing of it.
        """
        for one in back:
            link, said = links[one.external_id], datetime.fromisoformat(one.at) if one.at else None
            place = (CONTACT, one.external_id)
            if came_back(tx, self.connection, place, link.lead_id, self.now, said):
                self.counts["taken apart"] += 1
                links.update(tx.intake.links(self.connection, CONTACT, list(links)))

    def _merge(self, tx: Transaction, links: dict[str, Link], loser: str, winner: str) -> bool:
        """Whether that was news."""
        lost, kept = links[loser], links.get(winner)
        if kept is not None and not kept.gone and not lost.merged:
            # What the winner's record says counts from now on: it is taken as new, though it has not changed.
            kept.digest = 0
            tx.intake.put_links([kept])
        if kept is None:
            # The winner got an id of its own; its record follows and finds the lead by it.
            links[winner] = Link(self.connection, CONTACT, winner, lost.lead_id)
            tx.intake.put_links([links[winner]])
            return True
        return kept.lead_id != lost.lead_id and self._join(tx, links, kept.lead_id, lost.lead_id)

    def _join(self, tx: Transaction, links: dict[str, Link], winner: int, loser: int) -> bool:
        """Let the winner's lead be both, unless the other one is further in sales, or a person took them apart."""
        if is_different(tx, winner, loser):
            return False
        survivor, other = further(tx, winner, loser, winner)
        joining = make_one(tx, self.config, survivor, other, "marketing", self.connection, self.now)
        for link in links.values() if joining else ():
            if joining and link.lead_id == joining.loser:
                link.lead_id = joining.winner
        return True
