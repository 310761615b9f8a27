"""Text or JSON: the option every command has, and how values become JSON."""

from __future__ import annotations

import codecs
import dataclasses
import json
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from connector.cli.session import Session

Function = TypeVar("Function", bound=Callable[..., Any])


def _chosen(ctx: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    session = ctx.find_object(Session)
    if session is not None and value is not None:
        session.output = value


def output_option(command: Function) -> Function:
    """`--output text|json`, kept by the session."""
    return click.option(
        "--output", type=click.Choice(["text", "json"]), expose_value=False, callback=_chosen, is_eager=True,
        help="text (the default), or one JSON document.",
    )(command)  # fmt: skip


def plain(value: Any) -> Any:
    """A value as JSON knows it: dataclasses as objects, times as ISO 8601, tuples of words as they are."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def _key(key: object) -> str:
    return "/".join(str(part) for part in key) if isinstance(key, tuple) else str(key)


def print_json(document: Any) -> None:
    """One JSON document on stdout; whole where that is not UTF-8, since JSON can say everything in ASCII."""
    whole = codecs.lookup(sys.stdout.encoding or "ascii").name == "utf-8"
    click.echo(json.dumps(plain(document), ensure_ascii=not whole, indent=2))
