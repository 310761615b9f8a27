"""The points of each finding as they are shipped, and what each stands for.

Ten points make it ten times as likely that two records are of one thing. Two people taken at random
out of a million leads are the same once in a million times: that is what the first sixty points make
up for. What each level gives is the ratio of how often it is seen in records of one person and in records of
two: a family name that one in a thousand has gives thirty when it is the same.
"""

from __future__ import annotations

from typing import NamedTuple

#: Marks a text for the translators; it is translated where it is shown.
N_ = str


class Level(NamedTuple):
    """Points, and when they are given."""

    points: int
    meaning: str


PERSON: dict[str, dict[str, Level]] = {
    "email": {
        "same": Level(70, N_("the same mailbox, plus-tags and the like apart")),
        "shared": Level(15, N_("the same mailbox, one of a role: info@, sales@")),
        "close": Level(40, N_("one or two letters apart: a slip of the pen")),
        "similar": Level(22, N_("nearly the same, at two hosts that look alike")),
        "local": Level(25, N_("the same name of its own before the @, at another provider or firm")),
        "built": Level(4, N_("both built from the person's name")),
        "differs": Level(-2, N_("two addresses, as many people have")),
        "colleagues": Level(-12, N_("two mailboxes at one firm, not both built from the same name")),
    },
    "given_name": {
        "same": Level(23, N_("the same given name")),
        "common": Level(15, N_("the same, and a name that many have")),
        "short_name": Level(14, N_("one is the short form of the other: Bob, Robert")),
        "part": Level(14, N_("one has more given names: Hans, Hans Joerg")),
        "close": Level(14, N_("a slip of the pen apart")),
        "similar": Level(8, N_("it looks or sounds alike")),
        "initial": Level(7, N_("an initial, and a name that begins with it")),
        "unknown": Level(0, N_("one record has none")),
        "differs": Level(-25, N_("two given names")),
    },
    "family_name": {
        "same": Level(28, N_("the same family name")),
        "common": Level(20, N_("the same, and a name that many have")),
        "part": Level(20, N_("one has a further part: Garcia, Garcia Lopez")),
        "close": Level(19, N_("a slip of the pen apart")),
        "similar": Level(10, N_("it looks or sounds alike")),
        "initial": Level(7, N_("an initial, and a name that begins with it")),
        "differs": Level(-22, N_("two family names, as after a marriage")),
    },
    "generation": {
        "same": Level(3, N_("the same Jr., Sr. or III")),
        "differs": Level(-30, N_("Jr. and Sr., II and III")),
    },
    "order": {
        "swapped": Level(-5, N_("given and family name the other way round")),
    },
    "phone": {
        "same": Level(30, N_("the same number")),
        "mobile": Level(45, N_("the same number, and a mobile for one of them")),
        "differs": Level(-3, N_("two numbers")),
    },
    "linkedin": {
        "same": Level(70, N_("the same profile")),
        "differs": Level(-20, N_("two profiles")),
    },
    "birthday": {
        "same": Level(38, N_("the same day")),
        "new_year": Level(22, N_("the same 1 January, which also stands for a day nobody knows")),
        "close": Level(26, N_("one digit apart, or day and month the other way round")),
        "around": Level(8, N_("a few days, a month or a year apart")),
        "near": Level(14, N_("two of year, month and day are the same")),
        "differs": Level(-18, N_("two days")),
    },
    "street": {
        "same": Level(30, N_("the same street and number")),
        "close": Level(22, N_("the same but for a slip of the pen")),
        "road": Level(14, N_("the same street, not the same number")),
        "differs": Level(-4, N_("two streets")),
    },
    "postal_code": {
        "same": Level(22, N_("the same postal code")),
        "close": Level(12, N_("one sign apart")),
        "area": Level(5, N_("the same area")),
        "differs": Level(-4, N_("two postal codes")),
    },
    "city": {
        "same": Level(9, N_("the same city")),
        "close": Level(7, N_("a slip of the pen apart")),
        "differs": Level(-3, N_("two cities")),
    },
    "country": {
        "same": Level(1, N_("the same country")),
        "differs": Level(-6, N_("two countries")),
    },
    "company": {
        "same": Level(22, N_("the same company, its legal form apart")),
        "close": Level(16, N_("nearly the same name")),
        "differs": Level(-2, N_("two companies, as after a change of jobs")),
    },
    "domain": {
        "same": Level(22, N_("the same company by its domain")),
        "differs": Level(-2, N_("two domains")),
    },
    "job_title": {
        "same": Level(4, N_("the same title")),
        "differs": Level(0, N_("two titles")),
    },
}

