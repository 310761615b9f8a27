"""`baton criteria`: which criteria held when, and who changed them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from connector.cli.find import known_flow
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table

if TYPE_CHECKING:
    from connector.model.ports import CriteriaVersion, Waiting

COMMANDS = {
    "log": Entry("connector.cli.criteria:log", "List the versions of the criteria, newest first."),
    "diff": Entry("connector.cli.criteria_history:diff", "Compare two versions, or the files with what is in force."),
    "accept": Entry("connector.cli.criteria_accept:accept", "Take changed criteria that would move many leads."),
    "effect": Entry("connector.cli.criteria_effect:effect", "What each change did to the next steps."),
    "note": Entry("connector.cli.criteria_history:note", "Write down why a version came to be."),
    "test": Entry("connector.cli.criteria_test:test", "Judge golden leads by the criteria as they stand."),
}

#: Letters of a version that tell it from the others.
SHORT = 10


@click.group(cls=LazyGroup, table=COMMANDS, invoke_without_command=True)
@output_option
@click.pass_context
def criteria(ctx: click.Context) -> None:
    """The criteria: their history, what waits to be accepted, and golden leads to try them on."""
    if ctx.invoked_subcommand is None:
        show(ctx.ensure_object(Session), "")


@click.command()
@click.option("--flow", default="", help="Only this flow.")
@output_option
@pass_session
def log(session: Session, flow: str) -> None:
    """List the versions of the criteria, newest first, and what waits to be accepted. JSON has their text."""
    show(session, flow)


def show(session: Session, flow: str) -> None:
    """What waits, and every version."""
    with session.opened() as app:
        known_flow(session, app, flow)
        with app.store.read() as tx:
            versions = tx.ledgers.criteria(flow)
            waiting = [one for one in tx.criteria.waiting().values() if flow in ("", one.flow)]
        told = {"waiting": waiting, "criteria": versions}
        zone = app.config.zone
        session.emit(told, lambda: [*waits(session, waiting, zone), *lines(session, versions, zone)])


def waits(session: Session, waiting: Sequence[Waiting], zone: ZoneInfo) -> Iterator[str]:
    """One line for each change that waits."""
    from connector.locale.format import moment

    what = session.translate(
        "%(flow)s: %(version)s waits since %(when)s: %(in)s leads would come in, %(out)s would go out "
        "(baton criteria accept %(flow)s)"
    )
    for one in waiting:
        when = moment(one.since, zone, session.language, year=True)
        yield what % {"flow": one.flow, "version": one.version[:SHORT], "when": when, **one.body}


def lines(session: Session, versions: Sequence[CriteriaVersion], zone: ZoneInfo) -> list[str]:
    """One line a version: when, which flow, which version, by whom and why."""
    from connector.locale.format import moment

    _ = session.translate
    if not versions:
        return [_("no criteria yet; the first `baton sync` keeps them")]
    rows = [
        (
            moment(one.at, zone, session.language, year=True) if one.at else "",
            one.flow,
            one.version[:SHORT],
            " ".join(part for part in (one.author, one.note) if part),
        )
        for one in versions
    ]
    return table((_("when"), _("flow"), _("version"), _("by whom and why")), rows)
