"""Follow what changed in a CRM, a page at a time, within the transaction that keeps the page in the mirror."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.model.handoff import Handoff
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.ports import Transaction
from connector.runs.consent_heard import Hearing
from connector.runs.merges import Places, follow_merges, follow_splits, with_predecessors
from connector.runs.read_in import Follow, Pair
from connector.runs.records_heard import RecordsHeard
from connector.runs.respect import PEOPLE
from connector.runs.rows import Rows
from connector.runs.runtime import Runtime
from connector.runs.whose import Owned, Whose


def follower(runtime: Runtime, rows: Rows, name: str, counts: Counter[str]) -> Follow:
    """What follows from a page of changes of the CRM `name`."""

    def follow(tx: Transaction, pairs: Sequence[Pair]) -> None:
        Follower(tx, rows, name, runtime.clock(), counts).run(pairs)

    return follow


@dataclass(slots=True)
class Follower:
    """Follows one page of changes."""

    tx: Transaction
    rows: Rows
    name: str
    now: datetime
    counts: Counter[str]
    leads: dict[int, Lead] = field(default_factory=dict)

    def run(self, pairs: Sequence[Pair]) -> None:
        """Follow every changed record that is of a lead of ours."""
        pairs = with_predecessors(pairs)
        whose = Whose(self.tx, self.rows, self.name, self.now)
        whose.own_up_to(after for _, after in pairs if after.our_key and (after.gone or after.merged_into))
        winners = self._merges(pairs)
        Hearing(self.tx, self.rows, self.name, self.now, self.counts).run(pairs)
        known = [pair for pair in pairs if _tells_its_end(*pair) or (pair[1].object, pair[1].id) not in winners]
        pairs = [*known, *self._new_to_us(winners, {(after.object, after.id) for _, after in known})]
        if owned := [one for one in whose.owned(pairs) if not one.after.merged_into]:
            self._hear(owned, winners)

    def _merges(self, pairs: Sequence[Pair]) -> Places:
        """Follow what was merged and what is two again; returns the records that are ours only now."""
        merged, winners = follow_merges(self.tx, self.rows.config, self.name, pairs, self.now)
        self.counts["merged in the CRM"] += merged
        self.counts["taken apart"] += follow_splits(self.tx, self.name, pairs, self.now)
        return winners

    def _new_to_us(self, places: Places, told: Places) -> Iterator[Pair]:
        """Records that were somebody else's until now, as if they had just said all that they say.

        Of a lead that was converted, what it became and whose it is: its status is over. One that was deleted before is
        deleted of whoever it is by now; `told` are those of which the page says so.
        """
        for object in PEOPLE:
            ids = sorted(id for kind, id in places - told if kind == object)
            found = self.tx.mirror.get(self.name, object, ids) if ids else {}
            for record in found.values():
                before = replace(record, converted_to={}, owner="") if record.converted_to else None
                if record.gone and not record.merged_into:
                    yield replace(record, gone=False), record
                elif not record.merged_into:
                    yield before, record

    def _hear(self, owned: Sequence[Owned], anew: Places) -> None:
        """Hear what the records say of leads that were handed to this CRM."""
        self._load(sorted({one.lead_id for one in owned}))
        users, handoffs = self._users(one.after for one in owned), self.tx.handoffs.of_leads(sorted(self.leads))
        heard = RecordsHeard(self.tx, self.rows, self.name, self.now, self.counts, handoffs, users, anew)
        for one in owned:
            lead = self._lead(one.lead_id)
            given = self._handoffs(handoffs, one.lead_id)
            handoff = next((given for given in reversed(given) if given.opened_at), None)
            if lead is not None and handoff is not None and handoff.target in ("", self.name):
                heard.hear(lead, handoff, one)
        heard.store()

    def _load(self, ids: Sequence[int]) -> None:
        """The leads, and for those that were merged into another one, that one."""
        self.leads = self.tx.intake.leads(ids)
        winners = {lead.merged_into for lead in self.leads.values() if lead.merged_into} - self.leads.keys()
        self.leads |= self.tx.intake.leads(sorted(winners)) if winners else {}

    def _lead(self, lead_id: int) -> Lead | None:
        lead = self.leads.get(lead_id)
        return self.leads.get(lead.merged_into) if lead and lead.merged_into else lead

    def _handoffs(self, handoffs: Mapping[int, Sequence[Handoff]], lead_id: int) -> Sequence[Handoff]:
        """Those of the lead that stands for it by now, else its own."""
        lead = self._lead(lead_id)
        return (handoffs.get(lead.id, []) if lead else []) or handoffs.get(lead_id, [])

    def _users(self, records: Iterable[CrmRecord]) -> dict[str, str]:
        """Addresses of the people who have these records, by their ids."""
        ids = sorted({record.owner for record in records if record.owner})
        known = self.tx.mirror.get(self.name, "user", ids) if ids else {}
        named = self.rows.config.email_of
        # Where people are known by their addresses, no table of users says more.
        found = {user_id: user_id for user_id in ids if "@" in user_id}
        return found | {user_id: named(self.name, user.email) for user_id, user in known.items() if user.email}


def _tells_its_end(before: CrmRecord | None, after: CrmRecord) -> bool:
    """Whether a record was deleted since it was last read."""
    return after.gone and not (before is not None and before.gone)
