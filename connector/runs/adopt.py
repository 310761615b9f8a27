"""Take over who is in a CRM already: whose record it is, what hangs on it, and what is not ours to write there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.config import Flow
from connector.locale import translator
from connector.model import sentences
from connector.model.adapter import CrmCapabilities
from connector.model.handoff import Handoff
from connector.model.lead import Lead, Link
from connector.model.outbox import OutboxRow, Receipt
from connector.model.ports import ReviewItem, Transaction
from connector.runs.hearing import FieldsHeard
from connector.runs.look_up import Known, known
from connector.runs.respect import PEOPLE, by_name, respected
from connector.runs.rows import Rows, our_key
from connector.steps.existing import Existing, existing, owner_words
from connector.steps.field_rules import is_blank, own_names, owner_names
from connector.steps.matching import Match


@dataclass(slots=True)
class There:
    """Who of a batch of leads is in the CRM of their flow already, and what becomes of them.

    `receipts` are those of leads that we write to already, `holders` the keys of the leads of ours
    that open leads of the CRM belong to, by the CRM's id.
    """

    flow: Flow
    store_id: str
    known: Known = field(default_factory=Known)
    receipts: Mapping[int, Receipt] = field(default_factory=dict)
    holders: dict[str, str] = field(default_factory=dict)
    what: dict[int, Existing] = field(default_factory=dict)

    def existing(self, lead_id: int) -> tuple[Existing, Match] | None:
        """What to do for a lead that is there; None for one that is not, or that has been ours before."""
        found = self.known.matches.get(lead_id)
        if found is None:
            return None
        if lead_id not in self.what:
            mine = our_key(self.store_id, lead_id)
            holder = self.holders.get(found.person.id, "") if found.standing == "lead" else ""
            self.what[lead_id] = existing(found, self.flow.existing, taken=holder not in ("", mine))
            if self.what[lead_id].action == "adopt":
                self.holders[found.person.id] = mine
        return self.what[lead_id], found

    def owner(self, lead_id: int) -> tuple[str, str]:
        """(email of who has the lead there, why), "" where nobody has or where that is no active person."""
        there = self.existing(lead_id)
        if there is None:
            return "", ""
        what, found = there
        return self.known.owner(what.record), owner_words(what, found, translator(self.flow.language))

    def parent(self, lead_id: int) -> str:
        """The key of our lead that a record which is another lead's already belongs to, "" for none."""
        what = self.what.get(lead_id)
        taken = what is not None and what.action != "adopt" and what.place.startswith("lead:")
        return self.holders[what.record.id] if what and taken else ""


def there(tx: Transaction, flow: Flow, capabilities: CrmCapabilities, store_id: str, leads: Sequence[Lead]) -> There:
    """Match leads with the CRM of their flow, as far as that can be read."""
    if not capabilities.streams and not capabilities.look_up_batch:
        return There(flow, store_id)
    keys = {our_key(store_id, lead.id): lead.id for lead in leads}
    receipts = {
        keys[key]: receipt for key, receipt in tx.outbox.receipts(flow.crm, "lead", list(keys)).items()
        if not receipt.gone
    }  # fmt: skip
    found = known(tx, flow.crm, store_id, leads, plain=capabilities.lead_is == "contact")
    _keep_ours(tx, flow.crm, capabilities, receipts, found)
    open_leads = sorted({one.person.id for one in found.matches.values() if one.standing == "lead"})
    held = tx.outbox.receipts_by_crm_id(flow.crm, "lead", open_leads) if open_leads else {}
    holders = {crm_id: receipt.our_key for crm_id, receipt in held.items() if not receipt.gone}
    for one in found.matches.values():
        # A store that was set back may have lost a receipt; the record still says whose it is.
        if one.standing == "lead" and one.person.id not in holders and _is_known(tx, store_id, one.person.our_key):
            holders[one.person.id] = one.person.our_key
    return There(flow, store_id, found, receipts, holders)


def _is_known(tx: Transaction, store_id: str, key: str) -> bool:
    """Whether a key is of a lead of this store; the key of one that was forgotten is nobody's any more."""
    if not key.startswith(f"{store_id}-"):
        return False
    number = key.removeprefix(f"{store_id}-")
    return not (number.isascii() and number.isdigit() and len(number) < 19 and tx.personal.is_forgotten(int(number)))


def _keep_ours(
    tx: Transaction, target: str, capabilities: CrmCapabilities, receipts: Mapping[int, Receipt], found: Known
) -> None:
    """What we write to already stays theirs, whatever else has their keys."""
    ids = sorted({receipt.crm_id for receipt in receipts.values()})
    records = tx.mirror.get(target, capabilities.lead_is, ids) if ids else {}
    for lead_id, receipt in receipts.items():
        found.matches.pop(lead_id, None)
        record = records.get(receipt.crm_id)
        if record is not None and not record.gone:
            found.matches[lead_id] = Match("lead", record, record, "our_key", record)
    owners = sorted({record.owner for record in records.values() if record.owner})
    found.users |= tx.mirror.get(target, "user", owners) if owners else {}


