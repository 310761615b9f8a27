"""`baton plan`: what the next run would write."""

from __future__ import annotations

import json
import os
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
    from connector.runs.stamps import Proposed
    from connector.steps.telling.words import Words

#: The most stamps that are listed as text.
LONGEST = 50


@click.command()
@click.option("--flow", default="", help="Only the leads of this flow.")
@click.option("-o", "--to", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the plan as JSON.")
@click.option("--as-live", is_flag=True, help="As if every flow were live: what going live would do.")
@click.option("--stamps", is_flag=True, help="Which records of the CRM are leads of ours and lack our key.")
@output_option
@pass_session
def plan(session: Session, flow: str, file: Path | None, as_live: bool, stamps: bool) -> None:
    """Show what the next run would create and change in the CRM, field by field, and what waits and why.

    It is made from what the store holds: nothing is pulled, nobody is asked, nothing is written.
    A plan of --stamps that was kept with -o is done by `baton apply FILE`.
    """
    if stamps and as_live:
        raise click.UsageError(session.translate("--stamps and --as-live exclude each other"))
    if stamps:
        plan_stamps(session, flow, file)
        return
    from connector.insight.plan import plan_json
    from connector.runs.plan import rehearse

    with session.opened() as app:
        known_flow(session, app, flow)
        rows = rehearse(app.runtime(), app.rows(), words_for(session, app), flow, as_live=as_live)
        document = {"flow": flow or None, "as_live": as_live, "at": app.clock(), **plan_json(rows)}
        if file:
            file.write_text(json.dumps(plain(document), ensure_ascii=False, indent=2) + "\n", "utf-8")
        session.emit(document, lambda: lines(session, app, rows, file, as_live=as_live))


def plan_stamps(session: Session, flow: str, file: Path | None) -> None:
    """The plan of stamps; in a file only its owner can read, since it is done as it stands there."""
    from connector.runs.stamps import document, propose

    with session.opened() as app:
        known_flow(session, app, flow)
        runtime, store_id = app.runtime(), app.rows().store_id
        found = propose(runtime, store_id, flow)
        said = document(runtime, store_id, found)
        if file:
            keep_private(file, json.dumps(said, ensure_ascii=False, indent=2) + "\n")
        whole = {**said, "left": found.left, "stamped": found.stamped}
        session.emit(whole, lambda: stamp_lines(words_for(session, app), found, file))


def keep_private(file: Path, text: str) -> None:
    """Write a file that nobody else may read."""
    number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(number, "w", encoding="utf-8") as opened:
        file.chmod(0o600)
        opened.write(text)


def stamp_lines(words: Words, found: Proposed, file: Path | None) -> list[str]:
    """The plan of stamps as text."""
    _ = words.translate
    said = [_("%(n)s records of leads of ours lack our key") % {"n": f"{len(found.stamps):,}"}]
    said += [
        f"  {one.connection} {one.object} {one.id}: {one.field} {_('(blank)')} → {one.new} ({one.why})"
        for one in found.stamps[:LONGEST]
    ]
    if len(found.stamps) > LONGEST:
        said.append("  " + _("and %(count)s more") % {"count": f"{len(found.stamps) - LONGEST:,}"})
    if found.stamped:
        said.append(_("%(n)s carry it already") % {"n": f"{found.stamped:,}"})
    said += [f"  {one.connection} {one.object} {one.id}: {words.retell(one.why)}" for one in found.left[:LONGEST]]
    if file:
        said.append(_("kept in %(file)s; to do it: baton apply %(file)s") % {"file": file})
    elif found.stamps:
        said.append(_("Nothing was written. Keep the plan with -o FILE, then: baton apply FILE"))
    return said


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
