"""`baton desk trail`: what was done on the desk, by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector.cli.faults import NUMBER
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from connector.config import Config
    from connector.model.logins import Audited


@click.command()
@click.option(
    "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="How many, the newest first."
)
@click.option("--before", default=0, type=NUMBER, help="Only those before this number.")
@click.option("--lead", "lead_id", type=NUMBER, help="Only those about this lead, by its number.")
@output_option
@pass_session
def trail(session: Session, limit: int, before: int, lead_id: int | None) -> None:
    """Show what was done on the desk, the newest first: when, by whom, as what, and how it ended."""
    from dataclasses import asdict

    from connector.steps.telling.trail import outcome

    with session.opened() as app:
        with app.store.read() as tx:
            entries = tx.logins.trail(limit, before, lead_id)
        now = app.clock()
        document = {"trail": [{**asdict(one), "outcome": outcome(one, now)} for one in entries]}
        session.emit(document, lambda: lines(session, app.config, entries, limit, now))


def lines(session: Session, config: Config, entries: Sequence[Audited], limit: int, now: datetime) -> list[str]:
    """A table of entries, as they stand `now`."""
    from connector.locale.format import moment
    from connector.steps.telling.trail import outcome

    _ = session.translate
    if not entries:
        return [_("nothing was done on the desk yet")]
    rows = [
        (
            str(one.id),
            moment(one.at, config.zone, session.language, year=True),
            one.who,
            _(one.role),
            _(one.action),
            str(one.lead_id or one.body.get("user", "")),
            _(outcome(one, now)),
        )
        for one in entries
    ]
    said = table((_("number"), _("when"), _("who"), _("as"), _("act"), _("whom or what"), _("outcome")), rows)
    if len(entries) == limit:
        said.append(_("more: baton desk trail --before %(id)s") % {"id": entries[-1].id})
    return said
