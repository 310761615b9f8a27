"""What Tryton must be given first: rights of the user whose key it is, by hand, and categories to write back to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from adapters._tryton.api import Rest, Row
from adapters._tryton.records import CATEGORY, LEAD
from connector.model import sentences
from connector.model.adapter import SetupStep
from connector.model.errors import ConfigError, RetryableError
from connector.model.http import Answer, Request

Needs = dict[str, tuple[str, ...]]
#: What a CRM does with which records.
WRITE: Needs = {
    "sale.opportunity": ("read", "create", "write"), "party.party": ("read", "create", "write"),
    "party.contact_mechanism": ("read", "create", "write"), "party.address": ("read", "create", "write"),
    "party.identifier": ("read", "create"), "company.employee": ("read",), "ir.note": ("read", "create"),
    "ir.email": ("read",),
    "currency.currency": ("read",),
}  # fmt: skip
#: The same, where something is written back to parties.
WRITE_BACK: Needs = {"party.category": ("read", "create")}


def lacking(rest: Rest, needs: Needs) -> Iterator[str]:
    """The rights that are not there, as `model (write)`."""
    given = rest.rights([*needs])
    for model, wanted in needs.items():
        rights = given.get(model, {})
        if lacks := [one for one in wanted if not rights.get(one)]:
            yield f"{model} ({', '.join(lacks)})"
    if LEAD in needs and not sees_company(rest):
        yield company(rest)


def sees_company(rest: Rest) -> bool:
    """Whether our user may see the company. Where not, Tryton answers as if it had no records, and refuses none.

    Whoever has several is, in each of our calls, in the one that we say. Raises KeyError for an answer that is none.
    """
    told = rest.asked("res.user/get_preferences", {"context_only": False}).json()
    return rest.settings.company in told["companies"]


def company(rest: Rest) -> str:
    """The right to see the company, as it is told among others."""
    return f"company.company {rest.settings.company} (read)"


def prove(rest: Rest, connection: str, needs: Needs) -> None:
    """Raises ConfigError where a right is lacking, AuthError where the key is none."""
    if lacks := sorted(lacking(rest, needs)):
        raise lacking_rights(connection, *lacks)


def lacking_rights(connection: str, *rights: str) -> ConfigError:
    """That these rights are lacking."""
    return ConfigError(f"{connection}: " + sentences.NO_RIGHT_THERE % {"object": ", ".join(rights)})


def step(rest: Rest, needs: Needs) -> SetupStep:
    """The rights, and how they are given."""
    lacks = ", ".join(sorted(lacking(rest, needs)))
    what = sentences.SETUP_RIGHTS_LACK % {"lacking": lacks} if lacks else sentences.SETUP_RIGHTS
    return SetupStep(what, not lacks, None, (sentences.SETUP_TRYTON_1, sentences.SETUP_TRYTON_2))


def categories(rest: Rest, written: Iterable[str]) -> Iterator[SetupStep]:
    """A step for each category that the mapping writes children of."""
    for name in sorted({one.removeprefix(CATEGORY) for one in written if one.startswith(CATEGORY)}):
        what = sentences.SETUP_CATEGORY % {"name": name}
        yield SetupStep(what, bool(category(rest, name)), partial(_made, rest, name, what))


def category(rest: Rest, name: str) -> list[Row]:
    """The category of a name that is below no other one; none where there is none."""
    return [*rest.search("party.category", [["parent", "=", None], ["name", "=", name]], ["name"], size=1)]


def _made(rest: Rest, name: str, what: str) -> None:
    if category(rest, name):
        return
    answer = rest.http.send(Request("POST", "/party.category", json={"name": name}, headers=rest.headers))
    if not isinstance(answer, Answer):
        raise RetryableError(f"{what}: {answer.reason}")
    if answer.status >= 300:
        raise ConfigError(f"{what}: {answer.status}")
