"""`baton auth`: secrets by name, and which connections ask who we are."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table

if TYPE_CHECKING:
    from connector.app import App
    from connector.edge.secrets import Secrets

COMMANDS = {
    "set": Entry("connector.cli.auth:set_secret", "Keep a secret; asks for it hidden, or reads stdin."),
    "list": Entry("connector.cli.auth:list_secrets", "List the names of secrets, never their values."),
    "login": Entry("connector.cli.auth:login", "Say which connections have to log in, and whether they can."),
}


@click.group(cls=LazyGroup, table=COMMANDS)
def auth() -> None:
    """Keep secrets: set, list, login."""


def secrets_of(session: Session) -> Secrets:
    """The secrets of this configuration."""
    from connector.config import load
    from connector.edge.secrets import Secrets

    config = load(session.path)
    return Secrets(config.root, config.secrets_backend)


def ask(session: Session, name: str) -> str:
    """The secret's value: typed without being shown, or the first line of stdin; a key (PEM) is read whole."""
    if sys.stdin.isatty():
        question = session.translate("secret %(name)s (not shown)") % {"name": name}
        return str(click.prompt(question, hide_input=True, err=True)).strip()
    first = sys.stdin.readline()
    return (first + sys.stdin.read() if first.startswith("-----BEGIN ") else first).strip()


@click.command("set")
@click.argument("name")
@output_option
@pass_session
def set_secret(session: Session, name: str) -> None:
    """Keep a secret under NAME. It is typed hidden, or read from stdin: never an argument."""
    secrets = secrets_of(session)
    secrets.set(name, ask(session, name))
    said = session.translate("%(name)s is kept in the backend %(backend)s") % {
        "name": name, "backend": secrets.backend,
    }  # fmt: skip
    session.emit({"name": name, "backend": secrets.backend, "result": "kept"}, lambda: [said])


@click.command("list")
@output_option
@pass_session
def list_secrets(session: Session) -> None:
    """List the names of all secrets."""
    secrets = secrets_of(session)
    names = secrets.list()
    none = session.translate("no secrets yet; `baton auth set NAME` keeps one")
    session.emit({"backend": secrets.backend, "secrets": names}, lambda: names or [none])


@click.command()
@output_option
@pass_session
def login(session: Session) -> int:
    """Say for each connection whether it logs in, and whether that works."""
    with session.opened() as app:
        found = [(name, *sign_in(app, name)) for name in app.config.connections]
    keys = ("connection", "state", "detail")
    document = {"connections": [dict(zip(keys, row, strict=True)) for row in found]}
    session.emit(document, lambda: _lines(session, found))
    return 3 if any(state == "refused" for _, state, _ in found) else 0


def sign_in(app: App, name: str) -> tuple[str, str]:
    """(`not needed`, `works` or `refused`, what to do) for one connection."""
    from connector.model.errors import AuthError
    from connector.platforms import adapter

    declared = adapter(app.config.connections[name].type)
    if not declared.signs_in:
        return "not needed", ""
    try:
        (app.source(name) if declared.source else app.crm(name)).check()
    except AuthError as error:
        return "refused", str(error)
    return "works", ""


def _lines(session: Session, found: list[tuple[str, str, str]]) -> Iterator[str]:
    _ = session.translate
    words = {
        "not needed": _("nothing to log in for"),
        "works": _("logged in"),
        "refused": _("refused"),
    }
    yield from table(("", "", ""), [(name, words[state], detail) for name, state, detail in found])
