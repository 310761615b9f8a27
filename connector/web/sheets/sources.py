"""Sources: what became of the leads of each source, medium and campaign."""

from __future__ import annotations

from connector.insight import funnel_words
from connector.insight.funnel_report import followed
from connector.insight.origins import Origin, origins
from connector.locale.format import share as percent
from connector.model.times import micros
from connector.steps.telling.words import N_, field_name, stage
from connector.web.charts import Chart, Series
from connector.web.sheets.funnel import question
from connector.web.sheets.sheet import Look, Part, Sheet
from connector.web.tables import Column, Grid

FIELDS = ("source", "medium", "campaign")
#: Rows that are drawn, and those on a page.
DRAWN, LISTED = 10, 25


def sources(look: Look) -> Sheet:
    """The page: leads that became an MQL in the period, and what became of them since."""
    words = look.words
    asked = question(look.asked, look.config)
    what = followed(look.tx, asked, look.config.zone).what
    about = N_(
        "Leads that became an MQL in this period, and what became of them since, counted %(definition)s. Rejected is "
        "who was given back with a reason at any time since."
    )
    said = words.say(about, definition=words.say(funnel_words.DEFINITIONS[asked.definition]))
    rejected = {one[:2] for one in look.tx.looking.rejected(0, micros(look.now) + 1)} if what.ways else set()
    values = look.tx.funnel.values_of(sorted({way.lead_id for way in what.ways}), FIELDS)
    parts = []
    for place, name in enumerate(FIELDS):
        names = [_text(values.get(way.lead_id, (None,) * 3)[place]) for way in what.ways]
        parts.append(_part(look, name, origins(what, names, rejected) if what.path else []))
    few = words.say(N_("Of fewer than 10 leads there is no share, only the count: chance would decide it."))
    return Sheet(said, parts, doubts=[few] if what.ways else [])


def _text(value: object) -> str | None:
    return None if value is None or value == "" else str(value)


def _part(look: Look, field: str, found: list[Origin]) -> Part:
    words = look.words
    say, name = words.say, field_name(field, words.translate)
    title = say(N_("By %(name)s"), name=name)
    columns = [
        Column(field, name),
        Column("mql", stage("mql", words.translate), "count"),
        Column("accepted", stage("sal", words.translate), "share"),
        Column("rejected", stage("rejected", words.translate), "share"),
        Column("won", stage("won", words.translate), "share"),
    ]
    unknown = say(N_("(not known)"))
    table = [(one.name or unknown, one.entered, one.accepted, one.rejected, one.won) for one in found]
    note = say(N_("Shares are of the MQL of the same row; in brackets where the true share may well lie (95 %)."))
    grid = Grid(field, title, columns, table, note, LISTED)
    return Part(title, grid, _chart(look, title, found))


def _chart(look: Look, title: str, found: list[Origin]) -> Chart | None:
    words = look.words
    drawn = [one for one in found if one.name is not None and one.won.value is not None][:DRAWN]
    if len(drawn) < 2:
        return None
    by_won = sorted(drawn, key=lambda one: -(one.won.value or 0))
    best = by_won[0]
    worst = max(drawn, key=lambda one: one.rejected.value or 0)
    text = N_("%(best)s is won most often (%(won)s), %(worst)s rejected most often (%(rejected)s).")
    says = words.say(
        text, best=best.name, won=percent(best.won.value or 0, words.language), worst=worst.name,
        rejected=percent(worst.rejected.value or 0, words.language),
    )  # fmt: skip
    if (by_won[0].won.low or 0) <= (by_won[1].won.high or 0):
        says += words.say(N_(" Their intervals overlap: it may be by chance."))
    series = [
        Series(stage("won", words.translate), [one.won.value for one in drawn]),
        Series(stage("rejected", words.translate), [one.rejected.value for one in drawn], "soft"),
    ]
    return Chart(
        "columns", title, [one.name or "" for one in drawn], series, says, lambda value: percent(value, words.language)
    )
