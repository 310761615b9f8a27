"""`baton criteria accept`: take changed criteria that would move many leads, once it is seen whom."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from connector.cli.criteria import SHORT
from connector.cli.faults import Mistake
from connector.cli.find import known_flow
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Flow
    from connector.runs.simulate import Outcome


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was changed in a flow, what it does, and whether it is in force now."""

    flow: str
    version: str
    before: str
    outcome: Outcome
    accepted: bool


@click.command()
@click.argument("flow", default="")
@click.option("--note", default="", help="Why the criteria were changed; baton criteria log shows it.")
@click.option("--yes", is_flag=True, help="Take them without being asked.")
@click.option(
    "--limit", type=click.IntRange(0, 1000), default=20, show_default=True, help="Leads that are told one by one."
)
@output_option
@pass_session
def accept(session: Session, flow: str, note: str, yes: bool, limit: int) -> None:
    """Show whom changed criteria that wait would bring in and take out, and take them.

    What stands in the files is taken, of FLOW or of every flow whose change waits. Until then the version before
    goes on. Going back to the old text in the files clears what waits.
    """
    with session.opened() as app:
        known_flow(session, app, flow)
        held = [one for one in app.in_force().flows.values() if one.edited is not None and flow in ("", one.name)]
        found = [_accepted(session, app, one, note, yes, limit) for one in held]
    session.emit({"accepted": found}, lambda: _ends(session, found))


def _accepted(session: Session, app: App, held: Flow, note: str, yes: bool, limit: int) -> Accepted:
    from connector.cli.simulate_text import of_one
    from connector.runs.population import Question
    from connector.runs.simulate import simulate

    new = held.as_written
    present = list(app.in_force().flows.values())
    question = Question(present, {"": [new if one is held else one for one in present]}, app.clock(), held.name)
    outcome = simulate(app.store, question)
    if not session.as_json:
        for line in (_head(session, held), *of_one(session, app, outcome, limit)):
            click.echo(line)
    sure = yes or (not session.as_json and click.confirm(session.translate("Take them?"), default=False))
    if sure:
        _take(session, app, new, note)
    return Accepted(held.name, new.criteria.version, held.criteria.version, outcome, sure)


def _take(session: Session, app: App, flow: Flow, note: str) -> None:
    """Raises Mistake where the file was edited meanwhile: what was shown is not what would be taken."""
    from connector.config import load
    from connector.runs.criteria import take
    from connector.runs.restore import refuse_if_set_back

    again = load(app.config.path).flows.get(flow.name)
    if again is None or again.criteria.version != flow.criteria.version:
        raise Mistake(session.translate("the criteria were edited meanwhile; look again"))
    with app.store.write() as tx:
        refuse_if_set_back(tx)
        take(tx, flow, app.clock(), getpass.getuser(), " ".join(note.split()))


def _head(session: Session, held: Flow) -> str:
    names = {"flow": held.name, "old": held.criteria.version[:SHORT], "new": held.as_written.criteria.version[:SHORT]}
    return session.translate("%(flow)s: %(old)s is in force, %(new)s waits") % names


def _ends(session: Session, found: Sequence[Accepted]) -> Iterator[str]:
    _ = session.translate
    if not found:
        yield _("no changed criteria wait")
    for one in found:
        names: dict[str, Any] = {"flow": one.flow, "version": one.version[:SHORT]}
        if one.accepted:
            yield _("%(flow)s: %(version)s is in force; its leads are scored again with the next run") % names
        else:
            yield _("%(flow)s: the version before goes on") % names
