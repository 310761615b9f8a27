"""`baton undo`: take back what a run wrote, as far as it still stands there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from connector.cli.faults import NUMBER, Mistake
from connector.cli.find import one_lead
from connector.cli.output import output_option
from connector.cli.progress import progress
from connector.cli.session import Session, pass_session
from connector.cli.signals import interruptible
from connector.cli.tables import table, terminal_width
from connector.cli.why import words_for

if TYPE_CHECKING:
    from connector.model.ports import WritingRun
    from connector.runs.undone import Left, Undone
    from connector.steps.telling.words import Words

#: Marks a text for the translators; it is translated where it is shown.
N_ = str
#: How many runs are listed, and how many records of one reason are named.
LISTED, NAMED = 20, 10


@click.command()
@click.argument("run", type=NUMBER, required=False)
@click.option("--only", metavar="LEAD", help="Only what the run wrote of this lead.")
@click.option("--dry-run", is_flag=True, help="Only say what would become of it; write nothing.")
@click.option("--delete", is_flag=True, help="Delete what the run made, where nobody has touched it since.")
@output_option
@pass_session
def undo(session: Session, run: int | None, only: str | None, dry_run: bool, delete: bool) -> int:
    """Take back what RUN wrote outside; without a number, list the latest runs that wrote something.

    A field that still holds what the run wrote gets back what stood there before. What says something else by now
    is left alone and named. Records that the run made are closed and marked, not deleted.
    """
    if run is None:
        list_runs(session)
        return 0
    from connector.runs import undo as taking

    with session.opened() as app:
        with app.store.read() as tx:
            known = bool(tx.images.of_run(run, limit=1))
            known = known or any(row.run_id == run for row in tx.outbox.rows(states=("waiting",), limit=10**9))
        if not known:
            what = session.translate("run %(run)s wrote nothing outside that is still known; baton undo lists those")
            raise Mistake(what % {"run": run})
        lead_id = one_lead(session, app, only) if only else 0
        with interruptible(session) as asked, progress(session) as shown:
            runtime = app.runtime(progress=shown, note=shown.note, stop=asked.stop)
            done = taking.undo(runtime, app.rows, run, lead_id=lead_id, delete=delete, dry_run=dry_run)
        words = words_for(session, app)
        session.emit({"dry_run": dry_run, **document(done)}, lambda: lines(words, done, dry_run=dry_run))
        return asked.exit_code


def list_runs(session: Session) -> None:
    """The latest runs that wrote something."""
    with session.opened() as app, app.store.read() as tx:
        found = tx.images.runs(LISTED)
        words = words_for(session, app)
        session.emit({"runs": found}, lambda: run_lines(words, found))


def run_lines(words: Words, found: list[WritingRun]) -> list[str]:
    """A line a run: its number, when, what it was, how many records."""
    from connector.steps.telling.vocabulary import RUNS

    _ = words.translate
    if not found:
        return [_("no run has written anything outside yet")]
    headings = (_("run"), _("when"), _("kind"), _("records"), _("taken back"))
    rows = [
        (
            str(one.id),
            words.moment(one.started_at) if one.started_at else "",
            _(RUNS.get(one.kind, one.kind)),
            one.records,
            one.undone,
        )
        for one in found
    ]
    return [*table(headings, rows), "", _("take one back: baton undo RUN (first look: --dry-run)")]


def document(done: Undone) -> dict[str, object]:
    """What became of it, for JSON."""
    numbers = {name: getattr(done, name) for name in
               ("records", "fields", "closed", "deleted", "withdrawn", "already", "waiting", "refused")}  # fmt: skip
    return {"run": done.run_id, "by": done.by or None, **numbers, "left": done.left}


def lines(words: Words, done: Undone, *, dry_run: bool) -> list[str]:
    """What became of it, as text."""
    said = [words.say(text, n=f"{number:,}", fields=f"{done.fields:,}") for text, number in counted(done) if number]
    if not said:
        said = [words.translate("nothing to take back")]
    said += left_lines(words, done.left)
    if dry_run:
        return [*said, words.translate("Nothing was written.")]
    if done.waiting:
        said.append(words.say("writes that wait, and go out with the next baton sync: %(n)s", n=f"{done.waiting:,}"))
    if done.refused:
        said.append(words.say("writes that were refused: %(n)s; see baton errors", n=f"{done.refused:,}"))
    if done.records or done.closed or done.deleted:
        said.append(words.say("this was run %(by)s; to take it back in turn: baton undo %(by)s", by=done.by))
    return said


def counted(done: Undone) -> list[tuple[str, int]]:
    """What is counted, in words."""
    return [
        (N_("records in which fields are back to what stood there before: %(n)s (fields: %(fields)s)"), done.records),
        (N_("handovers closed and marked: %(n)s"), done.closed),
        (N_("records deleted: %(n)s"), done.deleted),
        (N_("writes of the run that had not gone out yet, and do not any more: %(n)s"), done.withdrawn),
        (N_("records that were taken back before: %(n)s"), done.already),
    ]


def rest(words: Words, more: int) -> str:
    """What follows the records that are named: how many more, and where all of them are."""
    return " … " + words.say("and %(count)s more", count=f"{more:,}") + " (--output json)" if more > 0 else ""


def left_lines(words: Words, left: list[Left]) -> list[str]:
    """What is left, by reason, with the first records of each."""
    from connector.locale.columns import wrap
    from connector.steps.telling.vocabulary import OBJECTS

    if not left:
        return []
    records = len({(one.target, one.object, one.id) for one in left})
    said = [words.say("records that are left, whole or in part: %(n)s", n=f"{records:,}")]
    fields: dict[tuple[str, str, str, str], list[str]] = {}
    for one in left:
        fields.setdefault((one.why, one.target, one.object, one.id), []).extend([one.field] if one.field else [])
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for (why, target, object, id), names in fields.items():
        groups.setdefault((why, target, object, words.translate(", ").join(names)), []).append(id)
    for (why, target, object, names_said), ids in sorted(groups.items(), key=lambda group: -len(group[1])):
        what = words.translate(OBJECTS.get(object, object)) + (f" ({names_said})" if names_said else "")
        named = ", ".join(ids[:NAMED]) + rest(words, len(ids) - NAMED)
        for indent, text in (("  ", f"{len(ids):,} × {target}: {what}: {words.retell(why)}"), ("      ", named)):
            said += [indent + part for part in wrap(text, terminal_width() - len(indent))]
    return said
