"""What people do in Tryton and with its mail: marketers, reps, and whoever receives the mail."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from email.message import EmailMessage
from typing import Any

import requests

from tests.servers.tryton.mailbox import links
from tests.servers.tryton.rpc import Rpc

#: Where the links of `NEWS` stand in it.
PRICING, DEMO = 0, 1
LEAD = "sale.opportunity"
SALE = "sale.sale"
NEWS = """<html><body><p>Dear ${record.name}, <a href="http://northwind.example/pricing">our prices</a> and
<a href="http://northwind.example/demo">a demo</a>.</p><p><a href="unsubscribe">No more of this</a></p></body></html>"""


class Recipient:
    """Somebody with a mail program and a browser."""

    def _get(self, url: str) -> requests.Response:
        reply = requests.get(url, timeout=60, allow_redirects=False)
        assert reply.status_code < 400, reply.text
        return reply

    def open(self, mail: EmailMessage) -> None:
        """Look at a mail: the program fetches its pictures."""
        for url in links(mail)[1]:
            self._get(url)

    def click(self, mail: EmailMessage, number: int = 0) -> str:
        """Follow one of its links; returns where it led."""
        return self._get(links(mail)[0][number]).headers["Location"]

    def unsubscribe(self, mail: EmailMessage) -> None:
        """Follow the link that ends such mail."""
        (url,) = (url for url in links(mail)[0] if "/unsubscribe" in url)
        self._get(url)


class Marketer:
    """Somebody who keeps contacts and writes mail."""

    def __init__(self, rpc: Rpc, jobs: Rpc) -> None:
        self.rpc = rpc
        self.jobs = jobs

    def contact(self, name: str, email: str, *, code: str, phone: str = "", **values: Any) -> int:
        """Enter a person; returns the party's id."""
        mechanisms = [{"type": "email", "value": email}]
        mechanisms += [{"type": "phone", "value": phone}] if phone else []
        (party,) = self.rpc.create(
            "party.party", {"name": name, "code": code, "contact_mechanisms": [["create", mechanisms]], **values}
        )
        return party

    def replaces(self, loser: int, winner: int) -> None:
        """Merge two parties of one name: the wizard Replace."""
        self.rpc.wizard("party.replace", "ask", "replace", source=loser, destination=winner)

    def scenario(self, name: str, domain: Sequence[Any], *, title: str = "News", content: str = NEWS) -> int:
        """Set up a mail to all parties of a domain and start it; returns the scenario's id."""
        activity = {"name": title, "action": "send_email", "email_title": title, "email_template": content}
        values = {
            "name": name, "model": "party.party", "domain": json.dumps(domain), "unsubscribable": True,
            "activities": [["create", [activity]]],
        }  # fmt: skip
        (scenario,) = self.rpc.create("marketing.automation.scenario", values)
        self.rpc.press("marketing.automation.scenario", "run", scenario)
        return scenario

    def send_scenarios(self) -> None:
        """The jobs that Tryton runs itself every few minutes: whom scenarios reach, and what is due."""
        self.jobs.job("marketing.automation.scenario|trigger")
        self.jobs.job("marketing.automation.record.activity|process")

    def list_of(self, name: str, emails: Sequence[str]) -> int:
        """A mailing list with its subscribers; returns the list's id."""
        (language,) = self.rpc.read("ir.lang", [["code", "=", "en"]], ["id"])
        subscribers = [{"email": email} for email in emails]
        (made,) = self.rpc.create(
            "marketing.email.list", {"name": name, "language": language["id"], "emails": [["create", subscribers]]}
        )
        return made

    def send_to_list(self, mailing_list: int, title: str, content: str) -> int:
        """Write to a mailing list; returns the message's id."""
        (message,) = self.rpc.create(
            "marketing.email.message", {"list_": mailing_list, "title": title, "content": content}
        )
        self.rpc.press("marketing.email.message", "send", message)
        self.jobs.job("marketing.email.message|process")
        return message


class Rep:
    """Somebody who sells."""

    def __init__(self, rpc: Rpc, employee: int) -> None:
        self.rpc = rpc
        self.employee = employee

    def takes_up(self, lead: int, **values: Any) -> None:
        """Make a lead an opportunity of one's own."""
        self.rpc.write(LEAD, [lead], employee=self.employee, **values)
        self.rpc.press(LEAD, "opportunity", lead)

    def rejects(self, lead: int, reason: str) -> None:
        """Give a lead up and say why."""
        self.rpc.press(LEAD, "lost", lead)
        self.rpc.write(LEAD, [lead], lost_reason=reason)

    def notes(self, lead: int, text: str) -> None:
        """Write something down at a lead."""
        self.rpc.create("ir.note", {"resource": f"{LEAD},{lead}", "message": text})

    def mails(self, lead: int, to: str, subject: str) -> None:
        """Write a mail from a lead's record."""
        self.rpc.call("ir.email", "send", to, "", "", subject, "<p>Hello</p>", [], [LEAD, lead], [], [])

    def converts(self, opportunity: int) -> int:
        """Make an offer out of an opportunity; returns the sale's id."""
        self.rpc.press(LEAD, "convert", opportunity)
        return self.rpc.one(SALE, [["origin", "=", f"{LEAD},{opportunity}"]])

    def confirms(self, sale: int, amount: Decimal) -> None:
        """The customer orders, for this much."""
        self.rpc.write(SALE, [sale], invoice_address=self._address_of(sale), lines=[["create", [_line(amount)]]])
        self.rpc.press(SALE, "quote", sale)
        self.rpc.press(SALE, "confirm", sale)

    def cancels(self, sale: int) -> None:
        """The customer does not want it."""
        self.rpc.press(SALE, "cancel", sale)

    def _address_of(self, sale: int) -> int:
        (row,) = self.rpc.read(SALE, [["id", "=", sale]], ["party", "party.addresses"])
        addresses = row["party."]["addresses"] or self.rpc.create(
            "party.address",
            {"party": row["party"], "street": "Hafenstrasse 1", "postal_code": "20457", "city": "Hamburg"},
        )
        return int(addresses[0])


def _line(amount: Decimal) -> Mapping[str, Any]:
    return {"type": "line", "description": "Licence", "quantity": 1.0, "unit_price": amount}
