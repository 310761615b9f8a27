"""What an account of Tryton has before the first lead: a company, people who sell, and a key for us."""

from __future__ import annotations

from decimal import Decimal

from tests.servers.tryton.rpc import Rpc

#: Who works there: login, and name; the address is made of the login.
REPS = {"lena": "Lena Hoffmann", "tom": "Tom Berger"}
MARKETER = "mia"
US = "baton"
PASSWORD = "northwind-tryton"
#: The application key for REST, which Tryton would make up itself.
KEY = "0123456789abcdef" * 8
#: The same for somebody who may see everything, to compare with.
BOOKS = "fedcba9876543210" * 8
COUNTRIES = {
    "AT": "Austria",
    "CH": "Switzerland",
    "DE": "Germany",
    "FR": "France",
    "JP": "Japan",
    "US": "United States",
}

SELLING = ("Sales", "Sale Opportunity")
MARKETING = ("Marketing",)


def address_of(login: str) -> str:
    """The mail address of somebody who works there."""
    return f"{login}@northwind.example"


def furnish(admin: Rpc) -> None:
    """Fill an empty database; `admin` has just been made."""
    (euro,) = admin.create(
        "currency.currency",
        {"name": "Euro", "symbol": "€", "code": "EUR", "digits": 2, "rounding": Decimal("0.01"), "rates": [_rate()]},
    )
    admin.create("country.country", *({"code": code, "name": name} for code, name in COUNTRIES.items()))
    (party,) = admin.create("party.party", {"name": "Northwind Handel"})
    (company,) = admin.create("company.company", {"party": party, "currency": euro, "timezone": "Europe/Berlin"})
    root = admin.one("res.user", [["login", "=", "admin"]])
    admin.write("res.user", [root], companies=[["add", [company]]], company=company)
    admin.context |= {"company": company}
    admin.create("res.user.application", _application(root, BOOKS))
    _invoices_and_parcels_by_hand(admin)
    for login, name in REPS.items():
        _person(admin, company, login, name, (*SELLING, "Party Administration"))
    _person(admin, company, MARKETER, "Mia Lang", (*MARKETING, "Party Administration"))
    user = _person(admin, company, US, "Baton", (*SELLING, *MARKETING, "Party Administration"))
    admin.create("res.user.application", _application(user, KEY))


def _application(user: int, key: str) -> dict[str, object]:
    return {"user": user, "application": "rest", "key": key, "state": "validated"}


def _rate() -> list[object]:
    return ["create", [{"rate": Decimal(1)}]]


def _invoices_and_parcels_by_hand(admin: Rpc) -> None:
    """A confirmed sale then asks for no chart of accounts and for no stock."""
    values = {"sale_invoice_method": "manual", "sale_shipment_method": "manual"}
    for row in admin.read("sale.configuration", [], ["id"]):
        admin.write("sale.configuration", [row["id"]], **values)


def _person(admin: Rpc, company: int, login: str, name: str, groups: tuple[str, ...]) -> int:
    mail = ["create", [{"type": "email", "value": address_of(login)}]]
    (party,) = admin.create("party.party", {"name": name, "contact_mechanisms": [mail]})
    (employee,) = admin.create("company.employee", {"party": party, "company": company})
    ids = [admin.one("res.group", [["name", "=", group]]) for group in groups]
    (user,) = admin.create(
        "res.user",
        {
            "name": name, "login": login, "password": PASSWORD, "email": address_of(login), "groups": [["add", ids]],
            "companies": [["add", [company]]], "company": company,
            "employees": [["add", [employee]]], "employee": employee,
        },
    )  # fmt: skip
    return user
