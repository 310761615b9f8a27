"""A calendar file: the review of a pack, and what was agreed with the day it is due (RFC 5545)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from icalendar import Calendar, Event, Todo

from connector.config import Config
from connector.model.follow_up import Agreement, Pack

#: How long a review is put down for.
MEETING = timedelta(minutes=30)
#: What made the file, and the version of the format, as RFC 5545 asks.
PRODUCT, VERSION = "-//Baton//reviews//EN", "2.0"


def agenda(config: Config, pack: Pack, title: str, agreements: Sequence[Agreement]) -> str:
    """The text of the file. The same pack gives the same events, so that a calendar that has them changes them."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", VERSION)
    begin = pack.made_at.astimezone(config.zone)
    event = Event()
    event.add("uid", f"{pack.kind}-{pack.period}@baton")
    event.add("dtstamp", pack.made_at)
    event.add("dtstart", begin)
    event.add("dtend", begin + MEETING)
    event.add("summary", title)
    calendar.add_component(event)
    for one in agreements:
        calendar.add_component(_to_do(one, pack))
    return str(calendar.to_ical().decode())


def _to_do(agreement: Agreement, pack: Pack) -> Todo:
    todo = Todo()
    todo.add("uid", f"agreement-{agreement.id}@baton")
    todo.add("dtstamp", pack.made_at)
    todo.add("summary", agreement.text)
    if agreement.due_on:
        todo.add("due", date.fromisoformat(agreement.due_on))
    if agreement.owner:
        todo.add("attendee", f"mailto:{agreement.owner}")
    return todo
