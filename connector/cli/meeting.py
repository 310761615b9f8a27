"""`baton meeting`: what a review decided, and who does what by when."""

from __future__ import annotations

import getpass
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

import click

from connector.cli.faults import NUMBER, Mistake
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table
from connector.cli.writing import CALENDAR, Written, write_file

if TYPE_CHECKING:
    from pathlib import Path

    from connector.app import App
    from connector.model.follow_up import Agreement

COMMANDS = {
    "decided": Entry("connector.cli.meeting:decided", "Keep a decision."),
    "action": Entry("connector.cli.meeting:action", "Keep who does what by when."),
    "list": Entry("connector.cli.meeting:listing", "What is open, and with --all what was."),
    "done": Entry("connector.cli.meeting:done", "Something is done, or dropped."),
    "calendar": Entry("connector.cli.meeting:calendar", "Write what is open as a calendar file."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def meeting() -> None:
    """Keep what a review decided, and carry it into the next pack."""


@click.command()
@click.argument("text")
@output_option
@pass_session
def decided(session: Session, text: str) -> int:
    """Keep a decision, in a sentence."""
    with session.opened() as app:
        kept = _keep(app, text, "decision")
    session.emit(kept, lambda: [session.translate("kept as %(id)s") % {"id": kept.id}])
    return 0


@click.command()
@click.argument("text")
@click.option("--owner", required=True, help="Whose it is, by email.")
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="By when, such as 2026-12-04.")
@click.option("--task", metavar="CONNECTION", help="Make it a task there too.")
@output_option
@pass_session
def action(session: Session, text: str, owner: str, due: datetime | None, task: str | None) -> int:
    """Keep who does what by when; it stands in every pack until it is done."""
    with session.opened() as app:
        day = due.date() if due else None
        if task is not None:
            _check_task(session, app, task)
        kept = _keep(app, text, "action", owner.lower(), day, task)
    session.emit(kept, lambda: [session.translate("kept as %(id)s") % {"id": kept.id}])
    return 0


def _keep(
    app: App, text: str, kind: str, owner: str = "", due: date | None = None, task: str | None = None
) -> Agreement:
    from connector.reporting.agreements import keep

    with app.store.write() as tx:
        now = app.clock()
        return keep(
            tx, app.config, getpass.getuser(), now, kind, text, owner, due.isoformat() if due else "", task or ""
        )


def _check_task(session: Session, app: App, name: str) -> None:
    if name not in app.config.connections:
        what = session.translate("no connection %(name)s; there are: %(names)s")
        raise Mistake(what % {"name": name, "names": ", ".join(app.config.connections)})
    if "task" not in app.rows().objects_of(name):
        raise Mistake(session.translate("%(name)s takes no tasks") % {"name": name})


@click.command(name="list")
@click.option("--all", "everything", is_flag=True, help="What is done or dropped too.")
@output_option
@pass_session
def listing(session: Session, everything: bool) -> int:
    """What was agreed, oldest first."""
    with session.opened() as app, app.store.read() as tx:
        found = tx.meetings.agreements(only_open=not everything)
    session.emit({"agreements": found}, lambda: _lines(session, found))
    return 0


def _lines(session: Session, found: list[Agreement]) -> list[str]:
    _ = session.translate
    if not found:
        return [_("nothing is open")]
    words = {
        "decision": _("decided"), "action": _("action"),
        "open": _("not done yet"), "done": _("done"), "dropped": _("not wanted any more"),
    }  # fmt: skip
    rows = [
        (str(one.id), words[one.kind], one.text, one.owner, _day(session, one.due_on), words[one.state], one.note)
        for one in found
    ]
    return table(("", _("kind"), _("what was agreed"), _("owner"), _("due"), _("state"), ""), rows)


def _day(session: Session, text: str) -> str:
    from connector.locale.format import day

    return day(date.fromisoformat(text), session.language, year=True) if text else ""


@click.command()
@click.argument("number", type=NUMBER)
@click.option("--dropped", is_flag=True, help="It is not wanted any more.")
@click.option("--note", default="", help="What came of it.")
@output_option
@pass_session
def done(session: Session, number: int, dropped: bool, note: str) -> int:
    """Close what was agreed under this NUMBER."""
    with session.opened() as app, app.store.write() as tx:
        known = {one.id: one for one in tx.meetings.agreements()}
        if number not in known:
            raise Mistake(session.translate("nothing was agreed under %(id)s") % {"id": number})
        closed = replace(
            known[number],
            state="dropped" if dropped else "done",
            closed_at=app.clock(),
            note=note or known[number].note,
        )
        tx.meetings.save(closed)
    session.emit(closed, lambda: _lines(session, [closed]))
    return 0


@click.command()
@click.argument("file", type=Written(CALENDAR))
@output_option
@pass_session
def calendar(session: Session, file: Path) -> int:
    """Write what is open to FILE (.ics), to be read by any calendar."""
    from connector.model.follow_up import Pack
    from connector.reporting.agenda import agenda
    from connector.reporting.periods import last_over

    with session.opened() as app, app.store.read() as tx:
        period = last_over("weekly", app.clock(), app.config)
        pack = Pack(period.kind, period.name, app.clock())
        title = session.translate("Review of week %(period)s") % {"period": period.name}
        found = tx.meetings.agreements(only_open=True)
        text = agenda(app.config, pack, title, found)
    write_file(file, text)
    written = {"file": str(file), "agreements": len(found)}
    session.emit(written, lambda: [session.translate("written: %(file)s") % {"file": file}])
    return 0
