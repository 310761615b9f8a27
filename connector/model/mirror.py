"""What a CRM has, as far as matching, routing and feedback must know it: the mirror's records."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from connector.model.outbox import LANES

#: The kinds of things a mirror holds, by our names for them. A `lead` is the CRM's lead (where leads are
#: contacts there, it has no leads); a `user` is someone who can own things. `feedback` is what somebody said of a lead
#: in a form: the words are its `name`; the verdict (by the name `feedback`), reason and rating are among its `values`.
Mirrored = Literal["lead", "contact", "account", "opportunity", "task", "user", "feedback"]

#: Which of a record's keys can be searched.
MirrorKey = Literal["our_key", "email", "phone", "domain", "account", "person"]


@dataclass(slots=True)
class CrmRecord:
    """One record of a CRM.

    `our_key` is our own key, where the record carries it. `email`, `phone` and `domain` are as the
    CRM has them when an adapter yields the record, and normalised once the mirror holds it.
    `owner` is the id of a user; a user's own address is its `email`, and `active` says whether
    it may own anything. `account` is the id of the account, `person` the id of the lead or
    contact that a task, an opportunity or feedback hangs on. `is_open` is of leads (not converted) and
    opportunities, `won` of opportunities, `customer` of accounts. `converted_to` says what a
    converted lead became (`{"contact": id, "account": id, "opportunity": id}`), `merged_into`
    which record it was merged into. `by` is the id of the user who changed it last. `values` are
    further fields in the CRM's own names: those that the mapping writes, and what `[read.stage]` names.
    `other_phone` is a second number beside `phone`; `other_emails` are further addresses of the same person, by which
    a look-up may have found the record. `given_name`, `city`, `postal_code` and `country` (an ISO code
    once the mirror holds it) are compared, and nothing is searched by them.
    """

    object: Mirrored
    id: str
    modified_at: datetime | None = None
    our_key: str = ""
    email: str = ""
    phone: str = ""
    name: str = ""
    family_name: str = ""
    company: str = ""
    domain: str = ""
    owner: str = ""
    account: str = ""
    person: str = ""
    active: bool = True
    is_open: bool = True
    won: bool = False
    customer: bool = False
    stage: str = ""
    amount: float | None = None
    currency: str = ""
    converted_to: dict[str, str] = dataclasses.field(default_factory=dict)
    merged_into: str = ""
    gone: bool = False
    by: str = ""
    given_name: str = ""
    other_phone: str = ""
    other_emails: list[str] = dataclasses.field(default_factory=list)
    city: str = ""
    postal_code: str = ""
    country: str = ""
    values: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(slots=True)
class CrmPage:
    """Records of one stream. `cursor` may be stored once these records are stored.

    `unheard` names a kind of records of which deletions may not have been told: those that the mirror
    holds are to be looked up by their ids.
    """

    stream: str
    records: list[CrmRecord]
    cursor: str
    notes: tuple[str, ...] = ()
    unheard: Mirrored | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Someone to look up in a CRM by exact keys: normalised email, phone in E.164; "" for none. `lane`: how urgent."""

    email: str = ""
    phone: str = ""
    lane: int = LANES["hot"]
