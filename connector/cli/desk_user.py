"""`baton desk user`: who may see the desk beside those whom the configuration names, and their passwords."""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import click

from connector.cli.faults import Mistake
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table
from connector.model.logins import ROLES, Role, User

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config

_EMAIL = re.compile(r"[^@\s\"<>]+@[^@\s\"<>]+\.[^@\s\"<>]+")

COMMANDS = {
    "list": Entry("connector.cli.desk_user:list_users", "Who may see the desk, and as what."),
    "add": Entry("connector.cli.desk_user:add", "Let somebody in whom the configuration does not name."),
    "roles": Entry("connector.cli.desk_user:roles", "Give somebody other roles."),
    "password": Entry("connector.cli.desk_user:password", "Give somebody a password; it is typed hidden, or made."),
    "disable": Entry("connector.cli.desk_user:disable", "Let somebody in no more; their sessions end at once."),
    "enable": Entry("connector.cli.desk_user:enable", "Let somebody in again."),
}

role_option = click.option(
    "--role", "given", multiple=True, type=click.Choice(ROLES), help="What they may be; several times for several."
)


@click.group(cls=LazyGroup, table=COMMANDS)
def user() -> None:
    """Users of the desk: list, add, roles, password, disable, enable.

    Members of teams, managers and reviewers have their roles by the configuration.
    """


@click.command("list")
@output_option
@pass_session
def list_users(session: Session) -> None:
    """Show who may see the desk: by the configuration, and by this command."""
    with session.opened() as app:
        found = everybody(app)
    session.emit({"users": [document(one, named) for one, named in found]}, lambda: lines(session, found))


def everybody(app: App) -> list[tuple[User, Sequence[str]]]:
    """Users of the store, and whom the configuration names: each with the roles that it gives them."""
    from connector.web.users import roles_named

    with app.store.read() as tx:
        stored = {one.email: one for one in tx.logins.users()}
    known = {email: stored.get(email) or User(email) for email in sorted({*stored, *app.config.everybody})}
    rows = [(one, sorted(roles_named(app.config, email))) for email, one in known.items()]
    return [(one, named) for one, named in rows if named or one.email in stored]


def document(one: User, named: Sequence[str]) -> dict[str, Any]:
    """A user as JSON has them, without anything of the password."""
    return {
        "email": one.email,
        "name": one.name,
        "roles": list(one.roles),
        "roles_by_configuration": list(named),
        "password": bool(one.password),
        "last_at": one.last_at,
        "disabled_at": one.disabled_at,
    }


def lines(session: Session, found: list[tuple[User, Sequence[str]]]) -> Iterator[str]:
    """A table of users."""
    _ = session.translate
    if not found:
        yield _("nobody yet; name people in teams, or: baton desk user add EMAIL --role ROLE")
        return
    rows = [
        (
            one.email,
            ", ".join(named),
            ", ".join(one.roles),
            _("yes") if one.password else "",
            _("disabled") if one.disabled_at else "",
        )
        for one, named in found
    ]
    yield from table((_("email"), _("by the configuration"), _("given"), _("password"), ""), rows)


@click.command()
@click.argument("email")
@role_option
@click.option("--name", default="", help="How they are called.")
@click.option("--language", type=click.Choice(["en", "ja"]), help="Of their pages; none: as configured.")
@output_option
@pass_session
def add(session: Session, email: str, given: tuple[str, ...], name: str, language: str | None) -> None:
    """Let EMAIL in, whom the configuration does not name, or with more roles than it gives."""
    if not given:
        raise click.UsageError(session.translate("name at least one --role"))
    with session.opened() as app:
        folded = address(session, email)
        with app.store.read() as tx:
            if tx.logins.user(folded) is not None:
                what = session.translate("%(email)s is a user already: baton desk user roles %(email)s --role ROLE")
                raise Mistake(what % {"email": folded})
        made = User(folded, name, cast("tuple[Role, ...]", given), language=language or "")
        save(app, made, "user added")
        by_password = app.config.desk.sign_in == "logins"
    _ = session.translate
    said = [_("%(email)s may see the desk") % {"email": folded}]
    if by_password:
        said.append(_("a password for them: baton desk user password %(email)s") % {"email": folded})
    session.emit({"user": document(made, ())}, lambda: said)


