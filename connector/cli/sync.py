"""`baton sync`: the whole line, once."""

from __future__ import annotations

import click

from connector.cli.ending import ended
from connector.cli.output import output_option
from connector.cli.progress import progress
from connector.cli.session import Session, pass_session
from connector.cli.signals import interruptible


@click.command()
@click.option("--strict", is_flag=True, help="Exit code 5 where records were set aside.")
@click.option(
    "--trace", "lead", metavar="LEAD", default="",
    help="Keep request and answer of every call about one lead, without secrets, in a file under traces/.",
)  # fmt: skip
@output_option
@pass_session
def sync(session: Session, strict: bool, lead: str) -> int:
    """Run the whole line once: pull, score, hand over, deliver.

    A connection that fails is named at the end; the others go on. Ctrl-C ends between two pages.
    """
    from connector.cli.tracing import traced
    from connector.runs.sync import sync as run

    with session.opened() as app:
        began = app.clock()
        with traced(session, app, lead), interruptible(session) as asked, progress(session) as shown:
            result = run(app.runtime(progress=shown, note=shown.note, stop=asked.stop), app.rows)
        if app.config.notices.get("report"):
            from connector.reporting.sending import send_due

            # Told with the next run: a pack that cannot be made keeps no lead waiting.
            send_due(app.runtime())
        return ended(session, app, result, asked, strict, began)
