"""One module per platform. `memory` is the reference to read first."""

#: Checked at start-up: these four package names are generic, and another
#: distribution may have overwritten one of them.
__product__ = "baton-connector"
