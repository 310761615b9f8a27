"""The store: schema, migrations, and one module per port, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connector.model.ports import Store
    from state.backing_up import Described
    from state.compacting import Compacted
    from state.migrating import Migration
    from state.restoring import Ended, Follow, PutBack

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


def migration(place: str | Path, to: str = "head") -> Migration:
    """What `migrate` would do: from which version, to which, and what would be lost. Changes nothing."""
    from state import migrating
    from state.engine import database_at

    return migrating.plan(database_at(str(place)), to)


def look(place: str | Path) -> tuple[Described, list[tuple[str, str, datetime]]]:
    """What a store of any version holds, and (name, owner, until) of its leases. Raises StateError as `open_store`."""
    from state.backing_up import look as looked

    return looked(str(place))


def backup(place: str | Path, to: Path, *, replace: bool = False) -> Described:
    """Copy a store in a file, as it is at this moment, while others write to it; the copy is proved.

    Raises StateError: no store, not ours, `to` is there already (unless `replace`), no room.
    """
    from state.backing_up import backup as copied

    return copied(str(place), to, replace=replace)


def compact(place: str | Path) -> Compacted:
    """Write a store in a file anew, without what was deleted, and empty its log. Raises StateError."""
    from state.compacting import compact as written_anew

    return written_anew(str(place))


def restore(place: str | Path, file: Path, now: datetime, follow: Follow, ended: Ended) -> PutBack:
    """Put a copy of a store in its place; `follow` does what follows, within a transaction on the copy.

    Raises StateError: not a whole copy of this store, newer, or somebody has the present one open.
    """
    from state.restoring import restore as put_back

    return put_back(str(place), file, now, follow, ended)
