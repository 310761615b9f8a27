"""Baton: carries a lead from marketing to sales without dropping it."""

#: Checked at start-up: these four package names are generic, and another
#: distribution may have overwritten one of them.
__product__ = "baton-connector"
