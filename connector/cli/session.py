"""One invocation: which configuration, which language, text or JSON; and the opened application."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from connector.app import App

_LANGUAGE = re.compile(r"""^\s*language\s*=\s*["']([A-Za-z_-]+)["']""", re.MULTILINE)
_TABLE = re.compile(r"^\s*\[", re.MULTILINE)


@dataclass
class Session:
    """Handed to every command as click's context object."""

    path: Path
    verbose: bool = False
    output: str = "text"

    @property
    def as_json(self) -> bool:
        """Whether the answer is one JSON document."""
        return self.output == "json"

    @cached_property
    def language(self) -> str:
        """The language of the configuration, even of one that does not load; else the environment's."""
        from connector.locale import known_language

        return known_language(configured_language(self.path) or environment_language())

    def translate(self, text: str) -> str:
        """A message in the reader's language."""
        from connector.locale import translator

        return translator(self.language)(text)

    def counted(self, one: str, more: str, number: int) -> str:
        """A message with a number, `%(n)s`, in the form that it asks for: 1 lead, 2 leads."""
        from connector.locale import plural_translator

        return plural_translator(self.language)(one, more, number) % {"n": f"{number:,}"}

    def style(self, text: str, **how: Any) -> str:
        """`text` in colour, unless the reader wants none (`NO_COLOR`)."""
        return text if os.environ.get("NO_COLOR") else click.style(text, **how)

    def emit(self, document: Any, lines: Callable[[], Iterable[str]]) -> None:
        """The answer: `document` as JSON, or `lines` as text."""
        if self.as_json:
            from connector.cli.output import print_json

            print_json(document)
            return
        for line in lines():
            click.echo(line)

    def note(self, text: str) -> None:
        """A word beside the answer, on stderr."""
        click.echo(text, err=True)

    @contextmanager
    def opened(self, clock: Callable[[], datetime] | None = None) -> Iterator[App]:
        """The application of this configuration. Raises ConfigError, AuthError, StateError."""
        from connector.app import opened, utc_now
        from connector.platforms import check_packages

        check_packages()
        # A page of records is many small objects without cycles: looking through them after
        # every 700 takes a sixth of a first run and frees nothing.
        gc.set_threshold(50_000, 20, 100)
        with opened(self.path, clock or utc_now) as app:
            yield app


def configured_language(path: Path) -> str:
    """The language a configuration names on top; "" where it names none or cannot be read."""
    try:
        text = path.read_text("utf-8", errors="replace")
    except OSError:
        return ""
    table = _TABLE.search(text)
    found = _LANGUAGE.search(text[: table.start()] if table else text)
    return found[1] if found else ""


def environment_language() -> str:
    """The language the reader's environment is set to."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return value.partition(".")[0]
    return ""


pass_session = click.make_pass_decorator(Session)
