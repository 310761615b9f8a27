"""Whose company is whose: leads are placed where they belong, and taken out again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from connector.config import Flow
from connector.model.lead import Lead
from connector.model.ports import Transaction
from connector.steps.companies import Register, Traits, traits

#: So many people of a company are looked at, those who have been known longest.
MOST_PEOPLE = 500


def with_accounts(flows: Iterable[Flow]) -> frozenset[str]:
    """The names of those flows that have accounts."""
    return frozenset(flow.name for flow in flows if flow.criteria.account is not None)


def place(tx: Transaction, leads: Sequence[Lead], now: datetime, flows: Collection[str] = ()) -> None:
    """Put each of a page of stored leads into the company that it belongs to, or take it out of one.

    `flows` are those in which the account of a lead counts: whoever comes into a company there is due, and so is
    the company that was left.
    """
    present = [lead for lead in leads if lead.id and not lead.merged_into]
    said = {lead.id: traits(lead) for lead in present}
    before = tx.companies.of_leads(list(said))
    after, joined = _homes(tx, said, now)
    moved = {
        lead_id: company_id
        for lead_id, company_id in after.items()
        if joined.get(before.get(lead_id, 0), before.get(lead_id, 0)) != company_id
    }
    if moved:
        tx.companies.put_people(moved)
    if flows and (moved or joined):
        left = {joined.get(before[lead_id], before[lead_id]) for lead_id in moved if lead_id in before}
        # One of those who are left behind sees to the others.
        colleagues = {
            **tx.companies.people(sorted(left), 1),
            **tx.companies.people(sorted(joined.values()), MOST_PEOPLE),
        }
        mine = [lead.id for lead in present if lead.id in moved and lead.flow in flows]
        tx.scores.mark_due({*mine, *(one for people in colleagues.values() for one in people)}, now)


def _homes(tx: Transaction, said: dict[int, Traits], now: datetime) -> tuple[dict[int, int], dict[int, int]]:
    """The company of each (0 for none), and which companies became others.

    Most say what a colleague has said before: by that key alone they are placed.
    """
    wholes = {lead_id: key for lead_id, one in said.items() if (key := one.whole_key)}
    known = tx.companies.by_keys(set(wholes.values())) if wholes else {}
    homes = {lead_id: known[key][0] for lead_id, key in wholes.items() if key in known}
    rest = [(lead_id, one) for lead_id, one in sorted(said.items()) if lead_id not in homes]
    register = _register(tx, [one for _, one in rest])
    placed = {lead_id: register.place(one) for lead_id, one in rest}
    _store(tx, register, now)
    joined = {loser.id: register.heir(loser).id for loser, _ in register.joined if loser.id}
    homes |= {lead_id: register.heir(home).id if home else 0 for lead_id, home in placed.items()}
    return {lead_id: joined.get(home, home) for lead_id, home in homes.items()}, joined


def _register(tx: Transaction, said: Sequence[Traits]) -> Register:
    """The companies that these may belong to."""
    register = Register({})
    keys = {key for one in said for key in (one.domain_key, one.name_key) if key}
    by_key = tx.companies.by_keys(keys) if keys else {}
    ids = {id for having in by_key.values() for id in having}
    register.take(by_key, tx.companies.get(sorted(ids)) if ids else {})
    return register


def _store(tx: Transaction, register: Register, now: datetime) -> None:
    if register.added:
        tx.companies.add(register.added, now)
    if register.changed:
        tx.companies.update(register.changed, now)
    for loser, _ in register.joined:
        if loser.id:
            tx.companies.drop(loser.id, register.heir(loser).id)
    if register.keys:
        tx.companies.add_keys((key, register.heir(company).id) for key, company in register.keys)


def forget_people(tx: Transaction, lead_ids: Iterable[int], now: datetime) -> None:
    """Take people out of their companies, with the lines of accounts that tell of them.

    A company without anybody else is forgotten, too. Colleagues are due, since their account is another one.
    """
    ids = frozenset(lead_ids)
    own = tx.companies.of_leads(sorted(ids))
    companies = tx.companies.get(sorted(set(own.values())))
    tx.companies.put_people(dict.fromkeys(own, 0))
    people = tx.companies.people(sorted(companies), MOST_PEOPLE)
    for company in companies.values():
        company.accounts = {flow: account.without(ids) for flow, account in company.accounts.items()}
        if company.id not in people:
            tx.companies.drop(company.id)
    tx.companies.update([one for one in companies.values() if one.id in people], now)
    touched = [one for id, some in people.items() if companies[id].accounts for one in some]
    if touched:
        tx.scores.mark_due(touched, now)
