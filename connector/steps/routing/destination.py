"""Whose a lead is by the rules of routing alone: before turns, absences and limits, which differ from day to day."""

from __future__ import annotations

from dataclasses import dataclass

from connector.model.facts import Facts
from connector.steps.routing.rules import Routing


@dataclass(frozen=True, slots=True)
class Destination:
    """The first rule that takes a lead (`rule` counts from 1; 0: none does), and whom it names.

    `to` is a team, an email, or `account owner`; `person` the email where one person is meant, "" for a team.
    """

    rule: int = 0
    to: str = ""
    person: str = ""


#: No rule takes the lead.
NOBODY = Destination()


def destination(facts: Facts, routing: Routing) -> Destination:
    """Where the rules send the lead with these facts (the score set), as if everybody were there.

    A rule for the account's owner passes on where the account has none.
    """
    for rule in routing.rules:
        if rule.when is not None and not rule.when.test(facts):
            continue
        if rule.target == "team":
            return Destination(rule.number, rule.to)
        person = facts.account_owner if rule.target == "account owner" else rule.to
        if person:
            return Destination(rule.number, rule.to, person)
    return NOBODY