ORGANISATION: dict[str, dict[str, Level]] = {
    "name": {
        "same": Level(60, N_("the same name, its legal form apart")),
        "close": Level(50, N_("the same but for slips of the pen")),
        "part": Level(45, N_("one name has further words")),
        "similar": Level(12, N_("some of the words that tell it apart")),
        "differs": Level(-12, N_("two names")),
    },
    "domain": {
        "same": Level(50, N_("the same domain")),
        "differs": Level(-15, N_("two domains")),
    },
    "phone": {
        "same": Level(35, N_("the same number")),
        "differs": Level(-8, N_("two numbers")),
    },
    "linkedin": {
        "same": Level(60, N_("the same page")),
        "differs": Level(-15, N_("two pages")),
    },
    "street": {
        "same": Level(42, N_("the same street and number")),
        "close": Level(30, N_("the same but for a slip of the pen")),
        "road": Level(5, N_("the same street, not the same number")),
        "differs": Level(-12, N_("two streets")),
    },
    "postal_code": {
        "same": Level(15, N_("the same postal code")),
        "close": Level(6, N_("one sign apart")),
        "area": Level(-3, N_("the same area")),
        "differs": Level(-8, N_("two postal codes")),
    },
    "city": {
        "same": Level(8, N_("the same city")),
        "close": Level(6, N_("a slip of the pen apart")),
        "differs": Level(-6, N_("two cities")),
    },
    "country": {
        "same": Level(1, N_("the same country")),
        "differs": Level(-10, N_("two countries")),
    },
}

#: Fields that say much the same: together they give no more than this.
PLACE_AT_MOST = 50
COMPANY_AT_MOST = 24

SURE = {"person": 75, "organisation": 60}
PERHAPS = {"person": 60, "organisation": 45}
#: In a small store `perhaps` begins lower, but not below this.
PERHAPS_AT_LEAST = {"person": 30, "organisation": 45}

#: One of these must be found for `sure`, "field.level": a name with a company or a city alone is not enough.
SURE_NEEDS: dict[str, tuple[str, ...]] = {
    "person": (
        "email.same", "email.close", "phone.same", "phone.mobile", "linkedin.same", "birthday.same",
        "birthday.new_year", "birthday.close", "street.same", "street.close",
    ),
    "organisation": (),
}  # fmt: skip
#: What keeps a pair out of `sure`, whatever else agrees: "field.level".
NEVER_SURE = {
    "person": (
        "given_name.differs",
        "given_name.similar",
        "given_name.unknown",
        "generation.differs",
        "birthday.differs",
        "email.colleagues",
    ),
    "organisation": ("name.differs", "name.similar", "name.part", "domain.differs", "street.differs"),
}

#: Names of the fields and groups of findings.
FIELDS = {
    "name": N_("company name"),
    "given_name": N_("given name"),
    "family_name": N_("family name"),
    "order": N_("order of names"),
    "generation": N_("generation"),
    "email": N_("email"),
    "phone": N_("phone"),
    "birthday": N_("birthday"),
    "linkedin": N_("LinkedIn"),
    "street": N_("street"),
    "postal_code": N_("postal code"),
    "city": N_("city"),
    "country": N_("country"),
    "place": N_("place"),
    "company": N_("company"),
    "domain": N_("domain"),
    "job_title": N_("job title"),
}
