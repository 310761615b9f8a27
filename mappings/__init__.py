"""The shipped field and activity mappings, one TOML file per platform."""

#: Checked at start-up: these four package names are generic, and another
#: distribution may have overwritten one of them.
__product__ = "baton-connector"
