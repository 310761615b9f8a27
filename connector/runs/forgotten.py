"""Who was forgotten does not come back with the next page: known by keyed digests, never by name.

The key lies in the store itself: a copy that is put back on another machine, and a daemon whose secrets are
read-only, must know them too. Whoever has the whole store can therefore try an address he knows, and learn
whether it was forgotten; nobody can be read out of it.

What brings a person back is what they do themselves, and later: asking for mail, sending a form. They are a new lead
then, and whatever a platform still holds of them comes with them.
"""

from __future__ import annotations

import hmac
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Any

from connector.model.activity import Activity
from connector.model.lead import CONTACT, Link
from connector.model.mapped import Contact
from connector.model.mirror import CrmRecord
from connector.model.person import Person
from connector.model.ports import Erasure, ReviewItem, Transaction
from connector.runs.respect import PEOPLE
from connector.runs.rows import our_key
from connector.steps.identity import identifying_email

#: The store's word that digests are keyed with.
KEY = "erased_key"
#: What a person does of their own will to be contacted.
OPT_INS = frozenset({"subscribe", "form_submit", "demo_request", "webinar_register"})
LEFT_OUT = "of people who were forgotten"
_ADDRESS = re.compile(r"[^\s\"'<>,;:()\[\]]+@[^\s\"'<>,;:()\[\]]+\.[^\s\"'<>,;:()\[\]]+")

#: What a digest is of: its kind, and the words.
Known = tuple[str, ...]


def digests_of(tx: Transaction, known: Iterable[Known]) -> dict[Known, str]:
    """Digests under the store's key, which is made the first time."""
    key = tx.admin.meta(KEY)
    if not key:
        key = token_hex(32)
        tx.admin.set_meta(KEY, key)
    secret = bytes.fromhex(key)
    return {one: hmac.new(secret, "\x1f".join(one).encode(), sha256).hexdigest() for one in known}


def an_email(address: str) -> Known:
    """An address as it is known by."""
    return ("email", address.strip().lower())


def an_id(connection: str, object: str, external_id: str) -> Known:
    """A record as it is known by: a person's record by its id alone, whatever the platform calls a person."""
    return ("id", connection, "person" if object in PEOPLE else object, external_id)


def remember(tx: Transaction, person: Person, now: datetime) -> None:
    """Keep digests of all that a person is known by."""
    known: set[Known] = {an_email(one) for one in person.emails} | {("phone", one) for one in person.phones}
    known |= {an_id(*place) for place in person.places} | {("key", one) for one in person.keys}
    digests = digests_of(tx, known)
    tx.erased.add({digest: one[0] for one, digest in digests.items()}, now, token_hex(8))


def forgotten_at(tx: Transaction, known: Iterable[Known]) -> datetime | None:
    """When whoever is known by one of these was forgotten; None for nobody."""
    if not tx.erased.any():
        return None
    found = tx.erased.known(digests_of(tx, known).values()).values()
    return max((one.at for one in found), default=None)


def here_again(tx: Transaction) -> list[int]:
    """Leads that were forgotten and are there: an older copy of the store was put in its place."""
    if not tx.erased.any():
        return []
    found, after, store_id = [], 0, tx.admin.store_id()
    while numbers := tx.intake.lead_numbers(after):
        after = numbers[-1]
        digests = digests_of(tx, {("key", our_key(store_id, number)) for number in numbers})
        known, there = tx.erased.known(digests.values()), tx.intake.leads(numbers)
        found += [number for number in there if digests["key", our_key(store_id, number)] in known]
    return found


