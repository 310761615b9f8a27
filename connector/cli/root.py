"""The command `baton` itself: its options, the table of its commands, and what becomes of an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from connector.cli.faults import Mistake, as_json_wanted, show_error, show_unforeseen, show_usage
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.session import Session
from connector.model.errors import BatonError, StateError

#: 128 and the number of the signal that ends other programs then.
EXIT_PIPE = 141
COMMANDS = {
    "demo": Entry("connector.cli.demo:demo", "A whole handoff on sample data, nothing to configure."),
    "init": Entry("connector.cli.init:init", "Write a first configuration into a folder."),
    "setup": Entry("connector.cli.setup:setup", "Make what a platform must have, or say how."),
    "check": Entry("connector.cli.check:check", "Prove configuration, mappings, connections and criteria."),
    "fields": Entry("connector.cli.fields:fields", "List Baton's fields, or what a platform has."),
    "schema": Entry("connector.cli.schema:schema", "Print JSON Schema of the files, for editors."),
    "auth": Entry("connector.cli.auth:auth", "Keep secrets: set, list, login."),
    "plan": Entry("connector.cli.plan:plan", "Show what would be written to the CRM; write nothing."),
    "apply": Entry("connector.cli.apply:apply", "Do what a kept plan says, as far as it still holds."),
    "reconcile": Entry("connector.cli.reconcile:reconcile", "Compare what Baton wrote with what stands there."),
    "undo": Entry("connector.cli.undo:undo", "Take back what a run wrote, where it still stands."),
    "sync": Entry("connector.cli.sync:sync", "Run the whole line once."),
    "run": Entry("connector.cli.run:run", "Run as a daemon, on the schedule of the configuration."),
    "backfill": Entry("connector.cli.backfill:backfill", "Read a stretch of time again, beside the daemon."),
    "status": Entry("connector.cli.status:status", "Where everything stands."),
    "why": Entry("connector.cli.why:why", "Tell the whole story of one lead."),
    "company": Entry("connector.cli.company:company", "Show a company: its people, their roles, its points."),
    "errors": Entry("connector.cli.errors:errors", "List, retry or drop what was set aside or refused."),
    "duplicates": Entry("connector.cli.duplicates:duplicates", "Leads that may be one person: decide, and take back."),
    "forget": Entry("connector.cli.forget:forget", "Erase a person from everything that Baton keeps."),
    "export": Entry("connector.cli.export:export", "Give all that is stored about a person."),
    "consent": Entry("connector.cli.consent:consent", "Write down what a person said about being contacted."),
    "absent": Entry("connector.cli.absent:absent", "Who is away, from when until when, and who stands in."),
    "reassign": Entry("connector.cli.reassign:reassign", "Give somebody's open handoffs to another person."),
    "review": Entry("connector.cli.review:review", "Leads that wait to be released: list, release, return."),
    "release": Entry("connector.cli.release:release", "Let go a lead that waits, or a parked flow."),
    "notify": Entry("connector.cli.notify:notify", "Who is told what by mail or chat; --test sends a message."),
    "desk": Entry("connector.cli.desk:desk", "Pages for reps, reviewers, managers, marketing and admins."),
    "state": Entry("connector.cli.state:state", "The store: back it up, put a copy back, migrate it."),
    "sandbox": Entry(
        "connector.cli.sandbox:sandbox", "Local servers that behave like the platforms, to try things on."
    ),
    "new-adapter": Entry("connector.cli.new_adapter:new_adapter", "Write an adapter for a platform, to begin with."),
    "map": Entry("connector.cli.playbook:show_map", "Draw the way of a lead, as text or SVG."),
    "playbook": Entry("connector.cli.playbook:playbook", "Who does what by when, in words, to print or to mail."),
    "report": Entry("connector.cli.report:report", "The review pack of a week, a month or a quarter."),
    "meeting": Entry("connector.cli.meeting:meeting", "What a review decided, and who does what by when."),
    "funnel": Entry("connector.cli.funnel:funnel", "From MQL to won: how many, how long, what is doubtful."),
    "goals": Entry("connector.cli.goals:goals", "How far each goal is, and whether it will be reached."),
    "criteria": Entry("connector.cli.criteria:criteria", "The criteria: their history, golden leads to try them on."),
    "simulate": Entry("connector.cli.simulate:simulate", "Who would come in or go out under changed criteria."),
    "selftest": Entry("connector.cli.selftest:selftest", "Show that nothing is lost or doubled when it is killed."),
}


class Baton(LazyGroup):
    """Turns every error into its exit code, and into a sentence without a traceback."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, *_more: Any, **extra: Any) -> Any:
        """Run a command line and leave the process with its exit code."""
        arguments = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        try:
            code = self.ended(arguments, prog_name, extra)
        except BrokenPipeError:
            code = nobody_reads()
        except OSError as error:  # stdout takes nothing
            click.echo(f"error: {error.strerror}", err=True)
            code = StateError.exit_code
        sys.exit(code if isinstance(code, int) else 0)

    def ended(self, arguments: Sequence[str], prog_name: str | None, extra: dict[str, Any]) -> Any:
        """What a command line ends with: an exit code, or nothing."""
        try:
            return super().main(arguments, prog_name, **extra)
        except click.ClickException as error:
            return show_usage(error, as_json_wanted(arguments))
        except click.Abort:
            return 130

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Read a command line, or show what it asks to be shown: the help, the version."""
        try:
            return super().make_context(*arguments, **more)
        except BrokenPipeError:
            raise click.exceptions.Exit(nobody_reads()) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run one command; what it raises becomes an exit code here."""
        session = ctx.obj = Session(Path(ctx.params["config"]), ctx.params["verbose"])
        try:
            return super().invoke(ctx)
        except Mistake as mistake:
            mistake.word = session.translate("error:")
            raise
        except (click.ClickException, click.Abort, click.exceptions.Exit, KeyboardInterrupt):
            raise
        except BrokenPipeError:
            return nobody_reads()
        except BatonError as error:
            return show_error(session, error)
        except Exception as error:  # noqa: BLE001 - the machine refuses, or whatever else escapes is our own fault
            return show_unforeseen(session, error)


def nobody_reads() -> int:
    """Whoever read what we say has gone, as `| head` does: say no more; returns the exit code that shells know."""
    with suppress(OSError, ValueError):
        # Else what still waits to be written is tried again at the end, and complained of.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_PIPE


def _version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"baton {version('baton-connector')}")
        ctx.exit()


@click.group(
    cls=Baton,
    table=COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 2 configuration, 3 a connection refused us, 4 try again later, "
    "5 records set aside (with --strict), 6 the store or a file, 7 plan partly refused, 70 a fault of this program.",
)
@click.option(
    "--config", default="config.toml", envvar="BATON_CONFIG", show_envvar=True, show_default=True,
    type=click.Path(dir_okay=False), help="The configuration.",
)  # fmt: skip
@click.option("--verbose", "-v", is_flag=True, help="Say more, and show the traceback of a fault.")
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version and exit."
)
def baton(config: str, verbose: bool) -> None:
    """Carries a lead from marketing to sales without dropping it.

    New here? `baton demo` shows a whole handoff, `baton init` writes a first configuration.
    """
    del config, verbose  # read from the context by Baton.invoke, before any command runs
