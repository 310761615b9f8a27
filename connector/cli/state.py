"""`baton state`: what the store holds; a copy of it, and what follows from putting one back; its schema."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake
from connector.cli.find import by_number
from connector.cli.lazy import Entry, LazyGroup
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session
from connector.cli.tables import table

if TYPE_CHECKING:
    from state.backing_up import Described

COMMANDS = {
    "info": Entry("connector.cli.state:info", "What the store holds, and who is at work on it."),
    "backup": Entry("connector.cli.state:backup", "Copy the store to a file while everything goes on."),
    "restore": Entry("connector.cli.state:restore", "Put a copy back, and do what follows from that."),
    "restored": Entry("connector.cli.state:restored", "A copy was put back by other means: do what follows."),
    "migrate": Entry("connector.cli.state:migrate", "Change the store's schema, forward or back."),
}

FILE = click.Path(path_type=Path)
#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: The tables of the store; in English people read their names.
TABLES = (
    N_("absences"), N_("activities"), N_("activity_days"), N_("agreements"), N_("applied"), N_("attempts"),
    N_("audit"), N_("budgets"), N_("companies"), N_("company_keys"), N_("company_people"), N_("consents"),
    N_("criteria"), N_("criteria_waiting"), N_("cursors"), N_("desk"), N_("erased"), N_("goal_versions"),
    N_("handoff_events"), N_("handoffs"), N_("ids"), N_("images"), N_("jobs"), N_("joinings"), N_("lead_keys"),
    N_("leads"), N_("leases"), N_("links"), N_("meetings"), N_("meta"), N_("mirror"), N_("notice_states"),
    N_("outbox"), N_("packs"), N_("pairs"), N_("receipts"), N_("record_keys"), N_("reviews"), N_("rosters"),
    N_("runs"), N_("standings"), N_("to_match"), N_("transitions"), N_("turns"), N_("unmatched"), N_("users"),
    N_("ways"),
)  # fmt: skip


@click.group(cls=LazyGroup, table=COMMANDS)
def state() -> None:
    """Look at the store, copy it, put a copy back."""


def place_of(session: Session) -> tuple[str, Path]:
    """Where the configuration's store is, and the folder of the configuration."""
    from connector.config import load
    from connector.edge.secrets import Secrets

    config = load(session.path)
    return str(Secrets(config.root, config.secrets_backend).fill(config.database)), config.root


def in_a_file(session: Session, does: str) -> str:
    """The store's file. Raises Mistake, with the commands that serve instead, where it is in PostgreSQL."""
    place, _root = place_of(session)
    if not place.startswith(("postgresql://", "postgres://")):
        return place
    from urllib.parse import urlsplit

    parts = urlsplit(place)
    user = f"{parts.username}@" if parts.username else ""
    port = f":{parts.port}" if parts.port else ""
    there = f"postgresql://{user}{parts.hostname or ''}{port}{parts.path}"
    said = session.translate("a store in PostgreSQL is copied by its own tools:")
    raise Mistake("\n".join([said, *_tools(does, there)]))


def _tools(does: str, there: str) -> list[str]:
    if does == "backup":
        return [f"  pg_dump --format=custom --no-owner --file=baton.dump '{there}'"]
    return [
        f"  pg_restore --clean --if-exists --no-owner --single-transaction --dbname='{there}' baton.dump",
        "  baton state restored",
    ]


def document(found: Described) -> dict[str, Any]:
    """What a store holds, as JSON has it."""
    return {
        "place": found.place, "store": found.store_id, "schema": found.version, "bytes": found.size,
        "restores": found.restores, "rows": found.rows, "total": found.total,
    }  # fmt: skip


def size(number: int) -> str:
    """Bytes for people."""
    return f"{number / 1_000_000:,.1f} MB"


@click.command()
@output_option
@pass_session
def info(session: Session) -> int:
    """Name, schema, rows and leases of the store; it is not migrated."""
    from state import look

    found, holders = look(place_of(session)[0])

    def lines() -> list[str]:
        _ = session.translate
        said = [
            _("store %(name)s, schema %(schema)s, %(size)s, put back %(n)s times")
            % {"name": found.store_id, "schema": found.version, "size": size(found.size), "n": found.restores}
        ]
        said += table(("", ""), [(_(name), number) for name, number in found.rows.items() if number], indent="  ")
        return said + [
            _("at work: %(lease)s (%(owner)s)") % {"lease": name, "owner": owner} for name, owner, _until in holders
        ]

    at_work = [{"lease": name, "owner": owner, "until": until} for name, owner, until in holders]
    session.emit(document(found) | {"leases": at_work}, lines)
    return 0


