"""The store: schema, migrations, and one module per port, on SQLite and PostgreSQL."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.model.ports import Store

#: Checked at start-up: these four package names are generic, and another
#: distribution may have overwritten one of them.
__product__ = "baton-connector"


def open_store(place: str | Path, *, create: bool = True) -> Store:
    """The store at a path (SQLite) or a `postgresql://` URL.

    With `create`, a store that is not there yet is made and an older one is migrated. Raises
    StateError: nothing there, another program's database, newer than this program, damaged.
    """
    from state.store import open_store as opened

    return opened(place, create=create)


def migrate(place: str | Path, to: str = "head") -> str:
    """Migrate a store up or down to a version (`base`: empty it); returns the version then.

    Raises StateError as `open_store` does, and for a version that is not known.
    """
    from state import migrating
    from state.engine import database_at

    return migrating.migrate(database_at(str(place)), to)


def current_version(place: str | Path) -> str:
    """The version of a store's schema, "" where there is none. Raises StateError as `open_store` does."""
    from state.store import current_version as version

    return version(place)
