"""Which company a person belongs to: pure, by what leads say."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.model.company import Company
from connector.model.lead import Lead
from connector.steps.companies import Register, key_of_name, traits


def lead(**fields: Any) -> Lead:
    return Lead(fields={name.replace("__", "."): value for name, value in fields.items()})


def registered(*leads: Lead) -> tuple[list[Company | None], Register]:
    register = Register({}, {})
    homes = [register.place(traits(one)) for one in leads]
    return [register.heir(home) if home else None for home in homes], register


def named(name: str, country: str = "DE", domain: str = "") -> Lead:
    return lead(company__name=name, country=country, company__domain=domain)


def test_colleagues_have_one_domain() -> None:
    (one, two, three), _ = registered(
        lead(company__domain="firm.example"),
        lead(company__domain="firm.example"),
        lead(company__domain="other.example"),
    )
    assert one is two
    assert one is not three
    assert one is not None
    assert one.domain == "firm.example"


@pytest.mark.parametrize("host", ["gmail.com", "gmx.de", "docomo.ne.jp", "mailinator.com"])
def test_a_mail_provider_is_no_company(host: str) -> None:
    (one,), register = registered(lead(company__domain=host))
    assert one is None
    assert not register.added


def test_a_name_counts_within_its_country() -> None:
    (one, two, three), _ = registered(named("Firm GmbH"), named("FIRM"), named("Firm SA", "FR"))
    assert one is two
    assert one is not three


@pytest.mark.parametrize("name", ["Freelance", "self-employed", "Privat", "個人事業主", "n", "", "N/A"])
def test_what_is_no_name_makes_no_company(name: str) -> None:
    assert registered(named(name))[0] == [None]


def test_a_name_without_a_country_makes_no_company() -> None:
    assert registered(named("Firm GmbH", ""))[0] == [None]


def test_a_name_that_could_not_be_read_makes_no_company() -> None:
    one = named("Firm GmbH")
    one.flags["company.name"] = "why"
    assert registered(one)[0] == [None]


def test_a_company_known_by_name_gets_the_domain_that_one_of_its_people_brings() -> None:
    (one, two, three), register = registered(
        named("Firm GmbH"), named("Firm", domain="firm.example"), lead(company__domain="firm.example")
    )
    assert one is two is three
    assert [each.domain for each in register.added] == ["firm.example"]


def test_the_two_become_one_where_the_domain_was_there_first() -> None:
    by_domain = Company("firm.example", {}, id=1)
    by_name = Company("", {"company.name": "Firm"}, id=2)
    said = traits(named("Firm GmbH", domain="firm.example"))
    register = Register({1: by_domain, 2: by_name}, {said.domain_key: [by_domain], said.name_key: [by_name]})
    assert register.place(said) is by_domain
    assert register.joined == [(by_name, by_domain)]
    assert register.place(traits(named("Firm"))) is by_domain
    assert by_domain.fields["company.name"] == "Firm GmbH"


def test_another_domain_with_the_same_name_is_another_company_and_the_name_alone_says_nothing_then() -> None:
    (one, two, nobody), _ = registered(
        named("Firm", domain="firm.example"), named("Firm", domain="firm.test"), named("Firm")
    )
    assert one is not two
    assert nobody is None


def test_a_colleague_who_says_another_name_gives_the_company_no_second_one() -> None:
    (agency, customer, by_name), _ = registered(
        named("Agency", domain="agency.example"), named("Customer", domain="agency.example"), named("Customer")
    )
    assert agency is customer
    assert by_name is not agency


def test_a_name_that_waits_does_not_go_to_a_domain_that_is_called_otherwise() -> None:
    (waiting, agency, other), register = registered(
        named("Customer"), named("Agency", domain="agency.example"), named("Customer", domain="agency.example")
    )
    assert waiting is not agency
    assert other is agency
    assert not register.joined


def test_a_companys_country_is_asked_before_the_persons() -> None:
    (one, two), _ = registered(named("Firm", "FR"), lead(company__name="Firm", company__country="fr", country="DE"))
    assert one is two


def test_a_role_address_belongs_to_its_company() -> None:
    from connector.steps.normalise.values import derive

    fields = {"email": "info@firm.example"}
    (one, two), _ = registered(Lead(fields={**fields, **derive(fields)}), lead(company__domain="firm.example"))
    assert one is two


SAID = st.builds(
    named,
    st.sampled_from(["Firm GmbH", "firm", "Other", "private", ""]),
    st.sampled_from(["DE", "FR", ""]),
    st.sampled_from(["firm.example", "firm.test", "gmail.com", ""]),
)


@given(st.lists(SAID, max_size=12))
def test_a_domain_is_one_company_and_a_company_has_one_domain(leads: list[Lead]) -> None:
    homes, register = registered(*leads)
    by_domain: dict[str, Company] = {}
    for said, home in zip(map(traits, leads), homes, strict=True):
        assert (home is None) <= (not said.domain)
        if home is not None and said.domain:
            assert home.domain == said.domain
            assert by_domain.setdefault(said.domain, home) is home
    assert all(home is None or any(home is one for one in register.added) for home in homes)
    # Whoever brings a domain is where they were when they say the same once more.
    for said, home in zip(map(traits, leads), homes, strict=True):
        if said.domain:
            assert register.place(said) is home


def test_keys_are_numbers_that_any_database_takes() -> None:
    for name in ("Firm", "Другая", "会社"):
        assert 0 < key_of_name(name, "JP") < 2**63
    assert key_of_name("Firm", "DE") == key_of_name("Firm GmbH", "DE")
