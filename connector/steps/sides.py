"""What each connection says of a lead's fields, and the value in force that follows from it.

The value in force stands in `lead.fields`, with who says it in `lead.said`. What is not in force, clearings, and since
when something was said stand in `lead.sides`. A statement of the CRM without a time is a copy that we have put there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field

from connector.model.fields import OWN_FIELDS, Value
from connector.model.lead import Lead, Statement
from connector.model.mapped import Contact
from connector.steps.consent import OF_CONSENT
from connector.steps.feedback import OF_OPPORTUNITY
from connector.steps.former import note_former
from connector.steps.who_wins import DEFAULT, Decision, Side, decide

#: Rules under which a clearing in marketing leaves what stands in the CRM.
_KEEPS_CLEARED = frozenset({"prefer_crm_unless_blank", "always_crm", "fill_blank", "never"})


@dataclass(frozen=True, slots=True)
class Terms:
    """Who speaks in a flow: its sources, the first of which that has a value speaks for marketing, and its CRM.

    `rules` say who wins by canonical field, `orders` the order of the sources in fields that have one of their own.
    A CRM that is a source too has no side of its own.
    """

    sources: tuple[str, ...] = ()
    crm: str = ""
    rules: Mapping[str, str] = field(default_factory=dict)
    #: An older copy of the store was put back: what the CRM says as a source does may be what we wrote since.
    put_back: bool = False
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def order(self, name: str) -> tuple[str, ...]:
        """The sources in the order in which they speak for marketing in a field."""
        return self.orders.get(name, self.sources)

    def rule(self, name: str) -> str:
        """The rule of a field."""
        return self.rules.get(name, DEFAULT)

    @property
    def timed(self) -> bool:
        """Whether any rule asks when something was said."""
        return "newest" in self.rules.values()


@dataclass(slots=True)
class Settled:
    """Names of fields whose value in force has changed; of those that nobody can decide; of those that are decided."""

    changed: list[str] = field(default_factory=list)
    undecidable: set[str] = field(default_factory=set)
    decided: set[str] = field(default_factory=set)

    @property
    def anything(self) -> bool:
        """Whether anything was said at all."""
        return bool(self.undecidable or self.decided)


def statement(lead: Lead, connection: str, name: str) -> Statement | None:
    """What a connection says of a field, None where it never said anything."""
    kept = lead.sides.get(connection, {}).get(name)
    if kept is not None:
        return kept
    by, at = lead.said.get(name, ("", ""))
    return Statement(lead.fields.get(name), at) if by and by == connection else None


def say(lead: Lead, connection: str, name: str, said: Statement) -> None:
    """Keep a statement; what is in force stays so until it is settled."""
    _keep(lead, name)
    lead.sides.setdefault(connection, {})[name] = said


def unsay(lead: Lead, connection: str, name: str) -> None:
    """A connection says nothing of a field any more."""
    kept = lead.sides.get(connection, {})
    kept.pop(name, None)
    if not kept:
        lead.sides.pop(connection, None)


def marketing_side(lead: Lead, name: str, terms: Terms) -> tuple[str, Side]:
    """The source that speaks for marketing, and what it says: a clearing lets the next one speak."""
    cleared: tuple[str, Side] | None = None
    for source in _speakers(lead, name, terms):
        said = statement(lead, source, name)
        if said is not None and said.value is not None:
            return source, Side(said.value, at=said.at, since=said.since)
        if said is not None and cleared is None:
            cleared = source, Side(cleared=True, at=said.at, since=said.since)
    if cleared is None and name in lead.fields and name not in lead.said:
        return "", Side(lead.fields[name])
    return cleared or ("", Side())


def _speakers(lead: Lead, name: str, terms: Terms) -> Iterator[str]:
    """The sources in their order, then whoever else has said something, but for the CRM."""
    yield from terms.order(name)
    others = [by for by, said in lead.sides.items() if name in said]
    by = lead.said.get(name, ("", ""))[0]
    for other in dict.fromkeys([by, *others]):
        if other and other != terms.crm and other not in terms.sources:
            yield other


def crm_side(lead: Lead, name: str, terms: Terms) -> Side:
    """What the CRM says."""
    if not terms.crm or terms.crm in terms.sources:
        return Side()
    said = statement(lead, terms.crm, name)
    if said is None:
        return Side()
    return Side(said.value, said.value is None, said.at, said.since, ours=said.value is not None and not said.at)


def decided(lead: Lead, name: str, terms: Terms) -> Decision:
    """What the field's rule says of what both sides say."""
    return decide(terms.rule(name), marketing_side(lead, name, terms)[1], crm_side(lead, name, terms))