@click.command()
@click.argument("email")
@role_option
@output_option
@pass_session
def roles(session: Session, email: str, given: tuple[str, ...]) -> None:
    """Give EMAIL these roles in place of those given before; without --role, only those of the configuration."""
    with session.opened() as app:
        changed = replace(stored(session, app, email), roles=cast("tuple[Role, ...]", given))
        save(app, changed, "roles given")
    said = session.translate("%(email)s has the given roles now: %(roles)s")
    told = {"email": changed.email, "roles": ", ".join(given) or "–"}
    session.emit({"user": document(changed, ())}, lambda: [said % told])


@click.command()
@click.argument("email")
@click.option("--generate", is_flag=True, help="Make one and show it, once.")
@output_option
@pass_session
def password(session: Session, email: str, generate: bool) -> None:
    """Give EMAIL a password. It is typed hidden, read from stdin, or made: never an argument. All sessions end."""
    from connector.web.passwords import generated, hashed, is_usable

    with session.opened() as app:
        one = stored(session, app, email)
        chosen = generated() if generate else typed(session)
        if not is_usable(chosen, one.email):
            raise Mistake(session.translate("a password has 12 to 200 characters, and is not the name"))
        save(app, replace(one, password=hashed(chosen), epoch=one.epoch + 1), "password given")
    said = [session.translate("%(email)s has a new password") % {"email": one.email}]
    if generate:
        said.append(chosen)
    session.emit({"email": one.email, "password": chosen if generate else None}, lambda: said)


@click.command()
@click.argument("email")
@output_option
@pass_session
def disable(session: Session, email: str) -> None:
    """Let EMAIL in no more, whatever the configuration says; their sessions end at once."""
    with session.opened() as app:
        one = stored(session, app, email)
        changed = replace(one, disabled_at=app.clock(), epoch=one.epoch + 1)
        save(app, changed, "user disabled")
    said = session.translate("%(email)s may not see the desk any more") % {"email": changed.email}
    session.emit({"user": document(changed, ())}, lambda: [said])


@click.command()
@click.argument("email")
@output_option
@pass_session
def enable(session: Session, email: str) -> None:
    """Let EMAIL in again, with the roles and the password from before."""
    with session.opened() as app:
        changed = replace(stored(session, app, email), disabled_at=None)
        save(app, changed, "user enabled")
    said = session.translate("%(email)s may see the desk") % {"email": changed.email}
    session.emit({"user": document(changed, ())}, lambda: [said])


def address(session: Session, email: str) -> str:
    """An email as it is kept. Raises Mistake where it is none."""
    folded = email.strip().lower()
    if not _EMAIL.fullmatch(folded):
        raise Mistake(session.translate("%(email)s is no email address") % {"email": email})
    return folded


def stored(session: Session, app: App, email: str) -> User:
    """The user of the store, or whom the configuration names. Raises Mistake for anybody else."""
    folded = address(session, email)
    with app.store.read() as tx:
        found = tx.logins.user(folded)
    if found is not None or folded in app.config.everybody:
        return found or User(folded)
    raise Mistake(unknown(session, app.config, folded))


def unknown(session: Session, config: Config, email: str) -> str:
    """That nobody has this address, and whose is the nearest."""
    from difflib import get_close_matches

    near = get_close_matches(email, sorted(config.everybody), n=1)
    if near:
        what = session.translate("no user %(email)s; did you mean %(near)s?")
        return what % {"email": email, "near": near[0]}
    return session.translate("no user %(email)s: baton desk user add %(email)s --role ROLE") % {"email": email}


def save(app: App, one: User, action: str) -> None:
    """Keep a user, and write down that it was done."""
    from connector.model.logins import Audited

    with app.store.write() as tx:
        tx.logins.save(one, app.clock())
        body = {"user": one.email, "roles": list(one.roles)}
        tx.logins.record(Audited(app.clock(), getpass.getuser(), "command", action, body=body))


def typed(session: Session) -> str:
    """What is typed without being shown, twice; or the first line of stdin."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    question = session.translate("password (not shown)")
    again = session.translate("once more")
    return str(click.prompt(question, hide_input=True, confirmation_prompt=again, err=True))
