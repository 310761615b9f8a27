"""`python -m connector.cli` is `baton`."""

from connector.cli import main

main()
