"""Leads held against those that have a key in common with them: who is surely, or perhaps, one person."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from heapq import nlargest
from itertools import combinations, product

from connector.model.fields import Value
from connector.model.joining import Pair
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.steps.alike import Likeness, Profile, Weights, compare, joined, keys, may_be_alike, person
from connector.steps.identity import SHARED_BY_MANY, is_known_by
from connector.steps.namesakes import NEVER, goes_with, names_of

#: A key that more leads have says nothing.
AT_MOST = 20
#: With so many at most each lead is compared.
MOST = 5
#: Each key that two share counts 1 / the number of others who have it; two with less in common are not compared.
RARE = 0.1
#: Findings that say that these are two people.
TWO_PEOPLE = (("given_name", "differs"), ("generation", "differs"))
#: Findings of two who work together: nobody is asked about them, however much they share.
COLLEAGUES = {("email", "colleagues"), ("given_name", "differs")}
#: Two leads, the lower number first.
Two = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Like:
    """Two leads that are alike, and why."""

    leads: Two
    points: int
    band: str
    findings: list[tuple[str, str, int]]


@dataclass(slots=True)
class Compared:
    """What came of comparing: who is one, who may be, and the open questions about those who are alike no longer."""

    sure: list[Like] = field(default_factory=list)
    perhaps: list[Like] = field(default_factory=list)
    unlike: list[Pair] = field(default_factory=list)


@dataclass(slots=True)
class Likenesses:
    """Compares leads within one transaction; their keys are stored with it."""

    tx: Transaction
    weights: Weights
    ids: Sequence[int]
    leads: dict[int, Lead] = field(default_factory=dict)
    #: What is compared of each: as it is now, then as it was under each former address.
    forms: dict[int, list[Profile]] = field(default_factory=dict)

    def compare(self) -> Compared:
        """Put the keys of these leads, and compare them with whoever has one in common."""
        self._load(self.ids)
        pairs = self._candidates()
        known = self.tx.pairs.of_leads(self.ids)
        asked = {pair.one_other: pair for pair in known if pair.state == "open"}
        pairs |= asked.keys()
        pairs -= {pair.one_other for pair in known if pair.state == "different"}
        self._load({lead_id for pair in pairs for lead_id in pair} - self.leads.keys())
        present = [two for two in sorted(pairs) if two[0] in self.forms and two[1] in self.forms]
        found = self._judged(present)
        alike = {one.leads for one in (*found.sure, *found.perhaps)}
        found.unlike = [pair for two, pair in asked.items() if two not in alike]
        return found

    def _load(self, ids: Iterable[int]) -> None:
        """Read leads; those that were merged, or of whom nothing is left, are like nobody."""
        wanted = sorted(ids)
        for lead_id, lead in self.tx.intake.described(wanted).items() if wanted else ():
            self.leads[lead_id] = lead
            if not lead.merged_into and lead.fields:
                self.forms[lead_id] = forms(lead)

    def _candidates(self) -> set[Two]:
        """Put the keys; then those who have most of them in common, some of these leads among them."""
        own = {lead_id: {key for form in self.forms.get(lead_id, ()) for key in keys(form)} for lead_id in self.ids}
        self.tx.keys.put(own)
        sharing = self.tx.keys.candidates({key for found in own.values() for key in found}, AT_MOST)
        shared: dict[Two, tuple[int, float]] = {}
        for found in sharing.values():
            if len(found) < 2:
                continue
            rarity = 1 / (len(found) - 1)
            mine = [one for one in found if one in own]
            for two in {(min(one, other), max(one, other)) for one in mine for other in found if other != one}:
                count, before = shared.get(two, (0, 0.0))
                shared[two] = (count + 1, before + rarity)
        return self._nearest(shared, own)

    def _nearest(self, shared: Mapping[Two, tuple[int, float]], own: Collection[int]) -> set[Two]:
        """Of each lead so many with whom it shares most: comparing costs the same, however many are stored."""
        by_lead: dict[int, list[tuple[tuple[int, float], Two]]] = {}
        for two, much in shared.items():
            if much[1] >= RARE:
                for one in two:
                    by_lead.setdefault(one, []).append((much, two))
        return {
            two for lead_id, found in by_lead.items() if lead_id in own
            for _, two in (found if len(found) <= MOST else nlargest(MOST, found))
        }  # fmt: skip

    def _judged(self, pairs: Sequence[Two]) -> Compared:
        pairs = self._without_sharers(pairs)
        likes = [like for two in pairs if (like := self._like(two)) is not None]
        found = Compared(
            [like for like in likes if like.band == "sure"], [like for like in likes if like.band != "sure"]
        )
        torn = self._torn([like.leads for like in found.sure])
        found.perhaps += [replace(like, band="perhaps") for like in found.sure if not torn.isdisjoint(like.leads)]
        found.sure = [like for like in found.sure if torn.isdisjoint(like.leads)]
        return found

    def _like(self, two: Two) -> Like | None:
        first, second = self.forms[two[0]], self.forms[two[1]]
        # Of those who have a key in common nearly all are two.
        if len(first) == 1 == len(second) and not may_be_alike(first[0], second[0], self.weights):
            return None
        found = self._likeness(two)
        if not found.band or {(one.field, one.level) for one in found.findings} >= COLLEAGUES:
            return None
        # What may be a slip of the pen may be a twin: Tim and Tom.
        band = found.band if found.band != "sure" or self._may_be_one(two) else "perhaps"
        return Like(two, found.points, band, [(one.field, one.level, one.points) for one in found.findings])

    def _likeness(self, two: Two) -> Likeness:
        """By what they are now, or by an address of one that the other had before, where the names allow it."""
        (first, *before), (second, *earlier) = self.forms[two[0]], self.forms[two[1]]
        best = compare(first, second, self.weights)
        pairs = [(one, other) for one in before for other in (second, *earlier)] + [(first, one) for one in earlier]
        same = [(one, other) for one, other in pairs if not boxes(one).isdisjoint(boxes(other))]
        if same and self._may_be_one(two):
            return max([best, *(compare(*pair, self.weights) for pair in same)], key=lambda found: found.points)
        return best

    def _may_be_one(self, two: Two) -> bool:
        """Whether no name of one contradicts a name of the other."""
        names = product(names_of(self.leads[two[0]]), names_of(self.leads[two[1]]))
        return all(goes_with(one, other) > NEVER for one, other in names)

    def _are_two(self, two: Two) -> bool:
        """Whether the given names are those of two people, and no slip of the pen apart."""
        if self._may_be_one(two):
            return False
        found = compare(self.forms[two[0]][0], self.forms[two[1]][0], self.weights).findings
        return any((one.field, one.level) in TWO_PEOPLE for one in found)

    def _without_sharers(self, pairs: Sequence[Two]) -> list[Two]:
        """Take an address that several people share for what it is, as that of a role is.

        Two who share one and are called otherwise are two people: nobody is asked about them.
        """
        by_box: dict[str, set[int]] = {}
        for two in pairs:
            for box in boxes(self.forms[two[0]][0]) & boxes(self.forms[two[1]][0]):
                by_box.setdefault(box, set()).update(two)
        one_box = {two for two in pairs if any(ids.issuperset(two) for ids in by_box.values())} if by_box else set()
        self._add_sharers(by_box)
        for box, ids in by_box.items():
            if len(ids) > SHARED_BY_MANY or any(map(self._are_two, combinations(sorted(ids), 2))):
                self._share(box, ids)
        return [two for two in pairs if two not in one_box or not self._are_two(two)]

    def _add_sharers(self, by_box: Mapping[str, set[int]]) -> None:
        """Add those who have an address and are in no pair: a key that very many have gives none."""
        addresses = {str(self.leads[one].fields.get("email") or "") for ids in by_box.values() for one in ids}
        found = self.tx.intake.by_email(sorted(addresses - {""}), SHARED_BY_MANY + 1) if by_box else {}
        self._load({one for ids in found.values() for one in ids} - self.leads.keys())
        for one in {one for ids in found.values() for one in ids if one in self.forms}:
            for box in boxes(self.forms[one][0]) & by_box.keys():
                by_box[box].add(one)

    def _share(self, box: str, ids: Iterable[int]) -> None:
        for lead_id in ids:
            self.forms[lead_id] = [_of_role(form, box) for form in self.forms[lead_id]]

    def _torn(self, pairs: Sequence[Two]) -> set[int]:
        """Who is surely one with each of two who are two people: it may be either."""
        partners: dict[int, list[int]] = {}
        for one, other in pairs:
            partners.setdefault(one, []).append(other)
            partners.setdefault(other, []).append(one)
        return {
            lead_id for lead_id, found in partners.items()
            if any(map(self._are_two, combinations(found, 2)))
        }  # fmt: skip


def boxes(form: Profile) -> set[str]:
    """The mailboxes of a record."""
    return {email.box for email in form.emails}


def _of_role(form: Profile, box: str) -> Profile:
    emails = (email._replace(kind="role") if email.box == box else email for email in form.emails)
    return replace(form, emails=tuple(emails))


def forms(lead: Lead) -> list[Profile]:
    """A lead as it is compared: all that is said of it now, then what it was under each address that it had before."""
    own = [person(lead.fields, lead.flags)]
    for said in lead.sides.values():
        beside = {name: one.value for name, one in said.items() if one.value is not None and is_known_by([name])}
        if beside:
            own.append(person(_with(lead, beside), [name for name in lead.flags if name not in beside]))
    flags = [name for name in lead.flags if name != "email"]
    return [
        joined(own) if len(own) > 1 else own[0],
        *(person(_with(lead, {"email": address}), flags) for address in lead.former),
    ]


def _with(lead: Lead, beside: Mapping[str, Value]) -> dict[str, Value]:
    """A lead's fields with other values; what follows from an address does not follow from another one."""
    fields = {**lead.fields, **beside}
    if "email" in beside:
        fields.pop("email_class", None)
    return fields
