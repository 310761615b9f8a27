"""`baton funnel`: from MQL to won, how many, how long, and what of it is doubtful."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from connector.cli.faults import Mistake
from connector.cli.find import known_flow
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session

if TYPE_CHECKING:
    from connector.app import App
    from connector.insight.funnel_report import Question
    from connector.insight.influence import Asked

DAY = len("2026-12-07")


@click.command()
@click.option("--flow", default="", help="Only this flow.")
@click.option("--source", default="", help="Only leads of this source.")
@click.option(
    "--by", default="", metavar="WHAT",
    help="Slice by source, campaign, segment, persona, owner, flow, version, cohort, type, any field of a lead, or "
    "STAGE.topic or STAGE.asset of the activity that marks a stage.",
)  # fmt: skip
@click.option("--since", metavar="DATE", help="Only who entered on this day or later.")
@click.option("--until", metavar="DATE", help="Only who entered on this day or before.")
@click.option(
    "--definition", type=click.Choice(["strict", "any"]), default="strict", show_default=True,
    help="strict: each stage after the one before it. any: whenever it was come to.",
)  # fmt: skip
@click.option(
    "--mark", "marks", multiple=True, metavar="STAGE=WHAT",
    help="Date a stage by a field of the lead or the first activity of a kind, in place of what Baton recorded "
    "(mql=first_touch_at, won=deal_won). May be given several times.",
)  # fmt: skip
@click.option(
    "--influenced", type=click.Choice(["campaign", "content", "topic", "kind", "source"]),
    help="In place of the funnel: what won deals were touched by before there was an opportunity, and their worth. "
    "--since and --until are then of the day they were won.",
)  # fmt: skip
@click.option("--within", default="90 days", show_default=True, help="How long before, for --influenced.")
@click.option("--csv", "as_csv", is_flag=True, help="One line for each slice and stage, for a spreadsheet.")
@output_option
@pass_session
def funnel(
    session: Session, flow: str, source: str, by: str, since: str | None, until: str | None, definition: str,
    marks: tuple[str, ...], influenced: str | None, within: str, as_csv: bool,
) -> int:  # fmt: skip
    """Count leads from MQL to won: shares with intervals, time at each stage, response time.

    A month is a cohort: the leads that entered in it. Every figure is by the definition that is named with it.
    """
    from connector.cli import funnel_text
    from connector.insight.funnel_report import Question, report
    from connector.insight.influence import Asked

    with session.opened() as app:
        known_flow(session, app, flow)
        zone = app.config.zone
        if influenced:
            days = _days(session, within)
            begin, end = _day(session, since, zone), _day(session, until, zone, after=1)
            return _influenced(session, app, Asked(influenced, days, flow, source, begin, end), as_csv=as_csv)
        question = Question(
            "any" if definition == "any" else "strict", flow, source, by, _day(session, since, zone),
            _day(session, until, zone, after=1), _marks(session, marks),
        )  # fmt: skip
        _check_slice(session, question)
        with app.store.read() as tx:
            found = report(tx, question, app.clock(), zone)
    if as_csv:
        click.echo(funnel_text.as_csv(found), nl=False)
        return 0
    session.emit(
        funnel_text.document(found), lambda: funnel_text.lines(found, session.translate, zone, session.language)
    )
    return 0


def _influenced(session: Session, app: App, asked: Asked, *, as_csv: bool) -> int:
    from connector.cli import influence_text
    from connector.insight.deals import Money
    from connector.insight.influence import influenced

    currency = app.config.currency
    with app.store.read() as tx:
        found = influenced(tx, asked, Money(currency.report_in, currency.rates))
    if as_csv:
        click.echo(influence_text.as_csv(found), nl=False)
        return 0
    zone, language = app.config.zone, session.language
    session.emit(found, lambda: influence_text.lines(found, session.translate, zone, language))
    return 0


def _days(session: Session, text: str) -> int:
    """A duration of whole days. Raises UsageError."""
    from connector.model import durations

    try:
        found = durations.parse(text)
    except ValueError:
        found = durations.Duration()
    if found.working or not found.seconds or found.seconds % 86_400:
        said = session.translate('--within %(text)s: a number of days, such as "90 days"')
        raise click.UsageError(said % {"text": text})
    return found.seconds // 86_400


def _day(session: Session, text: str | None, zone: ZoneInfo, after: int = 0) -> datetime | None:
    """The first moment of a day, or of the one `after` it. Raises UsageError."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=after)
    except (ValueError, OverflowError):
        what = session.translate("%(text)s is no date; such as 2026-12-07")
        raise click.UsageError(what % {"text": text}) from None
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _marks(session: Session, given: tuple[str, ...]) -> dict[str, str]:
    """Stage -> what dates it. Raises UsageError."""
    from connector.model.ports.funnel import WAY

    found: dict[str, str] = {}
    for text in given:
        stage, equals, what = text.partition("=")
        if not equals or stage not in WAY or not what:
            said = session.translate("--mark %(text)s: STAGE=WHAT with one of %(stages)s, such as won=deal_won")
            raise click.UsageError(said % {"text": text, "stages": ", ".join(WAY)})
        found[stage] = what
    return found


def _check_slice(session: Session, question: Question) -> None:
    """Raise Mistake where nothing is called so."""
    from connector.insight.funnel_report import SLICES
    from connector.model.fields import FIELDS

    by, (stage, _, part) = question.by, question.by.partition(".")
    of_mark = stage in question.marks and part in ("topic", "asset")
    if not by or by in SLICES or by in FIELDS or by.startswith("custom.") or of_mark:
        return
    near = get_close_matches(by, [*SLICES, *FIELDS], 1)
    what = session.translate("--by %(by)s: nothing is called so; there are %(slices)s, and every field of a lead")
    nearest = session.translate("; did you mean %(near)s?") % {"near": near[0]} if near else ""
    raise Mistake(what % {"by": by, "slices": ", ".join(SLICES)} + nearest)
