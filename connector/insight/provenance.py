"""Field by field: which value is in force, who said it, when, how sure that is, by which rule; and what others say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from connector.locale.columns import aligned
from connector.model.activity import Activity
from connector.model.fields import OWN_FIELDS, Value
from connector.model.lead import Lead, Statement
from connector.steps.consent import OF_CONSENT
from connector.steps.normalise.values import derive
from connector.steps.sides import Terms, crm_side, decided, marketing_side, statement
from connector.steps.telling import vocabulary
from connector.steps.telling.words import N_, Words, field_name

#: How sure a value is, the surest first.
Sure = Literal["person", "form", "record", "copied", "as given", "derived", "inferred"]
SURE: Mapping[Sure, str] = {
    "person": N_("a person wrote it in the CRM"),
    "form": N_("it came when they sent a form"),
    "record": N_("a system's record says so"),
    "copied": N_("a copy that Baton has put there"),
    "as given": N_("kept as given: it could not be read"),
    "derived": N_("worked out by Baton"),
    "inferred": N_("assumed by Baton"),
}
#: What Baton works out from other fields, and what is likely rather than so.
_ASSUMED = ("language", "timezone")
#: Kinds of activities in which a person fills in fields.
_FORMS = ("form_submit", "demo_request", "webinar_register", "download")
#: A platform stores a form and the record that it changed within this time.
_AT_ONCE = timedelta(minutes=1)

_PLACES = {name: place for place, name in enumerate(vocabulary.FIELDS)}


@dataclass(frozen=True, slots=True)
class Word:
    """What one connection says of a field, None for a clearing; at `at` at the latest and after `since` (ISO, "")."""

    by: str
    value: Value | None
    at: str
    since: str
    sure: Sure


@dataclass(frozen=True, slots=True)
class FieldStory:
    """One field. `by` and `at` are "" where Baton worked the value out, of the fields `out_of`.

    `rule` is the field's rule and `order` that of the sources, both empty where neither decides; `why` says in the
    reader's words by what the value is in force. `former` are values that it had before, the latest last.
    """

    field: str
    value: Value | None
    by: str
    at: str
    since: str
    sure: Sure
    flag: str
    rule: str
    order: tuple[str, ...]
    why: str
    out_of: tuple[str, ...] = ()
    others: tuple[Word, ...] = ()
    former: tuple[str, ...] = ()


def stories(lead: Lead, terms: Terms, activities: Sequence[Activity], words: Words) -> tuple[FieldStory, ...]:
    """The story of every field of which anybody says anything. `terms` are those of the lead's flow."""
    names = lead.fields.keys() | lead.said.keys() | {name for said in lead.sides.values() for name in said}
    teller = _Teller(lead, terms, _forms(activities), words)
    return tuple(map(teller.tell, sorted(names, key=lambda name: (_PLACES.get(name, len(_PLACES)), name))))


