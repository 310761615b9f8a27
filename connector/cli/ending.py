"""How a run ends: the picture with its counts, what failed, and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import document_of, text_of
from connector.cli.faulty import open_items
from connector.cli.session import Session
from connector.cli.signals import Interruption
from connector.cli.tables import table, terminal_width
from connector.cli.why import words_for
from connector.model.errors import EXIT_STRICT, AuthError, BatonError, ConfigError

if TYPE_CHECKING:
    from connector.app import App
    from connector.insight.summary import Outcome
    from connector.model.handoff import Handoff
    from connector.model.lead import Lead
    from connector.model.ports import Transaction
    from connector.runs.sync import Result

#: How a write can end, in the order of interest.
ENDS = ("done", "dead", "parked", "unknown", "waiting", "superseded")


def ended(session: Session, app: App, result: Result, asked: Interruption, strict: bool) -> int:
    """Say what a run did and what went wrong; returns the exit code."""
    code = asked.exit_code or exit_code(result, strict)
    found = outcome(app, result)
    session.emit(document(session, result, found, code), lambda: picture(session, app, found, result))
    for _connection, error in result.failures:
        for line in text_of(error, session).splitlines():
            click.echo(f"{session.style('error:', fg='red')} {line}", err=True)
    if asked.number:
        session.note(session.translate("stopped between two pages; what is done stays done, the next run goes on"))
    return code


def exit_code(result: Result, strict: bool) -> int:
    """The gravest failure's code; 5 under `strict` where records were set aside."""
    for kind in (ConfigError, AuthError, BatonError):
        codes = [error.exit_code for _connection, error in result.failures if isinstance(error, kind)]
        if codes:
            return codes[0]
    aside = result.counts["set aside"] or result.counts["fields set aside"]
    return EXIT_STRICT if strict and aside else 0


def outcome(app: App, result: Result) -> Outcome:
    """What the picture needs, from the store as it is now."""
    from connector.insight.summary import Outcome

    with app.store.read() as tx:
        return Outcome(
            counts=result.counts,
            stages=tx.reports.stages(),
            set_aside=[item for item in open_items(tx) if item.kind == "set_aside"],
            handed=handed(app, tx),
            handoffs=tx.handoffs.counts(),
        )


def handed(app: App, tx: Transaction) -> list[tuple[Lead, Handoff]]:
    """Every open handoff with its lead."""
    found = [one for flow in app.config.flows for one in tx.handoffs.in_state(flow, "open", 100_000)]
    leads = tx.intake.leads([one.lead_id for one in found])
    return [(leads[one.lead_id], one) for one in found]


def delivered(counts: Counter[str]) -> dict[str, dict[str, int]]:
    """What became of writes: by end (`done`, `dead`, ...) and object."""
    found: dict[str, dict[str, int]] = {}
    for name, number in counts.items():
        kind, colon, end = name.partition(": ")
        if colon and end in ENDS and number:
            found.setdefault(end, {})[kind] = number
    return found


def document(session: Session, result: Result, found: Outcome, code: int) -> dict[str, Any]:
    """The end of a run as JSON."""
    return {
        "run": result.run_id,
        "exit_code": code,
        "counts": {name: number for name, number in result.counts.items() if number},
        "delivered": delivered(result.counts),
        "changed_criteria": result.changed_criteria,
        "set_aside_open": len(found.set_aside),
        "stages": found.stages,
        "handoffs": found.handoffs,
        "failures": [
            {"connection": connection, **document_of(error, session)} for connection, error in result.failures
        ],
    }


def picture(session: Session, app: App, found: Outcome, result: Result) -> Iterator[str]:
    """The end of a run as text."""
    from connector.insight.summary import summary

    _ = session.translate
    for line in summary(found, words_for(session, app), columns=terminal_width()):
        yield line if not line or line.startswith(" ") else session.style(line, bold=True)
    rows = list(written(session, result.counts))
    if rows:
        yield ""
        yield session.style(_("Written to the CRM"), bold=True)
        yield from table(("", "", ""), rows, indent="  ")
    if found.set_aside:
        yield ""
        yield _("%(n)s records and fields are set aside: baton errors") % {"n": f"{len(found.set_aside):,}"}


def written(session: Session, counts: Counter[str]) -> Iterator[tuple[str, int, str]]:
    """(how it ended, how many, of what)."""
    from connector.steps import vocabulary

    _ = session.translate
    words = {"done": _("delivered"), "dead": _("refused"), "waiting": _("put off")}
    for end in ENDS:
        objects = delivered(counts).get(end)
        if objects:
            names = {name: _(vocabulary.OBJECTS.get(name, name)) for name in objects}
            said = ", ".join(f"{names[name]} {number:,}" for name, number in objects.items())
            yield words.get(end) or _(vocabulary.ROW_STATES[end]), sum(objects.values()), said
