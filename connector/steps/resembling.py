"""Who of the people in a CRM is so much like a lead that they are one, though no exact key says so.

Asked only where no exact key has found anybody. `sure` counts as found. `perhaps` links nobody: it is said to
whoever gets the lead, and kept for an admin.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from connector.model.fields import Value
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord, Mirrored
from connector.steps.accounts import account_key, profile_of_account
from connector.steps.alike import Likeness, Profile, Weights, compare, keys, person
from connector.steps.matching import Around, Match, Translate, best, given_name, in_common, named, place_of
from connector.steps.normalise.mail import email_class, registrable

#: Marks a text for the translators; it is translated where it is shown.
N_ = str

#: What has blocking keys.
KEYED: tuple[Mirrored, ...] = ("lead", "contact", "account")
#: Of so many of those who may be the same person, one is told.
MOST = 3


@dataclass(frozen=True, slots=True)
class Perhaps:
    """Someone in the CRM who may be a lead of ours; `person` is their record of today."""

    person: CrmRecord
    likeness: Likeness

    def told(self, translate: Translate) -> str:
        """In words: `contact 003… of Acme (phone: the same number)`."""
        of = N_("%(record)s of %(company)s (%(what)s)") if self.person.company else N_("%(record)s (%(what)s)")
        record, what = named(self.person, translate), in_common(self.likeness, translate)
        return translate(of) % {"record": record, "company": self.person.company, "what": what}


def profile_of_lead(lead: Lead) -> Profile:
    """A lead as it is compared."""
    return person(lead.fields, lead.flags)


def profile_of(record: CrmRecord) -> Profile:
    """A person's record as it is compared."""
    fields: dict[str, Value] = {
        "email": record.email, "name.given": given_name(record), "name.family": record.family_name,
        "name.full": record.name, "company.name": record.company, "company.domain": _domain(record),
        "city": record.city, "postal_code": record.postal_code, "country": record.country,
    }  # fmt: skip
    # Beside a second number, the first is a mobile's.
    first, second = ("mobile", "phone") if record.other_phone else ("phone", "mobile")
    return person(fields | {first: record.phone, second: record.other_phone})


def _domain(record: CrmRecord) -> str:
    if record.domain or email_class(record.email) != "work":
        return record.domain
    return registrable(record.email.rpartition("@")[2])


def blocking_keys(record: CrmRecord) -> frozenset[int]:
    """The keys under which a record is found to be compared; none of what is gone or was merged into another."""
    if record.gone or record.merged_into:
        return frozenset()
    if record.object != "account":
        return keys(profile_of(record))
    own = account_key(record.company or record.name)
    return keys(profile_of_account(record)) | ({own} if own else frozenset())


#: What the keys are made of.
_OF_KEYS = (
    "email", "phone", "other_phone", "name", "given_name", "family_name", "company", "domain", "city", "postal_code",
    "country", "gone", "merged_into",
)  # fmt: skip


def may_have_other_keys(before: CrmRecord | None, after: CrmRecord) -> bool:
    """Whether what changed is anything that keys are made of."""
    return before is None or any(getattr(before, name) != getattr(after, name) for name in _OF_KEYS)


def resembling(
    lead: Profile, candidates: Iterable[CrmRecord], around: Around, weights: Weights,
    profiles: Mapping[tuple[str, str], Profile], *, plain: bool = False,
) -> tuple[Match | None, tuple[Perhaps, ...]]:  # fmt: skip
    """Who a lead surely is, and who it may be, the most alike first; `plain` as in `match`.

    `profiles` are those of the candidates, by (object, id).
    """
    sure: dict[tuple[str, str], tuple[CrmRecord, CrmRecord, Likeness]] = {}
    perhaps: dict[tuple[str, str], Perhaps] = {}
    for found in sorted(candidates, key=place_of):
        today = around.followed(found)
        if today is None:
            continue
        likeness, place = compare(lead, profiles[place_of(found)], weights), place_of(today)
        # What may be a slip of the pen may be a twin: Tim and Tom.
        if likeness.band == "sure" and not any(one[:2] == ("given_name", "close") for one in likeness.findings):
            if place not in sure or sure[place][2].points < likeness.points:
                sure[place] = (today, found, likeness)
        elif likeness.band and (place not in perhaps or perhaps[place].likeness.points < likeness.points):
            perhaps[place] = Perhaps(today, likeness)
    doubtful = [one for place, one in perhaps.items() if place not in sure]
    doubtful.sort(key=lambda one: (-one.likeness.points, place_of(one.person)))
    return _match(sure, around, plain=plain), tuple(doubtful[:MOST])


def _match(
    sure: dict[tuple[str, str], tuple[CrmRecord, CrmRecord, Likeness]], around: Around, *, plain: bool
) -> Match | None:
    if not sure:
        return None
    found = best(((today, record) for today, record, _ in sure.values()), "alike", around, plain=plain)
    return replace(found, likeness=sure[place_of(found.person)][2])
