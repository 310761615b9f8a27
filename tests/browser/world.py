"""A small company on the desk, as every room shows something of it; readers come in as whom they say they are."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from starlette.requests import Request

from connector.model.handoff import Handoff
from connector.model.joining import Pair
from connector.model.logins import ROLES, User
from connector.model.ports import ReviewItem
from connector.steps.alike import compare, person
from connector.web.site import site
from tests.browser.served import served
from tests.line import Line

USERS = {
    "lena": User("lena@northwind.example", "Lena", ("rep",)),
    "tom": User("tom@northwind.example", "Tom", ("rep",)),
    "karl": User("karl@northwind.example", "Karl", ("reviewer",)),
    "petra": User("petra@northwind.example", "Petra", ("manager",)),
    "mia": User("mia@northwind.example", "Mia", ("marketing",)),
    "anna": User("anna@northwind.example", "Anna", ROLES),
}
#: Who reads, and in which language, as the browser of a test says it: `lena ja`.
READER = "x-reader"
FLOW = """mend_by = "petra@northwind.example"

[flows.b2b.gates]
mql = { any = [{ activity = "demo_request", within = "30 days" }] }
sal = { by = "owner", within = "1 working day", asks = ["budget", "fit"] }
sql = { by = "owner", within = "10 working days", asks = ["conversation"] }
"""
REVIEW = 'review = { by = "karl@northwind.example", within = "2 hours" }\n'
MANAGER = '[teams.sales]\nmanager = "petra@northwind.example"\n'


@dataclass
class Company:
    """The line that is looked at now, and where it is served."""

    url: str = ""
    line: Line = field(init=False)

    def open(self, folder: Path, mode: str = "live") -> Line:
        """A new line, without anybody in it."""
        folder.mkdir(exist_ok=True)
        flow = FLOW + (REVIEW if mode == "review" else "")
        self.line = Line(folder, crm="desk", mode=mode, flow=flow)
        text = (folder / "config.toml").read_text("utf-8")
        self.line.reopen(text.replace("[teams.sales]\n", MANAGER))
        return self.line

    def reader(self, request: Request) -> User | None:
        """Whoever the browser says."""
        name, _, language = request.headers.get(READER, "").partition(" ")
        found = USERS.get(name)
        return replace(found, language=language) if found else None


@contextmanager
def company() -> Iterator[Company]:
    """A company that is served; a line is to be opened before anybody looks."""
    made = Company()
    with served(site(lambda: made.line.app, made.reader, key="a key of the tests")) as made.url:
        yield made


def asks_for_a_demo(line: Line, *numbers: int) -> None:
    """People come over the line."""
    for number in numbers:
        line.person(number)
        line.did(number, "demo_request")
    line.sync()


def of(line: Line, reader: str) -> Handoff:
    """The first lead that a rep was given."""
    return next(one for one in line.handoffs("open") if one.owner == USERS[reader].email)


def now(line: Line, handoff: Handoff) -> Handoff:
    """A handoff as it is by now."""
    with line.app.store.read() as tx:
        return tx.handoffs.by_ids([handoff.id])[handoff.id]


def lacks_country(line: Line, number: int) -> None:
    """Somebody comes over the line, but cannot be routed."""
    line.person(number, country="")
    line.did(number, "demo_request")
    line.sync(timedelta(minutes=1))


def alike(line: Line, one: int, other: int) -> Pair:
    """Two people who may be one."""
    line.person(one, **{"name.given": "Jonathan", "name.family": "Meyer"})
    line.person(other, **{"name.given": "John", "name.family": "Meier", "company.name": "Firma GmbH"})
    line.sync()
    leads = line.lead(one), line.lead(other)
    found = compare(person(leads[0].fields), person(leads[1].fields), line.app.config.identity.person)
    findings = [(each.field, each.level, each.points) for each in found.findings]
    with line.app.store.write() as tx:
        tx.pairs.put([Pair(leads[0].id, leads[1].id, found.points, "perhaps", findings)], line.now)
    with line.app.store.read() as tx:
        (pair,) = tx.pairs.of_leads([leads[0].id])
    return pair


def parked(line: Line) -> None:
    """A flow waits for an admin."""
    item = ReviewItem("parked_flow", "b2b", "b2b", "it would change 900 of 1,000", flow="b2b")
    with line.app.store.write() as tx:
        tx.reviews.put([item], line.now)
