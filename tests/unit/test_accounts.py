"""Which account a lead's company is."""

from __future__ import annotations

import pytest

from connector.locale import translator
from connector.model.lead import Lead
from connector.model.mirror import CrmRecord
from connector.steps.accounts import Account, account_key, account_of_firm, as_company, firm_of, fits
from connector.steps.alike import ORGANISATION
from connector.steps.matching import Around, Match

EN = translator("en")
FIRM = {
    "company.name": "Acme Werkzeug GmbH", "company.domain": "acme.example", "city": "München", "postal_code": "80331",
    "country": "DE",
}  # fmt: skip


def lead(**changes: str) -> Lead:
    fields = FIRM | {name.replace("_of_", "."): value for name, value in changes.items()}
    return Lead(fields={name: value for name, value in fields.items() if value})


def account(id: str, **more: str) -> CrmRecord:
    return CrmRecord("account", id, name="ACME Werkzeug", company="ACME Werkzeug", **more)  # type: ignore[arg-type]


def found(lead: Lead, *accounts: CrmRecord, domain: str = "") -> Account:
    by_domain = {domain: [account("0019")]} if domain else {}
    return account_of_firm(firm_of(lead), by_domain, accounts, ORGANISATION)


def test_a_domain_comes_before_a_name() -> None:
    one = found(lead(), account("0011", city="Munchen", country="DE"), domain="acme.example")
    assert (one.account and one.account.id, one.by) == ("0019", "domain")


def test_the_domain_of_a_mail_provider_is_no_companys() -> None:
    assert firm_of(lead(company_of_domain="gmail.com")).domain == ""
    assert found(lead(company_of_domain="gmail.com"), domain="gmail.com") == Account()


@pytest.mark.parametrize(
    ("place", "by"),
    [
        ({"city": "MÜNCHEN", "country": "DE"}, "name and city"),
        ({"city": "Muenchen"}, "name and city"), ({"city": "Munich"}, None),
        ({"city": "Munchen"}, "name and city"),
        ({"city": "Unterhaching", "postal_code": "80331"}, "name and postal code"),
        ({"postal_code": "80331"}, "name and postal code"),
        ({"postal_code": "80335", "country": "DE"}, "name and country"),
        ({"postal_code": "10115", "country": "DE"}, None),
        ({"city": "Berlin", "country": "DE"}, None),
        ({"city": "München", "country": "AT"}, None),
        ({"country": "DE"}, "name and country"),
        ({}, "name"),
        ({"domain": "acme-tools.example"}, None),
        ({"domain": "acme-tools.example", "country": "DE"}, None),
        ({"domain": "acme-tools.example", "city": "München"}, "name and city"),
    ],
)  # fmt: skip
def test_a_name_counts_where_the_place_does_not_contradict_it(place: dict[str, str], by: str | None) -> None:
    assert fits(firm_of(lead()), account("0011", **place)) == by


def test_an_office_in_another_country_is_taken_where_nobody_says_where_they_are_and_it_is_the_only_one() -> None:
    unknown = lead(city="", postal_code="", country="")
    assert found(unknown, account("0011", country="AT")).by == "name"
    assert found(unknown, account("0011", country="AT"), account("0012", country="DE")).account is None
    assert found(lead(), account("0011", country="AT")) == Account()


def test_of_two_of_one_name_none_is_taken_unless_one_is_in_the_same_city() -> None:
    plain = account("0012"), account("0011")
    both = found(lead(), *plain)
    assert (both.account, [one.id for one in both.undecided]) == (None, ["0011", "0012"])
    near = found(lead(), *plain, account("0013", city="München"))
    assert (near.account and near.account.id, near.by, near.undecided) == ("0013", "name and city", ())
    two = found(lead(), *plain, account("0013", city="München"), account("0014", postal_code="80331"))
    assert [one.id for one in two.undecided] == ["0013", "0014"]


def test_what_is_gone_or_has_another_name_is_nobodys_account() -> None:
    assert found(lead(), account("0011", gone=True), account("0012", merged_into="0013")) == Account()  # type: ignore[arg-type]
    assert found(lead(), CrmRecord("account", "0011", name="Zeta Foods", company="Zeta Foods")) == Account()
    assert found(lead(company_of_name="", company_of_domain=""), account("0011")) == Account()


def test_a_name_that_was_not_understood_is_no_name() -> None:
    one = lead()
    one.flags = {"company.name": "odd", "city": "odd"}
    assert (firm_of(one).name, firm_of(one).place.city) == ("", "")


def test_one_name_has_one_key_whatever_its_legal_form() -> None:
    assert account_key("Acme Werkzeug GmbH") == account_key("ACME werkzeug") != account_key("Acme Werk")
    assert account_key("") == 0


DEAL = CrmRecord("opportunity", "006", account="0011", owner="u1")


def test_what_somebody_new_is_by_their_company() -> None:
    customer = account("0011", city="München", customer=True)  # type: ignore[arg-type]
    firm = firm_of(lead())
    one = as_company(Account(customer, "name and city"), Around(), firm, ORGANISATION)
    assert one == Match("customer", customer, customer, "name and city", customer, customer)
    assert one.why(EN) == "the same company name and city as account 0011"
    deal = as_company(Account(customer), Around(deals={("account", "0011"): [DEAL]}), firm, ORGANISATION)
    assert deal == Match("open_opportunity", DEAL, customer, "domain", customer, customer)
    assert deal.why(EN) == "the same company domain as account 0011"
    assert as_company(Account(account("0011")), Around(), firm, ORGANISATION) is None
    assert as_company(Account(), Around(), firm, ORGANISATION) is None
