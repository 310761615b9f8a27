"""Who hears what, by which way, and when not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connector.config.types import Mail, Quiet
from connector.config.values import N_, read_clock
from connector.model.errors import Problems
from connector.model.notices import KINDS, TARGET

if TYPE_CHECKING:
    from connector.config.settings import Settings


def notices(settings: Settings, problems: Problems) -> dict[str, tuple[str, ...]]:
    """Who hears what; problems are added at their keys."""
    for name in settings.notices:
        if name not in KINDS:
            problems.unknown(("notices", name), name, KINDS, "notice")
    if TARGET in settings.connections:
        problems.add(("connections", TARGET), "%(name)s is the name of something else; take another", name=TARGET)
    return {name: tuple(who) for name, who in settings.notices.items()}


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
