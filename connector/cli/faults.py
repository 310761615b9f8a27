"""Errors as a reader sees them: a sentence and an exit code, or one JSON document; never a traceback unasked."""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from connector.model.errors import EXIT_BUG, AuthError, BatonError, ConfigError, StateError

if TYPE_CHECKING:
    from connector.cli.session import Session
    from connector.model.errors import Problem


#: A number of ours in the words of a command: what a store can hold, so that a slip is told as such.
NUMBER = click.IntRange(0, 2**63 - 1)
#: What a machine says without naming a file: a disk, or somebody's share of it, is full.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
#: The places of a problem that hold a sentence of their own.
_SENTENCES = ("what", "step", "ending")


class Mistake(click.ClickException):
    """The reader named something that is not there; said in one line, without the usage of the command."""

    exit_code = 2
    #: What it begins with, in the reader's language.
    word = "error:"

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        """On stderr."""
        click.echo(f"{self.word} {self.format_message()}", err=True)


def as_json_wanted(arguments: Sequence[str]) -> bool:
    """Whether a command line that could not be read asks for JSON."""
    pairs = pairwise(arguments)
    return "--output=json" in arguments or ("--output", "json") in pairs


def show_usage(error: click.ClickException, as_json: bool) -> int:
    """A command line that click refuses; returns the exit code."""
    if as_json:
        from connector.cli.output import print_json

        print_json({"error": document_of_mistake(error)})
    else:
        error.show()
    return error.exit_code


def document_of_mistake(error: click.ClickException) -> dict[str, Any]:
    """What a reader did wrong, as JSON."""
    return {"kind": type(error).__name__, "message": error.format_message(), "exit_code": error.exit_code}


def document_of(error: BatonError, session: Session) -> dict[str, Any]:
    """One error as JSON: its kind, its text, and for a ConfigError every problem with its place."""
    document: dict[str, Any] = {"kind": type(error).__name__, "message": text_of(error, session)}
    document["exit_code"] = error.exit_code
    if isinstance(error, ConfigError):
        document["problems"] = [
            {
                "file": problem.file,
                "line": problem.line or None,
                "key": [str(step) for step in problem.path],
                "text": told(problem, session),
            }
            for problem in error.problems
        ]
    if isinstance(error, AuthError):
        document |= {"connection": error.connection, "mend": error.mend}
    return document


def text_of(error: BatonError, session: Session) -> str:
    """An error in the reader's language, one problem a line."""
    if isinstance(error, ConfigError):
        return "\n".join(told(problem, session) for problem in error.problems)
    from connector.locale.stored import retell

    return retell(str(error), session.translate)


def told(problem: Problem, session: Session) -> str:
    """A problem in the reader's language; a sentence that is kept may stand in it, or be all of it."""
    from connector.locale.stored import retell

    def say(text: str) -> str:
        message = session.translate(text)
        return message if message != text else retell(text, session.translate)

    values = {
        name: retell(str(one), session.translate) if name in _SENTENCES else one for name, one in problem.values.items()
    }
    return replace(problem, values=values).render(say)


def show_error(session: Session, error: BatonError) -> int:
    """An error that is meant for the reader; returns its exit code."""
    if session.as_json:
        from connector.cli.output import print_json

        print_json({"error": document_of(error, session)})
    else:
        for line in text_of(error, session).splitlines():
            click.echo(f"{session.style(session.translate('error:'), fg='red')} {line}", err=True)
    return error.exit_code


def of_the_machine(error: Exception) -> StateError | None:
    """What the machine refused, with path and reason: a folder, a right, room; None for any other error."""
    if not isinstance(error, OSError) or not error.strerror or not (error.filename or error.errno in _NO_ROOM):
        return None
    return StateError(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)


def show_unforeseen(session: Session, error: Exception) -> int:
    """An error that nothing expected there: what the machine refused, or a fault of ours; returns the exit code."""
    refused = of_the_machine(error)
    code = show_error(session, refused) if refused else show_fault(session, error)
    if session.verbose:
        import traceback

        click.echo("".join(traceback.format_exception(error)), err=True)
    return code


def show_fault(session: Session, error: Exception) -> int:
    """A fault of ours: one line without anything the error may quote, and how to see more."""
    _ = session.translate
    what = _("a fault of this program: %(kind)s in %(place)s") % {"kind": type(error).__name__, "place": place(error)}
    hint = _("run it again with --verbose for the traceback, and report it")
    if session.as_json:
        from connector.cli.output import print_json

        print_json({"error": {"kind": "Fault", "message": what, "hint": hint, "exit_code": EXIT_BUG}})
    else:
        click.echo(f"{session.style(session.translate('error:'), fg='red')} {what}", err=True)
        if not session.verbose:
            click.echo(f"       {hint}", err=True)
    return EXIT_BUG


def place(error: Exception) -> str:
    """The module and line where an error arose: no values, so no personal data."""
    import traceback

    frames = [one for one in traceback.extract_tb(error.__traceback__) if not one.filename.startswith("<")]
    return f"{frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else "?"
