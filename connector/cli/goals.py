"""`baton goals`: how far each goal is, whether it will be reached, and showing that in a CRM."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from connector.cli.faults import Mistake
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session

if TYPE_CHECKING:
    from collections.abc import Mapping


COMMANDS = {
    "list": Entry("connector.cli.goals:show", "How far each goal is; what is meant where no command is named."),
    "publish": Entry("connector.cli.goals_publish:publish", "Put them, and pages, into a CRM that can show them."),
}


class Goals(LazyGroup):
    """A group whose first command is meant where none is named: `baton goals "Qualified leads"`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does it, with the command put in front."""
        named = args and args[0] in (*self.table, *ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["list", *args])


_PERIOD = click.option("--period", default="", help="Another span than today's: 2026-W47, 2026-11, 2026-Q4, 2026.")


@click.group(cls=Goals, table=COMMANDS)
@_PERIOD
@output_option
def goals(period: str) -> None:
    """The goals of the configuration: `baton goals` lists them, `baton goals NAME` one with those under it."""
    del period  # told to the list


@click.command(name="list")
@click.argument("name", required=False)
@_PERIOD
@output_option
@pass_session
def show(session: Session, name: str | None, period: str) -> int:
    """List the goals of the configuration: how far each is, where it will end, and what it was before.

    With NAME only that one and those under it. A span that is over is judged by the goal as it was then.
    """
    from connector.cli import goals_text
    from connector.runs.goals import keep_what_changed, standing

    with session.opened() as app:
        _check_name(session, app.config.goals, name)
        keep_what_changed(app.runtime())
        now = app.clock()
        with app.store.read() as tx:
            found = standing(tx, app.config, now, period)
        zone, money = app.config.zone, app.config.currency.report_in
    if period and not found:
        text = session.translate("no goal has a span that is called %(period)s; such as 2026-W47, 2026-11, 2026-Q4")
        raise Mistake(text % {"period": period})
    if name:
        found = goals_text.with_those_under(found, name)
    told = goals_text.Teller(session.translate, session.language, zone, money)
    session.emit({"at": now, "goals": [told.document(one) for one in found]}, lambda: told.lines(found))
    return 0


def _check_name(session: Session, known: Mapping[str, object], name: str | None) -> None:
    if name is None or name in known:
        return
    near = get_close_matches(name, [*known], 1)
    what = session.translate("no goal is called %(name)s") % {"name": name}
    raise Mistake(what + (session.translate("; did you mean %(near)s?") % {"near": near[0]} if near else ""))
