"""Companies, their keys and people, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from connector.model.company import Account, Company
from connector.model.fields import Value
from connector.model.lead import Lead
from connector.model.ports import Store

Leads = Callable[..., list[Lead]]
ACCOUNT = Account(42, 3, 2, ["champion", "user"], [(1, "Demo", 30), (2, "Visit", 20), (0, "up to", -8)])


def added(store: Store, now: datetime, *companies: Company) -> list[Company]:
    with store.write() as tx:
        tx.companies.add(companies, now)
    return list(companies)


def test_what_is_stored_is_read(store: Store, now: datetime) -> None:
    fields: dict[str, Value] = {"company.name": "Müller & Söhne", "company.country": "DE"}
    firm, other = added(store, now, Company("firm.example", dict(fields), {"b2b": ACCOUNT}), Company())
    with store.read() as tx:
        found = tx.companies.get([firm.id, other.id, 999])
    assert found == {
        firm.id: Company("firm.example", fields, {"b2b": ACCOUNT}, now, firm.id),
        other.id: Company(changed_at=now, id=other.id),
    }


def test_an_update_takes_the_place_of_what_was_known(store: Store, now: datetime) -> None:
    (firm,) = added(store, now, Company("", {"company.name": "Firm"}, {"b2b": ACCOUNT}))
    firm.domain, firm.accounts = "firm.example", {"other": Account(1)}
    with store.write() as tx:
        tx.companies.update([firm], now)
    with store.read() as tx:
        assert tx.companies.get([firm.id]) == {firm.id: firm}


def test_keys_are_found_by_number_and_kept_once(store: Store, now: datetime) -> None:
    one, two = added(store, now, Company("one.example"), Company("two.example"))
    largest = 2**63 - 1
    with store.write() as tx:
        tx.companies.add_keys([(7, two.id), (7, one.id), (largest, one.id)])
        tx.companies.add_keys([(7, one.id)])
        assert tx.companies.by_keys([7, largest, 8]) == {7: [one.id, two.id], largest: [one.id]}


def test_a_lead_has_one_company_at_most(store: Store, add_leads: Leads, now: datetime) -> None:
    one, two = added(store, now, Company("one.example"), Company("two.example"))
    first, second, third = (lead.id for lead in add_leads(3))
    with store.write() as tx:
        tx.companies.put_people({first: one.id, second: one.id, third: two.id})
        tx.companies.put_people({second: two.id, third: 0})
        assert tx.companies.of_leads([first, second, third]) == {first: one.id, second: two.id}
        assert tx.companies.people([one.id, two.id], 10) == {one.id: [first], two.id: [second]}


def test_no_more_people_than_asked_for_are_given_the_oldest_first(
    store: Store, add_leads: Leads, now: datetime
) -> None:
    (firm,) = added(store, now, Company("firm.example"))
    ids = [lead.id for lead in add_leads(4)]
    with store.write() as tx:
        tx.companies.put_people(dict.fromkeys(ids, firm.id))
        assert tx.companies.people([firm.id], 2) == {firm.id: ids[:2]}


def test_who_was_merged_into_another_is_nobody_there(store: Store, add_leads: Leads, now: datetime) -> None:
    (firm,) = added(store, now, Company("firm.example"))
    winner, loser = (lead.id for lead in add_leads(2))
    with store.write() as tx:
        tx.companies.put_people({winner: firm.id, loser: firm.id})
        tx.intake.merge(loser, winner, now)
        assert tx.companies.people([firm.id], 10) == {firm.id: [winner]}
        assert tx.companies.of_leads([loser]) == {}


def test_of_two_that_are_one_the_heir_has_people_and_keys(store: Store, add_leads: Leads, now: datetime) -> None:
    heir, other = added(store, now, Company("firm.example"), Company())
    ids = [lead.id for lead in add_leads(2)]
    with store.write() as tx:
        tx.companies.add_keys([(1, heir.id), (1, other.id), (2, other.id)])
        tx.companies.put_people({ids[0]: heir.id, ids[1]: other.id})
        tx.companies.drop(other.id, heir.id)
        assert tx.companies.by_keys([1, 2]) == {1: [heir.id], 2: [heir.id]}
        assert tx.companies.people([heir.id], 10) == {heir.id: ids}
        assert tx.companies.get([other.id]) == {}


def test_without_an_heir_its_people_have_no_company(store: Store, add_leads: Leads, now: datetime) -> None:
    (firm,) = added(store, now, Company("firm.example"))
    ids = [lead.id for lead in add_leads(1)]
    with store.write() as tx:
        tx.companies.add_keys([(1, firm.id)])
        tx.companies.put_people({ids[0]: firm.id})
        tx.companies.drop(firm.id)
        assert tx.companies.of_leads(ids) == {}
        assert tx.companies.by_keys([1]) == {}


def test_one_is_found_by_domain_or_by_a_part_of_its_name(store: Store, now: datetime) -> None:
    names = ("Müller & Söhne GmbH", "Mueller 100%", "Company")
    some = added(
        store, now, *(Company(f"d{place}.example", {"company.name": name}) for place, name in enumerate(names))
    )
    with store.read() as tx:
        find = tx.companies.find
        assert [one.id for one in find("MÜLLER", 5)] == [some[0].id]
        assert [one.id for one in find("d1.example", 5)] == [some[1].id]
        assert find("d1.exam", 5) == []
        assert [one.id for one in find("company", 5)] == [some[2].id]
        assert [one.id for one in find("m", 1)] == [some[0].id]