@dataclass(slots=True)
class Barred:
    """What of a page is about people who were forgotten: left out, and counted. `back` holds since when who is back."""

    tx: Transaction
    connection: str
    counts: Counter[str]
    back: list[datetime] = field(default_factory=list)

    def contacts(self, contacts: Sequence[Contact], links: Mapping[str, Link]) -> list[Contact]:
        """Those that may be stored."""
        known = {id(one): self._of_contact(one) for one in contacts if one.external_id not in links}
        found = self._found(known)
        done = {key: self._asked(one.activities, found[key]) for one in contacts if (key := id(one)) in found}
        return self._left([one for one in contacts if done.get(id(one), True)], len(contacts))

    def activities(self, activities: Sequence[Activity]) -> list[Activity]:
        """Those that may be stored: of somebody who came back, what was done since they were forgotten."""
        theirs: dict[str, list[Activity]] = {}
        for one in activities:
            if not one.lead_id:
                theirs.setdefault(one.person, []).append(one)
        found = self._found({person: self._of_word(person) for person in theirs})
        if not found:
            return list(activities)
        back = {person: erasures for person, erasures in found.items() if self._asked(theirs[person], erasures)}
        left = [one for one in activities if one.lead_id or one.person not in found or _later(one, back)]
        return self._left(left, len(activities))

    def records(self, records: Sequence[CrmRecord]) -> list[CrmRecord]:
        """Those of a CRM that may be kept."""
        found = self._found({(one.object, one.id): self._of_record(one) for one in records})
        return self._left([one for one in records if (one.object, one.id) not in found], len(records))

    def items(self, items: Sequence[ReviewItem]) -> list[ReviewItem]:
        """Records that were set aside and may be kept."""
        known = {one.key: [known for word in _words(one.body) for known in self._of_word(word)] for one in items}
        found = self._found(known)
        return self._left([one for one in items if one.key not in found], len(items))

    def _of_contact(self, one: Contact) -> list[Known]:
        email = identifying_email(one)
        phones = [] if one.fields.get("email") else [one.fields.get(name) for name in ("phone", "mobile")]
        elsewhere = [an_id(connection, CONTACT, their_id) for connection, their_id in one.links.items()]
        return [
            an_id(self.connection, CONTACT, one.external_id), *elsewhere, *([an_email(email)] if email else []),
            *(("phone", str(number)) for number in phones if number),
        ]  # fmt: skip

    def _of_record(self, one: CrmRecord) -> list[Known]:
        found = [an_id(self.connection, one.object, one.id)]
        found += [("key", one.our_key)] if one.our_key else []
        found += [an_id(self.connection, CONTACT, one.person)] if one.person else []
        return [*found, an_email(one.email)] if one.email and one.object in PEOPLE else found

    def _of_word(self, word: str) -> list[Known]:
        return [an_email(word) if "@" in word else an_id(self.connection, CONTACT, word)]

    def _found(self, known: Mapping[Any, Sequence[Known]]) -> dict[Any, list[Erasure]]:
        """Who was forgotten, by what was asked."""
        digests = digests_of(self.tx, {one for some in known.values() for one in some})
        kept = self.tx.erased.known(digests.values())
        told = {key: [kept[digests[one]] for one in some if digests[one] in kept] for key, some in known.items()}
        return {key: erasures for key, erasures in told.items() if erasures}

    def _asked(self, activities: Iterable[Activity], erasures: Sequence[Erasure]) -> bool:
        """Whether they have asked to be contacted since; then nothing of them is left out any more."""
        since = max(one.at for one in erasures)
        asked = [one.at for one in activities if one.kind in OPT_INS and one.at > since]
        if asked:
            self.tx.erased.forget({one.person for one in erasures})
            self.back.append(min(asked))
            self.counts["back by their own will"] += 1
        return bool(asked)

    def _left(self, left: list[Any], of: int) -> list[Any]:
        if len(left) < of:
            self.counts[LEFT_OUT] += of - len(left)
        return left


def _later(one: Activity, back: Mapping[str, Sequence[Erasure]]) -> bool:
    """Whether somebody who is back did this after they were forgotten."""
    return one.person in back and one.at > max(erasure.at for erasure in back[one.person])


def _words(body: Mapping[str, Any]) -> set[str]:
    """Addresses in a record, and its single values, one of which may be an id."""
    values = body.get("values") or {}
    told = {str(one) for one in (body.get("id"), *values.values()) if isinstance(one, str | int)}
    return told | set(_ADDRESS.findall(str(body.get("raw") or list(values.values()))))


def left_of(tx: Transaction, target: str, records: Sequence[CrmRecord], counts: Counter[str]) -> list[CrmRecord]:
    """Records of a CRM without those of people who were forgotten."""
    return Barred(tx, target, counts).records(records) if records and tx.erased.any() else list(records)
