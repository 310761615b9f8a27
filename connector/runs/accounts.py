"""The accounts of flows: the people of a company looked at together, as they are at one moment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from connector.config import Flow
from connector.model.activity import Activity
from connector.model.company import Account, Company
from connector.model.facts import Facts
from connector.model.fields import Value
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.runs.companies import MOST_PEOPLE, place
from connector.steps.buying_group import champion
from connector.steps.facts import build
from connector.steps.scoring.account import AccountCriteria, Weighed

#: What is known of a lead's account, and when time alone may change what its flow asks of it.
Known = tuple[Mapping[str, Value], datetime | None]
#: A lead that is being scored, its facts without the account, and its flow, if any.
Seen = tuple[Lead, Facts, Flow | None]


@dataclass(slots=True)
class Accounts:
    """Gathers accounts at `now` for the leads that are being scored, and keeps what became of them.

    `due` are the colleagues whose flow may decide otherwise by now: they are marked due.
    """

    tx: Transaction
    flows: Mapping[str, Flow]
    now: datetime
    due: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, tx: Transaction, flows: Iterable[Flow], now: datetime) -> Accounts | None:
        """None where no flow has accounts."""
        having = {flow.name: flow for flow in flows if flow.criteria.account is not None}
        return cls(tx, having, now) if having else None

    def known(self, seen: Sequence[Seen]) -> dict[int, Known]:
        """What is known of the accounts of these leads, by lead; of those that have none nothing."""
        at = {lead.id: (lead, facts, flow) for lead, facts, flow in seen if lead.id}
        # Again where nobody is compared, or something was said since.
        place(self.tx, [lead for lead, _, _ in at.values()], self.now)
        homes = self.tx.companies.of_leads(list(at))
        companies = self.tx.companies.get(sorted(set(homes.values())))
        people = self.tx.companies.people(sorted(companies), MOST_PEOPLE)
        weighed = self._weighed(at, people)
        made = {id: self._made(company, weighed.get(id, {}), at) for id, company in companies.items()}
        self.tx.companies.update([companies[id] for id, (_, changed) in made.items() if changed], self.now)
        if self.due:
            self.tx.scores.mark_due(self.due, self.now)
        found = {}
        for lead_id, (_, _, flow) in at.items():
            if flow is not None and flow.name in self.flows and (home := homes.get(lead_id)):
                found[lead_id] = made[home][0].get(flow.name, ({}, None))
        return found

    def _weighed(
        self, at: Mapping[int, Seen], people: Mapping[int, Sequence[int]]
    ) -> dict[int, dict[str, list[Weighed]]]:
        """Everybody's own points, by company and flow."""
        colleagues = [one for some in people.values() for one in some if one not in at]
        facts = {lead_id: (facts, flow) for lead_id, (_, facts, flow) in at.items()}
        facts |= facts_of(self.tx, colleagues, self.flows, self.now)
        found: dict[int, dict[str, list[Weighed]]] = {}
        for company_id, some in people.items():
            for lead_id in some:
                own, flow = facts.get(lead_id, (None, None))
                weighed = weigh(lead_id, own, flow) if own is not None else None
                if weighed is not None and flow is not None:
                    found.setdefault(company_id, {}).setdefault(flow.name, []).append(weighed)
        return found

    def _made(
        self, company: Company, by_flow: Mapping[str, list[Weighed]], present: Collection[int]
    ) -> tuple[dict[str, Known], bool]:
        """What is known by flow, and whether the company's accounts are others than before."""
        known: dict[str, Known] = {}
        accounts: dict[str, Account] = {}
        for name, flow in self.flows.items():
            criteria, some = flow.criteria.account, by_flow.get(name, [])
            before = company.accounts.get(name)
            if criteria is None or (not some and before is None):
                continue
            found = criteria.account(some)
            known[name] = found.fields(), criteria.changes_at(some, found.total)
            accounts[name] = found
            if criteria.answers(before, self.now) != criteria.answers(found, self.now):
                self.due |= {one.part.lead_id for one in some if one.part.lead_id not in present}
        changed = accounts != company.accounts
        company.accounts = accounts
        return known, changed


