"""`baton goals publish`: goals and pages into the CRMs that can show them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.model.errors import ConfigError, RetryableError
from connector.steps.telling.words import N_

if TYPE_CHECKING:
    from threading import Event
    from zoneinfo import ZoneInfo

    from connector.app import App
    from connector.reporting.publishing import Published

STATES = {
    "made": N_("made"), "updated": N_("brought up to date"), "there": N_("is there, and stays as it is"),
    "later": N_("not done yet"), "refused": N_("refused"), "to make": N_("would be made"),
    "to update": N_("would be brought up to date"),
}  # fmt: skip
KINDS = {"goal": N_("goal"), "page": N_("page")}


@click.command()
@click.option("--dry-run", is_flag=True, help="Say what would be published; ask and write nothing.")
@output_option
@pass_session
def publish(session: Session, dry_run: bool) -> int:
    """Put what [publish] names into the flows' CRMs that can show it: goals, the week's review, the playbook.

    Each once, however often it is asked for: what is there is brought up to date.
    """
    from connector.cli.signals import interruptible

    with session.opened() as app, interruptible(session) as asked:
        found = _published(session, app, asked.stop, dry_run=dry_run)
        document = {"at": app.clock(), "dry_run": dry_run, "published": found}
        zone = app.config.zone
    session.emit(document, lambda: _lines(session, found, zone))
    states = {one.state for one in found}
    if asked.exit_code:
        return asked.exit_code
    if dry_run or states.isdisjoint(("later", "refused")):
        return 0
    return ConfigError.exit_code if "refused" in states else RetryableError.exit_code


def _published(session: Session, app: App, stop: Event, *, dry_run: bool) -> list[Published]:
    from connector.reporting.publishing import planned, publish
    from connector.runs.publishers import publishers

    runtime = app.runtime(stop=stop)
    names = publishers(runtime)
    if not names:
        raise Mistake(session.translate("no CRM that a flow hands leads to can show what is to be published"))
    act = planned if dry_run else publish
    return [one for name in names for one in act(runtime, name)]


def _lines(session: Session, found: Sequence[Published], zone: ZoneInfo) -> Iterator[str]:
    from datetime import datetime

    from connector.locale.format import moment
    from connector.locale.stored import retell

    _ = session.translate

    def clock(text: str) -> str:
        return moment(datetime.fromisoformat(text), zone, session.language)

    if not found:
        yield _("nothing is to be published: no goals are set, and no page is due")
    for one in found:
        why = f": {retell(one.why, _, clock)}" if one.why else ""
        yield f"{one.to}: {_(KINDS[one.kind])} {one.name}: {_(STATES[one.state])}{why}"
