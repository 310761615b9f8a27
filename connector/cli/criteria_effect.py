"""`baton criteria effect`: what each change of the criteria did to the next steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from connector.cli.criteria import SHORT
from connector.cli.find import known_flow
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table, terminal_width

if TYPE_CHECKING:
    from connector.insight.criteria_effect import Change, Difference, Effect, Measured, Mix

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: What an interval says.
_TOLD = {"more": N_("more than before"), "fewer": N_("fewer than before"), "": N_("no difference can be told")}


@click.command()
@click.argument("flow", default="")
@click.option(
    "--weeks", type=click.IntRange(1, 26), default=4, show_default=True, help="Weeks before and after, at most."
)
@click.option("--limit", type=click.IntRange(1), default=5, show_default=True, help="Changes that are told, by flow.")
@output_option
@pass_session
def effect(session: Session, flow: str, weeks: int, limit: int) -> None:
    """Tell what became of leads that qualified before a change of the criteria and after it.

    Two windows of the same length meet at the change. A step counts where it came within the days that stand beside
    it, so that both windows have had the time. Differences are in percentage points, with an interval of 95 %.
    """
    from connector.insight.criteria_effect import report

    with session.opened() as app:
        known_flow(session, app, flow)
        names = [flow] if flow else list(app.config.flows)
        with app.store.read() as tx:
            found = {name: report(tx, name, app.clock(), weeks)[:limit] for name in names}
        zone = app.config.zone
    session.emit({"effects": found}, lambda: lines(session, [one for some in found.values() for one in some], zone))


def lines(session: Session, found: Sequence[Effect], zone: ZoneInfo) -> Iterator[str]:
    """A heading a change, a table of what followed, and what else may be behind it."""
    if not found:
        yield session.translate("the criteria have not changed since they were kept for the first time")
    for one in found:
        yield from _told(session, one, zone)


def _told(session: Session, one: Effect, zone: ZoneInfo) -> Iterator[str]:
    from connector.locale.columns import wrap

    _ = session.translate
    yield _heading(session, one.change, zone)
    headings = (_("next step"), _("counted within"), _("before"), _("after"), _("difference"), "")
    yield from table(headings, [_row(session, each) for each in one.measured], columns=1000, indent="  ")
    for text in (*_missing(session, one, zone), *_beside(session, one, zone)):
        first, *more = wrap(text, max(terminal_width() - 4, 40))
        yield f"  * {first}"
        yield from (f"    {line}" for line in more)


def _heading(session: Session, change: Change, zone: ZoneInfo) -> str:
    from connector.locale.format import moment

    when = moment(change.at, zone, session.language, year=True)
    who = " ".join(part for part in (change.author, change.note) if part)
    said = f"{change.flow}: {change.before[:SHORT]} -> {change.version[:SHORT]}, {when}"
    return f"{said} ({who})" if who else said


def _row(session: Session, one: Measured) -> tuple[str, str, str, str, str, str]:
    from connector.insight.criteria_effect import told_apart
    from connector.steps.telling.words import stage

    _ = session.translate
    name, within = stage(one.outcome, _), _("%(n)s days") % {"n": one.days}
    found = one.difference
    if found is None:
        _n = session.counted
        before, after = (_n("%(n)s lead", "%(n)s leads", number) for number in one.leads)
        return name, within, before, after, "", _("not enough data yet")
    before, after = _share(found.hits_before, found.of_before), _share(found.hits_after, found.of_after)
    return name, within, before, after, _points(found), _(_TOLD[told_apart(found)])


def _share(hits: int, of: int) -> str:
    return f"{hits} / {of} ({hits / of:.0%})"


def _points(one: Difference | Mix) -> str:
    return f"{100 * one.value:+.0f} ({100 * one.low:+.0f} … {100 * one.high:+.0f})"


def _missing(session: Session, one: Effect, zone: ZoneInfo) -> Iterator[str]:
    """What there is not enough data for, and when there will be."""
    from connector.locale.format import day
    from connector.steps.telling.words import stage

    _ = session.translate
    for each in one.measured:
        if each.difference is not None:
            continue
        what = _("%(stage)s: %(needed)s leads are needed before and after, in %(weeks)s weeks each so far; %(more)s")
        yield what % {
            "stage": stage(each.outcome, _), "needed": each.needed, "weeks": each.weeks,
            "more": _("look again from %(day)s on") % {
                "day": day(each.ready_at.astimezone(zone), session.language, year=True)
            } if each.ready_at else _("no more come"),
        }  # fmt: skip


def _beside(session: Session, one: Effect, zone: ZoneInfo) -> Iterator[str]:
    """What else may be behind the differences."""
    from connector.insight.criteria_effect import told_apart
    from connector.locale.format import day
    from connector.steps.telling.words import stage

    _ = session.translate
    for each in one.measured:
        mix, year = each.mix, each.year_before
        if mix is not None and not mix.by_chance:
            what = _(
                "%(stage)s: %(share)s of the leads are of other types (source × persona) than before; among the same "
                "types the difference is %(points)s: %(told)s"
            )
            names = {"stage": stage(each.outcome, _), "share": f"{mix.moved:.0%}", "points": _points(mix)}
            yield what % {**names, "told": _(_TOLD[told_apart(mix)])}
        if year is not None:
            what = _("%(stage)s: in the same weeks a year before the difference was %(points)s")
            yield what % {"stage": stage(each.outcome, _), "points": _points(year)}
    for other in one.overlapping:
        names = {"version": other.version[:SHORT], "day": day(other.at.astimezone(zone), session.language, year=True)}
        yield _("another change lies in the same weeks: %(version)s, %(day)s; what each did cannot be told") % names
    if all(each.year_before is None for each in one.measured):
        yield _("seasons: too little is stored of the same weeks a year before")
