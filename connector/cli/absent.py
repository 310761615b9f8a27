"""`baton absent`: who is away, from when until when, and who stands in."""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.people import known_person
from connector.cli.session import Session, pass_session

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config
    from connector.model.follow_up import Absence

LIST, ADD, END = "list", "add", "end"


@click.command()
@click.argument("who", required=False)
@click.argument("more", required=False)
@click.option("--from", "since", help='First day, or a time: 2026-12-24 or "2026-12-24 12:00". Unless said: now.')
@click.option("--until", help="Last day, or a time. Unless said: until further notice.")
@click.option("--deputy", help="Who takes what would have been theirs. Unless said: as the configuration says.")
@click.option("--note", default="", help="Why.")
@output_option
@pass_session
def absent(
    session: Session, who: str | None, more: str | None, since: str | None, until: str | None, deputy: str | None,
    note: str,
) -> int:  # fmt: skip
    """List who is away now or will be; with WHO (an email) write down that they are; `baton absent end NUMBER` ends it.

    Days and times are of the person's own time zone. Whoever is away gets no leads; a deputy takes their turns. What
    they have in hand stays theirs: give it on with `baton reassign`.
    """
    with session.opened() as app:
        if who in (None, LIST):
            return _list(session, app)
        if who == END:
            return _end(session, app, more)
        who, more = (more, None) if who == ADD else (who, more)
        if who is None or more is not None:
            raise click.UsageError(session.translate("say who is away: baton absent EMAIL, or baton absent end NUMBER"))
        return _add(session, app, who, since, until, deputy, note)


def _list(session: Session, app: App) -> int:
    from connector.cli.tables import table
    from connector.runs.absences import absences_to_come

    _, now = session.translate, app.clock()
    found = absences_to_come(app.runtime())
    rows = [(str(one.id), one.email, _span(session, app.config, one), one.deputy, one.note) for one in found]
    head = ("", "", "", _("deputy"), _("note"))
    session.emit(
        [_plain(one) | {"now": one.covers(now)} for one in found],
        lambda: table(head, rows) if rows else [_("nobody is away")],
    )
    return 0


def _add(
    session: Session, app: App, who: str, since: str | None, until: str | None, deputy: str | None, note: str
) -> int:
    from connector.model.follow_up import Absence
    from connector.runs.absences import add_absence

    email, stands_in = known_person(session, app.config, who), known_person(session, app.config, deputy or "")
    if email == stands_in:
        raise Mistake(session.translate("nobody stands in for themselves"))
    start = _moment(session, app.config, email, since) if since else app.clock()
    end = _moment(session, app.config, email, until, last=True) if until else None
    if end is not None and end <= max(start, app.clock()):
        raise Mistake(session.translate("--until lies before --from, or is over"))
    kept = add_absence(app.runtime(), Absence(email, start, end, stands_in, note, getpass.getuser()))
    session.emit(
        {"absence": _plain(kept.absence), "open_handoffs": kept.open},
        lambda: _added(session, app.config, kept.absence, kept.open),
    )
    return 0


def _added(session: Session, config: Config, absence: Absence, still_open: int) -> list[str]:
    _ = session.translate
    told = {"email": absence.email, "span": _span(session, config, absence), "id": absence.id}
    said = [_("%(email)s is away: %(span)s (end it with: baton absent end %(id)s)") % told]
    deputy = absence.deputy or config.deputy_of(absence.email)
    if deputy:
        said.append(_("%(deputy)s takes what would have been theirs") % {"deputy": deputy})
    if still_open:
        words = _("handoffs that stay in their hands: %(count)s; give them on with: baton reassign --from %(email)s")
        said.append(words % {"count": still_open, "email": absence.email})
    return said


def _end(session: Session, app: App, number: str | None) -> int:
    from connector.runs.absences import end_absence

    if number is None or not (number.isascii() and number.isdigit()):
        raise click.UsageError(session.translate("say which one ends: baton absent end NUMBER"))
    ended = end_absence(app.runtime(), int(number))
    if ended is None:
        raise Mistake(session.translate("no absence %(id)s, or it is over: baton absent") % {"id": number})
    words = session.translate("%(email)s is there again") % {"email": ended.email}
    session.emit({"id": ended.id, "email": ended.email, "ended": True}, lambda: [words])
    return 0


def _moment(session: Session, config: Config, email: str, text: str, *, last: bool = False) -> datetime:
    """A day or a time of somebody's zone, as UTC; a `last` day is over when the next one begins."""
    zone = config.zone_of(email)
    try:
        if len(text.strip()) <= len("2026-12-24"):
            day = date.fromisoformat(text.strip()) + timedelta(days=last)
            return datetime.combine(day, time(), zone).astimezone(UTC)
        said = datetime.fromisoformat(text.strip())
    except ValueError:
        what = session.translate('%(text)s is no day and no time; write 2026-12-24 or "2026-12-24 12:00"')
        raise Mistake(what % {"text": text}) from None
    return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)


def _span(session: Session, config: Config, absence: Absence) -> str:
    from connector.locale.format import moment

    zone = config.zone_of(absence.email)
    ends = [one for one in (absence.end, absence.ended_at) if one is not None]
    since = moment(absence.start, zone, session.language, year=True)
    if not ends:
        return session.translate("from %(since)s until further notice") % {"since": since}
    told = {"since": since, "until": moment(min(ends), zone, session.language, year=True)}
    return session.translate("from %(since)s until %(until)s") % told


def _plain(absence: Absence) -> dict[str, Any]:
    names = ("id", "email", "start", "end", "deputy", "note", "by", "ended_at")
    return {name: getattr(absence, name) for name in names}
