"""`baton release`: let go what waits for a person."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

import click

from connector.cli.find import known_flow, one_lead
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.handoff import Handoff


@click.command()
@click.argument("lead", required=False)
@click.option("--flow", help="A flow that is parked.")
@output_option
@pass_session
def release(session: Session, lead: str | None, flow: str | None) -> int:
    """Hand LEAD over now (in review, or behind the daily limit), or let a parked --flow go on.

    LEAD is an email address, our number, or an id of a platform.
    """
    if (lead is None) == (flow is None):
        raise click.UsageError(session.translate("name a LEAD, or a flow with --flow"))
    with session.opened() as app:
        return release_flow(session, app, flow) if flow else release_lead(session, app, str(lead))


def release_flow(session: Session, app: App, flow: str) -> int:
    """Let a parked flow go on."""
    from connector.runs import release as run

    done = run.release_flow(app.runtime(), flow)
    if not done:
        # One that the configuration does not name any more may be parked still.
        known_flow(session, app, flow)
    words = session.translate("%(flow)s goes on") if done else session.translate("%(flow)s was not parked")
    session.emit({"flow": flow, "released": done}, lambda: [words % {"flow": flow}])
    return 0


def release_lead(session: Session, app: App, text: str) -> int:
    """Hand one lead over now."""
    from connector.runs import release as run

    lead_id = one_lead(session, app, text)
    handoff = run.release_lead(app.runtime(), app.rows, lead_id, getpass.getuser())
    session.emit(
        {"lead": lead_id, "released": handoff is not None, "handoff": handoff},
        lambda: told_of_release(session, app, lead_id, handoff),
    )
    return 0


def told_of_release(session: Session, app: App, lead_id: int, handoff: Handoff | None) -> list[str]:
    """What became of a lead that was to be handed over now."""
    from connector.locale.format import moment
    from connector.steps.telling.routed import routed

    _ = session.translate
    if handoff is None:
        return [_("nothing of lead %(id)s waits") % {"id": lead_id}]
    why = routed(handoff.routed_by, _)
    if not handoff.owner:
        return [_("lead %(id)s: nobody is there to take it (%(why)s)") % {"id": lead_id, "why": why}]
    said = [
        _("lead %(id)s is handed over to %(owner)s (%(why)s)") % {"id": lead_id, "owner": handoff.owner, "why": why}
    ]
    if handoff.due_at:
        said.append(
            _("first contact is due %(when)s") % {"when": moment(handoff.due_at, app.config.zone, session.language)}
        )
    return [*said, _("it goes out with the next `baton sync`, or by the daemon within seconds")]
