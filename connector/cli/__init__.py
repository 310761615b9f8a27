"""The command line: thin. A module a command group, imported only when it is used."""


def main() -> None:
    """The console script `baton`."""
    from connector.cli.root import baton

    baton.main(prog_name="baton")