def facts_of(
    tx: Transaction, lead_ids: Sequence[int], flows: Mapping[str, Flow], now: datetime
) -> dict[int, tuple[Facts, Flow | None]]:
    """The facts of stored leads, and the flow of each; without those that are in none of `flows`."""
    leads = {id: lead for id, lead in tx.intake.leads(lead_ids).items() if lead.flow in flows} if lead_ids else {}
    found: dict[int, tuple[Facts, Flow | None]] = {}
    for name, some in groupby(sorted(leads, key=lambda id: leads[id].flow), key=lambda id: leads[id].flow):
        ids, flow = list(some), flows[name]
        activities = _activities(tx, ids, flow, now)
        found |= {id: (build(leads[id], activities.get(id, ()), now), flow) for id in ids}
    return found


def _activities(tx: Transaction, ids: Sequence[int], flow: Flow, now: datetime) -> Mapping[int, Sequence[Activity]]:
    uses = flow.criteria.uses
    since: timedelta | None = uses.horizon
    return tx.intake.activities(ids, now - since if since is not None else None, uses.kinds) if uses.kinds else {}


def weigh(lead_id: int, facts: Facts, flow: Flow | None) -> Weighed | None:
    """What one person gives to the account; None for whoever is in no flow that has one, or cannot be scored."""
    criteria: AccountCriteria | None = flow.criteria.account if flow is not None else None
    if criteria is None:
        return None
    try:
        return criteria.weigh(lead_id, facts)
    except Exception:  # noqa: BLE001 - whoever cannot be scored costs colleagues nothing
        return None


def with_colleagues(
    tx: Transaction, lead_ids: Sequence[int], flows: Iterable[Flow], now: datetime, at_most: int
) -> list[int]:
    """These leads and, where some flow has accounts, up to `at_most` colleagues who are due as well.

    Scored together they cost one look at their company, and not one for each.
    """
    if all(flow.criteria.account is None for flow in flows):
        return list(lead_ids)
    homes = tx.companies.of_leads(lead_ids)
    people = tx.companies.people(sorted(set(homes.values())), MOST_PEOPLE) if homes else {}
    others = {one for some in people.values() for one in some}.difference(lead_ids)
    return [*lead_ids, *tx.scores.due_among(sorted(others), now)[:at_most]]


def last_known(tx: Transaction, flow: Flow, lead_ids: Sequence[int]) -> dict[int, Mapping[str, Value]]:
    """The accounts of leads as they were when somebody of them was scored last, as fields by lead."""
    homes = tx.companies.of_leads(lead_ids) if flow.criteria.account is not None else {}
    companies = tx.companies.get(sorted(set(homes.values()))) if homes else {}
    found = {lead_id: companies[home].accounts.get(flow.name) for lead_id, home in homes.items()}
    return {lead_id: account.fields() for lead_id, account in found.items() if account is not None}


@dataclass(frozen=True, slots=True)
class Present:
    """An account at the moment of asking: what it comes to, who has which role, and who is most active (0: nobody)."""

    account: Account
    roles: Mapping[int, str]
    champion: int


def at_present(tx: Transaction, company: Company, flows: Iterable[Flow], now: datetime) -> dict[str, Present]:
    """The accounts of a company by flow, made of what is known now; nothing is stored."""
    having = {flow.name: flow for flow in flows if flow.criteria.account is not None}
    people = tx.companies.people([company.id], MOST_PEOPLE).get(company.id, []) if having else []
    by_flow: dict[str, list[Weighed]] = {}
    for lead_id, (facts, flow) in facts_of(tx, people, having, now).items():
        weighed = weigh(lead_id, facts, flow)
        if weighed is not None and flow is not None:
            by_flow.setdefault(flow.name, []).append(weighed)
    found = {}
    for name, some in by_flow.items():
        criteria = having[name].criteria.account
        if criteria is not None:
            parts = [one.part for one in some]
            found[name] = Present(criteria.account(some), {one.lead_id: one.role for one in parts}, champion(parts))
    return found
