"""The record in which a lead goes on whose own has ended: that of one that was merged into it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from connector.config import Config
from connector.model.lead import Lead, Statement
from connector.model.mirror import CrmRecord, Mirrored
from connector.model.outbox import Receipt
from connector.model.ports import Transaction
from connector.runs.joining import was_in_hand
from connector.runs.respect import PEOPLE
from connector.runs.rows import our_key
from connector.runs.take_apart import is_live
from connector.runs.terms import terms_of
from connector.steps.consent import OF_CONSENT
from connector.steps.identity import derive_again
from connector.steps.sides import say, settle, silence_crm, statement


def start_anew(
    tx: Transaction, config: Config, name: str, lead: Lead, now: datetime, told: Receipt | None = None
) -> None:
    """Of a lead whose own record is another one from now on, what that one says counts in its CRM, and nothing else.

    `told` is what was written there until now: what people are known to have said there stays their word, though it
    was written again for the other lead since.
    """
    terms = terms_of(config, lead.flow)
    if terms.crm != name or name in terms.sources:
        return
    silenced = silence_crm(lead, terms)
    words = _words_there(tx, config, lead, told) if told else {}
    for field, word in words.items():
        say(lead, name, field, word)
    settle(lead, words, terms)
    if silenced or words:
        derive_again(lead)
        tx.intake.update_leads([lead], now)


def _words_there(tx: Transaction, config: Config, lead: Lead, told: Receipt) -> dict[str, Statement]:
    """What people have said of the other lead, as far as the record says so still."""
    other = tx.intake.leads([told.lead_id]).get(told.lead_id) if told.lead_id != lead.id else None
    there: dict[str, Any] = {}
    for object in PEOPLE if other else ():
        for record in tx.mirror.get(told.target, object, [told.crm_id]).values():
            there |= {name.casefold(): value for name, value in record.values.items()}
    heard = config.connections[told.target].mapping.heard(told.object, there, other.fields) if other else ()
    said = {one.field: (one.value, statement(other, told.target, one.field)) for one in heard if other}
    return {
        name: word for name, (value, word) in said.items()
        if word is not None and word.at and word.value == value and name not in OF_CONSENT
    }  # fmt: skip


@dataclass(slots=True)
class NextRecord:
    """Looks for it in one CRM."""

    tx: Transaction
    store_id: str
    name: str
    now: datetime

    def after(self, lead: Lead, ended: Receipt) -> Receipt | None:
        """What was written to the live record of a lead that was merged into this one, which is this one's from now on.

        What such a lead was converted to is followed only where a rep has it. None for none.
        """
        following = self._of_merged(lead, ended, "lead") or self._of_merged(lead, ended, "contact")
        if following and (following.object == "lead" or self._is_open(following.lead_id)):
            return following
        return None

    def _of_merged(self, lead: Lead, ended: Receipt, object: Mirrored) -> Receipt | None:
        """Take the live record over. A `contact` is what such a lead was converted to."""
        mine = our_key(self.store_id, lead.id)
        losers = self.tx.intake.merged_into([lead.id]).get(lead.id, []) if ended.our_key == mine else []
        keys = [our_key(self.store_id, loser) for loser in losers]
        told = self.tx.outbox.receipts(self.name, object, keys).values() if keys else ()
        following = self._first_live([one for one in told if not one.gone and one.crm_id != ended.crm_id])
        if following is None:
            return None
        self.tx.outbox.put_receipts([replace(following, our_key=mine, lead_id=lead.id)])
        self.tx.scores.mark_due([lead.id], self.now)
        return following

    def _first_live(self, receipts: Sequence[Receipt]) -> Receipt | None:
        """Of what several wrote to, not every receipt may say that it has ended."""
        ids = sorted({one.crm_id for one in receipts})
        # Where a CRM's leads are contacts, that is what the mirror knows them as.
        known: dict[str, CrmRecord] = {}
        for kind in PEOPLE if ids else ():
            known |= self.tx.mirror.get(self.name, kind, ids)
        return next((one for one in receipts if one.crm_id not in known or is_live(known[one.crm_id])), None)

    def _is_open(self, lead_id: int) -> bool:
        """Whether a rep has a lead, or had it until it became one with another."""
        given = self.tx.handoffs.of_leads([lead_id]).get(lead_id, ())
        return any(one.state != "closed" or was_in_hand(one) for one in given)

    def is_elsewhere(self, lead: Lead, ended: Receipt) -> bool:
        """Whether a lead that another one became one with has a record of its own, beside that of the other."""
        return ended.our_key != our_key(self.store_id, lead.id) and self.has_record(lead, ended.crm_id)

    def has_record(self, lead: Lead, ended: str = "") -> bool:
        """Whether a lead has a live record of its own, other than `ended`."""
        key = our_key(self.store_id, lead.id)
        own = [self.tx.outbox.receipts(self.name, object, [key]).get(key) for object in PEOPLE]
        return any(one is not None and not one.gone and one.crm_id != ended for one in own)
