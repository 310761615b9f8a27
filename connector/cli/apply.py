"""`baton apply`: do what a plan says, as far as it still holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.why import words_for
from connector.model.errors import PlanRefusedError

if TYPE_CHECKING:
    from connector.app import App
    from connector.runs.apply import Applied

#: The most records that are named.
LONGEST = 50


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@output_option
@pass_session
def apply(session: Session, file: Path) -> int:
    """Apply the plan in FILE (`baton plan --stamps -o FILE`), as far as what it was judged on still holds.

    The CRM is read and asked once more; what has changed since is left alone and named, and the exit code is
    7 then. Applying the same plan again does nothing twice.
    """
    from connector.runs.apply import apply_stamps

    plan = read(session, file)
    with session.opened() as app:
        done = apply_stamps(app.runtime(), plan, app.rows)
        document = {"stamped": done.stamped, "already": done.already, "left": done.left}
        session.emit(document, lambda: lines(session, app, done))
    return PlanRefusedError.exit_code if done.left else 0


def read(session: Session, file: Path) -> Any:
    """The JSON document in a file."""
    try:
        return json.loads(file.read_text("utf-8"))
    except ValueError:
        raise Mistake(session.translate("%(file)s holds no plan") % {"file": file}) from None


def lines(session: Session, app: App, done: Applied) -> list[str]:
    """What became of the plan."""
    _, words = session.translate, words_for(session, app)
    said = [_("%(n)s records get our key; it goes out with the next baton sync") % {"n": f"{done.stamped:,}"}]
    if done.already:
        said.append(_("%(n)s have it already, or it is on its way") % {"n": f"{done.already:,}"})
    if done.left:
        said.append(_("%(n)s are left alone:") % {"n": f"{len(done.left):,}"})
    said += [f"  {one.connection} {one.object} {one.id}: {words.retell(one.why)}" for one in done.left[:LONGEST]]
    if len(done.left) > LONGEST:
        said.append("  " + words.say("and %(count)s more", count=f"{len(done.left) - LONGEST:,}"))
    return said
