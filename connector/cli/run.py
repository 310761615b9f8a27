"""`baton run`: the daemon."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from connector.cli.output import output_option
from connector.cli.session import Session, pass_session

if TYPE_CHECKING:
    from connector.app import App
    from connector.config import Config

log = logging.getLogger("baton.config")


@click.command()
@click.option(
    "--log", "style", type=click.Choice(["plain", "json"]), default="plain", show_default=True,
    help="How log lines are written, to stderr.",
)  # fmt: skip
@output_option
@pass_session
def run(session: Session, style: Literal["plain", "json"]) -> int:
    """Run as a daemon: pull, score, hand over and deliver, each when it is due.

    What is due is kept in the store, so that a restart forgets nothing. An edit of the
    configuration that cannot be used is told once, and the last good version stays in force.
    SIGTERM and Ctrl-C end it between two pages.
    """
    from connector.daemon import Daemon
    from connector.edge.logging import set_up
    from connector.platforms import check_packages

    check_packages()
    set_up(style, verbose=session.verbose)
    current = Current(session.path)
    daemon = Daemon(current.app)
    current.leave = daemon.leave
    try:
        daemon.run()
    finally:
        current.close()
    return 0


class Current:
    """The application of the configuration in force, made anew when a good edit comes."""

    def __init__(self, path: Path, clock: Callable[[], datetime] | None = None) -> None:
        from connector.app import open_app, utc_now
        from connector.config.watch import LastGood

        self._good = LastGood(path)
        self._failing = False
        self._clock = clock or utc_now
        #: Told of the app that is not in force any more: jobs may still run under it.
        self.leave: Callable[[App], None] = lambda app: app.close()
        self._app = open_app(self._good.current()[0], self._clock)

    def app(self) -> App:
        """The application as it is to be used now."""
        config, edit = self._good.current()
        if edit is not None:
            self._failing = True
            for problem in edit.problems:
                log.error("this edit is not used, the last good version stays in force: %s", problem)
        elif self._failing and self._good.failing is None:
            self._failing = False
            log.info("the configuration can be used again")
        if config is not self._app.config:
            self._change(config)
        return self._app

    def _change(self, config: Config) -> None:
        """Go over to an edited configuration; where its store cannot be opened, stay with the one in force."""
        from connector.app import open_app
        from connector.model.errors import BatonError

        try:
            fresh = open_app(config, self._clock)
        except BatonError as error:
            if not self._failing:
                log.error("this edit is not used: %s", error)
            self._failing = True
            return
        self.leave(self._app)
        self._app, self._failing = fresh, False
        log.info("the configuration was edited and is used from now on")

    def close(self) -> None:
        """Give the store back."""
        self._app.close()