def cleared_by_marketing(lead: Lead, terms: Terms) -> list[str]:
    """Names of fields that marketing has cleared, and whose rule has that travel to the CRM."""
    blank = {name for name in lead.said if name not in lead.fields}
    blank |= {name for said in lead.sides.values() for name, one in said.items() if one.value is None}
    ends = (decided(lead, name, terms) for name in blank)
    return [name for name, end in zip(blank, ends, strict=True) if end.of == "marketing" and end.value is None]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a source is to say of a field from now on, None for nothing."""

    value: Value | None


def wish_for(lead: Lead, name: str, source: str, terms: Terms) -> Wish | None:
    """What a source is to be told of a field; None where it says that already, or is to keep its own.

    What the CRM's word leads to, all sources are told. Where marketing's stands, that of the source that speaks is for
    the others too, but for what they have cleared themselves, and under rules by which each keeps its own.
    """
    speaker, marketing = marketing_side(lead, name, terms)
    crm = crm_side(lead, name, terms)
    decision = decide(terms.rule(name), marketing, crm)
    said = statement(lead, source, name)
    has = said.value if said is not None else None
    if decision.undecidable:
        return None
    if decision.marketing == "leave":
        if source == speaker or marketing.value is None or has == marketing.value:
            return None
        rule = terms.rule(name)
        keeps = rule == "never" or (said is not None and (said.value is None or rule == "fill_blank"))
        return None if keeps else Wish(marketing.value)
    value = crm.value if decision.marketing == "copy" else None
    return None if has == value else Wish(value)


def settle(lead: Lead, names: Iterable[str], terms: Terms) -> Settled:
    """Bring the values in force of these fields up to date."""
    found = Settled()
    for name in names:
        # Of consent the ledger decides, once anybody has said anything.
        if name in OWN_FIELDS or (name in OF_CONSENT and name in lead.fields):
            continue
        source, marketing = marketing_side(lead, name, terms)
        crm = crm_side(lead, name, terms)
        decision = decide(terms.rule(name), marketing, crm)
        if decision.undecidable:
            found.undecidable.add(name)
            continue
        found.decided.add(name)
        by, at = (terms.crm, crm.at or marketing.at) if decision.of == "crm" else (source, marketing.at)
        if _put(lead, name, decision.value, by, at):
            found.changed.append(name)
        if crm.ours and decision.crm != "leave":
            unsay(lead, terms.crm, name)
        _trim(lead, name)
    return found


def _put(lead: Lead, name: str, value: Value | None, by: str, at: str) -> bool:
    """Put a value in force; whether it is another one than before."""
    before = lead.fields.get(name)
    at = at or lead.said.get(name, ("", ""))[1]
    if by and at:
        _keep(lead, name)
        lead.said[name] = (by, at)
    if value is None:
        lead.fields.pop(name, None)
    else:
        lead.fields[name] = value
    if before == value:
        return False
    if name == "email":
        note_former(lead, before, lead.flags.get(name, ""))
    lead.flags.pop(name, None)
    return True


def _keep(lead: Lead, name: str) -> None:
    """What is in force is a statement like the others from now on."""
    by, at = lead.said.get(name, ("", ""))
    if by and name not in lead.sides.get(by, {}):
        lead.sides.setdefault(by, {})[name] = Statement(lead.fields.get(name), at)


def _trim(lead: Lead, name: str) -> None:
    """What is in force need not be said twice."""
    by, at = lead.said.get(name, ("", ""))
    if lead.sides.get(by, {}).get(name) == Statement(lead.fields.get(name), at):
        unsay(lead, by, name)


def silence_crm(lead: Lead, terms: Terms) -> list[str]:
    """Forget what the CRM said of a lead's fields, since the record that said it is the lead's no more.

    What became of it in sales stays. Returns the names of fields of which it had said anything.
    """
    crm, names = terms.crm, _said_in_crm(lead, terms)
    for name in names:
        unsay(lead, crm, name)
        if lead.said.get(name, ("",))[0] == crm:
            del lead.said[name]
            lead.fields.pop(name, None)
    settle(lead, names, terms)
    return names


def without_crm(lead: Lead, terms: Terms) -> Lead:
    """The lead as it is without what its CRM said of its fields: a copy, but where that is nothing."""
    if not _said_in_crm(lead, terms):
        return lead
    other = deepcopy(lead)
    silence_crm(other, terms)
    return other


def _said_in_crm(lead: Lead, terms: Terms) -> list[str]:
    """Names of fields that people fill in the CRM as marketing does, and of which it said something."""
    crm = terms.crm
    if not crm or crm in terms.sources:
        return []
    names = dict.fromkeys([name for name, (by, _) in lead.said.items() if by == crm] + [*lead.sides.get(crm, ())])
    return [one for one in names if one not in (*OF_CONSENT, *OF_OPPORTUNITY) and not one.startswith(_NOT_SETTLED)]


def unite(lead: Lead, other: Lead, terms: Terms, found: Settled | None = None) -> list[str]:
    """Keep beside `lead`'s what was said of `other`, who is the same person, and settle what both have.

    Of one connection the word about the lead's own record counts, and the other one only adds to it: what is half of
    one record and half of another is nobody's. Returns the names of fields whose value in force has changed; `found`
    gathers what could and what could not be decided.
    """
    both = [name for name in other.said if name in lead.said and not name.startswith(_NOT_SETTLED)]
    both += [name for said in other.sides.values() for name in said if name not in other.said and name in lead.said]
    touched = [name for name in dict.fromkeys(both) if _hear_of_both(lead, other, name, terms)]
    settled = settle(lead, touched, terms)
    changed = settled.changed
    if found is not None:
        found.undecidable |= settled.undecidable
        found.decided |= settled.decided
    for name in changed:
        if name in other.flags and lead.fields.get(name) == other.fields.get(name):
            lead.flags[name] = other.flags[name]
    return changed + _earliest(lead, other)


#: Fields that are no word about a person: where they were seen first, and ids by which others know them.
_NOT_SETTLED = ("first.", "links.")


def _hear_of_both(lead: Lead, other: Lead, name: str, terms: Terms) -> bool:
    """Keep what others said of `other`, and what the same ones did not say of `lead`; whether there is anything."""
    heard = False
    for by in dict.fromkeys((other.said.get(name, ("", ""))[0], *other.sides)):
        theirs, ours = statement(other, by, name), statement(lead, by, name)
        if not by or theirs is None:
            continue
        if by == terms.crm and by not in terms.sources:
            counts = ours is None and bool(theirs.at) and theirs.value is not None
        else:
            counts = ours is None
        if counts:
            say(lead, by, name, theirs)
            heard = True
    return heard


def _earliest(lead: Lead, other: Lead) -> list[str]:
    """What was first is what was said first, of whichever of the two."""
    names = [name for name, (_, when) in other.said.items() if name.startswith("first.") and name in lead.fields]
    names = [name for name in names if name in other.fields and other.said[name][1] < lead.said.get(name, ("", ""))[1]]
    changed = [name for name in names if lead.fields[name] != other.fields[name]]
    for name in names:
        lead.fields[name], lead.said[name] = other.fields[name], other.said[name]
    return changed


def holds_there(lead: Lead, contact: Contact, terms: Terms) -> list[str]:
    """Names of fields of which it counts what stands in the CRM, now that a source's record says something else.

    Under `always_crm` it counts whatever marketing says; where marketing has cleared a field, under each rule that
    leaves the CRM's value there.
    """
    if not terms.crm or terms.crm in terms.sources:
        return []
    cleared = [name for name in contact.blank if name in lead.fields and terms.rule(name) in _KEEPS_CLEARED]
    if "always_crm" not in terms.rules.values():
        return cleared
    said = contact.fields.items()
    return cleared + [one for one, to in said if terms.rule(one) == "always_crm" and lead.fields.get(one) != to]


def last_heard(lead: Lead, connection: str) -> str:
    """The latest moment at which a connection is known to have said anything of the lead, "" for none."""
    times = [at for by, at in lead.said.values() if by == connection]
    times += [said.at for said in lead.sides.get(connection, {}).values()]
    return max(times, default="")


def speak(
    lead: Lead, connection: str, values: Mapping[str, Value | None], at: str, terms: Terms, read_until: str = ""
) -> Settled:
    """A source says these values, None for a blank: kept, and settled.

    A blank where it never said anything is no word. A value that is in force already, by somebody else's word, is
    as old as that: what we have written there comes back. Anything else was said after what was last heard of it,
    and after `read_until`, where that was all read and the connection knew the lead by then.
    """
    touched, before = [], last_heard(lead, connection)
    if before and before < read_until <= at:
        before = read_until
    for name, value in values.items():
        said = statement(lead, connection, name)
        if (said is None and value is None) or (said is not None and said.value == value):
            continue
        by, when = lead.said.get(name, ("", ""))
        in_force = statement(lead, by, name) if by and by != connection else None
        if terms.put_back and (there := statement(lead, terms.crm, name)) and there.value == value is not None:
            say(lead, terms.crm, name, Statement(value))
            new = Statement(value, at, before if terms.timed and before <= at else "")
        elif in_force is not None and lead.fields.get(name) == value:
            new = Statement(value, in_force.at or when, in_force.since)
        else:
            new = Statement(value, at, before if terms.timed and before <= at else "")
        say(lead, connection, name, new)
        touched.append(name)
    return settle(lead, touched, terms)