@click.command()
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help="Write over a file of that name.")
@output_option
@pass_session
def backup(session: Session, file: Path, force: bool) -> int:
    """Copy the store to FILE as it is at this moment; whatever runs goes on meanwhile.

    The copy is proved before it gets its name. It holds personal data: only its owner can read it.
    """
    from state import backup as copied

    found = copied(in_a_file(session, "backup"), file, replace=force)
    said = {
        "file": file, "name": found.store_id, "schema": found.version, "size": size(found.size),
        "rows": f"{found.total:,}", "leads": f"{found.rows.get('leads', 0):,}", "seconds": f"{found.seconds:.1f}",
    }  # fmt: skip
    text = session.translate(
        "%(file)s: store %(name)s, schema %(schema)s, %(leads)s leads, %(rows)s rows, %(size)s; proved, %(seconds)s s"
    )
    session.emit(document(found) | {"seconds": found.seconds}, lambda: [text % said])
    return 0


@click.command()
@click.argument("file", type=FILE)
@output_option
@pass_session
def restore(session: Session, file: Path) -> int:
    """Put the copy in FILE in the store's place; the present store is kept beside it.

    Stop the daemon first. What was not delivered by the copy's time is looked up before it is sent, nothing is
    handed over before the CRM was read, and no number that stands in the CRM is given to anybody else.
    """
    from connector.app import has_ended, utc_now
    from connector.runs.forgotten import here_again
    from connector.runs.restore import Restored, after_restore
    from state import restore as put_back

    done: list[tuple[Restored, list[int]]] = []
    now = utc_now()
    found = put_back(
        in_a_file(session, "restore"), file, now,
        lambda tx, present: done.append((after_restore(tx, now, present.numbers, present.restores), here_again(tx))),
        has_ended,
    )  # fmt: skip
    restored, again = done[0]

    def lines() -> list[str]:
        _ = session.translate
        said = {"file": file, "name": found.store.store_id, "rows": f"{found.store.total:,}"}
        told = [_("%(file)s is the store %(name)s again: %(rows)s rows") % said]
        if found.kept:
            told.append(_("what was there is kept as %(file)s") % {"file": found.kept})
        told += [
            _("forgotten since that copy was made: baton forget %(id)s --yes") % {"id": by_number(one)} for one in again
        ]
        return told + follows(session, restored)

    said = {"kept": found.kept, "looked_up_first": restored.unknown, "to_be_forgotten_again": again}
    session.emit(document(found.store) | said, lines)
    return 0


def follows(session: Session, done: Any) -> list[str]:
    """What happens next, in words."""
    _ = session.translate
    said = [_("%(n)s writes that had not gone out are looked up first") % {"n": f"{done.unknown:,}"}]
    said.append(_("nothing is handed over before the CRM was read back; start again with: baton sync, or the daemon"))
    return said


@click.command()
@output_option
@pass_session
def restored(session: Session) -> int:
    """Do what follows from a restore that was not made by `baton state restore`.

    After pg_restore, after a machine was set back, after a file was copied by hand. Stop the daemon first. To say
    it once too often does no harm.
    """
    from connector.app import has_ended
    from connector.runs.restore import after_restore

    with session.opened() as app:
        with app.store.read() as tx:
            at_work = [one for one in tx.leases.holders() if not has_ended(one[1])]
        if at_work:
            name, owner, _until = at_work[0]
            from connector.model import sentences
            from connector.model.errors import StateError

            raise StateError(sentences.STORE_LEASED % {"lease": name, "owner": owner})
        with app.store.write(durable=True) as tx:
            done = after_restore(tx, app.clock())
    document = {"looked_up_first": done.unknown, "restores": done.restores}
    session.emit(document, lambda: follows(session, done))
    return 0


@click.command()
@click.option("--to", "wanted", default="head", help="A version of the schema, such as 0001; the newest unless given.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done, and lost.")
@click.option("--yes", is_flag=True, help="Lose what the older schema cannot hold.")
@output_option
@pass_session
def migrate(session: Session, wanted: str, dry_run: bool, yes: bool) -> int:
    """Bring the store to the schema of this program, or back to an older one that an older Baton needs.

    Forward nothing is ever lost. Back keeps all rows of what the older schema knows; what it does not know is
    named first, and lost only with --yes. Make a backup before.
    """
    from state import migrate as change
    from state import migration

    place = place_of(session)[0]
    plan = migration(place, wanted)
    _ = session.translate
    lost = [_("lost: %(what)s (%(n)s)") % {"what": _(what), "n": f"{n:,}"} for what, n in plan.lost.items()]
    words = {"found": plan.found, "wanted": plan.wanted}
    if lost and not dry_run and not yes:
        ask = _("schema %(found)s to %(wanted)s loses something; say --yes where that is meant") % words
        raise Mistake("\n".join([ask, *lost]))
    if not dry_run and plan.found != plan.wanted:
        change(place, plan.wanted)
    told = _("schema %(found)s to %(wanted)s: nothing was changed") if dry_run else _("schema %(found)s to %(wanted)s")
    same = _("the schema is %(found)s already") % words
    session.emit(
        {"from": plan.found, "to": plan.wanted, "lost": plan.lost, "done": not dry_run},
        lambda: [same] if plan.found == plan.wanted else [told % words, *lost],
    )
    return 0
