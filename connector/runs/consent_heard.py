"""What the records of a CRM say of consent, of every person known here: by link, by receipt, or by their address.

Whether somebody was handed over, to whom, and what became of it is no matter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connector.model.consent import ConsentEvent
from connector.model.fields import Value
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.model.outbox import CONSENT
from connector.model.ports import Transaction
from connector.runs.consent import ANY, Ledger
from connector.runs.consent_rows import Telling
from connector.runs.respect import PEOPLE
from connector.runs.rows import Rows
from connector.steps import consent as steps

#: The store's word for CRMs of which a record says so of somebody who is not known here yet.
UNCLAIMED = "consent:unclaimed:"


@dataclass(slots=True)
class Hearing:
    """One page of changed records of the CRM `name`, within its transaction.

    `matched` are the leads of records that are known to be theirs by something else, by the id of the record.
    """

    tx: Transaction
    rows: Rows
    name: str
    now: datetime
    counts: Counter[str]
    matched: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def run(self, pairs: Iterable[tuple[CrmRecord | None, CrmRecord]]) -> bool:
        """Keep what the records say, and tell those that do not say what stands; whether there was anything."""
        mapping = self.rows.config.connections[self.name].mapping
        people = [pair for pair in pairs if pair[1].object in PEOPLE and _is_live(pair[1])]
        if not people or not mapping.reads_consent:
            return False
        said = {after.id: mapping.consents(after.values) for _, after in people}
        if self.tx.admin.meta(ANY):
            # Who came in meanwhile may have left here.
            news = [after for _, after in people]
        else:
            news = [after for _, after in people if closed(said[after.id])]
        if news:
            self._keep(news, said)
        return bool(news)

    def _keep(self, news: Sequence[CrmRecord], said: Mapping[str, Mapping[str, Value]]) -> None:
        known, by_address = whose(self.tx, self.name, news)
        matched = {one.id: list(self.matched[one.id]) for one in news if one.id in self.matched}
        owners = matched | by_address | known
        if any(closed(said[one.id]) and one.id not in owners for one in news):
            self.tx.admin.set_meta(UNCLAIMED + self.name, "1")
            self.tx.admin.set_meta(ANY, "1")
        ids = sorted({lead_id for some in owners.values() for lead_id in some})
        if not ids:
            return
        ledger = Ledger(self.tx, self.rows, self.now, self.counts, _standing(self.tx, ids))
        told = [one for one in news if one.id in owners]
        ours = self._told_by_us(told)
        ledger.keep([
            word for one in told for lead_id in owners[one.id] if lead_id in ledger.leads
            for word in words_of(one, said[one.id], lead_id, self.name, self.now)
            if _is_news(word, ledger.leads[lead_id], ours.get(one.id, {}))
            and (word.channel == "email" or not _is_shared(by_address.get(one.id, ()), ledger.leads[lead_id]))
        ])  # fmt: skip
        out = [lead for lead in ledger.leads.values() if steps.is_out(lead)]
        Telling(self.tx, self.rows, self.now, self.counts).run(out, self.name)

    def _told_by_us(self, records: Sequence[CrmRecord]) -> dict[str, dict[str, Value]]:
        found: dict[str, dict[str, Value]] = {}
        for object in PEOPLE:
            for id, own in told_by_us(self.tx, self.rows, self.name, object, [one.id for one in records]).items():
                found[id] = found.get(id, {}) | own
        return found


def _is_live(record: CrmRecord) -> bool:
    return not record.gone and not record.merged_into and not record.converted_to


def _standing(tx: Transaction, ids: Sequence[int]) -> dict[int, Lead]:
    return {id: lead for id, lead in tx.intake.leads(ids).items() if not lead.merged_into}


def _is_shared(leads: Sequence[int], lead: Lead) -> bool:
    """Whether a record is known by an address that several people use: its mail is theirs then, and nothing else."""
    return bool(leads) and (len(leads) > 1 or lead.fields.get("email_class") == "role")


def _is_news(word: ConsentEvent, lead: Lead, own: Mapping[str, Value]) -> bool:
    """Whether a word is somebody's: what we wrote there is nobody's, nor is a yes where nobody has said no."""
    name = steps.FIELDS[word.channel]
    return lead.fields.get(name) is False if word.given else own.get(name) is not False


def closed(said: Mapping[str, Value]) -> bool:
    """Whether values say that any channel is closed."""
    return any(said.get(name) is False for name in steps.CHANNEL_OF)


def words_of(
    record: CrmRecord, said: Mapping[str, Value], lead_id: int, name: str, now: datetime
) -> list[ConsentEvent]:
    """What a record of the CRM `name` says, as words."""
    at = min(record.modified_at or now, now)
    return list(steps.field_words(said, lead_id, name, at, f"{record.object} {record.id}"))


def unclaimed(tx: Transaction, rows: Rows, fresh: Mapping[int, Lead], now: datetime) -> Iterator[ConsentEvent]:
    """What CRMs have said of people who are known only now, by their addresses."""
    by_address = {str(lead.fields["email"]): lead for lead in fresh.values() if lead.fields.get("email")}
    for meta in tx.admin.metas(UNCLAIMED) if by_address else ():
        name = meta.removeprefix(UNCLAIMED)
        if name not in rows.config.connections:
            continue
        mapping = rows.config.connections[name].mapping
        for address, records in tx.mirror.find(name, "email", sorted(by_address), PEOPLE).items():
            for record in records:
                if closed(said := mapping.consents(record.values)):
                    yield from (
                        one for one in words_of(record, said, by_address[address].id, name, now) if not one.given
                    )


def whose(
    tx: Transaction, name: str, records: Sequence[CrmRecord]
) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
    """The leads that records of the CRM `name` are of: by receipt or link, and by their address alone.

    Of several who share an address, all of them.
    """
    ids, found = [one.id for one in records], dict[str, list[int]]()
    for object in reversed(PEOPLE):
        for id, receipt in tx.outbox.receipts_by_crm_id(name, object, ids).items():
            found |= {id: [receipt.lead_id]} if receipt.lead_id else {}
        found |= {id: [lead_id] for id, lead_id in tx.intake.lead_ids(name, object, ids).items()}
    rest = sorted({one.email for one in records if one.id not in found and one.email})
    by_email = tx.intake.by_email(rest) if rest else {}
    return found, {one.id: by_email[one.email] for one in records if one.id not in found and one.email in by_email}


def told_by_us(
    tx: Transaction, rows: Rows, connection: str, object: str, ids: Sequence[str]
) -> dict[str, dict[str, Value]]:
    """What we have told records of consent, by their ids: that they say so is no word of anybody's."""
    found: dict[str, dict[str, Value]] = {}
    mapping = rows.config.connections[connection].mapping
    for id, receipt in tx.outbox.receipts_by_crm_id(connection, object, ids).items():
        found[id] = mapping.consents(receipt.values)
    for id, receipt in tx.outbox.receipts(connection, CONSENT, ids).items():
        if receipt.values.get("subscribed") is False:
            found[id] = {**found.get(id, {}), "consent.email": False}
    return found
