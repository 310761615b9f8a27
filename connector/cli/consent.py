"""`baton consent`: what a person told somebody here about being contacted."""

from __future__ import annotations

import getpass

import click

from connector.cli.find import one_lead
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session

COMMANDS = {"set": Entry("connector.cli.consent:set_by_hand", "Write down what somebody was told by a person.")}


@click.group(cls=LazyGroup, table=COMMANDS)
def consent() -> None:
    """What people said about being contacted; `baton why LEAD` shows it."""


@click.command(name="set")
@click.argument("lead")
@click.argument("channel", type=click.Choice(["email", "phone", "all"]))
@click.argument("answer", type=click.Choice(["in", "out"]))
@click.option("--note", required=True, help="How they said so: by phone, on a card, ...")
@output_option
@pass_session
def set_by_hand(session: Session, lead: str, channel: str, answer: str, note: str) -> int:
    """Write down that LEAD may be contacted by CHANNEL (in), or may not (out); it is told everywhere.

    LEAD is an email address, our number, or an id of a platform.
    """
    from connector.runs.consent import by_hand

    with session.opened() as app:
        lead_id = one_lead(session, app, lead)
        told = by_hand(app.runtime(), app.rows, lead_id, channel, getpass.getuser(), note, given=answer == "in")
    _ = session.translate
    words = _("lead %(id)s: kept, and told to %(count)s records with the next `baton sync`, or by the daemon")
    session.emit(
        {"lead": lead_id, "channel": channel, "answer": answer, "records": told},
        lambda: [words % {"id": lead_id, "count": told}],
    )
    return 0
