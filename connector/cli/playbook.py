"""`baton playbook` and `baton map`: what the configuration says, to be read by everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector.cli.output import output_option, plain
from connector.cli.session import Session, pass_session
from connector.cli.writing import DRAWING, PAGE, TEXT, Written, write_file

if TYPE_CHECKING:
    from pathlib import Path

    from connector.reporting.document import Block

_LANGUAGE = click.option("--language", type=click.Choice(["en", "ja"]), help="Of the text (yours).")


@click.command()
@_LANGUAGE
@click.option("--html", is_flag=True, help="One page to print or to mail, in place of Markdown.")
@click.option("-o", "--out", type=Written(TEXT, PAGE), help="A file to write (the terminal).")
@output_option
@pass_session
def playbook(session: Session, language: str | None, html: bool, out: Path | None) -> int:
    """Write down roles, definitions, deadlines, reasons and criteria in words."""
    from connector.config import load
    from connector.reporting.playbook import playbook as made

    language = language or session.language
    blocks = made(load(session.path), language)
    if session.output == "json":
        session.emit({"blocks": [{"is": type(block).__name__.lower(), **plain(block)} for block in blocks]}, list)
        return 0
    return write(session, blocks, language, out, html=html)


def write(session: Session, blocks: list[Block], language: str, out: Path | None, *, html: bool) -> int:
    """Write a document to a file or to the terminal; a file that ends in .html is a page."""
    from connector.reporting.document import as_markdown, as_page

    page = html or (out is not None and out.suffix == ".html")
    text = as_page(blocks, language) if page else as_markdown(blocks)
    if out is None:
        click.echo(text, nl=False)
        return 0
    write_file(out, text)
    click.echo(session.translate("written: %(file)s") % {"file": out}, err=True)
    return 0


@click.command(name="map")
@_LANGUAGE
@click.option("-o", "--out", type=Written(DRAWING), help="An SVG file to write.")
@output_option
@pass_session
def show_map(session: Session, language: str | None, out: Path | None) -> int:
    """Draw the way of a lead: sources, gates, teams, clocks, and ways back. Without -o as text."""
    from connector.config import load
    from connector.locale import translator
    from connector.reporting.flow_map import drawing, lines, steps

    config = load(session.path)
    translate = translator(language or session.language)
    found = [steps(config, flow, translate) for flow in config.flows.values()]
    if out is not None:
        write_file(out, drawing(found, language or session.language))
        click.echo(session.translate("written: %(file)s") % {"file": out}, err=True)
        return 0
    session.emit({"flows": found}, lambda: lines(found))
    return 0
