"""Bring back what a CRM tells of the leads that were handed to it: stage, owner, reason, rating, outcome.

The same walk that keeps the mirror: a page, what follows from it and its cursor are one
transaction. What a record tells is decided in `steps.feedback`; here it is found out whose it
is, and written down.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from connector.model import sentences
from connector.model.handoff import Handoff
from connector.model.lead import Lead, Link
from connector.model.mirror import CrmRecord, Mirrored
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.runs.consent_heard import Hearing
from connector.runs.hearing import FieldsHeard
from connector.runs.joining import was_in_hand
from connector.runs.merges import Places, follow_merges, follow_splits
from connector.runs.news import ENDS, News, unknown_words
from connector.runs.outgoing import sent_before
from connector.runs.own_values import OwnValues
from connector.runs.read_in import Follow, Pair, is_silent, read_back
from connector.runs.respect import PEOPLE, by_name
from connector.runs.restore import SET_BACK, SetBackError, ask_whether_set_back
from connector.runs.rows import Rows, our_key
from connector.runs.runtime import Runtime
from connector.runs.take_apart import is_live
from connector.runs.terms import note_read, terms_of
from connector.steps.feedback import (
    Told,
    is_named,
    is_news_of,
    of_form,
    of_lost_opportunity,
    of_opportunity,
    of_person,
    of_touch,
    touched_at,
)
from connector.steps.field_rules import owner_names
from connector.steps.identity import derive_again
from connector.steps.joining import BY_DEAL
from connector.steps.sides import silence_crm

#: Records that are looked at in one transaction, and notices that are looked through.
BATCH, NOTICES = 500, 5000

#: What was said of a lead in a form.
FEEDBACK: Mirrored = "feedback"
#: The number of a lead, as it stands in our key.
_LEAD = re.compile(r"[1-9]\d{0,17}", re.ASCII)


def bring_back(runtime: Runtime, rows: Rows, name: str, counts: Counter[str]) -> None:
    """Read back everything new of the CRM `name`, and follow it.

    Raises AuthError, ConfigError, RetryableError, and SetBackError where the CRM shows that an older copy of the
    store was put back: then nothing is handed over or sent until an admin has said what follows.
    """
    named_since(runtime, rows, name, counts)
    begun = runtime.clock()
    try:
        if not is_silent(runtime, name):
            read_back(runtime, name, counts, follower(runtime, rows, name, counts))
    except SetBackError:
        with runtime.store.write() as tx:
            tx.admin.set_meta(SET_BACK, name)
        raise
    if not runtime.stop.is_set():
        note_read(runtime, name, begun - timedelta(seconds=runtime.crm(name).capabilities.read_back_lag))


def follower(runtime: Runtime, rows: Rows, name: str, counts: Counter[str]) -> Follow:
    """What follows from a page of changes of the CRM `name`."""

    def follow(tx: Transaction, pairs: Sequence[Pair]) -> None:
        Follower(tx, rows, name, runtime.clock(), counts).run(pairs)

    return follow


def named_since(runtime: Runtime, rows: Rows, name: str, counts: Counter[str]) -> None:
    """Follow what was said in words that the mapping did not name then and does now; their notices are closed."""
    mapping, meta = runtime.config.connections[name].mapping, f"words:{name}"
    with runtime.store.read() as tx:
        before = tx.admin.meta(meta)
        notices = [] if before == mapping.version else tx.reviews.open("notice", NOTICES)
    if before == mapping.version:
        return
    known: dict[tuple[str, str], str] = {}
    for item in notices:
        if mapping.stage and item.key.startswith(unknown_words(name)):
            word = str(item.body.get("word", ""))
            known |= {(item.field, word): item.key} if is_named(mapping.stage, item.field, word) else {}
    if known:
        _say_again(runtime, rows, name, counts, set(known))
    with runtime.store.write() as tx:
        tx.reviews.close("notice", list(known.values()), "mended", runtime.clock())
        tx.admin.set_meta(meta, mapping.version)


def _say_again(runtime: Runtime, rows: Rows, name: str, counts: Counter[str], words: set[tuple[str, str]]) -> None:
    """Take the records that say one of these words (field, word) as if they had just said it."""
    fields, after_id = {field for field, _ in words}, ""
    for object in (*PEOPLE, FEEDBACK):
        after_id = ""
        while True:
            with runtime.store.write() as tx:
                records = tx.mirror.listing(name, object, after_id, BATCH)
                # What a lead was converted to is what counts from then on.
                live = [one for one in records if not one.converted_to]
                said = [one for one in live if any((of, str(one.values.get(of))) in words for of in fields)]
                pairs = [(_without(one, fields), one) for one in said]
                Follower(tx, rows, name, runtime.clock(), counts).run(pairs)
            if len(records) < BATCH:
                break
            after_id = records[-1].id


def _without(record: CrmRecord, fields: set[str]) -> CrmRecord:
    return replace(record, values={name: value for name, value in record.values.items() if name not in fields})


@dataclass(slots=True)
class Owned:
    """A changed record that is of a lead of ours; `receipt` is that of what we write to, where it is that record."""

    lead_id: int
    before: CrmRecord | None
    after: CrmRecord
    receipt: Receipt | None = None


@dataclass(slots=True)
class Follower:
    """Follows one page of changes within its transaction."""

    tx: Transaction
    rows: Rows
    name: str
    now: datetime
    counts: Counter[str]
    leads: dict[int, Lead] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    #: Records that were somebody else's until now: all that they say is news.
    anew: Places = field(default_factory=set)
    fields: FieldsHeard = field(init=False)

    def run(self, pairs: Sequence[Pair]) -> None:
        """Follow every changed record that is of a lead of ours."""
        pairs = _with_their_predecessors(pairs)
        self._own_up_to(after for _, after in pairs if after.our_key and (after.gone or after.merged_into))
        merged, winners = follow_merges(self.tx, self.rows.config, self.name, _with_their_keys(pairs), self.now)
        self.counts["merged in the CRM"] += merged
        self.counts["taken apart"] += follow_splits(self.tx, self.name, pairs, self.now)
        Hearing(self.tx, self.rows, self.name, self.now, self.counts).run(pairs)
        known = [pair for pair in pairs if pair[1].gone or (pair[1].object, pair[1].id) not in winners]
        self.anew = winners
        pairs = [*known, *self._new_to_us(winners, {(after.object, after.id) for _, after in known})]
        owned = [one for one in self._owned(pairs) if not one.after.merged_into]
        if not owned:
            return
        self._load(sorted({one.lead_id for one in owned}))
        self.users = self._users(one.after for one in owned)
        news = News(self.tx, self.rows, self.name, self.now, self.counts)
        news.handoffs = self.tx.handoffs.of_leads(sorted(self.leads))
        self.fields = FieldsHeard(self.tx, self.rows, self.name, self.now, self.counts)
        for one in owned:
            lead = self._lead(one.lead_id)
            handoff = next((given for given in reversed(self._handoffs(news, one.lead_id)) if given.opened_at), None)
            if lead is not None and handoff is not None and handoff.target in ("", self.name):
                self._follow(news, lead, handoff, one)
        news.store()
        self.fields.store()

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

    # whose it is

    def _own_up_to(self, ended: Iterable[CrmRecord]) -> None:
        """Receipts of what we made, were never told of, and somebody has deleted or merged since.

        It is not made again. What somebody else has copied with our key is no matter: the one that is there counts.
        """
        keyed = {record.our_key: record for record in ended if record.object in PEOPLE}
        there = self.tx.mirror.find(self.name, "our_key", list(keyed), PEOPLE) if keyed else {}
        ids = self._by_our_key(record for key, record in keyed.items() if key not in there)
        self.tx.outbox.put_receipts([
            Receipt(self.name, record.object, key, record.id, {}, lead_id=ids[record.id], at=self.now)
            for key, record in keyed.items() if record.id in ids
        ])  # fmt: skip

    def _owned(self, pairs: Sequence[Pair]) -> list[Owned]:
        """The changed records of leads, in the order of the records."""
        asked = sorted({id for pair in pairs for id in (_person(*pair), *_itself(pair[1])) if id})
        people: dict[str, int] = {}
        receipts: dict[str, Receipt] = {}
        for object in reversed(PEOPLE):
            # Where a CRM's leads are contacts, what was told to marketing has the same id.
            receipts |= self.tx.outbox.receipts_by_crm_id(self.name, object, asked)
            people |= self.tx.intake.lead_ids(self.name, object, asked)
        receipts |= self._by_own_key(after for _, after in pairs)
        people |= {id: receipt.lead_id for id, receipt in receipts.items() if receipt.lead_id}
        people |= self._by_our_key(after for _, after in pairs if after.our_key and after.id not in people)
        deals = [after.id for _, after in pairs if after.object == "opportunity"]
        linked = self.tx.intake.lead_ids(self.name, "opportunity", deals) if deals else {}
        found = []
        for before, after in pairs:
            lead_id = linked.get(after.id, 0) if after.object == "opportunity" else 0
            lead_id = lead_id or people.get(next(_itself(after), _person(before, after)), 0)
            if lead_id:
                found.append(Owned(lead_id, before, after, receipts.get(next(_itself(after), ""))))
        return found

    def _by_own_key(self, records: Iterable[CrmRecord]) -> dict[str, Receipt]:
        """Of several receipts of a record that of its own key, by id: a write to one merged into it is led on to it.

        Not of a lead that is another one by now: that one writes there.
        """
        keyed = {record.our_key: record for record in records if record.our_key and record.object in PEOPLE}
        found = self.tx.outbox.receipts(self.name, "lead", list(keyed)) if keyed else {}
        mine = [one for key, one in found.items() if one.crm_id == keyed[key].id and not one.gone]
        leads = self.tx.intake.leads(sorted({one.lead_id for one in mine})) if mine else {}
        return {one.crm_id: one for one in mine if one.lead_id in leads and not leads[one.lead_id].merged_into}

    def _by_our_key(self, records: Iterable[CrmRecord]) -> dict[str, int]:
        """Leads by the ids of records that we made and were not told so: what reps do there meanwhile is not lost.

        A copy that a person made of a record carries its key, too, and is nobody's.
        """
        begins = f"{self.rows.store_id}-"
        keyed = {record.our_key: record for record in records
                 if record.object in PEOPLE and record.our_key.startswith(begins)}  # fmt: skip
        if not keyed:
            return {}
        ask_whether_set_back(self.tx, self.name, self.rows.store_id, keyed.values())
        told = {key for object in PEOPLE for key in self.tx.outbox.receipts(self.name, object, list(keyed))}
        untold = {int(number): record for key, record in keyed.items()
                  if key not in told and _LEAD.fullmatch(number := key.removeprefix(begins))}  # fmt: skip
        ours = [(untold[id], id) for id in self.tx.intake.leads(sorted(untold))] if untold else []
        self.tx.intake.put_links([Link(self.name, record.object, record.id, id) for record, id in ours])
        return {record.id: id for record, id in ours}

    def _load(self, ids: Sequence[int]) -> None:
        """The leads, and for those that were merged into another one, that one."""
        self.leads = self.tx.intake.leads(ids)
        winners = {lead.merged_into for lead in self.leads.values() if lead.merged_into} - self.leads.keys()
        self.leads |= self.tx.intake.leads(sorted(winners)) if winners else {}

    def _lead(self, lead_id: int) -> Lead | None:
        lead = self.leads.get(lead_id)
        return self.leads.get(lead.merged_into) if lead and lead.merged_into else lead

    def _handoffs(self, news: News, lead_id: int) -> Sequence[Handoff]:
        """Those of the lead that stands for it by now, else its own."""
        lead = self._lead(lead_id)
        return (news.handoffs.get(lead.id, []) if lead else []) or news.handoffs.get(lead_id, [])

    def _users(self, records: Iterable[CrmRecord]) -> dict[str, str]:
        ids = sorted({record.owner for record in records if record.owner})
        known = self.tx.mirror.get(self.name, "user", ids) if ids else {}
        named = self.rows.config.email_of
        # Where people are known by their addresses, no table of users says more.
        found = {user_id: user_id for user_id in ids if "@" in user_id}
        return found | {user_id: named(self.name, user.email) for user_id, user in known.items() if user.email}

    # what it tells

    def _follow(self, news: News, lead: Lead, handoff: Handoff, one: Owned) -> None:
        after = one.after
        if after.gone:
            self._gone(news, lead, handoff, one)
        elif after.object in PEOPLE:
            self._person(news, lead, handoff, one)
        elif after.object == "opportunity":
            if is_news_of(after, one.before, lead, handoff.opened_at):
                news.take(lead, handoff, of_opportunity(after, lead), after)
        elif after.object == "task" and (flow := self.rows.config.flows.get(handoff.flow)):
            said = after, handoff, flow.clock.touch, flow.clock.not_by, self.users
            if (at := touched_at(*said)) is not None:
                news.touched(lead, handoff, after, at, self.users.get(after.owner, ""))
            news.take(lead, handoff, of_touch(*said), after)
        elif after.object == FEEDBACK:
            reading = self.rows.config.connections[self.name].mapping.stage
            news.take(lead, handoff, of_form(one.before, after, reading, lead, handoff.opened_at), after)

    def _person(self, news: News, lead: Lead, handoff: Handoff, one: Owned) -> None:
        receipt, before, after = one.receipt, one.before, one.after
        if back := before is not None and before.gone:
            # What comes back from the bin says again what it is.
            before = None
        if receipt and receipt.gone and back and not after.converted_to:
            receipt = replace(receipt, gone=False)
            self.tx.outbox.put_receipts([receipt])
            # What was said meanwhile is written with the next scoring.
            self.tx.scores.mark_due([lead.id], self.now)
            self.counts["back in the CRM"] += 1
            mine = replace(receipt, our_key=our_key(self.rows.store_id, lead.id), lead_id=lead.id)
            if lead.stage not in BY_DEAL and not self._has_record(lead):
                # Of two that are one by now the other's record is back, and the own one is not: it goes on there.
                self.tx.outbox.put_receipts([mine])
                self._go_on_in(news, lead, handoff, mine)
                return
        reading = self.rows.config.connections[self.name].mapping.stage
        written = receipt.values if receipt and not back and (after.object, after.id) not in self.anew else {}
        earlier: tuple[Mapping[str, Any], ...] = ()
        late = self.name not in self.rows.in_store
        names = (reading.field, reading.reason_field) if reading and late else ()
        if receipt and before and any(name in written for name in names):
            earlier = tuple(sent_before(self.tx, self.name, receipt.object, receipt.our_key, receipt.lead_id))
        told = of_person(before, after, reading, written, self.users, earlier)
        if before is None and receipt and self._is_ours(after, receipt, written):
            # It may have been given to somebody else since, who is yet to be written there.
            told = replace(told, owner="")
        if told.owner not in ("", handoff.owner) and self._is_given_on(handoff, after):
            told = replace(told, owner="")
        if back and lead.stage in BY_DEAL:
            # Whose deal goes on elsewhere is not taken back by what the record said before it was deleted.
            told = replace(told, stage=None, why="")
        news.take(lead, handoff, told, after)
        if receipt is not None and not receipt.gone and not after.converted_to:
            again = OwnValues(self.tx, self.rows.config, self.name, self.now, self.rows.run_id).look(
                lead, receipt, after
            )
            self.counts["fields written again"] += again
            if not handoff.record:
                self.fields.hear(lead, receipt, before, after)
        if after.converted_to and not (before and before.converted_to):
            self._converted(lead, after)
            self._read_before(news, lead, handoff, after)

    def _read_before(self, news: News, lead: Lead, handoff: Handoff, after: CrmRecord) -> None:
        """Follow the deal that a lead was converted to where it was read first: then nobody knew whose it is."""
        deal = after.converted_to.get("opportunity", "")
        found = self.tx.mirror.get(self.name, "opportunity", [deal]) if deal else {}
        for record in found.values():
            self._follow(news, lead, handoff, Owned(lead.id, None, record))

    def _converted(self, lead: Lead, after: CrmRecord) -> None:
        """Feedback follows what a lead was converted to; so does what is written from now on."""
        links = [
            Link(self.name, object, crm_id, lead.id)
            for object, crm_id in after.converted_to.items()
            if object in ("contact", "opportunity") and crm_id
        ]
        self.tx.intake.put_links(links)
        key, made = our_key(self.rows.store_id, lead.id), after.modified_at or self.now
        receipts = [Receipt(self.name, "lead", key, after.id, {}, lead_id=lead.id, at=self.now, gone=True)]
        if contact := after.converted_to.get("contact"):
            receipts.append(Receipt(self.name, "contact", key, contact, {}, lead_id=lead.id, at=made))
        self.tx.outbox.put_receipts(receipts)
        # What was on its way to the lead goes to what it became, with the next scoring.
        self.tx.scores.mark_due([lead.id], self.now)
        self.counts["converted"] += 1

    def _gone(self, news: News, lead: Lead, handoff: Handoff, one: Owned) -> None:
        """What a person deleted is not made again, and nobody is asked about it any more."""
        if one.before is not None and one.before.gone:
            return
        if one.after.object == "opportunity":
            told = of_lost_opportunity(one.after, lead, sentences.DELETED_THERE)
            news.take(lead, handoff, told, one.after)
        # What a lead was converted to is what counts from then on.
        elif one.receipt is not None and not (one.before and one.before.converted_to):
            self.tx.outbox.put_receipts([replace(one.receipt, gone=True)])
            self.counts["deleted in the CRM"] += 1
            following = self._next_record(lead, one.receipt) or self._next_record(lead, one.receipt, "contact")
            if following and (following.object == "lead" or self._is_open(following.lead_id)):
                mine = replace(following, our_key=one.receipt.our_key, lead_id=lead.id)
                self._go_on_in(news, lead, handoff, mine)
                return
            if lead.stage not in ENDS and lead.stage != "opportunity" and not self._is_elsewhere(lead, one.receipt):
                news.take(lead, handoff, Told(stage="rejected", why=sentences.DELETED_THERE), one.after)

    def _next_record(self, lead: Lead, ended: Receipt, object: Mirrored = "lead") -> Receipt | None:
        """The live record of a lead that was merged into this one, whose own has ended: it is this one's from now on.

        A `contact` is what such a lead was converted to.
        """
        mine = our_key(self.rows.store_id, lead.id)
        losers = self.tx.intake.merged_into([lead.id]).get(lead.id, []) if ended.our_key == mine else []
        keys = [our_key(self.rows.store_id, loser) for loser in losers]
        told = self.tx.outbox.receipts(self.name, object, keys).values() if keys else ()
        found = [one for one in told if not one.gone and one.crm_id != ended.crm_id]
        # Of what several wrote to, not every receipt may say that it has ended.
        ids = sorted({one.crm_id for one in found})
        # Where a CRM's leads are contacts, that is what the mirror knows them as.
        known: dict[str, CrmRecord] = {}
        for kind in PEOPLE if ids else ():
            known |= self.tx.mirror.get(self.name, kind, ids)
        following = next((one for one in found if one.crm_id not in known or is_live(known[one.crm_id])), None)
        if following is None:
            return None
        self.tx.outbox.put_receipts([replace(following, our_key=mine, lead_id=lead.id)])
        self.tx.scores.mark_due([lead.id], self.now)
        return following

    def _is_open(self, lead_id: int) -> bool:
        """Whether a rep has a lead, or had it until it became one with another."""
        given = self.tx.handoffs.of_leads([lead_id]).get(lead_id, ())
        return any(one.state != "closed" or was_in_hand(one) for one in given)

    def _go_on_in(self, news: News, lead: Lead, handoff: Handoff, following: Receipt) -> None:
        """What the record that is this lead's from now on says already is news, and counts in place of the other's."""
        terms = terms_of(self.rows.config, lead.flow)
        if terms.crm == self.name and silence_crm(lead, terms):
            derive_again(lead)
            self.tx.intake.update_leads([lead], self.now)
        for object in PEOPLE:
            for id, record in self.tx.mirror.get(self.name, object, [following.crm_id]).items():
                self.anew.add((object, id))
                self._person(news, lead, handoff, Owned(lead.id, None, record, following))

    def _is_ours(self, after: CrmRecord, receipt: Receipt, written: Mapping[str, Any]) -> bool:
        """Whether a record that is read for the first time only says whom we gave it to."""
        names = owner_names(self.rows.config.connections[self.name].mapping.origins(receipt.object))
        said = {str(value).casefold() for value in by_name(names, written).values() if value}
        there = self.rows.config.address_at(self.name, self.users.get(after.owner, ""))
        return bool(said & ({after.owner.casefold(), there.casefold()} - {""}))

    def _is_given_on(self, handoff: Handoff, after: CrmRecord) -> bool:
        """Whether we gave it to another owner since the record was written, who is yet to be written or read there."""
        events = self.tx.handoff_events.of_handoffs([handoff.id]).get(handoff.id, ())
        said = f"reassigned:{self.name}:"
        ours = [one.at for one in events if one.kind == "reassigned" and not one.key.startswith(said)]
        return bool(ours) and after.modified_at is not None and after.modified_at <= max(ours)

    def _is_elsewhere(self, lead: Lead, ended: Receipt) -> bool:
        """Whether a lead that another one became one with has a record of its own, beside that of the other."""
        return ended.our_key != our_key(self.rows.store_id, lead.id) and self._has_record(lead, ended.crm_id)

    def _has_record(self, lead: Lead, ended: str = "") -> bool:
        """Whether a lead has a live record of its own, other than `ended`."""
        key = our_key(self.rows.store_id, lead.id)
        own = [self.tx.outbox.receipts(self.name, object, [key]).get(key) for object in PEOPLE]
        return any(one is not None and not one.gone and one.crm_id != ended for one in own)


def _with_their_predecessors(pairs: Sequence[Pair]) -> list[Pair]:
    """A record that a merge has made goes on where the one did whose key it has: what that one said was read before."""
    ended = {
        (before.our_key, after.merged_into): before for before, after in pairs if before and after.merged_into
    }  # fmt: skip
    return [
        (before or (ended.get((after.our_key, after.id)) if after.our_key else None), after) for before, after in pairs
    ]


def _with_their_keys(pairs: Sequence[Pair]) -> list[CrmRecord]:
    """The records; those that were merged with the key that they had, where the platform does not tell it any more."""
    return [
        replace(after, our_key=before.our_key) if before and after.merged_into and not after.our_key else after
        for before, after in pairs
    ]


def _itself(record: CrmRecord) -> Iterator[str]:
    return iter((record.id,) if record.object in PEOPLE else ())


def _person(before: CrmRecord | None, after: CrmRecord) -> str:
    """The person that a record hangs on; what was deleted does not say it any more."""
    return after.person or (before.person if before else "")
