"""Take over who is in a CRM already: whose record it is, what hangs on it, and what is not ours to write there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connector.config import Flow
from connector.config.types import Identity
from connector.locale import translator
from connector.model import sentences
from connector.model.adapter import CrmCapabilities
from connector.model.handoff import Handoff
from connector.model.lead import Lead, Link
from connector.model.mirror import CrmRecord
from connector.model.outbox import OutboxRow, Receipt
from connector.model.ports import ReviewItem, Transaction
from connector.runs.hearing import FieldsHeard
from connector.runs.look_up import Known, known
from connector.runs.respect import PEOPLE, by_name, respected
from connector.runs.rows import Rows, our_key
from connector.steps.existing import Existing, existing, owner_words
from connector.steps.field_rules import is_blank, own_names, owner_names
from connector.steps.matching import Match, Translate, named

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

MAY_BE = N_("Perhaps in the CRM already: %(record)s")
MAY_BE_OF = N_("Their company may be one of %(accounts)s: each could be")
OF_CUSTOMER = N_("New in the CRM, of a customer: %(record)s")
OF_DEAL = N_("New in the CRM, of a company with an open deal: %(record)s")


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
        found = self.known.matches.get(lead_id) or self._of_company(lead_id)
        if found is None:
            return None
        if lead_id not in self.what:
            mine = our_key(self.store_id, lead_id)
            holder = self.holders.get(found.person.id, "") if found.standing == "lead" else ""
            self.what[lead_id] = existing(found, self.flow.existing, taken=holder not in ("", mine))
            if self.what[lead_id].action == "adopt":
                self.holders[found.person.id] = mine
        return self.what[lead_id], found

    def _of_company(self, lead_id: int) -> Match | None:
        """What a lead is by its company, where that is told to the company's owner and no lead is made."""
        found = self.company(lead_id)
        return found if found and self.flow.existing.get(found.standing) == "tell owner" else None

    def company(self, lead_id: int) -> Match | None:
        """What a lead is by its company whom nobody there is: of a customer, or of a firm in an open deal."""
        return self.known.companies.get(lead_id) if lead_id not in self.receipts else None

    @property
    def matched(self) -> dict[int, Match]:
        """What each lead is that is met on a record that was there before."""
        of_company = {lead_id: one for lead_id in self.known.companies if (one := self._of_company(lead_id))}
        return of_company | self.known.matches

    def owner(self, lead_id: int) -> tuple[str, str]:
        """(email of who has the lead there, why), "" where nobody has or where that is no active person."""
        there, company = self.existing(lead_id), self.company(lead_id)
        if there is None and company is not None:
            there = Existing("tell owner", company.record), company
        if there is None:
            return "", ""
        what, found = there
        return self.known.owner(what.record), owner_words(what, found, translator(self.flow.language))

    def doubts(self, lead_id: int, translate: Translate) -> list[str]:
        """What whoever gets the lead should know before they greet a stranger: who it may be there, and its company."""
        found = [one.told(translate) for one in self.known.perhaps.get(lead_id, ())]
        accounts = [named(one, translate) for one in self.known.undecided.get(lead_id, ())]
        told = [translate(MAY_BE) % {"record": one} for one in found]
        if accounts:
            told.append(translate(MAY_BE_OF) % {"accounts": translate(N_(", ")).join(accounts)})
        if company := self.company(lead_id):
            words = OF_DEAL if company.standing == "open_opportunity" else OF_CUSTOMER
            told.append(translate(words) % {"record": named(company.person, translate)})
        return told

    def parent(self, lead_id: int) -> str:
        """The key of our lead that a record which is another lead's already belongs to, "" for none."""
        what = self.what.get(lead_id)
        taken = what is not None and what.action != "adopt" and what.place.startswith("lead:")
        return self.holders[what.record.id] if what and taken else ""


def there(
    tx: Transaction, flow: Flow, capabilities: CrmCapabilities, store_id: str, leads: Sequence[Lead], identity: Identity
) -> There:
    """Match leads with the CRM of their flow, as far as that can be read."""
    if not capabilities.streams and not capabilities.look_up_batch:
        return There(flow, store_id)
    keys = {our_key(store_id, lead.id): lead.id for lead in leads}
    receipts = {
        keys[key]: receipt for key, receipt in tx.outbox.receipts(flow.crm, "lead", list(keys)).items()
        if not receipt.gone
    }  # fmt: skip
    plain = capabilities.lead_is == "contact"
    found = known(tx, flow.crm, store_id, leads, identity, plain=plain, ours=receipts)
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
            if found.person.object in PEOPLE:
                links[found.person.object, found.person.id] = lead.id
        if found.others:
            notices.append(_several(target, lead.id, found))
    for lead, handoff in pairs:
        notices += _doubtful(handoff.target, lead.id, there.known)
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
    said = sentences.SEVERAL_THERE % {"chosen": _ids([found.person]), "others": _ids(found.others)}
    return _item(f"several:{target}:{lead_id}", said, target, lead_id, (found.person, *found.others))


def _doubtful(target: str, lead_id: int, known: Known) -> Iterator[ReviewItem]:
    """Who may be there as well, and accounts of which none could be taken: a person may know."""
    if perhaps := known.perhaps.get(lead_id):
        records = [one.person for one in perhaps]
        said = sentences.PERHAPS_THERE % {"records": _ids(records)}
        yield _item(f"perhaps:{target}:{lead_id}", said, target, lead_id, records)
    if accounts := known.undecided.get(lead_id):
        said = sentences.ACCOUNTS_ALIKE % {"records": _ids(accounts)}
        yield _item(f"accounts:{target}:{'-'.join(one.id for one in accounts)}", said, target, lead_id, accounts)


def _ids(records: Iterable[CrmRecord]) -> str:
    return ", ".join(f"{one.object} {one.id}" for one in records)


def _item(key: str, said: str, target: str, lead_id: int, records: Iterable[CrmRecord]) -> ReviewItem:
    body = {"records": [[one.object, one.id] for one in records]}
    return ReviewItem("notice", key, target, said, lead_id=lead_id, connection=target, body=body)


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