def take_over(tx: Transaction, rows: Rows, there: There, pairs: Sequence[tuple[Lead, Handoff]], now: datetime) -> None:
    """Receipts and links for opened handoffs whose lead was there before; notices where several were."""
    receipts: list[Receipt] = []
    links: dict[tuple[str, str], int] = {}
    notices: list[ReviewItem] = []
    for lead, handoff in pairs:
        said = there.existing(lead.id)
        if said is None:
            continue
        what, found = said
        target, key = handoff.target, our_key(there.store_id, lead.id)
        if lead.id not in there.receipts and not there.parent(lead.id):
            receipts.append(_receipt(rows, target, key, lead.id, what, now))
            if what.record.object in PEOPLE or what.record.person == found.person.id:
                links[what.record.object, what.record.id] = lead.id
            links[found.person.object, found.person.id] = lead.id
        if found.others:
            notices.append(_several(target, lead.id, found))
    tx.outbox.put_receipts(receipts)
    _hear(tx, rows, there, pairs, receipts, now)
    tx.intake.put_links(_new_links(tx, there.flow.crm, links))
    tx.reviews.put(notices, now)


def _hear(
    tx: Transaction, rows: Rows, there: There, pairs: Sequence[tuple[Lead, Handoff]], made: Iterable[Receipt],
    now: datetime,
) -> None:  # fmt: skip
    """What people have filled in the records that are adopted is their word."""
    adopted = {receipt.lead_id: receipt for receipt in made if receipt.object == "lead"}
    fields = FieldsHeard(tx, rows, there.flow.crm, now, Counter())
    for lead, _ in pairs:
        said = there.existing(lead.id)
        if lead.id in adopted and said is not None and said[0].action == "adopt":
            fields.hear(lead, adopted[lead.id], None, said[0].record)
    fields.store()


def _receipt(rows: Rows, target: str, key: str, lead_id: int, what: Existing, now: datetime) -> Receipt:
    """What we know of a record that was there: where it is adopted, what stands in the fields that we may write."""
    if what.action != "adopt":
        return Receipt(target, what.record.object, key, what.record.id, {}, lead_id=lead_id, at=now)
    origins = rows.config.connections[target].mapping.origins("lead")
    own, there = own_names(origins), by_name(origins, what.record.values)
    values = {name: value for name, value in there.items() if name in own or is_blank(value)}
    # Not yet written by us: as old as what it says.
    return Receipt(target, "lead", key, what.record.id, values, lead_id=lead_id, at=what.record.modified_at or now)


def _new_links(tx: Transaction, target: str, wanted: Mapping[tuple[str, str], int]) -> list[Link]:
    """Whose a record is already, it stays."""
    known = {
        (object, id)
        for object in {object for object, _ in wanted}
        for id in tx.intake.lead_ids(target, object, [id for kind, id in wanted if kind == object])
    }
    return [Link(target, *place, lead_id) for place, lead_id in wanted.items() if place not in known]


def _several(target: str, lead_id: int, found: Match) -> ReviewItem:
    ids = ", ".join(f"{one.object} {one.id}" for one in found.others)
    chosen = f"{found.person.object} {found.person.id}"
    return ReviewItem(
        "notice", f"several:{target}:{lead_id}", target, sentences.SEVERAL_THERE % {"chosen": chosen, "others": ids},
        lead_id=lead_id, connection=target,
        body={"records": [[one.object, one.id] for one in (found.person, *found.others)]},
    )  # fmt: skip


def fitted(
    tx: Transaction, rows: Rows, there: There, lead: Lead, handoff: Handoff, made: Sequence[OutboxRow]
) -> list[OutboxRow]:
    """The rows of a handoff, as they fit what is in the CRM already.

    A company that is there is joined, not made, and only by someone who is in none; what is in the lead's own
    fields stays (`respected`); a task on a record that is another lead's of ours hangs on that one's receipt.
    """
    made = [_by_id(rows, lead, handoff, there, row) for row in made]
    if lead.id not in there.receipts and there.existing(lead.id) is None:
        # Who is new is handed over by being made.
        made = [row for row in made if row.object != "handover"]
    if parent := there.parent(lead.id):
        for row in made:
            row.parent = parent
    account, found = there.known.accounts.get(lead.id), there.known.matches.get(lead.id)
    spared: set[str] = set()
    if account is not None and any(row.object == "company" for row in made):
        company = next(row for row in made if row.object == "company")
        if not tx.outbox.receipts(company.target, "company", [company.our_key]):
            tx.outbox.put_receipts(
                [Receipt(company.target, "company", company.our_key, account.id, {}, lead_id=lead.id)]
            )
        spared = {"company", "association"} if found and found.person.account else {"company"}
    return respected(tx, rows.config, [row for row in made if row.object not in spared])


def _by_id(rows: Rows, lead: Lead, handoff: Handoff, there: There, row: OutboxRow) -> OutboxRow:
    """The row of a lead that is in the CRM has nothing that is written on create only, but for a lost owner."""
    if row.kind != "state" or row.object != "lead" or there.existing(lead.id) is None:
        return row
    later = rows.lead(lead, handoff, creating=False)
    owner = owner_names(rows.config.connections[row.target].mapping.origins("lead"))
    return replace(later, values={name: row.values[name] for name in owner & row.values.keys()} | later.values)
