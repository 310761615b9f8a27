"""The store: schema, migrations, and one module per port, on SQLite and PostgreSQL."""

#: Checked at start-up: these four package names are generic, and another
#: distribution may have overwritten one of them.
__product__ = "baton-connector"
