"""`baton auth`: secrets by name, and which connections ask who we are."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Connection
    from connector.edge.secrets import Secrets

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: How a key begins.
PEM = "-----BEGIN "

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
        typed = str(click.prompt(question, hide_input=True, err=True)).strip()
        if typed.startswith(PEM):
            what = session.translate("a key has several lines; give its file: baton auth set %(name)s < key.pem")
            raise Mistake(what % {"name": name})
        return typed
    first = sys.stdin.readline()
    return (first + sys.stdin.read() if first.startswith(PEM) else first).strip()


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
    """List the names of all secrets, and which of them each connection needs."""
    from connector.config import load
    from connector.edge.secrets import Secrets

    config = load(session.path)
    secrets = Secrets(config.root, config.secrets_backend)
    names = secrets.list()
    wanted = [one for connection in config.connections.values() for one in needs(connection, secrets.backend)]
    there = {one["secret"]: has(secrets, one["secret"]) for one in wanted}
    needed = [one | {"there": there[one["secret"]], "set": secrets.mend(one["secret"])} for one in wanted]
    document = {"backend": secrets.backend, "secrets": names, "needed": needed}
    session.emit(document, lambda: listing(session, names, needed))


def needs(connection: Connection, backend: str) -> list[dict[str, str]]:
    """The secrets of one connection: name, and what it is. Where none can be made, the store's key is among them."""
    from connector.edge.sealing import STORE_KEY
    from connector.model.http import ClientCredentials, JwtBearer, RefreshToken, StaticToken
    from connector.platforms import adapter

    name, declared = connection.name, adapter(connection.type)
    if declared.api is None:
        return []
    sign_in = declared.api(connection.settings).sign_in
    found = {name: N_("token")}
    if isinstance(sign_in, RefreshToken):
        found = {name: N_("refresh token"), f"{name}-client": N_("the app's client secret")}
    elif isinstance(sign_in, ClientCredentials):
        found = {name: N_("the app's client secret")}
    elif isinstance(sign_in, JwtBearer):
        found = {name: N_("private key (PEM)")}
    if backend == "environment" and not isinstance(sign_in, StaticToken):
        found[STORE_KEY] = N_("a long random text that seals tokens in the store")
    return [{"connection": name, "secret": secret, "what": what} for secret, what in found.items()]


def has(secrets: Secrets, name: str) -> bool:
    """Whether a secret is kept."""
    from connector.model.errors import AuthError

    try:
        return bool(secrets.get(name))
    except AuthError:
        return False


def listing(session: Session, names: Sequence[str], needed: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What each connection needs, then the other names."""
    _ = session.translate
    rows = [
        (one["connection"], one["secret"], _(one["what"]), _("is there") if one["there"] else
         _("missing: %(command)s") % {"command": one["set"]})
        for one in needed
    ]  # fmt: skip
    yield from table((_("connection"), _("secret"), "", ""), rows)
    others = [name for name in names if name not in {one["secret"] for one in needed}]
    if rows and others:
        yield ""
    yield from others
    if not rows and not others:
        yield _("no secrets yet; `baton auth set NAME` keeps one")


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
    """(`not needed`, `works`, `refused` or `not reached`, what to do) for one connection."""
    from connector.model.errors import AuthError, ConfigError, RetryableError
    from connector.platforms import adapter

    declared = adapter(app.config.connections[name].type)
    if not declared.signs_in:
        return "not needed", ""
    try:
        (app.source(name) if declared.source else app.crm(name)).check()
    except AuthError as error:
        return "refused", str(error)
    except RetryableError as error:
        return "not reached", str(error)
    except ConfigError as error:
        # Let in, and something else is missing.
        return "works", str(error)
    return "works", ""


def _lines(session: Session, found: list[tuple[str, str, str]]) -> Iterator[str]:
    from connector.locale.stored import retell

    _ = session.translate
    words = {
        "not needed": _("nothing to log in for"),
        "works": _("logged in"),
        "refused": _("refused"),
        "not reached": _("not reached"),
    }
    yield from table(("", "", ""), [(name, words[state], retell(detail, _)) for name, state, detail in found])
