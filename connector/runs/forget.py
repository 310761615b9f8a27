"""Forget a person: everything about them leaves the store and the files beside it, and they do not come back.

First what is on its way to others is looked at: while a write is under way, nothing is erased, since what came
of it would be written down. Then the files, which are found by what the store still knows; then the store, in one
transaction, with the digests by which the next page is told who is not to be stored; then its file is written
anew. Killed in between and said again, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from connector.model import sentences
from connector.model.errors import RetryableError
from connector.model.person import Person
from connector.model.ports import Transaction
from connector.runs.companies import forget_people
from connector.runs.forgotten import an_email, an_id, forgotten_at, remember
from connector.runs.kept_files import Cleaned, copies, look_through, plans, traces
from connector.runs.runtime import Runtime
from connector.steps.normalise.mail import email

#: Of these, what was counted or decided stays without any word about whom.
BLANKED = ("leads", "transitions", "handoffs")
#: The ledger of turns says nothing about the lead.
LEFT = ("turns",)
#: The store's word that its file is still to be written anew.
UNFINISHED = "forget_unfinished"


#: A lead by its number; somebody who is none by an address.
Who = int | str


@dataclass(slots=True)
class Sight:
    """What is there of a person. `rows` by table, `elsewhere` the ids of their records by connection and object."""

    person: Person
    rows: dict[str, int] = field(default_factory=dict)
    elsewhere: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    files: list[Cleaned] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)
    under_way: int = 0


def whose(tx: Transaction, who: Who) -> Person:
    """The person of a lead, or of an address that no lead has."""
    return tx.personal.person(who) if isinstance(who, int) else tx.personal.stranger(email(who.strip())[0])


def look(runtime: Runtime, who: Who) -> Sight:
    """What forgetting somebody would erase; nothing is changed."""
    with runtime.store.read() as tx:
        person = whose(tx, who)
        stored = tx.personal.stored(person)
        rows = {table: len(some) for table, some in stored.items() if some and table not in LEFT}
        rows |= {"meta": count} if (count := len(tx.personal.words(person))) else {}
        files, store_id = [*plans(tx), *traces(runtime.config.root)], tx.admin.store_id()
        under_way = tx.personal.under_way(person)
    return Sight(
        person, rows, _elsewhere(person), look_through(files, person, change=False),
        copies(runtime.config.database, runtime.config.root, store_id), under_way,
    )  # fmt: skip


def forget(runtime: Runtime, who: Who) -> Sight:
    """Erase somebody from the store and the files beside it; the store's file is not written anew yet.

    Raises RetryableError while something about them is under way to another system.
    """
    sight = look(runtime, who)
    _refuse_if_under_way(sight.under_way)
    look_through([one.file for one in sight.files], sight.person, change=True)
    now = runtime.clock()
    with runtime.store.write(durable=True) as tx:
        # As it is at this moment: somebody else may have written meanwhile.
        person = whose(tx, who)
        _refuse_if_under_way(tx.personal.under_way(person))
        remember(tx, person, now)
        sight.person, sight.elsewhere = person, _elsewhere(person)
        forget_people(tx, person.lead_ids, now)
        sight.rows = tx.personal.erase(person, now)
        tx.admin.set_meta(UNFINISHED, now.isoformat())
    return sight


def finish(runtime: Runtime, compact: Callable[[], str]) -> str:
    """Write the store's file anew; what came of it (`done`, `busy`, `by itself`)."""
    how = compact()
    if how != "busy":
        with runtime.store.write() as tx:
            tx.admin.set_meta(UNFINISHED, "")
    return how


def was_forgotten(tx: Transaction, text: str, connections: list[str]) -> bool:
    """Whether a text (an address, our number, an id elsewhere) is of somebody who was forgotten."""
    wanted = text.strip()
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19 and tx.personal.is_forgotten(int(wanted)):
        return True
    known = [an_email(email(wanted)[0])] if "@" in wanted else [an_id(name, "contact", wanted) for name in connections]
    return forgotten_at(tx, known) is not None


def _refuse_if_under_way(count: int) -> None:
    if count:
        raise RetryableError(sentences.PERSON_UNDER_WAY % {"count": count})


def _elsewhere(person: Person) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for connection, object, external_id in sorted(person.places):
        found.setdefault(connection, {}).setdefault(object, []).append(external_id)
    return found
