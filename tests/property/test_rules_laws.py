"""Laws of the field rules, for whatever people say on three sides and in whatever order it is read."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.model.lead import Lead, Statement
from connector.model.mapped import Contact
from connector.steps.identity import absorb, new_lead
from connector.steps.sides import Terms, crm_side, decided, marketing_side, say, settle, statement, wish_for
from connector.steps.who_wins import RULES

FIELD, SOURCES, CRM = "city", ("portal", "forms"), "crm"
START = datetime(2026, 12, 7, 8, 0, tzinfo=UTC)
words = st.sampled_from(["Bonn", "Ulm", "Kiel", ""])
#: (who says it, what)
sayings = st.lists(st.tuples(st.sampled_from((*SOURCES, CRM)), words), max_size=8)
rules = st.sampled_from(RULES)


def moment(number: int) -> str:
    return (START + timedelta(hours=number)).isoformat()


class World:
    """What stands on each side, and the lead that Baton has of it."""

    def __init__(self, rule: str, first: str) -> None:
        self.terms = Terms(SOURCES, CRM, {FIELD: rule})
        self.there: dict[str, str] = {"portal": first, "forms": "", CRM: ""}
        self.said = {first} - {""}
        self.lead: Lead = new_lead(_contact("portal", first, moment(0)), "portal", moment(0))
        self.hour, self.last = 1, dict.fromkeys((*SOURCES, CRM), moment(0))
        #: What Baton wrote to the CRM last, None for nothing.
        self.wrote: str | None = None
        self.put()

    def says(self, who: str, word: str, *, read: bool = True) -> None:
        """Somebody says a word, which is read at once, or later."""
        self.hour += 1
        self.said |= {word} - {""}
        self.there[who] = word
        if read:
            self.read(who)

    def read(self, who: str) -> None:
        """Read what stands on a side."""
        at, since, word = moment(self.hour), self.last[who], self.there[who]
        self.last[who] = at
        if who != CRM:
            absorb(self.lead, _contact(who, word, at), who, at, self.terms)
        elif (known := statement(self.lead, CRM, FIELD)) is None or (known.value or "") != word or not known.at:
            if word != (self.wrote or ""):
                if word or known or self.wrote:
                    say(self.lead, CRM, FIELD, Statement(word or None, at, since))
            elif known is not None or word:
                say(self.lead, CRM, FIELD, Statement(word)) if word else None
            settle(self.lead, [FIELD], self.terms)

    def put(self) -> int:
        """Write what the rule says to each side; how many fields were written."""
        self.hour += 1
        written = 0
        decision = decided(self.lead, FIELD, self.terms)
        if decision.crm != "leave" and not decision.undecidable:
            value = "" if decision.crm == "clear" else str(marketing_side(self.lead, FIELD, self.terms)[1].value)
            said = crm_side(self.lead, FIELD, self.terms)
            blank_for_ever = self.there[CRM] == "" and not said.cleared and not value
            if self.there[CRM] != value and not blank_for_ever:
                self.there[CRM], self.wrote = value, value
                written += 1
            if statement(self.lead, CRM, FIELD) is not None and self.there[CRM] == value and value:
                say(self.lead, CRM, FIELD, Statement(value))
                settle(self.lead, [FIELD], self.terms)
        for source in SOURCES:
            wish = wish_for(self.lead, FIELD, source, self.terms)
            if wish is not None:
                assert self.there[source] != (wish.value or ""), "what stands there already is not sent"
                self.there[source] = str(wish.value or "")
                written += 1
        return written

    def quiet(self) -> None:
        """Read and write until nothing is written."""
        for _ in range(6):
            for who in self.there:
                self.read(who)
            if not self.put():
                return
        raise AssertionError("it never comes to rest")


def _contact(source: str, word: str, at: str) -> Contact:
    one = Contact("1", source, fields={FIELD: word} if word else {}, blank=() if word else (FIELD,))
    one.at = at
    return one


def played(rule: str, first: str, said: Sequence[tuple[str, str]]) -> World:
    """A world in which all this was said, and each word was read and answered before the next."""
    world = World(rule, first)
    world.quiet()
    for who, word in said:
        world.says(who, word)
        world.quiet()
    return world


@given(rules, words, sayings)
def test_it_comes_to_rest_and_stays_there(rule: str, first: str, said: list[tuple[str, str]]) -> None:
    world = played(rule, first, said)
    there, lead = dict(world.there), copy.deepcopy(world.lead)
    world.quiet()
    assert world.put() == 0
    assert (world.there, world.lead.fields, world.lead.sides) == (there, lead.fields, lead.sides)


@given(rules, words, sayings)
def test_no_value_is_invented(rule: str, first: str, said: list[tuple[str, str]]) -> None:
    world = played(rule, first, said)
    assert {*world.there.values(), world.lead.fields.get(FIELD, "")} - {""} <= world.said


@given(rules, st.sampled_from(["Bonn", "Ulm"]), st.lists(st.sampled_from((*SOURCES[1:], CRM)), max_size=4))
def test_a_blank_that_was_never_filled_never_travels(rule: str, first: str, blanks: list[str]) -> None:
    world = World(rule, first)
    for who in blanks:
        if world.there[who] == "":
            world.says(who, "")
    world.quiet()
    assert (world.there["portal"], world.lead.fields[FIELD]) == (first, first)


@given(rules, words, words, words)
def test_the_order_of_reading_does_not_matter(rule: str, first: str, one: str, other: str) -> None:
    ends = []
    for order in ((CRM, *SOURCES), (*SOURCES, CRM)):
        world = World(rule, first)
        world.quiet()
        world.says("portal", one, read=False)
        world.says(CRM, other, read=False)
        for who in order:
            world.read(who)
        undecided = decided(world.lead, FIELD, world.terms).undecidable
        world.quiet()
        # Where nobody can decide, what was in force before stays so.
        ends.append((undecided, world.there, None if undecided else world.lead.fields.get(FIELD)))
    assert ends[0] == ends[1]


@given(words, sayings)
def test_under_never_each_side_keeps_what_it_says(first: str, said: list[tuple[str, str]]) -> None:
    world = played("never", first, said)
    for who in world.there:
        own = [word for one, word in [("portal", first), *said] if one == who]
        assert world.there[who] == (own[-1] if own else "")
