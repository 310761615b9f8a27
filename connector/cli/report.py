"""`baton report`: the review pack of a week, a month or a quarter."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.playbook import write
from connector.cli.session import Session, pass_session
from connector.cli.writing import PAGE, TEXT, Written

if TYPE_CHECKING:
    from pathlib import Path

    from connector.app import App
    from connector.reporting.periods import Period

#: So many periods are looked back for one that is named.
LOOK_BACK = 600


@click.command()
@click.option(
    "--weekly", "kind", flag_value="weekly", default=True, help="Of the last week that is over (the default)."
)
@click.option("--monthly", "kind", flag_value="monthly", help="Of the last month that is over.")
@click.option(
    "--quarterly", "kind", flag_value="quarterly", help="Of the last quarter of the fiscal year that is over."
)
@click.option("--period", help="Another one: 2026-W47, 2026-11, 2026-Q4.")
@click.option("--language", type=click.Choice(["en", "ja"]), help="Of the text (yours).")
@click.option("--html", is_flag=True, help="One page to print or to mail, in place of Markdown.")
@click.option("-o", "--out", type=Written(TEXT, PAGE), help="A file to write (the terminal).")
@output_option
@pass_session
def report(session: Session, kind: str, period: str | None, language: str | None, html: bool, out: Path | None) -> int:
    """Make the review pack: what is past due, times kept, why leads came back, data quality, what to decide.

    It goes to whoever listens to `report` in [notices] by itself, on the schedule of the configuration.
    """
    from connector.reporting.pack import pack_of
    from connector.reporting.review import review

    language = language or session.language
    with session.opened() as app:
        wanted = _period(session, app, kind, period)
        now = app.clock()
        with app.store.read() as tx:
            pack = pack_of(tx, app.config, wanted, now)
            blocks = review(tx, app.config, pack, language)
    if session.output == "json":
        session.emit({"kind": pack.kind, "period": pack.period, "made_at": now, **pack.body}, list)
        return 0
    return write(session, blocks, language, out, html=html)


def _period(session: Session, app: App, kind: str, name: str | None) -> Period:
    """The latest that is over, or the one named."""
    from connector.reporting.periods import before, last_over, period_of

    if name is None:
        return last_over(kind, app.clock(), app.config)
    kind = "weekly" if "W" in name else "quarterly" if "Q" in name else "monthly"
    # Of the fiscal year, a quarter may lie ahead by its name.
    found = period_of(kind, (app.clock() + timedelta(days=1)).astimezone(app.config.zone).date(), app.config)
    for _ in range(LOOK_BACK):
        if found.name == name:
            return found
        found = before(found, app.config)
    raise Mistake(session.translate("no period %(name)s; such as 2026-W47, 2026-11, 2026-Q4") % {"name": name})
