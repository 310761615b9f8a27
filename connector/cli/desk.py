"""`baton desk`: the pages for reps, reviewers, managers, marketing and admins."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import click

from connector.cli.faults import Mistake
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.people import known_person
from connector.cli.session import Session

if TYPE_CHECKING:
    from connector.app import App
    from connector.config.types import Desk

COMMANDS = {
    "user": Entry("connector.cli.desk_user:user", "Who may see the desk, and their passwords."),
    "trail": Entry("connector.cli.desk_trail:trail", "What was done on the desk, by whom."),
}


@click.group(cls=LazyGroup, table=COMMANDS, invoke_without_command=True)
@click.option("--host", metavar="ADDRESS", help="Listen at this address of this machine, not at the configured one.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Listen at this port; 0: any that is free.")
@click.option("--open", "browse", is_flag=True, help="Open the first page in a browser.")
@click.option("--as", "who", metavar="EMAIL", help='With sign_in = "link": come in as this person, not as an admin.')
@click.option(
    "--log", "style", type=click.Choice(["plain", "json"]), default="plain", show_default=True,
    help="How log lines are written, to stderr.",
)  # fmt: skip
@output_option
@click.pass_context
def desk(ctx: click.Context, /, style: Literal["plain", "json"], **asked: Any) -> int:
    """Serve the pages for reps, reviewers, managers, marketing and admins, until Ctrl-C.

    An edit of the configuration that cannot be used is told once, and the last good version stays
    in force. Where it listens and who signs its users in needs a restart.
    """
    if ctx.invoked_subcommand is not None:
        return 0
    session = ctx.ensure_object(Session)
    from connector.edge.logging import set_up
    from connector.platforms import check_packages

    check_packages()
    set_up(style, verbose=session.verbose)
    _serve(session, **asked)
    return 0


def _serve(session: Session, host: str | None, port: int | None, browse: bool, who: str | None) -> None:
    from connector.cli.run import Current
    from connector.web.serve import InForce, listening

    current = Current(session.path)
    in_force = InForce(current.app)
    current.leave = in_force.leave
    try:
        app = in_force()
        wanted = chosen(session, app, host, port)
        with suppress(KeyboardInterrupt), listening(wanted, app.config.root) as own:
            _answer(session, in_force, wanted, own, browse, who)
    except OSError as error:
        what = session.translate("the desk cannot listen there (%(fault)s); name another place with --host and --port")
        raise Mistake(what % {"fault": error.strerror}) from None
    finally:
        in_force.close()
        current.close()


def _answer(session: Session, in_force: Any, wanted: Desk, own: Any, browse: bool, who: str | None) -> None:
    from connector.cli.signals import interruptible
    from connector.web.opening import Opened
    from connector.web.serve import address, serve

    app = in_force()
    port = 0 if wanted.socket else own.getsockname()[1]
    opened = Opened(in_force, wanted, address(wanted, own), port, getpass.getuser(), _as(session, app, wanted, who))
    _ = session.translate

    def said() -> None:
        session.emit({"url": opened.url, "sign_in": wanted.sign_in}, lambda: _lines(session, opened, wanted))
        sys.stdout.flush()
        if browse:
            _browse(opened.url)

    site = opened.site()
    with interruptible(session, _("the desk ends")) as asked:
        serve(site, own, said, asked.stop)


def chosen(session: Session, app: App, host: str | None, port: int | None) -> Desk:
    """The desk as it is configured, at another place where one was named. Raises Mistake where it must not be so."""
    from connector.config.desk import faults

    own = app.config.desk
    wanted = own
    if host is not None or port is not None:
        wanted = replace(own, host=host or own.host, port=own.port if port is None else port, socket="")
    for fault in faults(wanted):
        key, what = ".".join(("desk", *map(str, fault.key))), session.translate(fault.what)
        allowed = session.translate("; allowed: %(allowed)s") % {"allowed": fault.allowed} if fault.allowed else ""
        raise Mistake(f"{key}: {what}{allowed}")
    return wanted


def _as(session: Session, app: App, wanted: Desk, who: str | None) -> str:
    """Whom the link lets in: a person by email, or "" for an admin."""
    from connector.web.users import user_of

    if who is None:
        return ""
    if wanted.sign_in != "link":
        raise Mistake(session.translate('--as goes with sign_in = "link" alone: here everybody signs in as themselves'))
    if user_of(app, who) is None:
        email = known_person(session, app.config, who)
        what = session.translate("%(email)s has no role on the desk: baton desk user add %(email)s --role ROLE")
        raise Mistake(what % {"email": email})
    return who.strip().lower()


def _lines(session: Session, opened: Any, wanted: Desk) -> Iterator[str]:
    _ = session.translate
    yield session.style(_("The desk is open: %(url)s") % {"url": opened.url}, bold=True)
    if wanted.sign_in == "link":
        yield _("The link lets in one browser, once, as %(who)s. Give it to nobody.") % {"who": opened.who}
    yield _("Ctrl-C ends it.")


def _browse(url: str) -> None:
    import webbrowser

    with suppress(webbrowser.Error):
        webbrowser.open(url)
