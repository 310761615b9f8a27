"""How a run ends: the picture with its counts, what failed, and the exit code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import document_of, text_of
from connector.cli.session import Session
from connector.cli.signals import Interruption
from connector.cli.tables import table, terminal_width
from connector.cli.why import words_for
from connector.model.errors import EXIT_STRICT, AuthError, BatonError, ConfigError
from connector.runs.faults import open_items

if TYPE_CHECKING:
    from connector.app import App
    from connector.insight.summary import Outcome
    from connector.model.handoff import Handoff
    from connector.model.lead import Lead
    from connector.model.ports import ReviewItem, Transaction
    from connector.runs.sync import Result

#: The most of a kind that a picture is made from.
MOST = 5000

#: How a write can end, in the order of interest.
ENDS = ("done", "dead", "parked", "unknown", "waiting", "superseded")


def ended(session: Session, app: App, result: Result, asked: Interruption, strict: bool, began: datetime) -> int:
    """Say what a run that `began` then did, and what went wrong; returns the exit code."""
    code = asked.exit_code or exit_code(result, strict)
    found = outcome(app, result, began)
    told = document(session, app, result, code) if session.as_json else None
    session.emit(told, lambda: picture(session, app, found, result))
    show_failures(session, result)
    if asked.number:
        session.note(session.translate("stopped between two pages; what is done stays done, the next run goes on"))
    return code


def show_failures(session: Session, result: Result) -> None:
    """What went wrong, by connection, on stderr."""
    for _connection, error in result.failures:
        for line in text_of(error, session).splitlines():
            click.echo(f"{session.style(session.translate('error:'), fg='red')} {line}", err=True)


def exit_code(result: Result, strict: bool) -> int:
    """The gravest failure's code; 5 under `strict` where records were set aside."""
    for kind in (ConfigError, AuthError, BatonError):
        codes = [error.exit_code for _connection, error in result.failures if isinstance(error, kind)]
        if codes:
            return codes[0]
    aside = result.counts["set aside"] or result.counts["fields set aside"]
    return EXIT_STRICT if strict and aside else 0


def outcome(app: App, result: Result, began: datetime | None = None) -> Outcome:
    """What the picture needs, from the store as it is now; of what is set aside and handed over, only since `began`.

    A quiet run looks at neither, and one in which nothing happened does not count leads by stage
    either: that there are many of them costs it nothing.
    """
    from connector.insight.summary import Outcome

    still = began is not None and not result.counts.total()
    quiet = began is not None and not result.counts["set aside"] + result.counts["fields set aside"]
    nobody = began is not None and not result.counts["handed over"]
    with app.store.read() as tx:
        return Outcome(
            counts=result.counts,
            stages={} if still else tx.reports.stages(),
            set_aside=[] if quiet else aside(tx, began),
            handed=[] if nobody else handed(app, tx, began),
            handoffs=tx.handoffs.counts(),
        )


def aside(tx: Transaction, began: datetime | None) -> list[ReviewItem]:
    """The latest open set-aside records and fields."""
    found = (item for item in open_items(tx, "set_aside") if began is None or (item.last_at and item.last_at >= began))
    return list(islice(found, MOST))


def handed(app: App, tx: Transaction, began: datetime | None = None) -> list[tuple[Lead, Handoff]]:
    """Open handoffs that nobody has called about yet, with their leads, best first."""
    found = [
        one
        for flow in app.config.flows
        for one in tx.handoffs.in_state(flow, "open", 100 * MOST)
        if one.contacted_at is None and (began is None or (one.opened_at and one.opened_at >= began))
    ][:MOST]
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


def document(session: Session, app: App, result: Result, code: int) -> dict[str, Any]:
    """The end of a run as JSON."""
    with app.store.read() as tx:
        reviews, stages, handoffs = tx.reviews.counts(), tx.reports.stages(), tx.handoffs.counts()
    return {
        "run": result.run_id,
        "exit_code": code,
        "counts": {name: number for name, number in result.counts.items() if number},
        "delivered": delivered(result.counts),
        "changed_criteria": result.changed_criteria,
        "open_reviews": reviews,
        "stages": stages,
        "handoffs": handoffs,
        "failures": [
            {"connection": connection, **document_of(error, session)} for connection, error in result.failures
        ],
    }


def picture(session: Session, app: App, found: Outcome, result: Result, longest: int = 12) -> Iterator[str]:
    """The end of a run as text."""
    from connector.insight.summary import summary

    _ = session.translate
    for line in summary(found, words_for(session, app), columns=terminal_width(), longest=longest):
        yield line if not line or line.startswith(" ") else session.style(line, bold=True)
    rows = list(written(session, result.counts))
    if rows:
        yield ""
        yield session.style(_("Written and sent"), bold=True)
        yield from table(("", "", ""), rows, indent="  ")
    with app.store.read() as tx:
        waiting = tx.reviews.counts().get("set_aside", 0)
    if waiting:
        yield ""
        _n = session.counted
        yield _n(
            "%(n)s record or field is set aside: baton errors",
            "%(n)s records and fields are set aside: baton errors", waiting,
        )  # fmt: skip


def written(session: Session, counts: Counter[str]) -> Iterator[tuple[str, int, str]]:
    """(how it ended, how many, of what)."""
    from connector.steps.telling import vocabulary

    _ = session.translate
    words = {"done": _("delivered"), "dead": _("refused"), "waiting": _("put off")}
    for end in ENDS:
        objects = delivered(counts).get(end)
        if objects:
            names = {name: _(vocabulary.OBJECTS.get(name, name)) for name in objects}
            said = _(", ").join(f"{names[name]} {number:,}" for name, number in objects.items())
            yield words.get(end) or _(vocabulary.ROW_STATES[end]), sum(objects.values()), said