def _forms(activities: Sequence[Activity]) -> Mapping[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    for one in activities:
        if one.kind in _FORMS:
            found.setdefault(one.connection, []).append(one.at)
    return found


@dataclass(frozen=True, slots=True)
class _Teller:
    lead: Lead
    terms: Terms
    forms: Mapping[str, list[datetime]]
    words: Words

    def tell(self, name: str) -> FieldStory:
        lead = self.lead
        value, flag = lead.fields.get(name), self.words.retell(lead.flags.get(name, ""))
        if name not in lead.said and name in lead.fields:
            return self._derived(name, value, flag)
        by, at = lead.said.get(name, ("", ""))
        said = statement(lead, by, name) if by else None
        sure = self.sure(by, said or Statement(value, at), flagged=bool(flag))
        settled = name not in OF_CONSENT and not name.startswith("first.")
        return FieldStory(
            name, value, by, at, said.since if said else "", sure, flag,
            self.terms.rule(name) if settled else "", self.terms.order(name) if settled else (),
            self._why(name, by) if settled else self._of_its_own(name), (), tuple(self._others(name, by)),
            tuple(lead.former) if name == "email" else (),
        )  # fmt: skip

    def _derived(self, name: str, value: Value | None, flag: str) -> FieldStory:
        out_of = tuple(one for one in self.lead.fields if one != name and name in derive({one: self.lead.fields[one]}))
        sure: Sure = "inferred" if name in _ASSUMED else "derived"
        told = self.words.translate(N_(", ")).join(field_name(one, self.words.translate) for one in out_of)
        why = self.words.say(N_("follows from: %(fields)s"), fields=told) if told else ""
        return FieldStory(name, value, "", "", "", sure, flag, "", (), why, out_of, tuple(self._others(name, "")))

    def sure(self, by: str, said: Statement, *, flagged: bool = False) -> Sure:
        """How sure it is what a connection says."""
        if flagged:
            return "as given"
        if by and by == self.terms.crm and by not in self.terms.sources:
            return "person" if said.at else "copied"
        at = datetime.fromisoformat(said.at) if said.at else None
        return "form" if at and any(abs(at - one) <= _AT_ONCE for one in self.forms.get(by, ())) else "record"

    def _others(self, name: str, but: str) -> Iterator[Word]:
        """Sources in their order, then the CRM, then whoever else says anything."""
        order = (*self.terms.order(name), self.terms.crm, *self.lead.sides)
        for by in dict.fromkeys(order):
            said = statement(self.lead, by, name) if by and by != but else None
            if said is not None:
                yield Word(by, said.value, said.at, said.since, self.sure(by, said))

    def _of_its_own(self, name: str) -> str:
        if name in OF_CONSENT:
            return self.words.say(N_("consent has rules of its own: an opt-out wins"))
        return self.words.say(N_("the first that was ever said stays"))

    def _why(self, name: str, by: str) -> str:
        say, rule = self.words.say, self.terms.rule(name)
        source, _ = marketing_side(self.lead, name, self.terms)
        crm = crm_side(self.lead, name, self.terms)
        decision = decided(self.lead, name, self.terms)
        in_force = self.lead.fields.get(name)
        if not decision.undecidable and decision.of and decision.value != in_force and name not in OWN_FIELDS:
            shown = _shown(name, decision.value, self.words)
            return say(N_("set before the present rules: the next word about it makes it %(value)s"), value=shown)
        if decision.undecidable:
            return say(N_("nobody can tell which is newer, so it stays (%(rule)s)"), rule=rule)
        if not any(True for _ in self._others(name, by)):
            return say(N_("nobody else says anything"))
        if decision.of == "crm":
            return say(N_("the CRM's word counts (%(rule)s)"), rule=rule)
        parts = []
        if not crm.silent:
            parts.append(say(N_("marketing's word counts (%(rule)s)"), rule=rule))
        if source in self.terms.order(name) and len(self._sources(name)) > 1:
            order = self.words.translate(N_(", ")).join(self.terms.order(name))
            parts.append(
                say(N_("%(source)s comes first of those who have a value: %(order)s"), source=source, order=order)
            )
        return " · ".join(parts) or say(N_("the CRM says nothing of its own (%(rule)s)"), rule=rule)

    def _sources(self, name: str) -> list[str]:
        return [one for one in self.terms.order(name) if statement(self.lead, one, name) is not None]


def render(told: Sequence[FieldStory], words: Words, columns: int = 100) -> list[str]:
    """Lines of text: each field with its value, and below it who said so and why it counts, and what others say."""
    rows: list[tuple[str, str]] = []
    for one in told:
        rows.append((field_name(one.field, words.translate), _shown(one.field, one.value, words)))
        rows += [("", line) for line in _lines(one, words)]
    return aligned(rows, columns=columns)


def _lines(one: FieldStory, words: Words) -> Iterator[str]:
    sure = f"{words.translate(SURE[one.sure])} ({one.flag})" if one.flag else words.translate(SURE[one.sure])
    yield " · ".join(part for part in (one.by, words.dates_in(one.at), sure) if part)
    if one.why:
        yield words.say(N_("in force: %(why)s"), why=one.why)
    if one.former:
        yield words.say(N_("before: %(values)s"), values=", ".join(one.former))
    for other in one.others:
        who = words.translate(N_(", ")).join(part for part in (other.by, words.dates_in(other.at)) if part)
        value = _shown(one.field, other.value, words)
        yield words.say(N_("%(who)s says: %(value)s"), who=who, value=value) + " · " + words.translate(SURE[other.sure])


def _shown(name: str, value: Value | None, words: Words) -> str:
    return words.say(N_("(cleared)")) if value is None else words.value(name, value)


def to_json(lead: Lead, told: Sequence[FieldStory]) -> dict[str, Any]:
    """The same as JSON holds it; times are ISO 8601 in UTC."""
    return {"lead": lead.id, "fields": {one.field: _plain(one) for one in told}}


def _plain(one: FieldStory) -> dict[str, Any]:
    found = asdict(one)
    del found["field"]
    return found
