"""From a mail to an order, between people who use Tryton and an admin's commands; Tryton's books say how it went."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.servers.tryton.line import PROSPECTS, Line, line
from tests.servers.tryton.people import DEMO, LEAD
from tests.servers.tryton.world import Tryton

PEOPLE = {"ana": "Ana Weber", "ben": "Ben Krause", "cem": "Cem Yilmaz", "dora": "Dora Lang"}
COLUMNS = ("reference", "state", "amount", "lost_reason", "employee", "party.name")
#: What Baton writes to.
BOOKS = (LEAD, "ir.note", "party.party", "party.contact_mechanism", "party.category", "party.identifier")


@pytest.fixture
def one(tryton: Tryton, tmp_path: Path) -> Iterator[Line]:
    with line(tryton, tmp_path) as made:
        yield made


def enter(tryton: Tryton) -> None:
    """The marketer enters everybody as a prospect."""
    (category,) = tryton.marketer.rpc.create("party.category", {"name": PROSPECTS})
    for short, name in PEOPLE.items():
        code, known = short.upper(), {"categories": [["add", [category]]]}
        tryton.marketer.contact(name, f"{short}@firm.example", code=code, phone="+49 30 901820", **known)


def mail_to(tryton: Tryton, short: str) -> EmailMessage:
    """The one mail that somebody got."""
    (mail,) = tryton.mails.to(f"{short}@firm.example")
    return mail


def mail_and_answers(tryton: Tryton) -> None:
    """Everybody is written to; three of them want a demonstration, one wants no more mail."""
    tryton.marketer.scenario("Autumn", [["categories.name", "=", PROSPECTS]], title="News")
    tryton.marketer.send_scenarios()
    for short in ("ana", "ben", "cem"):
        tryton.recipient.open(mail_to(tryton, short))
        tryton.recipient.click(mail_to(tryton, short), DEMO)
    tryton.recipient.unsubscribe(mail_to(tryton, "dora"))


def leads(tryton: Tryton) -> dict[str, dict[str, Any]]:
    """Tryton's opportunities, by the first name of whom they are about."""
    return {row["party"]["name"].split()[0].lower(): row for row in tryton.ledger(LEAD, *COLUMNS)}


def written(tryton: Tryton) -> dict[str, dict[int, Any]]:
    """When each record of Tryton was written last."""
    return {
        book: {row["id"]: row["last_modified_at"] for row in tryton.ledger(book, "last_modified_at")} for book in BOOKS
    }


def seen(one: Line, **stages: str) -> None:
    """Baton and, in Tryton, marketing see everybody there, and the others nowhere."""
    assert {short: one.told("why", f"{short}@firm.example")["stage"] for short in PEOPLE} == {"dora": "known", **stages}
    assert one.stages_there() == {PEOPLE[short]: stage for short, stage in stages.items()}


def test_from_a_mail_to_an_order(tryton: Tryton, one: Line) -> None:
    lena, tom = tryton.reps["lena"], tryton.reps["tom"]
    enter(tryton)
    one.run("setup", "tryton", "--yes")
    one.run("sync")
    assert leads(tryton) == {}

    mail_and_answers(tryton)
    one.run("sync")
    there = leads(tryton)
    seen(one, ana="mql", ben="mql", cem="mql")
    assert {short: (row["state"], row["employee"]) for short, row in there.items()} == {
        "ana": ("lead", lena.employee), "ben": ("lead", tom.employee), "cem": ("lead", lena.employee),
    }  # fmt: skip
    briefs = {row["resource"]: row["message"] for row in tryton.ledger("ir.note", "resource", "message")}
    assert briefs.keys() == {f"{LEAD},{row['id']}" for row in there.values()}
    assert all("Asked for a demo: News" in brief for brief in briefs.values())
    assert "email  NO" in one.run("why", "dora@firm.example").stdout

    lena.takes_up(there["ana"]["id"])
    tom.takes_up(there["ben"]["id"])
    lena.rejects(there["cem"]["id"], "No budget")
    one.run("sync")
    seen(one, ana="opportunity", ben="opportunity", cem="rejected")

    lena.confirms(lena.converts(there["ana"]["id"]), Decimal("1200.00"))
    tom.cancels(tom.converts(there["ben"]["id"]))
    one.run("sync")
    seen(one, ana="won", ben="lost", cem="rejected")
    assert {short: row["amount"] for short, row in leads(tryton).items()} == {"ana": 1200, "ben": 0, "cem": None}
    told = one.told("status")
    assert told["flows"]["b2b"]["stages"] == {"known": 1, "won": 1, "lost": 1, "rejected": 1}
    assert told["flows"]["b2b"]["handoffs"] == {"closed": 3}
    assert (told["outbox"]["tryton"].keys(), told["held_up"]) == ({"done", "superseded"}, [])

    before = written(tryton)
    one.run("sync")
    assert written(tryton) == before
