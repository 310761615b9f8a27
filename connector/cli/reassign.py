"""`baton reassign`: give the open handoffs of one person to another."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from connector.cli.find import known_flow
from connector.cli.output import output_option
from connector.cli.people import known_person
from connector.cli.session import Session, pass_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    from connector.runs.reassign import Moved


@click.command()
@click.option("--from", "owner", required=True, help="Whose handoffs (an email).")
@click.option("--to", help="Who gets them (an email). Unless said: whose turn it is, in the team of each.")
@click.option("--flow", default="", help="Of this flow only.")
@click.option("--dry-run", is_flag=True, help="Say what would be done; change nothing.")
@output_option
@pass_session
def reassign(session: Session, owner: str, to: str | None, flow: str, dry_run: bool) -> int:
    """Give all open handoffs of somebody to another: in Baton, in the CRM, and the tasks there.

    Briefs and notes stay; the clocks begin anew. What is won, lost or rejected stays whose it was.
    """
    from connector.runs.reassign import reassign_all

    with session.opened() as app:
        known_flow(session, app, flow)
        taker = known_person(session, app.config, to or "")
        done = reassign_all(
            app.runtime(), app.rows, owner.strip(), taker, getpass.getuser(), flow=flow, dry_run=dry_run
        )  # fmt: skip
        document = {
            "from": owner, "to": taker, "dry_run": dry_run,
            "handoffs": [
                {"handoff": one.handoff.id, "lead": one.handoff.lead_id, "flow": one.handoff.flow, "to": one.to,
                 "why": one.words}
                for one in done
            ],
        }  # fmt: skip
        session.emit(document, lambda: _words(session, owner, done, dry_run=dry_run))
    return 0


def _words(session: Session, owner: str, done: Sequence[Moved], *, dry_run: bool) -> list[str]:
    from connector.cli.tables import table

    _ = session.translate
    if not done:
        return [_("%(owner)s has no open handoff") % {"owner": owner}]
    rows = [
        (_("lead %(id)s") % {"id": one.handoff.lead_id}, one.handoff.flow, one.to or _("stays"), one.words)
        for one in done
    ]
    moved = sum(bool(one.to) for one in done)
    told = {"moved": moved, "all": len(done)}
    if dry_run:
        return [*table(("", "", "", ""), rows), _("%(moved)s of %(all)s would be given on; nothing was changed") % told]
    said = [*table(("", "", "", ""), rows), _("%(moved)s of %(all)s were given on") % told]
    return [*said, _("it goes out with the next `baton sync`, or by the daemon within seconds")] if moved else said
