"""A company as its people make it: who they are, what the account comes to line by line, and what the CRM says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connector.locale.columns import aligned
from connector.model import sentences
from connector.model.company import Account, Company
from connector.model.handoff import Handoff
from connector.model.lead import Lead, display_name
from connector.model.mirror import CrmRecord
from connector.steps.buying_group import CHAMPION, OVER_ALL, OVER_PERSON
from connector.steps.telling.words import N_, Words, rule_name, stage

#: Roles as they are shipped; an admin's own are told as they are written.
ROLES = (N_("decision maker"), N_("influencer"), N_("user"), N_("champion"))
_LIMITS = {OVER_PERSON: N_("more than one person counts"), OVER_ALL: N_("more than an account counts")}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The company's account in a CRM: its record, its owner's address, and how many open deals it has."""

    connection: str
    record: CrmRecord
    owner: str = ""
    deals: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The account in one flow: what it comes to, the role of each person, the most active one, roles nobody has."""

    flow: str
    account: Account
    roles: Mapping[int, str] = field(default_factory=dict)
    champion: int = 0
    missing: tuple[str, ...] = ()

    def of(self, lead_id: int) -> list[str]:
        """The roles of one person."""
        role = self.roles.get(lead_id, "")
        return [one for one in (role, CHAMPION if lead_id == self.champion else "") if one]


@dataclass(frozen=True, slots=True)
class Sight:
    """All that is shown of a company. `last` is when each of its people did something last."""

    company: Company
    people: Sequence[Lead]
    standings: Sequence[Standing] = ()
    elsewhere: Sequence[Elsewhere] = ()
    handoffs: Sequence[Handoff] = ()
    last: Mapping[int, datetime] = field(default_factory=dict)

    def roles_of(self, lead_id: int) -> list[str]:
        """What a person is in any of the accounts."""
        return list(dict.fromkeys(role for one in self.standings for role in one.of(lead_id)))


def to_json(sight: Sight) -> dict[str, Any]:
    """The same as plain values."""
    company = sight.company
    return {
        "company": company.id,
        "name": company.fields.get("company.name", ""),
        "domain": company.domain,
        "country": company.fields.get("company.country", ""),
        "crm": [
            {
                "connection": one.connection, "account": one.record.id, "name": one.record.name, "owner": one.owner,
                "customer": one.record.customer, "open_deals": one.deals,
            }
            for one in sight.elsewhere
        ],
        "accounts": [
            {
                "flow": one.flow, "points": one.account.total, "people": one.account.people,
                "active": one.account.active, "roles": one.account.roles, "missing": list(one.missing),
                "made_of": [
                    {"lead": lead_id or None, "rule": rule, "points": points}
                    for lead_id, rule, points in one.account.made_of
                ],
            }
            for one in sight.standings
        ],
        "people": [
            {
                "lead": lead.id, "name": display_name(lead), "email": lead.fields.get("email", ""),
                "job_title": lead.fields.get("job_title", ""), "roles": sight.roles_of(lead.id), "stage": lead.stage,
                "flow": lead.flow, "points": lead.score.total if lead.score else None,
                "last_activity": sight.last.get(lead.id),
            }
            for lead in sight.people
        ],
        "handoffs": [
            {
                "lead": one.lead_id, "flow": one.flow, "state": one.state, "owner": one.owner,
                "opened_at": one.opened_at, "due_at": one.due_at,
            }
            for one in sight.handoffs
        ],
    }  # fmt: skip


def render(sight: Sight, words: Words, columns: int) -> list[str]:
    """Lines for a terminal; a part about which nothing is known is left out."""
    teller = _Teller(sight, words, columns)
    lines = [teller.title(), *teller.head()]
    parts = [
        *((teller.account_title(one), teller.account(one)) for one in sight.standings),
        (words.say(N_("People")), teller.people()),
        (words.say(N_("Open handoffs")), teller.handoffs()),
    ]
    for title, part in parts:
        if part:
            lines += ["", title, *part]
    return lines


@dataclass(frozen=True, slots=True)
class _Teller:
    sight: Sight
    words: Words
    columns: int

    def title(self) -> str:
        company = self.sight.company
        known = [str(company.fields.get("company.name") or ""), company.domain]
        return " · ".join(one for one in known if one) or self.words.say(N_("company %(id)s"), id=company.id)

    def head(self) -> list[str]:
        return aligned(list(self._head()), columns=self.columns)

    def _head(self) -> Iterator[tuple[str, str]]:
        say, country = self.words.say, self.sight.company.fields.get("company.country")
        if country:
            yield say(N_("country")), self.words.value("company.country", country)
        for one in self.sight.elsewhere:
            parts = [say(N_("account %(id)s"), id=one.record.id), one.record.name]
            parts.append(say(N_("customer already")) if one.record.customer else "")
            parts.append(say(N_("owner %(owner)s"), owner=one.owner) if one.owner else "")
            parts.append(say(N_("open deals: %(count)s"), count=one.deals) if one.deals else "")
            yield one.connection, " · ".join(part for part in parts if part)

    def account_title(self, one: Standing) -> str:
        text = N_("Account in %(flow)s: %(points)s points (people: %(people)s, active: %(active)s)")
        found = one.account
        values = {"flow": one.flow, "points": found.total, "people": found.people, "active": found.active}
        return self.words.say(text, **values)

    def account(self, one: Standing) -> list[str]:
        rows = [
            (f"{points:+}", self._person(lead_id) if lead_id else "", self._rule(rule))
            for lead_id, rule, points in one.account.made_of
        ]
        total = (str(sum(points for _, _, points in one.account.made_of)), self.words.say(N_("in all")), "")
        lines = aligned([*rows, total], right=(0,), columns=self.columns)
        if one.missing:
            roles = self.words.translate(N_(", ")).join(map(self.words.translate, one.missing))
            lines.append("  " + self.words.say(N_("nobody there is: %(roles)s"), roles=roles))
        return lines

    def _rule(self, rule: str) -> str:
        limit = _LIMITS.get(rule)
        return self.words.say(limit) if limit else rule_name(rule, self.words.translate)

    def _person(self, lead_id: int) -> str:
        lead = next((one for one in self.sight.people if one.id == lead_id), None)
        name = display_name(lead, self.words.language) if lead is not None else ""
        if not name:
            return self.words.say(sentences.LEAD, id=lead_id)
        return self.words.say(N_("%(name)s (lead %(id)s)"), name=name, id=lead_id)

    def people(self) -> list[str]:
        rows = [tuple(self._row(lead)) for lead in by_points(self.sight.people)]
        return aligned(rows, columns=self.columns)

    def _row(self, lead: Lead) -> Iterator[str]:
        say = self.words.say
        yield self._person(lead.id)
        yield " · ".join(map(self.words.translate, self.sight.roles_of(lead.id))) or self._value(lead, "job_title")
        yield stage(lead.stage, self.words.translate)
        yield say(N_("%(points)s points"), points=lead.score.total) if lead.score else say(N_("not scored"))
        at = self.sight.last.get(lead.id)
        yield say(N_("last %(when)s"), when=self.words.moment(at)) if at else ""

    def _value(self, lead: Lead, name: str) -> str:
        return str(lead.fields.get(name) or "")

    def handoffs(self) -> list[str]:
        say = self.words.say
        rows = []
        for one in self.sight.handoffs:
            due = say(N_("first contact due %(when)s"), when=self.words.moment(one.due_at)) if one.due_at else ""
            opened = self.words.moment(one.opened_at) if one.opened_at else ""
            rows.append((self._person(one.lead_id), one.owner or say(N_("nobody yet")), opened, due))
        return aligned(rows, columns=self.columns)


def by_points(people: Iterable[Lead]) -> list[Lead]:
    """Who leads, first."""
    return sorted(people, key=lambda lead: (-(lead.score.total if lead.score else 0), lead.id))
