"""Two records compared, field by field: points for what agrees and what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connector.steps.alike import similar
from connector.steps.alike.likeness import Finding, Likeness, Weights
from connector.steps.alike.organisations import name_level
from connector.steps.alike.people import names_found
from connector.steps.alike.profile import Profile

Found = list[Finding]

#: Fields that say much the same, by the group whose points are limited.
_PLACE = frozenset({"street", "postal_code", "city"})
_COMPANY = frozenset({"company", "domain"})
#: What belongs to one person: with it, a record without a given name is no twin's.
_OWN = frozenset({("email", "same"), ("phone", "mobile"), ("linkedin", "same")})
#: What a household, or a firm, has in common, and an address that follows from a name.
_OF_SEVERAL = frozenset({"phone.same", "street.same", "street.close", "email.close"})

#: Half of a name is another's: of two such people nobody is asked where nothing agrees that is somebody's own.
_ANOTHER = frozenset({"given_name.differs", "family_name.differs"})

#: Fields of people but names and numbers: where a profile has them, and how their level is found.
_FIELDS: tuple[tuple[str, str, Callable[[Any, Any], str]], ...] = (
    ("emails", "email", similar.email_level),
    ("linkedins", "linkedin", similar.plain_level),
    ("birthdays", "birthday", similar.birthday_level),
    ("streets", "street", similar.street_level),
    ("postal_codes", "postal_code", similar.postal_level),
    ("cities", "city", similar.city_level),
    ("countries", "country", similar.plain_level),
    ("companies", "company", similar.company_level),
    ("domains", "domain", similar.plain_level),
    ("job_titles", "job_title", similar.plain_level),
)


def compare(one: Profile, other: Profile, weights: Weights) -> Likeness:
    """How alike two records of one kind are. The other way round it is the same, left and right exchanged."""
    found: Found = []
    if one.kind == "person":
        _people(one, other, weights, found)
    else:
        _organisations(one, other, weights, found)
    points = sum(finding[2] for finding in found)
    if points < weights.perhaps and points < weights.sure:
        return Likeness(points, "", tuple(found))
    names = [f"{finding[0]}.{finding[1]}" for finding in found]
    if weights.sure_needs and not _ANOTHER.isdisjoint(names) and weights.sure_needs.isdisjoint(names):
        return Likeness(points, "", tuple(found))
    if points < weights.sure:
        return Likeness(points, "perhaps", tuple(found))
    against = tuple(name for name in names if name in weights.never_sure)
    enough = not weights.sure_needs or _is_enough(weights.sure_needs.intersection(names), one, other, found)
    return Likeness(points, "sure" if enough and not against else "perhaps", tuple(found), against)


def may_be_alike(one: Profile, other: Profile, weights: Weights) -> bool:
    """Whether two people may be surely or perhaps one: a quick look, that may say so where `compare` does not."""
    points = weights.points
    found: Found = []
    _phones(one, other, points, found)
    most = sum(finding[2] for finding in found) + max(0, -points["given_name"]["unknown"])
    if len(one.names) == 1 == len(other.names):
        most += names_found(one.names[0], other.names[0], points)[0]
    elif one.names and other.names:
        most += sum(max(points[field].values()) for field in ("given_name", "family_name", "generation"))
    for values, field, level in _FIELDS:
        ours, theirs = getattr(one, values), getattr(other, values)
        if ours and theirs:
            table = points[field]
            alone = len(ours) == 1 == len(theirs) and level(ours[0], theirs[0])
            most += table[alone] if alone and alone != "built" else max(table.values())
    return most >= min(weights.perhaps, weights.sure)


def _is_enough(had: frozenset[str], one: Profile, other: Profile, found: Found) -> bool:
    """Whether something agrees that two people do not share, or the whole of a name that few have."""
    if not had or not had <= _OF_SEVERAL:
        return bool(had)
    two_mobiles = one.mobiles and other.mobiles and ("phone", "differs") in {finding[:2] for finding in found}
    return not two_mobiles and _whole_name(found)


def _whole_name(found: Found) -> bool:
    """Whether both halves are the same, and few are called so: Jean is not Jean-Pierre, nor Alex Alexandra."""
    halves = [finding.level for finding in found if finding.field in ("given_name", "family_name")]
    turned = any(finding.field == "order" for finding in found)
    return not turned and len(halves) == 2 and set(halves) <= {"same", "common"} and halves != ["common", "common"]


def _people(one: Profile, other: Profile, weights: Weights, found: Found) -> None:
    points = weights.points
    if one.emails and other.emails:
        _add(found, "email", similar.email_level, one.emails, other.emails, points, _box)
    _phones(one, other, points, found)
    if one.linkedins and other.linkedins:
        _add(found, "linkedin", similar.plain_level, one.linkedins, other.linkedins, points)
    _names(one, other, points, found)
    _two_boxes(one, found, points)
    if one.birthdays and other.birthdays:
        _add(found, "birthday", similar.birthday_level, one.birthdays, other.birthdays, points)
    _place(one, other, weights, found)
    begin = len(found)
    if one.companies and other.companies:
        _add(found, "company", similar.company_level, one.companies, other.companies, points)
    if one.domains and other.domains:
        _add(found, "domain", similar.plain_level, one.domains, other.domains, points)
    _limit(found, begin, "company", weights)
    if one.job_titles and other.job_titles:
        _add(found, "job_title", similar.plain_level, one.job_titles, other.job_titles, points)


def _organisations(one: Profile, other: Profile, weights: Weights, found: Found) -> None:
    points = weights.points
    if one.companies and other.companies:
        _add(found, "name", name_level, one.companies, other.companies, points)
    if one.domains and other.domains:
        _add(found, "domain", similar.plain_level, one.domains, other.domains, points)
    if one.phones and other.phones:
        _add(found, "phone", similar.phone_level, one.phones, other.phones, points)
    if one.linkedins and other.linkedins:
        _add(found, "linkedin", similar.plain_level, one.linkedins, other.linkedins, points)
    _place(one, other, weights, found)


def _add(
    found: Found,
    field: str,
    level: Callable[[Any, Any], str],
    ones: tuple[Any, ...],
    others: tuple[Any, ...],
    points: Mapping[str, Mapping[str, int]],
    shown: Callable[[Any], str] = str,
) -> None:
    """Add what agrees best of all that is known on both sides."""
    table = points[field]
    if len(ones) == 1 and len(others) == 1:
        name = level(ones[0], others[0])
        found.append(Finding(field, name, table[name], shown(ones[0]), shown(others[0])))
        return
    both = [(value, value) for value in ones if value in others] or [(left, right) for left in ones for right in others]
    every = [(level(left, right), shown(left), shown(right)) for left, right in both]
    if all(table[one[0]] <= 0 for one in every):
        # That one of two neighbours in a firm's directory has a private address as well makes them no likelier one.
        every = [one for one in every if one[0] == "colleagues"] or every
    # Of equals the same, whichever record comes first.
    name, left, right = max(every, key=lambda one: (table[one[0]], one[0], *sorted(one[1:])))
    found.append(Finding(field, name, table[name], left, right))


def _box(email: Any) -> str:
    return str(email.box)


def _street(street: Any) -> str:
    return f"{street.name} {street.house}".rstrip()


def _names(one: Profile, other: Profile, points: Mapping[str, Mapping[str, int]], found: Found) -> None:
    """Names, and that a given name is lacking, unless something else is this one person's."""
    if one.names and other.names:
        if len(one.names) == 1 and len(other.names) == 1:
            more = names_found(one.names[0], other.names[0], points)[1]
        else:
            whole = [(name, name) for name in one.names if name.given and name in other.names]
            both = whole or [(left, right) for left in one.names for right in other.names]
            every = [names_found(left, right, points) for left, right in both]
            # That a name cannot be read beside another says nothing where a third one can.
            readable = [few for few in every if few[1][0].level != "unknown"]
            more = max(readable or every, key=lambda few: (few[0], [sorted(finding[3:]) for finding in few[1]]))[1]
    else:
        more = [Finding("given_name", "unknown", points["given_name"]["unknown"], "", "")]
    if more[0].level == "unknown" and any(finding[:2] in _OWN for finding in found):
        del more[0]
    found += more


