"""`baton setup`: make what a platform must have first, after asking, and print the steps for the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.locale.stored import retell

if TYPE_CHECKING:
    from connector.app import App
    from connector.model.adapter import SetupStep


@click.command()
@click.argument("connection")
@click.option("--yes", is_flag=True, help="Make what is missing without asking.")
@output_option
@pass_session
def setup(session: Session, connection: str, yes: bool) -> int:
    """Look what CONNECTION lacks; make what can be made, and say step by step how to make the rest.

    Ends with 1 where something is still missing.
    """
    with session.opened() as app:
        if connection not in app.config.connections:
            raise Mistake(
                session.translate("no connection %(name)s; there are: %(names)s")
                % {"name": connection, "names": ", ".join(app.config.connections)}
            )
        steps = steps_of(app, connection)
        made = make(session, steps, yes)
    missing = [step for step in steps if not step.there and step.what not in made]
    session.emit(document(steps, made), lambda: lines(session, steps, made))
    return 1 if missing else 0


def steps_of(app: App, connection: str) -> list[SetupStep]:
    """What each role of the connection that is in use needs."""
    from connector.platforms import adapter
    from connector.runs.check import in_use

    declared = adapter(app.config.connections[connection].type)
    as_source, as_crm = in_use(app.runtime(), connection, (declared.source is not None, declared.crm is not None))
    roles: list[Any] = [app.source(connection)] if as_source else []
    roles += [app.crm(connection)] if as_crm else []
    found: dict[str, SetupStep] = {}
    for role in roles:
        for step in role.setup() if hasattr(role, "setup") else ():
            found.setdefault(step.what, step)
    return list(found.values())


def make(session: Session, steps: list[SetupStep], yes: bool) -> set[str]:
    """Make what is missing and can be made, after asking once; returns what was made."""
    wanted = [step for step in steps if not step.there and step.act is not None]
    if not wanted:
        return set()
    if not yes:
        if session.as_json:
            return set()
        click.echo(session.translate("Missing, and can be made now:"))
        for step in wanted:
            click.echo(f"  {retell(step.what, session.translate)}")
        if not click.confirm(session.translate("Make them?"), default=False):
            return set()
    for step in wanted:
        if step.act is not None:
            step.act()
    return {step.what for step in wanted}


def document(steps: list[SetupStep], made: set[str]) -> dict[str, Any]:
    """The steps as JSON has them."""
    return {
        "steps": [
            {"what": one.what, "there": one.there, "made": one.what in made, "by_hand": list(one.by_hand)}
            for one in steps
        ]
    }


def lines(session: Session, steps: list[SetupStep], made: set[str]) -> Iterator[str]:
    """What is there, what was made, and what is left to do by hand."""
    _ = session.translate
    if not steps:
        yield _("This connection needs no preparation.")
    for step in steps:
        word = _("made") if step.what in made else _("is there") if step.there else _("missing")
        yield f"{word}: {retell(step.what, _)}"
        if not step.there and step.what not in made:
            yield from (f"  {number}. {retell(text, _)}" for number, text in enumerate(step.by_hand, 1))
    if any(not step.there and step.what not in made for step in steps):
        yield _("Then run it again: it checks that all is there.")
