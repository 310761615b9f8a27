"""Who hears what, by which way, and when not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.config.types import Mail, Quiet
from connector.config.values import N_, read_clock
from connector.model.errors import Problems
from connector.model.notices import KINDS, TARGET

if TYPE_CHECKING:
    from connector.config.settings import Settings

#: Listeners that are told at their own address, or by mail.
PEOPLE = ("owner", "manager")


def notices(settings: Settings, problems: Problems) -> dict[str, tuple[str, ...]]:
    """Who hears what; problems are added at their keys."""
    for name, listeners in settings.notices.items():
        if name not in KINDS:
            problems.unknown(("notices", name), name, KINDS, "notice")
        _check_reach(name, listeners, settings, problems)
    if TARGET in settings.connections:
        problems.add(("connections", TARGET), "%(name)s is the name of something else; take another", name=TARGET)
    return {name: tuple(who) for name, who in settings.notices.items()}


def _check_reach(name: str, listeners: list[str], settings: Settings, problems: Problems) -> None:
    """A listener whom nothing would ever reach."""
    for place, listener in enumerate(listeners):
        path = ("notices", name, place)
        if listener in PEOPLE and settings.mail.server is None and not _have_addresses(settings):
            what = N_("the %(who)s is told by mail, and no mail server is named")
            problems.add(path, what, '[mail] server = "mail-server", sender = "baton@..."', who=listener)
        elif listener == "team" and not any(team.notify for team in settings.teams.values()):
            problems.add(path, N_("no team says `notify`, where it is told"))


def _have_addresses(settings: Settings) -> bool:
    return any(person.notify for person in settings.people.values())


def mail(settings: Settings, problems: Problems) -> Mail:
    """The mail server."""
    own = settings.mail
    if own.server and not own.sender:
        problems.add(("mail", "server"), N_("mail needs a sender"), 'sender = "baton@northwind.example"')
    return Mail(own.server or "", own.sender or "")


def quiet(settings: Settings, problems: Problems) -> Quiet:
    """When nobody is told."""
    own = settings.quiet
    if own.hours is not None and len(own.hours) != 1:
        problems.add(("quiet", "hours"), N_("one span of the day is needed"), '"20:00-07:30"')
    return Quiet(own.hours[0] if own.hours else None, frozenset(own.digest), read_clock(own.digest_at))