def _two_boxes(one: Profile, found: Found, points: Mapping[str, Mapping[str, int]]) -> None:
    """Two mailboxes of one firm, each built from its own name, are one person's only where the name is one.

    Weber and Webb have a slip of the pen between their names, and a mailbox each; so have Jean and Jean-Pierre, and of
    a name that many have a firm has two.
    """
    field, level, _, left, right = found[0]
    if (field, level) != ("email", "built") or left.rpartition("@")[2] != right.rpartition("@")[2]:
        return
    at_work = any(email.box in (left, right) and email.kind == "work" for email in one.emails)
    if at_work and not _whole_name(found):
        found[0] = Finding(field, "colleagues", points[field]["colleagues"], left, right)


def _phones(one: Profile, other: Profile, points: Mapping[str, Mapping[str, int]], found: Found) -> None:
    """The numbers that say most; a mobile's is somebody's own."""
    mine, theirs = one.mobiles + one.phones, other.mobiles + other.phones
    if not mine or not theirs:
        return
    every = []
    for left in mine:
        for right in theirs:
            level = similar.phone_level(left, right)
            if level == "same" and (left in one.mobiles or right in other.mobiles):
                level = "mobile"
            every.append((points["phone"][level], level, left, right))
    most, level, left, right = every[0] if len(every) == 1 else max(every, key=lambda one: (*one[:2], *sorted(one[2:])))
    found.append(Finding("phone", level, most, left, right))


def _place(one: Profile, other: Profile, weights: Weights, found: Found) -> None:
    points, begin = weights.points, len(found)
    if one.streets and other.streets:
        _add(found, "street", similar.street_level, one.streets, other.streets, points, _street)
    if one.postal_codes and other.postal_codes:
        _add(found, "postal_code", similar.postal_level, one.postal_codes, other.postal_codes, points)
    if one.cities and other.cities:
        _add(found, "city", similar.city_level, one.cities, other.cities, points)
    _limit(found, begin, "place", weights)
    if one.countries and other.countries:
        _add(found, "country", similar.plain_level, one.countries, other.countries, points)


def _limit(found: Found, begin: int, group: str, weights: Weights) -> None:
    """Fields that say much the same give no more than their group may."""
    if len(found) - begin < 2:
        return
    gained = sum(finding[2] for finding in found[begin:] if finding[2] > 0)
    most = weights.at_most.get(group, gained)
    if gained > most:
        found.append(Finding(group, "at_most", most - gained, "", ""))
