"""The command line: thin. A module a command group, imported only when it is used."""

import os
import sys
from io import TextIOWrapper


def main() -> None:
    """The console script `baton`."""
    # Its plugins are for other programs: to look for some, every installed package's metadata is read.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    if isinstance(sys.stdout, TextIOWrapper):
        # A name that the terminal cannot show is no reason to end.
        sys.stdout.reconfigure(errors="replace")
    from connector.cli.root import baton

    baton.main(prog_name="baton")
