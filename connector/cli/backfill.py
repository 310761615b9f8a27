"""`baton backfill`: read a stretch of time again."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from connector.cli.ending import ended
from connector.cli.output import output_option
from connector.cli.progress import progress
from connector.cli.session import Session, pass_session
from connector.cli.signals import interruptible
from connector.cli.tables import table

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from connector.app import App
    from connector.runs.survey import Survey


@click.command()
@click.option("--since", required=True, metavar="WHEN", help="The beginning: a date, or a date and time.")
@click.option("--until", metavar="WHEN", help="The end, itself left out (now, unless given).")
@click.option("--resume", is_flag=True, help="Go on where a backfill of the same stretch stopped.")
@click.option("--dry-run", is_flag=True, help="Only count what is there; write nothing.")
@click.option("--strict", is_flag=True, help="Exit code 5 where records were set aside.")
@output_option
@pass_session
def backfill(session: Session, since: str, until: str | None, resume: bool, dry_run: bool, strict: bool) -> int:
    """Read a stretch of time again, beside the daemon and without touching its cursor.

    WHEN is 2026-12-07, or 2026-12-07T09:30, on the clock of the configuration's time zone.
    """
    from connector.runs import backfill as run

    with session.opened() as app:
        begin = moment_of(session, since, app.config.zone)
        end = moment_of(session, until, app.config.zone) if until else app.clock()
        if begin >= end:
            raise click.UsageError(session.translate("--since must come before --until"))
        if dry_run:
            return survey(session, app, begin, end)
        began = app.clock()
        with interruptible(session) as asked, progress(session) as shown:
            runtime = app.runtime(progress=shown, note=shown.note, stop=asked.stop)
            result = run.backfill(runtime, app.rows, begin, end, resume)
        return ended(session, app, result, asked, strict, began)


def moment_of(session: Session, text: str, zone: ZoneInfo) -> datetime:
    """A date (its first moment) or a date and time, on the clock of `zone` unless it has its own; in UTC."""
    try:
        if len(text) == len("2026-12-07"):
            return datetime.combine(date.fromisoformat(text), time.min, zone).astimezone(UTC)
        given = datetime.fromisoformat(text)
    except ValueError:
        what = session.translate("%(text)s is no date, and no date and time; allowed: 2026-12-07, 2026-12-07T09:30")
        raise click.UsageError(what % {"text": text}) from None
    return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)


def survey(session: Session, app: App, begin: datetime, end: datetime) -> int:
    """Count what the stretch holds, and what of it is new; nothing is written."""
    from connector.runs.survey import survey as look

    with interruptible(session) as asked, progress(session) as shown:
        found = look(app.runtime(progress=shown, note=shown.note, stop=asked.stop), begin, end)
    session.emit(
        {"dry_run": True, "since": begin, "until": end, "streams": found},
        lambda: survey_lines(session, found),
    )
    return asked.exit_code


def survey_lines(session: Session, found: list[Survey]) -> list[str]:
    """A line a stream: how many records, and how many of them are new, changed, unchanged."""
    _, _n = session.translate, session.counted
    words = {
        "new": _("%(n)s new"),
        "changed": _("%(n)s changed"),
        "unchanged": _("%(n)s unchanged"),
        "set aside": _("%(n)s to be set aside"),
    }
    rows = [
        (
            f"{one.connection}: {_(one.stream)}",
            ", ".join((_n("%(n)s record", "%(n)s records", one.counts["read"]), *_said(one.counts, words))),
        )
        for one in found
    ]
    return [*table(("", ""), rows), _("nothing was written")]


def _said(counts: Counter[str], words: dict[str, str]) -> list[str]:
    return [text % {"n": f"{counts[what]:,}"} for what, text in words.items() if counts[what]]
