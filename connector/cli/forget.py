"""`baton forget`: take a person out of everything that Baton keeps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from connector.cli.faults import Mistake, document_of_mistake
from connector.cli.find import is_forgotten, matches
from connector.cli.output import output_option
from connector.cli.session import Session, pass_session

if TYPE_CHECKING:
    from connector.app import App
    from connector.runs.forget import Sight, Who

#: The most ids of a kind that are listed as text.
LONGEST = 20
#: Marks a text for the translators; it is translated where it is shown.
N_ = str
HOW = {
    "done": N_("the store's file was written anew: nothing of it is left there"),
    "busy": N_("another process reads the store just now: say it once more, so that its log is emptied too"),
    "by itself": N_("PostgreSQL gives the room back with its next VACUUM; its own log and its replicas follow later"),
}


@click.command()
@click.argument("lead")
@click.option("--yes", is_flag=True, help="Erase. Without it, nothing is changed.")
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
@output_option
@pass_session
def forget(session: Session, lead: str, yes: bool, dry_run: bool) -> int:
    """Erase the person of LEAD from everything that Baton keeps, and do not take them in again.

    LEAD is an email address, our number, or an id of a platform. Several leads that became one are one person. What
    other systems hold is not touched: it is listed, so that an admin can erase it there. Only if the person asks to be
    contacted, later, do they come back, as a new lead.
    """
    from connector.runs.forget import look

    with session.opened() as app:
        who = whom(session, app, lead)
        if not who:
            again(session, app, erase=yes and not dry_run)
            return 0
        if yes and not dry_run:
            erase(session, app, who)
            return 0
        sight = look(app.runtime(), who)
        lacking = None if dry_run else Mistake(session.translate("nothing was erased; say --yes where that is meant"))
        said = document(sight, done=False) | ({"error": document_of_mistake(lacking)} if lacking else {})
        session.emit(said, lambda: lines(session, sight, done=False))
        if lacking and not session.as_json:
            raise lacking
        return lacking.exit_code if lacking else 0


def whom(session: Session, app: App, text: str) -> Who:
    """A lead of the one person that is meant, or the text: an address of whom something is stored who is no lead.

    0 for somebody who was forgotten. Raises Mistake where nothing is stored, or several people are meant.
    """
    from connector.cli.find import one_lead
    from connector.runs.forget import look

    found = matches(app, text)
    with app.store.read() as tx:
        people = {tx.personal.person(one).lead_ids: one for one in found}
    gone = not people and is_forgotten(app, text)
    if not people and "@" in text and look(app.runtime(), text).rows:
        return text
    if gone:
        return 0
    return next(iter(people.values())) if len(people) == 1 else one_lead(session, app, text)


def erase(session: Session, app: App, who: Who) -> None:
    """Forget, then write the store's file anew."""
    from connector.runs.forget import finish
    from connector.runs.forget import forget as forgotten
    from state import compact

    sight = forgotten(app.runtime(), who)
    how = finish(app.runtime(), partial(compact, app.config.database))
    session.emit(document(sight, done=True, store=how), lambda: lines(session, sight, done=True, store=how))


def again(session: Session, app: App, *, erase: bool) -> None:
    """Somebody who was forgotten already: what may be left to do is done."""
    from connector.runs.forget import finish
    from state import compact

    how = finish(app.runtime(), partial(compact, app.config.database)) if erase else ""
    said = [session.translate("already forgotten; nothing is known of them")]
    said += [session.translate(HOW[how])] if how else []
    session.emit({"forgotten": True, "removed": {}, "store": how or None}, lambda: said)


def document(sight: Sight, *, done: bool, store: str = "") -> dict[str, Any]:
    """What was erased, or would be, as JSON."""
    return {
        "forgotten": done,
        "leads": list(sight.person.lead_ids),
        "removed": sight.rows,
        "files": [{"file": one.file, "whole": one.whole, "lines": one.lines} for one in sight.files],
        "elsewhere": sight.elsewhere,
        "copies": sight.copies,
        "under_way": sight.under_way,
        "store": store or None,
    }


def lines(session: Session, sight: Sight, *, done: bool, store: str = "") -> list[str]:
    """What was erased, or would be, and what is to be done elsewhere."""
    _ = session.translate
    numbers = ", ".join(map(str, sight.person.lead_ids)) or "–"
    said = [(_("forgotten: lead %(id)s") if done else _("would be forgotten: lead %(id)s")) % {"id": numbers}]
    said += [*_rows(session, sight), *_files(session, sight)]
    if sight.under_way and not done:
        said.append(_("%(n)s writes about them are on their way: they must end first") % {"n": sight.under_way})
    said += [_(HOW[store])] if store else []
    said += _elsewhere(session, sight)
    if sight.copies:
        said.append(_("copies of the store still hold them; delete these, or forget again after putting one back:"))
        said += [f"  {file}" for file in sight.copies]
    said.append(_("copies, exports and plans that lie elsewhere are not known to Baton"))
    return said


def _rows(session: Session, sight: Sight) -> list[str]:
    from connector.runs.forget import BLANKED

    _ = session.translate
    said = [f"  {_(table)}: {count}" for table, count in sight.rows.items() if table not in BLANKED]
    kept = _(" (emptied; the number, times and points stay)")
    return said + [f"  {_(table)}: {count}{kept}" for table, count in sight.rows.items() if table in BLANKED]


def _files(session: Session, sight: Sight) -> list[str]:
    _ = session.translate
    whole, part = _("  %(file)s: all of it"), _("  %(file)s: %(n)s lines")
    return [(whole if one.whole else part) % {"file": one.file, "n": one.lines} for one in sight.files]


def _elsewhere(session: Session, sight: Sight) -> list[str]:
    if not sight.elsewhere:
        return []
    said = [session.translate("other systems still hold them; erase there too:")]
    for connection, objects in sight.elsewhere.items():
        for object, ids in objects.items():
            more = ", ..." if len(ids) > LONGEST else ""
            said.append(f"  {connection} {session.translate(object)}: {', '.join(ids[:LONGEST])}{more}")
    return said
