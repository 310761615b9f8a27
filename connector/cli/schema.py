"""`baton schema`: JSON Schema of the files, for editors."""

from __future__ import annotations

import click

from connector.cli.output import output_option, print_json


@click.command()
@click.argument("which", type=click.Choice(["config", "mapping"]), default="config")
@output_option
def schema(which: str) -> None:
    """Print JSON Schema of config.toml (the default), or of a mapping."""
    from connector import config

    print_json(config.schema() if which == "config" else config.mapping_schema())
