"""`baton criteria`: which criteria held when, and who changed them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from connector.cli.find import known_flow
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table

if TYPE_CHECKING:
    from connector.model.ports import CriteriaVersion

COMMANDS = {
    "log": Entry("connector.cli.criteria:log", "List the versions of the criteria, newest first."),
    "diff": Entry("connector.cli.criteria_history:diff", "Compare two versions, or the files with what is in force."),
    "note": Entry("connector.cli.criteria_history:note", "Write down why a version came to be."),
    "test": Entry("connector.cli.criteria_test:test", "Judge golden leads by the criteria as they stand."),
}

#: Letters of a version that tell it from the others.
SHORT = 10


@click.group(cls=LazyGroup, table=COMMANDS)
def criteria() -> None:
    """The criteria: their history, and golden leads to try them on."""


@click.command()
@click.option("--flow", default="", help="Only this flow.")
@output_option
@pass_session
def log(session: Session, flow: str) -> None:
    """List the versions of the criteria, newest first. JSON has their text."""
    with session.opened() as app:
        known_flow(session, app, flow)
        with app.store.read() as tx:
            versions = tx.ledgers.criteria(flow)
        session.emit({"criteria": versions}, lambda: lines(session, versions, app.config.zone))


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
