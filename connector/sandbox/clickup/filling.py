"""Invented people who have sent the form of a workspace, some of whom are in its list of leads already."""

from __future__ import annotations

from collections.abc import Mapping

from connector.sandbox.clickup.edits import FORM_BOT
from connector.sandbox.clickup.fields import Field
from connector.sandbox.clickup.workspace import Task, TaskList, Workspace
from connector.sandbox.hubspot.people import person

#: The question of the form that asks for what a person is.
_ASKED = {
    "First name": "firstname", "Last name": "lastname", "Email": "email", "Phone": "phone", "Company": "company",
    "Job title": "jobtitle", "Country": "country",
}  # fmt: skip
_DAY = 86_400_000


def fill(space: Workspace, leads: TaskList, requests: TaskList, contacts: int, share: float, days: int) -> int:
    """`contacts` people have sent the form within `days`; a `share` of them (0 to 1) is among the leads.

    Returns how many those are.
    """
    now, there = space.now(), 0
    for number in range(contacts):
        values = person(number)
        at = now - (contacts - number) * days * _DAY // max(contacts, 1)
        _task(space, requests, values, f"{values['firstname']} {values['lastname']}", at)
        # Evenly spread: as many as the share has come to by now.
        if int((number + 1) * share) > int(number * share):
            _task(space, leads, values, f"{values['firstname']} {values['lastname']}", at + _DAY)
            there += 1
    space.ledger.clear()
    return there


def _task(space: Workspace, held: TaskList, values: Mapping[str, str], name: str, at: int) -> Task:
    given = [
        {"id": one.id, "value": value}
        for one in held.fields
        if (value := values.get(_ASKED.get(one.name, ""), "")) and _is_taken(one, value)
    ]
    made = space.create(held, {"name": name, "custom_fields": given}, FORM_BOT)
    made.created = made.updated = at
    made.history = [(made.status, at)]
    return made


def _is_taken(one: Field, value: str) -> bool:
    return one.type != "phone" or value.startswith("+")
