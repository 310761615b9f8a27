"""`baton plan`: what the next run would write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from connector.cli.find import known_flow
from connector.cli.output import output_option, plain
from connector.cli.session import Session, pass_session
from connector.cli.tables import terminal_width
from connector.cli.why import words_for

if TYPE_CHECKING:
    from connector.app import App
    from connector.insight.plan import Row


@click.command()
@click.option("--flow", default="", help="Only the leads of this flow.")
@click.option("-o", "--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan as JSON.")
@click.option("--as-live", is_flag=True, help="As if every flow were live: what going live would do.")
@output_option
@pass_session
def plan(session: Session, flow: str, file: Path | None, as_live: bool) -> None:
    """Show what the next run would create and change in the CRM, field by field, and what waits and why.

    It is made from what the store holds: nothing is pulled, nobody is asked, nothing is written.
    """
    from connector.insight.plan import plan_json
    from connector.runs.plan import rehearse

    with session.opened() as app:
        known_flow(session, app, flow)
        rows = rehearse(app.runtime(), app.rows(), words_for(session, app), flow, as_live=as_live)
        document = {"flow": flow or None, "as_live": as_live, "at": app.clock(), **plan_json(rows)}
        if file:
            file.write_text(json.dumps(plain(document), ensure_ascii=False, indent=2) + "\n", "utf-8")
        session.emit(document, lambda: lines(session, app, rows, file, as_live=as_live))


def lines(session: Session, app: App, rows: list[Row], file: Path | None, *, as_live: bool) -> list[str]:
    """The plan as text, with what it is made from."""
    from connector.insight.plan import render_plan
    from connector.locale.columns import wrap

    _ = session.translate
    said = render_plan(rows, words_for(session, app), columns=terminal_width())
    nothing = _("Nothing was written. The plan is made from what the store holds; baton sync pulls first.")
    said += ["", *wrap(nothing, terminal_width())]
    if not as_live and any(flow.mode == "observe" for flow in app.config.flows.values()):
        said += wrap(
            _("What a flow that only observes would write once it is live: baton plan --as-live"), terminal_width()
        )
    if file:
        said.append(_("kept in %(file)s") % {"file": file})
    return said
