"""`baton check`: is this configuration right?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import told
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.model.errors import ConfigError

if TYPE_CHECKING:
    from connector.config import Config
    from connector.runs.check import Finding


@click.command()
@output_option
@pass_session
def check(session: Session) -> int:
    """Prove configuration, mappings, connections and criteria, and say whether it can run.

    Errors keep it from running. Warnings are allowed, but are probably not meant.
    """
    from connector.runs.check import Finding, findings

    try:
        with session.opened() as app:
            found = list(findings(app.runtime(), roles))
            config: Config | None = app.config
    except ConfigError as error:
        found = [Finding("error", problem, error.exit_code) for problem in error.problems]
        config = None
    session.emit(document(session, found, config), lambda: lines(session, found, config))
    return max((one.exit_code for one in found), default=0)


def roles(type: str) -> tuple[bool, bool]:
    """Whether a platform can be a source, and a CRM."""
    from connector.platforms import adapter

    declared = adapter(type)
    return declared.source is not None, declared.crm is not None


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


def lines(session: Session, found: Sequence[Finding], config: Config | None) -> Iterator[str]:
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
        yield _("looked at: connections %(connections)s, flows %(flows)s, files %(files)s") % whole
    if numbers["errors"]:
        yield session.style(_("NOT READY: errors %(errors)s, warnings %(warnings)s") % numbers, bold=True)
    else:
        yield session.style(_("READY: errors 0, warnings %(warnings)s") % numbers, bold=True)
