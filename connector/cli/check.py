"""`baton check`: is this configuration right?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import told
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.model.errors import ConfigError

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config
    from connector.runs.findings import Finding

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
DAY_SECONDS = 86_400.0


@click.command()
@output_option
@pass_session
def check(session: Session) -> int:
    """Prove configuration, mappings, connections and criteria, and say whether it can run.

    Errors keep it from running. Warnings are allowed, but are probably not meant.
    """
    from connector.runs.check import findings
    from connector.runs.findings import Finding

    accounts: dict[str, str] = {}
    try:
        with session.opened() as app:
            found = [*findings(app.runtime(), roles), *of_accounts(app), *of_hooks(app)]
            config: Config | None = app.config
            accounts = known_accounts(app)
    except ConfigError as error:
        found = [Finding("error", problem, error.exit_code) for problem in error.problems]
        config = None
    session.emit(
        document(session, found, config) | {"accounts": accounts}, lambda: lines(session, found, config, accounts)
    )
    return max((one.exit_code for one in found), default=0)


def roles(type: str) -> tuple[bool, bool]:
    """Whether a platform can be a source, and a CRM."""
    from connector.platforms import adapter

    declared = adapter(type)
    return declared.source is not None, declared.crm is not None


def known_accounts(app: App) -> dict[str, str]:
    """Whose credentials each connection has, where its platform has told."""
    with app.store.read() as tx:
        told = {name: tx.admin.meta(f"account:{name}") for name in app.config.connections}
    return {name: account for name, account in told.items() if account}


def of_accounts(app: App) -> Iterator[Finding]:
    """What ends soon, and a share of calls that is larger than what there is."""
    from connector.runs.findings import warning

    for name, connection in app.config.connections.items():
        for sentence in app.endings_of(name):
            yield warning(app.config, ("connections", name), "%(ending)s", ending=sentence)
        wished, most = connection.daily_calls, calls_a_day(app, name)
        if wished and most and wished > most:
            what = N_("%(wished)s calls a day are more than the account has: %(most)s")
            path = ("connections", name, "daily_calls")
            yield warning(app.config, path, what, wished=f"{wished:,}", most=f"{most:,}")


def of_hooks(app: App) -> Iterator[Finding]:
    """Connections that are listened to, and nothing could prove what is told."""
    from connector.model.errors import AuthError
    from connector.model.hooks import secret_name
    from connector.runs.findings import warning

    for name in app.config.desk.hooks:
        try:
            app.secrets.get(secret_name(name))
        except AuthError:
            what = N_("there is no secret %(secret)s that could prove what %(name)s tells: baton setup %(name)s")
            yield warning(app.config, ("desk", "hooks"), what, name=name, secret=secret_name(name))


def calls_a_day(app: App, name: str) -> int:
    """What an account has a day, as its platform says it, else as the settings do; 0 where there is no limit."""
    from connector.app import account_key

    of_a_day = [rate for rate in app.rates(name, own=False) if rate.seconds >= DAY_SECONDS]
    with app.store.read() as tx:
        said = {line.rate: line.limit for line in tx.budgets.standing(account_key(app.config.connections[name]))}
    return min((said.get(rate.name) or rate.calls for rate in of_a_day), default=0)


def counted(found: Sequence[Finding]) -> dict[str, int]:
    """How many errors and warnings."""
    return {level: sum(one.level == level for one in found) for level in ("error", "warning")}


def document(session: Session, found: Sequence[Finding], config: Config | None) -> dict[str, Any]:
    """The verdict as JSON."""
    numbers = counted(found)
    return {
        "ready": not numbers["error"],
        "errors": numbers["error"],
        "warnings": numbers["warning"],
        "connections": list(config.connections) if config else None,
        "flows": list(config.flows) if config else None,
        "findings": [
            {
                "level": one.level,
                "file": one.problem.file,
                "line": one.problem.line or None,
                "key": [str(step) for step in one.problem.path],
                "text": told(one.problem, session),
            }
            for one in found
        ],
    }


def lines(
    session: Session, found: Sequence[Finding], config: Config | None, accounts: Mapping[str, str]
) -> Iterator[str]:
    """A line each, errors first, then the verdict."""
    _ = session.translate
    words = {
        "error": session.style(_("error:"), fg="red"),
        "warning": session.style(_("warning:"), fg="yellow"),
    }
    for level in ("error", "warning"):
        for one in found:
            if one.level == level:
                yield f"{words[level]} {told(one.problem, session)}"
    if found:
        yield ""
    numbers = {"errors": counted(found)["error"], "warnings": counted(found)["warning"]}
    if config is not None:
        whole = {"connections": len(config.connections), "flows": len(config.flows), "files": len(config.files)}
        for name, account in accounts.items():
            yield _("%(name)s: account %(account)s") % {"name": name, "account": account}
        yield _("looked at: connections %(connections)s, flows %(flows)s, files %(files)s") % whole
    if numbers["errors"]:
        yield session.style(_("NOT READY: errors %(errors)s, warnings %(warnings)s") % numbers, bold=True)
    else:
        yield session.style(_("READY: errors 0, warnings %(warnings)s") % numbers, bold=True)
