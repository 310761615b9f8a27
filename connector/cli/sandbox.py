"""`baton sandbox`: local servers that behave like the platforms, to try Baton and a configuration on."""

from __future__ import annotations

import csv
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.writing import write_file, writing

if TYPE_CHECKING:
    from connector.sandbox.pair import Which, Wish, World

#: Where the servers listen unless told.
PORT = 8765


@click.command()
@click.argument("which", type=click.Choice(["hubspot", "salesforce", "pair", "clickup"]))
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65_534),
              help="Of the first server; the second has the next. 0: any that is free.")  # fmt: skip
@click.option(
    "--contacts",
    default=2000,
    show_default=True,
    type=click.IntRange(0),
    help="People in HubSpot, or who have sent ClickUp's form.",
)
@click.option(
    "--activities", default=10, show_default=True, type=click.IntRange(0), help="Of each of them, in HubSpot."
)
@click.option("--share", default=0.15, show_default=True, type=click.FloatRange(0, 1),
              help="How many of them the CRM has already.")  # fmt: skip
@click.option("--config", "folder", type=click.Path(file_okay=False, path_type=Path),
              help="A new folder for a configuration that fits.")  # fmt: skip
@click.option("--generous", is_flag=True, help="Without the limits of the platforms.")
@output_option
@pass_session
def sandbox(session: Session, /, which: Which, folder: Path | None, **wished: Any) -> int:
    """Run local servers that behave like HubSpot, Salesforce, both of them or ClickUp, until Ctrl-C.

    They are full of invented people and keep nothing: what is written to them ends with them.
    """
    from connector.cli.signals import interruptible
    from connector.sandbox import pair

    wish = pair.Wish(which, **wished)
    world = built(session, wish, folder)
    world.start()
    try:
        if folder is not None:
            write(folder, wish, world)
        # Before anybody is told that they run: whoever reads that may end them at once.
        with interruptible(session, session.translate("the servers end")) as asked:
            session.emit(document(wish, world, folder), lambda: lines(session, world, folder))
            sys.stdout.flush()
            asked.stop.wait()
    finally:
        world.stop()
    return 0


def built(session: Session, wish: Wish, folder: Path | None) -> World:
    """The servers. Raises Mistake where the folder is in use, or a port is."""
    from connector.sandbox.pair import build

    if folder is not None and folder.exists() and any(folder.iterdir()):
        what = session.translate("%(folder)s is not empty; name a new folder with --config")
        raise Mistake(what % {"folder": folder})
    try:
        return build(wish)
    except OSError as error:
        what = session.translate("the port %(port)s cannot be used (%(fault)s); name another with --port")
        raise Mistake(what % {"port": wish.port, "fault": error.strerror}) from None


def write(folder: Path, wish: Wish, world: World) -> None:
    """A configuration for these servers, its secrets, and where there is no HubSpot an export of its people."""
    from connector.edge.secrets import Secrets
    from connector.sandbox import pair_config
    from connector.sandbox.pair import EXPORTED, exported

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        secrets = Secrets(folder, "sealed")
        for name, value in pair_config.secrets(world).items():
            secrets.set(name, value)
    if list(world.servers) == ["salesforce"]:
        people = folder / "contacts.csv"
        with writing(people), people.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ("id", *EXPORTED))
            writer.writeheader()
            writer.writerows(exported(wish.contacts))
    write_file(folder / "config.toml", pair_config.config(wish, world))


def document(wish: Wish, world: World, folder: Path | None) -> dict[str, Any]:
    """Where the servers are, as JSON has it."""
    from connector.sandbox.pair_config import secrets

    return {
        "servers": {name: {"url": server.url, "people": world.people[name]} for name, server in world.servers.items()},
        "secrets": secrets(world),
        "config": folder / "config.toml" if folder else None,
        "limits": not wish.generous,
    }


def lines(session: Session, world: World, folder: Path | None) -> Iterator[str]:
    """Where the servers are, and what to do next."""
    from connector.cli.demo import called
    from connector.sandbox.pair_config import secrets

    _ = session.translate
    for name, server in world.servers.items():
        told = {"platform": name, "url": server.url, "people": f"{world.people[name]:,}"}
        yield session.style(_("%(platform)s listens at %(url)s: %(people)s people") % told, bold=True)
    yield _("They behave like the platforms, limits and all, but are none: no other address is called.")
    yield ""
    if folder is None:
        yield _("To sign in (or let --config FOLDER write a configuration that does):")
        for name, value in secrets(world).items():
            yield f"  export BATON_SECRET_{name.upper()}={value}"
    else:
        yield _("In a second terminal:")
        yield from steps(session, f"{shlex.quote(called())} --config {shlex.quote(str(folder / 'config.toml'))}", world)
    yield ""
    yield _("What was called and written:")
    for server in world.servers.values():
        yield f"  curl -s {server.url}/_sandbox/ledger"
    yield _("Ctrl-C ends them.")


def steps(session: Session, baton: str, world: World) -> Iterator[str]:
    """The first commands, each with what it is for."""
    _ = session.translate
    wanted = [("check", _("proves the configuration, and says what is missing"))]
    if "hubspot" in world.servers:
        wanted.append(("setup hubspot", _("makes the properties that are written back")))
    if "clickup" in world.servers:
        wanted.append(("setup clickup", _("says what the lists lack; here nothing")))
    wanted += [
        ("sync", _("reads both sides; the configuration only observes")),
        ("status", _("where everything stands")),
        ("plan --as-live", _('what would be written; mode = "live" does it')),
    ]
    for command, what in wanted:
        yield f"  # {what}"
        yield f"  {baton} {command}"
