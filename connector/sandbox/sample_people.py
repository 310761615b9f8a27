"""The people of the sample: who they are, and how interested each will turn out to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from connector.sandbox.sample_names import (
    ALPS,
    COMPETITORS,
    FIRM_STEMS,
    FIRM_TRADES,
    FIRMS_JAPAN,
    GERMANY,
    JAPAN,
    TITLES,
    UK,
    US,
    Region,
)

#: Where prospects come from, in percent, by the language of the demo.
MARKETS = {
    "en": ((UK, 24), (US, 24), (GERMANY, 22), (ALPS, 10), (JAPAN, 20)),
    "ja": ((JAPAN, 76), (UK, 6), (US, 9), (GERMANY, 9)),
}

#: What becomes of a thousand contacts. About a tenth is worth a call.
FATES = (
    ("asked", 45),  # wants to see the product: a hand-raiser
    ("asked, half a form", 12),  # wants to see it too, but a required field is missing
    ("ideal", 50),  # right company, right role, and busy with our material
    ("warm", 165),
    ("faded", 35),  # asked for a demo last spring
    ("reader", 150),
    ("visitor", 190),
    ("student", 20),
    ("competitor", 10),
    ("left", 40),  # has unsubscribed
)  # the rest was imported from a list and has never been heard of

#: As people type them: small firms, large firms.
_SIZES = {
    "en": (("12", "85", "100-499", "20-49", "250", ""), ("1,800", "500-999", "2400", "1000+", "650")),
    "ja": (("30名", "100-499", "50〜99名", "120"), ("500名以上", "1,200名", "2000-4999", "800名")),
}


@dataclass(slots=True)
class Person:
    """One prospect. `row` is what the export says of them, by column."""

    id: str
    fate: str
    language: str
    row: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Firm:
    """Where someone works. `size` is as somebody once typed it."""

    name: str
    domain: str
    industry: str
    size: str


def people(random: Random, count: int, language: str) -> list[Person]:
    """`count` people with the mix of fates above, in no particular order."""
    fates = [fate for fate, per_mille in FATES for _ in range(max(1, round(count * per_mille / 1000)))][:count]
    fates += ["silent"] * (count - len(fates))
    random.shuffle(fates)
    regions, weights = zip(*MARKETS[language], strict=True)
    home = {"en": GERMANY, "ja": JAPAN}[language]
    found = [
        _person(random, number, fate, random.choices(regions, weights)[0], home) for number, fate in enumerate(fates)
    ]
    taken: set[str] = set()
    for person in found:
        name, _, domain = person.row["Email"].partition("@")
        while person.row["Email"] in taken:
            name += "2"
            person.row["Email"] = f"{name}@{domain}"
        taken.add(person.row["Email"])
    return found


def _person(random: Random, number: int, fate: str, region: Region, home: Region) -> Person:
    given, family = random.choice(region.given), random.choice(region.family)
    firm = _firm(random, region, fate)
    town, postal_code = random.choice(region.towns)
    local = f"{given[2]}.{family[2]}" if random.random() < 0.8 else f"{given[2][0]}{family[2]}{number % 90 + 10}"
    row = {
        "First name": given[0],
        "Last name": family[0],
        "Name (reading)": f"{family[1]} {given[1]}".strip(),
        "Email": f"{local}@{firm.domain}",
        "Phone": _phone(random, number, region, home) if random.random() < 0.7 else "",
        "Job title": random.choice(TITLES[_rank(random, fate)][region.language]),
        "Company": firm.name,
        "Website": f"https://www.{firm.domain}/" if random.random() < 0.6 else "",
        "Company size": firm.size,
        "Industry": firm.industry,
        "Country": _country(random, region, town),
        "City": town,
        "Postal code": postal_code,
        "Language": region.language,
    }
    if fate == "asked, half a form":
        row |= {"Company": "", "Website": "", "Email": f"{local}@mail.example"} if number % 2 else {"Country": ""}
    return Person(str(20_001 + number * 7), fate, region.language, row)


def _phone(random: Random, number: int, region: Region, home: Region) -> str:
    """A number in one of its country's styles; from abroad with the country's code."""
    styles = [style for style in region.phones if region is home or style.startswith(("+", "00"))]
    return random.choice(styles).format(number % 100)


def _country(random: Random, region: Region, town: str) -> str:
    if region is ALPS:
        return random.choice(region.country[:2] if town in ("Graz", "Linz") else region.country[2:])
    return random.choice(region.country)


def _rank(random: Random, fate: str) -> str:
    if fate in ("ideal", "student"):
        return "senior" if fate == "ideal" else "student"
    if fate in ("asked", "asked, half a form", "warm", "faded"):
        return random.choices(("senior", "middle", "junior"), (4, 4, 2))[0]
    return random.choices(("senior", "middle", "junior"), (1, 3, 6))[0]


def _firm(random: Random, region: Region, fate: str) -> Firm:
    if fate == "competitor":
        rival = random.choice(COMPETITORS)
        return Firm(rival, f"{rival.lower().replace(' ', '')}.example", "Software", "200-499")
    while True:
        firm, large = _any_firm(random, region)
        if large or fate != "ideal":
            return firm


def _any_firm(random: Random, region: Region) -> tuple[Firm, bool]:
    """A firm, and whether it is large."""
    if region is JAPAN:
        name, latin, industry = random.choice(FIRMS_JAPAN)
    else:
        trade, industry = random.choice(FIRM_TRADES)
        name = f"{random.choice(FIRM_STEMS)} {trade}"
        latin = name.lower().replace(" ", "-")
    # A firm has one legal form and one size: they hang on its name, not on the next throw.
    own = Random(latin)  # noqa: S311 (sample data)
    large = own.random() < 0.4
    size = own.choice(_SIZES["ja" if region is JAPAN else "en"][large])
    return Firm(own.choice(region.forms).format(name), f"{latin}.example", industry, size), large
