"""Invented people for a portal, and what they did: the same for the same numbers, a million in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from connector.sandbox.hubspot.consent import ALL
from connector.sandbox.hubspot.portal import KINDS, MemberList, Owner, Portal
from connector.sandbox.sample_names import ALPS, FIRM_STEMS, FIRM_TRADES, GERMANY, JAPAN, TITLES, UK, US

_DAY = 86_400_000
_REGIONS = (GERMANY, UK, US, GERMANY, ALPS, JAPAN)
_RANKS = ("junior", "middle", "middle", "senior", "junior")
_STAGES = ("lead", "lead", "subscriber", "lead", "marketingqualifiedlead", "lead", "lead", "customer")
_SOURCES = ("ORGANIC_SEARCH", "PAID_SEARCH", "EMAIL_MARKETING", "REFERRALS", "DIRECT_TRAFFIC", "OFFLINE")
FORMS = {
    "6b1e5d3c-0000-4000-8000-000000000001": "Request a demo",
    "6b1e5d3c-0000-4000-8000-000000000002": "Guide to planning",
    "6b1e5d3c-0000-4000-8000-000000000003": "Newsletter",
}
CAMPAIGNS = {901: ("Spring news", "What is new this spring"), 902: ("Case study", "How others plan")}
_US_PLACES = ("614", "414", "503", "919", "212", "312", "415", "617", "206", "303")
SITE = "https://www.example.com"
PAGES = ("/", "/product", "/pricing", "/blog/planning", "/resources/case-studies/castings", "/careers")


@dataclass(frozen=True, slots=True)
class Span:
    """When things happened: up to `now` (milliseconds), `days` back."""

    now: int
    days: int

    def at(self, chance: int) -> int:
        """A moment in the span."""
        return self.now - 60_000 - chance % (self.days * _DAY)


def furnish(portal: Portal) -> None:
    """Owners, forms, emails: what a portal has before anybody comes."""
    for number, (first, last) in enumerate((("Nora", "Adler"), ("Jonas", "Eichholz"), ("Emi", "Takanashi"))):
        id = str(7001 + number)
        portal.owners[id] = Owner(id, f"{first}.{last}@northwind.example".lower(), first, last)
    portal.campaigns |= CAMPAIGNS
    for id, name in FORMS.items():
        portal.add_form(id, name)


def add_contacts(
    portal: Portal, count: int, *, activities_each: int = 0, tied: int = 0, days: int = 700, start: int = 0
) -> range:
    """`count` people, numbered from `start`; returns their ids.

    They were changed at some moment of the last `days`; the first `tied` of them all at the same
    one, as a bulk edit does it. `activities_each` is how many emails, visits and forms each has.
    """
    span = Span(portal.now(), days)
    table = portal.tables["contacts"]
    first = portal.reserve(count)
    for number in range(start, start + count):
        chance = number * 2_654_435_761 + 97
        updated = span.at(1_000_003 if number - start < tied else chance * 31)
        created = updated - chance * 17 % (200 * _DAY)
        id = first + number - start
        values = person(number)
        table.add(id, values, created, updated)
        if activities_each:
            _activities(portal, id, values["email"], number, activities_each, Span(span.now, min(days, 180)))
        if values.get("hs_email_optout"):
            portal.consents[values["email"], ALL] = ("UNSUBSCRIBED", updated)
    table.tidy_log()
    return range(first, first + count)


def person(number: int) -> dict[str, str]:
    """The values of one person."""
    chance = (number * 2_654_435_761 + 97) & 0xFFFFFFFF
    region = _REGIONS[chance % len(_REGIONS)]
    given = region.given[(chance >> 3) % len(region.given)]
    family = region.family[(chance >> 7) % len(region.family)]
    stem, (trade, industry) = FIRM_STEMS[(chance >> 11) % len(FIRM_STEMS)], FIRM_TRADES[(chance >> 5) % 6]
    domain = f"{stem}-{trade}{(chance >> 4) % 50}.example".lower().replace(" ", "-")
    town, postal_code = region.towns[(chance >> 9) % len(region.towns)]
    titles = TITLES[_RANKS[(chance >> 6) % 5]][region.language]
    values = {
        "email": f"{given[2]}.{family[2]}{number}@{domain}".lower(),
        "firstname": given[0],
        "lastname": family[0],
        "jobtitle": titles[(chance >> 8) % len(titles)],
        "company": region.forms[(chance >> 11) % len(region.forms)].format(f"{stem} {trade}"),
        "industry": industry,
        "country": region.country[chance % len(region.country)],
        "city": town,
        "zip": postal_code,
        "lifecyclestage": _STAGES[(chance >> 10) % len(_STAGES)],
        "hs_analytics_source": _SOURCES[(chance >> 12) % len(_SOURCES)],
    }
    if chance % 10 < 7:
        values["phone"] = _phone(region.phones[(chance >> 6) % len(region.phones)], number % 1000)
    if chance % 25 == 0:
        values["hs_email_optout"] = "true"
    return values


def _phone(form: str, number: int) -> str:
    """One of a thousand numbers; of those for fiction in one place in the US there are a hundred."""
    return form.replace("614", _US_PLACES[number // 100]).format(number % 100 if "{:02}" in form else number)


def _activities(portal: Portal, id: int, email: str, number: int, count: int, span: Span) -> None:
    for turn in range(count):
        chance = (number * 31 + turn) * 2_654_435_761
        at, which = span.at(chance * 13), (number + turn) % 10
        if which < 6:
            _email(portal, email, turn, at, which)
        elif which == 9 and number % 10 == 0:
            form = list(FORMS)[(number // 10) % len(FORMS)]
            page = SITE + PAGES[1 + number % 4]
            portal.submissions[form].add(at, id, form, (page, "email", email, "message", "Please call me"))
        else:
            portal.events.add(at, id, "e_visited_page", ("hs_url", SITE + PAGES[(number + turn) % len(PAGES)]))


def _email(portal: Portal, email: str, turn: int, at: int, which: int) -> None:
    campaign = 901 + turn % len(CAMPAIGNS)
    kind = ("SENT", "DELIVERED", "OPEN", "OPEN", "CLICK", "SENT")[which]
    url = SITE + PAGES[2] if kind == "CLICK" else ""
    portal.emails.add(at, email, kind, (str(campaign), url, "1" if which == 3 and turn % 4 == 0 else "0"))


def add_companies(portal: Portal, count: int) -> range:
    """`count` companies, in the way of `add_contacts`."""
    span = Span(portal.now(), 700)
    first = portal.reserve(count)
    for number in range(count):
        stem, (trade, industry) = FIRM_STEMS[number % len(FIRM_STEMS)], FIRM_TRADES[number % len(FIRM_TRADES)]
        domain = f"{stem}-{trade}{number}.example".lower().replace(" ", "-")
        values = {"name": f"{stem} {trade}", "domain": domain, "industry": industry, "country": "Germany"}
        moment = span.at(number * 2_654_435_761)
        portal.tables["companies"].add(first + number, values, moment, moment)
    return range(first, first + count)


def add_list(portal: Portal, name: str, object: str = "contacts") -> MemberList:
    """An empty list that is kept by hand."""
    id = str(portal.next_id())
    portal.lists[id] = MemberList(id, name, KINDS[object].number, portal.now())
    return portal.lists[id]
